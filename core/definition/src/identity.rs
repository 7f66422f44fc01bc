//! `identity`: how identifiers are cleaned, ranked and joined to persons.

use std::collections::BTreeSet;

use kith_base::{Json, limits};
use serde::{Deserialize, Serialize};

use crate::FieldError;
use crate::shape::{self, Field, Shape, Unique};

/// The identity rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// The kinds of identifier.
    pub namespaces: Vec<Namespace>,
    /// Values that name nobody, in lower case; see [`Identity::blocks`].
    #[serde(deserialize_with = "lower_case")]
    pub blocked_values: BTreeSet<String>,
}

/// One kind of identifier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Namespace {
    /// Such as `user_id`.
    pub name: String,
    /// The strongest identifier of an event owns the event: higher is stronger.
    pub priority: u32,
    /// Two different values never belong to one person.
    pub unique: bool,
    /// Most values one person may have.
    pub limit: u32,
    /// How values are cleaned.
    pub normalise: Normalise,
}

/// How values are cleaned before they are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Normalise {
    /// Trimmed only.
    None,
    /// Trimmed, in lower case.
    Lower,
    /// An e-mail address.
    Email,
    /// A phone number, E.164.
    Phone,
}

const NAMESPACE: &[Field] = &[
    Field {
        name: "name",
        about: "the namespace, such as user_id",
        shape: Shape::Name,
        default: None,
    },
    Field {
        name: "priority",
        about: "higher is stronger: the strongest identifier of an event owns the event",
        shape: Shape::Whole { min: 0, max: 1_000 },
        default: None,
    },
    Field {
        name: "unique",
        about: "two different values never belong to one person",
        shape: Shape::Flag,
        default: Some("false"),
    },
    Field {
        name: "limit",
        about: "most values one person may have",
        shape: Shape::Whole { min: 1, max: 1_000 },
        default: Some("100"),
    },
    Field {
        name: "normalise",
        about: "how values are cleaned before they are compared",
        shape: Shape::Choice(&["none", "lower", "email", "phone"]),
        default: Some("\"none\""),
    },
];

/// Identifiers of the field's clients, strongest first.
const NAMESPACES_DEFAULT: &str = r#"[
    {"name":"user_id","priority":100,"unique":true,"limit":1,"normalise":"none"},
    {"name":"email","priority":80,"unique":false,"limit":5,"normalise":"email"},
    {"name":"phone","priority":70,"unique":false,"limit":5,"normalise":"phone"},
    {"name":"anonymous_id","priority":10,"unique":false,"limit":100,"normalise":"none"}]"#;

/// What broken clients send instead of an id; gathered by Segment and PostHog.
const BLOCKED_DEFAULT: &str = r#"["-1","0","[object object]","anonymous","distinct_id",
    "distinctid","email","false","guest","id","nan","none","not_authenticated","null","true",
    "undefined"]"#;

/// The members of the identity rules.
pub(crate) const FIELDS: &[Field] = &[
    Field {
        name: "namespaces",
        about: "the kinds of identifier",
        shape: Shape::List {
            of: &Shape::Object(NAMESPACE),
            min: 1,
            max: limits::NAMESPACES_MAX,
            unique: Unique::By("name"),
        },
        default: Some(NAMESPACES_DEFAULT),
    },
    Field {
        name: "blocked_values",
        about: "values that name nobody, compared without case and quotes",
        shape: Shape::List {
            of: &Shape::Text {
                chars_max: limits::IDENTIFIER_MAX_CHARS,
                example: "undefined",
            },
            min: 0,
            max: limits::BLOCKED_VALUES_MAX,
            unique: Unique::Whole,
        },
        default: Some(BLOCKED_DEFAULT),
    },
];

impl Identity {
    /// Reads a spec; every error is reported.
    pub fn parse(spec: &Json) -> Result<Self, Vec<FieldError>> {
        shape::read(FIELDS, spec, |_, _| {})
    }

    /// The rules of a namespace.
    pub fn namespace(&self, name: &str) -> Option<&Namespace> {
        self.namespaces
            .iter()
            .find(|namespace| namespace.name == name)
    }

    /// True for a value that names nobody: blank, blocked (whatever its case, with or without
    /// quotes around it), or made of nothing but zeros and dashes.
    pub fn blocks(&self, value: &str) -> bool {
        let bare = value.trim().trim_matches(['"', '\'', '`']).trim();
        bare.bytes().all(|byte| matches!(byte, b'0' | b'-'))
            || self.blocked_values.contains(bare)
            || self.blocked_values.contains(&bare.to_lowercase())
    }
}

impl Default for Identity {
    fn default() -> Self {
        Identity::parse(&Json::empty()).expect("the defaults in the table are rules")
    }
}

fn lower_case<'de, D: serde::Deserializer<'de>>(input: D) -> Result<BTreeSet<String>, D::Error> {
    let values = Vec::<String>::deserialize(input)?;
    Ok(values
        .iter()
        .map(|value| value.trim().to_lowercase())
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_ranks_what_clients_send() {
        let identity = Identity::default();
        let user = identity.namespace("user_id").unwrap();
        assert_eq!((user.priority, user.unique, user.limit), (100, true, 1));
        let email = identity.namespace("email").unwrap();
        assert_eq!(
            (email.priority, email.limit, email.normalise),
            (80, 5, Normalise::Email)
        );
        let priorities: Vec<_> = identity
            .namespaces
            .iter()
            .map(|rule| rule.priority)
            .collect();
        assert_eq!(priorities, [100, 80, 70, 10]);
        assert_eq!(identity.namespace("colour"), None);
    }

    #[test]
    fn blocks_what_names_nobody() {
        let identity = Identity::default();
        let blocked = [
            "",
            " ",
            "0",
            "-1",
            "00000000-0000-0000-0000-000000000000",
            "null",
            "NULL",
            "\"null\"",
            "None",
            "NaN",
            "undefined",
            "[object Object]",
            "Guest",
            "'anonymous'",
            "true",
            "id",
        ];
        for value in blocked {
            assert!(identity.blocks(value), "{value:?} should be blocked");
        }
        for value in ["42", "a@b.c", "nullable", "10", "-2", "true-fan"] {
            assert!(!identity.blocks(value), "{value:?} should not be blocked");
        }
    }
}
