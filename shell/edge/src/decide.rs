//! `POST /v1/decide`: one call for any number of placements, with the event that caused it.

use std::collections::BTreeMap;

use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use kith_base::{Digest, Timestamp, Value, limits, number};
use kith_decide::{Entry, Loser};
use kith_engine::decide::{Decided as Filled, Request};
use kith_event::collect::{self, IpPolicy, Route};
use kith_event::{Event, Identifier};
use kith_runtime::{DecideError, Decided};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::answer::{self, Failure};
use crate::state::EdgeState;
use crate::{client, key, preview, visitor};

/// The source of events that come with a secret key instead of a write key.
const SOURCE_OF_SECRET_KEYS: &str = "api";

/// What the body of a call may hold.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Call<'a> {
    #[serde(borrow)]
    placements: Option<&'a RawValue>,
    #[serde(borrow)]
    identifiers: Option<&'a RawValue>,
    #[serde(borrow)]
    context: Option<&'a RawValue>,
    #[serde(borrow)]
    event: Option<&'a RawValue>,
    #[serde(borrow)]
    explain: Option<&'a RawValue>,
    /// Of a call for items in order: the placement and the items.
    #[serde(borrow)]
    pub(crate) placement: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) items: Option<&'a RawValue>,
    #[serde(borrow)]
    now: Option<&'a RawValue>,
    #[serde(borrow, rename = "writeKey")]
    write_key: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct DecideAnswer<'a> {
    person_id: Option<String>,
    decided_at: String,
    decisions: Vec<Line<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preview: Option<preview::Told>,
}

/// A decision, or why there is none. Members of one of the two are written.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    entry: Option<&'a Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    losers: Option<&'a [Loser]>,
    #[serde(flatten)]
    unknown: Option<Unknown<'a>>,
}

#[derive(Serialize)]
struct Unknown<'a> {
    placement: &'a str,
    error: LineError,
}

