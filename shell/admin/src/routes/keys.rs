//! Secret keys.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use crate::problem::Problem;
use crate::query::{Body, Query};
use crate::routes::persons::PagingQuery;
use crate::state::AdminState;
use crate::wire::{Page, SecretKey, SecretKeyCreated, SecretKeyInput};

/// Lists secret keys.
#[utoipa::path(get, path = "/api/v1/keys", tag = "keys", params(PagingQuery),
    responses((status = 200, body = Page<SecretKey>)))]
pub async fn list_keys(
    State(state): State<AdminState>,
    Query(query): Query<PagingQuery>,
) -> Result<Json<Page<SecretKey>>, Problem> {
    let _ = (state, query);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}

/// Makes a secret key. It is shown this once.
#[utoipa::path(post, path = "/api/v1/keys", tag = "keys", request_body = SecretKeyInput,
    responses((status = 201, body = SecretKeyCreated)))]
pub async fn create_key(
    State(state): State<AdminState>,
    Body(input): Body<SecretKeyInput>,
) -> Result<(StatusCode, Json<SecretKeyCreated>), Problem> {
    let _ = (state, input);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}

/// Revokes a secret key.
#[utoipa::path(delete, path = "/api/v1/keys/{key_id}", tag = "keys",
    params(("key_id" = String, Path)), responses((status = 204, description = "revoked")))]
pub async fn revoke_key(
    State(state): State<AdminState>,
    Path(key_id): Path<String>,
) -> Result<StatusCode, Problem> {
    let _ = (state, key_id);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}
