//! Input that was refused, and trying it again.

use axum::extract::{Path, State};
use axum::{Extension, Json};
use kith_base::limits;
use kith_engine::query::{self, RefusedEntry};
use kith_event::collect::{self, Limits};
use kith_event::enrich::{self, Device, Facts, Geo};
use kith_event::{Position, Record, Refused};
use kith_runtime::View;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::IntoParams;

use crate::access::Principal;
use crate::problem::{self, Problem};
use crate::query::{OptionalBody, Query};
use crate::state::AdminState;
use crate::wire::{Page, RedriveInput, Redriven, RejectedEvent, RejectedState};
use crate::{page, read};

const LIST: &str = "rejected-events";
/// Rows looked at for one page when only one state is wanted.
const ROWS_MAX: usize = 10_000;

/// Filters of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RejectedQuery {
    /// Only in this state.
    pub state: Option<RejectedState>,
    /// Rows of a page.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    pub limit: Option<usize>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Lists refused input, newest first.
#[utoipa::path(get, path = "/api/v1/rejected-events", tag = "events", params(RejectedQuery),
    responses((status = 200, body = Page<RejectedEvent>)))]
pub async fn list_rejected(
    State(state): State<AdminState>,
    Query(query): Query<RejectedQuery>,
) -> Result<Json<Page<RejectedEvent>>, Problem> {
    let limit = page::limit(query.limit)?;
    let before = page::number_place(LIST, query.cursor.as_deref())?;
    let wanted = query.state;
    state
        .walk(move |state, view| list(state, view, wanted, before, limit))
        .await
        .map(Json)
}

/// Tries refused input again with today's rules: as it came, or as corrected in `raw`. What came
/// stays readable either way.
#[utoipa::path(post, path = "/api/v1/rejected-events/{id}/redrive", tag = "events",
    params(("id" = String, Path)), request_body(content = Option<RedriveInput>),
    responses((status = 200, body = Redriven)))]
pub async fn redrive(
    State(state): State<AdminState>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
    OptionalBody(body): OptionalBody<Map<String, Value>>,
) -> Result<Json<Redriven>, Problem> {
    let corrected = corrected(body.unwrap_or_default())?;
    let _guard = state.writes().await;
    let (position, refused) = find(&state, &id)?;
    let text = corrected.as_deref().unwrap_or(&refused.raw);
    let event =
        collect::redrive(&refused, text, Limits::STANDARD, &mut enrich).map_err(|reason| {
            let field = match reason.field() {
                "" => "raw",
                field => field,
            };
            Problem::new(problem::STILL_REJECTED, reason.to_string())
                .field(field, reason.to_string())
        })?;
    let message_id = event.message_id.clone();
    let redriven = kith_event::Redriven {
        refused: position,
        at: state.now(),
        message_id: message_id.clone(),
        by: principal.author,
        raw: corrected.filter(|text| *text != refused.raw),
    };
    let records = vec![Record::Event(event), Record::Redriven(redriven)];
    state.handle().append_applied(records).await?;
    Ok(Json(Redriven {
        state: RejectedState::Redriven,
        message_id,
    }))
}

/// The corrected text of a body, if it carries one.
fn corrected(body: Map<String, Value>) -> Result<Option<String>, Problem> {
    let wrong = |field: &str, message: &str| {
        Problem::new(problem::INVALID_BODY, format!("{field} {message}")).field(field, message)
    };
    let mut corrected = None;
    for (name, value) in body {
        corrected = match (name.as_str(), value) {
            ("raw", Value::Null) => None,
            ("raw", Value::String(text)) if text.trim().is_empty() => {
                let message = "is empty: send the event, or leave raw out to try what came";
                return Err(wrong("raw", message));
            }
            ("raw", Value::String(text)) if text.len() > limits::REJECTED_RAW_MAX_BYTES => {
                let max = limits::REJECTED_RAW_MAX_BYTES;
                let message = format!("has {} bytes, the limit is {max}: shorten it", text.len());
                return Err(wrong("raw", &message));
            }
            ("raw", Value::String(text)) => Some(text),
            ("raw", _) => {
                let message = "must be text: the event as a JSON text, in quotes";
                return Err(wrong("raw", message));
            }
            (unknown, _) => {
                return Err(wrong(unknown, "is not known here: the text goes into raw"));
            }
        };
    }
    Ok(corrected)
}

/// The refused input still open under an id.
fn find(state: &AdminState, id: &str) -> Result<(Position, Refused), Problem> {
    let missing = || Problem::not_found("rejected event", id);
    let position: Position = id.parse().map_err(|_| missing())?;
    let row = query::refused(&*state.view().state, position)?.ok_or_else(missing)?;
    if let Some(message_id) = row.row.message_id {
        let detail = format!("it is the event {message_id} since it was tried again");
        return Err(Problem::new(problem::ALREADY_REDRIVEN, detail));
    }
    match state.handle().record(position)? {
        Some(Record::Refused(refused)) => Ok((position, refused)),
        _ => Err(missing()),
    }
}

/// How refused input was accepted; `None` while it is open.
fn redriven(
    state: &AdminState,
    entry: &RefusedEntry,
) -> Result<Option<kith_event::Redriven>, Problem> {
    let (Some(at), Some(message_id)) = (entry.row.redriven_at, entry.row.message_id.clone()) else {
        return Ok(None);
    };
    if let Some(position) = entry.row.redriven_in
        && let Some(Record::Redriven(redriven)) = state.handle().record(position)?
    {
        return Ok(Some(redriven));
    }
    Ok(Some(kith_event::Redriven {
        refused: entry.position,
        at,
        message_id,
        by: String::new(),
        raw: None,
    }))
}

/// The place is not derived again: the address the input came from was never stored.
fn enrich(facts: &Facts<'_>) -> enrich::Enrichment {
    let device = Device::read(&facts.user_agent, &facts.hints);
    enrich::derive(facts, &device, &Geo::default())
}

fn list(
    state: &AdminState,
    view: &View,
    wanted: Option<RejectedState>,
    before: Option<Position>,
    limit: usize,
) -> Result<Page<RejectedEvent>, Problem> {
    let mut items = Vec::new();
    let mut before = before;
    let mut looked_at = 0;
    while items.len() <= limit {
        let rows = query::refusals(&*view.state, before, limit + 1)?;
        let last = rows.len() <= limit;
        looked_at += rows.len();
        for entry in rows {
            before = Some(entry.position);
            let open = entry.row.redriven_at.is_none();
            let fits = wanted.is_none_or(|wanted| (wanted == RejectedState::Open) == open);
            if fits && let Some(Record::Refused(refused)) = state.handle().record(entry.position)? {
                let redriven = redriven(state, &entry)?;
                items.push(read::rejected(entry.position, &refused, redriven));
            }
        }
        if last {
            return Ok(page::page(LIST, items, limit, |row| row.id.clone()));
        }
        if looked_at >= ROWS_MAX {
            break;
        }
    }
    let broken_off = items.len() <= limit;
    let mut page = page::page(LIST, items, limit, |row| row.id.clone());
    if broken_off {
        page.next_cursor = before.map(|position| page::cursor(LIST, &position.to_string()));
    }
    Ok(page)
}
