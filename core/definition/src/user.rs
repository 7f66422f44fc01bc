//! `user`: somebody who may sign in to the console.

use kith_base::{Json, limits};
use serde::{Deserialize, Serialize};

use crate::shape::{self, Field, Shape};
use crate::{Errors, FieldError};

/// A user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// What they sign in with.
    pub email: String,
    /// For people.
    pub name: String,
    /// Hash of the password, in PHC string form.
    pub password_hash: String,
    /// What they may do.
    pub role: Role,
}

/// What a user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Everything.
    Administrator,
    /// Everything but users and keys.
    Editor,
    /// Look only.
    Viewer,
}

/// The members of a user.
pub(crate) const FIELDS: &[Field] = &[
    Field {
        name: "email",
        about: "what they sign in with",
        shape: Shape::Text {
            chars_max: limits::IDENTIFIER_MAX_CHARS,
            example: "ada@example.com",
        },
        default: None,
    },
    Field {
        name: "name",
        about: "for people",
        shape: Shape::Text {
            chars_max: limits::DEFINITION_NAME_MAX_CHARS,
            example: "",
        },
        default: Some("\"\""),
    },
    Field {
        name: "password_hash",
        about: "hash of the password",
        shape: Shape::Text {
            chars_max: 500,
            example: "$argon2id$…",
        },
        default: None,
    },
    Field {
        name: "role",
        about: "what they may do",
        shape: Shape::Choice(&["administrator", "editor", "viewer"]),
        default: Some("\"administrator\""),
    },
];

impl User {
    /// Reads a spec; every error is reported.
    pub fn parse(spec: &Json) -> Result<Self, Vec<FieldError>> {
        shape::read(FIELDS, spec, User::across)
    }

    fn across(user: &User, errors: &mut Errors) {
        let parts = user.email.split_once('@');
        let valid = parts.is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
        if !valid && !errors.has("spec.email") {
            let message = format!("{:?} is not an e-mail address", user.email);
            errors.push("spec.email", message);
        }
    }
}
