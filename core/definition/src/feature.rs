//! `feature`: a named aggregate over a person's events, also published as a trait when asked.

use kith_base::{Json, limits};
use serde::{Deserialize, Serialize};

use crate::shape::{self, Field, Shape};
use crate::{Errors, FieldError};

/// A feature. Its id is the name after `features.` in rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feature {
    /// What it says, for people.
    pub description: String,
    /// An aggregate as it stands in a rule: `count("Order Completed", 30 days)`.
    pub value: String,
    /// Name of the trait it is published as; empty when it is not.
    #[serde(rename = "trait")]
    pub published_as: String,
}

/// The members of a feature.
pub(crate) const FIELDS: &[Field] = &[
    Field {
        name: "description",
        about: "what it says, for people",
        shape: Shape::Text {
            chars_max: limits::DEFINITION_TEXT_MAX_CHARS,
            example: "",
        },
        default: Some("\"\""),
    },
    Field {
        name: "value",
        about: "the aggregate, such as count(\"Order Completed\", 30 days)",
        shape: Shape::Rule,
        default: None,
    },
    Field {
        name: "trait",
        about: "name of the trait it is published as on profiles; empty for none",
        shape: Shape::Text {
            chars_max: limits::DEFINITION_ID_MAX_CHARS,
            example: "",
        },
        default: Some("\"\""),
    },
];

impl Feature {
    /// Reads a spec; every error is reported.
    pub fn parse(spec: &Json) -> Result<Self, Vec<FieldError>> {
        shape::read(FIELDS, spec, Feature::across)
    }

    fn across(feature: &Feature, errors: &mut Errors) {
        if feature.value.trim().is_empty() && !errors.has("spec.value") {
            errors.push(
                "spec.value",
                "a feature needs a value; write one such as count(\"Order Completed\", 30 days)",
            );
        }
        let name = &feature.published_as;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if !name.bytes().all(plain) && !errors.has("spec.trait") {
            errors.push(
                "spec.trait",
                format!("{name:?} cannot be a trait's name; use letters, digits and _"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Feature, Vec<FieldError>> {
        Feature::parse(&Json::parse(text).unwrap())
    }

    #[test]
    fn a_value_is_needed_and_a_trait_has_a_plain_name() {
        assert_eq!(parse("{}").unwrap_err()[0].field, "spec.value");
        assert_eq!(
            parse(r#"{"value":" "}"#).unwrap_err()[0].field,
            "spec.value"
        );
        let good = parse(r#"{"value":"count(any)","trait":"visits"}"#).unwrap();
        assert_eq!(good.published_as, "visits");
        let bad = parse(r#"{"value":"count(any)","trait":"my visits"}"#);
        assert_eq!(bad.unwrap_err()[0].field, "spec.trait");
    }
}
