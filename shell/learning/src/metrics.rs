//! Names of the figures this crate counts.

/// Counter: steps that failed and are tried again.
pub const ERRORS: &str = "kith_learning_errors_total";
