//! The definitions a Kith runs on, over the admin API or in its data folder.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use kith_base::{Json, limits};
use kith_definition::{Action, Change, Document, Kind, Spec};
use kith_engine::{query, rules, table};
use kith_event::{DefinitionChange, Record};
use serde_json::{Value, json};

use crate::client::Client;
use crate::target::Target;
use crate::wiring::block_on;

/// A live definition with its revision.
pub struct Live {
    /// The document.
    pub document: Document,
    /// Its revision.
    pub revision: u64,
}

/// Every live definition of the kinds that files hold.
pub fn documents(target: &Target) -> Result<Vec<Document>> {
    Ok(read(target)?
        .into_iter()
        .map(|live| live.document)
        .collect())
}

/// The same, with revisions.
pub fn read(target: &Target) -> Result<Vec<Live>> {
    let mut live = Vec::new();
    for kind in Kind::ALL.into_iter().filter(|kind| kind.is_public()) {
        match target {
            Target::Server(client) => read_from_server(client, kind, &mut live)?,
            Target::Folder(handle) => {
                let view = handle.view();
                let limit = limits::DEFINITIONS_PER_KIND_MAX;
                for found in query::live_definitions(&*view.state, kind.as_str(), limit)? {
                    let row = found.row;
                    let document = document(kind, found.id, row.name, &row.spec)?;
                    live.push(Live {
                        document,
                        revision: row.revision,
                    });
                }
            }
        }
    }
    Ok(live)
}

/// The number of members of every live audience, by id.
pub fn members(target: &Target) -> Result<BTreeMap<String, u64>> {
    let mut members = BTreeMap::new();
    match target {
        Target::Folder(handle) => {
            let view = handle.view();
            let limit = limits::DEFINITIONS_PER_KIND_MAX;
            let kind = Kind::Audience.as_str();
            for found in query::live_definitions(&*view.state, kind, limit)? {
                let size = table::read_number(&*view.state, &table::audience_size(&found.id))?;
                members.insert(found.id, size);
            }
        }
        Target::Server(client) => {
            let mut cursor = String::new();
            loop {
                let limit = limits::PAGE_MAX;
                let page = client.get(&format!("/api/v1/audiences?limit={limit}{cursor}"))?;
                let items = page["items"].as_array();
                for item in items.context("the answer has no items")? {
                    let id = item["audience_id"].as_str().unwrap_or_default();
                    members.insert(id.to_owned(), item["size"].as_u64().unwrap_or_default());
                }
                match page["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
        }
    }
    Ok(members)
}

fn read_from_server(client: &Client, kind: Kind, live: &mut Vec<Live>) -> Result<()> {
    let mut cursor = String::new();
    loop {
        let limit = limits::PAGE_MAX;
        let page = client.get(&format!("/api/v1/definitions/{kind}?limit={limit}{cursor}"))?;
        let items = page["items"]
            .as_array()
            .context("the answer has no items")?;
        for item in items.iter().filter(|item| item["status"] == json!("live")) {
            let text = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
            let spec = Json::from_serialize(&item["spec"])?;
            let document = document(kind, text("id"), text("name"), &spec)?;
            let revision = item["revision"]
                .as_u64()
                .context("a definition has no revision")?;
            live.push(Live { document, revision });
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(()),
        }
    }
}

fn document(kind: Kind, id: String, name: String, spec: &Json) -> Result<Document> {
    let described = format!("{kind}/{id}");
    Document::new(kind, id, name, spec).map_err(|errors| {
        let sentences: Vec<String> = errors.iter().map(ToString::to_string).collect();
        anyhow::anyhow!(
            "the live definition {described} is not sound: {}",
            sentences.join("; ")
        )
    })
}

/// Carries out a plan, in its order, against the revisions it was made from.
pub fn apply(
    target: &Target,
    current: &[Live],
    documents: &[Document],
    changes: &[Change],
) -> Result<()> {
    let is = |document: &Document, change: &Change| {
        document.kind == change.kind && document.id == change.id
    };
    let (mut written, mut steps) = (Vec::new(), Vec::new());
    for change in in_order(changes, current, documents) {
        let before = current.iter().find(|live| is(&live.document, change));
        let after = documents.iter().find(|document| is(document, change));
        match target {
            Target::Server(_) => steps.push(step(change, before, after)?),
            Target::Folder(_) => written.push(record_of(change, before, after)?),
        }
    }
    match target {
        _ if changes.is_empty() => Ok(()),
        Target::Server(client) => apply_on_server(client, &steps),
        Target::Folder(handle) => {
            block_on(handle.append_applied(Record::definitions(written)))??;
            Ok(())
        }
    }
}

/// The changes such that rules name only what is there: of one kind, what is named is written
/// before and archived after what names it.
fn in_order<'a>(
    changes: &'a [Change],
    current: &[Live],
    documents: &[Document],
) -> Vec<&'a Change> {
    let named = |change: &Change| {
        let is = |document: &&Document| document.kind == change.kind && document.id == change.id;
        let after = documents.iter().find(is);
        let before = current.iter().map(|live| &live.document).find(is);
        after.or(before).map(rules::references).unwrap_or_default()
    };
    let mut waiting: Vec<Waiting> = changes
        .iter()
        .map(|change| (change, named(change)))
        .collect();
    let mut order = Vec::with_capacity(waiting.len());
    while let Some((first, _)) = waiting.first() {
        let archive = first.action == Action::Archive;
        let same = |change: &Change| {
            change.kind == first.kind && (change.action == Action::Archive) == archive
        };
        let free = waiting.iter().position(|one| {
            let mut others = waiting.iter().filter(|other| same(other.0));
            same(one.0)
                && !others.any(|other| match archive {
                    true => names(other, one),
                    false => names(one, other),
                })
        });
        // On a circle nobody is free: the server says so.
        order.push(waiting.remove(free.unwrap_or(0)).0);
    }
    order
}

