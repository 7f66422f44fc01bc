//! One suite per port, run over every implementation, and what only a disk can suffer.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod conformance {
    pub mod full;
    pub mod log;
    pub mod log_crash;
    pub mod log_full;
    pub mod model;
    pub mod state;
    pub mod state_crash;
    pub mod state_full;
    pub mod store;
}
