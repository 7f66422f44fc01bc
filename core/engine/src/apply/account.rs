//! Accounts: what group events say of them, who is counted in them, and whom to look at again.
//!
//! Of each account it is counted how many persons it has, and how many of them are in each
//! audience. So whether any, all or none of them are in an audience is known without looking at
//! them. When that may have changed, or a trait of the account, and a live rule asks for it, the
//! account's persons are looked at again: a walk, a turn of some persons at a time, by its timer.
//! No event ever waits for it. A person to whom something happens sees at once what they changed
//! themselves.

use std::collections::BTreeSet;

use kith_base::{NodeId, PersonId, Timestamp, limits};
use kith_event::{Event, Position};
use kith_profile::Account;

use super::regroup::Regrouped;
use super::{audience, job};
use crate::accounts::accounts_by_rules;
use crate::audience::Change;
use crate::state::Error;
use crate::table::{self, AccountRow, AccountWalk};
use crate::{Effect, Project, Working};

/// Counts who belongs to which account now, and notes what the event says of its account.
pub(super) fn after(
    working: &mut Working<'_>,
    project: &Project,
    event: &Event,
    owner: NodeId,
    (made, regrouped): (&[NodeId], Option<&Regrouped>),
) -> Result<(), Error> {
    for id in made.iter().filter(|_| project.identity.companies.is_some()) {
        let person = working.person_of(*id)?;
        recount(working, project, person)?;
    }
    if let Some(groups) = regrouped {
        regroup(working, project, groups)?;
    }
    let person = working.person_of(owner)?;
    let asked = !project.identity.networks.is_empty();
    if asked && working.known_node_mut(owner)?.fold.add_network(event) {
        recount(working, project, person)?;
    }
    note(working, project, event, person)
}

fn note(
    working: &mut Working<'_>,
    project: &Project,
    event: &Event,
    person: PersonId,
) -> Result<(), Error> {
    let Some(id) = event.account() else {
        return Ok(());
    };
    let mut row = read(working, &id)?;
    let before = row.account.clone();
    row.account.add(event);
    working.tx().put(&table::account(&id), table::encode(&row));
    let changes = trait_changes(&before, &row.account);
    if !project.audiences.touched(&changes).is_empty() {
        ask(working, &id)?;
    }
    recount(working, project, person)
}

fn read(working: &mut Working<'_>, id: &str) -> Result<AccountRow, Error> {
    Ok(table::read(working.tx(), &table::account(id))?.unwrap_or_default())
}

fn trait_changes(before: &Account, after: &Account) -> Vec<Change> {
    let names = before.traits.iter().chain(after.traits.iter());
    let names: BTreeSet<&str> = names.map(|(name, _)| name).collect();
    let changed = |name: &&str| before.trait_value(name) != after.trait_value(name);
    let changed = names.into_iter().filter(changed);
    changed
        .map(|name| Change::AccountTrait(name.to_owned()))
        .collect()
}

/// Counts persons in their accounts after their nodes were divided anew.
pub(super) fn regroup(
    working: &mut Working<'_>,
    project: &Project,
    groups: &Regrouped,
) -> Result<(), Error> {
    let mut any = false;
    for person in &groups.after {
        any |= !accounts_now(working, project, *person)?.is_empty();
    }
    // Whoever was counted before has a node that belongs to the account.
    if !any {
        return Ok(());
    }
    for person in groups.before.difference(&groups.after) {
        for id in working.membership(*person)?.accounts.clone() {
            belong(working, project, *person, &id, false)?;
        }
    }
    for person in &groups.after {
        recount(working, project, *person)?;
    }
    Ok(())
}

fn accounts_now(
    working: &mut Working<'_>,
    project: &Project,
    person: PersonId,
) -> Result<BTreeSet<String>, Error> {
    let nodes = working.load_person(person)?;
    let rows = || nodes.iter().filter_map(|id| working.loaded(*id));
    let names = rows().map(|row| (&*row.namespace, &*row.value));
    let folds = rows().map(|row| &row.fold);
    let accounts = accounts_by_rules(&project.identity, folds, names);
    Ok(accounts.iter().map(|(id, _)| id.to_owned()).collect())
}

/// Counts a person in the accounts they belong to, and no longer in others.
pub(super) fn recount(
    working: &mut Working<'_>,
    project: &Project,
    person: PersonId,
) -> Result<(), Error> {
    let now = accounts_now(working, project, person)?;
    let counted = working.membership(person)?.accounts.clone();
    for id in counted.difference(&now) {
        belong(working, project, person, id, false)?;
    }
    for id in now.difference(&counted) {
        belong(working, project, person, id, true)?;
    }
    Ok(())
}

/// How many persons an account has, and how many of them are in an audience.
#[derive(Clone, Copy)]
struct Counts {
    members: u64,
    size: u64,
}

