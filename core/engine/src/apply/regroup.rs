//! Memberships when persons merge or part.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::{NodeId, PersonId, Timestamp};
use kith_event::{Identifier, Position};

use super::audience::{evaluate_only, reschedule, set, settle};
use super::traits;
use crate::audience::earlier;
use crate::state::Error;
use crate::table::{self, Entry, IdentityEvent, MembershipRow, RegroupRow};
use crate::{Effect, Project, Working};

/// Persons after their nodes were divided anew.
pub(super) struct Regrouped {
    /// Before.
    pub before: BTreeSet<PersonId>,
    /// After.
    pub after: BTreeSet<PersonId>,
    /// Of each after, whose nodes they have.
    pub origins: BTreeMap<PersonId, BTreeSet<PersonId>>,
    /// Those who grew beyond as many identifiers as operators are told of, with how many.
    pub large: Vec<(PersonId, usize)>,
    /// Identifiers that became generic, or are so no longer.
    pub judged_anew: Vec<(Identifier, bool)>,
}

impl Regrouped {
    /// True when everybody has the nodes they had.
    pub fn changes_nobody(&self) -> bool {
        let mut origins = self.origins.iter();
        self.before == self.after && origins.all(|(person, of)| of.iter().eq([person]))
    }
}

/// What follows for memberships and for what webhooks are told.
pub(super) fn after(
    working: &mut Working<'_>,
    project: &Project,
    position: Position,
    groups: &Regrouped,
    effects: &mut Vec<Effect>,
) -> Result<(), Error> {
    regroup(working, project, position, groups, effects)?;
    traits::regroup(working, project, position, groups)
}

/// Notes who became one and who parted, but for nodes `made` by the same record, which were
/// nobody before.
pub(super) fn tell(
    working: &mut Working<'_>,
    position: Position,
    groups: &Regrouped,
    made: &[NodeId],
    by: &str,
) -> Result<(), Error> {
    let is_made = |person: &PersonId| made.contains(&person.node());
    let mut entries: Vec<(PersonId, Entry)> = Vec::new();
    for (person, origins) in &groups.origins {
        let gone = |id: &&PersonId| !groups.after.contains(id) && !is_made(id);
        let taken_in: Vec<PersonId> = origins.iter().filter(gone).copied().collect();
        let is_new = !groups.before.contains(person);
        // A new leader of the same nodes is no merge of one into another.
        let is_renamed = is_new && taken_in.len() == 1 && origins.len() == 1;
        if !taken_in.is_empty() && !is_renamed {
            let (others, merged) = (taken_in, true);
            entries.push((*person, Entry::Regrouped { others, merged }));
        }
        if is_new && !is_made(person) {
            for left in origins.intersection(&groups.after) {
                for (whose, other) in [(left, person), (person, left)] {
                    let (others, merged) = (vec![*other], false);
                    entries.push((*whose, Entry::Regrouped { others, merged }));
                }
            }
        }
    }
    let at = working.clock()?;
    for event in remarks(groups) {
        let (persons, what) = event;
        let row = RegroupRow {
            at,
            before: persons.clone(),
            after: persons,
            by: by.to_owned(),
            what,
        };
        put(working, position, &row);
    }
    if entries.is_empty() {
        return Ok(());
    }
    for (person, entry) in entries {
        let number = working.next_change_number(position);
        let mut key = table::timeline(person.node(), at, position);
        key.extend_from_slice(&number.to_be_bytes());
        working.tx().put(&key, entry.to_bytes());
    }
    let known = |persons: &BTreeSet<PersonId>| {
        let persons = persons.iter().filter(|id| !is_made(id));
        persons.copied().collect()
    };
    let row = RegroupRow {
        at,
        before: known(&groups.before),
        after: groups.after.iter().copied().collect(),
        by: by.to_owned(),
        what: IdentityEvent::Regrouped,
    };
    put(working, position, &row);
    Ok(())
}

fn put(working: &mut Working<'_>, position: Position, row: &RegroupRow) {
    let number = working.next_change_number(position);
    let key = table::regrouping(position, number);
    working.tx().put(&key, table::encode(row));
}

/// What operators are told beside merges and splits, and of whom.
fn remarks(groups: &Regrouped) -> Vec<(Vec<PersonId>, IdentityEvent)> {
    let large = groups.large.iter();
    let large = large.map(|(person, size)| {
        let size = u32::try_from(*size).unwrap_or(u32::MAX);
        (vec![*person], IdentityEvent::Large(size))
    });
    let judged = groups.judged_anew.iter().map(|(identifier, generic)| {
        let event = match generic {
            true => IdentityEvent::Generic(identifier.clone()),
            false => IdentityEvent::Personal(identifier.clone()),
        };
        (Vec::new(), event)
    });
    judged.chain(large).collect()
}

/// Moves memberships along: who stays in an audience through a merge or a split neither enters
/// nor leaves it.
fn regroup(
    working: &mut Working<'_>,
    project: &Project,
    position: Position,
    groups: &Regrouped,
    effects: &mut Vec<Effect>,
) -> Result<(), Error> {
    let now = working.clock()?;
    let mut held: BTreeMap<String, Timestamp> = BTreeMap::new();
    for person in &groups.before {
        for (id, since) in working.membership(*person)?.audiences.clone() {
            held.entry(id)
                .and_modify(|known| *known = (*known).min(since))
                .or_insert(since);
        }
    }
    for person in groups.before.difference(&groups.after) {
        forget(working, project, *person, now)?;
    }
    for person in &groups.after {
        follow_lists(working, project, *person, &held, now)?;
    }
    let mut due: BTreeMap<PersonId, Timestamp> = BTreeMap::new();
    // What is asked of others of an account is settled for all of them before it is asked.
    for level in project.audiences.levels() {
        for person in &groups.after {
            let pass = evaluate_only(working, project, *person, level, now)?;
            let next = earlier(due.get(person).copied(), pass.due);
            due.extend(next.map(|next| (*person, next)));
            let (kept, told): (Vec<_>, Vec<_>) = pass
                .flips
                .into_iter()
                .partition(|(id, entered)| *entered && held.contains_key(id));
            for (id, _) in kept {
                set(working, project, (*person, &id), Some(held[&id]), now)?;
            }
            settle(working, project, position, *person, (told, now), effects)?;
        }
    }
    for person in &groups.after {
        reschedule(working, *person, due.get(person).copied())?;
    }
    Ok(())
}

/// Puts a person on the lists that one of their nodes is on, of those that anybody was on before.
fn follow_lists(
    working: &mut Working<'_>,
    project: &Project,
    person: PersonId,
    held: &BTreeMap<String, Timestamp>,
    now: Timestamp,
) -> Result<(), Error> {
    for (list, since) in held.iter().filter(|(id, _)| project.audiences.is_list(id)) {
        if working.is_listed(list, person)? {
            set(working, project, (person, list), Some(*since), now)?;
        } else if working.membership(person)?.audiences.contains_key(list) {
            set(working, project, (person, list), None, now)?;
        }
    }
    Ok(())
}

/// Takes a person that is no more out of everything, without a word.
fn forget(
    working: &mut Working<'_>,
    project: &Project,
    person: PersonId,
    at: Timestamp,
) -> Result<(), Error> {
    let MembershipRow { audiences, .. } = working.membership(person)?.clone();
    for id in audiences.keys() {
        set(working, project, (person, id), None, at)?;
    }
    reschedule(working, person, None)
}
