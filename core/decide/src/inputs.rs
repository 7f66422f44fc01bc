//! Everything a decision depends on, in a form that can be stored and read back exactly.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kith_base::{Json, NodeId, Timestamp, Value};
use kith_definition::{Kind, Reference, Strategy};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Drawing, Policy, Standing};

/// One placement to fill.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Id of the placement.
    pub placement: &'a str,
    /// Id of this decision, chosen by the caller.
    pub decision_id: &'a str,
    /// Draws the lot among equals.
    pub seed: u64,
    /// Whether there is a profile to decide from; without one the fallback is shown.
    pub profile: ProfileUse,
    /// For a placement of items.
    pub items: Items,
    /// Where the person stands with each offer that has limits, by its id.
    pub standing: BTreeMap<String, Standing>,
    /// By which promotions are drawn, in a placement that learns.
    pub policy: Policy<'a>,
    /// Nodes of the person, kept with what is drawn.
    pub nodes: &'a [NodeId],
}

/// Whether a decision may look at a profile. Consent is asked each time, so that withdrawal acts
/// on the very next decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProfileUse {
    /// There is one, and nothing forbids it.
    Used,
    /// The identifiers name nobody yet.
    Unknown,
    /// The person refused personalization.
    Refused,
}

impl ProfileUse {
    /// Why the fallback is shown; `None` when it need not be.
    pub(crate) const fn reason(self) -> Option<&'static str> {
        match self {
            ProfileUse::Used => None,
            ProfileUse::Unknown => Some("Shown because nobody is known by these identifiers yet"),
            ProfileUse::Refused => Some("Shown because this person refused personalization"),
        }
    }
}

/// What only a placement of items needs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Items {
    /// The item the person is looking at; it is not recommended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_item: Option<String>,
    /// Items bought, with the time of the last purchase.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub purchases: BTreeMap<String, Timestamp>,
    /// Items in the cart.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub cart: BTreeSet<String>,
    /// What each strategy of the placement found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidates>,
    /// What the models of the placement's recipe found, then of those it falls back on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recipes: Vec<Found>,
    /// Items that the caller named, in the caller's order: they are put in order, and nothing
    /// else is looked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub named: Vec<String>,
}

/// What the models of one recipe found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// Id of the recipe.
    pub recipe: String,
    /// Best first.
    pub items: Vec<Find>,
}

/// One item that models found, with what rules ask of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Find {
    /// The item; its score is the weighted sum of what the models say.
    pub candidate: Candidate,
    /// What the rules of the recipes ask of it, by its text in a rule.
    #[serde(
        default,
        skip_serializing_if = "BTreeMap::is_empty",
        serialize_with = "write_facts",
        deserialize_with = "read_facts"
    )]
    pub facts: BTreeMap<String, Value>,
    /// Its categories and brand, each after its dimension: `category:shoes`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alike: Vec<String>,
    /// The catalog holds it though its content is not kept here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub held: bool,
}

/// What one strategy found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidates {
    /// Which strategy.
    pub strategy: Strategy,
    /// Best first.
    pub items: Vec<Candidate>,
}

/// One item that may be shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Id in the catalog.
    pub item_id: String,
    /// How good the strategy finds it; comparable within one strategy only.
    #[serde(serialize_with = "write_exact", deserialize_with = "read_exact")]
    pub score: f64,
    /// Why it was found.
    pub evidence: Evidence,
    /// False when the catalog says it cannot be had.
    pub available: bool,
    /// The public members of the catalog item; `None` when the catalog does not hold it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Json>,
}

