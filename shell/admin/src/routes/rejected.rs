//! Input that was refused, and trying it again.

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::problem::Problem;
use crate::query::Query;
use crate::state::AdminState;
use crate::wire::{Page, Redriven, RejectedEvent, RejectedState};

/// Filters of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RejectedQuery {
    /// Only in this state.
    pub state: Option<RejectedState>,
    /// Rows of a page.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    pub limit: Option<usize>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Lists refused input, newest first.
#[utoipa::path(get, path = "/api/v1/rejected-events", tag = "events", params(RejectedQuery),
    responses((status = 200, body = Page<RejectedEvent>)))]
pub async fn list_rejected(
    State(state): State<AdminState>,
    Query(query): Query<RejectedQuery>,
) -> Result<Json<Page<RejectedEvent>>, Problem> {
    let _ = (state, query);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}

/// Tries refused input again with today's rules.
#[utoipa::path(post, path = "/api/v1/rejected-events/{id}/redrive", tag = "events",
    params(("id" = String, Path)), responses((status = 200, body = Redriven)))]
pub async fn redrive(
    State(state): State<AdminState>,
    Path(id): Path<String>,
) -> Result<Json<Redriven>, Problem> {
    let _ = (state, id);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}
