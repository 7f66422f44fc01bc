//! Computed traits whose changes webhooks are told of.
//!
//! Of each person the values last told are kept, those of watched traits alone. After an event,
//! and when a value may have changed because time passed, the values are computed and compared.
//! A trait that changes often is told once an interval, with what was told before and what it is
//! then; one that is back at what was told is not told.
//!
//! What is there when telling begins is not told: a job goes over all persons and notes their
//! values, and a person to whom something happens before is noted first.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use kith_base::{Duration, Json, PersonId, Timestamp, Value, limits};
use kith_event::{Identifier, Position};
use kith_profile::{PersonFacts, no_audiences};
use kith_rule::{FactKey, Facts};

use super::audience;
use super::job::{self, TRAIT};
use super::regroup::Regrouped;
use crate::audience::earlier;
use crate::project::ComputedTrait;
use crate::state::Error;
use crate::table::{self, NodeRow, ToldTrait, TraitChange, TraitsRow};
use crate::{Project, Working};

const INTERVAL: Duration = Duration::from_secs(limits::TRAIT_NOTICE_INTERVAL_S);

/// A trait that is told of, with its value.
struct Found<'a> {
    name: &'a str,
    watched_from: Position,
    value: String,
    /// When it may change because time passes.
    next: Option<Timestamp>,
}

/// Notes the values of a person of whom none are known yet.
pub(super) fn note(
    working: &mut Working<'_>,
    project: &Project,
    person: PersonId,
) -> Result<(), Error> {
    if project.watched.is_empty() {
        return Ok(());
    }
    let mut row = read(working, person)?;
    let live = live(working, project)?;
    let unknown = |(name, _, from): &(&str, &ComputedTrait, Position)| {
        row.told
            .get(*name)
            .is_none_or(|told| told.watched_from != *from)
    };
    let unknown: Vec<_> = live.into_iter().filter(|one| unknown(one)).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let now = working.clock()?;
    let mut due = None;
    for found in values(working, project, person, &unknown, now)? {
        due = earlier(due, found.next);
        row.told.insert(
            found.name.to_owned(),
            ToldTrait {
                value: found.value,
                at: None,
                watched_from: found.watched_from,
            },
        );
    }
    row.told
        .retain(|name, _| project.watched.contains_key(name));
    working
        .tx()
        .put(&table::told_traits(person), table::encode(&row));
    audience::expect(working, person, due)
}

/// Tells how traits of a person differ at `at` from what was told, and sets the timer to when they
/// may change by themselves.
pub(super) fn compare(
    working: &mut Working<'_>,
    project: &Project,
    position: Position,
    person: PersonId,
    at: Timestamp,
) -> Result<Option<Timestamp>, Error> {
    if project.watched.is_empty() {
        return Ok(None);
    }
    let mut row = read(working, person)?;
    let live = live(working, project)?;
    let (mut due, mut changed) = (None, false);
    for found in values(working, project, person, &live, at)? {
        due = earlier(due, found.next);
        let Some(told) = row.told.get_mut(found.name) else {
            continue;
        };
        if told.value == found.value || told.watched_from != found.watched_from {
            continue;
        }
        let next = told.at.map(|told| told.plus(INTERVAL));
        if next.is_some_and(|next| at < next) {
            due = earlier(due, next);
            continue;
        }
        let change = TraitChange {
            person,
            name: found.name.to_owned(),
            old: std::mem::replace(&mut told.value, found.value.clone()),
            new: found.value,
            at,
        };
        told.at = Some(at);
        changed = true;
        let place = (position, working.next_change_number(position));
        working
            .tx()
            .put(&table::trait_change(place), table::encode(&change));
    }
    if changed {
        working
            .tx()
            .put(&table::told_traits(person), table::encode(&row));
    }
    Ok(due)
}

/// Compares after something happened to a person.
pub(super) fn after(
    working: &mut Working<'_>,
    project: &Project,
    position: Position,
    person: PersonId,
) -> Result<(), Error> {
    let now = working.clock()?;
    let due = compare(working, project, position, person, now)?;
    audience::expect(working, person, due)
}

/// Moves what was told along when persons merge or part, and compares.
pub(super) fn regroup(
    working: &mut Working<'_>,
    project: &Project,
    position: Position,
    groups: &Regrouped,
) -> Result<(), Error> {
    if project.watched.is_empty() {
        return Ok(());
    }
    let mut rows = Vec::new();
    for person in &groups.before {
        let row = read(working, *person)?;
        if !row.told.is_empty() {
            rows.push((*person, row));
        }
    }
    for person in groups.before.difference(&groups.after) {
        working.tx().delete(&table::told_traits(*person));
    }
    for person in &groups.after {
        let own = rows.iter().find(|(before, _)| before == person);
        if let Some((_, row)) = own.or(rows.first()) {
            working
                .tx()
                .put(&table::told_traits(*person), table::encode(row));
        }
        after(working, project, position, *person)?;
    }
    Ok(())
}

fn read(working: &mut Working<'_>, person: PersonId) -> Result<TraitsRow, Error> {
    let stored = table::read(working.tx(), &table::told_traits(person))?;
    Ok(stored.unwrap_or_default())
}

/// The traits that are told of, but for those whose past is not read yet.
fn live<'a>(
    working: &mut Working<'_>,
    project: &'a Project,
) -> Result<Vec<(&'a str, &'a ComputedTrait, Position)>, Error> {
    let jobs = working.jobs()?.iter();
    let waiting = jobs.filter(|(_, job)| !job.waiting_for.is_empty());
    let waiting: BTreeSet<String> = waiting.map(|(id, _)| id.clone()).collect();
    let mut live = Vec::with_capacity(project.watched.len());
    for (name, computed) in &project.watched {
        if waiting.contains(&format!("{TRAIT}{name}")) {
            continue;
        }
        if let Some((_, from)) = job::watched(working, name)? {
            live.push((name.as_str(), computed, from));
        }
    }
    Ok(live)
}

fn values<'a>(
    working: &mut Working<'_>,
    project: &Project,
    person: PersonId,
    wanted: &[(&'a str, &'a ComputedTrait, Position)],
    at: Timestamp,
) -> Result<Vec<Found<'a>>, Error> {
    let nodes = working.load_person(person)?;
    let mut rows: Vec<&NodeRow> = nodes.iter().filter_map(|id| working.loaded(*id)).collect();
    rows.sort_by_key(|row| Reverse(project.identity.namespace(&row.namespace).priority));
    let identifiers: Vec<Identifier> = rows.iter().map(|row| row.identifier()).collect();
    let context = Value::Null;
    let facts = PersonFacts::new(
        rows.iter().map(|row| &row.fold).collect(),
        identifiers.iter().collect(),
        &project.features,
        &context,
        &no_audiences,
    );
    let found = |(name, computed, watched_from): &(&'a str, &ComputedTrait, Position)| Found {
        name,
        watched_from: *watched_from,
        value: written(&facts.fact(&computed.key, at)),
        next: next(&facts, &computed.key, at),
    };
    Ok(wanted.iter().map(found).collect())
}

fn next(facts: &PersonFacts<'_>, key: &FactKey, at: Timestamp) -> Option<Timestamp> {
    key.moves().then(|| facts.next_change(key, at)).flatten()
}

fn written(value: &Value) -> String {
    let json = Json::from_serialize(value).expect("a value always has a JSON form");
    json.as_str().to_owned()
}
