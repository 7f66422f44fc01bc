//! What the tables hold.

use std::collections::BTreeMap;

use kith_base::{DecayedSum, Json, NodeId, Timestamp};
use kith_event::Position;
use kith_profile::Fold;
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
    /// The fold.
    #[serde(default)]
    pub fold: Fold,
}

/// A link between two nodes.
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
    /// Why it joins nobody; `None` when it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
}

/// The nodes of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRow {
    /// By id.
    pub nodes: Vec<NodeId>,
}

/// What a timeline entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// An event.
    Event,
    /// A decision.
    Decision,
}

impl Entry {
    /// The stored form.
    pub fn to_bytes(self) -> Vec<u8> {
        match self {
            Entry::Event => Vec::new(),
            Entry::Decision => vec![b'd'],
        }
    }

    /// Reads the stored form.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        if bytes == b"d" {
            Entry::Decision
        } else {
            Entry::Event
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
}

/// One source's hour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceHour {
    /// Events received.
    pub events: u64,
    /// When the last one was received.
    pub last_at: Timestamp,
}
