//! Metrics of the control plane, by name, and the page Prometheus reads.
//!
//! | metric | kind | labels | what |
//! |---|---|---|---|
//! | `kith_admin_requests_total` | counter | `method`, `status` | requests answered |
//! | `kith_admin_request_seconds` | histogram | `method` | time to the answer's head |
//! | `kith_admin_sign_ins_total` | counter | `outcome` | attempts to sign in |
//! | `kith_admin_streams` | gauge | | live event streams open |
//! | `kith_log_end` | gauge | | position after the last durable record |
//! | `kith_audiences_computing` | gauge | | audiences whose members are being found |
//! | `kith_audience_progress` | gauge | | least share done among them, 0 to 1; 1 when none |
//! | `kith_applied` | gauge | | position after the last applied record |

use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};

use crate::background;
use crate::state::AdminState;

/// Requests answered.
pub const REQUESTS: &str = "kith_admin_requests_total";
/// Time to the answer's head.
pub const REQUEST_SECONDS: &str = "kith_admin_request_seconds";
/// Attempts to sign in.
pub const SIGN_INS: &str = "kith_admin_sign_ins_total";
/// Live event streams open.
pub const STREAMS: &str = "kith_admin_streams";
/// Position after the last durable record.
pub const LOG_END: &str = "kith_log_end";
/// Position after the last applied record.
pub const APPLIED: &str = "kith_applied";

/// Audiences whose members are being found.
pub const AUDIENCES_COMPUTING: &str = "kith_audiences_computing";
/// Least share done among them; 1 when there are none.
pub const AUDIENCE_PROGRESS: &str = "kith_audience_progress";

/// Bounds of every histogram in seconds: from a parse in memory to a slow disk.
const SECONDS: [f64; 14] = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0,
];

/// Makes this process collect metrics; once per process.
///
/// # Errors
///
/// When a recorder is installed already.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    PrometheusBuilder::new()
        .set_buckets(&SECONDS)?
        .install_recorder()
}

/// Counts and times a request.
pub async fn measure(request: Request, next: Next) -> Response {
    let method = match request.method().as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        _ => "other",
    };
    let start = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_str().to_owned();
    metrics::counter!(REQUESTS, "method" => method, "status" => status).increment(1);
    metrics::histogram!(REQUEST_SECONDS, "method" => method).record(start.elapsed());
    response
}

/// Metrics in the text form of Prometheus.
pub async fn read_metrics(State(state): State<AdminState>) -> Response {
    let status = state.handle().status();
    metrics::gauge!(LOG_END).set(status.end as f64);
    metrics::gauge!(APPLIED).set(status.applied as f64);
    if let Ok((computing, progress)) = background::work(&state.view()) {
        metrics::gauge!(AUDIENCES_COMPUTING).set(computing as f64);
        metrics::gauge!(AUDIENCE_PROGRESS).set(progress);
    }
    let text = state.metrics().map(|metrics| {
        metrics.run_upkeep();
        metrics.render()
    });
    let content_type = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    (
        [(header::CONTENT_TYPE, content_type)],
        text.unwrap_or_default(),
    )
        .into_response()
}
