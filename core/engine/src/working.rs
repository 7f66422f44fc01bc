//! Decoded rows between the fold and the store: read once while hot, written once per batch.

use kith_base::{DecayedSum, Digest, Key, NodeId, PersonId, Timestamp};
use kith_event::Position;
use serde::de::DeserializeOwned;

use crate::state::{Error, Read, Tx};
use crate::table::{
    self, HourRow, ItemHeat, JobRow, LinkHead, MembershipRow, NodeRow, PersonRow, SeenRow,
    VerdictRow,
};

mod kept;
mod neighbours;
mod partners;
mod people;
mod timers;

use kept::Kept;
use neighbours::Neighbours;
pub(crate) use partners::{Partners, SPARE};
use people::Membership;

/// Rows of one table in one generation: of at most a few hundred bytes, and as many as nodes come
/// back; of about a hundred, of a few thousand, and of ten thousand. Together the cache stays below
/// [`Cache::SIZE_MAX_BYTES`], and far below it with fewer hot rows.
const SMALLEST: usize = 60_000;
const SMALL: usize = 20_000;
const LARGE: usize = 24_000;
const LARGEST: usize = 2_000;

/// Decoded rows that outlive a batch. Owned by the partition's thread; empty after an error,
/// because what it holds may be ahead of the store.
#[derive(Debug, Default)]
pub struct Cache {
    nodes: Kept<NodeId, Option<Box<NodeRow>>, LARGE>,
    /// Of nodes with many.
    links: Kept<(NodeId, NodeId), Option<LinkHead>, SMALL>,
    neighbours: Kept<NodeId, Neighbours, SMALLEST>,
    /// By item id, like partners.
    heat: Kept<Key<'static>, ItemHeat, SMALL>,
    partners: Kept<Key<'static>, Partners, LARGEST>,
    hours: Kept<u64, HourRow, LARGEST>,
    numbers: Kept<Key<'static>, u64, SMALL>,
    persons: Kept<PersonId, Option<PersonRow>, SMALL>,
    memberships: Kept<PersonId, Membership, SMALL>,
    clock: Option<Timestamp>,
    jobs: Option<Vec<(String, JobRow)>>,
}

impl Cache {
    /// Memory that a cache of one times its limits takes at most.
    pub const SIZE_MAX_BYTES: u64 = 400_000_000;

    /// Empty, with room for so many times its limits.
    pub fn roomy(times: usize) -> Self {
        Cache {
            nodes: Kept::roomy(times),
            links: Kept::roomy(times),
            neighbours: Kept::roomy(times),
            heat: Kept::roomy(times),
            partners: Kept::roomy(times),
            hours: Kept::roomy(times),
            numbers: Kept::roomy(times),
            persons: Kept::roomy(times),
            memberships: Kept::roomy(times),
            clock: None,
            jobs: None,
        }
    }
}

/// A batch in progress: the store's transaction and the decoded rows over it. Nothing of the
/// decoded rows reaches the transaction before [`Working::finish`].
pub struct Working<'a> {
    tx: &'a mut dyn Tx,
    cache: &'a mut Cache,
    /// The last record that changed memberships, and how often.
    changes: (Position, u32),
}

impl<'a> Working<'a> {
    /// Begins a batch.
    pub fn new(tx: &'a mut dyn Tx, cache: &'a mut Cache) -> Self {
        Working {
            tx,
            cache,
            changes: (0, 0),
        }
    }

    /// Writes what changed of the decoded rows, and the position applied, into the transaction.
    /// The caller commits.
    pub fn finish(mut self, applied: Position) {
        self.write_back();
        let applied = applied.to_be_bytes().to_vec();
        self.tx.put(&table::mark(table::APPLIED), applied);
    }

    /// Writes what changed of the decoded rows into the transaction, for whoever reads rows there.
    pub(crate) fn write_back(&mut self) {
        let (tx, cache) = (&mut *self.tx, &mut *self.cache);
        let mut bytes = Vec::with_capacity(4_096);
        cache.nodes.flush(|id, row| {
            if let Some(row) = row {
                row.fold.series.pack();
                table::encode_into(row, &mut bytes);
                tx.put(&table::node(row.leader, *id), bytes.clone());
            }
        });
        cache.neighbours.flush(|node, held| {
            if let Neighbours::Few(held) = held {
                table::put_few_neighbours(tx, *node, held, &mut bytes);
            }
        });
        cache.links.flush(|_, _| {});
        // Persons are written at once; see `put_person`.
        cache.persons.flush(|_, _| {});
        cache.memberships.flush(|person, held| {
            let key = table::membership(*person);
            if held.row == MembershipRow::default() {
                tx.delete(&key);
            } else {
                tx.put(&key, table::encode(&held.row));
            }
        });
        cache
            .heat
            .flush(|item_id, heat| write_heat(tx, text(item_id), heat));
        cache
            .partners
            .flush(|item_id, partners| partners.write(tx, text(item_id)));
        cache
            .hours
            .flush(|hour, row| tx.put(&table::hour(*hour), table::encode(row)));
        cache.numbers.flush(|key, value| {
            let key = key.as_bytes();
            if *value == 0 && key.first() == Some(&table::ACCOUNT_NUMBER) {
                tx.delete(key);
            } else {
                tx.put(key, value.to_be_bytes().to_vec());
            }
        });
    }

