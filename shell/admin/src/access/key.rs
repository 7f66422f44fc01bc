//! Secret keys: 256 random bits, kept as a SHA-256 hash.
//!
//! A key's id is the beginning of its hash, so that checking one is a single read. The hash needs
//! no salt and no stretching: nobody guesses 256 bits.

use kith_base::{Json, Timestamp};
use kith_definition::{Key, Kind, Scope};
use kith_engine::state::{Error, Read};
use kith_engine::{WriteKeyHash, query};
use kith_event::DefinitionChange;
use subtle::ConstantTimeEq;

/// Every generated key begins so, which lets scanners for leaked secrets find it.
const PREFIX: &str = "ksk_";
/// How much of a key is shown, for people to recognise it.
pub const PREFIX_SHOWN_CHARS: usize = 8;
const ID_CHARS: usize = 24;

/// A key that may act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveKey {
    /// Its id.
    pub key_id: String,
    /// For people.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
}

/// A new secret.
pub fn generate() -> String {
    format!("{PREFIX}{}", super::random_token())
}

/// The id of a secret.
pub fn id_of(secret: &str) -> String {
    hash(secret)[..ID_CHARS].to_owned()
}

/// The record that makes a secret good. The program uses it for a key given from outside.
pub fn definition(
    secret: &str,
    name: &str,
    scopes: &[Scope],
    author: &str,
    now: Timestamp,
) -> DefinitionChange {
    let spec = Key {
        name: name.to_owned(),
        prefix: secret.chars().take(PREFIX_SHOWN_CHARS).collect(),
        hash: hash(secret),
        scopes: scopes.to_vec(),
        created_at: now.to_string(),
    };
    DefinitionChange {
        kind: Kind::Key.as_str().to_owned(),
        id: id_of(secret),
        name: name.to_owned(),
        archived: false,
        author: author.to_owned(),
        at: now,
        spec: Json::from_serialize(&spec).expect("a key has string keys only"),
    }
}

/// The key a presented secret is, if it is live.
pub fn check(state: &dyn Read, secret: &str) -> Result<Option<LiveKey>, Error> {
    let key_id = id_of(secret);
    let Some(found) = query::definition(state, Kind::Key.as_str(), &key_id)? else {
        return Ok(None);
    };
    let Ok(key) = Key::parse(&found.row.spec) else {
        return Ok(None);
    };
    let same: bool = hash(secret).as_bytes().ct_eq(key.hash.as_bytes()).into();
    let live = same && !found.row.archived;
    Ok(live.then_some(LiveKey {
        key_id,
        name: key.name,
        scopes: key.scopes,
    }))
}

fn hash(secret: &str) -> String {
    WriteKeyHash::of(secret).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_keeps_only_its_hash() {
        let secret = generate();
        assert_eq!(secret.len(), 4 + 64);
        assert_ne!(secret, generate());
        let change = definition(&secret, "ci", &[Scope::Read], "setup", Timestamp::ZERO);
        assert_eq!(change.id, id_of(&secret));
        assert!(!change.spec.as_str().contains(&secret));
        let key = Key::parse(&change.spec).unwrap();
        assert_eq!(
            (key.prefix.as_str(), &*key.scopes),
            (&secret[..8], &[Scope::Read][..])
        );
    }
}
