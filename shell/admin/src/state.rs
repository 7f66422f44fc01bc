//! What every handler is given.

/// Shared by all requests; cheap to clone.
#[derive(Clone)]
pub struct AdminState;
