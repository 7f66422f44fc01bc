//! `audience`: a predicate over a profile, kept true in real time, or a list of people.

use kith_base::{Json, limits};
use serde::{Deserialize, Serialize};

use crate::shape::{self, Field, Shape};
use crate::{Errors, FieldError};

/// An audience.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audience {
    /// What it is for.
    pub description: String,
    /// How its members are found.
    #[serde(rename = "type")]
    pub kind: AudienceType,
    /// Rule text that says who is in it; of a list, empty.
    pub when: String,
}

/// How the members of an audience are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AudienceType {
    /// Whoever the rule holds for, at every moment.
    Rule,
    /// Whoever was put on the list.
    List,
}

/// The members of an audience.
pub(crate) const FIELDS: &[Field] = &[
    Field {
        name: "description",
        about: "what it is for",
        shape: Shape::Text {
            chars_max: limits::DEFINITION_TEXT_MAX_CHARS,
            example: "",
        },
        default: Some("\"\""),
    },
    Field {
        name: "type",
        about: "rule: whoever the rule holds for; list: whoever was put on it",
        shape: Shape::Choice(&["rule", "list"]),
        default: Some("\"rule\""),
    },
    Field {
        name: "when",
        about: "rule that says who is in it; of a list, empty",
        shape: Shape::Rule,
        default: Some("\"\""),
    },
];

impl Audience {
    /// Reads a spec; every error is reported.
    pub fn parse(spec: &Json) -> Result<Self, Vec<FieldError>> {
        shape::read(FIELDS, spec, Audience::across)
    }

    fn across(audience: &Audience, errors: &mut Errors) {
        let blank = audience.when.trim().is_empty();
        if errors.has("spec.when") || errors.has("spec.type") {
            return;
        }
        match audience.kind {
            AudienceType::Rule if blank => errors.push(
                "spec.when",
                "an audience needs a rule; write one such as features.purchase_count >= 2, \
                 or set type to list",
            ),
            AudienceType::List if !blank => errors.push(
                "spec.when",
                "a list has no rule; remove it, or set type to rule",
            ),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Audience, Vec<FieldError>> {
        Audience::parse(&Json::parse(text).unwrap())
    }

    #[test]
    fn a_rule_needs_a_rule_and_a_list_must_not_have_one() {
        assert_eq!(parse("{}").unwrap_err()[0].field, "spec.when");
        let rule = parse(r#"{"when":"features.purchase_count >= 2"}"#).unwrap();
        assert_eq!(rule.kind, AudienceType::Rule);
        assert!(parse(r#"{"type":"list"}"#).is_ok());
        let both = parse(r#"{"type":"list","when":"traits.plan = \"pro\""}"#);
        assert!(both.unwrap_err()[0].message.contains("a list has no rule"));
        assert_eq!(
            parse(r#"{"type":"set"}"#).unwrap_err()[0].field,
            "spec.type"
        );
    }

    #[test]
    fn limits_hold_at_the_limit_and_one_beyond() {
        let with = |rule: usize| parse(&format!(r#"{{"when":"{}"}}"#, "x".repeat(rule)));
        assert!(with(limits::RULE_SIZE_MAX_BYTES).is_ok());
        assert!(with(limits::RULE_SIZE_MAX_BYTES + 1).is_err());
    }
}
