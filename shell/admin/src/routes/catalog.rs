//! Catalog items.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::problem::Problem;
use crate::query::Query;
use crate::state::AdminState;
use crate::wire::{Item, ItemInput, ItemsAccepted, Page};

/// Filters of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ItemsQuery {
    /// Beginning of the id, or of a word of the title.
    pub q: Option<String>,
    /// Rows of a page.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    pub limit: Option<usize>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Lists items by id.
#[utoipa::path(get, path = "/api/v1/catalog/items", tag = "catalog", params(ItemsQuery),
    responses((status = 200, body = Page<Item>)))]
pub async fn list_items(
    State(state): State<AdminState>,
    Query(query): Query<ItemsQuery>,
) -> Result<Json<Page<Item>>, Problem> {
    let _ = (state, query);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}

/// Writes up to 10,000 items: a JSON array, or one object per line as NDJSON.
#[utoipa::path(post, path = "/api/v1/catalog/items", tag = "catalog",
    request_body(content((Vec<ItemInput> = "application/json"),
        (String = "application/x-ndjson"))),
    responses((status = 200, body = ItemsAccepted)))]
pub async fn write_items(
    State(state): State<AdminState>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<ItemsAccepted>, Problem> {
    let _ = (state, headers, body);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}

/// Reads an item.
#[utoipa::path(get, path = "/api/v1/catalog/items/{item_id}", tag = "catalog",
    params(("item_id" = String, Path)), responses((status = 200, body = Item)))]
pub async fn read_item(
    State(state): State<AdminState>,
    Path(item_id): Path<String>,
) -> Result<Json<Item>, Problem> {
    let _ = (state, item_id);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}

/// Writes an item as a whole.
#[utoipa::path(put, path = "/api/v1/catalog/items/{item_id}", tag = "catalog",
    params(("item_id" = String, Path)), request_body = ItemInput,
    responses((status = 200, body = Item)))]
pub async fn write_item(
    State(state): State<AdminState>,
    Path(item_id): Path<String>,
    body: Bytes,
) -> Result<Json<Item>, Problem> {
    let _ = (state, item_id, body);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}

/// Deletes an item.
#[utoipa::path(delete, path = "/api/v1/catalog/items/{item_id}", tag = "catalog",
    params(("item_id" = String, Path)), responses((status = 204, description = "deleted")))]
pub async fn delete_item(
    State(state): State<AdminState>,
    Path(item_id): Path<String>,
) -> Result<StatusCode, Problem> {
    let _ = (state, item_id);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}
