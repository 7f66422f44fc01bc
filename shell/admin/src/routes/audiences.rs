//! Audiences: sizes, members, lists, entries and exits, explanations.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use kith_event::{Identifier, ListChange, Record};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::members::{self, Form};
use crate::page;
use crate::problem::{self, Problem};
use crate::query::Query;
use crate::routes::persons::PagingQuery;
use crate::state::AdminState;
use crate::wire::{
    Audience, AudienceChange, AudienceSize, Explanation, Member, MembersAccepted, Page,
};
use crate::{audiences, explain};

/// Members in one record of the log: small enough that the partition takes other records between.
const MEMBERS_PER_RECORD: usize = 500;

/// How many to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct NewestQuery {
    /// The newest so many.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    pub limit: Option<usize>,
}

/// What to explain.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExplainQuery {
    /// Id of the audience.
    pub audience: String,
}

/// Lists audiences by id.
#[utoipa::path(get, path = "/api/v1/audiences", tag = "audiences", params(PagingQuery),
    responses((status = 200, body = Page<Audience>)))]
pub async fn list_audiences(
    State(state): State<AdminState>,
    Query(query): Query<PagingQuery>,
) -> Result<Json<Page<Audience>>, Problem> {
    let limit = page::limit(query.limit)?;
    let page = state.walk(move |state, view| {
        audiences::list(view, query.cursor.as_deref(), limit, state.now())
    });
    page.await.map(Json)
}

/// Reads one audience with its numbers.
#[utoipa::path(get, path = "/api/v1/audiences/{id}", tag = "audiences",
    params(("id" = String, Path)), responses((status = 200, body = Audience)))]
pub async fn read_audience(
    State(state): State<AdminState>,
    Path(id): Path<String>,
) -> Result<Json<Audience>, Problem> {
    let audience = state.walk(move |state, view| {
        let (found, spec) = audiences::find(view, &id)?;
        let numbers = audiences::Numbers::read(view, state.now())?;
        audiences::audience(view, &found, &spec, &numbers)
    });
    audience.await.map(Json)
}

/// Lists who is in an audience, by person id.
#[utoipa::path(get, path = "/api/v1/audiences/{id}/members", tag = "audiences",
    params(("id" = String, Path), PagingQuery),
    responses((status = 200, body = Page<Member>)))]
pub async fn list_members(
    State(state): State<AdminState>,
    Path(id): Path<String>,
    Query(query): Query<PagingQuery>,
) -> Result<Json<Page<Member>>, Problem> {
    let limit = page::limit(query.limit)?;
    let cursor = query.cursor;
    state
        .walk(move |_, view| audiences::members(view, &id, cursor.as_deref(), limit))
        .await
        .map(Json)
}

/// Counts an audience.
#[utoipa::path(get, path = "/api/v1/audiences/{id}/size", tag = "audiences",
    params(("id" = String, Path)), responses((status = 200, body = AudienceSize)))]
pub async fn read_audience_size(
    State(state): State<AdminState>,
    Path(id): Path<String>,
) -> Result<Json<AudienceSize>, Problem> {
    let view = state.view();
    audiences::find(&view, &id)?;
    Ok(Json(AudienceSize {
        size: kith_engine::query::audience(&*view.state, &id, 0)?.size,
        exact: true,
        at: state.now().into(),
    }))
}

/// Lists who entered and who left, newest first.
#[utoipa::path(get, path = "/api/v1/audiences/{id}/changes", tag = "audiences",
    params(("id" = String, Path), NewestQuery),
    responses((status = 200, body = Page<AudienceChange>)))]
pub async fn list_audience_changes(
    State(state): State<AdminState>,
    Path(id): Path<String>,
    Query(query): Query<NewestQuery>,
) -> Result<Json<Page<AudienceChange>>, Problem> {
    let limit = page::limit(query.limit)?;
    state
        .walk(move |_, view| audiences::changes(view, &id, limit))
        .await
        .map(Json)
}

/// Puts up to 10,000 people on a list: a JSON array of `namespace:value`, or CSV with one such
/// column, with the columns `namespace` and `value`, or with a namespace per column.
#[utoipa::path(post, path = "/api/v1/audiences/{id}/members", tag = "audiences",
    params(("id" = String, Path)),
    request_body(content((Vec<String> = "application/json"), (String = "text/csv"))),
    responses((status = 200, body = MembersAccepted)))]
pub async fn add_members(
    State(state): State<AdminState>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<MembersAccepted>, Problem> {
    change(&state, &id, &headers, &body, Direction::Add).await
}

/// Takes people off a list; the same body as for putting them on it. Who is not on it stays off.
#[utoipa::path(delete, path = "/api/v1/audiences/{id}/members", tag = "audiences",
    params(("id" = String, Path)),
    request_body(content((Vec<String> = "application/json"), (String = "text/csv"))),
    responses((status = 200, body = MembersAccepted)))]
pub async fn remove_members(
    State(state): State<AdminState>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<MembersAccepted>, Problem> {
    change(&state, &id, &headers, &body, Direction::Remove).await
}

/// Says why a person is in an audience, or not.
#[utoipa::path(get, path = "/api/v1/persons/{person_id}/explain", tag = "persons",
    params(("person_id" = String, Path), ExplainQuery),
    responses((status = 200, body = Explanation)))]
pub async fn explain_membership(
    State(state): State<AdminState>,
    Path(person_id): Path<String>,
    Query(query): Query<ExplainQuery>,
) -> Result<Json<Explanation>, Problem> {
    let view = state.view();
    explain::explain(&view, &person_id, &query.audience, state.now()).map(Json)
}

#[derive(Clone, Copy)]
enum Direction {
    Add,
    Remove,
}

async fn change(
    state: &AdminState,
    id: &str,
    headers: &HeaderMap,
    body: &[u8],
    direction: Direction,
) -> Result<Json<MembersAccepted>, Problem> {
    let form = form(headers)?;
    // Held so that the list is not archived or made a rule meanwhile.
    let _guard = state.writes().await;
    let view = state.view();
    audiences::find_list(&view, id)?;
    let members = members::read(body, form, &view.project)?;
    drop(view);
    let records: Vec<Record> = members
        .accepted
        .chunks(MEMBERS_PER_RECORD)
        .map(|chunk| record(state, id, chunk, direction))
        .collect();
    if !records.is_empty() {
        state.handle().append_applied(records).await?;
    }
    Ok(Json(MembersAccepted {
        accepted: members.accepted.len() as u64,
        rejected: members.rejected,
    }))
}

fn record(state: &AdminState, id: &str, chunk: &[Identifier], direction: Direction) -> Record {
    let (add, remove) = match direction {
        Direction::Add => (chunk.to_vec(), Vec::new()),
        Direction::Remove => (Vec::new(), chunk.to_vec()),
    };
    Record::List(ListChange {
        audience: id.to_owned(),
        at: state.now(),
        add,
        remove,
    })
}

fn form(headers: &HeaderMap) -> Result<Form, Problem> {
    let text = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = text
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    match essence.trim().to_ascii_lowercase().as_str() {
        "application/json" => Ok(Form::Json),
        "text/csv" => Ok(Form::Csv),
        _ => {
            let detail = "this route takes application/json or text/csv";
            Err(Problem::new(problem::UNSUPPORTED_MEDIA_TYPE, detail))
        }
    }
}
