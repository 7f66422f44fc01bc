//! The laws, checked at the end of a seed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kith_base::{PersonId, Random};
use kith_engine::state::{Read, Row, Tx};
use kith_engine::table::{AccountRow, Entry, LinkRow, NodeRow, PersonRow};
use kith_engine::{Cache, Project, Working, query, table};
use kith_event::{Event, Position, Record};
use kith_runtime::log::Reader;
use kith_store::state::Memory;

use crate::server::apply_sabotaged;
use crate::world::{World, last_ticks};
use crate::{Report, Sabotage, memberships, model, past};

/// Checks every law and answers what was played.
pub(crate) fn check(
    world: &World,
    log: &dyn Reader,
    state: &dyn Read,
    sabotage: Option<Sabotage>,
) -> Result<Report, String> {
    let records = records(log)?;
    let mut seen = BTreeSet::new();
    let events: Vec<Event> = records
        .iter()
        .filter_map(|record| match record {
            Record::Event(event) => Some(event.clone()),
            _ => None,
        })
        .filter(|event| seen.insert(event.deduplication_key()))
        .collect();
    if let Some(lost) = world.acknowledged.iter().find(|key| !seen.contains(*key)) {
        return Err(format!(
            "law 1: the acknowledged event {lost:?} is not in the log"
        ));
    }
    counted_once(state, &events)?;
    rebuilds_to_itself(log, state, sabotage)?;
    agrees_with_model(state, &events)?;
    accounts_agree(state, &events)?;
    order_does_not_matter(&records, state, sabotage)?;
    memberships::agree(state)?;
    let persons = table::read_number(state, &table::mark(table::PERSONS)).map_err(text)?;
    Ok(Report {
        acknowledged: world.acknowledged_count,
        distinct: events.len() as u64,
        crashes: 0,
        persons,
    })
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn records(log: &dyn Reader) -> Result<Vec<Record>, String> {
    let stored = log.read(0, usize::MAX).map_err(text)?;
    stored
        .iter()
        .map(|(_, bytes)| Record::decode(bytes).map_err(text))
        .collect()
}

fn counted_once(state: &dyn Read, events: &[Event]) -> Result<(), String> {
    let counted = table::read_number(state, &table::mark(table::EVENTS)).map_err(text)?;
    if counted != events.len() as u64 {
        return Err(format!(
            "law 1: {counted} events counted, {} are different",
            events.len()
        ));
    }
    let entries = rows(state, b"t")?;
    let of_events = entries
        .iter()
        .filter(|(_, row)| Entry::from_bytes(row) == Entry::Event);
    let entries = of_events.count();
    if entries != events.len() {
        return Err(format!(
            "law 1: {entries} timeline entries, {} events",
            events.len()
        ));
    }
    Ok(())
}

fn rows(state: &dyn Read, prefix: &[u8]) -> Result<Vec<Row>, String> {
    state
        .range(prefix, &table::end_of(prefix), usize::MAX)
        .map_err(text)
}

fn replayed(
    records: impl Iterator<Item = (Position, Record)>,
    sabotage: Option<Sabotage>,
) -> Result<Memory, String> {
    let mut memory = Memory::new();
    let mut cache = Cache::default();
    let mut project = Arc::new(Project::load(&memory).map_err(text)?);
    let mut end = 0;
    let records: Vec<(Position, Record)> = records.collect();
    let log: Vec<Record> = records.iter().map(|(_, record)| record.clone()).collect();
    let mut working = Working::new(&mut memory, &mut cache);
    for (position, record) in records {
        if past::tells(&record) {
            working.finish(end);
            memory.commit().map_err(text)?;
            let told = Some(&record);
            loop {
                let place = (&mut memory as &mut dyn Tx, &mut cache);
                if !past::fold(place, &project, end, told, (&log, 64)).map_err(text)? {
                    break;
                }
            }
            working = Working::new(&mut memory, &mut cache);
        }
        apply_sabotaged(&mut working, &mut project, position, record, sabotage).map_err(text)?;
        end = end.max(position + 1);
    }
    working.finish(end);
    memory.commit().map_err(text)?;
    Ok(memory)
}

fn rebuilds_to_itself(
    log: &dyn Reader,
    state: &dyn Read,
    sabotage: Option<Sabotage>,
) -> Result<(), String> {
    let rebuilt = replayed((0..).zip(records(log)?), sabotage)?;
    let differences = kith_runtime::compare(state, &rebuilt, 3).map_err(text)?;
    match differences.first() {
        None => Ok(()),
        Some(first) => Err(format!("law 2: {} at {}", first.what, first.key)),
    }
}

fn agrees_with_model(state: &dyn Read, events: &[Event]) -> Result<(), String> {
    let expected = model::persons(events);
    let project = Project::load(state).map_err(text)?;
    let found = rows(state, b"p")?;
    if found.len() != expected.len() {
        return Err(format!(
            "{} persons, the model has {}",
            found.len(),
            expected.len()
        ));
    }
    let counted = table::read_number(state, &table::mark(table::PERSONS)).map_err(text)?;
    if counted != expected.len() as u64 {
        return Err(format!(
            "{counted} persons counted, the model has {}",
            expected.len()
        ));
    }
    for (key, _) in found {
        let id = PersonId(key[1..17].try_into().map_err(text)?);
        let ours = person(state, &project, id)?;
        if !expected.contains(&ours) {
            let near = expected
                .iter()
                .find(|one| one.identifiers == ours.identifiers);
            return Err(format!("person {ours:?}, the model has {near:?}"));
        }
    }
    Ok(())
}

fn accounts_agree(state: &dyn Read, events: &[Event]) -> Result<(), String> {
    let mut found = BTreeMap::new();
    for (key, bytes) in rows(state, b"A")? {
        let row: AccountRow = table::decode(&key, &bytes).map_err(text)?;
        let id = String::from_utf8(key[1..].to_vec()).map_err(text)?;
        if row.walk.is_some() {
            return Err(format!("persons of {id} are still to be looked at"));
        }
        let traits = row.account.traits.iter();
        let traits = traits.map(|(name, of)| (name.to_owned(), of.value.value.clone()));
        found.insert(id, traits.collect());
    }
    let expected = model::accounts(events);
    if found != expected {
        return Err(format!("accounts {found:?}, the model has {expected:?}"));
    }
    Ok(())
}

/// A stored person in the terms of the model.
fn person(state: &dyn Read, project: &Project, id: PersonId) -> Result<model::Person, String> {
    let profile = query::profile(state, project, id).map_err(text)?;
    let profile = profile.ok_or_else(|| format!("person {id} has no profile"))?;
    let entries = query::timeline(state, id, None, Some(Entry::Event), usize::MAX);
    let entries = entries.map_err(text)?.len() as u64;
    if entries != profile.fold.event_count {
        return Err(format!(
            "{entries} entries, {} events folded",
            profile.fold.event_count
        ));
    }
    let fold = &profile.fold;
    let counts: BTreeMap<String, u64> = fold
        .counters
        .iter()
        .map(|(name, of)| (name.to_owned(), of.count))
        .collect();
    let revenue = fold
        .counters
        .get("Order Completed")
        .map_or(0, |of| of.value.as_micros());
    let traits = fold.traits.iter();
    let accounts = query::accounts(state, project, &profile).map_err(text)?;
    Ok(model::Person {
        accounts: accounts.into_iter().rev().map(|of| of.id).collect(),
        identifiers: profile
            .nodes
            .iter()
            .map(|node| node.identifier.to_string())
            .collect(),
        counts,
        revenue_cents: revenue / 10_000,
        traits: traits
            .map(|(name, of)| (name.to_owned(), of.value.value.clone()))
            .collect(),
        marketing: profile.consent("marketing"),
        viewed: fold
            .viewed
            .iter()
            .map(|(_, item)| item.to_owned())
            .collect(),
    })
}

/// Nodes, links and persons after the same records in another order.
fn order_does_not_matter(
    records: &[Record],
    state: &dyn Read,
    sabotage: Option<Sabotage>,
) -> Result<(), String> {
    let ends: Vec<Record> = last_ticks().collect();
    let (ends, rest): (Vec<Record>, Vec<Record>) = records
        .iter()
        .filter(|record| !matches!(record, Record::Job(_)) && !past::tells(record))
        .cloned()
        .partition(|record| ends.contains(record));
    let mut random = Random::new(records.len() as u64);
    // Definitions come first, so that no series has a past to be folded apart; and the end of time
    // last, since after it a repeat is no repeat any more.
    let is_definition =
        |record: &Record| matches!(record, Record::Definition(_) | Record::Definitions(_));
    let (mut shuffled, events): (Vec<Record>, Vec<Record>) =
        rest.into_iter().partition(is_definition);
    let first = shuffled.len();
    shuffled.extend(events);
    let events = &mut shuffled[first..];
    for index in (1..events.len()).rev() {
        events.swap(index, random.below(index as u64 + 1) as usize);
    }
    shuffled.extend(ends);
    let other = replayed((0..).zip(shuffled), sabotage)?;
    same_members(state, &other)?;
    let projects = [
        Project::load(state).map_err(text)?,
        Project::load(&other).map_err(text)?,
    ];
    for prefix in [b"n", b"F", b"l", b"M", b"p", b"B", b"A", b"P", b"N"] {
        let (ours, theirs) = (rows(state, prefix)?, rows(&other, prefix)?);
        for ((key, left), (other_key, right)) in ours.iter().zip(&theirs) {
            let same = key == other_key && same_row(&projects, key, left, right)?;
            if !same {
                return Err(format!(
                    "law 3: the order of arrival shows at {}",
                    key.escape_ascii()
                ));
            }
        }
        if ours.len() != theirs.len() {
            return Err(format!(
                "law 3: {} rows, shuffled {}",
                ours.len(),
                theirs.len()
            ));
        }
    }
    Ok(())
}

/// Who is where, without since when: an audience that was late found its members later.
fn same_members(state: &dyn Read, other: &dyn Read) -> Result<(), String> {
    for (key, _) in rows(state, b"p")? {
        let person = PersonId(key[1..17].try_into().map_err(text)?);
        let audiences = |state: &dyn Read| {
            let row = query::memberships(state, person).map_err(text)?;
            Ok::<Vec<String>, String>(row.audiences.into_keys().collect())
        };
        let (ours, theirs) = (audiences(state)?, audiences(other)?);
        if ours != theirs {
            return Err(format!(
                "law 3: {person} is in {ours:?}, shuffled {theirs:?}"
            ));
        }
    }
    Ok(())
}

/// The series that both read, under their own ids, whatever the generations.
fn node(project: &Project, key: &[u8], bytes: &[u8]) -> Result<NodeRow, String> {
    let mut row: NodeRow = table::decode(key, bytes).map_err(text)?;
    let series = std::mem::take(&mut row.fold.series);
    for (kept, spec) in project.features.series() {
        if let Some(of) = series.get(kept) {
            row.fold.series.insert(spec.id, of.clone());
        }
    }
    Ok(row)
}

fn same_row(
    projects: &[Project; 2],
    key: &[u8],
    left: &[u8],
    right: &[u8],
) -> Result<bool, String> {
    fn read<T: serde::de::DeserializeOwned>(key: &[u8], bytes: &[u8]) -> Result<T, String> {
        table::decode(key, bytes).map_err(text)
    }
    Ok(match key[0] {
        b'n' => node(&projects[0], key, left)? == node(&projects[1], key, right)?,
        b'l' => read::<LinkRow>(key, left)? == read::<LinkRow>(key, right)?,
        b'A' => read::<AccountRow>(key, left)? == read::<AccountRow>(key, right)?,
        b'M' | b'B' | b'F' | b'P' | b'N' => left == right,
        _ => read::<PersonRow>(key, left)? == read::<PersonRow>(key, right)?,
    })
}
