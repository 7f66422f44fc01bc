//! Finding the members of a new or changed audience among those who are already there, a slice
//! of persons per tick. Who is found is a member since the audience was written, and nothing is
//! told: they did not just enter. A person to whom something happens is looked at first.
//!
//! Somebody may cancel it. Then those who were looked at enter and leave as ever, nobody else is
//! evaluated, and it goes on from there when somebody says so. A new revision begins anew.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::{PersonId, Timestamp, digest, limits};
use kith_definition::Kind;
use kith_event::{JobChange, Position};
use kith_identity::Rules;
use kith_profile::SeriesId;
use kith_rule::{Expr, FactKey};

use super::{account, audience, many, traits, verdict};
use crate::state::{Error, Read};
use crate::table::{self, JobRow, SeriesRow};
use crate::{Effect, Project, Working, site};

/// Takes one step of the first job that can.
pub(super) fn step(
    working: &mut Working<'_>,
    project: &Project,
    position: Position,
    effects: &mut Vec<Effect>,
) -> Result<(), Error> {
    let jobs = working.jobs()?.to_vec();
    for (id, job) in &jobs {
        if job.clearing {
            return clear(working, project, id);
        }
        if job.is_running() && !is_early(project, id, &jobs) {
            return advance(working, project, (id, job.clone()), position, effects);
        }
    }
    Ok(())
}

/// True when an audience asks who of an account is in another one whose members are being found:
/// found later, they would have others enter who were there already.
fn is_early(project: &Project, id: &str, jobs: &[(String, JobRow)]) -> bool {
    let expr = project.audiences.get(id).and_then(|own| own.expr.as_ref());
    let mut asked = expr
        .into_iter()
        .flat_map(Expr::facts)
        .filter_map(|key| match key {
            FactKey::AccountPersons { audience, .. } => Some(audience),
            _ => None,
        });
    let unfound = |job: &JobRow| !job.clearing && job.cancelled_at.is_none();
    asked.any(|audience| jobs.iter().any(|(id, job)| id == audience && unfound(job)))
}

fn advance(
    working: &mut Working<'_>,
    project: &Project,
    (id, job): (&str, JobRow),
    position: Position,
    effects: &mut Vec<Effect>,
) -> Result<(), Error> {
    if let Some(place) = project.audiences.place(id) {
        let after = (!job.cursor.is_empty()).then(|| person_of(&job.cursor));
        let (count, last) = many::find(working, project, (place, job.at), after)?;
        go_on(working, (id, job), count, last.map(table::person));
        return Ok(());
    }
    let mut start = table::person(PersonId([0; 16]));
    if !job.cursor.is_empty() {
        start.clone_from(&job.cursor);
        start.push(0);
    }
    let end = table::end_of(b"p");
    let rows = Read::range(working.tx(), &start, &end, limits::PERSONS_PER_STEP_MAX)?;
    if id.starts_with(TRAIT) {
        for (key, _) in &rows {
            traits::note(working, project, person_of(key))?;
        }
    } else if id == table::DIVISION_JOB {
        for (key, _) in &rows {
            verdict::divide(
                working,
                project,
                position,
                person_of(key).node(),
                "",
                effects,
            )?;
            let person = working.person_of(person_of(key).node())?;
            account::recount(working, project, person)?;
        }
    }
    let (count, last) = (rows.len(), rows.into_iter().last());
    go_on(working, (id, job), count, last.map(|(key, _)| key));
    Ok(())
}

/// Notes that so many persons more were looked at, up to the one of this key; without one it is
/// done.
fn go_on(
    working: &mut Working<'_>,
    (id, mut job): (&str, JobRow),
    count: usize,
    last: Option<Vec<u8>>,
) {
    job.done += count as u64;
    let goes_on = last.map(|key| {
        job.cursor = key;
        job
    });
    working.put_job(id, goes_on.as_ref());
}

fn person_of(key: &[u8]) -> PersonId {
    PersonId(key[1..].try_into().expect("persons have ids of 16 bytes"))
}

