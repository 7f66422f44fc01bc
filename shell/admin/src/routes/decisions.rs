//! Decision records, and taking a decision again.

use axum::Json;
use axum::extract::{Path, State};
use kith_base::Timestamp;
use kith_engine::{decide, query};
use kith_event::{DecisionTaken, Record};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::page;
use crate::problem::{self, Problem};
use crate::query::{Query, invalid};
use crate::state::AdminState;
use crate::walk::Walk;
use crate::wire::{DecisionExplanation, DecisionRecord, JsonObject, Page};

const LIST: &str = "decisions";

/// Filters of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DecisionsQuery {
    /// Only of this placement.
    pub placement: Option<String>,
    /// Only those taken up to this time (RFC 3339).
    pub until: Option<String>,
    /// Rows of a page.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    pub limit: Option<usize>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Lists decisions, newest first.
#[utoipa::path(get, path = "/api/v1/decisions", tag = "decisions", params(DecisionsQuery),
    responses((status = 200, body = Page<DecisionRecord>)))]
pub async fn list_decisions(
    State(state): State<AdminState>,
    Query(query): Query<DecisionsQuery>,
) -> Result<Json<Page<JsonObject>>, Problem> {
    let limit = page::limit(query.limit)?;
    let before = page::number_place(LIST, query.cursor.as_deref())?;
    let until = query.until.as_deref().map(Timestamp::parse).transpose();
    let until =
        until.map_err(|_| invalid("until", "is not a time such as 2026-07-12T00:00:00Z"))?;
    let placement = query.placement;
    let page = state.walk(move |state, _| {
        let mut walk = Walk::new(state.handle(), before);
        let mut items = Vec::new();
        while items.len() < limit
            && let Some((_, record)) = walk.next()?
        {
            if let Record::Decision(taken) = record
                && placement
                    .as_ref()
                    .is_none_or(|placement| *placement == taken.placement)
                && until.is_none_or(|until| taken.at <= until)
            {
                items.push(JsonObject(taken.record));
            }
        }
        let next_cursor = walk
            .rest()
            .map(|position| page::cursor(LIST, &position.to_string()));
        Ok(Page { items, next_cursor })
    });
    page.await.map(Json)
}

/// Reads the record of a decision.
#[utoipa::path(get, path = "/api/v1/decisions/{decision_id}", tag = "decisions",
    params(("decision_id" = String, Path)), responses((status = 200, body = DecisionRecord)))]
pub async fn read_decision(
    State(state): State<AdminState>,
    Path(decision_id): Path<String>,
) -> Result<Json<JsonObject>, Problem> {
    find(&state, &decision_id).map(|taken| Json(JsonObject(taken.record)))
}

/// Takes the decision again from the recorded inputs; the answer has the same bytes.
#[utoipa::path(post, path = "/api/v1/decisions/{decision_id}/replay", tag = "decisions",
    params(("decision_id" = String, Path)), responses((status = 200, body = DecisionRecord)))]
pub async fn replay_decision(
    State(state): State<AdminState>,
    Path(decision_id): Path<String>,
) -> Result<Json<JsonObject>, Problem> {
    let taken = find(&state, &decision_id)?;
    let again = decide::replay(&*state.view().state, &taken)
        .map_err(|error| Problem::new(problem::NOT_REPLAYABLE, error.to_string()))?;
    if again != taken.record {
        // A law is broken: the record stays as it was, and the difference is told.
        tracing::error!(decision_id, "a replayed decision differs from its record");
    }
    Ok(Json(JsonObject(again)))
}

/// Says a decision in words: to whoever runs the placement, and to the person who asks why they see
/// it. Both follow from the record.
#[utoipa::path(get, path = "/api/v1/decisions/{decision_id}/explanation", tag = "decisions",
    params(("decision_id" = String, Path)),
    responses((status = 200, body = DecisionExplanation)))]
pub async fn explain_decision(
    State(state): State<AdminState>,
    Path(decision_id): Path<String>,
) -> Result<Json<DecisionExplanation>, Problem> {
    let taken = find(&state, &decision_id)?;
    let record: Told = taken.record.read().map_err(|error| {
        let detail = format!("the record of decision {decision_id} cannot be read: {error}");
        Problem::new(problem::NOT_REPLAYABLE, detail)
    })?;
    let choices = &record.decision.choices;
    let shown = choices.iter().map(|choice| {
        let reasons = choice.reasons.join("; ");
        format!("{} is shown: {reasons}", choice.id)
    });
    let losers = record.losers.iter();
    let to_them = choices.iter().filter_map(|choice| choice.reasons.first());
    Ok(Json(DecisionExplanation {
        shown: shown.collect(),
        not_shown: losers
            .map(|loser| format!("{} is not shown: {}", loser.id, loser.reason))
            .collect(),
        to_the_person: to_them.map(|reason| kith_decide::to_them(reason)).collect(),
    }))
}

/// What of a record its words are made of.
#[derive(Deserialize)]
struct Told {
    decision: ToldEntry,
    #[serde(default)]
    losers: Vec<ToldLoser>,
}

#[derive(Deserialize)]
struct ToldEntry {
    choices: Vec<ToldChoice>,
}

#[derive(Deserialize)]
struct ToldChoice {
    id: String,
    #[serde(default)]
    reasons: Vec<String>,
}

#[derive(Deserialize)]
struct ToldLoser {
    id: String,
    reason: String,
}

fn find(state: &AdminState, decision_id: &str) -> Result<DecisionTaken, Problem> {
    let missing = || Problem::not_found("decision", decision_id);
    let position = query::decision_position(&*state.view().state, decision_id)?;
    match state.handle().record(position.ok_or_else(missing)?)? {
        Some(Record::Decision(taken)) => Ok(taken),
        _ => Err(missing()),
    }
}
