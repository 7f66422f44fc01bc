//! Names of the figures this crate counts.

/// Counter, label `basis` (`records`, `visitors`, `household`): links written to the log.
pub const LINKS: &str = "kith_linkage_links_total";
/// Counter: links taken back.
pub const GONE: &str = "kith_linkage_gone_total";
/// Histogram, seconds: comparing everybody with everybody.
pub const BATCH_SECONDS: &str = "kith_linkage_batch_seconds";
/// Gauge: persons whose traits are compared.
pub const PERSONS: &str = "kith_linkage_persons";
/// Counter: sessions of consenting visitors.
pub const SESSIONS: &str = "kith_linkage_sessions_total";
/// Counter: steps that failed and are tried again.
pub const ERRORS: &str = "kith_linkage_errors_total";
