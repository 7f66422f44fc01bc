//! Definitions: read, write with optimistic locking, history, preview, schemas.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use kith_base::limits;
use kith_definition::Kind;
use kith_engine::query;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::access::Principal;
use crate::change::{self, Precondition};
use crate::problem::{self, Problem};
use crate::query::{Body, Query};
use crate::routes::persons::PagingQuery;
use crate::state::AdminState;
use crate::wire::{
    Definition, DefinitionInput, DefinitionKind, DefinitionRevision, DefinitionStep,
    DefinitionsInput, DefinitionsWritten, JsonObject, Page, Preview, PreviewRequest,
};
use crate::{page, plan, preview, read};

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
    let kind = public_kind(&kind)?;
    let limit = page::limit(query.limit)?;
    let mut after = page::place(kind.as_str(), query.cursor.as_deref())?;
    let text = query.q.map(|text| text.to_lowercase());
    let view = state.view();
    let mut items = Vec::new();
    loop {
        let rows = query::definitions(&*view.state, kind.as_str(), after.as_deref(), limit + 1)?;
        let last = rows.len() <= limit;
        after = rows.last().map(|row| row.id.clone());
        let wanted = rows.iter().filter(|found| {
            let has = |text: &String| {
                found.id.contains(text) || found.row.name.to_lowercase().contains(text)
            };
            !found.row.archived && text.as_ref().is_none_or(has)
        });
        items.extend(wanted.map(|found| read::definition(kind, found)));
        if last || items.len() > limit {
            break;
        }
    }
    Ok(Json(page::page(
        kind.as_str(),
        items,
        limit,
        |item: &Definition| item.id.clone(),
    )))
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
    let kind = public_kind(&kind)?;
    let found = query::definition(&*state.view().state, kind.as_str(), &id)?
        .ok_or_else(|| Problem::not_found(kind.as_str(), &id))?;
    let etag = change::etag(found.row.revision);
    if Precondition::read(&headers).is_held(found.row.revision) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response());
    }
    Ok(([(header::ETAG, etag)], Json(read::definition(kind, &found))).into_response())
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
    Extension(principal): Extension<Principal>,
    headers: HeaderMap,
    Body(input): Body<DefinitionInput>,
) -> Result<Response, Problem> {
    let kind = public_kind(&kind)?;
    let precondition = Precondition::read(&headers);
    let content = (input.name, input.spec.0);
    let author = &principal.author;
    let (written, created) =
        change::write(&state, core_kind(kind), &id, &precondition, content, author).await?;
    let status = if created {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let etag = change::etag(written.row.revision);
    let body = Json(read::definition(kind, &written));
    Ok((status, [(header::ETAG, etag)], body).into_response())
}

/// Takes a definition out of use; its revisions stay. `If-Match` is honoured when sent.
#[utoipa::path(delete, path = "/api/v1/definitions/{kind}/{id}", tag = "definitions",
    params(("kind" = DefinitionKind, Path), ("id" = String, Path),
        ("If-Match" = Option<String>, Header, description = "ETag of the revision archived")),
    responses((status = 204, description = "archived")))]
pub async fn archive_definition(
    State(state): State<AdminState>,
    Path((kind, id)): Path<(String, String)>,
    Extension(principal): Extension<Principal>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let kind = core_kind(public_kind(&kind)?);
    let precondition = Precondition::read(&headers);
    change::archive(&state, kind, &id, &precondition, &principal.author).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes many changes at once: all of them, or none when one cannot be made. What names each other
/// may be written together, in any order.
#[utoipa::path(post, path = "/api/v1/definitions", tag = "definitions",
    request_body = DefinitionsInput,
    responses((status = 200, body = DefinitionsWritten)))]
