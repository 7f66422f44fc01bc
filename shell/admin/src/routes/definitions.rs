//! Definitions: read, write with optimistic locking, history, preview, schemas.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::problem::Problem;
use crate::query::{Body, Query};
use crate::routes::persons::PagingQuery;
use crate::state::AdminState;
use crate::wire::{
    Definition, DefinitionInput, DefinitionKind, JsonObject, Page, Preview, PreviewRequest,
};

/// Filters of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DefinitionsQuery {
    /// Part of the id or the name.
    pub q: Option<String>,
    /// Rows of a page.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    pub limit: Option<usize>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Lists the live definitions of a kind by id.
#[utoipa::path(get, path = "/api/v1/definitions/{kind}", tag = "definitions",
    params(("kind" = DefinitionKind, Path), DefinitionsQuery),
    responses((status = 200, body = Page<Definition>)))]
pub async fn list_definitions(
    State(state): State<AdminState>,
    Path(kind): Path<String>,
    Query(query): Query<DefinitionsQuery>,
) -> Result<Json<Page<Definition>>, Problem> {
    let _ = (state, kind, query);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}

/// Reads the latest revision. An archived definition answers too, with that status.
#[utoipa::path(get, path = "/api/v1/definitions/{kind}/{id}", tag = "definitions",
    params(("kind" = DefinitionKind, Path), ("id" = String, Path),
        ("If-None-Match" = Option<String>, Header, description = "ETag already held")),
    responses(
        (status = 200, body = Definition, headers(("ETag" = String))),
        (status = 304, description = "unchanged since that ETag")))]
pub async fn read_definition(
    State(state): State<AdminState>,
    Path((kind, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let _ = (state, kind, id, headers);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}

/// Writes a new revision. Without `If-Match` only what does not exist may be written; a change
/// needs the ETag of the revision it was made from.
#[utoipa::path(put, path = "/api/v1/definitions/{kind}/{id}", tag = "definitions",
    params(("kind" = DefinitionKind, Path), ("id" = String, Path),
        ("If-Match" = Option<String>, Header, description = "ETag of the revision changed"),
        ("If-None-Match" = Option<String>, Header, description = "`*` to create only")),
    request_body = DefinitionInput,
    responses(
        (status = 200, description = "changed", body = Definition, headers(("ETag" = String))),
        (status = 201, description = "created", body = Definition, headers(("ETag" = String)))))]
pub async fn write_definition(
    State(state): State<AdminState>,
    Path((kind, id)): Path<(String, String)>,
    headers: HeaderMap,
    Body(input): Body<DefinitionInput>,
) -> Result<Response, Problem> {
    let _ = (state, kind, id, headers, input);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}

/// Takes a definition out of use; its revisions stay. `If-Match` is honoured when sent.
#[utoipa::path(delete, path = "/api/v1/definitions/{kind}/{id}", tag = "definitions",
    params(("kind" = DefinitionKind, Path), ("id" = String, Path),
        ("If-Match" = Option<String>, Header, description = "ETag of the revision archived")),
    responses((status = 204, description = "archived")))]
pub async fn archive_definition(
    State(state): State<AdminState>,
    Path((kind, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let _ = (state, kind, id, headers);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}

/// Lists every revision, newest first.
#[utoipa::path(get, path = "/api/v1/definitions/{kind}/{id}/revisions", tag = "definitions",
    params(("kind" = DefinitionKind, Path), ("id" = String, Path), PagingQuery),
    responses((status = 200, body = Page<Definition>)))]
pub async fn list_revisions(
    State(state): State<AdminState>,
    Path((kind, id)): Path<(String, String)>,
    Query(query): Query<PagingQuery>,
) -> Result<Json<Page<Definition>>, Problem> {
    let _ = (state, kind, id, query);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}

/// Says what a definition would do. Nothing is stored.
#[utoipa::path(post, path = "/api/v1/definitions/{kind}/preview", tag = "definitions",
    params(("kind" = DefinitionKind, Path)), request_body = PreviewRequest,
    responses((status = 200, body = Preview)))]
pub async fn preview_definition(
    State(state): State<AdminState>,
    Path(kind): Path<String>,
    Body(request): Body<PreviewRequest>,
) -> Result<Json<Preview>, Problem> {
    let _ = (state, kind, request);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}

/// The JSON Schema of a kind's document.
#[utoipa::path(get, path = "/api/v1/schemas/{kind}", tag = "definitions",
    params(("kind" = DefinitionKind, Path)),
    responses((status = 200, body = JsonObject, content_type = "application/schema+json")))]
pub async fn read_schema(Path(kind): Path<String>) -> Result<Response, Problem> {
    let _ = kind;
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}
