//! One request: path to target, method and body checked, handled, counted.

use std::time::Instant;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kith_event::collect::Route;

use crate::answer::{self, Failure};
use crate::state::EdgeState;
use crate::target::Target;
use crate::{
    body, collect, cors, decide, health, metrics, pixel, rerank, script, settings, visitor,
};

/// The data plane. Every path is served by the fallback, because clients put any prefix before
/// their paths: merge it with routers that have none of their own.
pub fn router(state: EdgeState) -> Router {
    Router::new().fallback(serve).with_state(state)
}

async fn serve(State(state): State<EdgeState>, request: Request) -> Response {
    let begun = Instant::now();
    let (parts, body) = request.into_parts();
    let found = Target::parse(parts.uri.path());
    let name = found.as_ref().map_or("none", |(target, _)| target.name());
    let mut response = match found {
        _ if parts.method == Method::OPTIONS => cors::preflight(&parts.headers),
        None => not_found().into_response(),
        Some((target, _)) if !target.takes(&parts.method) => wrong_method(&target).into_response(),
        Some((target, prefix)) => {
            let prefix = parts.uri.path()[..prefix].to_owned();
            let handled = handle(&state, &parts, body, target, &prefix).await;
            handled.unwrap_or_else(Failure::into_response)
        }
    };
    if !response
        .headers()
        .contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN)
    {
        cors::allow(&parts.headers, &state.handle().project(), &mut response);
    }
    let status = response.status().as_u16().to_string();
    ::metrics::counter!(metrics::REQUESTS, "route" => name, "status" => status).increment(1);
    ::metrics::histogram!(metrics::REQUEST_SECONDS, "route" => name)
        .record(begun.elapsed().as_secs_f64());
    response
}

async fn handle(
    state: &EdgeState,
    parts: &Parts,
    body: axum::body::Body,
    target: Target,
    prefix: &str,
) -> Result<Response, Failure> {
    match target {
        Target::Collect { route, is_lossy } => {
            let wire = body::read(&parts.headers, body).await?;
            collect::collect(state, parts, route, is_lossy, wire).await
        }
        Target::Pixel(kind) if parts.method == Method::POST => {
            let wire = body::read(&parts.headers, body).await?;
            collect::collect(state, parts, Route::Kind(kind), true, wire).await
        }
        Target::Pixel(kind) => Ok(pixel::pixel(state, parts, kind).await),
        Target::Discard => {
            body::read(&parts.headers, body).await?;
            Ok(answer::taken())
        }
        Target::SegmentSettings { write_key } => {
            settings::segment(state, parts, prefix, &write_key)
        }
        Target::RudderConfig => settings::rudder(state, parts),
        Target::ForeignScript => Err(settings::foreign_script()),
        Target::Tag => script::tag(parts),
        Target::TagOf { write_key } => script::tag_of(state, parts, prefix, &write_key),
        Target::Visitor => {
            let wire = body::read(&parts.headers, body).await?;
            visitor::visitor(state, parts, prefix, &wire)
        }
        Target::RudderCookies => {
            let wire = body::read(&parts.headers, body).await?;
            visitor::rudder_cookies(&wire)
        }
        Target::Decide => {
            let wire = body::read(&parts.headers, body).await?;
            let bytes = body::inflate(&parts.headers, wire)?;
            decide::decide(state, parts, &bytes).await
        }
        Target::Rerank => {
            let wire = body::read(&parts.headers, body).await?;
            let bytes = body::inflate(&parts.headers, wire)?;
            rerank::rerank(state, parts, &bytes).await
        }
        Target::Health => Ok(health::health()),
        Target::Ready => Ok(health::ready(state)),
    }
}

fn not_found() -> Failure {
    Failure::new(
        StatusCode::NOT_FOUND,
        "no-such-route",
        "nothing is served under this path",
    )
}

fn wrong_method(target: &Target) -> impl IntoResponse {
    let allowed = if target.takes(&Method::POST) {
        "POST, OPTIONS"
    } else {
        "GET, HEAD, OPTIONS"
    };
    let message = format!("this path takes {allowed}");
    let failure = Failure::new(StatusCode::METHOD_NOT_ALLOWED, "wrong-method", message);
    (
        [(header::ALLOW, HeaderValue::from_static(allowed))],
        failure,
    )
}
