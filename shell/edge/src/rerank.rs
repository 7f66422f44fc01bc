//! `POST /v1/rerank`: items that the caller found, in the order that suits one person.

use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use kith_base::{Value, limits};
use kith_decide::Entry;
use kith_definition::PlacementType;
use kith_engine::decide::Request;
use kith_event::collect;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::answer::{self, Failure};
use crate::decide::{Call, caller, take, unknown_placement};
use crate::preview;
use crate::state::EdgeState;

#[derive(Serialize)]
struct RerankAnswer<'a> {
    person_id: Option<String>,
    decided_at: String,
    #[serde(flatten)]
    entry: &'a Entry,
    #[serde(skip_serializing_if = "Option::is_none")]
    preview: Option<preview::Told>,
}

/// Reads the call, lets the engine order the items, writes the answer.
pub(crate) async fn rerank(
    state: &EdgeState,
    parts: &Parts,
    body: &[u8],
) -> Result<Response, Failure> {
    let repaired = collect::repaired(body);
    let call = Call::read(&repaired)?;
    let caller = caller(state, parts, &call)?;
    let placement = placement(state, call.placement)?;
    let wanted = Request {
        placements: vec![placement.clone()],
        items: items(call.items)?,
        ..Request::default()
    };
    let (decided, told) = take(state, parts, (&call, &caller), wanted).await?;
    let outcome = decided.answer.outcomes().next();
    // It was archived since it was looked up.
    let outcome = outcome.ok_or_else(|| unknown(&placement))?;
    let answer = RerankAnswer {
        person_id: decided.answer.person.map(|person| person.to_string()),
        decided_at: decided.at.to_string(),
        entry: &outcome.entry,
        preview: told,
    };
    Ok(answer::json(StatusCode::OK, &answer))
}

/// The placement, which must know how to order items.
fn placement(state: &EdgeState, raw: Option<&RawValue>) -> Result<String, Failure> {
    let id = raw.and_then(|raw| serde_json::from_str::<String>(raw.get()).ok());
    let id = id.ok_or_else(|| {
        let message = "placement must be the id of one placement, such as \"search_results\"";
        Failure::bad("invalid-placement", "placement", message)
    })?;
    let project = state.handle().project();
    let found = project.placements.get(&id).ok_or_else(|| unknown(&id))?;
    let spec = &found.spec;
    if spec.kind != PlacementType::Items || spec.recipe.is_none() {
        let message = format!(
            "the placement {id:?} has no recipe to order items by: \
             make it one of items and choose a recipe"
        );
        return Err(Failure::bad("invalid-placement", "placement", message));
    }
    Ok(id)
}

fn unknown(placement: &str) -> Failure {
    let error = unknown_placement(placement);
    Failure::bad(error.code, "placement", error.message)
}

fn items(raw: Option<&RawValue>) -> Result<Vec<String>, Failure> {
    let max = limits::RERANK_ITEMS_MAX;
    let listed: Option<Vec<Value>> = raw.and_then(|raw| serde_json::from_str(raw.get()).ok());
    let listed = listed.filter(|listed| !listed.is_empty()).ok_or_else(|| {
        let message = format!("items must be a list of 1 to {max} item ids");
        Failure::bad("invalid-items", "items", message)
    })?;
    if listed.len() > max {
        let message = format!(
            "items has {}, and one call orders at most {max}: send the first ones",
            listed.len()
        );
        return Err(Failure::bad("too-many-items", "items", message));
    }
    let mut items: Vec<String> = Vec::with_capacity(listed.len());
    let mut places = std::collections::BTreeMap::new();
    for (place, value) in listed.into_iter().enumerate() {
        let field = format!("items[{place}]");
        let id = match value {
            Value::Text(id) => id,
            Value::Int(id) => id.to_string(),
            _ => String::new(),
        };
        let most = limits::LEARN_ID_MAX_BYTES;
        if id.is_empty() || id.len() > most {
            let message = format!("{field} must be the id of an item, at most {most} bytes long");
            return Err(Failure::bad("invalid-item", &field, message));
        }
        if let Some(first) = places.insert(id.clone(), place) {
            let message = format!("{field} is items[{first}] again ({id:?}): name each item once");
            return Err(Failure::bad("duplicate-item", &field, message));
        }
        items.push(id);
    }
    Ok(items)
}
