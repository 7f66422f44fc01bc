//! Persons, their memberships, and what is being computed about them.

use kith_base::{NodeId, PersonId, Timestamp};
use kith_event::Position;

use crate::Working;
use crate::audience::Audiences;
use crate::places::Places;
use crate::state::{Error, Read};
use crate::table::{self, JobRow, MembershipRow, NodeRow, PersonRow};

/// Decoded memberships.
#[derive(Debug, Default)]
pub(super) struct Membership {
    pub row: MembershipRow,
    /// The places of the audiences in it, among those of one stamp.
    places: Option<(u64, Places)>,
}

impl From<MembershipRow> for Membership {
    fn from(row: MembershipRow) -> Self {
        Membership { row, places: None }
    }
}

impl Working<'_> {
    /// The partition's clock: the latest instant any record told. It never goes back.
    pub(crate) fn clock(&mut self) -> Result<Timestamp, Error> {
        if let Some(clock) = self.cache.clock {
            return Ok(clock);
        }
        let stored = table::read_number(&*self.tx, &table::mark(table::CLOCK))?;
        let clock = Timestamp::from_millis(stored.cast_signed());
        self.cache.clock = Some(clock);
        Ok(clock)
    }

    /// A record told this instant.
    pub(crate) fn advance_clock(&mut self, to: Timestamp) -> Result<(), Error> {
        if to > self.clock()? {
            self.cache.clock = Some(to);
            let millis = to.as_millis().max(0).cast_unsigned();
            self.put_number(&table::mark(table::CLOCK), millis)?;
        }
        Ok(())
    }

    /// The number of the next change that the record at `position` makes: 1, 2, 3, …
    pub(crate) fn next_change_number(&mut self, position: Position) -> u32 {
        let (last, number) = &mut self.changes;
        *number = if *last == position { *number + 1 } else { 1 };
        *last = position;
        *number
    }

    /// Whose node it is.
    pub(crate) fn person_of(&mut self, id: NodeId) -> Result<PersonId, Error> {
        Ok(self.node(id)?.map_or(id, |row| row.leader).person())
    }

    /// A node that is known, to be changed.
    pub(crate) fn known_node_mut(&mut self, id: NodeId) -> Result<&mut NodeRow, Error> {
        self.node_mut(id, || unreachable!("node {id} was read just before"))
    }

    /// The person's nodes, all of them decoded and at hand for [`Working::loaded`].
    pub(crate) fn load_person(&mut self, person: PersonId) -> Result<Vec<NodeId>, Error> {
        let tx: &dyn Read = self.tx;
        let load = || table::read(tx, &table::person(person));
        let row: &Option<PersonRow> = self.cache.persons.get(&person, load)?;
        let nodes = row.as_ref().map_or_else(Vec::new, |row| row.nodes.clone());
        for node in &nodes {
            let load = || table::read(tx, &table::node(person.node(), *node));
            self.cache.nodes.get(node, load)?;
        }
        Ok(nodes)
    }

    /// Puts a node under a leader: its own, who leads its person, or itself.
    pub(crate) fn lead(&mut self, id: NodeId, leader: NodeId) -> Result<(), Error> {
        let Some(before) = self.node(id)?.map(|row| row.leader) else {
            return Ok(());
        };
        if before == leader {
            return Ok(());
        }
        self.known_node_mut(id)?.leader = leader;
        self.tx.delete(&table::node(before, id));
        match leader == id {
            true => self.tx.delete(&table::leader(id)),
            false => self.tx.put(&table::leader(id), leader.0.to_vec()),
        }
        Ok(())
    }

    /// A node read before in this batch.
    pub(crate) fn loaded(&self, id: NodeId) -> Option<&NodeRow> {
        self.cache.nodes.held(&id)?.as_deref()
    }

    /// Keeps memberships that were just read from the store.
    pub(crate) fn keep_membership(
        &mut self,
        person: PersonId,
        row: MembershipRow,
    ) -> Result<(), Error> {
        self.cache.memberships.get(&person, || Ok(row.into()))?;
        Ok(())
    }

    /// The person's memberships; empty for somebody unknown.
    pub(crate) fn membership(&mut self, person: PersonId) -> Result<&MembershipRow, Error> {
        let tx: &dyn Read = self.tx;
        let load = || load_membership(tx, person);
        Ok(&self.cache.memberships.get(&person, load)?.row)
    }

    /// The memberships to be changed.
    pub(crate) fn membership_mut(&mut self, person: PersonId) -> Result<&mut MembershipRow, Error> {
        let tx: &dyn Read = self.tx;
        let load = || load_membership(tx, person);
        let held = self.cache.memberships.change(&person, load)?;
        held.places = None;
        Ok(&mut held.row)
    }

    /// Places of the audiences that the person is in.
    pub(crate) fn members(
        &mut self,
        audiences: &Audiences,
        person: PersonId,
    ) -> Result<&Places, Error> {
        let tx: &dyn Read = self.tx;
        let load = || load_membership(tx, person);
        let held = self.cache.memberships.get(&person, load)?;
        let stamp = audiences.stamp();
        if held.places.as_ref().is_some_and(|(of, _)| *of != stamp) {
            held.places = None;
        }
        let row = &held.row;
        let find = || (stamp, audiences.members(&row.audiences));
        Ok(&held.places.get_or_insert_with(find).1)
    }

    /// True when one of the person's nodes was put on the list.
    pub(crate) fn is_listed(&mut self, list: &str, person: PersonId) -> Result<bool, Error> {
        for node in self.load_person(person)? {
            if self.tx.get(&table::listed(list, node))?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Audiences whose members are being found, by id.
    pub(crate) fn jobs(&mut self) -> Result<&[(String, JobRow)], Error> {
        if self.cache.jobs.is_none() {
            self.cache.jobs = Some(table::jobs(&*self.tx)?);
        }
        Ok(self.cache.jobs.as_deref().unwrap_or_default())
    }

    /// Writes how far finding an audience's members has come; `None` when it is done.
    pub(crate) fn put_job(&mut self, audience: &str, job: Option<&JobRow>) {
        let key = table::job(audience);
        match job {
            Some(job) => self.tx.put(&key, table::encode(job)),
            None => self.tx.delete(&key),
        }
        self.cache.jobs = None;
    }
}

fn load_membership(tx: &dyn Read, person: PersonId) -> Result<Membership, Error> {
    let row: MembershipRow = super::read_or_default(tx, &table::membership(person))?;
    Ok(row.into())
}
