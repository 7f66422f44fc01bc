//! Decoded rows between the fold and the store: read once while hot, written once per batch.

use std::collections::BTreeMap;

use kith_base::{Digest, NodeId, PersonId};
use kith_event::Position;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::state::{Error, Read, Tx};
use crate::table::{self, AlsoViewed, HourRow, ItemHeat, LinkRow, NodeRow, PersonRow, SeenRow};

/// Most decoded rows of one table that are kept between batches.
const KEPT_MAX: usize = 20_000;

/// Two generations of decoded rows: what was used since the last turn, and what was used in the
/// one before. A turn drops the older generation, so memory stays within twice the limit and
/// what is hot stays.
#[derive(Debug)]
struct Rows<K, V> {
    recent: BTreeMap<K, Held<V>>,
    older: BTreeMap<K, Held<V>>,
}

#[derive(Debug)]
struct Held<V> {
    row: Option<V>,
    dirty: bool,
}

impl<K: Ord + Clone, V: DeserializeOwned + Serialize> Rows<K, V> {
    const fn new() -> Self {
        Rows {
            recent: BTreeMap::new(),
            older: BTreeMap::new(),
        }
    }

    fn load(
        &mut self,
        state: &dyn Read,
        id: &K,
        key: impl FnOnce() -> Vec<u8>,
    ) -> Result<&mut Held<V>, Error> {
        if !self.recent.contains_key(id) {
            let held = match self.older.remove(id) {
                Some(held) => held,
                None => Held {
                    row: table::read(state, &key())?,
                    dirty: false,
                },
            };
            self.recent.insert(id.clone(), held);
        }
        Ok(self
            .recent
            .get_mut(id)
            .expect("the row was put there above"))
    }

    fn flush(&mut self, tx: &mut dyn Tx, key: impl Fn(&K) -> Vec<u8>) {
        for (id, held) in self.recent.iter_mut().filter(|(_, held)| held.dirty) {
            match &held.row {
                Some(row) => tx.put(&key(id), table::encode(row)),
                None => tx.delete(&key(id)),
            }
            held.dirty = false;
        }
        if self.recent.len() > KEPT_MAX {
            self.older = std::mem::take(&mut self.recent);
        }
    }
}

/// Decoded rows that outlive a batch. Owned by the partition's thread; empty after an error,
/// because what it holds may be ahead of the store.
#[derive(Debug)]
pub struct Cache {
    nodes: Rows<NodeId, NodeRow>,
    links: Rows<(NodeId, NodeId), LinkRow>,
    heat: Rows<String, ItemHeat>,
    also_viewed: Rows<String, AlsoViewed>,
    hours: Rows<u64, HourRow>,
    numbers: BTreeMap<Vec<u8>, (u64, bool)>,
}

impl Default for Cache {
    fn default() -> Self {
        Cache {
            nodes: Rows::new(),
            links: Rows::new(),
            heat: Rows::new(),
            also_viewed: Rows::new(),
            hours: Rows::new(),
            numbers: BTreeMap::new(),
        }
    }
}

/// A batch in progress: the store's transaction and the decoded rows over it. Nothing of the
/// decoded rows reaches the transaction before [`Working::finish`].
pub struct Working<'a> {
    tx: &'a mut dyn Tx,
    cache: &'a mut Cache,
}

impl<'a> Working<'a> {
    /// Begins a batch.
    pub fn new(tx: &'a mut dyn Tx, cache: &'a mut Cache) -> Self {
        Working { tx, cache }
    }

    /// Writes all decoded rows and the position applied into the transaction. The caller commits.
    pub fn finish(self, applied: Position) {
        self.cache.nodes.flush(self.tx, |id| table::node(*id));
        self.cache
            .links
            .flush(self.tx, |(from, to)| table::link(*from, *to));
        self.cache.heat.flush(self.tx, |id| table::heat(id));
        self.cache
            .also_viewed
            .flush(self.tx, |id| table::also_viewed(id));
        self.cache.hours.flush(self.tx, |hour| table::hour(*hour));
        for (key, (value, dirty)) in &mut self.cache.numbers {
            if std::mem::take(dirty) {
                self.tx.put(key, value.to_be_bytes().to_vec());
            }
        }
        if self.cache.numbers.len() > KEPT_MAX {
            self.cache.numbers.clear();
        }
        self.tx
            .put(&table::mark(table::APPLIED), applied.to_be_bytes().to_vec());
    }

