//! `placement`: a named slot where a decision is rendered.

use kith_base::{Json, limits};
use serde::{Deserialize, Serialize};

use crate::shape::{self, Field, Shape, Unique};
use crate::{Errors, FieldError};

mod learning;

pub use learning::Learning;

/// A placement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placement {
    /// For people.
    pub description: String,
    /// What it shows.
    #[serde(rename = "type")]
    pub kind: PlacementType,
    /// Most choices shown.
    pub limit: usize,
    /// How items are found, tried in order until `limit` is filled.
    pub strategies: Vec<StrategyChoice>,
    /// Id of the recipe that finds items, in place of strategies.
    pub recipe: Option<String>,
    /// Items bought within so many days are left out; 0 leaves nothing out.
    pub exclude_purchased_days: u32,
    /// Promotions are left out while this rule text holds.
    pub silence_promotions_when: String,
    /// How offers are ranked; empty means by propensity × context × value × lever.
    pub formula: String,
    /// Weights of single offers in this placement.
    pub levers: Vec<Lever>,
    /// What every promotion has to keep to.
    pub floors: Vec<Floor>,
    /// Promotions ranked below this are not shown.
    pub silence_below: Option<f64>,
    /// Which of its promotions works is learned; `None` ranks them.
    #[serde(default)]
    pub learning: Option<Learning>,
    /// What is shown when nothing else can be.
    pub fallback: Fallback,
}

/// The weight of one offer in one placement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lever {
    /// Id of the offer.
    pub offer: String,
    /// Multiplies its lever.
    pub lever: f64,
}

/// A bound that promotions have to keep to, such as a risk or a margin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Floor {
    /// What it is about, for people.
    pub name: String,
    /// Formula of the number in question.
    pub formula: String,
    /// The number may not be less.
    pub at_least: Option<f64>,
    /// The number may not be more.
    pub at_most: Option<f64>,
}

/// What a placement shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlacementType {
    /// Offers made by people.
    Offers,
    /// Catalog items found by strategies.
    Items,
}

/// One step of finding items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StrategyChoice {
    /// Which strategy.
    pub strategy: Strategy,
}

/// A way to find items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// Most viewed lately, by everybody.
    PopularNow,
    /// Viewed by people who viewed the item at hand.
    AlsoViewed,
    /// Viewed by this person.
    RecentlyViewed,
}

impl Strategy {
    /// Every strategy.
    pub const ALL: [Strategy; 3] = [
        Strategy::PopularNow,
        Strategy::AlsoViewed,
        Strategy::RecentlyViewed,
    ];

    /// The name in specs and records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Strategy::PopularNow => "popular-now",
            Strategy::AlsoViewed => "also-viewed",
            Strategy::RecentlyViewed => "recently-viewed",
        }
    }
}

/// What is shown when nothing else can be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fallback {
    /// Another placement of offers that is filled instead; the exclusions of this one hold there.
    pub placement: Option<String>,
    /// A JSON object, or nothing at all.
    pub content: Option<Json>,
}

const STRATEGY: &[Field] = &[Field {
    name: "strategy",
    about: "how items are found",
    shape: Shape::Choice(&["popular-now", "also-viewed", "recently-viewed"]),
    default: None,
}];

const FALLBACK: &[Field] = &[
    Field {
        name: "placement",
        about: "another placement of offers that is filled instead; its own exclusions and those \
                of this one hold",
        shape: Shape::Nullable(&Shape::Id),
        default: Some("null"),
    },
    Field {
        name: "content",
        about: "what is shown when nothing else can be; null shows nothing",
        shape: Shape::Nullable(&Shape::Content),
        default: Some("null"),
    },
];

const NUMBER: Shape = Shape::Number {
    min: -limits::OFFER_NUMBER_MAX,
    max: limits::OFFER_NUMBER_MAX,
};

const LEVER: &[Field] = &[
    Field {
        name: "offer",
        about: "id of the offer",
        shape: Shape::Id,
        default: None,
    },
    Field {
        name: "lever",
        about: "multiplies the lever of the offer in this placement",
        shape: Shape::Number {
            min: 0,
            max: limits::OFFER_NUMBER_MAX,
        },
        default: None,
    },
];

const FLOOR: &[Field] = &[
    Field {
        name: "name",
        about: "what it is about, for people, such as unsubscribe risk",
        shape: Shape::Text {
            chars_max: limits::DEFINITION_NAME_MAX_CHARS,
            example: "unsubscribe risk",
        },
        default: None,
    },
    Field {
        name: "formula",
        about: "formula of the number in question, such as offer.risk * features.fatigue",
        shape: Shape::Rule,
        default: None,
    },
    Field {
        name: "at_least",
        about: "the number may not be less; null means no bound",
        shape: Shape::Nullable(&NUMBER),
        default: Some("null"),
    },
    Field {
        name: "at_most",
        about: "the number may not be more; null means no bound",
        shape: Shape::Nullable(&NUMBER),
        default: Some("null"),
    },
];

