//! A map with a limit whose content does not depend on the order of insertion.

use std::collections::BTreeMap;

use kith_base::digest;
use serde::{Deserialize, Serialize};

/// At most `LIMIT` keys: those with the smallest digests. O(log n) per access while there is
/// room, O(n) when full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BoundedMap<V, const LIMIT: usize>(BTreeMap<String, V>);

/// A key is beyond the limit.
struct Heavier;

impl<V, const LIMIT: usize> Default for BoundedMap<V, LIMIT> {
    fn default() -> Self {
        BoundedMap(BTreeMap::new())
    }
}

impl<V, const LIMIT: usize> BoundedMap<V, LIMIT> {
    /// Changes the value of a key, made by `default` when new, unless the key is beyond the
    /// limit. Answers the key that had to make room.
    pub fn update(
        &mut self,
        key: &str,
        default: impl FnOnce() -> V,
        change: impl FnOnce(&mut V),
    ) -> Option<String> {
        if let Some(value) = self.0.get_mut(key) {
            change(value);
            return None;
        }
        let dropped = self.make_room(key).ok()?;
        let mut value = default();
        change(&mut value);
        self.0.insert(key.to_owned(), value);
        dropped
    }

    /// Puts the value under a new key, or lets `merge` join it to the one that is held. Answers
    /// the key that had to make room.
    pub fn put(&mut self, key: &str, value: V, merge: impl FnOnce(&mut V, V)) -> Option<String> {
        if let Some(held) = self.0.get_mut(key) {
            merge(held, value);
            return None;
        }
        let dropped = self.make_room(key).ok()?;
        self.0.insert(key.to_owned(), value);
        dropped
    }

    /// Makes a new key fit the limit, the heaviest one gone where it had to; an error when it is
    /// heavier itself.
    fn make_room(&mut self, key: &str) -> Result<Option<String>, Heavier> {
        if self.0.len() < LIMIT {
            return Ok(None);
        }
        let heaviest = self.0.keys().map(|held| (Self::weight(held), held)).max();
        let (held_weight, held) = heaviest.ok_or(Heavier)?;
        if (Self::weight(key), key) > (held_weight, held) {
            return Err(Heavier);
        }
        let dropped = held.clone();
        self.0.remove(&dropped);
        Ok(Some(dropped))
    }

    /// Merges another map, value by value.
    pub fn merge(&mut self, other: &Self, merge: impl Fn(&mut V, &V))
    where
        V: Clone,
    {
        for (key, value) in &other.0 {
            let mut fresh = false;
            self.update(
                key,
                || {
                    fresh = true;
                    value.clone()
                },
                |_| {},
            );
            if !fresh && let Some(held) = self.0.get_mut(key) {
                merge(held, value);
            }
        }
    }

    /// The lightest keys stay.
    pub(crate) fn weight(key: &str) -> u64 {
        digest("bounded-map", &[key.as_bytes()]).prefix()
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&V> {
        self.0.get(key)
    }

    /// All entries by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &V)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// How many keys.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True when there is no key.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn build(keys: &[u8]) -> BoundedMap<u32, 8> {
        let mut map = BoundedMap::default();
        for key in keys {
            map.update(&key.to_string(), || 0, |count| *count += 1);
        }
        map
    }

    #[test]
    fn holds_the_limit_and_not_one_more() {
        assert_eq!(build(&[1, 2, 3, 4, 5, 6, 7, 8]).len(), 8);
        assert_eq!(build(&[1, 2, 3, 4, 5, 6, 7, 8, 9]).len(), 8);
    }

    proptest! {
        #[test]
        fn order_and_grouping_do_not_matter(
            mut keys in prop::collection::vec(0u8..30, 0..80),
            cut in 0usize..80,
        ) {
            let whole = build(&keys);
            let cut = cut.min(keys.len());
            let mut merged = build(&keys[cut..]);
            merged.merge(&build(&keys[..cut]), |held, other| *held += other);
            prop_assert_eq!(&whole, &merged);
            keys.reverse();
            prop_assert_eq!(&whole, &build(&keys));
        }
    }
}
