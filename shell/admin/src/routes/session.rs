//! Setting up, signing in and out.

use axum::Json;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kith_definition::{Document, Kind};

use crate::access::{
    PASSWORD_MAX_BYTES, PASSWORD_MIN_CHARS, check_session, has_console_header, user,
};
use crate::problem::{self, Problem};
use crate::query::Body;
use crate::state::AdminState;
use crate::wire::{Session, Setup, SignIn, User};
use crate::{change, metric};

/// Says who is signed in. The 401 answer carries `setup_needed`.
#[utoipa::path(get, path = "/api/v1/session", tag = "session", security(()),
    responses((status = 200, body = Session)))]
pub async fn read_session(
    State(state): State<AdminState>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (session, user) = check_session(&state, &headers)?;
    let renewal = state.sessions().renewal(&session, state.now());
    Ok(answer(StatusCode::OK, &user.user, renewal))
}

/// Makes the first user and signs them in. Works only while no user exists.
#[utoipa::path(post, path = "/api/v1/setup", tag = "session", security(()), request_body = Setup,
    responses((status = 201, body = Session)))]
pub async fn set_up(
    State(state): State<AdminState>,
    Body(setup): Body<Setup>,
) -> Result<Response, Problem> {
    if user::any(&*state.view().state)? {
        return Err(already_set_up());
    }
    check_setup(&setup)?;
    let hash = state.passwords().hash(setup.password).await?;
    let _guard = state.writes().await;
    // Somebody may have been quicker while the password was hashed.
    if user::any(&*state.view().state)? {
        return Err(already_set_up());
    }
    let change = user::definition(&setup.email, &setup.name, &hash, state.now());
    Document::new(
        Kind::User,
        change.id.clone(),
        change.name.clone(),
        &change.spec,
    )
    .map_err(|errors| change::invalid(&errors))?;
    let user_id = change.id.clone();
    state.append_definition(change).await?;
    start(&state, &user_id, StatusCode::CREATED)
}

/// Signs in with address and password, or with a one-time token. Sets the session's cookie.
#[utoipa::path(post, path = "/api/v1/session", tag = "session", security(()),
    request_body = SignIn, responses((status = 200, body = Session)))]
pub async fn sign_in(
    State(state): State<AdminState>,
    request: Request,
) -> Result<Response, Problem> {
    let address = state.client_address(request.headers(), request.extensions());
    let Body(sign_in) = Body::<SignIn>::from_request(request, &state).await?;
    let address = (!address.is_empty()).then(|| format!("address {address}"));
    if let Some(address) = &address {
        admit(&state, address, state.sign_in_limits().per_address)?;
    }
    let outcome = match (sign_in.token, sign_in.email, sign_in.password) {
        (Some(token), None, None) => by_token(&state, &token),
        (None, Some(email), Some(password)) => by_password(&state, &email, password).await,
        _ => {
            let detail = "send either email and password, or token";
            return Err(Problem::new(problem::INVALID_BODY, detail).field("", detail));
        }
    };
    let label = if outcome.is_ok() {
        "success"
    } else {
        "failure"
    };
    metrics::counter!(metric::SIGN_INS, "outcome" => label).increment(1);
    let user_id = outcome?;
    address
        .iter()
        .for_each(|address| state.attempts().forget(address));
    start(&state, &user_id, StatusCode::OK)
}

/// Signs out.
#[utoipa::path(delete, path = "/api/v1/session", tag = "session", security(()),
    responses((status = 204, description = "signed out")))]
pub async fn sign_out(
    State(state): State<AdminState>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let session = check_session(&state, &headers)
        .ok()
        .map(|(session, _)| session);
    if session.is_some() && !has_console_header(&headers) {
        let detail = "the header X-Kith-Console: 1 is missing";
        return Err(Problem::new(problem::CONSOLE_HEADER_MISSING, detail));
    }
    let cookie = state.sessions().end(session, state.now());
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

fn already_set_up() -> Problem {
    Problem::new(
        problem::SETUP_DONE,
        "the first user exists already; sign in instead",
    )
}

fn check_setup(setup: &Setup) -> Result<(), Problem> {
    let chars = setup.password.chars().count();
    if chars >= PASSWORD_MIN_CHARS && setup.password.len() <= PASSWORD_MAX_BYTES {
        return Ok(());
    }
    let message = format!(
        "must have {PASSWORD_MIN_CHARS} characters or more, and {PASSWORD_MAX_BYTES} bytes or less"
    );
    let detail = "the password is too short or too long";
    Err(Problem::new(problem::INVALID_BODY, detail).field("password", message))
}

fn admit(state: &AdminState, who: &str, limit: u32) -> Result<(), Problem> {
    state
        .attempts()
        .admit(who, limit, state.now())
        .map_err(|seconds| {
            let detail = format!("try again in {seconds} s");
            Problem::new(problem::TOO_MANY_ATTEMPTS, detail).retry_after_s(seconds)
        })
}

fn by_token(state: &AdminState, token: &str) -> Result<String, Problem> {
    state.tickets().redeem(token, state.now()).ok_or_else(|| {
        Problem::new(
            problem::WRONG_TOKEN,
            "the sign-in link was used, or is too old",
        )
    })
}

async fn by_password(state: &AdminState, email: &str, password: String) -> Result<String, Problem> {
    let user_id = user::id_of(email);
    let account = format!("account {user_id}");
    admit(state, &account, state.sign_in_limits().per_account)?;
    let known = user::find(&*state.view().state, &user_id)?;
    let hash = known.map(|known| known.user.password_hash);
    let too_long = password.len() > PASSWORD_MAX_BYTES;
    if too_long || !state.passwords().verify(password, hash).await? {
        let detail = "the address is unknown, or the password is wrong";
        return Err(Problem::new(problem::WRONG_PASSWORD, detail));
    }
    state.attempts().forget(&account);
    Ok(user_id)
}

/// Starts a session of a user.
fn start(state: &AdminState, user_id: &str, status: StatusCode) -> Result<Response, Problem> {
    let found = user::find(&*state.view().state, user_id)?
        .ok_or_else(|| Problem::new(problem::WRONG_PASSWORD, "the user was removed meanwhile"))?;
    let session = state.sessions().start(user_id, found.revision, state.now());
    Ok(answer(
        status,
        &found.user,
        Some(state.sessions().cookie(&session)),
    ))
}

fn answer(
    status: StatusCode,
    user: &kith_definition::User,
    cookie: Option<HeaderValue>,
) -> Response {
    let user = User {
        email: user.email.clone(),
        name: user.name.clone(),
    };
    let mut response = (
        status,
        Json(Session {
            user,
            setup_needed: false,
        }),
    )
        .into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}