/// Why a strategy found an item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// So many views lately, by everybody.
    Popular {
        /// Rounded, as views fade with time.
        views: u64,
    },
    /// Viewed together with another item.
    ViewedWith {
        /// Title of the other item, or its id.
        title: String,
    },
    /// Viewed by this person.
    ViewedAt(Timestamp),
    /// People who did the same with another item went on with this one.
    Because {
        /// Title of the other item, or its id.
        title: String,
        /// What this person did with it.
        did: Did,
    },
    /// It has much in common with another item.
    Similar {
        /// Title of the other item, or its id.
        title: String,
        /// What this person did with it.
        did: Did,
    },
    /// People with like histories touch it.
    Taste,
    /// This person touched it so often.
    Again {
        /// How often, as far as is known.
        times: u32,
    },
    /// Visits like the present one went on with it.
    Visit {
        /// How many.
        visits: u32,
    },
    /// Of a category or brand that this person is interested in.
    Interest {
        /// Such as `category`.
        dimension: String,
        /// Such as `shoes`.
        key: String,
    },
    /// Many people touch it.
    Touched,
    /// Many people touch it lately.
    Trending,
    /// The caller named it.
    Named,
}

/// What a person did with an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Did {
    /// Looks at it now.
    LooksAt,
    /// Looked at it.
    Viewed,
    /// Kept it for later.
    Saved,
    /// Put it into the cart.
    Carted,
    /// Bought it.
    Bought,
}

/// Everything one decision depended on. Together with the revisions it names it gives the same
/// decision again, byte for byte; see [`crate::replay`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inputs {
    /// Id of the decision.
    pub decision_id: String,
    /// When it was taken.
    pub now: Timestamp,
    /// Draws the lot among equals.
    pub seed: u64,
    /// Whether there was a profile to decide from.
    pub profile: ProfileUse,
    /// The placement and its revision.
    pub placement: (String, u64),
    /// Every offer considered and its revision, in the order considered.
    #[serde(
        default,
        serialize_with = "write_offers",
        deserialize_with = "read_offers"
    )]
    pub offers: Arc<[(String, u64)]>,
    /// Every fact the rules ask for, by its text in a rule; missing facts are null.
    #[serde(
        default,
        serialize_with = "write_facts",
        deserialize_with = "read_facts"
    )]
    pub facts: BTreeMap<String, Value>,
    /// What those facts stand for that are features of the project.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub meant: BTreeMap<String, String>,
    /// For a placement of items: what was looked at, with the content of what was chosen.
    #[serde(default)]
    pub items: Items,
    /// The placements it fell back on, with their revisions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallbacks: Vec<(String, u64)>,
    /// The recipe of the placement and those it may fall back on, with their revisions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recipes: Vec<(String, u64)>,
    /// Where the person stood with each offer that has limits.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub standing: BTreeMap<String, Standing>,
    /// What the draw depended on, in a placement that learns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawing: Option<Box<Drawing>>,
}

impl Inputs {
    /// The definitions used, placement first.
    pub fn definitions(&self) -> impl Iterator<Item = Reference> {
        let placement = |(id, revision): &(String, u64)| Reference {
            kind: Kind::Placement,
            id: id.clone(),
            revision: *revision,
        };
        let placements = std::iter::once(&self.placement).chain(&self.fallbacks);
        let offer = |(id, revision): &(String, u64)| Reference {
            kind: Kind::Offer,
            id: id.clone(),
            revision: *revision,
        };
        let recipe = |(id, revision): &(String, u64)| Reference {
            kind: Kind::Recipe,
            id: id.clone(),
            revision: *revision,
        };
        placements
            .map(placement)
            .chain(self.recipes.iter().map(recipe))
            .chain(self.offers.iter().map(offer))
    }
}

/// Floats as text: a JSON parser may miss the last bit, which would change the bytes of a replay.
pub(crate) fn write_exact<S: Serializer>(float: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(float)
}

pub(crate) fn read_exact<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(serde::de::Error::custom)
}

fn write_offers<S: Serializer>(
    offers: &Arc<[(String, u64)]>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(offers.iter())
}

fn read_offers<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Arc<[(String, u64)]>, D::Error> {
    Vec::deserialize(deserializer).map(Arc::from)
}

