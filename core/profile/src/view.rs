//! Several folds read as their merge, without merging them.
//!
//! Every answer is the one the merged fold would give: a key that the merge would leave out for
//! lack of room is left out here too.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use kith_base::{DecayedSum, Timestamp, Value};

use crate::fold::{AFFINITY_HALF_LIFE, Fold};
use crate::{BoundedMap, Counter, Earliest, Latest, Touches};

/// The folds of a person's nodes.
#[derive(Clone, Copy)]
pub(crate) struct View<'a>(pub &'a [&'a Fold]);

impl<'a> View<'a> {
    /// Events of any kind.
    pub fn event_count(self) -> u64 {
        self.0.iter().map(|fold| fold.event_count).sum()
    }

    /// The first event.
    pub fn first_seen_at(self) -> Option<Timestamp> {
        self.0.iter().filter_map(|fold| fold.first_seen_at).min()
    }

    /// The last event.
    pub fn last_seen_at(self) -> Option<Timestamp> {
        self.0.iter().filter_map(|fold| fold.last_seen_at).max()
    }

    /// Events of a name.
    pub fn counter(self, name: &str) -> Option<Counter> {
        let mut sum: Option<Counter> = None;
        for counter in self.entries(name, |fold| &fold.counters) {
            sum.get_or_insert_default().merge(counter);
        }
        sum
    }

    /// A trait, by the first part of its name.
    pub fn trait_value(self, name: &str) -> Option<&'a Value> {
        let held = self.entries(name, |fold| &fold.traits);
        held.max_by_key(|held| held.stamp)
            .map(|held| &held.value.value)
    }

    /// Whether a consent category is granted.
    pub fn consent(self, category: &str) -> Option<bool> {
        let held = self.entries(category, |fold| &fold.consents);
        held.max_by_key(|held| held.stamp)
            .map(|held| held.value.granted)
    }

    /// The register with the greatest stamp.
    pub fn latest(self, pick: fn(&Fold) -> &Option<Latest<String>>) -> Option<&'a str> {
        let held = self.0.iter().filter_map(|fold| pick(fold).as_ref());
        // Of equal stamps the first, as a merge would keep it.
        let newest = held.rev().max_by_key(|held| held.stamp);
        newest.map(|held| held.value.as_str())
    }

    /// The register with the least stamp.
    pub fn earliest(self, pick: fn(&Fold) -> &Option<Earliest<String>>) -> Option<&'a str> {
        let held = self.0.iter().filter_map(|fold| pick(fold).as_ref());
        let oldest = held.min_by_key(|held| held.stamp);
        oldest.map(|held| held.value.as_str())
    }

    /// The item touched last.
    pub fn newest_item(self, pick: fn(&Fold) -> &Touches) -> Option<&'a str> {
        let newest = self.0.iter().filter_map(|fold| pick(fold).iter().next());
        newest
            .min_by_key(|(stamp, item)| (Reverse(*stamp), *item))
            .map(|(_, item)| item)
    }

    /// Items put into the cart after the last order and not taken out since.
    pub fn cart(self) -> Vec<String> {
        let ordered_at = self.counter("Order Completed").map(|of| of.last_at);
        let added = self.touches(|fold| &fold.added);
        let removed = self.touches(|fold| &fold.removed);
        let is_in = |(stamp, item): &(crate::Stamp, &str)| {
            ordered_at.is_none_or(|at| at < stamp.at)
                && removed.of(item).is_none_or(|removed| removed < *stamp)
        };
        let items = added.iter().filter(is_in);
        items.map(|(_, item)| item.to_owned()).collect()
    }

    /// All shares of interest in a dimension; empty when nothing is known.
    pub fn affinities(self, dimension: &str, now: Timestamp) -> BTreeMap<String, f64> {
        let mut sums = self
            .0
            .iter()
            .filter_map(|fold| fold.affinities.get(dimension));
        let Some(first) = sums.next() else {
            return BTreeMap::new();
        };
        let mut merged = Cow::Borrowed(first);
        for other in sums {
            merged.to_mut().merge(other, DecayedSum::merge);
        }
        let value =
            |(key, sum): (&str, &DecayedSum)| (key.to_owned(), sum.value(now, AFFINITY_HALF_LIFE));
        let mut shares: BTreeMap<String, f64> = merged.iter().map(value).collect();
        let total: f64 = shares.values().sum();
        if total > 0.0 {
            shares.values_mut().for_each(|share| *share /= total);
        }
        shares
    }

    fn touches(self, pick: fn(&Fold) -> &Touches) -> Cow<'a, Touches> {
        let mut lists = self.0.iter().map(|fold| pick(fold));
        let Some(first) = lists.next() else {
            return Cow::Owned(Touches::default());
        };
        let mut merged = Cow::Borrowed(first);
        for other in lists.filter(|list| !list.is_empty()) {
            merged.to_mut().merge(other);
        }
        merged
    }

    fn entries<V: 'a, const LIMIT: usize>(
        self,
        key: &str,
        pick: fn(&Fold) -> &BoundedMap<V, LIMIT>,
    ) -> impl Iterator<Item = &'a V> {
        let folds = if self.keeps(key, pick) { self.0 } else { &[] };
        folds.iter().filter_map(move |fold| pick(fold).get(key))
    }

    /// Whether the merge has room for a key: it keeps the lightest.
    fn keeps<V: 'a, const LIMIT: usize>(
        self,
        key: &str,
        pick: fn(&Fold) -> &BoundedMap<V, LIMIT>,
    ) -> bool {
        let all: usize = self.0.iter().map(|fold| pick(fold).len()).sum();
        if self.0.len() <= 1 || all <= LIMIT {
            return true;
        }
        let own = (BoundedMap::<V, LIMIT>::weight(key), key);
        let keys = self.0.iter().flat_map(|fold| pick(fold).iter());
        let lighter = keys
            .map(|(key, _)| (BoundedMap::<V, LIMIT>::weight(key), key))
            .filter(|other| *other < own);
        lighter.collect::<BTreeSet<_>>().len() < LIMIT
    }
}
