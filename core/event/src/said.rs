//! What operators and matching say of identifiers.

use kith_base::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Identifier;

/// What an operator says of identifiers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// What.
    pub says: Says,
    /// Of which pairs; a pardon names each identifier with itself.
    pub pairs: Vec<(Identifier, Identifier)>,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// Why, for others.
    #[serde(default)]
    pub reason: String,
}

/// The closed list of verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Says {
    /// Both are one person.
    Same,
    /// They are two persons, whatever else links them.
    Different,
    /// What was said of the pair is taken back.
    Withdrawn,
    /// The identifier names people however many it meets.
    Pardoned,
    /// It is judged as any other again.
    Unpardoned,
}

/// Links that matching found probable, and those that it found so no longer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProbableLinks {
    /// When.
    pub at: Timestamp,
    /// Found.
    #[serde(default)]
    pub links: Vec<ProbableLink>,
    /// Found no longer.
    #[serde(default)]
    pub gone: Vec<(Identifier, Identifier)>,
}

/// Two identifiers that are probably of one person, or of one household.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProbableLink {
    /// One.
    pub a: Identifier,
    /// The other.
    pub b: Identifier,
    /// From what it follows.
    pub basis: Basis,
    /// How probable it is, in thousandths.
    pub confidence: u16,
    /// What speaks for it and against it, in bits, the weightiest first.
    #[serde(default)]
    pub reasons: Vec<(String, f32)>,
}

/// From what a probable link follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The traits of both are those of one person.
    Records,
    /// The visits of both are those of one person.
    Visitors,
    /// The visits of both are those of one household, which is no person.
    Household,
}
