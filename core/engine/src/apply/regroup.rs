//! Memberships when persons merge or part.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::{PersonId, Timestamp};
use kith_event::Position;

use super::audience::{evaluate_only, reschedule, set, settle};
use crate::audience::earlier;
use crate::state::Error;
use crate::table::MembershipRow;
use crate::{Effect, Project, Working};

/// Persons after their nodes were divided anew.
pub(super) struct Regrouped {
    /// Before.
    pub before: BTreeSet<PersonId>,
    /// After.
    pub after: BTreeSet<PersonId>,
}

/// Moves memberships along: who stays in an audience through a merge or a split neither enters
/// nor leaves it.
pub(super) fn regroup(
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
