//! Keys: those of a first start, and `kith keys`.

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use kith_admin::access::{generate_write_key, key};
use kith_base::{Json, Timestamp, limits};
use kith_definition::{Key, Kind, Scope, Source, WriteKey};
use kith_engine::{WriteKeyHash, query};
use kith_event::{DefinitionChange, Record};
use kith_runtime::Handle;
use serde_json::{Value, json};

use crate::client::Client;
use crate::output::{BadInput, Output, Verdict};
use crate::target::{self, Target};
use crate::wiring::block_on;

/// Length of a write key, the one form that every client library accepts.
const WRITE_KEY_CHARS: usize = 25;
/// Letters of a write key that are shown, for people to recognise it.
const WRITE_KEY_PREFIX_CHARS: usize = 5;
/// Shortest secret key that may be given from outside.
const SECRET_KEY_CHARS_MIN: usize = 16;
/// Who wrote what this program writes on its own.
const AUTHOR: &str = "kith";

/// Options of `kith keys`.
#[derive(Debug, Args)]
pub struct Options {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List secret keys, and the write keys of every source
    List {
        #[command(flatten)]
        target: target::Options,
    },
    /// Make a secret key, or with --source a write key; it is shown this once
    Create {
        /// What the secret key is for
        #[arg(long, default_value = "made by kith keys")]
        name: String,
        /// May only read
        #[arg(long)]
        read_only: bool,
        /// Make a write key of this source instead
        #[arg(long, conflicts_with_all = ["name", "read_only"])]
        source: Option<String>,
        #[command(flatten)]
        target: target::Options,
    },
    /// Revoke a secret key by its id, or with --source a write key by its first letters
    Revoke {
        /// Id of the secret key, or the first letters of the write key
        which: String,
        /// The write key belongs to this source
        #[arg(long)]
        source: Option<String>,
        #[command(flatten)]
        target: target::Options,
    },
}

/// Runs the command.
pub fn run(options: &Options, output: Output) -> Result<Verdict> {
    match &options.action {
        Action::List { target } => list(&target.open()?, output)?,
        Action::Create {
            source: Some(source),
            target,
            ..
        } => {
            create_write_key(&target.open()?, source, output)?;
        }
        Action::Create {
            name,
            read_only,
            target,
            ..
        } => {
            let scopes: &[Scope] = if *read_only {
                &[Scope::Read]
            } else {
                &[Scope::Read, Scope::Write]
            };
            create_secret_key(&target.open()?, name, scopes, output)?;
        }
        Action::Revoke {
            which,
            source,
            target,
        } => {
            revoke(&target.open()?, which, source.as_deref())?;
            output.result(&json!({"revoked": which}), &format!("{which} is revoked"));
        }
    }
    Ok(Verdict::Done)
}

fn list(target: &Target, output: Output) -> Result<()> {
    let (secret_keys, sources) = match target {
        Target::Server(client) => {
            let keys = client.get("/api/v1/keys?limit=1000")?;
            let sources = client.get("/api/v1/definitions/source?limit=1000")?;
            let source = |item: &Value| json!({"source": item["id"], "keys": item["spec"]["keys"]});
            let sources = sources["items"]
                .as_array()
                .into_iter()
                .flatten()
                .map(source)
                .collect();
            (
                keys["items"].as_array().cloned().unwrap_or_default(),
                sources,
            )
        }
        Target::Folder(handle) => listed_in(handle)?,
    };
    let mut lines = Vec::new();
    for key in &secret_keys {
        let text = |name: &str| key[name].as_str().unwrap_or_default();
        lines.push(format!(
            "{}  {}…  {}",
            text("key_id"),
            text("prefix"),
            text("name")
        ));
    }
    for source in &sources {
        for key in source["keys"].as_array().into_iter().flatten() {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            lines.push(format!(
                "{}  write key {}…",
                text(&source["source"]),
                text(&key["prefix"])
            ));
        }
    }
    let object = json!({"secret_keys": secret_keys, "write_keys": sources});
    output.result(&object, &lines.join("\n"));
    Ok(())
}

