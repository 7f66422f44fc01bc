//! What the tables hold.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::{DecayedSum, Json, NodeId, PersonId, Timestamp};
use kith_event::{Identifier, Position, Says};
use kith_profile::series::Needs;
use kith_profile::{Fold, SeriesId};
use serde::{Deserialize, Serialize};

/// One identifier and the fold of the events that belong to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NodeRow {
    /// Namespace, normalised.
    pub namespace: String,
    /// Value, normalised.
    pub value: String,
    /// Leader of the person the node belongs to; itself when alone.
    pub leader: NodeId,
    /// True once the identifier met so many unique ids that it links nobody.
    #[serde(default)]
    pub generic: bool,
    /// An operator says that it names people, however many it meets.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pardoned: bool,
    /// An operator said something of it and of others.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub judged: bool,
    /// It is an end of a probable link.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub probable: bool,
    /// The fold.
    #[serde(default)]
    pub fold: Fold,
}

impl NodeRow {
    /// Its identifier.
    pub fn identifier(&self) -> Identifier {
        Identifier::new(&*self.namespace, &*self.value)
    }
}

/// What a link between two nodes rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkRow {
    /// When the earliest event that made it occurred.
    pub first_at: Timestamp,
    /// Kind of that event.
    pub kind: kith_event::Kind,
    /// Source of that event.
    pub source: String,
    /// Message id of that event.
    pub message_id: String,
}

/// What an operator said of two nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictRow {
    /// [`Says::Same`], [`Says::Different`], or that nothing is said any more.
    pub says: Says,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// Persons became one, or parted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegroupRow {
    /// When.
    pub at: Timestamp,
    /// Persons before.
    pub before: Vec<PersonId>,
    /// Persons after.
    pub after: Vec<PersonId>,
    /// The operator who caused it; empty for an event or a change of rules.
    #[serde(default)]
    pub by: String,
    /// What else happened.
    #[serde(default, skip_serializing_if = "IdentityEvent::is_regrouped")]
    pub what: IdentityEvent,
}

/// What happened to who is whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdentityEvent {
    /// Persons became one, or parted.
    #[default]
    Regrouped,
    /// An identifier met so many unique ids that it links nobody from now on.
    Generic(Identifier),
    /// An identifier that linked nobody does so again.
    Personal(Identifier),
    /// A person grew beyond as many identifiers as operators are told of.
    Large(u32),
}

impl IdentityEvent {
    fn is_regrouped(&self) -> bool {
        *self == IdentityEvent::Regrouped
    }
}

/// The nodes of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRow {
    /// By id.
    pub nodes: Vec<NodeId>,
}

/// What a timeline entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// An event.
    Event,
    /// A decision.
    Decision,
    /// The person entered an audience, or left it.
    Audience {
        /// Which.
        id: String,
        /// Entered or left.
        entered: bool,
    },
    /// The person took others in, or others parted from the person.
    Regrouped {
        /// The others.
        others: Vec<PersonId>,
        /// Taken in or parted.
        merged: bool,
    },
}

impl Entry {
    /// The stored form.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Entry::Event => Vec::new(),
            Entry::Decision => vec![b'd'],
            Entry::Audience { id, entered } => {
                let sign = if *entered { b'+' } else { b'-' };
                std::iter::once(sign).chain(id.bytes()).collect()
            }
            Entry::Regrouped { others, merged } => {
                let sign = if *merged { b'm' } else { b's' };
                let ids = others.iter().flat_map(|id| id.0);
                std::iter::once(sign).chain(ids).collect()
            }
        }
    }

    /// Reads the stored form.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        match bytes {
            [b'd'] => Entry::Decision,
            [sign @ (b'+' | b'-'), id @ ..] => Entry::Audience {
                id: String::from_utf8_lossy(id).into_owned(),
                entered: *sign == b'+',
            },
            [sign @ (b'm' | b's'), ids @ ..] => {
                let ids = ids.chunks_exact(16).filter_map(|id| id.try_into().ok());
                Entry::Regrouped {
                    others: ids.map(PersonId).collect(),
                    merged: *sign == b'm',
                }
            }
            _ => Entry::Event,
        }
    }
}

/// A message id that was seen: 13 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenRow {
    /// Where its event stands in the log.
    pub position: Position,
    /// Day it was received, since the epoch.
    pub day: u32,
    /// Never forgotten: the same file imported a year later changes nothing.
    pub permanent: bool,
}

