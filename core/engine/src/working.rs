//! Decoded rows between the fold and the store: read once while hot, written once per batch.

use kith_base::{DecayedSum, Digest, NodeId, PersonId};
use kith_event::Position;
use serde::de::DeserializeOwned;

use crate::state::{Error, Read, Tx};
use crate::table::{self, HourRow, ItemHeat, LinkRow, NodeRow, PersonRow, SeenRow};

mod kept;
mod partners;

use kept::Kept;
pub(crate) use partners::{Partners, SPARE};

/// Decoded rows that outlive a batch. Owned by the partition's thread; empty after an error,
/// because what it holds may be ahead of the store.
#[derive(Debug, Default)]
pub struct Cache {
    nodes: Kept<NodeId, Option<NodeRow>>,
    links: Kept<(NodeId, NodeId), Option<LinkRow>>,
    heat: Kept<String, ItemHeat>,
    partners: Kept<String, Partners>,
    hours: Kept<u64, HourRow>,
    numbers: Kept<Vec<u8>, u64>,
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

    /// Writes what changed of the decoded rows, and the position applied, into the transaction.
    /// The caller commits.
    pub fn finish(self, applied: Position) {
        let (tx, cache) = (self.tx, self.cache);
        let mut bytes = Vec::with_capacity(4_096);
        cache.nodes.flush(|id, row| match row {
            Some(row) => {
                table::encode_into(row, &mut bytes);
                tx.put(&table::node(*id), bytes.clone());
            }
            None => tx.delete(&table::node(*id)),
        });
        // Links are written at once; see `put_link`.
        cache.links.flush(|_, _| {});
        cache
            .heat
            .flush(|item_id, heat| write_heat(tx, item_id, heat));
        cache
            .partners
            .flush(|item_id, partners| partners.write(tx, item_id));
        cache
            .hours
            .flush(|hour, row| tx.put(&table::hour(*hour), table::encode(row)));
        cache
            .numbers
            .flush(|key, value| tx.put(key, value.to_be_bytes().to_vec()));
        tx.put(&table::mark(table::APPLIED), applied.to_be_bytes().to_vec());
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
        let tx: &dyn Read = self.tx;
        let load = || table::read(tx, &table::node(id));
        Ok(self.cache.nodes.get(id, load)?.as_ref())
    }

    /// The node to be changed, made by `new` when absent.
    pub(crate) fn node_mut(
        &mut self,
        id: NodeId,
        new: impl FnOnce() -> NodeRow,
    ) -> Result<&mut NodeRow, Error> {
        let tx: &dyn Read = self.tx;
        let load = || table::read(tx, &table::node(id));
        Ok(self.cache.nodes.change(id, load)?.get_or_insert_with(new))
    }

    pub(crate) fn link(&mut self, from: NodeId, to: NodeId) -> Result<Option<&LinkRow>, Error> {
        let tx: &dyn Read = self.tx;
        let load = || table::read(tx, &table::link(from, to));
        Ok(self.cache.links.get((from, to), load)?.as_ref())
    }

    /// Writes a link from both ends, at once, so that ranges over links see it.
    pub(crate) fn put_link(&mut self, a: NodeId, b: NodeId, row: &LinkRow) -> Result<(), Error> {
        for (from, to) in [(a, b), (b, a)] {
            *self.cache.links.get((from, to), || Ok(None))? = Some(row.clone());
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
        let tx: &dyn Read = self.tx;
        let load = || read_or_default(tx, &table::heat(item_id));
        self.cache.heat.change(item_id.to_owned(), load)
    }

    /// Adds one view of `partner` together with `item_id`.
    pub(crate) fn add_partner(
        &mut self,
        item_id: &str,
        partner: &str,
        add: impl FnOnce(&mut DecayedSum),
    ) -> Result<(), Error> {
        let tx: &dyn Read = self.tx;
        let load = || Partners::read(tx, item_id);
        let partners = self.cache.partners.change(item_id.to_owned(), load)?;
        for gone in partners.add(partner, add) {
            self.tx.delete(&table::also_viewed(item_id, &gone));
        }
        Ok(())
    }

    pub(crate) fn hour_mut(&mut self, hour: u64) -> Result<&mut HourRow, Error> {
        let tx: &dyn Read = self.tx;
        let load = || read_or_default(tx, &table::hour(hour));
        self.cache.hours.change(hour, load)
    }

    /// Adds to a stored number; it never goes below zero.
    pub(crate) fn add(&mut self, key: &[u8], delta: i64) -> Result<(), Error> {
        let tx: &dyn Read = self.tx;
        let load = || table::read_number(tx, key);
        let number = self.cache.numbers.change(key.to_vec(), load)?;
        *number = number.saturating_add_signed(delta);
        Ok(())
    }
}

fn read_or_default<T: DeserializeOwned + Default>(
    state: &dyn Read,
    key: &[u8],
) -> Result<T, Error> {
    Ok(table::read(state, key)?.unwrap_or_default())
}

/// Writes an item's heat and moves the item in the index by heat: once a batch, however often
/// it was touched.
fn write_heat(tx: &mut dyn Tx, item_id: &str, heat: &mut ItemHeat) {
    let rank = heat.heat.rank().map(table::rank_key);
    let before = std::mem::replace(&mut heat.rank, rank);
    if before != rank {
        if let Some(before) = before {
            tx.delete(&table::heat_rank(before, item_id));
        }
        if let Some(rank) = rank {
            tx.put(&table::heat_rank(rank, item_id), Vec::new());
        }
    }
    tx.put(&table::heat(item_id), table::encode(heat));
}
