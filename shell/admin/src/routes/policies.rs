//! Placements that learn: which policy serves, and what another one would have earned.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};

use crate::policy;
use crate::problem::Problem;
use crate::query::parse;
use crate::state::AdminState;
use crate::wire::{PlacementPolicy, PolicyValue, PolicyValueRequest};

/// Says which policy serves in a placement that learns, and why.
#[utoipa::path(get, path = "/api/v1/placements/{placement_id}/policy", tag = "offers",
    params(("placement_id" = String, Path)), responses((status = 200, body = PlacementPolicy)))]
pub async fn read_policy(
    State(state): State<AdminState>,
    Path(placement_id): Path<String>,
) -> Result<Json<PlacementPolicy>, Problem> {
    policy::read(&state.view(), &placement_id).map(Json)
}

/// Estimates what another policy would have earned in a placement that learns, from its past
/// decisions and what came of them. Changes nothing.
#[utoipa::path(post, path = "/api/v1/placements/{placement_id}/policy-value", tag = "offers",
    params(("placement_id" = String, Path)), request_body = PolicyValueRequest,
    responses((status = 200, body = PolicyValue)))]
pub async fn read_policy_value(
    State(state): State<AdminState>,
    Path(placement_id): Path<String>,
    body: Bytes,
) -> Result<Json<PolicyValue>, Problem> {
    let request: PolicyValueRequest = parse(&body)?;
    let walked = state.walk(move |state, view| policy::value(state, view, &placement_id, request));
    walked.await.map(Json)
}
