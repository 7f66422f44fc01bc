//! Decoded rows of one table, kept between batches within a bound.

use std::collections::BTreeMap;

use kith_base::{Key, NodeId, PersonId};

use crate::state::Error;

/// Most rows of one table in one generation.
const KEPT_MAX: usize = 20_000;

/// What a row is looked up by: a key of the table, or one that borrows.
pub(super) trait Lookup<K> {
    /// Its place.
    fn find(&self, index: &BTreeMap<K, usize>) -> Option<usize>;

    /// The key to be kept.
    fn key(&self) -> K;
}

/// Two generations of rows: what was used since the last turn, and what was used in the one
/// before. A turn drops the older generation, so memory stays within twice the limit and what
/// is hot stays. Writing costs as much as was changed, not as much as is kept.
#[derive(Debug)]
pub(super) struct Kept<K, V> {
    recent: Generation<K, V>,
    older: Generation<K, V>,
    /// Places in `recent` that changed since the last flush, each once.
    changed: Vec<usize>,
}

/// Rows in the order of their first use, beside an index whose entries are small: a search
/// touches little memory and an insertion moves little.
#[derive(Debug)]
struct Generation<K, V> {
    index: BTreeMap<K, usize>,
    rows: Vec<Held<K, V>>,
}

#[derive(Debug)]
struct Held<K, V> {
    key: K,
    /// `None` once it moved to the younger generation.
    value: Option<V>,
    changed: bool,
}

impl<K, V> Default for Generation<K, V> {
    fn default() -> Self {
        Generation {
            index: BTreeMap::new(),
            rows: Vec::new(),
        }
    }
}

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Kept {
            recent: Generation::default(),
            older: Generation::default(),
            changed: Vec::new(),
        }
    }
}

impl<K: Ord + Clone, V> Kept<K, V> {
    /// The value, read by `load` when it is not kept.
    pub fn get(
        &mut self,
        key: &impl Lookup<K>,
        load: impl FnOnce() -> Result<V, Error>,
    ) -> Result<&mut V, Error> {
        let at = self.place(key, load)?;
        Ok(self.value(at))
    }

    /// The value to be changed; the next flush writes it.
    pub fn change(
        &mut self,
        key: &impl Lookup<K>,
        load: impl FnOnce() -> Result<V, Error>,
    ) -> Result<&mut V, Error> {
        let at = self.place(key, load)?;
        let changed = &mut self.recent.rows[at].changed;
        if !*changed {
            *changed = true;
            self.changed.push(at);
        }
        Ok(self.value(at))
    }

    /// The value when it is kept.
    pub fn find(&mut self, key: &impl Lookup<K>) -> Option<&mut V> {
        let at = self.kept(key)?;
        Some(self.value(at))
    }

    /// The value when it was used since the last turn.
    pub fn held(&self, key: &impl Lookup<K>) -> Option<&V> {
        let at = key.find(&self.recent.index)?;
        self.recent.rows[at].value.as_ref()
    }

    /// The value when it is kept, wherever; reading it does not keep it longer.
    pub fn peek(&self, key: &impl Lookup<K>) -> Option<&V> {
        let newest = self.held(key);
        newest.or_else(|| {
            let at = key.find(&self.older.index)?;
            self.older.rows[at].value.as_ref()
        })
    }

    fn value(&mut self, at: usize) -> &mut V {
        let value = self.recent.rows[at].value.as_mut();
        value.expect("only rows of the older generation move")
    }

    fn place(
        &mut self,
        key: &impl Lookup<K>,
        load: impl FnOnce() -> Result<V, Error>,
    ) -> Result<usize, Error> {
        match self.kept(key) {
            Some(at) => Ok(at),
            None => Ok(self.insert(key.key(), load()?)),
        }
    }

    /// The place in the younger generation, where the value moves when it is in the older one.
    fn kept(&mut self, key: &impl Lookup<K>) -> Option<usize> {
        if let Some(at) = key.find(&self.recent.index) {
            return Some(at);
        }
        let held = &mut self.older.rows[key.find(&self.older.index)?];
        let (key, value) = (held.key.clone(), held.value.take()?);
        Some(self.insert(key, value))
    }

