//! What a decision says: the entry the API answers, and what lost.

use std::sync::Arc;

use kith_base::Json;
use serde::ser::Error as _;
use serde::{Serialize, Serializer};

use crate::{Granted, Inputs, Terms};

/// A decision, with everything needed to explain it and to take it again.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What the API answers.
    pub entry: Entry,
    /// What was not shown and why, the best first, cut at the limit.
    pub losers: Vec<Loser>,
    /// How many more lost than are kept.
    pub losers_cut: usize,
    /// Offers that are shown and still have to be granted.
    pub wanted: Vec<Arc<str>>,
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
    /// What the score was made of, where offers say more than a priority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms: Option<Box<Terms>>,
    /// The grant, of an offer with limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub granted: Option<Box<Granted>>,
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
#[derive(Clone, Debug, PartialEq, Serialize)]
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
    /// What it was ranked by, when it came so far and offers say more than a priority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// What the score was made of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms: Option<Box<Terms>>,
}

/// Why something was not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoserCode {
    /// Eligibility: they may not get it.
    NotEligible,
    /// Applicability: it makes no sense now.
    NotApplicable,
    /// Suitability: it is not good for them.
    NotSuitable,
    /// Before its start or after its end.
    NotScheduled,
    /// Something of higher priority was shown.
    LowerPriority,
    /// Left out on purpose: just bought, the item at hand, or an exclusion of the offer.
    Excluded,
    /// The catalog does not have it, or says it cannot be had.
    Unavailable,
    /// As good as what was shown, but there was no place left.
    OverLimit,
    /// The placement shows no promotions at this moment.
    Silenced,
    /// It has been granted as often as it may be.
    LimitReached,
    /// It does not keep to a bound of the placement.
    BelowFloor,
    /// Ranked below what the placement shows at all.
    NotRelevant,
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
