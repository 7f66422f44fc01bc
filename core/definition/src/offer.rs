//! `offer`: something a placement can show.

use kith_base::{Json, Timestamp, limits};
use serde::{Deserialize, Serialize};

use crate::shape::{self, Field, Shape, Unique};
use crate::{Errors, FieldError};

mod limited;

pub use limited::{Budget, Codes, Coupon, Limits, Pacing, PerPerson};

/// An offer.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// Ids of the placements it may fill.
    pub placements: Vec<String>,
    /// What it is for; decides who comes first.
    pub kind: OfferKind,
    /// The lever: the weight given by hand.
    pub priority: u32,
    /// Eligibility: rule text that says who may get it; empty means everybody.
    pub when: String,
    /// Applicability: rule text that says when it makes sense.
    pub applicable_when: String,
    /// Suitability: rule text that says for whom it is good.
    pub suitable_when: String,
    /// Exclusion: never while this rule text holds, in no fallback either.
    pub never_when: String,
    /// First instant it may be shown.
    pub starts_at: Option<Timestamp>,
    /// First instant it may no longer be shown.
    pub ends_at: Option<Timestamp>,
    /// What it is worth when it is taken.
    pub value: f64,
    /// How probable it is that it is taken.
    pub propensity: f64,
    /// Weights of moments; those whose rule holds are multiplied.
    pub context: Vec<ContextWeight>,
    /// Numbers that formulas ask for as `offer.name`.
    pub figures: Vec<Figure>,
    /// How often it may be granted, and how long a grant lasts.
    pub limits: Limits,
    /// What is shown: a JSON object.
    pub content: Json,
}

/// What an offer is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OfferKind {
    /// To sell; policies can silence it.
    #[default]
    Promotion,
    /// To help; comes before promotions.
    Service,
    /// Must be said; comes before everything.
    Mandatory,
}

/// How much more, or less, an offer counts at some moments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContextWeight {
    /// Rule text.
    pub when: String,
    /// Multiplies the context of the formula while the rule holds.
    pub weight: f64,
}

/// A number of an offer, by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// The name after `offer.` in formulas.
    pub name: String,
    /// The number.
    pub value: f64,
}

const CONTEXT: &[Field] = &[
    Field {
        name: "when",
        about: "rule that says at which moments the weight counts",
        shape: Shape::Rule,
        default: None,
    },
    Field {
        name: "weight",
        about: "multiplies the context in the formula; 2 counts double, 0.5 half",
        shape: NUMBER,
        default: None,
    },
];

const FIGURES: &[Field] = &[
    Field {
        name: "name",
        about: "the name after offer. in formulas",
        shape: Shape::Name,
        default: None,
    },
    Field {
        name: "value",
        about: "the number",
        shape: Shape::Number {
            min: -limits::OFFER_NUMBER_MAX,
            max: limits::OFFER_NUMBER_MAX,
        },
        default: None,
    },
];

const NUMBER: Shape = Shape::Number {
    min: 0,
    max: limits::OFFER_NUMBER_MAX,
};

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
        name: "kind",
        about: "mandatory comes first, then service, then promotion",
        shape: Shape::Choice(&["promotion", "service", "mandatory"]),
        default: Some("\"promotion\""),
    },
    Field {
        name: "priority",
        about: "the lever of the formula: the weight given by hand; the highest result is shown",
        shape: Shape::Whole { min: 0, max: 1_000 },
        default: Some("100"),
    },
    Field {
        name: "when",
        about: "eligibility: rule that says who may get it; empty means everybody",
        shape: Shape::Rule,
        default: Some("\"\""),
    },
    Field {
        name: "applicable_when",
        about: "applicability: rule that says when it makes sense; empty means always",
        shape: Shape::Rule,
        default: Some("\"\""),
    },
    Field {
        name: "suitable_when",
        about: "suitability: rule that says for whom it is good; empty means for everybody",
        shape: Shape::Rule,
        default: Some("\"\""),
    },
    Field {
        name: "never_when",
        about: "exclusion: never shown while this rule holds, whatever else; empty excludes nobody",
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
        name: "value",
        about: "what it is worth when it is taken, in any unit that all offers share",
        shape: NUMBER,
        default: Some("1"),
    },
    Field {
        name: "propensity",
        about: "how probable it is that it is taken, 0 to 1",
        shape: Shape::Number { min: 0, max: 1 },
        default: Some("1"),
    },
    Field {
        name: "context",
        about: "weights of moments; those whose rule holds are multiplied",
        shape: Shape::List {
            of: &Shape::Object(CONTEXT),
            min: 0,
            max: limits::OFFER_PARTS_MAX,
            unique: Unique::By("when"),
        },
        default: Some("[]"),
    },
    Field {
        name: "figures",
        about: "numbers that formulas ask for as offer.name",
        shape: Shape::List {
            of: &Shape::Object(FIGURES),
            min: 0,
            max: limits::OFFER_PARTS_MAX,
            unique: Unique::By("name"),
        },
        default: Some("[]"),
    },
    Field {
        name: "limits",
        about: "how often it may be granted, and how long a grant lasts",
        shape: Shape::Object(limited::FIELDS),
        default: Some(limited::NONE),
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
        limited::across(offer, errors);
        let (Some(starts), Some(ends)) = (offer.starts_at, offer.ends_at) else {
            return;
        };
        if ends <= starts && !errors.has("spec.starts_at") && !errors.has("spec.ends_at") {
            let message = format!("{ends} is not after starts_at, {starts}; choose a later time");
            errors.push("spec.ends_at", message);
        }
    }

    /// Every rule of it with its field.
    pub fn rules(&self) -> Vec<(String, &str)> {
        let layers = [
            ("spec.when", &self.when),
            ("spec.applicable_when", &self.applicable_when),
            ("spec.suitable_when", &self.suitable_when),
            ("spec.never_when", &self.never_when),
        ];
        let layers = layers.map(|(field, text)| (field.to_owned(), text.as_str()));
        let context = self.context.iter().enumerate();
        let context =
            context.map(|(n, weight)| (format!("spec.context[{n}].when"), weight.when.as_str()));
        layers.into_iter().chain(context).collect()
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
    kind: OfferKind,
    priority: u32,
    when: String,
    applicable_when: String,
    suitable_when: String,
    never_when: String,
    starts_at: Option<String>,
    ends_at: Option<String>,
    value: f64,
    propensity: f64,
    context: Vec<ContextWeight>,
    figures: Vec<Figure>,
    limits: Limits,
    content: kith_base::Value,
}

impl Serialize for Offer {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let wire = Wire {
            placements: self.placements.clone(),
            kind: self.kind,
            priority: self.priority,
            when: self.when.clone(),
            applicable_when: self.applicable_when.clone(),
            suitable_when: self.suitable_when.clone(),
            never_when: self.never_when.clone(),
            starts_at: self.starts_at.map(|time| time.to_string()),
            ends_at: self.ends_at.map(|time| time.to_string()),
            value: self.value,
            propensity: self.propensity,
            context: self.context.clone(),
            figures: self.figures.clone(),
            limits: self.limits.clone(),
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
            kind: wire.kind,
            priority: wire.priority,
            when: wire.when,
            applicable_when: wire.applicable_when,
            suitable_when: wire.suitable_when,
            never_when: wire.never_when,
            value: wire.value,
            propensity: wire.propensity,
            context: wire.context,
            figures: wire.figures,
            limits: wire.limits,
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
