//! What the history says: honest numbers, each with its uncertainty.
//!
//! [`policy_value`] estimates what another way of choosing would have earned, from decisions that
//! were logged with their propensities. [`simulated_shop`] makes such logs with a known truth, for
//! tests and for `kith bench ope --simulate`.
//!
//! Not here: reading records, and any clock. Records come as an iterator, in the log's order.

pub mod normal;
pub mod policy_value;
pub mod simulated_shop;