    /// The live definitions as this batch has left them, with everything computed made to fit
    /// them. The next record to be applied is the one at `position`.
    pub(crate) fn project(&mut self, position: Position) -> Result<crate::Project, Error> {
        let generation = table::mark(table::GENERATION);
        let before = self.number(&generation)?;
        let project = crate::Project::load(&*self.tx)?;
        crate::apply::reconcile(self, &project, position)?;
        if self.number(&generation)? == before {
            return Ok(project);
        }
        // Series were begun: it has to know their generations.
        crate::Project::load(&*self.tx)
    }

    /// The transaction, for rows that are not decoded here.
    pub(crate) fn tx(&mut self) -> &mut dyn Tx {
        self.tx
    }

    /// The transaction, to be read.
    pub(crate) fn read(&self) -> &dyn Read {
        self.tx
    }

    pub(crate) fn node(&mut self, id: NodeId) -> Result<Option<&NodeRow>, Error> {
        let tx: &dyn Read = self.tx;
        let load = || Ok(table::read_node(tx, id)?.map(Box::new));
        Ok(self.cache.nodes.get(&id, load)?.as_deref())
    }

    /// Makes a node that the store does not have, so that it has no links there either.
    pub(crate) fn add_node(&mut self, id: NodeId, row: NodeRow) -> Result<(), Error> {
        *self.cache.nodes.change(&id, || Ok(None))? = Some(Box::new(row));
        self.knows_no_neighbours(id)
    }

    /// The node to be changed, made by `new` when absent.
    pub(crate) fn node_mut(
        &mut self,
        id: NodeId,
        new: impl FnOnce() -> NodeRow,
    ) -> Result<&mut NodeRow, Error> {
        let tx: &dyn Read = self.tx;
        let load = || Ok(table::read_node(tx, id)?.map(Box::new));
        let row = self.cache.nodes.change(&id, load)?;
        Ok(row.get_or_insert_with(|| Box::new(new())))
    }

    /// What operators said of a node and others, by the others' ids.
    pub(crate) fn verdicts_of(&self, node: NodeId) -> Result<Vec<(NodeId, VerdictRow)>, Error> {
        table::verdicts(&*self.tx, node)
    }

    /// Writes a person's nodes, at once, so that ranges over persons see it.
    pub(crate) fn put_person(&mut self, person: PersonId, nodes: Vec<NodeId>) -> Result<(), Error> {
        let row = PersonRow { nodes };
        self.tx.put(&table::person(person), table::encode(&row));
        *self.cache.persons.get(&person, || Ok(None))? = Some(row);
        Ok(())
    }

    /// The person is no more: its nodes belong to others.
    pub(crate) fn delete_person(&mut self, person: PersonId) -> Result<(), Error> {
        self.tx.delete(&table::person(person));
        *self.cache.persons.get(&person, || Ok(None))? = None;
        Ok(())
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
        self.cache.heat.change(&Key::new(item_id.as_bytes()), load)
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
        let key = Key::new(item_id.as_bytes());
        let partners = self.cache.partners.change(&key, load)?;
        for gone in partners.add(partner, add) {
            self.tx.delete(&table::also_viewed(item_id, &gone));
        }
        Ok(())
    }

    pub(crate) fn hour_mut(&mut self, hour: u64) -> Result<&mut HourRow, Error> {
        let tx: &dyn Read = self.tx;
        let load = || read_or_default(tx, &table::hour(hour));
        self.cache.hours.change(&hour, load)
    }

    /// A stored number as this batch has left it.
    pub(crate) fn number(&mut self, key: &[u8]) -> Result<u64, Error> {
        let tx: &dyn Read = self.tx;
        let load = || table::read_number(tx, key);
        Ok(*self.cache.numbers.get(&Key::new(key), load)?)
    }

    /// The same without keeping it longer.
    pub(crate) fn number_at_hand(&self, key: &[u8]) -> Result<u64, Error> {
        match self.cache.numbers.newer(&Key::new(key)) {
            Some(number) => Ok(*number),
            None => table::read_number(self.read(), key),
        }
    }

    /// Sets a stored number.
    pub(crate) fn put_number(&mut self, key: &[u8], value: u64) -> Result<(), Error> {
        *self.cache.numbers.change(&Key::new(key), || Ok(0))? = value;
        Ok(())
    }

    /// Adds to a stored number, which never goes below zero, and answers it.
    pub(crate) fn add(&mut self, key: &[u8], delta: i64) -> Result<u64, Error> {
        let tx: &dyn Read = self.tx;
        let load = || table::read_number(tx, key);
        let number = self.cache.numbers.change(&Key::new(key), load)?;
        *number = number.saturating_add_signed(delta);
        Ok(*number)
    }
}

fn text<'a>(item_id: &'a Key<'_>) -> &'a str {
    std::str::from_utf8(item_id.as_bytes()).expect("the key was made from text")
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
