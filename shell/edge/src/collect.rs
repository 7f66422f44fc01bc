//! Events: from a request to records on disk to an answer.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use kith_event::Record;
use kith_event::collect::{self, Error, IpPolicy, Parsed, Request, Route};
use kith_event::enrich::{self, Enrichment, Facts, Geo};
use kith_runtime::AppendError;

use crate::answer::{self, Failure};
use crate::state::EdgeState;
use crate::{body, client, key, metrics};

/// How often and how long a full log is waited for on behalf of clients that never send again.
const LOSSY_TRIES: u32 = 8;
const LOSSY_PAUSE: Duration = Duration::from_millis(250);

/// Takes the events of one body.
pub(crate) async fn collect(
    state: &EdgeState,
    parts: &Parts,
    route: Route,
    is_lossy: bool,
    wire: Bytes,
) -> Result<Response, Failure> {
    let large = wire.len() > body::LARGE_BYTES || wire.starts_with(&[0x1F, 0x8B]);
    let parsed = if large {
        let (state, headers) = (state.clone(), parts.headers.clone());
        let query = parts.uri.query().unwrap_or_default().to_owned();
        let ip = client::address(state.options().proxy_hops, &headers, &parts.extensions);
        let work = move || parse(&state, &headers, &query, &ip, route, wire);
        tokio::task::spawn_blocking(work).await.map_err(|_| {
            Failure::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "the request failed",
            )
        })??
    } else {
        let query = parts.uri.query().unwrap_or_default();
        let ip = client::address(
            state.options().proxy_hops,
            &parts.headers,
            &parts.extensions,
        );
        parse(state, &parts.headers, query, &ip, route, wire)?
    };
    store(state, parsed, is_lossy).await
}

fn parse(
    state: &EdgeState,
    headers: &HeaderMap,
    query: &str,
    ip: &str,
    route: Route,
    wire: Bytes,
) -> Result<Parsed, Failure> {
    let bytes = body::inflate(headers, wire)?;
    ::metrics::counter!(metrics::BODY_BYTES).increment(bytes.len() as u64);
    let bytes = collect::repaired(&bytes);
    let limits = state.options().limits;
    let project = state.handle().project();
    let read = collect::read(&bytes, &limits);
    let in_body = read.as_ref().ok().and_then(collect::Body::write_key);
    // A key that is wrong says more than a body that is.
    let source = key::source(&project, headers, query, in_body.as_deref());
    let source = match (&read, source) {
        (Err(error), Err(failure)) if failure.code == "missing-write-key" => {
            return Err(whole(error));
        }
        (_, source) => source?,
    };
    let request = Request {
        source: &source.id,
        received_at: state.now(),
        route,
        seed: state.next_seed(),
        client: client::read(headers, ip),
        ip_policy: client::ip_policy(headers),
        limits,
    };
    let read = read.map_err(|error| whole(&error))?;
    Ok(read.events(&request, &mut |facts| {
        enrich(state, facts, request.ip_policy)
    }))
}

fn whole(error: &Error) -> Failure {
    let status = match error {
        Error::Empty => StatusCode::BAD_REQUEST,
        Error::BatchTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
    };
    Failure::new(status, error.code(), error.to_string())
}

/// Derives an event's members with what this process knows of devices and places.
pub(crate) fn enrich(state: &EdgeState, facts: &Facts<'_>, policy: IpPolicy) -> Enrichment {
    let device = state.devices().of(facts);
    let geo = match &state.options().geo {
        Some(database) if policy != IpPolicy::Remove => database.place(&facts.ip),
        _ => Geo::default(),
    };
    enrich::derive(facts, &device, &geo)
}

/// Appends events and refusals together; answers once they are on disk.
async fn store(state: &EdgeState, parsed: Parsed, is_lossy: bool) -> Result<Response, Failure> {
    count(&parsed);
    let response = answer::stored(&parsed);
    let events = parsed.events.into_iter().map(Record::Event);
    let refused = parsed
        .refused
        .into_iter()
        .map(|item| Record::Refused(item.refused));
    let records: Vec<Record> = events.chain(refused).collect();
    if records.is_empty() {
        return Ok(response);
    }
    for _ in 1..LOSSY_TRIES {
        if !is_lossy {
            break;
        }
        match state.handle().append(records.clone()).await {
            Err(AppendError::Overloaded { .. }) => tokio::time::sleep(LOSSY_PAUSE).await,
            other => return Ok(other.map(|_| response)?),
        }
    }
    state.handle().append(records).await?;
    Ok(response)
}

fn count(parsed: &Parsed) {
    if let Some(event) = parsed.events.first() {
        let source = event.source.clone();
        let count = parsed.events.len() as u64;
        ::metrics::counter!(metrics::EVENTS, "source" => source).increment(count);
    }
    for item in &parsed.refused {
        let code = item.refused.code.clone();
        ::metrics::counter!(metrics::REFUSED, "code" => code).increment(1);
    }
    for warning in &parsed.warnings {
        let code = warning.reason.code().to_owned();
        ::metrics::counter!(metrics::WARNINGS, "code" => code).increment(1);
    }
}
