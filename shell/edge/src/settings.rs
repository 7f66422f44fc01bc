//! The documents clients load before they send anything. Made from the project in memory, so
//! that they are there even while the state is being rebuilt.

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

use crate::answer::{self, Failure};
use crate::client::Place;
use crate::key;
use crate::state::EdgeState;

/// How long a client may use a document without asking again.
const CACHING: &str = "public, max-age=300";

/// `GET /v1/projects/{key}/settings`. Without it analytics-next sends nothing. One integration
/// only: a second would make the client load scripts of its vendor.
pub(crate) fn segment(
    state: &EdgeState,
    parts: &Parts,
    prefix: &str,
    write_key: &str,
) -> Result<Response, Failure> {
    if state.handle().project().source_of_key(write_key).is_none() {
        return Err(unknown_key());
    }
    let place = Place::of(state.options(), &parts.headers, prefix);
    let enabled = json!({"__default": {"enabled": true}});
    let document = json!({
        "integrations": {"Segment.io": {
            "apiKey": write_key,
            "apiHost": format!("{}/v1", place.host_and_path),
            "protocol": place.scheme,
            "versionSettings": {"version": "4.4.7", "componentTypes": ["browser"]},
        }},
        "plan": {"track": enabled, "identify": enabled, "group": enabled},
        "metrics": {"sampleRate": 0},
        "edgeFunction": {},
        "analyticsNextEnabled": true,
    });
    Ok(document_answer(&parts.headers, &document))
}

/// `GET /sourceConfig`. Without it RudderStack's browser client sends nothing.
pub(crate) fn rudder(state: &EdgeState, parts: &Parts) -> Result<Response, Failure> {
    let project = state.handle().project();
    let query = parts.uri.query().unwrap_or_default();
    let source = key::source(&project, &parts.headers, query, None)?;
    let write_key = key::parameter(query, "writeKey")
        .or_else(|| key::of_authorization(&parts.headers))
        .unwrap_or_default();
    let off = json!({"enabled": false});
    let document = json!({"source": {
        "id": source.id,
        "name": source.name,
        "writeKey": write_key,
        "enabled": true,
        "workspaceId": "kith",
        "config": {"statsCollection": {"errors": off, "metrics": off}},
        "connections": [],
        "destinations": [],
    }});
    Ok(document_answer(&parts.headers, &document))
}

/// Why scripts of other vendors are not here, and what to do.
pub(crate) fn foreign_script() -> Failure {
    Failure::new(
        StatusCode::NOT_FOUND,
        "script-not-hosted",
        "Kith does not host the scripts of other vendors: install them from npm and point them \
         at this server (cdnURL for @segment/analytics-next, configUrl for \
         @rudderstack/analytics-js/bundled, host for @jitsu/js), or use /tag/WRITE_KEY.js",
    )
}

pub(crate) fn unknown_key() -> Failure {
    Failure::new(
        StatusCode::NOT_FOUND,
        "unknown-write-key",
        "no enabled source has this write key: check it on the Sources page",
    )
}

fn document_answer<T: Serialize>(request: &HeaderMap, document: &T) -> Response {
    let mut response = answer::json(StatusCode::OK, document);
    let headers = response.headers_mut();
    let text = serde_json::to_vec(document).expect("documents are made of text and flags");
    let tag = etag(&text);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(CACHING));
    headers.insert(header::ETAG, tag.clone());
    if is_held(request, &tag) {
        not_modified(response)
    } else {
        response
    }
}

/// An entity tag of the content.
pub(crate) fn etag(content: &[u8]) -> HeaderValue {
    let digest = kith_base::digest("etag", &[content]);
    HeaderValue::from_str(&format!("\"{digest:?}\"")).expect("hexadecimal digits are printable")
}

/// True when the client has this content already.
pub(crate) fn is_held(request: &HeaderMap, etag: &HeaderValue) -> bool {
    let held = request
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    let etag = etag.to_str().unwrap_or_default();
    let same = |one: &str| one.trim().trim_start_matches("W/") == etag;
    held.is_some_and(|held| held.split(',').any(same))
}

/// The same headers, and no content.
pub(crate) fn not_modified(response: Response) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.status = StatusCode::NOT_MODIFIED;
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::CONTENT_TYPE);
    (parts.status, parts.headers).into_response()
}
