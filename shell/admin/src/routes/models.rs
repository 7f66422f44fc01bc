//! Models of items: what serves, and what it knows.

use axum::Json;
use axum::extract::State;

use crate::state::AdminState;
use crate::wire::{Models, StreamModels, TrainedModel};

/// Says which models of items serve in recipes, and what they know.
#[utoipa::path(get, path = "/api/v1/models", tag = "offers",
    responses((status = 200, body = Models)))]
pub async fn read_models(State(state): State<AdminState>) -> Json<Models> {
    let view = state.view();
    let models = &view.learned.recommenders;
    let trained = |model: &Option<std::sync::Arc<kith_engine::Trained>>| {
        model.as_ref().map(|model| TrainedModel {
            version: model.version,
            items: model.items.len() as u64,
            trained_at: model.trained_at.into(),
        })
    };
    let stream = &models.stream;
    Json(Models {
        at_work: view.project.placements.has_recipes(),
        stream: StreamModels {
            events: stream.heard(),
            items: stream.items() as u64,
            visits: stream.visits() as u64,
            pairs: stream.pairs() as u64,
        },
        linear: trained(&models.linear),
        content: trained(&models.content),
    })
}
