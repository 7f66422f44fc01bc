//! Users, sessions and secret keys.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Time;

/// Who is signed in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Session {
    /// The user.
    pub user: User,
    /// True while no user exists. Always false here; see the 401 answer.
    pub setup_needed: bool,
}

/// A person who may use the console.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct User {
    /// Their address.
    pub email: String,
    /// Their name.
    pub name: String,
}

/// The first administrator.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// Their address.
    #[schema(format = "email")]
    pub email: String,
    /// Their name.
    pub name: String,
    /// Their password, at least 10 characters.
    #[schema(format = "password", min_length = 10, max_length = 1024)]
    pub password: String,
}

/// Address and password, or a one-time token.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The user's address.
    #[serde(default)]
    pub email: Option<String>,
    /// The user's password.
    #[serde(default)]
    #[schema(format = "password")]
    pub password: Option<String>,
    /// A sign-in token instead of both.
    #[serde(default)]
    pub token: Option<String>,
}

/// A secret key, without the key itself.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SecretKey {
    /// Id of the key.
    pub key_id: String,
    /// For people.
    pub name: String,
    /// Its first characters.
    pub prefix: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: Time,
}

/// A new secret key. The key itself is shown this once.
#[derive(Clone, Serialize, ToSchema)]
pub struct SecretKeyCreated {
    /// Id of the key.
    pub key_id: String,
    /// For people.
    pub name: String,
    /// Its first characters.
    pub prefix: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: Time,
    /// The key, sent as `Authorization: Bearer ksk_…`.
    pub secret_key: String,
}

/// What a secret key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Read everything.
    Read,
    /// Change everything.
    Write,
}

/// A secret key to make.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretKeyInput {
    /// For people.
    pub name: String,
    /// What it may do; at least one.
    #[schema(min_items = 1)]
    pub scopes: Vec<Scope>,
}