fn write_facts<S: Serializer>(
    facts: &BTreeMap<String, Value>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(facts.iter().map(|(key, value)| (key, tagged(value))))
}

fn read_facts<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Value>, D::Error> {
    let facts = BTreeMap::<String, Value>::deserialize(deserializer)?;
    Ok(facts
        .into_iter()
        .map(|(key, value)| (key, untagged(value)))
        .collect())
}

const FLOAT: &str = "$float";
const TIME: &str = "$time";
const MAP: &str = "$map";

/// A value whose JSON form reads back as the same value: times and floats are marked, since JSON
/// has no times and its floats are not exact.
fn tagged(value: &Value) -> Value {
    let mark = |tag: &str, value| Value::Map(BTreeMap::from([(tag.to_owned(), value)]));
    match value {
        Value::Float(float) => mark(FLOAT, Value::Text(float.to_string())),
        Value::Time(time) => mark(TIME, Value::Int(time.as_millis())),
        Value::List(list) => Value::List(list.iter().map(tagged).collect()),
        Value::Map(map) => {
            let inner = map.iter().map(|(key, value)| (key.clone(), tagged(value)));
            let inner = Value::Map(inner.collect());
            if map.keys().any(|key| key.starts_with('$')) {
                mark(MAP, inner)
            } else {
                inner
            }
        }
        plain => plain.clone(),
    }
}

fn untagged(value: Value) -> Value {
    match value {
        Value::List(list) => Value::List(list.into_iter().map(untagged).collect()),
        Value::Map(mut map) => {
            if let Some(Value::Text(text)) = map.get(FLOAT) {
                return text.parse().map_or(Value::Null, Value::Float);
            }
            if let Some(Value::Int(millis)) = map.get(TIME) {
                return Value::Time(Timestamp::from_millis(*millis));
            }
            let map = match map.remove(MAP) {
                Some(Value::Map(inner)) => inner,
                _ => map,
            };
            Value::Map(
                map.into_iter()
                    .map(|(key, value)| (key, untagged(value)))
                    .collect(),
            )
        }
        plain => plain,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::strategy::Strategy;

    use super::*;

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            any::<f64>()
                .prop_filter("a number", |float| !float.is_nan())
                .prop_map(Value::Float),
            any::<i64>().prop_map(|millis| Value::Time(Timestamp::from_millis(millis))),
            ".{0,8}".prop_map(Value::Text),
        ];
        leaf.prop_recursive(3, 20, 4, |inner| {
            let key = prop::sample::select(vec!["a", "$float", "$time", "$map", "b"]);
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
                prop::collection::btree_map(key.prop_map(str::to_owned), inner, 0..4)
                    .prop_map(Value::Map),
            ]
        })
    }

    proptest! {
        #[test]
        fn facts_read_back_exactly(value in value(), score in any::<f64>()) {
            prop_assume!(!score.is_nan());
            let candidate = Candidate {
                item_id: "a".into(),
                score,
                evidence: Evidence::Popular { views: 1 },
                available: true,
                content: None,
            };
            let inputs = Inputs {
                decision_id: "d".into(),
                now: Timestamp::ZERO,
                seed: u64::MAX,
                profile: ProfileUse::Used,
                placement: ("home".into(), 1),
                offers: Arc::from([("a".to_owned(), 3)]),
                facts: BTreeMap::from([("traits.x".to_owned(), value)]),
                meant: BTreeMap::new(),
                items: Items {
                    candidates: vec![Candidates {
                        strategy: kith_definition::Strategy::PopularNow,
                        items: vec![candidate],
                    }],
                    ..Items::default()
                },
                fallbacks: Vec::new(),
                recipes: Vec::new(),
                standing: BTreeMap::new(),
                drawing: None,
            };
            let text = serde_json::to_string(&inputs).unwrap();
            prop_assert_eq!(serde_json::from_str::<Inputs>(&text).unwrap(), inputs);
        }
    }
}
