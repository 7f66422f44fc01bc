//! What the server derives from an event: browser, device, referrer, campaign, language.

use serde::{Deserialize, Serialize};

/// Derived members; empty text means unknown. `version` names the rules that derived them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrichment {
    /// Version of the enrichment rules; 0 when nothing was derived.
    pub version: u8,
}
