//! Write keys of sources.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use crate::problem::Problem;
use crate::state::AdminState;
use crate::wire::WriteKey;

/// Makes a write key. It is shown this once.
#[utoipa::path(post, path = "/api/v1/sources/{id}/keys", tag = "sources",
    params(("id" = String, Path)), responses((status = 201, body = WriteKey)))]
pub async fn create_write_key(
    State(state): State<AdminState>,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<WriteKey>), Problem> {
    let _ = (state, id);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}

/// Revokes a write key.
#[utoipa::path(delete, path = "/api/v1/sources/{id}/keys/{prefix}", tag = "sources",
    params(("id" = String, Path), ("prefix" = String, Path)),
    responses((status = 204, description = "revoked")))]
pub async fn revoke_write_key(
    State(state): State<AdminState>,
    Path((id, prefix)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let _ = (state, id, prefix);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}
