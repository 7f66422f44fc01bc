//! Cookies the server sets for a client: browsers keep them longer than what scripts set.

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use crate::answer::{self, Failure};
use crate::client::Place;
use crate::state::EdgeState;
use crate::{cors, key};

const COOKIE: &str = "kith_id";

/// 400 days, the most browsers allow.
const MAX_AGE_S: u32 = 34_560_000;

/// Most cookies one request may set.
const COOKIES_MAX: usize = 20;

#[derive(Deserialize)]
struct VisitorRequest {
    #[serde(default)]
    anonymous_id: Option<String>,
    #[serde(default)]
    reset: bool,
}

/// `POST /v1/visitor`: keeps the visitor's id in a cookie that scripts cannot read. An id that is
/// there already wins. Clients call it only with the visitor's consent.
pub(crate) fn visitor(
    state: &EdgeState,
    parts: &Parts,
    prefix: &str,
    body: &[u8],
) -> Result<Response, Failure> {
    let project = state.handle().project();
    let query = parts.uri.query().unwrap_or_default();
    let source = key::source(&project, &parts.headers, query, None)?;
    check_origin(&source.spec.origins, &parts.headers)?;
    let request: VisitorRequest = serde_json::from_slice(body).map_err(|error| {
        Failure::bad(
            "invalid-json",
            "",
            format!("send {{\"anonymous_id\":\"…\"}}: {error}"),
        )
    })?;
    let secure = if Place::of(state.options(), &parts.headers, prefix).is_https() {
        "; Secure"
    } else {
        ""
    };
    let (id, value, max_age_s) = if request.reset {
        (None, String::new(), 0)
    } else {
        let asked = request
            .anonymous_id
            .as_deref()
            .map(str::trim)
            .filter(|id| is_id(id));
        let id = known(&parts.headers).or(asked).ok_or_else(|| {
            Failure::bad(
                "invalid-id",
                "anonymous_id",
                "anonymous_id must be 8 to 64 letters, digits, hyphens or underscores",
            )
        })?;
        (Some(id), id.to_owned(), MAX_AGE_S)
    };
    let cookie =
        format!("{COOKIE}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{secure}");
    let mut response = answer::json(StatusCode::OK, &json!({ "anonymous_id": id }));
    set_cookie(&mut response, &cookie);
    Ok(response)
}

/// Pages of other origins may not use a source that lists its own.
pub(crate) fn check_origin(listed: &[String], headers: &HeaderMap) -> Result<(), Failure> {
    let origin = headers
        .get(header::ORIGIN)
        .and_then(|value| value.to_str().ok());
    match origin {
        Some(origin)
            if !listed.is_empty() && !listed.iter().any(|one| cors::same_origin(one, origin)) =>
        {
            Err(Failure::new(
                StatusCode::FORBIDDEN,
                "origin-not-listed",
                format!("the source does not list the origin {origin}: add it on the Sources page"),
            ))
        }
        _ => Ok(()),
    }
}

/// The id in the request's cookie, if it is one.
fn known(headers: &HeaderMap) -> Option<&str> {
    let lines = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, value)| *name == COOKIE && is_id(value))
        .map(|(_, value)| value)
}

fn is_id(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (8..=64).contains(&text.len()) && text.bytes().all(legal)
}

fn set_cookie(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

#[derive(Deserialize)]
struct RudderRequest {
    data: RudderData,
}

#[derive(Deserialize)]
struct RudderData {
    #[serde(default)]
    options: RudderOptions,
    cookies: Vec<RudderCookie>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RudderOptions {
    /// Milliseconds, as the client keeps it.
    maxage: Option<i64>,
    domain: Option<String>,
    samesite: Option<String>,
    secure: Option<bool>,
}

#[derive(Deserialize)]
struct RudderCookie {
    name: String,
    value: Option<String>,
}

/// `POST /rsaRequest`: sets the cookies RudderStack's client asks for. An empty value deletes.
pub(crate) fn rudder_cookies(body: &[u8]) -> Result<Response, Failure> {
    let request: RudderRequest = serde_json::from_slice(body).map_err(|error| {
        Failure::bad("invalid-json", "", format!("not a cookie request: {error}"))
    })?;
    let RudderData { options, cookies } = request.data;
    let mut response = answer::taken();
    let attributes = attributes(&options);
    for cookie in cookies.iter().take(COOKIES_MAX) {
        // Only the client's own cookies: a page must not be able to plant others here.
        let ours = cookie.name.starts_with("rl_") || cookie.name.starts_with("rs_");
        let value = cookie.value.as_deref().unwrap_or_default();
        let legal = |byte: u8| byte.is_ascii_graphic() && !b"\",;\\".contains(&byte);
        let name_legal = cookie
            .name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !ours || !name_legal || !value.bytes().all(legal) || value.len() > 4_096 {
            continue;
        }
        let max_age_s = match (value.is_empty(), options.maxage) {
            (true, _) => 0,
            (false, Some(maxage_ms)) => (maxage_ms / 1_000).clamp(0, i64::from(MAX_AGE_S)),
            (false, None) => i64::from(MAX_AGE_S),
        };
        let line = format!(
            "{}={value}; Path=/; Max-Age={max_age_s}{attributes}",
            cookie.name
        );
        set_cookie(&mut response, &line);
    }
    Ok(response)
}

fn attributes(options: &RudderOptions) -> String {
    let mut text = String::new();
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-';
    if let Some(domain) = options
        .domain
        .as_deref()
        .filter(|domain| domain.bytes().all(legal))
    {
        text.push_str("; Domain=");
        text.push_str(domain);
    }
    text.push_str(match options.samesite.as_deref() {
        Some("Strict" | "strict") => "; SameSite=Strict",
        Some("None" | "none") => "; SameSite=None",
        _ => "; SameSite=Lax",
    });
    if options.secure == Some(true) {
        text.push_str("; Secure");
    }
    text
}
