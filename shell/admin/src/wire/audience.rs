//! Audiences: entries and exits.

use serde::Serialize;
use utoipa::ToSchema;

use super::Time;

/// A person entered an audience, or left it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MembershipChange {
    /// Who.
    pub person_id: String,
    /// Which audience.
    pub audience_id: String,
    /// Entered or left.
    pub entered: bool,
    /// When, exactly; for what time alone brought, the instant it was due.
    pub at: Time,
}