/// A change and what its document names.
type Waiting<'a> = (&'a Change, BTreeSet<(Kind, String)>);

fn names((one, named): &Waiting<'_>, (other, _): &Waiting<'_>) -> bool {
    one.id != other.id && named.contains(&(other.kind, other.id.clone()))
}

/// A change as the server takes it.
fn step(change: &Change, before: Option<&Live>, after: Option<&Document>) -> Result<Value> {
    let definition = match change.action {
        Action::Archive => Value::Null,
        _ => {
            let document = after.context("a change comes from a document")?;
            let spec: Value = document.spec.to_json().read()?;
            json!({"name": document.name, "spec": spec})
        }
    };
    Ok(json!({
        "kind": change.kind.as_str(),
        "id": change.id,
        "revision": before.map(|live| live.revision),
        "definition": definition,
    }))
}

/// All together, or none.
fn apply_on_server(client: &Client, steps: &[Value]) -> Result<()> {
    let path = "/api/v1/definitions";
    let answer = client.try_post(path, &json!({ "changes": steps }).to_string())?;
    if answer.status.as_u16() == 412 {
        let errors = answer.json["errors"].as_array().into_iter().flatten();
        let sentence = |error: &Value| {
            let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
            format!("{}: {}", text("field"), text("message"))
        };
        let sentences: Vec<String> = errors.map(sentence).collect();
        bail!(
            "somebody else made changes meanwhile, nothing was written ({}); run `kith plan` again",
            sentences.join("; ")
        );
    }
    client.succeed("POST", path, answer).map(drop)
}

fn record_of(
    change: &Change,
    before: Option<&Live>,
    after: Option<&Document>,
) -> Result<DefinitionChange> {
    let mut document = match (after, before) {
        (Some(document), _) => document.clone(),
        (None, Some(live)) => live.document.clone(),
        (None, None) => bail!("a change comes from a document"),
    };
    // Files hold no secrets and no write keys: those that exist stay.
    if let (
        Spec::Webhook(new),
        Some(Live {
            document:
                Document {
                    spec: Spec::Webhook(old),
                    ..
                },
            ..
        }),
    ) = (&mut document.spec, before)
    {
        new.secrets = old.secrets.clone();
    }
    if let (
        Spec::Source(new),
        Some(Live {
            document:
                Document {
                    spec: Spec::Source(old),
                    ..
                },
            ..
        }),
    ) = (&mut document.spec, before)
    {
        new.keys = old.keys.clone();
    }
    Ok(DefinitionChange {
        kind: document.kind.as_str().to_owned(),
        id: document.id.clone(),
        name: document.name.clone(),
        archived: change.action == Action::Archive,
        author: "kith apply".to_owned(),
        at: kith_runtime::now(),
        spec: document.spec.to_json(),
    })
}