fn listed_in(handle: &Handle) -> Result<(Vec<Value>, Vec<Value>)> {
    let view = handle.view();
    let limit = limits::DEFINITIONS_PER_KIND_MAX;
    let mut keys = Vec::new();
    for found in query::live_definitions(&*view.state, Kind::Key.as_str(), limit)? {
        if let Ok(key) = Key::parse(&found.row.spec) {
            keys.push(
                json!({"key_id": found.id, "name": key.name, "prefix": key.prefix,
                "scopes": key.scopes, "created_at": key.created_at}),
            );
        }
    }
    let shown = |key: &WriteKey| json!({"prefix": key.prefix, "created_at": key.created_at});
    let sources = view.project.sources.values().map(|source| {
        let keys: Vec<Value> = source.spec.keys.iter().map(shown).collect();
        json!({"source": source.id, "keys": keys})
    });
    Ok((keys, sources.collect()))
}

fn create_secret_key(target: &Target, name: &str, scopes: &[Scope], output: Output) -> Result<()> {
    let object = match target {
        Target::Server(client) => {
            client.post("/api/v1/keys", &json!({"name": name, "scopes": scopes}))?
        }
        Target::Folder(handle) => {
            let secret = key::generate();
            let change = key::definition(&secret, name, scopes, AUTHOR, kith_runtime::now());
            let created = json!({"key_id": change.id, "secret_key": secret});
            write(handle, vec![Record::Definition(change)])?;
            created
        }
    };
    let text = object["secret_key"].as_str().unwrap_or_default().to_owned();
    output.result(&object, &format!("secret key (shown this once): {text}"));
    Ok(())
}

fn create_write_key(target: &Target, source: &str, output: Output) -> Result<()> {
    let object = match target {
        Target::Server(client) => {
            client.post(&format!("/api/v1/sources/{source}/keys"), &json!({}))?
        }
        Target::Folder(handle) => {
            let write_key = generate_write_key();
            let now = kith_runtime::now();
            let change = with_keys(handle, source, |keys| keys.push(stored(&write_key, now)))?;
            write(handle, vec![Record::Definition(change)])?;
            json!({"write_key": write_key, "source": source})
        }
    };
    let text = object["write_key"].as_str().unwrap_or_default().to_owned();
    output.result(
        &object,
        &format!("write key of {source} (shown this once): {text}"),
    );
    Ok(())
}

fn revoke(target: &Target, key: &str, source: Option<&str>) -> Result<()> {
    match (target, source) {
        (Target::Server(client), Some(source)) => {
            revoke_at(client, &format!("/api/v1/sources/{source}/keys/{key}"))
        }
        (Target::Server(client), None) => revoke_at(client, &format!("/api/v1/keys/{key}")),
        (Target::Folder(handle), Some(source)) => {
            let mut found = false;
            let change = with_keys(handle, source, |keys| {
                let before = keys.len();
                keys.retain(|stored| stored.prefix != key);
                found = keys.len() < before;
            })?;
            if !found {
                return Err(BadInput(format!("{source} has no write key {key}…")).into());
            }
            write(handle, vec![Record::Definition(change)])
        }
        (Target::Folder(handle), None) => {
            let view = handle.view();
            let found = query::definition(&*view.state, Kind::Key.as_str(), key)?
                .filter(|found| !found.row.archived)
                .ok_or_else(|| BadInput(format!("there is no secret key with the id {key}")))?;
            let change = DefinitionChange {
                kind: found.kind,
                id: found.id,
                name: found.row.name,
                archived: true,
                author: AUTHOR.to_owned(),
                at: kith_runtime::now(),
                spec: found.row.spec,
            };
            write(handle, vec![Record::Definition(change)])
        }
    }
}

