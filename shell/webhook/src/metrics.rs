//! Names of the figures this crate counts.

/// Tries of deliveries, by what came of them: `delivered`, `retry` or `dead`.
pub const ATTEMPTS: &str = "kith_webhook_attempts_total";
/// How long endpoints take to answer, in seconds.
pub const ANSWER_SECONDS: &str = "kith_webhook_answer_seconds";
