//! People: search, profile, timeline, graph, export.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::problem::Problem;
use crate::query::{Body, Query};
use crate::state::AdminState;
use crate::wire::{
    DecisionRecord, Event, Graph, Identifier, Page, Person, PersonExport, PersonRow,
};

/// How to find people. Without a filter: the most recently active.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PersonsQuery {
    /// Whoever has exactly this identifier, as `namespace:value`.
    pub identifier: Option<String>,
    /// Beginning of any identifier's value, or a word of the name.
    pub q: Option<String>,
    /// Rows of a page.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    pub limit: Option<usize>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Paging of a timeline.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TimelineQuery {
    /// Only events of this name.
    pub name: Option<String>,
    /// Rows of a page.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    pub limit: Option<usize>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Paging alone.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PagingQuery {
    /// Rows of a page.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    pub limit: Option<usize>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Identifiers to force together.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeInput {
    /// At least two.
    #[schema(min_items = 2)]
    pub identifiers: Vec<Identifier>,
}

/// A link to undo.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitInput {
    /// Id of the link.
    pub edge_id: String,
}

/// Finds people.
#[utoipa::path(get, path = "/api/v1/persons", tag = "persons", params(PersonsQuery),
    responses((status = 200, body = Page<PersonRow>)))]
pub async fn list_persons(
    State(state): State<AdminState>,
    Query(query): Query<PersonsQuery>,
) -> Result<Json<Page<PersonRow>>, Problem> {
    let _ = (state, query);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}

/// Reads a profile.
#[utoipa::path(get, path = "/api/v1/persons/{person_id}", tag = "persons",
    params(("person_id" = String, Path)), responses((status = 200, body = Person)))]
pub async fn read_person(
    State(state): State<AdminState>,
    Path(person_id): Path<String>,
) -> Result<Json<Person>, Problem> {
    let _ = (state, person_id);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}

/// Lists a person's events, newest first.
#[utoipa::path(get, path = "/api/v1/persons/{person_id}/events", tag = "persons",
    params(("person_id" = String, Path), TimelineQuery),
    responses((status = 200, body = Page<Event>)))]
pub async fn list_person_events(
    State(state): State<AdminState>,
    Path(person_id): Path<String>,
    Query(query): Query<TimelineQuery>,
) -> Result<Json<Page<Event>>, Problem> {
    let _ = (state, person_id, query);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}

/// Lists the decisions taken for a person, newest first.
#[utoipa::path(get, path = "/api/v1/persons/{person_id}/decisions", tag = "persons",
    params(("person_id" = String, Path), PagingQuery),
    responses((status = 200, body = Page<DecisionRecord>)))]
pub async fn list_person_decisions(
    State(state): State<AdminState>,
    Path(person_id): Path<String>,
    Query(query): Query<PagingQuery>,
) -> Result<Json<Page<DecisionRecord>>, Problem> {
    let _ = (state, person_id, query);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}

/// Reads a person's part of the identity graph.
#[utoipa::path(get, path = "/api/v1/persons/{person_id}/graph", tag = "persons",
    params(("person_id" = String, Path)), responses((status = 200, body = Graph)))]
pub async fn read_person_graph(
    State(state): State<AdminState>,
    Path(person_id): Path<String>,
) -> Result<Json<Graph>, Problem> {
    let _ = (state, person_id);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}

/// Hands out everything stored about a person.
#[utoipa::path(get, path = "/api/v1/persons/{person_id}/export", tag = "persons",
    params(("person_id" = String, Path)), responses((status = 200, body = PersonExport)))]
pub async fn export_person(
    State(state): State<AdminState>,
    Path(person_id): Path<String>,
) -> Result<Json<PersonExport>, Problem> {
    let _ = (state, person_id);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}

/// Forces identifiers to be one person. Arrives with the full identity graph; answers 501.
#[utoipa::path(post, path = "/api/v1/persons/merge", tag = "persons", request_body = MergeInput,
    responses((status = 501, description = "not available in this version")))]
pub async fn merge_persons(Body(_): Body<MergeInput>) -> Problem {
    reserved("people cannot be merged by hand")
}

/// Undoes a link. Arrives with the full identity graph; answers 501.
#[utoipa::path(post, path = "/api/v1/persons/{person_id}/split", tag = "persons",
    params(("person_id" = String, Path)), request_body = SplitInput,
    responses((status = 501, description = "not available in this version")))]
pub async fn split_person(Path(_): Path<String>, Body(_): Body<SplitInput>) -> Problem {
    reserved("links cannot be undone by hand")
}

/// Erases a person. Arrives with the full identity graph; answers 501.
#[utoipa::path(delete, path = "/api/v1/persons/{person_id}", tag = "persons",
    params(("person_id" = String, Path)),
    responses((status = 501, description = "not available in this version")))]
pub async fn delete_person(Path(_): Path<String>) -> Problem {
    reserved("people cannot be erased")
}

fn reserved(what: &str) -> Problem {
    let detail = format!("{what} in this version; it arrives with the full identity graph");
    debug_assert_eq!(
        crate::problem::NOT_AVAILABLE.status,
        StatusCode::NOT_IMPLEMENTED
    );
    Problem::new(crate::problem::NOT_AVAILABLE, detail)
}
