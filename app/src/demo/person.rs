//! `/demo/profile?anonymous_id=`: what Kith knows about a visitor of the shop, for the shop's own
//! drawer. The public routes offer no such thing, and neither does `kith serve`.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Query;
use axum::http::{Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;
use serde_json::Value;
use tower::ServiceExt as _;

/// Largest profile that is passed on.
const PROFILE_MAX_BYTES: usize = 4 * 1024 * 1024;

#[derive(Deserialize)]
struct Question {
    anonymous_id: String,
}

/// Answers from the admin API, asked with the demo's own key.
pub fn router(api: Router, secret_key: String) -> Router {
    Router::new().route(
        "/demo/profile",
        get(move |Query(question): Query<Question>| async move {
            match person_id(&api, &secret_key, &question.anonymous_id).await {
                Some(person) => {
                    let path = format!("/api/v1/persons/{person}");
                    profile(ask(&api, &secret_key, &path).await)
                }
                None => StatusCode::NOT_FOUND.into_response(),
            }
        }),
    )
}

async fn person_id(api: &Router, secret_key: &str, anonymous_id: &str) -> Option<String> {
    let identifier = percent_encoded(anonymous_id);
    let path = format!("/api/v1/persons?identifier=anonymous_id:{identifier}");
    let page = ask(api, secret_key, &path).await?;
    page["items"][0]["person_id"].as_str().map(str::to_owned)
}

fn profile(person: Option<Value>) -> Response {
    match person {
        Some(person) => {
            let headers = [
                (header::CONTENT_TYPE, "application/json"),
                (header::CACHE_CONTROL, "no-store"),
            ];
            (headers, person.to_string()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The JSON of a successful answer.
async fn ask(api: &Router, secret_key: &str, path: &str) -> Option<Value> {
    let request = Request::get(path)
        .header(header::AUTHORIZATION, format!("Bearer {secret_key}"))
        .body(Body::empty())
        .ok()?;
    let response = api.clone().oneshot(request).await.ok()?;
    if !response.status().is_success() {
        return None;
    }
    let bytes = to_bytes(response.into_body(), PROFILE_MAX_BYTES)
        .await
        .ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn percent_encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if plain(byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
