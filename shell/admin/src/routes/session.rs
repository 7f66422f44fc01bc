//! Setting up, signing in and out.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use crate::problem::Problem;
use crate::query::Body;
use crate::state::AdminState;
use crate::wire::{Session, Setup, SignIn};

/// Says who is signed in. The 401 answer carries `setup_needed`.
#[utoipa::path(get, path = "/api/v1/session", tag = "session", security(()),
    responses((status = 200, body = Session)))]
pub async fn read_session(
    State(state): State<AdminState>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let _ = (state, headers);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}

/// Makes the first user and signs them in. Works only while no user exists.
#[utoipa::path(post, path = "/api/v1/setup", tag = "session", security(()), request_body = Setup,
    responses((status = 201, body = Session)))]
pub async fn set_up(
    State(state): State<AdminState>,
    Body(setup): Body<Setup>,
) -> Result<Response, Problem> {
    let _ = (state, setup.email);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}

/// Signs in with address and password, or with a one-time token. Sets the session's cookie.
#[utoipa::path(post, path = "/api/v1/session", tag = "session", security(()),
    request_body = SignIn, responses((status = 200, body = Session)))]
pub async fn sign_in(
    State(state): State<AdminState>,
    Body(sign_in): Body<SignIn>,
) -> Result<Response, Problem> {
    let _ = (state, sign_in.email);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}

/// Signs out.
#[utoipa::path(delete, path = "/api/v1/session", tag = "session", security(()),
    responses((status = 204, description = "signed out")))]
pub async fn sign_out(
    State(state): State<AdminState>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let _ = (state, headers);
    Err(Problem::new(crate::problem::NOT_AVAILABLE, ""))
}