#[derive(Serialize)]
pub(crate) struct LineError {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

/// Who is asking.
pub(crate) struct Caller {
    source: String,
    is_secret: bool,
}

/// Reads the call, lets the engine decide, writes the answer.
pub(crate) async fn decide(
    state: &EdgeState,
    parts: &Parts,
    body: &[u8],
) -> Result<Response, Failure> {
    let repaired = collect::repaired(body);
    let call = Call::read(&repaired)?;
    let caller = caller(state, parts, &call)?;
    let wanted = Request {
        placements: placements(&call)?,
        ..Request::default()
    };
    let explain = caller.is_secret && call.explain.is_some_and(|raw| raw.get() == "true");
    let (decided, told) = take(state, parts, (&call, &caller), wanted).await?;
    let decisions = decided.answer.decided.iter().map(|decided| match decided {
        Filled::Taken(outcome) => Line {
            entry: Some(&outcome.entry),
            losers: explain.then_some(outcome.losers.as_slice()),
            unknown: None,
        },
        Filled::UnknownPlacement(placement) => Line {
            entry: None,
            losers: None,
            unknown: Some(Unknown {
                placement,
                error: unknown_placement(placement),
            }),
        },
    });
    let answer = DecideAnswer {
        person_id: decided.answer.person.map(|person| person.to_string()),
        decided_at: decided.at.to_string(),
        decisions: decisions.collect(),
        preview: told,
    };
    Ok(answer::json(StatusCode::OK, &answer))
}

impl<'a> Call<'a> {
    pub(crate) fn read(body: &'a [u8]) -> Result<Self, Failure> {
        serde_json::from_slice(body).map_err(|error| {
            let message = format!("the body is not a call for a decision: {error}");
            Failure::bad("invalid-json", "", message)
        })
    }
}

/// Decides what is wanted for whom the call names; also by a link of preview, if it comes from one.
pub(crate) async fn take(
    state: &EdgeState,
    parts: &Parts,
    (call, caller): (&Call<'_>, &Caller),
    wanted: Request,
) -> Result<(Decided, Option<preview::Told>), Failure> {
    let event = event(state, parts, call, caller)?;
    let request = Request {
        identifiers: all_identifiers(call, event.as_ref())?,
        context: context(call)?,
        ..wanted
    };
    let now = moment(state, call, caller)?;
    let (shown, told) = preview::find(state, &request.context, now);
    let (handle, seed) = (state.handle(), random()?);
    let decided = match shown {
        Some(shown) => handle.preview(&shown, &request, event, now, seed).await?,
        None => handle.decide(request, event, now, seed).await?,
    };
    Ok((decided, told))
}

pub(crate) fn unknown_placement(placement: &str) -> LineError {
    LineError {
        code: "unknown-placement",
        message: format!("there is no live placement {placement:?}: create it or check the id"),
    }
}

pub(crate) fn caller(state: &EdgeState, parts: &Parts, call: &Call<'_>) -> Result<Caller, Failure> {
    let headers: &HeaderMap = &parts.headers;
    if let Some(secret) = key::of_authorization(headers)
        && (state.options().is_secret_key)(&secret)
    {
        return Ok(Caller {
            source: SOURCE_OF_SECRET_KEYS.to_owned(),
            is_secret: true,
        });
    }
    let in_body: Option<String> = call
        .write_key
        .and_then(|raw| serde_json::from_str(raw.get()).ok());
    let query = parts.uri.query().unwrap_or_default();
    let project = state.handle().project();
    let source = key::source(&project, headers, query, in_body.as_deref())?;
    visitor::check_origin(&source.spec.origins, headers)?;
    Ok(Caller {
        source: source.id.clone(),
        is_secret: false,
    })
}

fn placements(call: &Call<'_>) -> Result<Vec<String>, Failure> {
    let placements: Vec<String> = call
        .placements
        .and_then(|raw| serde_json::from_str(raw.get()).ok())
        .filter(|placements: &Vec<String>| !placements.is_empty())
        .ok_or_else(|| {
            let message = "placements must be a list of placement ids, such as [\"home_hero\"]";
            Failure::bad("invalid-placements", "placements", message)
        })?;
    let max = limits::PLACEMENTS_PER_DECIDE_MAX;
    if placements.len() > max {
        let message = format!("one call may ask for {max} placements: make several calls");
        return Err(Failure::bad("too-many-placements", "placements", message));
    }
    Ok(placements)
}

/// Those of the call, and those of its event.
fn all_identifiers(call: &Call<'_>, event: Option<&Event>) -> Result<Vec<Identifier>, Failure> {
    let mut identifiers = identifiers(call)?;
    let of_event = event
        .map(|event| event.identifiers.as_slice())
        .unwrap_or_default();
    for identifier in of_event {
        if !identifiers.contains(identifier) {
            identifiers.push(identifier.clone());
        }
    }
    Ok(identifiers)
}

fn context(call: &Call<'_>) -> Result<Value, Failure> {
    let Some(raw) = call.context else {
        return Ok(Value::Map(BTreeMap::new()));
    };
    match serde_json::from_str(raw.get()) {
        Ok(context @ Value::Map(_)) => Ok(context),
        Ok(Value::Null) => Ok(Value::Map(BTreeMap::new())),
        _ => Err(wrong_context(raw)),
    }
}

fn wrong_context(raw: &RawValue) -> Failure {
    match number::out_of_range(raw.get()) {
        Some(found) => {
            let field = format!("context.{}", found.path);
            Failure::bad("invalid-context", &field, format!("{field}: {found}"))
        }
        None => {
            let message = "context must be an object, less than 100 levels deep";
            Failure::bad("invalid-context", "context", message)
        }
    }
}

fn identifiers(call: &Call<'_>) -> Result<Vec<Identifier>, Failure> {
    let read: Option<BTreeMap<String, Value>> = match call.identifiers {
        None => None,
        Some(raw) => serde_json::from_str(raw.get()).map_err(|_| {
            let message = "identifiers must be an object, such as {\"anonymous_id\":\"…\"}";
            Failure::bad("invalid-identifiers", "identifiers", message)
        })?,
    };
    let mut identifiers = Vec::new();
    for (namespace, value) in read.unwrap_or_default() {
        let value = match value {
            Value::Text(text) => text.trim().to_owned(),
            Value::Int(int) => int.to_string(),
            Value::Null => continue,
            _ => {
                let message = format!("identifiers.{namespace} must be text or a number");
                return Err(Failure::bad("invalid-identifiers", "identifiers", message));
            }
        };
        let namespace = match namespace.as_str() {
            "userId" => "user_id".to_owned(),
            "anonymousId" => "anonymous_id".to_owned(),
            _ => namespace,
        };
        let fits = value.chars().count() <= limits::IDENTIFIER_MAX_CHARS;
        if fits && !value.is_empty() && identifiers.len() < limits::IDENTIFIERS_PER_EVENT_MAX {
            identifiers.push(Identifier { namespace, value });
        }
    }
    Ok(identifiers)
}

/// The event that came with the call, normalised as any other.
fn event(
    state: &EdgeState,
    parts: &Parts,
    call: &Call<'_>,
    caller: &Caller,
) -> Result<Option<Event>, Failure> {
    let Some(raw) = call.event.filter(|raw| raw.get() != "null") else {
        return Ok(None);
    };
    let ip = client::address(
        state.options().proxy_hops,
        &parts.headers,
        &parts.extensions,
    );
    let request = collect::Request {
        source: &caller.source,
        received_at: state.now(),
        route: Route::Any,
        seed: state.next_seed(),
        client: client::read(&parts.headers, &ip),
        ip_policy: IpPolicy::PlaceOnly,
        limits: state.options().limits,
    };
    let parsed = collect::parse(raw.get().as_bytes(), &request, &mut |facts| {
        crate::collect::enrich(state, facts, IpPolicy::PlaceOnly)
    })
    .map_err(|error| Failure::bad(error.code(), "event", error.to_string()))?;
    match (
        parsed.events.into_iter().next(),
        parsed.refused.into_iter().next(),
    ) {
        (Some(event), _) => Ok(Some(event)),
        (None, Some(item)) => {
            let field = format!("event.{}", item.refused.field);
            let field = field.trim_end_matches('.');
            Err(Failure::bad(
                &item.refused.code,
                field,
                item.refused.message,
            ))
        }
        (None, None) => Ok(None),
    }
}

/// The present, or the moment a server asks about.
fn moment(state: &EdgeState, call: &Call<'_>, caller: &Caller) -> Result<Timestamp, Failure> {
    let Some(raw) = call.now.filter(|raw| raw.get() != "null") else {
        return Ok(state.now());
    };
    if !caller.is_secret {
        let message = "only a secret key may ask about another moment: leave now out";
        let status = StatusCode::FORBIDDEN;
        let field = "now".to_owned();
        return Err(Failure {
            field,
            ..Failure::new(status, "secret-key-needed", message)
        });
    }
    serde_json::from_str::<String>(raw.get())
        .ok()
        .and_then(|text| Timestamp::parse(&text).ok())
        .ok_or_else(|| {
            let message = "now must be a time such as 2026-11-21T08:00:00.000Z";
            Failure::bad("invalid-time", "now", message)
        })
}

fn random() -> Result<Digest, Failure> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| {
        let message = "the system has no randomness to give";
        Failure::new(StatusCode::SERVICE_UNAVAILABLE, "no-randomness", message)
    })?;
    Ok(Digest(bytes))
}

impl From<DecideError> for Failure {
    fn from(error: DecideError) -> Self {
        match error {
            DecideError::Append(error) => error.into(),
            DecideError::State(error) => {
                tracing::error!(%error, "a decision could not read the state");
                let message = "the state could not be read; try again";
                Failure::new(StatusCode::SERVICE_UNAVAILABLE, "storage-failed", message)
            }
        }
    }
}
