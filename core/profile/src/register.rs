//! First-writer and last-writer registers: a value with the stamp that decides.

use kith_base::Timestamp;
use kith_event::Event;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// When something was said, and a tie-breaker that is different for different events. Stored as
/// a pair: a profile holds a hundred of them, and their members' names would be a third of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "(Timestamp, u64)", into = "(Timestamp, u64)")]
pub struct Stamp {
    /// When the event occurred.
    pub at: Timestamp,
    /// Prefix of the event's digest.
    pub tie: u64,
}

impl Stamp {
    /// Of what an event says.
    pub fn of(event: &Event) -> Self {
        Stamp {
            at: event.occurred_at,
            tie: event.deduplication_key().prefix(),
        }
    }
}

impl From<(Timestamp, u64)> for Stamp {
    fn from((at, tie): (Timestamp, u64)) -> Self {
        Stamp { at, tie }
    }
}

impl From<Stamp> for (Timestamp, u64) {
    fn from(stamp: Stamp) -> Self {
        (stamp.at, stamp.tie)
    }
}

/// Keeps the value with the greatest stamp (a last-writer-wins register: Shapiro, Preguiça,
/// Baquero, Zawirski, *A comprehensive study of CRDTs*, INRIA RR-7506, 2011).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latest<T> {
    /// Stamp of the value.
    pub stamp: Stamp,
    /// The value.
    pub value: T,
}

impl<T: Clone> Latest<T> {
    /// Offers a value; it is taken when its stamp is greater.
    pub fn offer(slot: &mut Option<Self>, stamp: Stamp, value: impl FnOnce() -> T) {
        if slot.as_ref().is_none_or(|held| held.stamp < stamp) {
            *slot = Some(Latest {
                stamp,
                value: value(),
            });
        }
    }

    /// Offers another register's value.
    pub fn merge(slot: &mut Option<Self>, other: &Option<Self>) {
        if let Some(other) = other {
            Latest::offer(slot, other.stamp, || other.value.clone());
        }
    }
}

impl Latest<String> {
    /// Offers a text; one that says the same again is not copied.
    pub fn offer_text(slot: &mut Option<Self>, stamp: Stamp, text: &str) {
        match slot {
            Some(held) if held.value == text => held.stamp = held.stamp.max(stamp),
            slot => Latest::offer(slot, stamp, || text.to_owned()),
        }
    }
}

/// Keeps the value with the least stamp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earliest<T> {
    /// Stamp of the value.
    pub stamp: Stamp,
    /// The value.
    pub value: T,
}

impl<T: Clone> Earliest<T> {
    /// Offers a value; it is taken when its stamp is less.
    pub fn offer(slot: &mut Option<Self>, stamp: Stamp, value: impl FnOnce() -> T) {
        if slot.as_ref().is_none_or(|held| stamp < held.stamp) {
            *slot = Some(Earliest {
                stamp,
                value: value(),
            });
        }
    }

    /// Offers another register's value.
    pub fn merge(slot: &mut Option<Self>, other: &Option<Self>) {
        if let Some(other) = other {
            Earliest::offer(slot, other.stamp, || other.value.clone());
        }
    }
}

/// Stored as a pair, like the stamp.
impl<T: Serialize> Serialize for Latest<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.stamp, &self.value).serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Latest<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (stamp, value) = Deserialize::deserialize(deserializer)?;
        Ok(Latest { stamp, value })
    }
}

/// Stored as a pair, like the stamp.
impl<T: Serialize> Serialize for Earliest<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.stamp, &self.value).serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Earliest<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (stamp, value) = Deserialize::deserialize(deserializer)?;
        Ok(Earliest { stamp, value })
    }
}
