//! Links that are probable only, and what operators decide about them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{PersonRow, Time};

/// Two identifiers that are probably of one person, or of one household.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProbableLink {
    /// Id, for deciding about it.
    pub edge_id: String,
    /// One end.
    pub from: ProbableEnd,
    /// The other.
    pub to: ProbableEnd,
    /// From what it follows.
    pub basis: LinkBasis,
    /// How probable it is, 0 to 1.
    pub confidence: f64,
    /// What speaks for it and against it; each bit doubles the odds, or halves them.
    pub reasons: Vec<LinkReason>,
    /// When it was found.
    pub found_at: Time,
    /// The most careful policy under which it counts; `null` when it counts under none.
    #[schema(required)]
    pub policy: Option<LinkPolicy>,
    /// Why it counts under none, in words; empty when nothing hinders it.
    pub hindrance: String,
}

/// An end of a probable link.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProbableEnd {
    /// Such as `email`.
    pub namespace: String,
    /// The value, normalised.
    pub value: String,
    /// Whose it is.
    pub person: PersonRow,
}

/// From what a probable link follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LinkBasis {
    /// Traits.
    Records,
    /// Visits.
    Visitors,
    /// Visits of one household, which is no person.
    Household,
}

/// Which links make two persons one for who reads them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LinkPolicy {
    /// Those that events and operators made.
    Exact,
    /// Probable ones of high confidence too.
    Strict,
    /// Probable ones of less confidence too.
    Loose,
}

/// One thing that speaks for a link, or against it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LinkReason {
    /// What.
    pub about: String,
    /// How much, in bits.
    pub bits: f64,
}

/// What an operator decides about a probable link.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewInput {
    /// True: both are one person. False: they are two, whatever else links them.
    pub same: bool,
    /// Why, for others.
    #[serde(default)]
    pub reason: String,
    /// Answer what it would do, and do nothing.
    #[serde(default)]
    pub preview: bool,
}

/// How often operators agreed with links of about this confidence.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReviewAgreement {
    /// From this confidence on, up to a tenth more.
    pub from_confidence: f64,
    /// Links of which they said that both are one person.
    pub same: u64,
    /// That they are two.
    pub different: u64,
}
