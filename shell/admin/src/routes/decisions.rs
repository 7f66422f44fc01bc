//! Decision records, and taking a decision again.

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::problem::Problem;
use crate::query::Query;
use crate::state::AdminState;
use crate::wire::{DecisionRecord, Page};

/// Filters of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DecisionsQuery {
    /// Only of this placement.
    pub placement: Option<String>,
    /// Rows of a page.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    pub limit: Option<usize>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Lists decisions, newest first.
#[utoipa::path(get, path = "/api/v1/decisions", tag = "decisions", params(DecisionsQuery),
    responses((status = 200, body = Page<DecisionRecord>)))]
pub async fn list_decisions(
    State(state): State<AdminState>,
    Query(query): Query<DecisionsQuery>,
) -> Result<Json<Page<DecisionRecord>>, Problem> {
    let _ = (state, query);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}

/// Reads the record of a decision.
#[utoipa::path(get, path = "/api/v1/decisions/{decision_id}", tag = "decisions",
    params(("decision_id" = String, Path)), responses((status = 200, body = DecisionRecord)))]
pub async fn read_decision(
    State(state): State<AdminState>,
    Path(decision_id): Path<String>,
) -> Result<Json<DecisionRecord>, Problem> {
    let _ = (state, decision_id);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}

/// Takes the decision again from the recorded inputs; the answer has the same bytes.
#[utoipa::path(post, path = "/api/v1/decisions/{decision_id}/replay", tag = "decisions",
    params(("decision_id" = String, Path)), responses((status = 200, body = DecisionRecord)))]
pub async fn replay_decision(
    State(state): State<AdminState>,
    Path(decision_id): Path<String>,
) -> Result<Json<DecisionRecord>, Problem> {
    let _ = (state, decision_id);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}