/// Takes members out of an audience that is out of use.
fn clear(working: &mut Working<'_>, project: &Project, id: &str) -> Result<(), Error> {
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
            audience::set(working, project, (person, id), None, now)?;
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
        if !job.clearing && job.is_running() && key > job.cursor {
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
        let waiting_for: BTreeSet<SeriesId> =
            audience.series.intersection(&unready).copied().collect();
        let known = table::read_number(working.tx(), &mark)? == audience.revision;
        if known && waits(working, &audience.id, &waiting_for)? {
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
            waiting_for,
            cursor: Vec::new(),
            done: 0,
            total: persons,
            clearing: false,
            cancelled_at: None,
        };
        read_on(working, &job.waiting_for)?;
        working.put_job(&audience.id, (persons > 0).then_some(&job));
    }
    watch(working, project, position, &unready, (at, persons))?;
    divide_by_rules(working, project, (at, persons))?;
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

/// True when nothing is to be begun anew: a job waits already for these series, or there are none.
/// One that is kept in more detail than before
/// begins anew, and until its past is read nothing can be said of what reads it.
fn waits(working: &mut Working<'_>, id: &str, series: &BTreeSet<SeriesId>) -> Result<bool, Error> {
    let jobs = working.jobs()?;
    Ok(match jobs.iter().find(|(known, _)| known == id) {
        Some((_, job)) => !job.clearing && series.is_subset(&job.waiting_for),
        None => series.is_empty(),
    })
}

/// In front of the name of a computed trait in the id of the job that notes its values; no id of
/// an audience begins so.
pub(super) const TRAIT: &str = "trait:";

/// Lets everybody be divided anew when the identity rules are others than they were divided by.
fn divide_by_rules(
    working: &mut Working<'_>,
    project: &Project,
    (at, persons): (Timestamp, u64),
) -> Result<(), Error> {
    let mark = table::mark(table::DIVIDED_BY);
    let rules = project.identity.division();
    let before = match working.number(&mark)? {
        0 => Rules::default().division(),
        known => known,
    };
    if before != rules {
        working.put_number(&mark, rules)?;
        let job = JobRow {
            total: persons,
            clearing: false,
            ..clearing(at)
        };
        working.put_job(table::DIVISION_JOB, (persons > 0).then_some(&job));
    }
    Ok(())
}

/// What a trait is computed from, as a digest, and since when it is told of; `None` when it is not.
pub(super) fn watched(
    working: &mut Working<'_>,
    name: &str,
) -> Result<Option<(u64, Position)>, Error> {
    let stored = working.tx().get(&table::watched(name))?;
    let parts = stored
        .as_deref()
        .and_then(|bytes| bytes.split_at_checked(8));
    Ok(parts.map(|(of, from)| (table::number(of), table::number(from))))
}

/// Begins to watch computed traits that webhooks are told of, and ceases.
fn watch(
    working: &mut Working<'_>,
    project: &Project,
    position: Position,
    unready: &BTreeSet<SeriesId>,
    (at, persons): (Timestamp, u64),
) -> Result<(), Error> {
    for (name, computed) in &project.watched {
        let id = format!("{TRAIT}{name}");
        let waiting_for: BTreeSet<SeriesId> = computed
            .series
            .iter()
            .copied()
            .filter(|id| unready.contains(id))
            .collect();
        let of = digest("watched", &[computed.key.to_string().as_bytes()]).prefix();
        let known = watched(working, name)?.is_some_and(|(known, _)| known == of);
        if known && waits(working, &id, &waiting_for)? {
            continue;
        }
        let mark = [of.to_be_bytes(), position.to_be_bytes()].concat();
        working.tx().put(&table::watched(name), mark);
        read_on(working, &waiting_for)?;
        let job = JobRow {
            waiting_for,
            total: persons,
            clearing: false,
            ..clearing(at)
        };
        working.put_job(&id, (persons > 0).then_some(&job));
    }
    let prefix = table::watched("");
    let most = 2 * limits::DEFINITIONS_PER_KIND_MAX;
    for (key, _) in Read::range(working.tx(), &prefix, &table::end_of(&prefix), most)? {
        let name = String::from_utf8_lossy(&key[prefix.len()..]).into_owned();
        if !project.watched.contains_key(&name) {
            working.tx().delete(&key);
            working.put_job(&format!("{TRAIT}{name}"), None);
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
        cancelled_at: None,
    }
}

/// Somebody cancels what is computed of an audience or a feature, or lets it go on.
pub(super) fn change(
    working: &mut Working<'_>,
    project: &Project,
    change: &JobChange,
) -> Result<Vec<Effect>, Error> {
    working.advance_clock(change.at)?;
    if change.kind == Kind::Feature.as_str() {
        let series: BTreeSet<SeriesId> =
            project.series_of_feature(&change.id).into_iter().collect();
        if change.cancelled {
            stop_reading(working, &series, change.at)?;
        } else {
            read_on(working, &series)?;
        }
        return Ok(Vec::new());
    }
    let jobs = working.jobs()?.to_vec();
    let of_others = |(id, job): &&(String, JobRow)| *id != change.id && job.cancelled_at.is_none();
    let mut needed: BTreeSet<SeriesId> = project.read_apart.clone();
    needed.extend(
        jobs.iter()
            .filter(of_others)
            .flat_map(|(_, job)| &job.waiting_for),
    );
    let found = jobs
        .into_iter()
        .find(|(id, job)| *id == change.id && !job.clearing);
    let Some((id, mut job)) = found else {
        return Ok(Vec::new());
    };
    if change.cancelled {
        job.cancelled_at.get_or_insert(change.at);
        stop_reading(working, &(&job.waiting_for - &needed), change.at)?;
    } else {
        job.cancelled_at = None;
        read_on(working, &job.waiting_for)?;
    }
    working.put_job(&id, Some(&job));
    Ok(Vec::new())
}

fn stop_reading(
    working: &mut Working<'_>,
    series: &BTreeSet<SeriesId>,
    at: Timestamp,
) -> Result<(), Error> {
    for id in series {
        let key = table::series(*id);
        let row: Option<SeriesRow> = table::read(working.tx(), &key)?;
        if let Some(mut row) = row.filter(|row| row.told < row.since) {
            row.cancelled_at.get_or_insert(at);
            working.tx().put(&key, table::encode(&row));
        }
    }
    Ok(())
}

fn read_on(working: &mut Working<'_>, series: &BTreeSet<SeriesId>) -> Result<(), Error> {
    for id in series {
        let key = table::series(*id);
        let row: Option<SeriesRow> = table::read(working.tx(), &key)?;
        if let Some(row) = row.filter(|row| row.cancelled_at.is_some()) {
            let row = SeriesRow {
                cancelled_at: None,
                ..row
            };
            working.tx().put(&key, table::encode(&row));
        }
    }
    Ok(())
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
                let caught_up = if events == 0 { position } else { 0 };
                let row = SeriesRow {
                    needs: spec.needs,
                    generation: working.add(&table::mark(table::GENERATION), 1)?,
                    since: position,
                    caught_up,
                    told: caught_up,
                    cancelled_at: None,
                };
                let key = table::series(spec.id);
                working.tx().put(&key, table::encode(&row));
                row
            }
        };
        if row.told < row.since {
            unready.insert(spec.id);
        }
    }
    Ok(unready)
}