    fn insert(&mut self, key: K, value: V) -> usize {
        let at = self.recent.rows.len();
        self.recent.index.insert(key.clone(), at);
        self.recent.rows.push(Held {
            key,
            value: Some(value),
            changed: false,
        });
        at
    }

    /// Shows every changed value to `write`, in the order of their first change.
    pub fn flush(&mut self, mut write: impl FnMut(&K, &mut V)) {
        for at in self.changed.drain(..) {
            let held = &mut self.recent.rows[at];
            held.changed = false;
            if let Some(value) = &mut held.value {
                write(&held.key, value);
            }
        }
        if self.recent.rows.len() > KEPT_MAX {
            self.older = std::mem::take(&mut self.recent);
        }
    }
}

impl Lookup<NodeId> for NodeId {
    fn find(&self, index: &BTreeMap<NodeId, usize>) -> Option<usize> {
        index.get(self).copied()
    }

    fn key(&self) -> NodeId {
        *self
    }
}

impl Lookup<PersonId> for PersonId {
    fn find(&self, index: &BTreeMap<PersonId, usize>) -> Option<usize> {
        index.get(self).copied()
    }

    fn key(&self) -> PersonId {
        *self
    }
}

impl Lookup<(NodeId, NodeId)> for (NodeId, NodeId) {
    fn find(&self, index: &BTreeMap<(NodeId, NodeId), usize>) -> Option<usize> {
        index.get(self).copied()
    }

    fn key(&self) -> (NodeId, NodeId) {
        *self
    }
}

impl Lookup<u64> for u64 {
    fn find(&self, index: &BTreeMap<u64, usize>) -> Option<usize> {
        index.get(self).copied()
    }

    fn key(&self) -> u64 {
        *self
    }
}

impl Lookup<Key<'static>> for Key<'_> {
    fn find(&self, index: &BTreeMap<Key<'static>, usize>) -> Option<usize> {
        found(index, self)
    }

    fn key(&self) -> Key<'static> {
        self.to_owned()
    }
}

fn found<'a>(index: &'a BTreeMap<Key<'a>, usize>, key: &Key<'a>) -> Option<usize> {
    index.get(key).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_each_changed_value_once() {
        let mut kept: Kept<u64, u32> = Kept::default();
        for key in [3, 1, 3, 2] {
            *kept.change(&key, || Ok(10)).unwrap() += 1;
        }
        kept.get(&7, || Ok(0)).unwrap();
        let mut written = Vec::new();
        kept.flush(|key, value| written.push((*key, *value)));
        assert_eq!(written, [(3, 12), (1, 11), (2, 11)]);
        kept.flush(|_, _| panic!("nothing changed since"));
    }

    #[test]
    fn what_is_used_survives_a_turn() {
        let mut kept: Kept<u64, u64> = Kept::default();
        for key in 0..=KEPT_MAX as u64 {
            kept.get(&key, || Ok(key)).unwrap();
        }
        kept.flush(|_, _| {});
        let again = |kept: &mut Kept<u64, u64>, key: u64| *kept.get(&key, || Ok(0)).unwrap();
        assert_eq!(again(&mut kept, 5), 5);
        for key in 0..=KEPT_MAX as u64 {
            kept.get(&(key + 1_000_000), || Ok(key)).unwrap();
        }
        kept.flush(|_, _| {});
        assert_eq!((again(&mut kept, 5), again(&mut kept, 6)), (5, 0));
    }

    #[test]
    fn a_borrowed_key_finds_an_owned_one() {
        let mut kept: Kept<Key<'static>, u32> = Kept::default();
        assert!(kept.find(&Key::new(b"a")).is_none());
        *kept.change(&Key::new(b"a"), || Ok(1)).unwrap() += 1;
        assert_eq!(kept.find(&Key::new(b"a")), Some(&mut 2));
    }
}
