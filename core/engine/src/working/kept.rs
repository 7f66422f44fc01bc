//! Decoded rows of one table, kept between batches within a bound.

use std::hash::Hash;

use kith_base::{Index, Key, NodeId, PersonId};

use crate::state::Error;

/// Rows dropped in one flush, beside as many as came in since the last: dropping a generation at
/// once would hold up a batch for as long as folding a thousand events.
const DROPPED_PER_FLUSH: usize = 64;

/// What a row is looked up by: a key of the table, or one that borrows.
pub(super) trait Lookup<K> {
    /// Its place.
    fn find(&self, index: &Index<K>) -> Option<usize>;

    /// The key to be kept.
    fn key(&self) -> K;
}

/// Two generations of rows: what was used since the last turn, and what was used in the one
/// before. A turn lets the older generation go, so memory stays within three times the limit,
/// `MAX` rows or `times` as many, and what is hot stays. Writing costs as much as was changed,
/// not as much as is kept.
#[derive(Debug)]
pub(super) struct Kept<K, V, const MAX: usize> {
    recent: Generation<K, V>,
    older: Generation<K, V>,
    /// Places in `recent` that changed since the last flush, each once.
    changed: Vec<usize>,
    /// No longer used, on their way out.
    dropped: Vec<Held<K, V>>,
    /// How many rows `recent` had at the last flush.
    flushed: usize,
    times: usize,
}

/// Rows in the order of their first use, beside an index whose entries are small: a search
/// touches little memory and an insertion moves little.
#[derive(Debug)]
struct Generation<K, V> {
    index: Index<K>,
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
            index: Index::default(),
            rows: Vec::new(),
        }
    }
}

impl<K, V, const MAX: usize> Default for Kept<K, V, MAX> {
    fn default() -> Self {
        Kept {
            recent: Generation::default(),
            older: Generation::default(),
            changed: Vec::new(),
            dropped: Vec::new(),
            flushed: 0,
            times: 1,
        }
    }
}

impl<K: Eq + Hash + Clone, V, const MAX: usize> Kept<K, V, MAX> {
    /// Nothing kept, and room for so many times the limit.
    pub fn roomy(times: usize) -> Self {
        Kept {
            times: times.max(1),
            ..Kept::default()
        }
    }

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

    /// The value when it changed since the last flush, so that the store has an older one.
    pub fn newer(&self, key: &impl Lookup<K>) -> Option<&V> {
        if self.changed.is_empty() {
            return None;
        }
        let row = &self.recent.rows[key.find(&self.recent.index)?];
        row.value.as_ref().filter(|_| row.changed)
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
        let spent = self.recent.rows.len() - self.flushed + DROPPED_PER_FLUSH;
        self.dropped
            .truncate(self.dropped.len().saturating_sub(spent));
        for at in self.changed.drain(..) {
            let held = &mut self.recent.rows[at];
            held.changed = false;
            if let Some(value) = &mut held.value {
                write(&held.key, value);
            }
        }
        if self.recent.rows.len() > MAX * self.times {
            let older = std::mem::replace(&mut self.older, std::mem::take(&mut self.recent));
            self.dropped = older.rows;
        }
        self.flushed = self.recent.rows.len();
    }
}

impl Lookup<NodeId> for NodeId {
    fn find(&self, index: &Index<NodeId>) -> Option<usize> {
        index.find(self)
    }

    fn key(&self) -> NodeId {
        *self
    }
}

impl Lookup<PersonId> for PersonId {
    fn find(&self, index: &Index<PersonId>) -> Option<usize> {
        index.find(self)
    }

    fn key(&self) -> PersonId {
        *self
    }
}

impl Lookup<(NodeId, NodeId)> for (NodeId, NodeId) {
    fn find(&self, index: &Index<(NodeId, NodeId)>) -> Option<usize> {
        index.find(self)
    }

    fn key(&self) -> (NodeId, NodeId) {
        *self
    }
}

impl Lookup<u64> for u64 {
    fn find(&self, index: &Index<u64>) -> Option<usize> {
        index.find(self)
    }

    fn key(&self) -> u64 {
        *self
    }
}

impl Lookup<Key<'static>> for Key<'_> {
    fn find(&self, index: &Index<Key<'static>>) -> Option<usize> {
        found(index, self)
    }

    fn key(&self) -> Key<'static> {
        self.to_owned()
    }
}

fn found<'a>(index: &'a Index<Key<'a>>, key: &Key<'a>) -> Option<usize> {
    index.find(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_each_changed_value_once() {
        let mut kept: Kept<u64, u32, 9> = Kept::default();
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
    fn room_is_the_limit_so_many_times() {
        for (times, rows) in [(0, 9), (1, 9), (2, 18)] {
            let mut kept: Kept<u64, u64, 9> = Kept::roomy(times);
            let mut fill = |rows| {
                (0..rows).for_each(|key| drop(kept.get(&key, || Ok(key))));
                kept.flush(|_, _| {});
                kept.held(&0).is_some()
            };
            assert!(fill(rows));
            assert!(!fill(rows + 1));
        }
    }

    #[test]
    fn what_is_used_survives_a_turn() {
        const MAX: usize = 100;
        let mut kept: Kept<u64, u64, MAX> = Kept::default();
        for key in 0..=MAX as u64 {
            kept.get(&key, || Ok(key)).unwrap();
        }
        kept.flush(|_, _| {});
        let again = |kept: &mut Kept<u64, u64, MAX>, key: u64| *kept.get(&key, || Ok(0)).unwrap();
        assert_eq!(again(&mut kept, 5), 5);
        for key in 0..=MAX as u64 {
            kept.get(&(key + 1_000_000), || Ok(key)).unwrap();
        }
        kept.flush(|_, _| {});
        assert_eq!((again(&mut kept, 5), again(&mut kept, 6)), (5, 0));
    }

    #[test]
    fn what_is_no_longer_used_goes_little_by_little() {
        const MAX: usize = 1_000;
        let held = std::rc::Rc::new(());
        let mut kept: Kept<u64, std::rc::Rc<()>, MAX> = Kept::default();
        for turn in 0..2 {
            for key in 0..=MAX as u64 {
                kept.get(&(turn * 1_000_000 + key), || Ok(held.clone()))
                    .unwrap();
            }
            kept.flush(|_, _| {});
        }
        let count = || std::rc::Rc::strong_count(&held);
        assert_eq!(count(), 1 + 2 * (MAX + 1));
        kept.flush(|_, _| {});
        assert_eq!(count(), 1 + 2 * (MAX + 1) - DROPPED_PER_FLUSH);
        kept.get(&u64::MAX, || Ok(held.clone())).unwrap();
        kept.flush(|_, _| {});
        assert_eq!(count(), 1 + 2 * (MAX + 1) - 2 * DROPPED_PER_FLUSH);
        for _ in 0..MAX {
            kept.flush(|_, _| {});
        }
        assert_eq!(count(), 1 + MAX + 2);
    }

    #[test]
    fn a_borrowed_key_finds_an_owned_one() {
        let mut kept: Kept<Key<'static>, u32, 9> = Kept::default();
        assert!(kept.find(&Key::new(b"a")).is_none());
        *kept.change(&Key::new(b"a"), || Ok(1)).unwrap() += 1;
        assert_eq!(kept.find(&Key::new(b"a")), Some(&mut 2));
    }
}