/// What persons of an account may see to be different.
fn differences(audience: &str, before: Counts, after: Counts) -> Vec<Change> {
    let mut changes = Vec::new();
    if (before.members == 0) != (after.members == 0) {
        changes.push(Change::AccountAny(audience.to_owned()));
    }
    if (before.members == before.size) != (after.members == after.size) {
        changes.push(Change::AccountAll(audience.to_owned()));
    }
    changes
}

/// Counts a person in an account, or no longer, together with the audiences they are in.
fn belong(
    working: &mut Working<'_>,
    project: &Project,
    person: PersonId,
    id: &str,
    joins: bool,
) -> Result<(), Error> {
    let row = working.membership_mut(person)?;
    let audiences = row.audiences.clone();
    let key = table::account_person(id, person);
    let delta = if joins {
        row.accounts.insert(id.to_owned());
        working.tx().put(&key, Vec::new());
        1
    } else {
        row.accounts.remove(id);
        working.tx().delete(&key);
        -1
    };
    let size = working.add(&table::account_size(id), delta)?;
    let mut changes = Vec::new();
    for audience in project.audiences.questions().audiences() {
        let own = i64::from(audiences.contains_key(audience)) * delta;
        let members = working.number(&table::account_members(id, audience))?;
        let before = Counts {
            members,
            size: size.saturating_add_signed(-delta),
        };
        let after = Counts {
            members: members.saturating_add_signed(own),
            size,
        };
        changes.extend(differences(audience, before, after));
    }
    for audience in audiences.keys() {
        working.add(&table::account_members(id, audience), delta)?;
    }
    let others = size - u64::from(joins);
    if others > 0 && !project.audiences.touched(&changes).is_empty() {
        ask(working, id)?;
    }
    Ok(())
}

/// Counts in an account that one of its persons entered an audience, or left it.
pub(super) fn count(
    working: &mut Working<'_>,
    project: &Project,
    id: &str,
    audience: &str,
    delta: i64,
) -> Result<(), Error> {
    let members = working.add(&table::account_members(id, audience), delta)?;
    let size = working.number(&table::account_size(id))?;
    let after = Counts { members, size };
    let before = Counts {
        members: members.saturating_add_signed(-delta),
        size,
    };
    let changes = differences(audience, before, after);
    // The person sees it at once.
    if size > 1 && !project.audiences.touched(&changes).is_empty() {
        ask(working, id)?;
    }
    Ok(())
}

/// Asks that all persons of an account are looked at again, now.
fn ask(working: &mut Working<'_>, id: &str) -> Result<(), Error> {
    let due = working.clock()?;
    let mut row = read(working, id)?;
    match &mut row.walk {
        Some(walk) if walk.through.is_none() || walk.again => return Ok(()),
        Some(walk) => walk.again = true,
        None => {
            row.walk = Some(AccountWalk {
                due,
                through: None,
                again: false,
            });
            working.put_timer(due, &timer_name(id))?;
        }
    }
    working.tx().put(&table::account(id), table::encode(&row));
    Ok(())
}

fn timer_name(id: &str) -> String {
    format!("a{id}")
}

/// The account of a timer.
pub(super) fn timer_account(what: &str) -> Option<&str> {
    what.strip_prefix('a')
}

/// Looks again at some persons of an account whose timer was due at `due`, at most `most`.
/// Answers how many.
pub(super) fn walk(
    working: &mut Working<'_>,
    project: &Project,
    position: Position,
    (id, due): (&str, Timestamp),
    most: usize,
    effects: &mut Vec<Effect>,
) -> Result<usize, Error> {
    working.delete_timer(due, &timer_name(id));
    let mut row = read(working, id)?;
    let Some(mut walk) = row.walk.take_if(|walk| walk.due == due) else {
        return Ok(0);
    };
    let touched = project.audiences.touched(&[Change::Accounts]);
    let most = match touched.is_empty() {
        true => 0,
        false => most.min(limits::ACCOUNT_PERSONS_PER_TURN_MAX),
    };
    let persons = table::persons_of_account(working.tx(), id, walk.through, most)?;
    // Written before anybody is looked at: what they change may ask for another walk.
    let ended = persons.len() < most || most == 0;
    if !ended || walk.again {
        walk.through = persons.last().copied().filter(|_| !ended);
        walk.again &= !ended;
        walk.due = working.clock()?;
        working.put_timer(walk.due, &timer_name(id))?;
        row.walk = Some(walk);
    }
    working.tx().put(&table::account(id), table::encode(&row));
    for person in &persons {
        job::look_first(working, project, *person)?;
        audience::catch_up(working, project, position, *person, effects)?;
        audience::update(working, project, position, *person, &touched, effects)?;
    }
    Ok(persons.len())
}
