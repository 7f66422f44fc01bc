//! The figures on the console's first page.

use axum::Json;
use axum::extract::State;

use kith_engine::query;

use crate::problem::Problem;
use crate::state::AdminState;
use crate::wire::{MinuteCount, NameCount, Overview, SourceActivity};

const MINUTES: u64 = 60;
/// Event names listed.
const NAMES_MAX: usize = 20;

/// Says how the engine stands.
#[utoipa::path(get, path = "/api/v1/overview", tag = "operation",
    responses((status = 200, body = Overview)))]
pub async fn read_overview(State(state): State<AdminState>) -> Result<Json<Overview>, Problem> {
    let now = state.now();
    let view = state.view();
    let numbers = query::overview(&*view.state, now)?;
    let minutes = query::minutes(&*view.state, now, MINUTES)?;
    let status = state.handle().status();
    let sources = view.project.sources.values().map(|source| {
        let seen = numbers.sources.get(&source.id);
        SourceActivity {
            id: source.id.clone(),
            name: source.name.clone(),
            last_event_at: seen.map(|seen| seen.last_at.into()),
            events_last_hour: seen.map_or(0, |seen| seen.events),
        }
    });
    let names = numbers.names.iter().take(NAMES_MAX);
    Ok(Json(Overview {
        events_total: numbers.events,
        persons_total: numbers.persons,
        items_total: numbers.items,
        rejected_open: numbers.refused_open,
        position: status.end,
        applied_position: status.applied,
        events_per_minute: minutes
            .into_iter()
            .map(|(at, count)| MinuteCount {
                at: at.into(),
                count,
            })
            .collect(),
        top_events: names
            .map(|(name, count)| NameCount {
                name: name.clone(),
                count: *count,
            })
            .collect(),
        sources: sources.collect(),
    }))
}
