//! Placements that learn: which policy serves, and what another one would have earned.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::decision::Serves;
use super::{JsonObject, Time};

/// Which policy serves in a placement, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlacementPolicy {
    /// Which policy serves.
    pub serves: Serves,
    /// All of it in words.
    pub words: String,
    /// Decisions whose outcome is known.
    pub outcomes: u64,
    /// Decisions whose outcome is awaited.
    pub waiting: u64,
    /// The best fixed offer.
    #[schema(required)]
    pub best: Option<String>,
    /// What it earns per decision.
    #[schema(required)]
    pub best_value: Option<PolicyFigure>,
    /// What the learned policy earns per decision.
    #[schema(required)]
    pub learned: Option<PolicyFigure>,
    /// How much more that is; it serves while the lower bound is above zero over every offer.
    #[schema(required)]
    pub lift: Option<PolicyFigure>,
    /// The offer over which the lift is least certain.
    #[schema(required)]
    pub hardest: Option<String>,
    /// Its lower bound there.
    #[schema(required)]
    pub hardest_lower: Option<f64>,
    /// Offer by offer.
    pub offers: Vec<PolicyOffer>,
    /// Decisions and rewards that changed nothing, by reason.
    pub ignored: BTreeMap<String, u64>,
    /// Position in the log up to which it was learned.
    pub position: u64,
}

/// A mean per decision.
#[derive(Debug, Serialize, ToSchema)]
pub struct PolicyFigure {
    /// The mean.
    pub value: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Its lower bound with 95 %, at all times together.
    pub lower: f64,
    /// Outcomes that say so.
    pub outcomes: u64,
}

/// What is known of one offer in a placement that learns.
#[derive(Debug, Serialize, ToSchema)]
pub struct PolicyOffer {
    /// Its id.
    pub offer: String,
    /// Times shown whose outcome is known.
    pub shown: u64,
    /// What that earned: rewards times what they are worth.
    pub earned: f64,
    /// What it would earn per decision if it alone were shown.
    #[schema(required)]
    pub alone: Option<PolicyFigure>,
}

/// A policy to be valued from past decisions.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyValueRequest {
    /// Which.
    pub policy: PolicyKind,
    /// The offer that `offer` always shows.
    #[serde(default)]
    #[schema(nullable = false)]
    pub offer: Option<String>,
    /// Document of the placement that `placement` ranks by.
    #[serde(default)]
    #[schema(nullable = false)]
    pub spec: Option<JsonObject>,
    /// Only decisions from here on.
    #[serde(default)]
    #[schema(nullable = false, value_type = Option<Time>)]
    pub from: Option<String>,
    /// Only decisions before.
    #[serde(default)]
    #[schema(nullable = false, value_type = Option<Time>)]
    pub to: Option<String>,
}

/// A policy to be valued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyKind {
    /// Always one offer; where it could not be shown, what was drawn.
    Offer,
    /// Any of the candidates, alike.
    Uniform,
    /// The highest priority, as the placement ranked at that time.
    HighestPriority,
    /// What was learned at that time, without exploration but the floor.
    Learned,
    /// The highest priority under another spec of the placement.
    Placement,
}

/// What a policy would have earned.
#[derive(Debug, Serialize, ToSchema)]
pub struct PolicyValue {
    /// What there is to say, in words.
    pub words: String,
    /// Why there is no estimate, for machines.
    #[schema(required)]
    pub refusal: Option<String>,
    /// The estimate to show.
    #[schema(required)]
    pub headline: Option<PolicyEstimate>,
    /// All estimates; those without an interval are biased, or not valid for a log of a policy that
    /// learned.
    pub estimates: Vec<PolicyEstimate>,
    /// What was earned per decision as it was.
    #[schema(required)]
    pub logged: Option<f64>,
    /// Decisions read.
    pub decisions: u64,
    /// How many decisions of the policy itself would say as much.
    pub effective_decisions: f64,
    /// Largest weight of a decision.
    pub weight_max: f64,
    /// Decisions left out because their attribution window is open.
    pub waiting: u64,
    /// Decisions left out because nothing was drawn in them, or they cannot be read.
    pub left_out: u64,
    /// True when not all decisions of the range fit into one evaluation.
    pub cut: bool,
}

/// One estimate.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PolicyEstimate {
    /// How it was made, such as `stabilised_dr`.
    pub estimator: String,
    /// Value per decision.
    pub value: f64,
    /// Lower end of its 95 % interval.
    #[schema(required)]
    pub low: Option<f64>,
    /// Upper end.
    #[schema(required)]
    pub high: Option<f64>,
    /// When the interval may be believed.
    pub holds: String,
}
