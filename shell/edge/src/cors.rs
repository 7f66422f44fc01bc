//! Cross-origin answers: every page may send events, only a source's listed origins may do so
//! with credentials.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kith_engine::Project;

/// Named besides what the browser asks for: retries bring headers that no preflight announced,
/// and a preflight is remembered for two hours.
const ALLOWED_HEADERS: &str = "authorization, content-type, content-encoding, x-write-key, \
     anonymousid, sentat, x-retry-count, rsa-retry-attempt, rsa-retry-reason, \
     rsa-since-last-attempt, rsa-since-first-attempt, rsa-recovered, x-enable-debug, x-ip-policy";

const MAX_AGE_S: &str = "7200";

/// Longest list of requested headers that is echoed.
const ECHO_MAX_BYTES: usize = 2_048;

/// The answer to `OPTIONS`, for any path and without a key.
pub(crate) fn preflight(request: &HeaderMap) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    let mut allowed = ALLOWED_HEADERS.to_owned();
    let asked = request.get(header::ACCESS_CONTROL_REQUEST_HEADERS);
    for name in asked
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .split(',')
    {
        let name = name.trim().to_ascii_lowercase();
        let known = allowed.split(", ").any(|listed| listed == name);
        if !known && allowed.len() < ECHO_MAX_BYTES && HeaderName::try_from(&*name).is_ok() {
            allowed.push_str(", ");
            allowed.push_str(&name);
        }
    }
    let allowed = HeaderValue::from_str(&allowed).expect("header names are printable");
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    let methods = HeaderValue::from_static("GET, POST, OPTIONS");
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    headers.insert(
        header::ACCESS_CONTROL_MAX_AGE,
        HeaderValue::from_static(MAX_AGE_S),
    );
    let vary = "Origin, Access-Control-Request-Headers";
    headers.insert(header::VARY, HeaderValue::from_static(vary));
    response
}

/// Lets the asking page read the answer.
pub(crate) fn allow(request: &HeaderMap, project: &Project, response: &mut Response) {
    let headers = response.headers_mut();
    if !headers.contains_key(header::VARY) {
        headers.insert(header::VARY, HeaderValue::from_static("Origin"));
    }
    let Some(origin) = request.get(header::ORIGIN) else {
        return;
    };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    let exposed = HeaderValue::from_static("Retry-After, X-RateLimit-Reset, ETag");
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    if is_listed(project, origin) {
        let credentials = HeaderValue::from_static("true");
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, credentials);
    }
}

/// True when a live source lists the origin. A preflight carries no key, so it is any source.
fn is_listed(project: &Project, origin: &HeaderValue) -> bool {
    let origin = origin.to_str().unwrap_or_default();
    project
        .sources
        .values()
        .filter(|source| source.spec.enabled)
        .any(|source| {
            source
                .spec
                .origins
                .iter()
                .any(|listed| same_origin(listed, origin))
        })
}

/// Origins compare without regard to case and a trailing slash.
pub(crate) fn same_origin(listed: &str, origin: &str) -> bool {
    listed.trim_end_matches('/').eq_ignore_ascii_case(origin)
}
