//! Names of the metrics of this crate.

/// Counter, labels `route` and `status`: requests answered.
pub const REQUESTS: &str = "kith_edge_requests_total";
/// Histogram, seconds, label `route`: from the first byte read to the answer.
pub const REQUEST_SECONDS: &str = "kith_edge_request_seconds";
/// Counter, label `source`: events accepted.
pub const EVENTS: &str = "kith_collect_events_total";
/// Counter, label `code`: inputs refused.
pub const REFUSED: &str = "kith_collect_refused_total";
/// Counter, label `code`: parts left out of events that were accepted.
pub const WARNINGS: &str = "kith_collect_warnings_total";
/// Counter: bytes of bodies, after inflating.
pub const BODY_BYTES: &str = "kith_collect_body_bytes_total";