pub async fn apply_definitions(
    State(state): State<AdminState>,
    Extension(principal): Extension<Principal>,
    Body(input): Body<DefinitionsInput>,
) -> Result<Json<DefinitionsWritten>, Problem> {
    let most = limits::DEFINITIONS_PER_PLAN_MAX;
    if input.changes.len() > most {
        let count = input.changes.len();
        let fix = format!("there are {count}, the limit is {most}; send them in several parts");
        let problem = Problem::new(problem::TOO_MANY, "there are too many changes");
        return Err(problem.field("changes", fix));
    }
    let kinds: Vec<DefinitionKind> = input.changes.iter().map(|step| step.kind).collect();
    let step = |step: DefinitionStep| plan::Step {
        kind: core_kind(step.kind),
        id: step.id,
        revision: step.revision,
        definition: step.definition,
    };
    let steps = input.changes.into_iter().map(step).collect();
    let written = plan::apply(&state, steps, &principal.author).await?;
    let item = |(kind, found): (DefinitionKind, query::Definition)| DefinitionRevision {
        kind,
        status: read::status(&found),
        id: found.id,
        revision: found.row.revision,
    };
    let items = kinds.into_iter().zip(written).map(item).collect();
    Ok(Json(DefinitionsWritten { items }))
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
    let kind = public_kind(&kind)?;
    let limit = page::limit(query.limit)?;
    let list = format!("{}/{id}", kind.as_str());
    let before = page::number_place(&list, query.cursor.as_deref())?;
    let view = state.view();
    let newest = query::definition(&*view.state, kind.as_str(), &id)?
        .ok_or_else(|| Problem::not_found(kind.as_str(), &id))?
        .row
        .revision;
    let first = before.map_or(newest, |before| before.saturating_sub(1).min(newest));
    let mut items = Vec::new();
    for revision in (1..=first).rev().take(limit + 1) {
        if let Some(row) = query::revision(&*view.state, kind.as_str(), &id, revision)? {
            let kind_name = kind.as_str().to_owned();
            let found = query::Definition {
                kind: kind_name,
                id: id.clone(),
                row,
            };
            items.push(read::definition(kind, &found));
        }
    }
    Ok(Json(page::page(&list, items, limit, |item| {
        item.revision.to_string()
    })))
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
    let kind = core_kind(public_kind(&kind)?);
    state
        .walk(move |state, view| preview::run(state, view, kind, &request))
        .await
        .map(Json)
}

/// The JSON Schema of a kind's document.
#[utoipa::path(get, path = "/api/v1/schemas/{kind}", tag = "definitions",
    params(("kind" = DefinitionKind, Path)),
    responses((status = 200, body = JsonObject, content_type = "application/schema+json")))]
pub async fn read_schema(Path(kind): Path<String>) -> Result<Response, Problem> {
    let kind = core_kind(public_kind(&kind)?);
    let body = serde_json::to_vec(&kith_definition::schema(kind)).map_err(|error| {
        Problem::new(
            problem::INTERNAL,
            format!("the schema cannot be written: {error}"),
        )
    })?;
    Ok(([(header::CONTENT_TYPE, "application/schema+json")], body).into_response())
}

/// The kind of a path. Users and keys have routes of their own, and do not exist here.
fn public_kind(text: &str) -> Result<DefinitionKind, Problem> {
    DefinitionKind::parse(text).ok_or_else(|| {
        let known: Vec<&str> = DefinitionKind::ALL
            .iter()
            .map(|kind| kind.as_str())
            .collect();
        let detail = format!(
            "there is no kind {text:?}; the kinds are {}",
            known.join(", ")
        );
        Problem::new(problem::NOT_FOUND, detail)
    })
}

/// The kind by its word on the wire.
pub(super) fn core_kind(kind: DefinitionKind) -> Kind {
    match kind {
        DefinitionKind::Source => Kind::Source,
        DefinitionKind::Placement => Kind::Placement,
        DefinitionKind::Recipe => Kind::Recipe,
        DefinitionKind::Offer => Kind::Offer,
        DefinitionKind::Feature => Kind::Feature,
        DefinitionKind::Audience => Kind::Audience,
        DefinitionKind::Webhook => Kind::Webhook,
        DefinitionKind::Identity => Kind::Identity,
        DefinitionKind::Catalog => Kind::Catalog,
    }
}
