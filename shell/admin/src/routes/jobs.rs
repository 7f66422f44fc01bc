//! Long work in the background.

use axum::Json;
use axum::extract::{Path, State};

use crate::problem::Problem;
use crate::query::Query;
use crate::routes::persons::PagingQuery;
use crate::state::AdminState;
use crate::wire::{Job, Page};
use crate::{audiences, page};

const LIST: &str = "jobs";

/// Lists jobs: audiences whose members are being found, then what was started since the start of
/// the program, newest first.
#[utoipa::path(get, path = "/api/v1/jobs", tag = "operation", params(PagingQuery),
    responses((status = 200, body = Page<Job>)))]
pub async fn list_jobs(
    State(state): State<AdminState>,
    Query(query): Query<PagingQuery>,
) -> Result<Json<Page<Job>>, Problem> {
    let limit = page::limit(query.limit)?;
    let place = page::place(LIST, query.cursor.as_deref())?;
    let audience = place.as_deref().and_then(audiences::of_job);
    let before = match (&place, audience) {
        (Some(place), None) => Some(place.parse().map_err(|_| page::wrong_cursor())?),
        _ => None,
    };
    let mut jobs = match before {
        Some(_) => Vec::new(),
        None => audiences::jobs(&state.view(), audience)?,
    };
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
    let found = match state.jobs().find(&job_id) {
        Some(job) => Some(job),
        None => audiences::find_job(&state.view(), &job_id)?,
    };
    found
        .map(Json)
        .ok_or_else(|| Problem::not_found("job", &job_id))
}
