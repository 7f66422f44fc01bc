//! Long work in the background.

use axum::extract::{Path, State};
use axum::{Extension, Json};
use kith_event::{JobChange, Record};

use crate::access::Principal;
use crate::problem::{self, Problem};
use crate::query::Query;
use crate::routes::persons::PagingQuery;
use crate::state::AdminState;
use crate::wire::{Job, JobState, Page};
use crate::{background, page};

const LIST: &str = "jobs";

/// Lists jobs: audiences whose members are being found, features whose past is being counted, the
/// last training of models, then what was started since the start of the program, newest first.
#[utoipa::path(get, path = "/api/v1/jobs", tag = "operation", params(PagingQuery),
    responses((status = 200, body = Page<Job>)))]
pub async fn list_jobs(
    State(state): State<AdminState>,
    Query(query): Query<PagingQuery>,
) -> Result<Json<Page<Job>>, Problem> {
    let limit = page::limit(query.limit)?;
    let place = page::place(LIST, query.cursor.as_deref())?;
    let after = place.as_deref().filter(|place| background::is_one(place));
    let before = match (&place, after) {
        (Some(place), None) => Some(place.parse().map_err(|_| page::wrong_cursor())?),
        _ => None,
    };
    let mut jobs = match before {
        Some(_) => Vec::new(),
        None => background::jobs(&state.view(), after)?,
    };
    if before.is_none() {
        let job = training(&state);
        jobs.extend(job.filter(|job| after.is_none_or(|after| job.job_id.as_str() > after)));
    }
    let left = (limit + 1).saturating_sub(jobs.len());
    jobs.extend(state.jobs().list(before, left));
    Ok(Json(page::page(LIST, jobs, limit, |job| {
        job.job_id.clone()
    })))
}

/// Reads a job.
#[utoipa::path(get, path = "/api/v1/jobs/{job_id}", tag = "operation",
    params(("job_id" = String, Path)), responses((status = 200, body = Job)))]
pub async fn read_job(
    State(state): State<AdminState>,
    Path(job_id): Path<String>,
) -> Result<Json<Job>, Problem> {
    find(&state, &job_id).map(Json)
}

fn training(state: &AdminState) -> Option<Job> {
    let run = state.learning().registry.training();
    run.as_ref().map(background::training)
}

fn find(state: &AdminState, job_id: &str) -> Result<Job, Problem> {
    let found = match state.jobs().find(job_id) {
        Some(job) => Some(job),
        None if training(state).is_some_and(|job| job.job_id == job_id) => training(state),
        None => background::find(&state.view(), job_id)?,
    };
    found.ok_or_else(|| Problem::not_found("job", job_id))
}

/// Cancels computing an audience or a feature. What is done stays: of the audience, those looked
/// at so far enter and leave and nobody else does; the feature stays without a value. It outlasts a
/// restart.
#[utoipa::path(post, path = "/api/v1/jobs/{job_id}/cancel", tag = "operation",
    params(("job_id" = String, Path)), responses((status = 200, body = Job)))]
pub async fn cancel_job(
    State(state): State<AdminState>,
    Extension(principal): Extension<Principal>,
    Path(job_id): Path<String>,
) -> Result<Json<Job>, Problem> {
    change(&state, &job_id, true, principal.author).await
}

/// Lets a cancelled job go on from where it stands. It ends as if it had never been cancelled.
#[utoipa::path(post, path = "/api/v1/jobs/{job_id}/resume", tag = "operation",
    params(("job_id" = String, Path)), responses((status = 200, body = Job)))]
pub async fn resume_job(
    State(state): State<AdminState>,
    Extension(principal): Extension<Principal>,
    Path(job_id): Path<String>,
) -> Result<Json<Job>, Problem> {
    change(&state, &job_id, false, principal.author).await
}

async fn change(
    state: &AdminState,
    job_id: &str,
    cancelled: bool,
    by: String,
) -> Result<Json<Job>, Problem> {
    let _guard = state.writes().await;
    let job = find(state, job_id)?;
    let (wanted, action) = match cancelled {
        true => (JobState::Running, "cancel"),
        false => (JobState::Cancelled, "resume"),
    };
    let target = background::target(job_id)
        .filter(|_| job.state == wanted && !background::is_clearing(&state.view(), job_id));
    let Some((kind, id)) = target else {
        let detail = format!("the job is {:?}, there is nothing to {action}", job.state);
        return Err(Problem::new(
            problem::JOB_NOT_RUNNING,
            detail.to_lowercase(),
        ));
    };
    let record = Record::Job(JobChange {
        kind: kind.as_str().to_owned(),
        id: id.to_owned(),
        cancelled,
        at: state.now(),
        by,
    });
    state.handle().append_applied(vec![record]).await?;
    find(state, job_id).map(Json)
}