    /// The live definitions as this batch has left them.
    pub fn project(&self) -> Result<crate::Project, Error> {
        crate::Project::load(&*self.tx)
    }

    /// The transaction, for rows that are not decoded here.
    pub(crate) fn tx(&mut self) -> &mut dyn Tx {
        self.tx
    }

    pub(crate) fn node(&mut self, id: NodeId) -> Result<Option<&NodeRow>, Error> {
        Ok(self
            .cache
            .nodes
            .load(self.tx, &id, || table::node(id))?
            .row
            .as_ref())
    }

    /// The node to be changed, made by `new` when absent.
    pub(crate) fn node_mut(
        &mut self,
        id: NodeId,
        new: impl FnOnce() -> NodeRow,
    ) -> Result<&mut NodeRow, Error> {
        let held = self.cache.nodes.load(self.tx, &id, || table::node(id))?;
        held.dirty = true;
        Ok(held.row.get_or_insert_with(new))
    }

    pub(crate) fn link(&mut self, from: NodeId, to: NodeId) -> Result<Option<&LinkRow>, Error> {
        let held = self
            .cache
            .links
            .load(self.tx, &(from, to), || table::link(from, to))?;
        Ok(held.row.as_ref())
    }

    /// Writes a link from both ends, at once, so that ranges over links see it.
    pub(crate) fn put_link(&mut self, a: NodeId, b: NodeId, row: &LinkRow) -> Result<(), Error> {
        for (from, to) in [(a, b), (b, a)] {
            let held = self
                .cache
                .links
                .load(self.tx, &(from, to), || table::link(from, to))?;
            held.row = Some(row.clone());
            self.tx.put(&table::link(from, to), table::encode(row));
        }
        Ok(())
    }

    /// The neighbours of a node, by id, at most `limit`.
    pub(crate) fn links_of(
        &mut self,
        node: NodeId,
        limit: usize,
    ) -> Result<Vec<(NodeId, LinkRow)>, Error> {
        let prefix = table::links_of(node);
        let rows = self.tx.range(&prefix, &table::end_of(&prefix), limit)?;
        let read = |(key, bytes): (Vec<u8>, Vec<u8>)| {
            let row = table::decode(&key, &bytes)?;
            Ok(table::link_target(&key).map(|target| (target, row)))
        };
        rows.into_iter()
            .map(read)
            .filter_map(Result::transpose)
            .collect()
    }

    pub(crate) fn put_person(&mut self, person: PersonId, nodes: Vec<NodeId>) {
        self.tx
            .put(&table::person(person), table::encode(&PersonRow { nodes }));
    }

    pub(crate) fn seen(&self, key: Digest) -> Result<Option<SeenRow>, Error> {
        Ok(self
            .tx
            .get(&table::seen(key))?
            .and_then(|bytes| SeenRow::from_bytes(&bytes)))
    }

    pub(crate) fn heat_mut(&mut self, item_id: &str) -> Result<&mut ItemHeat, Error> {
        let id = item_id.to_owned();
        let held = self
            .cache
            .heat
            .load(self.tx, &id, || table::heat(item_id))?;
        held.dirty = true;
        Ok(held.row.get_or_insert_default())
    }

    pub(crate) fn also_viewed_mut(&mut self, item_id: &str) -> Result<&mut AlsoViewed, Error> {
        let id = item_id.to_owned();
        let held = self
            .cache
            .also_viewed
            .load(self.tx, &id, || table::also_viewed(item_id))?;
        held.dirty = true;
        Ok(held.row.get_or_insert_default())
    }

    pub(crate) fn hour_mut(&mut self, hour: u64) -> Result<&mut HourRow, Error> {
        let held = self
            .cache
            .hours
            .load(self.tx, &hour, || table::hour(hour))?;
        held.dirty = true;
        Ok(held.row.get_or_insert_default())
    }

    /// Adds to a stored number; it never goes below zero.
    pub(crate) fn add(&mut self, key: &[u8], delta: i64) -> Result<(), Error> {
        if !self.cache.numbers.contains_key(key) {
            let value = table::read_number(self.tx, key)?;
            self.cache.numbers.insert(key.to_vec(), (value, false));
        }
        let entry = self
            .cache
            .numbers
            .get_mut(key)
            .expect("the number was put there above");
        *entry = (entry.0.saturating_add_signed(delta), true);
        Ok(())
    }
}
