//! `key`: a secret key of the admin API. Shown once, kept as a hash.

use kith_base::{Json, limits};
use serde::{Deserialize, Serialize};

use crate::FieldError;
use crate::shape::{self, Field, Shape, Unique};

/// A secret key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// For people.
    pub name: String,
    /// The first letters, for people to recognise it.
    pub prefix: String,
    /// Hash of the whole key.
    pub hash: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it was made, RFC 3339.
    pub created_at: String,
}

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Read everything.
    Read,
    /// Change everything.
    Write,
}

/// The members of a key.
pub(crate) const FIELDS: &[Field] = &[
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
        name: "prefix",
        about: "the first letters of the key",
        shape: Shape::Text {
            chars_max: 25,
            example: "ksk_1234",
        },
        default: None,
    },
    Field {
        name: "hash",
        about: "hash of the whole key",
        shape: Shape::Text {
            chars_max: 200,
            example: "sha256:…",
        },
        default: None,
    },
    Field {
        name: "scopes",
        about: "what it may do",
        shape: Shape::List {
            of: &Shape::Choice(&["read", "write"]),
            min: 1,
            max: 2,
            unique: Unique::Whole,
        },
        default: Some(r#"["read","write"]"#),
    },
    Field {
        name: "created_at",
        about: "when it was made",
        shape: Shape::Time,
        default: None,
    },
];

impl Key {
    /// Reads a spec; every error is reported.
    pub fn parse(spec: &Json) -> Result<Self, Vec<FieldError>> {
        shape::read(FIELDS, spec, |_, _| {})
    }
}
