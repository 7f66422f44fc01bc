//! One suite per port, run over every implementation, and what only a disk can suffer.

mod conformance {
    pub mod log;
    pub mod model;
    pub mod state;
}