impl SeenRow {
    /// The stored form.
    pub fn to_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(13);
        bytes.extend_from_slice(&self.position.to_be_bytes());
        bytes.extend_from_slice(&self.day.to_be_bytes());
        if self.permanent {
            bytes.push(1);
        }
        bytes
    }

    /// Reads the stored form; `None` when it is too short.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(SeenRow {
            position: u64::from_be_bytes(bytes.get(..8)?.try_into().ok()?),
            day: u32::from_be_bytes(bytes.get(8..12)?.try_into().ok()?),
            permanent: bytes.len() > 12,
        })
    }
}

/// One revision of a definition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DefinitionRow {
    /// 1, 2, 3, …
    pub revision: u64,
    /// For people.
    pub name: String,
    /// Out of use.
    pub archived: bool,
    /// Who wrote it.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// The document.
    pub spec: Json,
}

/// How much an item is looked at and bought.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ItemHeat {
    /// Decayed touches, weighted by what they say.
    pub heat: DecayedSum,
    /// Views, ever.
    pub views: u64,
    /// Orders, ever.
    pub orders: u64,
    /// Where the item stands in the index by heat.
    #[serde(default)]
    pub rank: Option<u64>,
}

/// A refused input; its text is in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedRow {
    /// When it was accepted after all.
    #[serde(default)]
    pub redriven_at: Option<Timestamp>,
    /// As which message id.
    #[serde(default)]
    pub message_id: Option<String>,
    /// Where the log tells who did it, and with which text.
    #[serde(default)]
    pub redriven_in: Option<Position>,
}

/// Counts of one hour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HourRow {
    /// Events by label.
    pub names: BTreeMap<String, u64>,
    /// By source.
    pub sources: BTreeMap<String, SourceHour>,
    /// Names of the traits that persons were told to have.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub traits: BTreeSet<String>,
}

/// One source's hour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceHour {
    /// Events received.
    pub events: u64,
    /// When the last one was received.
    pub last_at: Timestamp,
}

/// Where a person is a member, and when that must be looked at again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembershipRow {
    /// Audiences by id, with the instant of entry.
    #[serde(default)]
    pub audiences: BTreeMap<String, Timestamp>,
    /// Accounts that count the person, and the person's audiences with them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub accounts: BTreeSet<String>,
    /// When the person's timer fires.
    #[serde(default)]
    pub due: Option<Timestamp>,
}

/// A person entered an audience, or left it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembershipChange {
    /// Who.
    pub person: PersonId,
    /// Which audience.
    pub audience: String,
    /// Entered or left.
    pub entered: bool,
    /// When, to the millisecond; for what time alone brought, the instant it was due.
    pub at: Timestamp,
}

/// How far finding the members of a new or changed audience has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobRow {
    /// Revision of the audience.
    pub revision: u64,
    /// When the revision was written: since when those found are members.
    pub at: Timestamp,
    /// Series whose past is not folded yet.
    #[serde(default)]
    pub waiting_for: BTreeSet<SeriesId>,
    /// Persons up to this key are done; empty at the beginning.
    #[serde(default)]
    pub cursor: Vec<u8>,
    /// Persons looked at.
    #[serde(default)]
    pub done: u64,
    /// Persons there were when it began.
    #[serde(default)]
    pub total: u64,
    /// Nobody is to be a member: the audience is out of use.
    #[serde(default)]
    pub clearing: bool,
    /// Since when it stands still, because somebody cancelled it. Who was looked at before enters
    /// and leaves as ever; nobody else does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled_at: Option<Timestamp>,
}

impl JobRow {
    /// True when it may take a step.
    pub fn is_running(&self) -> bool {
        self.clearing || (self.waiting_for.is_empty() && self.cancelled_at.is_none())
    }

    /// True when it passes over a person, given by the key of their row: nothing can be said of
    /// them yet.
    pub fn leaves_out(&self, person: &[u8]) -> bool {
        let cancelled = self.cancelled_at.is_some() && person > &*self.cursor;
        !self.waiting_for.is_empty() || cancelled
    }
}

/// From when on a series is folded, and whether its past has been caught up with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesRow {
    /// What is kept of its events.
    pub needs: Needs,
    /// Counts the times it was begun anew.
    pub generation: u64,
    /// Events from this position on are folded as they are applied.
    pub since: Position,
    /// Log position up to which the past is folded; done when it reaches `since`.
    pub caught_up: Position,
    /// Up to where the log tells that the past is folded. What follows from the log alone, such
    /// as whether an audience must wait, goes by this and not by `caught_up`.
    #[serde(default)]
    pub told: Position,
    /// Since when its past is not read on, because somebody cancelled it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled_at: Option<Timestamp>,
}

impl SeriesRow {
    /// True when some of the past is not folded.
    pub fn is_behind(&self) -> bool {
        self.caught_up < self.since
    }
}
