//! Decisions: what was chosen, what lost and why. A decision's record is kept and answered byte
//! for byte, so its types only describe it.

use utoipa::ToSchema;

use super::{Identifier, JsonObject, Time};

/// What one placement shows: the entry that `POST /v1/decide` answers.
#[derive(ToSchema)]
pub struct Decision {
    /// The placement.
    pub placement: String,
    /// Id of the decision.
    pub decision_id: String,
    /// What to show, best first.
    pub choices: Vec<Choice>,
    /// True when nothing was eligible and the placement's fallback is shown.
    pub fallback: bool,
    /// Experiments that had a say.
    pub experiments: Vec<Experiment>,
    /// Why nothing could be decided.
    #[schema(nullable = false)]
    pub error: Option<DecisionError>,
}

/// One thing to show.
#[derive(ToSchema)]
pub struct Choice {
    /// Offer or catalog item.
    pub kind: ChoiceKind,
    /// Id of the offer or item; `fallback` for the placement's fallback.
    pub id: String,
    /// Content of the offer, or public members of the item.
    pub content: JsonObject,
    /// What it was ranked by; higher is better.
    pub score: f64,
    /// Probability with which this choice was made.
    pub propensity: f64,
    /// Why, in sentences.
    pub reasons: Vec<String>,
}

/// What a choice is.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub enum ChoiceKind {
    /// An offer, or the placement's fallback.
    Offer,
    /// A catalog item.
    Item,
}

/// An experiment that had a say in a decision.
#[derive(ToSchema)]
pub struct Experiment {
    /// Id of the experiment.
    pub id: String,
    /// The variation this person is in.
    pub variation: String,
}

/// Why a placement could not be decided.
#[derive(ToSchema)]
pub struct DecisionError {
    /// Machine-readable reason.
    pub code: String,
    /// The reason in words.
    pub message: String,
}

/// The full record of one decision. Replaying it gives the same bytes.
#[derive(ToSchema)]
pub struct DecisionRecord {
    /// Id of the decision.
    pub decision_id: String,
    /// The placement.
    pub placement: String,
    /// The person it was taken for; `null` when nobody was recognised.
    #[schema(required)]
    pub person_id: Option<String>,
    /// When.
    pub decided_at: Time,
    /// Log position of the state it saw.
    pub position: u64,
    /// Seed of every random draw, in decimal.
    pub seed: String,
    /// Definitions it read, at their revisions.
    pub definitions: Vec<DefinitionRef>,
    /// What the caller asked.
    pub request: DecisionRequest,
    /// Every fact that was read, with its value.
    pub facts: JsonObject,
    /// What was answered.
    pub decision: Decision,
    /// What was considered and not shown.
    pub losers: Vec<Loser>,
    /// How many more lost than are listed.
    pub losers_cut: u64,
}

/// What the caller of a decision asked.
#[derive(ToSchema)]
pub struct DecisionRequest {
    /// Who it was for.
    pub identifiers: Vec<Identifier>,
    /// What the caller said about the moment.
    pub context: JsonObject,
}

/// A definition at one revision.
#[derive(ToSchema)]
pub struct DefinitionRef {
    /// Its kind.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Its revision.
    pub revision: u64,
}

/// An offer or item that was considered and not shown.
#[derive(ToSchema)]
pub struct Loser {
    /// Offer or catalog item.
    pub kind: ChoiceKind,
    /// Its id.
    pub id: String,
    /// Why not.
    pub code: LoserCode,
    /// Why not, in a sentence.
    pub reason: String,
}

/// Why something was not shown.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub enum LoserCode {
    /// Its rule is false for this person.
    NotEligible,
    /// Outside its schedule.
    NotScheduled,
    /// Something more important took the place.
    LowerPriority,
    /// Excluded, such as an item bought recently.
    Excluded,
    /// Not in the catalog, or not available.
    Unavailable,
    /// The placement was full.
    OverLimit,
}
