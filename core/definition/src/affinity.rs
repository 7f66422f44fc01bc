//! A decayed affinity as a feature defines it: which interest is learnt, from what, for how long.

use kith_base::{Duration, limits};
use serde::{Deserialize, Serialize};

use crate::Errors;
use crate::shape::{Field, Shape, Unique};

/// What a person is drawn to, as shares of 1 over the keys of one dimension.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Affinity {
    /// The dimension.
    pub by: Dimension,
    /// Which attribute of the item; of keywords, which text, the title when empty.
    pub attribute: String,
    /// Where one price band ends and the next begins.
    pub bounds: Vec<u32>,
    /// An event counts half as much after so many days.
    pub half_life_days: u16,
    /// What each event counts.
    pub weights: Vec<EventWeight>,
    /// What is bought once, and then not for a while.
    pub once: Option<Once>,
    /// Property that marks an event, or a line of it, as a gift; empty when none does.
    pub gift: String,
}

/// A dimension of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dimension {
    /// The category.
    Category,
    /// The brand.
    Brand,
    /// The band that the price is in.
    Price,
    /// The value, or values, of an attribute.
    Attribute,
    /// The words of a text.
    Keyword,
}

/// What an event counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventWeight {
    /// Its name.
    pub event: String,
    /// So much.
    pub weight: u16,
}

/// Interest that a purchase satisfies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Once {
    /// The purchase.
    pub event: String,
    /// What is left of the interest in a key after a purchase in it.
    pub percent: u8,
    /// After so many days all of it is back; 0 for never.
    pub repurchase_days: u16,
}

impl Affinity {
    /// The half-life.
    pub fn half_life(&self) -> Duration {
        Duration::from_days(i64::from(self.half_life_days))
    }

    /// What an event of this name counts; 0 for one that only satisfies, `None` for any other.
    pub fn weight_of(&self, event: &str) -> Option<u16> {
        let named = self.weights.iter().find(|of| of.event == event);
        named.map(|of| of.weight).or(self.buys(event).then_some(0))
    }

    /// Whether an event of this name satisfies.
    pub fn buys(&self, event: &str) -> bool {
        self.once.as_ref().is_some_and(|once| once.event == event)
    }

    /// Names of the events it looks at, each once.
    pub fn events(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.weights.iter().map(|of| of.event.as_str()).collect();
        names.extend(self.once.iter().map(|once| once.event.as_str()));
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The same without what only matters when it is read: affinities of one such form share
    /// what is kept.
    pub fn kept(&self) -> Affinity {
        let once = self.once.as_ref().map(|once| Once {
            event: once.event.clone(),
            percent: 0,
            repurchase_days: 0,
        });
        let mut weights = self.weights.clone();
        weights.sort();
        Affinity {
            once,
            weights,
            ..self.clone()
        }
    }

    pub(crate) fn check(&self, errors: &mut Errors) {
        let mut tell = |member: &str, message: &str| {
            let field = format!("spec.affinity.{member}");
            if !errors.has(&field) {
                errors.push(field, message);
            }
        };
        if self.by == Dimension::Attribute && self.attribute.is_empty() {
            tell("attribute", "is missing; name the attribute of the item");
        }
        let named = matches!(self.by, Dimension::Attribute | Dimension::Keyword);
        if !named && !self.attribute.is_empty() {
            tell("attribute", "is not used; leave it empty, or change by");
        }
        if self.by == Dimension::Price && self.bounds.is_empty() {
            tell(
                "bounds",
                "price bands need one bound at least, such as [50]",
            );
        }
        if self.by != Dimension::Price && !self.bounds.is_empty() {
            tell(
                "bounds",
                "is not used; leave it empty, or change by to price",
            );
        }
        if !self.bounds.is_sorted() {
            tell("bounds", "are not in order; write the lowest first");
        }
    }
}

const EVENT: Shape = Shape::Text {
    chars_max: limits::EVENT_NAME_MAX_CHARS,
    example: "Product Viewed",
};

const WEIGHT: &[Field] = &[
    Field {
        name: "event",
        about: "name of the event",
        shape: EVENT,
        default: None,
    },
    Field {
        name: "weight",
        about: "what one such event counts",
        shape: Shape::Whole {
            min: 1,
            max: limits::AFFINITY_WEIGHT_MAX,
        },
        default: Some("1"),
    },
];

const ONCE: &[Field] = &[
    Field {
        name: "event",
        about: "the purchase",
        shape: EVENT,
        default: Some("\"Order Completed\""),
    },
    Field {
        name: "percent",
        about: "what is left of the interest in a key after a purchase in it",
        shape: Shape::Whole { min: 0, max: 100 },
        default: Some("10"),
    },
    Field {
        name: "repurchase_days",
        about: "after so many days all of it is back; 0 for never",
        shape: Shape::Whole {
            min: 0,
            max: limits::AFFINITY_DAYS_MAX,
        },
        default: Some("0"),
    },
];

/// The members of an affinity.
pub(crate) const FIELDS: &[Field] = &[
    Field {
        name: "by",
        about: "the dimension: of the item's category, brand, price, attribute or keywords",
        shape: Shape::Choice(&["category", "brand", "price", "attribute", "keyword"]),
        default: None,
    },
    Field {
        name: "attribute",
        about: "name of the attribute; of keywords, name of the text, the title when empty",
        shape: Shape::Text {
            chars_max: limits::DEFINITION_ID_MAX_CHARS,
            example: "",
        },
        default: Some("\"\""),
    },
    Field {
        name: "bounds",
        about: "where one price band ends and the next begins, ascending",
        shape: Shape::List {
            of: &Shape::Whole {
                min: 1,
                max: 1_000_000_000,
            },
            min: 0,
            max: limits::AFFINITY_BOUNDS_MAX,
            unique: Unique::Whole,
        },
        default: Some("[]"),
    },
    Field {
        name: "half_life_days",
        about: "an event counts half as much after so many days",
        shape: Shape::Whole {
            min: 1,
            max: limits::AFFINITY_DAYS_MAX,
        },
        default: Some("30"),
    },
    Field {
        name: "weights",
        about: "what each event counts",
        shape: Shape::List {
            of: &Shape::Object(WEIGHT),
            min: 1,
            max: limits::AFFINITY_EVENTS_MAX,
            unique: Unique::By("event"),
        },
        default: Some(WEIGHTS),
    },
    Field {
        name: "once",
        about: "for what is bought once: how a purchase lowers the interest, and for how long",
        shape: Shape::Nullable(&Shape::Object(ONCE)),
        default: Some("null"),
    },
    Field {
        name: "gift",
        about: "property that marks an event, or a line of it, as a gift, which is left out",
        shape: Shape::Text {
            chars_max: limits::DEFINITION_ID_MAX_CHARS,
            example: "",
        },
        default: Some("\"\""),
    },
];

/// A view, a wish, a product in the cart, an order.
const WEIGHTS: &str = r#"[{"event":"Product Viewed","weight":1},
    {"event":"Product Added to Wishlist","weight":2},
    {"event":"Product Added","weight":3},
    {"event":"Order Completed","weight":5}]"#;