fn revoke_at(client: &Client, path: &str) -> Result<()> {
    client.delete(path)
}

/// The source's next revision, with its keys changed.
fn with_keys(
    handle: &Handle,
    source: &str,
    change: impl FnOnce(&mut Vec<WriteKey>),
) -> Result<DefinitionChange> {
    let project = handle.project();
    let live = project
        .sources
        .get(source)
        .ok_or_else(|| BadInput(format!("there is no source {source}")))?;
    let mut spec = live.spec.clone();
    change(&mut spec.keys);
    Ok(source_definition(
        source,
        &live.name,
        &spec,
        kith_runtime::now(),
    ))
}

/// A revision of a source.
pub fn source_definition(id: &str, name: &str, spec: &Source, now: Timestamp) -> DefinitionChange {
    DefinitionChange {
        kind: Kind::Source.as_str().to_owned(),
        id: id.to_owned(),
        name: name.to_owned(),
        archived: false,
        author: AUTHOR.to_owned(),
        at: now,
        spec: Json::from_serialize(spec).expect("a source has string keys only"),
    }
}

/// A write key as a source keeps it.
pub fn stored(write_key: &str, now: Timestamp) -> WriteKey {
    WriteKey {
        prefix: write_key.chars().take(WRITE_KEY_PREFIX_CHARS).collect(),
        hash: WriteKeyHash::of(write_key).to_string(),
        created_at: now.to_string(),
    }
}

/// Appends records and waits until they are in force.
pub fn write(handle: &Handle, records: Vec<Record>) -> Result<()> {
    block_on(handle.append_applied(records))??;
    Ok(())
}

/// The keys a start made.
pub struct Made {
    /// Of the first source.
    pub write_key: Option<String>,
    /// For the admin API.
    pub secret_key: Option<String>,
}

/// The source of a first start.
const WEBSITE: &str = "website";

/// Given from outside, or made here.
pub struct Given {
    /// `KITH_WRITE_KEY`.
    pub write_key: Option<String>,
    /// `KITH_ADMIN_KEY`.
    pub secret_key: Option<String>,
}

impl Given {
    /// What the environment says; a key that no client could use is refused.
    pub fn from_environment() -> Result<Self> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let given = Given {
            write_key: variable("KITH_WRITE_KEY"),
            secret_key: variable("KITH_ADMIN_KEY"),
        };
        if given
            .write_key
            .as_deref()
            .is_some_and(|key| !is_write_key(key))
        {
            return Err(BadInput(format!(
                "KITH_WRITE_KEY must be {WRITE_KEY_CHARS} characters a-z and 0-9, the first a c"
            ))
            .into());
        }
        let long_enough = |key: &str| key.len() >= SECRET_KEY_CHARS_MIN;
        if given
            .secret_key
            .as_deref()
            .is_some_and(|key| !long_enough(key))
        {
            return Err(BadInput(format!(
                "KITH_ADMIN_KEY must have at least {SECRET_KEY_CHARS_MIN} characters"
            ))
            .into());
        }
        Ok(given)
    }
}

