//! Models of items on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Estimate, JobState, Time};

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
    /// The training under way, or the last one since the start of the program.
    #[schema(required)]
    pub training: Option<ModelTraining>,
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

/// A model that was trained, and the versions of it that are kept.
#[derive(Serialize, ToSchema)]
pub struct TrainedModel {
    /// The version that serves; it counts up with each training.
    pub version: u64,
    /// Items it knows.
    pub items: u64,
    /// When its training began.
    pub trained_at: Time,
    /// Which version was chosen by hand; `null` while the newest serves.
    #[schema(required)]
    pub pinned: Option<ModelPin>,
    /// Versions that are kept, the newest first.
    pub versions: Vec<ModelVersion>,
}

/// A choice of what serves.
#[derive(Serialize, ToSchema)]
pub struct ModelPin {
    /// The version chosen.
    pub version: u64,
    /// When it was chosen.
    pub at: Time,
    /// Who chose it.
    pub by: String,
}

/// A version of a trained model.
#[derive(Serialize, ToSchema)]
pub struct ModelVersion {
    /// Its number.
    pub version: u64,
    /// When its training began; `null` where its file cannot be read.
    #[schema(required)]
    pub trained_at: Option<Time>,
    /// Histories it learned from; of a model of contents, items.
    pub histories: u64,
    /// What was chosen to learn with, in words.
    pub chosen: String,
    /// NDCG at 10 on items that the choice never saw; `null` where it was not measured.
    #[schema(required)]
    pub ndcg_at_10: Option<f64>,
    /// The same in full.
    #[schema(required)]
    pub evaluation: Option<ModelEvaluation>,
    /// Whether it serves.
    pub serves: bool,
    /// Why it cannot serve.
    #[schema(required)]
    pub problem: Option<String>,
}

/// How well a choice of settings does: the last item of each history is asked for, and no setting
/// was chosen or trained with it.
#[derive(Serialize, ToSchema)]
pub struct ModelEvaluation {
    /// Histories asked for.
    pub histories: u64,
    /// NDCG at 10.
    pub ndcg_at_10: Estimate,
    /// Recall at 10.
    pub recall_at_10: Estimate,
    /// NDCG at 10 of what is popular, for the same histories.
    pub popular_ndcg_at_10: Estimate,
}

/// A training.
#[derive(Serialize, ToSchema)]
pub struct ModelTraining {
    /// How it stands.
    pub state: JobState,
    /// Share done, 0 to 1.
    pub progress: f64,
    /// When it will probably be done; `null` while nobody can tell.
    #[schema(required)]
    pub eta_at: Option<Time>,
    /// When it began.
    pub started_at: Time,
    /// When it ended.
    #[schema(required)]
    pub finished_at: Option<Time>,
    /// What went wrong.
    #[schema(required)]
    pub error: Option<String>,
}

/// Which version is to serve.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServeInput {
    /// Its number, whatever is trained later; `null` is the newest from now on.
    #[schema(required)]
    #[serde(deserialize_with = "Option::deserialize")]
    pub version: Option<u64>,
}
