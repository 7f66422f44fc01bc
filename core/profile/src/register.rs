//! First-writer and last-writer registers: a value with the stamp that decides.

use kith_base::Timestamp;
use serde::{Deserialize, Serialize};

/// When something was said, and a tie-breaker that is different for different events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stamp {
    /// When the event occurred.
    pub at: Timestamp,
    /// Prefix of the event's digest.
    pub tie: u64,
}

/// Keeps the value with the greatest stamp (a last-writer-wins register: Shapiro, Preguiça,
/// Baquero, Zawirski, *A comprehensive study of CRDTs*, INRIA RR-7506, 2011).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// Keeps the value with the least stamp.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
