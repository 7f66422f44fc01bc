//! Long work in the background.

use axum::Json;
use axum::extract::{Path, State};

use crate::page;
use crate::problem::Problem;
use crate::query::Query;
use crate::routes::persons::PagingQuery;
use crate::state::AdminState;
use crate::wire::{Job, Page};

const LIST: &str = "jobs";

/// Lists jobs since the start of the program, newest first.
#[utoipa::path(get, path = "/api/v1/jobs", tag = "operation", params(PagingQuery),
    responses((status = 200, body = Page<Job>)))]
pub async fn list_jobs(
    State(state): State<AdminState>,
    Query(query): Query<PagingQuery>,
) -> Result<Json<Page<Job>>, Problem> {
    let limit = page::limit(query.limit)?;
    let before = page::number_place(LIST, query.cursor.as_deref())?;
    let jobs = state.jobs().list(before, limit + 1);
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
    state
        .jobs()
        .find(&job_id)
        .map(Json)
        .ok_or_else(|| Problem::not_found("job", &job_id))
}
