//! Models of items: what serves, what it knows, and going back to an earlier version.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use kith_definition::RecipeModel;
use kith_engine::Trained;
use kith_learning::{Registry, ServeError, TrainingRun, Version};

use crate::access::Principal;
use crate::problem::{self, Problem};
use crate::query::parse;
use crate::state::AdminState;
use crate::wire::{
    JobState, ModelEvaluation, ModelPin, ModelTraining, ModelVersion, Models, ServeInput,
    StreamModels, TrainedModel,
};

/// Says which models of items serve in recipes, and what they know.
#[utoipa::path(get, path = "/api/v1/models", tag = "offers",
    responses((status = 200, body = Models)))]
pub async fn read_models(State(state): State<AdminState>) -> Result<Json<Models>, Problem> {
    // It reads the heads of files.
    state.walk(|state, _| Ok(models(state))).await.map(Json)
}

/// Lets a version of a trained model serve, whatever is trained later and after a restart too;
/// `null` lets the newest serve again. Who chose what is kept beside the models.
#[utoipa::path(post, path = "/api/v1/models/{model}/serve", tag = "offers",
    params(("model" = String, Path, description = "linear or content")),
    request_body = ServeInput, responses((status = 200, body = Models)))]
pub async fn serve_model(
    State(state): State<AdminState>,
    Extension(principal): Extension<Principal>,
    Path(model): Path<String>,
    body: Bytes,
) -> Result<Json<Models>, Problem> {
    let input: ServeInput = parse(&body)?;
    let model = Registry::model(&model)?;
    let _guard = state.writes().await;
    let served = state.walk(move |state, _| {
        let chosen = (principal.author.as_str(), state.now());
        let registry = &state.learning().registry;
        registry.serve(state.handle(), model, input.version, chosen)?;
        tracing::info!(model = model.as_str(), version = input.version, by = %chosen.0, "chosen");
        Ok(models(state))
    });
    served.await.map(Json)
}

fn models(state: &AdminState) -> Models {
    let view = state.view();
    let registry = &state.learning().registry;
    let models = &view.learned.recommenders;
    let told = |model, in_force: &Option<std::sync::Arc<Trained>>| {
        let in_force = in_force.as_ref()?;
        Some(trained(registry, model, in_force))
    };
    let stream = &models.stream;
    Models {
        at_work: view.project.placements.has_recipes(),
        stream: StreamModels {
            events: stream.heard(),
            items: stream.items() as u64,
            visits: stream.visits() as u64,
            pairs: stream.pairs() as u64,
        },
        linear: told(RecipeModel::Linear, &models.linear),
        content: told(RecipeModel::Content, &models.content),
        training: registry.training().map(training),
    }
}

fn trained(registry: &Registry, model: RecipeModel, in_force: &Trained) -> TrainedModel {
    let pinned = registry.pin(model);
    let pinned = pinned.and_then(|pin| {
        Some(ModelPin {
            version: pin.version?,
            at: pin.at.into(),
            by: pin.by,
        })
    });
    let versions = registry.versions(model).into_iter();
    TrainedModel {
        version: in_force.version,
        items: in_force.items.len() as u64,
        trained_at: in_force.trained_at.into(),
        pinned,
        versions: versions
            .map(|told| version(told, in_force.version))
            .collect(),
    }
}

fn version(told: Version, in_force: u64) -> ModelVersion {
    let evaluation = told.about.evaluation;
    ModelVersion {
        version: told.version,
        trained_at: told.trained_at.map(Into::into),
        histories: told.about.histories,
        chosen: told.about.chosen,
        ndcg_at_10: evaluation.map(|evaluation| evaluation.ndcg_at_10.value),
        evaluation: evaluation.map(|evaluation| ModelEvaluation {
            histories: evaluation.users,
            ndcg_at_10: evaluation.ndcg_at_10.into(),
            recall_at_10: evaluation.recall_at_10.into(),
            popular_ndcg_at_10: evaluation.popular_ndcg_at_10.into(),
        }),
        serves: told.version == in_force,
        problem: told.problem,
    }
}

/// How a training stands.
pub fn training_state(run: &TrainingRun) -> JobState {
    match (&run.finished_at, &run.error) {
        (None, _) => JobState::Running,
        (Some(_), None) => JobState::Done,
        (Some(_), Some(_)) => JobState::Failed,
    }
}

fn training(run: TrainingRun) -> ModelTraining {
    ModelTraining {
        state: training_state(&run),
        progress: run.progress,
        eta_at: run.eta_at.map(Into::into),
        started_at: run.started_at.into(),
        finished_at: run.finished_at.map(Into::into),
        error: run.error,
    }
}

impl From<ServeError> for Problem {
    fn from(error: ServeError) -> Self {
        let code = match &error {
            ServeError::UnknownModel(_) | ServeError::UnknownVersion { .. } => problem::NOT_FOUND,
            ServeError::Damaged { .. } => problem::MODEL_DAMAGED,
            ServeError::Io(_) => problem::STORAGE_FAILED,
        };
        Problem::new(code, error.to_string())
    }
}
