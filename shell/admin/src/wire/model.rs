//! Models of items on the wire.

use serde::Serialize;
use utoipa::ToSchema;

use super::Time;

/// The models that recipes ask.
#[derive(Serialize, ToSchema)]
pub struct Models {
    /// Whether anything is learned: it is while a recipe is defined.
    pub at_work: bool,
    /// What every event changes.
    pub stream: StreamModels,
    /// What people with like histories touch; `null` until it was trained.
    #[schema(required)]
    pub linear: Option<TrainedModel>,
    /// What is alike by its own words and attributes; `null` until it was trained.
    #[schema(required)]
    pub content: Option<TrainedModel>,
}

/// Visits, pairs of items, what is popular and trending.
#[derive(Serialize, ToSchema)]
pub struct StreamModels {
    /// Events learned from.
    pub events: u64,
    /// Items known.
    pub items: u64,
    /// Visits remembered.
    pub visits: u64,
    /// Pairs of items counted.
    pub pairs: u64,
}

/// A model that was trained.
#[derive(Serialize, ToSchema)]
pub struct TrainedModel {
    /// Counts up with each training.
    pub version: u64,
    /// Items it knows.
    pub items: u64,
    /// When its training began.
    pub trained_at: Time,
}
