//! Many persons looked at in one go: the rows of a stretch of persons are read in their order, and
//! of each only what the rule asks for.
//!
//! Nodes lie under their leaders, so that those of a stretch of persons are a stretch of nodes.
//! What the batch changed counts, because the store has an older one.

use std::borrow::Cow;
use std::cell::Cell;

use kith_base::{PersonId, Timestamp, limits};
use kith_profile::Parts;

use super::audience;
use super::judge::Judge;
use crate::places::Places;
use crate::state::{Error, Read, Row};
use crate::table::{self, MembershipRow, NodeRow, PersonRow};
use crate::{Project, Working};

/// Nodes read for a stretch of persons, for each of them; those of persons with very many are read
/// one by one.
const NODES_PER_PERSON: usize = 4;

/// Looks whether persons are in the audience at `place`, without telling anybody. Who is, is
/// since `since`. `persons` are rows of their table, in order.
pub(super) fn find(
    working: &mut Working<'_>,
    project: &Project,
    place: usize,
    since: Timestamp,
    persons: &[Row],
) -> Result<(), Error> {
    let (Some(first), Some(last)) = (persons.first(), persons.last()) else {
        return Ok(());
    };
    let now = working.clock()?;
    let judge = Judge::new(working, project, now)?;
    let places = Places::from_iter([place]);
    let id = &project.audiences.all()[place].id;
    let (parts, is_alone) = asked(project, place);
    let most = limits::PERSONS_PER_STEP_MAX;
    let nodes = Stretch::read(
        working,
        &[table::NODES],
        first,
        last,
        most * NODES_PER_PERSON,
    )?;
    let members = Stretch::read(working, &table::members_of(id), first, last, most)?;
    let memberships = match is_alone {
        true => Stretch::default(),
        false => Stretch::read(working, b"e", first, last, most)?,
    };
    for (key, bytes) in persons {
        let Some(person) = person_of(key) else {
            continue;
        };
        let row: PersonRow = table::decode(key, bytes)?;
        let rows = node_rows(working, &nodes, (person, &row), &parts)?;
        let seen = || -> Vec<&NodeRow> { rows.iter().map(|row| &**row).collect() };
        let accounts = judge.accounts(working, &seen(), &places)?;
        let judged = |was, until| {
            let known = (seen(), accounts.as_ref());
            judge.judge((person, was), known, &places, until)
        };
        if is_alone {
            // Most change nothing and need no timer: what else they are in is not looked at.
            let is_member = members.get(working, &table::member(id, person))?.is_some();
            let was = is_member.then_some(place).into_iter().collect();
            if judged(was, None).is_empty() {
                continue;
            }
        }
        let held = held(working, &memberships, person)?;
        let pass = judged(project.audiences.members(&held.audiences), held.due);
        if pass.is_empty() {
            continue;
        }
        let held: MembershipRow = held.into_owned();
        drop(rows);
        working.keep_membership(person, held)?;
        audience::found(working, project, person, pass, since, now)?;
    }
    Ok(())
}

/// What a person is in: as this batch changed it, else as stored.
fn held<'a>(
    working: &'a Working<'_>,
    stretch: &Stretch,
    person: PersonId,
) -> Result<Cow<'a, MembershipRow>, Error> {
    if let Some(held) = working.newer_membership(person) {
        return Ok(Cow::Borrowed(held));
    }
    let key = table::membership(person);
    let stored = stretch.get(working, &key)?;
    let decoded = stored
        .map(|bytes| table::decode(&key, &bytes))
        .transpose()?;
    Ok(Cow::Owned(decoded.unwrap_or_default()))
}

/// What the rules of an audience, and of those that refer to it, look at, and whether its own
/// asks for no other audience.
fn asked(project: &Project, place: usize) -> (Parts, bool) {
    let audiences = &project.audiences;
    let places = audiences.with_dependents(place);
    let keys_of = |place: usize| {
        let rule = audiences.all()[place].rule.as_ref();
        let slots = rule.map_or(&[][..], |rule| rule.slots());
        slots.iter().map(|slot| audiences.facts().key(*slot))
    };
    let parts = Parts::of(places.iter().flat_map(keys_of), &project.features);
    (parts, keys_of(place).all(|key| key.audience().is_none()))
}

/// The nodes of a person: those that this batch changed whole, the others as far as they are looked
/// at.
fn node_rows<'a>(
    working: &'a Working<'_>,
    stretch: &Stretch,
    (person, row): (PersonId, &PersonRow),
    parts: &Parts,
) -> Result<Vec<Cow<'a, NodeRow>>, Error> {
    let mut rows = Vec::with_capacity(row.nodes.len());
    for node in &row.nodes {
        if let Some(row) = working.newer_node(*node) {
            rows.push(Cow::Borrowed(row));
            continue;
        }
        let key = table::node(person.node(), *node);
        if let Some(bytes) = stretch.get(working, &key)? {
            rows.push(Cow::Owned(table::decode_parts(parts, &key, &bytes)?));
        }
    }
    Ok(rows)
}

fn person_of(key: &[u8]) -> Option<PersonId> {
    Some(PersonId(key.get(1..17)?.try_into().ok()?))
}

/// Rows under a prefix from the id of one person to that of another, read at once.
#[derive(Default)]
struct Stretch {
    rows: Vec<Row>,
    /// The row after the one found last: the next to be asked for, as a rule.
    next: Cell<usize>,
    start: Vec<u8>,
    /// Before this key every row there is was read.
    end: Vec<u8>,
}

impl Stretch {
    fn read(
        working: &mut Working<'_>,
        prefix: &[u8],
        first: &Row,
        last: &Row,
        most: usize,
    ) -> Result<Self, Error> {
        let of = |key: &[u8]| [prefix, &key[1..]].concat();
        let start = of(&first.0);
        let mut end = table::end_of(&of(&last.0));
        let rows = Read::range(working.tx(), &start, &end, most)?;
        if let Some((last, _)) = rows.last()
            && rows.len() == most
        {
            end.clone_from(last);
        }
        Ok(Stretch {
            rows,
            next: Cell::new(0),
            start,
            end,
        })
    }

    /// The row under a key, from the store when it is not in the stretch.
    fn get(&self, working: &Working<'_>, key: &[u8]) -> Result<Option<Cow<'_, [u8]>>, Error> {
        let next = self.rows.get(self.next.get());
        if let Some((_, row)) = next.filter(|(known, _)| known == key) {
            self.next.update(|next| next + 1);
            return Ok(Some(Cow::Borrowed(row)));
        }
        if !(&*self.start..&*self.end).contains(&key) {
            return Ok(working.read().get(key)?.map(Cow::Owned));
        }
        let found = self
            .rows
            .binary_search_by(|(known, _)| known.as_slice().cmp(key));
        let Ok(found) = found else {
            return Ok(None);
        };
        self.next.set(found + 1);
        Ok(Some(Cow::Borrowed(&self.rows[found].1)))
    }
}
