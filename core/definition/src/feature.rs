//! `feature`: a named aggregate over a person's events, or an affinity learnt from them, also
//! published as a trait when asked.

use kith_base::{Json, limits};
use serde::{Deserialize, Serialize};

use crate::shape::{self, Field, Shape};
use crate::{Affinity, Errors, FieldError, affinity};

/// A feature. Its id is the name after `features.` in rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feature {
    /// What it says, for people.
    pub description: String,
    /// An aggregate as it stands in a rule: `count("Order Completed", 30 days)`; empty for an
    /// affinity.
    pub value: String,
    /// What the person is drawn to; `None` for an aggregate.
    pub affinity: Option<Affinity>,
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
        default: Some("\"\""),
    },
    Field {
        name: "affinity",
        about: "instead of a value: what the person is drawn to, learnt from events",
        shape: Shape::Nullable(&Shape::Object(affinity::FIELDS)),
        default: Some("null"),
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
        let has_value = !feature.value.trim().is_empty();
        if !has_value && feature.affinity.is_none() && !errors.has("spec.value") {
            errors.push(
                "spec.value",
                "a feature needs a value; write one such as count(\"Order Completed\", 30 days)",
            );
        }
        if let Some(affinity) = &feature.affinity {
            if has_value {
                let message = "an affinity has no other value; leave one of the two out";
                errors.push("spec.value", message);
            }
            affinity.check(errors);
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

    #[test]
    fn an_affinity_stands_instead_of_a_value_and_is_checked() {
        let good = parse(r#"{"affinity":{"by":"category"}}"#).unwrap();
        let affinity = good.affinity.unwrap();
        assert_eq!(affinity.half_life_days, 30);
        assert_eq!(affinity.weight_of("Order Completed"), Some(5));
        assert_eq!(affinity.weight_of("Product Removed"), None);
        let check = |spec: &str, fields: &[&str]| {
            let errors = parse(&format!(r#"{{"affinity":{spec}}}"#)).unwrap_err();
            let found: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
            assert_eq!(found, fields, "{spec}");
        };
        check("{}", &["spec.affinity.by"]);
        check(r#"{"by":"colour"}"#, &["spec.affinity.by"]);
        check(r#"{"by":"attribute"}"#, &["spec.affinity.attribute"]);
        check(
            r#"{"by":"brand","attribute":"x"}"#,
            &["spec.affinity.attribute"],
        );
        check(r#"{"by":"price"}"#, &["spec.affinity.bounds"]);
        check(
            r#"{"by":"price","bounds":[50,20]}"#,
            &["spec.affinity.bounds"],
        );
        check(
            r#"{"by":"brand","half_life_days":0}"#,
            &["spec.affinity.half_life_days"],
        );
        check(
            r#"{"by":"brand","weights":[{"event":"A"},{"event":"A"}]}"#,
            &["spec.affinity.weights[1]"],
        );
        let both = parse(r#"{"value":"count(any)","affinity":{"by":"brand"}}"#);
        assert_eq!(both.unwrap_err()[0].field, "spec.value");
    }

    #[test]
    fn the_limits_of_an_affinity_hold_and_one_beyond_does_not() {
        let weights = |count: usize| {
            let each = (0..count).map(|n| format!(r#"{{"event":"e{n}"}}"#));
            let each: Vec<String> = each.collect();
            let by = r#""by":"brand""#;
            parse(&format!(
                r#"{{"affinity":{{{by},"weights":[{}]}}}}"#,
                each.join(",")
            ))
        };
        assert!(weights(limits::AFFINITY_EVENTS_MAX).is_ok());
        assert!(weights(limits::AFFINITY_EVENTS_MAX + 1).is_err());
        let bounds = |count: usize| {
            let each: Vec<String> = (1..=count).map(|n| n.to_string()).collect();
            let by = r#""by":"price""#;
            parse(&format!(
                r#"{{"affinity":{{{by},"bounds":[{}]}}}}"#,
                each.join(",")
            ))
        };
        assert!(bounds(limits::AFFINITY_BOUNDS_MAX).is_ok());
        assert!(bounds(limits::AFFINITY_BOUNDS_MAX + 1).is_err());
        let days = |days: i64| {
            let spec = format!(r#"{{"by":"brand","half_life_days":{days}}}"#);
            parse(&format!(r#"{{"affinity":{spec}}}"#))
        };
        assert!(days(limits::AFFINITY_DAYS_MAX).is_ok());
        assert!(days(limits::AFFINITY_DAYS_MAX + 1).is_err());
    }
}
