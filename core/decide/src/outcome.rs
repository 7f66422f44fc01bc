//! What a decision says: the entry the API answers, and what lost.

use std::sync::Arc;

use kith_base::Json;
use serde::ser::Error as _;
use serde::{Serialize, Serializer};

use crate::Inputs;

/// A decision, with everything needed to explain it and to take it again.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What the API answers.
    pub entry: Entry,
    /// What was not shown and why, the best first, cut at the limit.
    pub losers: Vec<Loser>,
    /// How many more lost than are kept.
    pub losers_cut: usize,
    /// What the decision depended on.
    pub inputs: Inputs,
}

/// One entry of `decisions` in an answer. Its JSON has a fixed order of members.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// Id of the placement.
    pub placement: String,
    /// Id of the decision.
    pub decision_id: String,
    /// What is shown, best first.
    pub choices: Vec<Choice>,
    /// True when the choices are the placement's fallback.
    pub fallback: bool,
    /// Experiments that had a say.
    pub experiments: Vec<Experiment>,
}

/// One thing shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Choice {
    /// An offer or an item; the fallback counts as an offer.
    pub kind: ChoiceKind,
    /// Id of the offer or item; `fallback` for the fallback.
    pub id: String,
    /// What to render.
    #[serde(serialize_with = "raw")]
    pub content: Json,
    /// The priority of an offer, the strategy's score of an item.
    pub score: f64,
    /// How probable it was that this was shown, over all seeds.
    pub propensity: f64,
    /// Why, in sentences for people.
    #[serde(serialize_with = "texts")]
    pub reasons: Vec<Arc<str>>,
}

/// What was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChoiceKind {
    /// Made by people.
    Offer,
    /// From the catalog.
    Item,
}

/// A randomised comparison that had a say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Experiment {
    /// Id of the experiment.
    pub id: String,
    /// The variation drawn.
    pub variation: String,
}

/// Something that was not shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Loser {
    /// An offer or an item.
    pub kind: ChoiceKind,
    /// Its id.
    #[serde(serialize_with = "text")]
    pub id: Arc<str>,
    /// Why, for machines.
    pub code: LoserCode,
    /// Why, in a sentence for people.
    #[serde(serialize_with = "text")]
    pub reason: Arc<str>,
}

/// Why something was not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoserCode {
    /// The rule is not met.
    NotEligible,
    /// Before its start or after its end.
    NotScheduled,
    /// Something of higher priority was shown.
    LowerPriority,
    /// Left out on purpose: just bought, or the item at hand.
    Excluded,
    /// The catalog does not have it, or says it cannot be had.
    Unavailable,
    /// As good as what was shown, but there was no place left.
    OverLimit,
}

impl Entry {
    /// The bytes of the entry in an answer and in the decision's record.
    pub fn to_json(&self) -> Json {
        Json::from_serialize(self).expect("every member of an entry has a JSON form")
    }
}

/// Writes JSON text as JSON.
fn raw<S: Serializer>(json: &Json, serializer: S) -> Result<S::Ok, S::Error> {
    let raw: &serde_json::value::RawValue =
        serde_json::from_str(json.as_str()).map_err(S::Error::custom)?;
    raw.serialize(serializer)
}

fn text<S: Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

fn texts<S: Serializer>(texts: &[Arc<str>], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(texts.iter().map(|text| &**text))
}
