//! Catalog items.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use kith_base::{Json as StoredJson, digest};
use kith_engine::query;
use kith_engine::state::Read;
use kith_event::{CatalogChange, Record};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::problem::{self, Problem};
use crate::query::Query;
use crate::state::AdminState;
use crate::wire::{Item, ItemInput, ItemProblem, ItemsAccepted, JobKind, Page};
use crate::{items, page};

const LIST: &str = "items";
/// Items in one record of the log: small enough that the partition takes other records between.
const ITEMS_PER_RECORD: usize = 500;

type Tagged = ([(HeaderName, String); 1], Json<Item>);

/// Filters of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ItemsQuery {
    /// Words, of which each is the beginning of one of the id, title, brand or categories. A page
    /// of what is found may be short, or empty, and others follow it: go on while there is a
    /// `next_cursor`.
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
    let limit = page::limit(query.limit)?;
    let after = page::place(LIST, query.cursor.as_deref())?;
    let text = query.q.filter(|text| !text.trim().is_empty());
    let page = state.walk(move |_, view| {
        let after = after.as_deref();
        if let Some(text) = text {
            return search(&*view.state, &text, after, limit);
        }
        let found = query::items(&*view.state, after, limit + 1)?;
        let items = found
            .iter()
            .filter_map(|(id, stored)| items::from_stored(id, stored));
        Ok(page::page(LIST, items.collect(), limit, |item: &Item| {
            item.item_id.clone()
        }))
    });
    page.await.map(Json)
}

/// A page of what is found. It may be short and still not the last one.
fn search(
    state: &dyn Read,
    text: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Page<Item>, Problem> {
    let found = query::search_items(state, text, after, limit)?;
    let mut items = Vec::with_capacity(found.item_ids.len());
    for item_id in found.item_ids {
        let stored = query::item(state, &item_id)?;
        items.extend(stored.and_then(|stored| items::from_stored(&item_id, &stored)));
    }
    let next_cursor = found.next.map(|place| page::cursor(LIST, &place));
    Ok(Page { items, next_cursor })
}

/// Writes up to 10,000 items: a JSON array, or one object per line as NDJSON.
#[utoipa::path(post, path = "/api/v1/catalog/items", tag = "catalog",
    request_body(content((Vec<ItemInput> = "application/json"),
        (String = "application/x-ndjson"))),
    responses((status = 200, body = ItemsAccepted)))]
pub async fn write_items(
    State(state): State<AdminState>,
    body: Bytes,
) -> Result<Json<ItemsAccepted>, Problem> {
    let now = state.now();
    let shape = items::shape(&*state.view().state)?;
    let parts = items::split(&body).map_err(|error| {
        Problem::new(problem::INVALID_BODY, error.message.clone()).field(error.field, error.message)
    })?;
    let mut rejected = Vec::new();
    let mut accepted = Vec::new();
    for (index, part) in parts.into_iter().enumerate() {
        match items::check(part, None, &shape, now) {
            Ok(item) => accepted.push((item.item_id.clone(), Some(items::to_stored(&item)))),
            Err(error) => rejected.push(ItemProblem {
                index: index as u64,
                field: error.field,
                message: error.message,
            }),
        }
    }
    let count = accepted.len() as u64;
    store(&state, &accepted).await?;
    Ok(Json(ItemsAccepted {
        accepted: count,
        rejected,
    }))
}

/// Reads an item.
#[utoipa::path(get, path = "/api/v1/catalog/items/{item_id}", tag = "catalog",
    params(("item_id" = String, Path)),
    responses((status = 200, body = Item, headers(("ETag" = String)))))]
pub async fn read_item(
    State(state): State<AdminState>,
    Path(item_id): Path<String>,
) -> Result<Tagged, Problem> {
    let stored = query::item(&*state.view().state, &item_id)?;
    let item = stored
        .as_deref()
        .and_then(|stored| items::from_stored(&item_id, stored));
    match (item, stored) {
        (Some(item), Some(stored)) => Ok(([(header::ETAG, etag(&stored))], Json(item))),
        _ => Err(Problem::not_found("catalog item", &item_id)),
    }
}

