//! Many persons looked at in one go: the rows of a stretch of persons are read in their order, and
//! of each only what the rule asks for.
//!
//! Nodes lie under their leaders, so that a stretch of nodes is a stretch of persons. Before it is
//! read, what the batch changed so far is written back: the rows are the truth then.

use kith_base::{NodeId, PersonId, Timestamp, limits};
use kith_profile::Parts;

use super::audience;
use super::judge::Judge;
use crate::places::Places;
use crate::state::{Error, Row};
use crate::table::{self, MembershipRow, NodeRow};
use crate::{Project, Working};

/// Looks whether the persons after one are in the audience at `place`, without telling anybody.
/// Who is, is since `since`. Answers how many persons there were, and the last of them.
pub(super) fn find(
    working: &mut Working<'_>,
    project: &Project,
    (place, since): (usize, Timestamp),
    after: Option<PersonId>,
) -> Result<(usize, Option<PersonId>), Error> {
    working.write_back();
    let rows = node_rows(working, after)?;
    let persons: Vec<&[Row]> = rows.chunk_by(|(a, _), (b, _)| a[..17] == b[..17]).collect();
    let ends = (persons.first(), persons.last());
    let (Some(first), Some(last)) = (ends.0.and_then(person_of), ends.1.and_then(person_of)) else {
        return Ok((0, None));
    };
    let now = working.clock()?;
    let judge = Judge::new(working, project, now)?;
    let places = Places::from_iter([place]);
    let id = &project.audiences.all()[place].id;
    let (parts, is_alone) = asked(project, place);
    let mut members = Stretch::read(working, &table::members_of(id), (first, last))?;
    let mut memberships = match is_alone {
        true => Stretch::default(),
        false => Stretch::read(working, &[table::MEMBERSHIPS], (first, last))?,
    };
    for rows in &persons {
        let Some(person) = person_of(rows) else {
            continue;
        };
        let nodes = rows
            .iter()
            .map(|(key, bytes)| table::decode_parts(&parts, key, bytes));
        let nodes: Vec<NodeRow> = nodes.collect::<Result<_, _>>()?;
        let seen = || -> Vec<&NodeRow> { nodes.iter().collect() };
        let accounts = judge.accounts(working, &seen(), &places)?;
        let judged = |was, until| {
            let known = (seen(), accounts.as_ref());
            judge.judge((person, was), known, &places, until)
        };
        let key = table::membership(person);
        let stored = if is_alone {
            // Most change nothing and need no timer: what else they are in is not looked at.
            let is_member = members.find(person).is_some();
            let was = is_member.then_some(place).into_iter().collect();
            if judged(was, None).is_empty() {
                continue;
            }
            table::read(working.read(), &key)?
        } else {
            let bytes = memberships.find(person);
            bytes.map(|bytes| table::decode(&key, bytes)).transpose()?
        };
        let held: MembershipRow = stored.unwrap_or_default();
        let pass = judged(project.audiences.members(&held.audiences), held.due);
        if !pass.is_empty() {
            working.keep_membership(person, held)?;
            audience::found(working, project, person, pass, since, now)?;
        }
    }
    Ok((persons.len(), Some(last)))
}

/// The nodes of the persons after one, of each person all.
fn node_rows(working: &Working<'_>, after: Option<PersonId>) -> Result<Vec<Row>, Error> {
    let start = match after {
        Some(person) => table::end_of(&table::nodes_of(person.node())),
        None => vec![table::NODES],
    };
    let end = table::end_of(&[table::NODES]);
    let most = limits::PERSONS_PER_STEP_MAX;
    let mut rows = working.read().range(&start, &end, most + 1)?;
    if rows.len() > most {
        // The last person may have more of them.
        let last: Option<NodeId> = rows.last().and_then(|(key, _)| table::leader_of(key));
        while rows.last().and_then(|(key, _)| table::leader_of(key)) == last {
            rows.pop();
        }
    }
    Ok(rows)
}

// A person's nodes fit into a step.
const _: () = assert!(limits::COMPONENT_NODES_MAX <= limits::PERSONS_PER_STEP_MAX);

fn person_of(rows: &&[Row]) -> Option<PersonId> {
    let (key, _) = rows.first()?;
    table::leader_of(key).map(NodeId::person)
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

/// Rows whose keys end with a person, at most one of each, gone through in the order of persons.
#[derive(Default)]
struct Stretch {
    rows: Vec<Row>,
    next: usize,
}

impl Stretch {
    /// The rows under a prefix from one person to another.
    fn read(
        working: &Working<'_>,
        prefix: &[u8],
        (first, last): (PersonId, PersonId),
    ) -> Result<Self, Error> {
        let start = [prefix, &first.0].concat();
        let end = table::end_of(&[prefix, &last.0].concat());
        let rows = working.read().range(&start, &end, usize::MAX)?;
        Ok(Stretch { rows, next: 0 })
    }

    /// The row of a person, who comes after all that were asked for before.
    fn find(&mut self, person: PersonId) -> Option<&[u8]> {
        while let Some((key, row)) = self.rows.get(self.next) {
            let (_, other) = key.split_last_chunk::<16>()?;
            if *other >= person.0 {
                return (*other == person.0).then_some(row);
            }
            self.next += 1;
        }
        None
    }
}
