//! Answers for load balancers.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use crate::answer;
use crate::state::EdgeState;

/// Records the state may be behind the log and still count as ready. Profiles are that much out
/// of date then; collecting never waits for it.
const LAG_MAX: u64 = 100_000;

/// `GET /health`: the process answers.
pub(crate) fn health() -> Response {
    answer::json(StatusCode::OK, &json!({"status": "ok"}))
}

/// `GET /ready`: events are made durable, and the state is close behind.
pub(crate) fn ready(state: &EdgeState) -> Response {
    let status = state.handle().status();
    let lag = status.end.saturating_sub(status.applied);
    let ready = status.healthy && lag <= LAG_MAX;
    let code = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let word = match (status.healthy, ready) {
        (_, true) => "ready",
        (true, false) => "catching-up",
        (false, false) => "storage-failed",
    };
    answer::json(
        code,
        &json!({"status": word, "lag_records": lag, "queued_records": status.queued}),
    )
}
