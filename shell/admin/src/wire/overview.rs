//! The figures on the console's first page.

use serde::Serialize;
use utoipa::ToSchema;

use super::Time;

/// How the engine stands right now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Overview {
    /// Events stored.
    pub events_total: u64,
    /// People known.
    pub persons_total: u64,
    /// Catalog items.
    pub items_total: u64,
    /// Refused input that still waits.
    pub rejected_open: u64,
    /// Position after the last record of the log.
    pub position: u64,
    /// Position after the last record folded into state.
    pub applied_position: u64,
    /// Events per minute of the last hour, oldest first.
    pub events_per_minute: Vec<MinuteCount>,
    /// Most frequent event names of this clock hour and the one before.
    pub top_events: Vec<NameCount>,
    /// Live sources.
    pub sources: Vec<SourceActivity>,
}

/// Events received in one minute.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MinuteCount {
    /// Start of the minute.
    pub at: Time,
    /// Events received.
    pub count: u64,
}

/// How often an event came.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NameCount {
    /// Event name.
    pub name: String,
    /// Events received.
    pub count: u64,
}

/// What a source sends.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SourceActivity {
    /// Id of the source.
    pub id: String,
    /// For people.
    pub name: String,
    /// When its last event was received, if within this clock hour or the one before.
    #[schema(required)]
    pub last_event_at: Option<Time>,
    /// Events received in this clock hour and the one before.
    pub events_last_hour: u64,
}
