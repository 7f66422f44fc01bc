//! Users of the console.

use kith_base::{Json, Timestamp, digest};
use kith_definition::{Kind, Role, User};
use kith_engine::query;
use kith_engine::state::{Error, Read};
use kith_event::DefinitionChange;

/// Stands where a hash would, for users who sign in by link only.
pub const NO_PASSWORD: &str = "!";

/// A user who may sign in.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveUser {
    /// Id: made from the address.
    pub user_id: String,
    /// Revision of the definition.
    pub revision: u64,
    /// The user.
    pub user: User,
}

/// The id of an address; upper and lower case are the same.
pub fn id_of(email: &str) -> String {
    let hash = digest("user", &[email.trim().to_lowercase().as_bytes()]);
    super::hex(&hash.0)
}

/// The record that makes a user.
pub fn definition(
    email: &str,
    name: &str,
    password_hash: &str,
    now: Timestamp,
) -> DefinitionChange {
    let email = email.trim().to_owned();
    let name = if name.trim().is_empty() {
        &email
    } else {
        name.trim()
    };
    let spec = User {
        email: email.clone(),
        name: name.to_owned(),
        password_hash: password_hash.to_owned(),
        role: Role::Administrator,
    };
    DefinitionChange {
        kind: Kind::User.as_str().to_owned(),
        id: id_of(&email),
        name: name.to_owned(),
        archived: false,
        author: email,
        at: now,
        spec: Json::from_serialize(&spec).expect("a user has string keys only"),
    }
}

/// The live user of an id.
pub fn find(state: &dyn Read, user_id: &str) -> Result<Option<LiveUser>, Error> {
    let Some(found) = query::definition(state, Kind::User.as_str(), user_id)? else {
        return Ok(None);
    };
    let user = User::parse(&found.row.spec)
        .ok()
        .filter(|_| !found.row.archived);
    let revision = found.row.revision;
    Ok(user.map(|user| LiveUser {
        user_id: user_id.to_owned(),
        revision,
        user,
    }))
}

/// Whether any user was ever made.
pub fn any(state: &dyn Read) -> Result<bool, Error> {
    Ok(!query::definitions(state, Kind::User.as_str(), None, 1)?.is_empty())
}
