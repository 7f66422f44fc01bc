//! Names of the metrics of this crate.

/// Counter: records made durable.
pub const APPENDED_RECORDS: &str = "kith_log_appended_records_total";
/// Histogram, seconds: one group commit, from the first record taken to the sync's return.
pub const COMMIT_SECONDS: &str = "kith_log_commit_seconds";
/// Counter: requests turned away because the append queue was full.
pub const OVERLOADED: &str = "kith_log_overloaded_total";
/// Counter: failed commits.
pub const COMMIT_ERRORS: &str = "kith_log_errors_total";
/// Gauge: records waiting for the log.
pub const APPEND_QUEUE: &str = "kith_log_queue_records";
/// Counter: records applied to the state.
pub const APPLIED_RECORDS: &str = "kith_partition_applied_records_total";
/// Gauge: records in the log that are not applied yet.
pub const APPLY_LAG: &str = "kith_partition_lag_records";
/// Counter: failed batches.
pub const APPLY_ERRORS: &str = "kith_partition_errors_total";
/// Counter: events that repeated an earlier one.
pub const DUPLICATES: &str = "kith_partition_duplicates_total";
/// Histogram, seconds: one decide call without waiting for its event.
pub const DECIDE_SECONDS: &str = "kith_decide_seconds";
/// Counter, label `change` (`entered`, `left`): memberships that changed.
pub const AUDIENCE_CHANGES: &str = "kith_audience_changes_total";
/// Counter: timers of persons that fired.
pub const TIMERS_FIRED: &str = "kith_timers_fired_total";
/// Counter: records of the past read for new series.
pub const BACKFILLED_RECORDS: &str = "kith_backfill_records_total";
