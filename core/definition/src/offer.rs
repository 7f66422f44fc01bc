//! `offer`: something a placement can show.

use kith_base::{Json, Timestamp, limits};
use serde::{Deserialize, Serialize};

use crate::shape::{self, Field, Shape, Unique};
use crate::{Errors, FieldError};

/// An offer.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// Ids of the placements it may fill.
    pub placements: Vec<String>,
    /// Higher wins.
    pub priority: u32,
    /// Rule text that says who is eligible; empty means everybody.
    pub when: String,
    /// First instant it may be shown.
    pub starts_at: Option<Timestamp>,
    /// First instant it may no longer be shown.
    pub ends_at: Option<Timestamp>,
    /// What is shown: a JSON object.
    pub content: Json,
}

/// The members of an offer.
pub(crate) const FIELDS: &[Field] = &[
    Field {
        name: "placements",
        about: "ids of the placements it may fill",
        shape: Shape::List {
            of: &Shape::Id,
            min: 1,
            max: limits::PLACEMENTS_PER_DECIDE_MAX,
            unique: Unique::Whole,
        },
        default: None,
    },
    Field {
        name: "priority",
        about: "the highest priority among the eligible offers is shown",
        shape: Shape::Whole { min: 0, max: 1_000 },
        default: Some("100"),
    },
    Field {
        name: "when",
        about: "rule that says who is eligible; empty means everybody",
        shape: Shape::Rule,
        default: Some("\"\""),
    },
    Field {
        name: "starts_at",
        about: "first instant it may be shown; null means at once",
        shape: Shape::Nullable(&Shape::Time),
        default: Some("null"),
    },
    Field {
        name: "ends_at",
        about: "first instant it may no longer be shown; null means never",
        shape: Shape::Nullable(&Shape::Time),
        default: Some("null"),
    },
    Field {
        name: "content",
        about: "what is shown: any JSON object",
        shape: Shape::Content,
        default: Some("{}"),
    },
];

impl Offer {
    /// Reads a spec; every error is reported.
    pub fn parse(spec: &Json) -> Result<Self, Vec<FieldError>> {
        shape::read(FIELDS, spec, Offer::across)
    }

    fn across(offer: &Offer, errors: &mut Errors) {
        let (Some(starts), Some(ends)) = (offer.starts_at, offer.ends_at) else {
            return;
        };
        if ends <= starts && !errors.has("spec.starts_at") && !errors.has("spec.ends_at") {
            let message = format!("{ends} is not after starts_at, {starts}; choose a later time");
            errors.push("spec.ends_at", message);
        }
    }

    /// True within its schedule.
    pub fn is_scheduled(&self, now: Timestamp) -> bool {
        self.starts_at.is_none_or(|starts| starts <= now)
            && self.ends_at.is_none_or(|ends| now < ends)
    }
}

/// Wire twin: times as text, content unquoted.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    placements: Vec<String>,
    priority: u32,
    when: String,
    starts_at: Option<String>,
    ends_at: Option<String>,
    content: kith_base::Value,
}

impl Serialize for Offer {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let wire = Wire {
            placements: self.placements.clone(),
            priority: self.priority,
            when: self.when.clone(),
            starts_at: self.starts_at.map(|time| time.to_string()),
            ends_at: self.ends_at.map(|time| time.to_string()),
            content: self.content.value(),
        };
        wire.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Offer {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let wire = Wire::deserialize(deserializer)?;
        let time = |text: Option<String>| {
            text.map(|text| Timestamp::parse(&text))
                .transpose()
                .map_err(D::Error::custom)
        };
        Ok(Offer {
            placements: wire.placements,
            priority: wire.priority,
            when: wire.when,
            starts_at: time(wire.starts_at)?,
            ends_at: time(wire.ends_at)?,
            content: Json::from_serialize(&wire.content).map_err(D::Error::custom)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Offer, Vec<FieldError>> {
        Offer::parse(&Json::parse(text).unwrap())
    }

    #[test]
    fn the_end_comes_after_the_start() {
        let times = r#""starts_at":"2026-11-02","ends_at":"2026-11-02T00:00:00Z""#;
        let errors = parse(&format!(r#"{{"placements":["a"],{times}}}"#)).unwrap_err();
        assert_eq!(errors[0].field, "spec.ends_at");
        assert_eq!(errors.len(), 1);
    }

    #[test]
    fn the_schedule_includes_its_start_only() {
        let times = r#""starts_at":"2026-11-02","ends_at":"2026-11-03""#;
        let offer = parse(&format!(r#"{{"placements":["a"],{times}}}"#)).unwrap();
        let at = |text: &str| offer.is_scheduled(Timestamp::parse(text).unwrap());
        assert!(at("2026-11-02") && at("2026-11-02T23:59:59.999Z"));
        assert!(!at("2026-11-01T23:59:59.999Z") && !at("2026-11-03"));
    }

    #[test]
    fn content_is_any_object() {
        let offer =
            parse(r#"{"placements":["a"],"content":{"b":[1,{"c":null}],"a":1.5}}"#).unwrap();
        assert_eq!(offer.content.as_str(), r#"{"a":1.5,"b":[1,{"c":null}]}"#);
        assert!(parse(r#"{"placements":["a"],"content":"hello"}"#).is_err());
    }

    #[test]
    fn limits_hold_at_the_limit_and_one_beyond() {
        let with = |rule: usize| {
            parse(&format!(
                r#"{{"placements":["a"],"when":"{}"}}"#,
                "x".repeat(rule)
            ))
        };
        assert!(with(limits::RULE_SIZE_MAX_BYTES).is_ok());
        assert!(with(limits::RULE_SIZE_MAX_BYTES + 1).is_err());
        let content = |size: usize| {
            let text = "x".repeat(size - r#"{"t":""}"#.len());
            parse(&format!(
                r#"{{"placements":["a"],"content":{{"t":"{text}"}}}}"#
            ))
        };
        assert!(content(limits::CONTENT_SIZE_MAX_BYTES).is_ok());
        assert!(content(limits::CONTENT_SIZE_MAX_BYTES + 1).is_err());
    }
}
