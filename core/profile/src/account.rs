//! Accounts: to which of them a person belongs, and what group events said of one.

use kith_base::{Timestamp, Value, limits};
use kith_event::Event;
use serde::{Deserialize, Serialize};

use crate::fold::{TraitValue, add_traits, merge_newest};
use crate::{BoundedMap, Fold, Latest, Stamp};

/// Accounts by id, with when each was named last.
pub type Accounts = BoundedMap<Stamp, { limits::ACCOUNTS_PER_NODE_MAX }>;

/// The accounts of a person: every one that a node of theirs belongs to.
pub fn accounts_of<'a>(folds: impl IntoIterator<Item = &'a Fold>) -> Accounts {
    let mut all = Accounts::default();
    for fold in folds {
        if !fold.accounts.is_empty() {
            all.merge(&fold.accounts, merge_newest);
        }
    }
    all
}

/// What is known of one account: a sum over the group events that name it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Account {
    /// Traits; `Null` marks one that was removed.
    pub traits: BoundedMap<Latest<TraitValue>, { limits::TRAITS_PER_ACCOUNT_MAX }>,
    /// When the first event that names it occurred.
    pub first_seen_at: Option<Timestamp>,
    /// When the last one occurred.
    pub last_seen_at: Option<Timestamp>,
}

impl Account {
    /// Adds a group event that names it.
    pub fn add(&mut self, event: &Event) {
        let at = event.occurred_at;
        self.first_seen_at = Some(self.first_seen_at.map_or(at, |first| first.min(at)));
        self.last_seen_at = self.last_seen_at.max(Some(at));
        add_traits(&mut self.traits, event, Stamp::of(event));
    }

    /// A trait, unless there is none or it was removed.
    pub fn trait_value(&self, name: &str) -> Option<&Value> {
        let held = self.traits.get(name).map(|held| &held.value.value);
        held.filter(|value| !value.is_null())
    }
}
