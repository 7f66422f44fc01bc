//! Decisions: what was chosen, what lost and why. A decision's record is kept and answered byte
//! for byte, so its types only describe it.

use serde::Serialize;
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
    /// What the score was made of, where offers say more than a priority.
    #[schema(nullable = false)]
    pub terms: Option<ScoreTerms>,
    /// The grant, of an offer with limits.
    #[schema(nullable = false)]
    pub granted: Option<Granted>,
}

/// What the score of an offer was made of.
#[derive(ToSchema)]
pub struct ScoreTerms {
    /// How probable it is that it is taken.
    pub propensity: f64,
    /// Weights of the moment, multiplied.
    pub context: f64,
    /// What it is worth.
    pub value: f64,
    /// The weight given by hand.
    pub lever: f64,
}

/// An offer with limits that a person has.
#[derive(ToSchema)]
pub struct Granted {
    /// Id of the grant.
    pub grant_id: String,
    /// True when it was granted for this very decision.
    pub new: bool,
    /// When it was granted.
    pub granted_at: Time,
    /// First instant at which they no longer have it.
    pub expires_at: Time,
    /// What they redeem.
    #[schema(nullable = false)]
    pub code: Option<String>,
}

/// A decision in words.
#[derive(Serialize, ToSchema)]
pub struct DecisionExplanation {
    /// What was shown and why, for whoever runs the placement.
    pub shown: Vec<String>,
    /// What was not shown, at which step it fell out and why.
    pub not_shown: Vec<String>,
    /// What to answer when the person asks why they see this, in the order of the choices.
    pub to_the_person: Vec<String>,
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
    /// What the draw depended on, in a placement that learns.
    #[schema(nullable = false)]
    pub learning: Option<Drawing>,
}

/// What a draw depended on.
#[derive(ToSchema)]
pub struct Drawing {
    /// Which policy served.
    pub serves: Serves,
    /// Share that was spread equally over all candidates.
    pub floor: f64,
    /// Facts that were looked at; their values are among the facts of the decision.
    pub features: Vec<String>,
    /// Everything that could have been drawn.
    pub candidates: Vec<DrawingCandidate>,
}

/// One candidate of a draw.
#[derive(ToSchema)]
pub struct DrawingCandidate {
    /// Id of the offer.
    pub offer: String,
    /// What a reward of 1 is worth.
    pub worth: f64,
    /// With which probability it is the first to be drawn.
    pub propensity: f64,
    /// With which what was learned would have drawn it.
    pub learned: f64,
    /// Expected probability of a reward.
    pub expected: f64,
    /// It could not be granted, so that it fell out.
    pub refused: bool,
}

/// Which policy serves in a placement that learns.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Serves {
    /// Too few outcomes: offers take turns at random.
    Turns,
    /// The best fixed offer.
    Fixed,
    /// What was learned.
    Learned,
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
    /// What it was ranked by, when it came so far.
    #[schema(nullable = false)]
    pub score: Option<f64>,
    /// What the score was made of.
    #[schema(nullable = false)]
    pub terms: Option<ScoreTerms>,
}

/// Why something was not shown.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub enum LoserCode {
    /// Eligibility: this person may not get it.
    NotEligible,
    /// Applicability: it makes no sense now.
    NotApplicable,
    /// Suitability: it is not good for this person.
    NotSuitable,
    /// Outside its schedule.
    NotScheduled,
    /// Something more important took the place.
    LowerPriority,
    /// Excluded, such as an item bought recently or by a rule of the offer.
    Excluded,
    /// Not in the catalog, or not available.
    Unavailable,
    /// The placement was full.
    OverLimit,
    /// The placement shows no promotions at this moment.
    Silenced,
    /// Granted as often as it may be.
    LimitReached,
    /// Beyond a bound of the placement.
    BelowFloor,
    /// Ranked below what the placement shows at all.
    NotRelevant,
}
