//! Finding the members of a new or changed audience among those who are already there, a slice
//! of persons per tick. Who is found is a member since the audience was written, and nothing is
//! told: they did not just enter. A person to whom something happens is looked at first.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::{PersonId, Timestamp, limits};
use kith_event::Position;
use kith_profile::SeriesId;

use super::{audience, many};
use crate::state::{Error, Read};
use crate::table::{self, JobRow, SeriesRow};
use crate::{Project, Working, site};

/// Takes one step of the first job that can.
pub(super) fn step(working: &mut Working<'_>, project: &Project) -> Result<(), Error> {
    for (id, job) in working.jobs()?.to_vec() {
        if job.clearing {
            return clear(working, &id);
        }
        if job.waiting_for.is_empty() {
            return advance(working, project, &id, job);
        }
    }
    Ok(())
}

fn advance(
    working: &mut Working<'_>,
    project: &Project,
    id: &str,
    mut job: JobRow,
) -> Result<(), Error> {
    let mut start = table::person(PersonId([0; 16]));
    if !job.cursor.is_empty() {
        start.clone_from(&job.cursor);
        start.push(0);
    }
    let end = table::end_of(b"p");
    let rows = Read::range(working.tx(), &start, &end, limits::PERSONS_PER_STEP_MAX)?;
    if let Some(place) = project.audiences.place(id) {
        many::find(working, project, place, job.at, &rows)?;
    }
    job.done += rows.len() as u64;
    match rows.into_iter().last() {
        Some((key, _)) => {
            job.cursor = key;
            working.put_job(id, Some(&job));
        }
        None => working.put_job(id, None),
    }
    Ok(())
}

/// Takes members out of an audience that is out of use.
fn clear(working: &mut Working<'_>, id: &str) -> Result<(), Error> {
    let now = working.clock()?;
    let prefix = table::members_of(id);
    let end = table::end_of(&prefix);
    let rows = Read::range(working.tx(), &prefix, &end, limits::PERSONS_PER_STEP_MAX)?;
    if rows.is_empty() {
        working.put_job(id, None);
        working.tx().delete(&table::mark(&revision_mark(id)));
    }
    for (key, _) in rows {
        if let Some(person) = table::member_person(&key) {
            audience::set(working, person, id, None, now)?;
        }
    }
    Ok(())
}

/// Looks at a person whom running jobs have not come to yet.
pub(super) fn look_first(
    working: &mut Working<'_>,
    project: &Project,
    person: PersonId,
) -> Result<(), Error> {
    if working.jobs()?.is_empty() {
        return Ok(());
    }
    let key = table::person(person);
    for (id, job) in working.jobs()?.to_vec() {
        if !job.clearing && job.waiting_for.is_empty() && key > job.cursor {
            audience::find(working, project, person, &id, job.at)?;
        }
    }
    Ok(())
}

fn revision_mark(id: &str) -> String {
    format!("audience/{id}")
}

/// Makes rows and jobs fit the live definitions; called whenever they were compiled anew, before
/// the record at `position`.
pub(crate) fn reconcile(
    working: &mut Working<'_>,
    project: &Project,
    position: Position,
) -> Result<(), Error> {
    note_identity(working, project)?;
    let unready = reconcile_series(working, project, position)?;
    let at = working.clock()?;
    let persons = working.number(&table::mark(table::PERSONS))?;
    for audience in project.audiences.all() {
        let mark = table::mark(&revision_mark(&audience.id));
        if table::read_number(working.tx(), &mark)? == audience.revision {
            continue;
        }
        working
            .tx()
            .put(&mark, audience.revision.to_be_bytes().to_vec());
        if audience.rule.is_none() {
            continue;
        }
        let job = JobRow {
            revision: audience.revision,
            at,
            waiting_for: audience.series.intersection(&unready).copied().collect(),
            cursor: Vec::new(),
            done: 0,
            total: persons,
            clearing: false,
        };
        working.put_job(&audience.id, (persons > 0).then_some(&job));
    }
    let prefix = table::mark("audience/");
    let most = 2 * limits::DEFINITIONS_PER_KIND_MAX;
    for (key, _) in Read::range(working.tx(), &prefix, &table::end_of(&prefix), most)? {
        let id = String::from_utf8_lossy(&key[prefix.len()..]).into_owned();
        if project.audiences.get(&id).is_none() {
            working.put_job(&id, Some(&clearing(at)));
        }
    }
    Ok(())
}

fn clearing(at: Timestamp) -> JobRow {
    JobRow {
        revision: 0,
        at,
        waiting_for: BTreeSet::new(),
        cursor: Vec::new(),
        done: 0,
        total: 0,
        clearing: true,
    }
}

/// Notes whether all events found their nodes by the same rules.
fn note_identity(working: &mut Working<'_>, project: &Project) -> Result<(), Error> {
    let mark = table::mark(table::RESOLVED_BY);
    let rules = project.identity.fingerprint();
    if working.number(&table::mark(table::EVENTS))? == 0 {
        working.put_number(&mark, rules)?;
    } else if working.number(&mark)? != rules {
        working.put_number(&mark, 0)?;
    }
    Ok(())
}

/// Notes from which position on each series is folded. Answers those whose past is missing.
fn reconcile_series(
    working: &mut Working<'_>,
    project: &Project,
    position: Position,
) -> Result<BTreeSet<SeriesId>, Error> {
    let events = working.number(&table::mark(table::EVENTS))?;
    let known: BTreeMap<SeriesId, SeriesRow> =
        table::series_rows(working.tx())?.into_iter().collect();
    let live: BTreeSet<SeriesId> = project.features.series().map(|(_, spec)| spec.id).collect();
    for (id, row) in known.iter().filter(|(id, _)| !live.contains(id)) {
        working.tx().delete(&table::series(*id));
        site::forget(working.tx(), id.in_generation(row.generation))?;
    }
    let mut unready = BTreeSet::new();
    for (_, spec) in project.features.series() {
        let row = match known.get(&spec.id) {
            Some(row) if row.needs.cover(spec.needs) => row.clone(),
            _ => {
                let row = SeriesRow {
                    needs: spec.needs,
                    generation: working.add(&table::mark(table::GENERATION), 1)?,
                    since: position,
                    caught_up: if events == 0 { position } else { 0 },
                };
                let key = table::series(spec.id);
                working.tx().put(&key, table::encode(&row));
                row
            }
        };
        if row.caught_up < row.since {
            unready.insert(spec.id);
        }
    }
    Ok(unready)
}
