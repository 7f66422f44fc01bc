//! What is computed of audiences and features in the background, as jobs.

use kith_base::{Timestamp, limits};
use kith_definition::Kind;
use kith_engine::query;
use kith_engine::table::{self, JobRow, SeriesRow};
use kith_learning::TrainingRun;
use kith_profile::SeriesId;
use kith_runtime::View;

use crate::audiences;
use crate::problem::Problem;
use crate::routes::models::training_state;
use crate::wire::{Job, JobKind, JobState};

/// Id of the job that divides everybody by changed identity rules.
const DIVISION: &str = "identity-rules";

/// Id of the job that trains models of items.
const TRAINING: &str = "models-training";

/// True for an id of one of these jobs.
pub fn is_one(job_id: &str) -> bool {
    job_id == DIVISION || job_id == TRAINING || target(job_id).is_some()
}

/// The training of models under way, or the last one.
pub fn training(run: &TrainingRun) -> Job {
    Job {
        job_id: TRAINING.to_owned(),
        kind: JobKind::Training,
        name: "Models of items".to_owned(),
        state: training_state(run),
        progress: run.progress,
        eta_at: run.eta_at.map(Into::into),
        error: run.error.clone(),
        started_at: run.started_at.into(),
        finished_at: run.finished_at.map(Into::into),
    }
}

/// Whose job an id names: the kind of the definition and its id.
pub fn target(job_id: &str) -> Option<(Kind, &str)> {
    [Kind::Audience, Kind::Feature]
        .into_iter()
        .find_map(|kind| {
            let id = job_id.strip_prefix(kind.as_str())?.strip_prefix('-')?;
            Some((kind, id))
        })
}

/// What is not done, by id of the job after `after`.
pub fn jobs(view: &View, after: Option<&str>) -> Result<Vec<Job>, Problem> {
    let mut jobs = Vec::new();
    for (id, row) in query::audience_jobs(&*view.state)? {
        jobs.push(of_audience(view, &id, Some(&row))?);
    }
    let division: Option<JobRow> = table::read(&*view.state, &table::job(table::DIVISION_JOB))?;
    jobs.extend(division.as_ref().map(|row| of_division(Some(row))));
    let behind = table::series_rows(&*view.state)?;
    let behind: Vec<(SeriesId, SeriesRow)> = behind
        .into_iter()
        .filter(|(_, row)| row.is_behind())
        .collect();
    if !behind.is_empty() {
        let most = limits::DEFINITIONS_PER_KIND_MAX;
        for found in query::live_definitions(&*view.state, Kind::Feature.as_str(), most)? {
            let series = view.project.series_of_feature(&found.id);
            let row = behind.iter().find(|(id, _)| Some(*id) == series);
            if let Some((_, row)) = row {
                jobs.push(of_feature(&found, Some(row)));
            }
        }
    }
    jobs.retain(|job| after.is_none_or(|after| job.job_id.as_str() > after));
    jobs.sort_by(|a, b| a.job_id.cmp(&b.job_id));
    Ok(jobs)
}

/// The job of an id, at work or done; `None` when it is of neither.
pub fn find(view: &View, job_id: &str) -> Result<Option<Job>, Problem> {
    if job_id == DIVISION {
        let row: Option<JobRow> = table::read(&*view.state, &table::job(table::DIVISION_JOB))?;
        return Ok(Some(of_division(row.as_ref())));
    }
    let Some((kind, id)) = target(job_id) else {
        return Ok(None);
    };
    let found = query::definition(&*view.state, kind.as_str(), id)?;
    let found = found.filter(|found| !found.row.archived);
    if kind == Kind::Feature {
        let Some(found) = found else {
            return Ok(None);
        };
        let series = view.project.series_of_feature(id);
        let rows = table::series_rows(&*view.state)?;
        let row = rows
            .iter()
            .find(|(id, row)| Some(*id) == series && row.is_behind());
        return Ok(Some(of_feature(&found, row.map(|(_, row)| row))));
    }
    let row = query::audience(&*view.state, id, 0)?.job;
    if row.is_none() && found.is_none() {
        return Ok(None);
    }
    of_audience(view, id, row.as_ref()).map(Some)
}

/// True for an audience that is archived and loses its members: that cannot be cancelled.
pub fn is_clearing(view: &View, job_id: &str) -> bool {
    let of_audience = target(job_id).filter(|(kind, _)| *kind == Kind::Audience);
    of_audience.is_some_and(|(_, id)| view.project.audiences.get(id).is_none())
}

fn of_audience(view: &View, id: &str, row: Option<&JobRow>) -> Result<Job, Problem> {
    let found = query::definition(&*view.state, Kind::Audience.as_str(), id)?;
    let written_at = found.as_ref().map_or(Timestamp::ZERO, |found| found.row.at);
    Ok(Job {
        state: state(row.map(|row| row.cancelled_at)),
        progress: row.map_or(Ok(1.0), |row| audiences::progress(view, id, row))?,
        started_at: row.map_or(written_at, |row| row.at).into(),
        ..plain(
            Kind::Audience,
            JobKind::Audience,
            id,
            found.map_or_else(|| id.to_owned(), |found| found.row.name),
        )
    })
}

/// Everybody is divided anew by changed identity rules.
fn of_division(row: Option<&JobRow>) -> Job {
    let share = |row: &JobRow| row.done as f64 / row.total.max(1) as f64;
    let name = "Identity rules".to_owned();
    Job {
        job_id: DIVISION.to_owned(),
        state: state(row.map(|row| row.cancelled_at)),
        progress: row.map_or(1.0, share).min(1.0),
        started_at: row.map_or(Timestamp::ZERO, |row| row.at).into(),
        ..plain(Kind::Identity, JobKind::Identity, "rules", name)
    }
}

fn of_feature(found: &query::Definition, row: Option<&SeriesRow>) -> Job {
    let share = |row: &SeriesRow| row.caught_up as f64 / row.since as f64;
    Job {
        state: state(row.map(|row| row.cancelled_at)),
        progress: row.map_or(1.0, share),
        started_at: found.row.at.into(),
        ..plain(
            Kind::Feature,
            JobKind::Feature,
            &found.id,
            found.row.name.clone(),
        )
    }
}

fn plain(kind: Kind, shown: JobKind, id: &str, name: String) -> Job {
    Job {
        job_id: format!("{kind}-{id}"),
        kind: shown,
        name,
        state: JobState::Done,
        progress: 1.0,
        eta_at: None,
        error: None,
        started_at: Timestamp::ZERO.into(),
        finished_at: None,
    }
}

/// Of a job that is not done: since when it is cancelled.
fn state(cancelled_at: Option<Option<Timestamp>>) -> JobState {
    match cancelled_at {
        None => JobState::Done,
        Some(None) => JobState::Running,
        Some(Some(_)) => JobState::Cancelled,
    }
}

/// How many audiences are at work, and the least share done among them.
pub fn work(view: &View) -> Result<(usize, f64), Problem> {
    let mut least: f64 = 1.0;
    let rows = query::audience_jobs(&*view.state)?;
    let at_work: Vec<_> = rows
        .iter()
        .filter(|(_, row)| row.cancelled_at.is_none())
        .collect();
    for (id, row) in &at_work {
        least = least.min(audiences::progress(view, id, row)?);
    }
    Ok((at_work.len(), least))
}
