//! Input that was refused, and trying it again.

use axum::Json;
use axum::extract::{Path, State};
use kith_engine::query;
use kith_event::collect::{self, Limits};
use kith_event::enrich::{self, Device, Facts, Geo};
use kith_event::{Position, Record, Refused};
use kith_runtime::View;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::problem::{self, Problem};
use crate::query::Query;
use crate::state::AdminState;
use crate::wire::{Page, Redriven, RejectedEvent, RejectedState};
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

/// Tries refused input again with today's rules.
#[utoipa::path(post, path = "/api/v1/rejected-events/{id}/redrive", tag = "events",
    params(("id" = String, Path)), responses((status = 200, body = Redriven)))]
pub async fn redrive(
    State(state): State<AdminState>,
    Path(id): Path<String>,
) -> Result<Json<Redriven>, Problem> {
    let _guard = state.writes().await;
    let (position, refused) = find(&state, &id)?;
    let event = collect::redrive(&refused, Limits::STANDARD, &mut enrich).map_err(|reason| {
        Problem::new(problem::STILL_REJECTED, reason.to_string())
            .field(reason.field(), reason.to_string())
    })?;
    let message_id = event.message_id.clone();
    let redriven = kith_event::Redriven {
        refused: position,
        at: state.now(),
        message_id: message_id.clone(),
    };
    let records = vec![Record::Event(event), Record::Redriven(redriven)];
    state.handle().append_applied(records).await?;
    Ok(Json(Redriven {
        state: RejectedState::Redriven,
        message_id,
    }))
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
            let redriven_at = entry.row.redriven_at;
            let open = redriven_at.is_none();
            let fits = wanted.is_none_or(|wanted| (wanted == RejectedState::Open) == open);
            if fits && let Some(Record::Refused(refused)) = state.handle().record(entry.position)? {
                items.push(read::rejected(entry.position, &refused, redriven_at));
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
