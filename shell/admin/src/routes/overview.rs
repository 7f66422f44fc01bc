//! The figures on the console's first page.

use axum::Json;
use axum::extract::State;

use crate::problem::Problem;
use crate::state::AdminState;
use crate::wire::Overview;

/// Says how the engine stands.
#[utoipa::path(get, path = "/api/v1/overview", tag = "operation",
    responses((status = 200, body = Overview)))]
pub async fn read_overview(State(state): State<AdminState>) -> Result<Json<Overview>, Problem> {
    let _ = state;
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}
