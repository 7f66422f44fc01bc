//! Where candidates are found: under each key the newest visitor ids that had it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use kith_base::limits::VISITOR_KEYS_MAX;

use super::session::{Net, Session};

/// A key under which ids are found again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    /// The full address.
    Address(u64),
    /// The network of a home.
    Home(u64),
    /// The network with the device.
    Network(u64, u64),
    /// The device.
    Device(u64),
    /// An item with the device.
    Item(u32, u64),
}

/// Most items of one session that are keys.
const ITEM_KEYS_MAX: usize = 12;

impl Key {
    /// How many ids are kept under the key.
    fn capacity(self) -> usize {
        match self {
            Key::Address(_) => 40,
            Key::Home(_) => 20,
            Key::Network(..) => 25,
            Key::Device(_) => 30,
            Key::Item(..) => 6,
        }
    }

    pub fn all(session: &Session) -> Vec<Key> {
        let device = session.device.signature();
        let mut keys = vec![
            Key::Address(session.ip),
            Key::Network(session.network, device),
            Key::Device(device),
        ];
        if session.net == Net::Fixed {
            keys.push(Key::Home(session.network));
        }
        let items = session.items.iter().take(ITEM_KEYS_MAX);
        keys.extend(items.map(|item| Key::Item(*item, device)));
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

/// The newest ids of each key.
#[derive(Clone, Debug, Default)]
pub(super) struct Rings {
    rings: BTreeMap<Key, VecDeque<u64>>,
}

impl Rings {
    /// The ids under any of the keys, each once.
    pub fn candidates(&self, keys: &[Key]) -> Vec<u64> {
        let mut found: Vec<u64> = keys
            .iter()
            .filter_map(|key| self.rings.get(key))
            .flatten()
            .copied()
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    pub fn insert(&mut self, keys: &[Key], visitor: u64) {
        for key in keys {
            if self.rings.len() >= VISITOR_KEYS_MAX && !self.rings.contains_key(key) {
                continue;
            }
            let ring = self.rings.entry(*key).or_default();
            ring.retain(|known| *known != visitor);
            ring.push_back(visitor);
            if ring.len() > key.capacity() {
                ring.pop_front();
            }
        }
    }

    /// Drops ids from every ring.
    pub fn remove(&mut self, ids: &BTreeSet<u64>) {
        self.rings.retain(|_, ring| {
            ring.retain(|known| !ids.contains(known));
            !ring.is_empty()
        });
    }

    /// Whether an id is under any key.
    #[cfg(test)]
    pub fn knows(&self, visitor: u64) -> bool {
        self.rings.values().flatten().any(|id| *id == visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_holds_the_newest_ids() {
        let key = Key::Device(1);
        let most = key.capacity() as u64;
        let mut rings = Rings::default();
        for visitor in 1..=most {
            rings.insert(&[key], visitor);
        }
        // Somebody who is back is new again.
        rings.insert(&[key], 1);
        assert_eq!(rings.candidates(&[key]), (1..=most).collect::<Vec<u64>>());
        rings.insert(&[key], 0);
        let expect: Vec<u64> = [0, 1].into_iter().chain(3..=most).collect();
        assert_eq!(rings.candidates(&[key, key]), expect);
        rings.remove(&BTreeSet::from([0, 1]));
        assert!(!rings.knows(0) && rings.knows(3));
    }
}