fn is_write_key(key: &str) -> bool {
    key.len() == WRITE_KEY_CHARS
        && key.starts_with('c')
        && key
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// Makes what a server cannot do without: a source called `website`, which takes everything the
/// collect routes take, on a data folder where nothing has a write key; and a secret key on one
/// that never had any. A secret key given from outside is good from now on, unless it was revoked.
pub fn ensure(handle: &Handle, given: Given) -> Result<Made> {
    let view = handle.view();
    let state = &*view.state;
    let now = kith_runtime::now();
    let mut records = Vec::new();
    let mut made = Made {
        write_key: None,
        secret_key: None,
    };
    let website = query::definition(state, Kind::Source.as_str(), WEBSITE)?;
    if website.is_none() && !view.project.has_write_keys() {
        let write_key = given.write_key.unwrap_or_else(generate_write_key);
        let mut source = default_source("web")?;
        source.keys.push(stored(&write_key, now));
        records.push(source_definition(WEBSITE, "Website", &source, now));
        made.write_key = Some(write_key);
    }
    let keys = Kind::Key.as_str();
    let wanted = match given.secret_key {
        Some(secret) => query::definition(state, keys, &key::id_of(&secret))?
            .is_none()
            .then_some(secret),
        None => query::definitions(state, keys, None, 1)?
            .is_empty()
            .then(key::generate),
    };
    if let Some(secret) = wanted {
        let scopes = [Scope::Read, Scope::Write];
        records.push(key::definition(&secret, "first key", &scopes, AUTHOR, now));
        made.secret_key = Some(secret);
    }
    if !records.is_empty() {
        write(handle, Record::definitions(records))?;
    }
    Ok(made)
}

/// A source of a type with every default, but consent taken as given until the page asks.
pub fn default_source(kind: &str) -> Result<Source> {
    // Without a consent banner on the page nobody could ever say yes, and the first event would
    // never come; GPC is honoured all the same.
    let tag = json!({"consent": {"default": "granted"}});
    let spec = json!({"type": kind, "tag": tag});
    let spec = Json::from_serialize(&spec).context("writing a source")?;
    Source::parse(&spec).map_err(|errors| anyhow::anyhow!("the default source: {}", errors[0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn write_keys_have_one_form() {
        assert!(is_write_key(&generate_write_key()));
        assert!(is_write_key("cabcdefghij0123456789abcd"));
        for bad in [
            "",
            "c",
            "dabcdefghij0123456789abcd",
            "cABcdefghij0123456789abcd",
        ] {
            assert!(!is_write_key(bad), "{bad}");
        }
    }

    #[test]
    fn a_first_start_makes_keys_once() {
        let folder = tempfile::tempdir().unwrap();
        let handle = crate::wiring::open(folder.path()).unwrap();
        let given = || Given {
            write_key: Some("cabcdefghij0123456789abcd".to_owned()),
            secret_key: None,
        };
        let made = ensure(&handle, given()).unwrap();
        let source = handle
            .project()
            .source_of_key(&made.write_key.unwrap())
            .map(|live| live.id.clone());
        assert_eq!(source.as_deref(), Some("website"));
        let live = key::check(&*handle.view().state, &made.secret_key.unwrap()).unwrap();
        assert_eq!(live.unwrap().scopes, [Scope::Read, Scope::Write]);
        let again = ensure(&handle, given()).unwrap();
        assert!(again.write_key.is_none() && again.secret_key.is_none());
        handle.shutdown();
    }

    #[test]
    fn a_given_secret_key_is_good_on_a_folder_that_an_import_filled_until_it_is_revoked() {
        let folder = tempfile::tempdir().unwrap();
        let handle = crate::wiring::open(folder.path()).unwrap();
        let now = kith_runtime::now();
        let import = source_definition("orders", "Orders", &default_source("import").unwrap(), now);
        write(&handle, vec![Record::Definition(import)]).unwrap();
        let secret = key::generate();
        let given = || Given {
            write_key: None,
            secret_key: Some(secret.clone()),
        };
        let made = ensure(&handle, given()).unwrap();
        assert!(made.write_key.is_some(), "the website has its source");
        assert_eq!(made.secret_key.as_ref(), Some(&secret));
        let is_good = || {
            key::check(&*handle.view().state, &secret)
                .unwrap()
                .is_some()
        };
        assert!(is_good());
        let mut revoked = key::definition(&secret, "first key", &[Scope::Read], AUTHOR, now);
        revoked.archived = true;
        write(&handle, vec![Record::Definition(revoked)]).unwrap();
        assert!(ensure(&handle, given()).unwrap().secret_key.is_none());
        assert!(!is_good());
        handle.shutdown();
    }
}