/// Writes an item as a whole. `If-Match` is honoured when sent.
#[utoipa::path(put, path = "/api/v1/catalog/items/{item_id}", tag = "catalog",
    params(("item_id" = String, Path),
        ("If-Match" = Option<String>, Header, description = "ETag of what is replaced")),
    request_body = ItemInput,
    responses((status = 200, body = Item, headers(("ETag" = String)))))]
pub async fn write_item(
    State(state): State<AdminState>,
    Path(item_id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Tagged, Problem> {
    let _guard = state.writes().await;
    let before = query::item(&*state.view().state, &item_id)?;
    check_match(&headers, before.as_deref())?;
    let shape = items::shape(&*state.view().state)?;
    let item = items::check(&body, Some(&item_id), &shape, state.now()).map_err(|error| {
        Problem::new(
            problem::INVALID_BODY,
            format!("the item cannot be stored: {}", error.message),
        )
        .field(error.field, error.message)
    })?;
    let stored = items::to_stored(&item);
    let etag = etag(stored.as_str().as_bytes());
    append(&state, item_id, Some(stored)).await?;
    Ok(([(header::ETAG, etag)], Json(item)))
}

/// Deletes an item. `If-Match` is honoured when sent.
#[utoipa::path(delete, path = "/api/v1/catalog/items/{item_id}", tag = "catalog",
    params(("item_id" = String, Path),
        ("If-Match" = Option<String>, Header, description = "ETag of what is deleted")),
    responses((status = 204, description = "deleted")))]
pub async fn delete_item(
    State(state): State<AdminState>,
    Path(item_id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let _guard = state.writes().await;
    let before = query::item(&*state.view().state, &item_id)?
        .ok_or_else(|| Problem::not_found("catalog item", &item_id))?;
    check_match(&headers, Some(&before))?;
    append(&state, item_id, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Stores a batch; one of more than a record's worth shows as a job.
async fn store(state: &AdminState, items: &[(String, Option<StoredJson>)]) -> Result<(), Problem> {
    let job = (items.len() > ITEMS_PER_RECORD).then(|| {
        let name = format!("{} catalog items", items.len());
        state.jobs().start(JobKind::Import, &name, state.now())
    });
    let mut outcome = Ok(0);
    for (n, part) in items.chunks(ITEMS_PER_RECORD).enumerate() {
        let change = CatalogChange {
            at: state.now(),
            items: part.to_vec(),
        };
        outcome = state
            .handle()
            .append_applied(vec![Record::Catalog(change)])
            .await;
        if outcome.is_err() {
            break;
        }
        if let Some(job) = &job {
            let done = n * ITEMS_PER_RECORD + part.len();
            job.progress(done as f64 / items.len() as f64, state.now());
        }
    }
    if let Some(job) = job {
        job.finish(outcome.as_ref().err().map(ToString::to_string), state.now());
    }
    outcome.map(drop).map_err(Problem::from)
}

async fn append(
    state: &AdminState,
    item_id: String,
    item: Option<StoredJson>,
) -> Result<(), Problem> {
    let change = CatalogChange {
        at: state.now(),
        items: vec![(item_id, item)],
    };
    state
        .handle()
        .append_applied(vec![Record::Catalog(change)])
        .await?;
    Ok(())
}

/// Items have no revisions: their ETag is made from the content.
fn etag(stored: &[u8]) -> String {
    format!("\"{:016x}\"", digest("item", &[stored]).prefix())
}

fn check_match(headers: &HeaderMap, before: Option<&[u8]>) -> Result<(), Problem> {
    let wanted = headers
        .get(header::IF_MATCH)
        .and_then(|value| value.to_str().ok());
    let Some(wanted) = wanted else { return Ok(()) };
    let etag = before.map(etag);
    let holds = |one: &str| {
        etag.as_deref()
            .is_some_and(|etag| one == "*" || one == etag)
    };
    if wanted.split(',').any(|one| holds(one.trim())) {
        return Ok(());
    }
    let detail = format!("the item is not the one of {wanted}");
    Err(Problem::new(problem::PRECONDITION_FAILED, detail))
}