/// The members of a placement.
pub(crate) const FIELDS: &[Field] = &[
    Field {
        name: "description",
        about: "where it is and what it is for, for people",
        shape: Shape::Text {
            chars_max: limits::DEFINITION_TEXT_MAX_CHARS,
            example: "",
        },
        default: Some("\"\""),
    },
    Field {
        name: "type",
        about: "offers made by people, or items of the catalog",
        shape: Shape::Choice(&["offers", "items"]),
        default: None,
    },
    Field {
        name: "limit",
        about: "most choices shown",
        shape: Shape::Whole {
            min: 1,
            max: limits::CHOICES_PER_PLACEMENT_MAX as i64,
        },
        default: Some("1"),
    },
    Field {
        name: "strategies",
        about: "how items are found, tried in order until the limit is filled; only for items",
        shape: Shape::List {
            of: &Shape::Object(STRATEGY),
            min: 0,
            max: Strategy::ALL.len(),
            unique: Unique::By("strategy"),
        },
        default: Some("[]"),
    },
    Field {
        name: "recipe",
        about: "id of the recipe that finds items, in place of strategies; only for items",
        shape: Shape::Nullable(&Shape::Id),
        default: Some("null"),
    },
    Field {
        name: "exclude_purchased_days",
        about: "items bought within so many days are left out; 0 leaves nothing out",
        shape: Shape::Whole { min: 0, max: 3_650 },
        default: Some("30"),
    },
    Field {
        name: "silence_promotions_when",
        about: "rule; while it holds no promotion is shown, such as during an open complaint",
        shape: Shape::Rule,
        default: Some("\"\""),
    },
    Field {
        name: "formula",
        about: "how offers are ranked; empty means propensity * context * value * lever",
        shape: Shape::Rule,
        default: Some("\"\""),
    },
    Field {
        name: "levers",
        about: "weights of single offers in this placement",
        shape: Shape::List {
            of: &Shape::Object(LEVER),
            min: 0,
            max: limits::PLACEMENT_LEVERS_MAX,
            unique: Unique::By("offer"),
        },
        default: Some("[]"),
    },
    Field {
        name: "floors",
        about: "bounds that every promotion has to keep to, such as a risk",
        shape: Shape::List {
            of: &Shape::Object(FLOOR),
            min: 0,
            max: limits::PLACEMENT_FLOORS_MAX,
            unique: Unique::By("name"),
        },
        default: Some("[]"),
    },
    Field {
        name: "silence_below",
        about: "promotions ranked below this number are not shown; null shows all",
        shape: Shape::Nullable(&NUMBER),
        default: Some("null"),
    },
    Field {
        name: "learning",
        about: "which promotion works is learned and drawn by lot; null ranks them",
        shape: Shape::Nullable(&Shape::Object(learning::FIELDS)),
        default: Some("null"),
    },
    Field {
        name: "fallback",
        about: "what is shown when nothing else can be",
        shape: Shape::Object(FALLBACK),
        default: Some("{\"placement\":null,\"content\":null}"),
    },
];

impl Placement {
    /// Reads a spec; every error is reported.
    pub fn parse(spec: &Json) -> Result<Self, Vec<FieldError>> {
        shape::read(FIELDS, spec, Placement::across)
    }

    fn across(placement: &Placement, errors: &mut Errors) {
        learning::across(placement, errors);
        for (n, floor) in placement.floors.iter().enumerate() {
            let at = format!("spec.floors[{n}]");
            if floor.at_least.is_none() && floor.at_most.is_none() && !errors.has(&at) {
                errors.push(at, "bounds nothing; write at_least or at_most");
            }
        }
        let items = placement.kind == PlacementType::Items;
        if items && placement.fallback.placement.is_some() && !errors.has("spec.fallback") {
            let message = "only a placement of offers falls back on another; write null";
            errors.push("spec.fallback.placement", message);
        }
        let at = "spec.strategies";
        if errors.has("spec.type") || errors.has(at) {
            return;
        }
        let recipe = placement.recipe.is_some();
        if recipe && !items {
            let message = "a placement of offers uses none; write null or set type to items";
            errors.push("spec.recipe", message);
        }
        if recipe && items && !placement.strategies.is_empty() {
            let message = "items are found by strategies or by a recipe; write [] or null";
            errors.push("spec.recipe", message);
        }
        match (placement.kind, placement.strategies.is_empty()) {
            (PlacementType::Items, true) if recipe => {}
            (PlacementType::Items, true) => errors.push(
                at,
                "a placement of items needs at least one, or a recipe; \
                 write [{\"strategy\":\"popular-now\"}]",
            ),
            (PlacementType::Offers, false) => {
                errors.push(
                    at,
                    "a placement of offers uses none; write [] or set type to items",
                );
            }
            _ => {}
        }
    }
}

/// Wire twin of [`Fallback`]: its content stands unquoted.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FallbackWire {
    #[serde(default)]
    placement: Option<String>,
    content: Option<kith_base::Value>,
}

impl Serialize for Fallback {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        FallbackWire {
            placement: self.placement.clone(),
            content: self.content.as_ref().map(Json::value),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Fallback {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = FallbackWire::deserialize(deserializer)?;
        let content = wire
            .content
            .map(|content| Json::from_serialize(&content))
            .transpose();
        Ok(Fallback {
            placement: wire.placement,
            content: content.map_err(serde::de::Error::custom)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(text: &str) -> Vec<String> {
        let errors = Placement::parse(&Json::parse(text).unwrap()).unwrap_err();
        errors.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn fills_defaults() {
        let placement = Placement::parse(&Json::parse(r#"{"type":"offers"}"#).unwrap()).unwrap();
        assert_eq!((placement.limit, placement.exclude_purchased_days), (1, 30));
        assert_eq!(placement.fallback.content, None);
    }

    #[test]
    fn strategies_belong_to_items() {
        assert_eq!(
            errors(r#"{"type":"items"}"#),
            [
                "spec.strategies: a placement of items needs at least one, or a recipe; \
              write [{\"strategy\":\"popular-now\"}]"
            ]
        );
        assert_eq!(
            errors(r#"{"type":"items","strategies":[{"strategy":"popular"}]}"#),
            [
                "spec.strategies[0].strategy: \"popular\" is not one of popular-now, also-viewed, \
              recently-viewed; did you mean \"popular-now\"?"
            ]
        );
        let text = r#"{"type":"offers","strategies":[{"strategy":"popular-now"}],"limit":51}"#;
        assert_eq!(errors(text).len(), 2);
    }
}
