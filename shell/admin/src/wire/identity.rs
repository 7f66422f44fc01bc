//! The identity graph as a whole: merges and splits by hand, other rules tried, what is shared.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Identifier, JsonObject, PersonRow, ReviewAgreement, Time};

/// Identifiers that are to be one person.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeInput {
    /// At least two, each known.
    #[schema(min_items = 2)]
    pub identifiers: Vec<Identifier>,
    /// Why, for others.
    #[serde(default)]
    pub reason: String,
    /// Answer what it would do, and do nothing.
    #[serde(default)]
    pub preview: bool,
}

/// What is to be undone: a link, or whatever ties some identifiers to the rest of the person.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitInput {
    /// Id of the link. One that an operator made is taken back; the ends of another are kept
    /// apart.
    #[serde(default)]
    pub edge_id: Option<String>,
    /// Identifiers that are another person.
    #[serde(default)]
    pub identifiers: Vec<Identifier>,
    /// Why, for others.
    #[serde(default)]
    pub reason: String,
    /// Answer what it would do, and do nothing.
    #[serde(default)]
    pub preview: bool,
}

/// Persons before and after.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Regrouping {
    /// As they are, or were.
    pub before: Vec<PersonRow>,
    /// As they are now, or would be.
    pub after: Vec<PersonRow>,
    /// True when nothing was done.
    pub preview: bool,
}

/// What an operator said of two identifiers.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Verdict {
    /// Id, for taking it back.
    pub edge_id: String,
    /// Whether they are one person or two.
    pub says: VerdictKind,
    /// One.
    pub from: Identifier,
    /// The other.
    pub to: Identifier,
    /// When.
    pub at: Time,
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// What was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum VerdictKind {
    /// They are one person.
    Same,
    /// They are two.
    Different,
}

/// Persons became one, or parted, or something was learned of an identifier.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IdentityChange {
    /// When.
    pub at: Time,
    /// What.
    pub what: IdentityHappening,
    /// Of which identifier, when it is about one.
    #[schema(required)]
    pub identifier: Option<Identifier>,
    /// How many identifiers the person has, when it is about that.
    #[schema(required)]
    pub size: Option<u32>,
    /// Ids of the persons before.
    pub before: Vec<String>,
    /// Ids of the persons after.
    pub after: Vec<String>,
    /// Who caused it; empty for an event or a change of rules.
    pub by: String,
}

/// What happened to who is whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum IdentityHappening {
    /// Persons became one, or parted.
    Regrouped,
    /// An identifier met so many unique ids that it links nobody from then on.
    Generic,
    /// An identifier that linked nobody does so again.
    Personal,
    /// A person grew beyond as many identifiers as operators are told of.
    Large,
}

/// Rules to be tried.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityTrial {
    /// The spec of the identity rules.
    pub spec: JsonObject,
}

/// What rules make of the graph.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IdentityShape {
    /// Persons.
    pub persons: u64,
    /// Identifiers of the largest person.
    pub largest: u64,
    /// Links that join nobody, by reason.
    pub refused: BTreeMap<String, u64>,
}

/// What other rules would merge and split.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IdentityDifference {
    /// As it is.
    pub before: IdentityShape,
    /// As it would be.
    pub after: IdentityShape,
    /// Persons that would become one with others.
    pub merged: u64,
    /// Persons that would fall apart.
    pub split: u64,
    /// Some of both.
    pub samples: Vec<IdentitySample>,
}

/// Identifiers that would be divided in another way.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IdentitySample {
    /// Of each person as it is.
    pub before: Vec<Vec<Identifier>>,
    /// Of each person as it would be.
    pub after: Vec<Vec<Identifier>>,
}

/// The state of the identity graph.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IdentityQuality {
    /// Persons, and links that join nobody.
    pub shape: IdentityShape,
    /// Identifiers that several unique ids used, those that met most first.
    pub shared: Vec<SharedIdentifier>,
    /// What operators said, newest first.
    pub verdicts: Vec<Verdict>,
    /// How often operators agreed with probable links, by confidence.
    pub agreement: Vec<ReviewAgreement>,
}

/// An identifier that several unique ids used.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SharedIdentifier {
    /// Which.
    pub identifier: Identifier,
    /// How many unique ids it met.
    pub met: u64,
    /// It links nobody.
    pub generic: bool,
    /// An operator lets it link whom it meets.
    pub pardoned: bool,
}

/// An identifier to be pardoned, or judged as any other again.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PardonInput {
    /// Which.
    pub identifier: Identifier,
    /// True lets it link whom it meets, however many.
    pub pardoned: bool,
    /// Why, for others.
    #[serde(default)]
    pub reason: String,
}
