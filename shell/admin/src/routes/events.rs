//! Events as stored, newest first or live.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::problem::Problem;
use crate::query::Query;
use crate::state::AdminState;
use crate::wire::{Event, Page};

/// Filters of a list of events.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EventsQuery {
    /// Only of this source.
    pub source: Option<String>,
    /// Only of this name.
    pub name: Option<String>,
    /// Only of this person, by id.
    pub person: Option<String>,
    /// Rows of a page.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    pub limit: Option<usize>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Filters of the live stream.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StreamQuery {
    /// Only of this source.
    pub source: Option<String>,
    /// Only of this name.
    pub name: Option<String>,
    /// Only of this person, by id.
    pub person: Option<String>,
}

/// Lists events, newest first.
#[utoipa::path(get, path = "/api/v1/events", tag = "events", params(EventsQuery),
    responses((status = 200, body = Page<Event>)))]
pub async fn list_events(
    State(state): State<AdminState>,
    Query(query): Query<EventsQuery>,
) -> Result<Json<Page<Event>>, Problem> {
    let _ = (state, query);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}

/// Sends events as they arrive: `event: event` carries an `Event`, `event: rejected` a
/// `RejectedEvent`. A comment every 15 seconds keeps the connection alive.
#[utoipa::path(get, path = "/api/v1/events/stream", tag = "events", params(StreamQuery),
    responses((status = 200, content_type = "text/event-stream", body = String)))]
pub async fn stream_events(
    State(state): State<AdminState>,
    Query(query): Query<StreamQuery>,
) -> Result<Response, Problem> {
    let _ = (state, query);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}

/// Reads one event as stored, with its fate.
#[utoipa::path(get, path = "/api/v1/events/{message_id}", tag = "events",
    params(("message_id" = String, Path)), responses((status = 200, body = Event)))]
pub async fn read_event(
    State(state): State<AdminState>,
    Path(message_id): Path<String>,
) -> Result<Json<Event>, Problem> {
    let _ = (state, message_id);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}
