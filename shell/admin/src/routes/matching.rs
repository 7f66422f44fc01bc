//! How far the search for probable links is.

use axum::Json;
use axum::extract::State;

use crate::state::AdminState;
use crate::wire::Matching;

/// Says how far the search for probable links is, and how good its links are.
#[utoipa::path(get, path = "/api/v1/identity/matching", tag = "identity",
    responses((status = 200, body = Matching)))]
pub async fn read_matching(State(state): State<AdminState>) -> Json<Matching> {
    Json(Matching::from(&*state.linkage().figures()))
}
