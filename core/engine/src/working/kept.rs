//! Decoded rows of one table, kept between batches within a bound.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::state::Error;

/// Most rows of one table in one generation.
const KEPT_MAX: usize = 20_000;

/// Two generations of rows: what was used since the last turn, and what was used in the one
/// before. A turn drops the older generation, so memory stays within twice the limit and what
/// is hot stays. Writing costs as much as was changed, not as much as is kept.
#[derive(Debug)]
pub(super) struct Kept<K, V> {
    recent: BTreeMap<K, Held<V>>,
    older: BTreeMap<K, Held<V>>,
    /// Keys of `recent` that changed since the last flush, each once.
    changed: Vec<K>,
}

#[derive(Debug)]
struct Held<V> {
    value: V,
    changed: bool,
}

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Kept {
            recent: BTreeMap::new(),
            older: BTreeMap::new(),
            changed: Vec::new(),
        }
    }
}

impl<K: Ord + Clone, V> Kept<K, V> {
    /// The value, read by `load` when it is not kept.
    pub fn get(
        &mut self,
        key: K,
        load: impl FnOnce() -> Result<V, Error>,
    ) -> Result<&mut V, Error> {
        Ok(&mut self.held(key, load)?.value)
    }

    /// The value to be changed; the next flush writes it.
    pub fn change(
        &mut self,
        key: K,
        load: impl FnOnce() -> Result<V, Error>,
    ) -> Result<&mut V, Error> {
        let held = match self.recent.entry(key) {
            Entry::Occupied(entry) => {
                if !entry.get().changed {
                    self.changed.push(entry.key().clone());
                }
                entry.into_mut()
            }
            Entry::Vacant(entry) => {
                let value = match self.older.remove(entry.key()) {
                    Some(held) => held.value,
                    None => load()?,
                };
                self.changed.push(entry.key().clone());
                entry.insert(Held {
                    value,
                    changed: false,
                })
            }
        };
        held.changed = true;
        Ok(&mut held.value)
    }

    fn held(
        &mut self,
        key: K,
        load: impl FnOnce() -> Result<V, Error>,
    ) -> Result<&mut Held<V>, Error> {
        Ok(match self.recent.entry(key) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                let held = match self.older.remove(entry.key()) {
                    Some(held) => held,
                    None => Held {
                        value: load()?,
                        changed: false,
                    },
                };
                entry.insert(held)
            }
        })
    }

    /// Shows every changed value to `write`, in order of key.
    pub fn flush(&mut self, mut write: impl FnMut(&K, &mut V)) {
        self.changed.sort_unstable();
        for key in self.changed.drain(..) {
            if let Some(held) = self.recent.get_mut(&key) {
                held.changed = false;
                write(&key, &mut held.value);
            }
        }
        if self.recent.len() > KEPT_MAX {
            self.older = std::mem::take(&mut self.recent);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_each_changed_value_once_and_in_order() {
        let mut kept: Kept<u32, u32> = Kept::default();
        for key in [3, 1, 3, 2] {
            *kept.change(key, || Ok(10)).unwrap() += 1;
        }
        kept.get(7, || Ok(0)).unwrap();
        let mut written = Vec::new();
        kept.flush(|key, value| written.push((*key, *value)));
        assert_eq!(written, [(1, 11), (2, 11), (3, 12)]);
        kept.flush(|_, _| panic!("nothing changed since"));
    }

    #[test]
    fn what_is_used_survives_a_turn() {
        let mut kept: Kept<usize, usize> = Kept::default();
        for key in 0..=KEPT_MAX {
            kept.get(key, || Ok(key)).unwrap();
        }
        kept.flush(|_, _| {});
        let again = |kept: &mut Kept<usize, usize>, key| *kept.get(key, || Ok(0)).unwrap();
        assert_eq!(again(&mut kept, 5), 5);
        for key in 0..=KEPT_MAX {
            kept.get(key + 1_000_000, || Ok(key)).unwrap();
        }
        kept.flush(|_, _| {});
        assert_eq!((again(&mut kept, 5), again(&mut kept, 6)), (5, 0));
    }
}
