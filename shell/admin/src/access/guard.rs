//! The guard before every route that needs somebody: who asks, and may they.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use kith_definition::Scope;

use super::session::Session;
use super::{key, read_cookie, user};
use crate::problem::{self, Problem};
use crate::state::AdminState;

/// Whose request it is.
#[derive(Clone, Debug)]
pub struct Principal {
    /// Written into the revisions they make.
    pub author: String,
}

/// Lets a request through when somebody asks who may. Reads need the scope `read`, everything
/// else `write`; a write with a cookie needs the console's header too.
pub async fn guard(
    State(state): State<AdminState>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD)
        || is_read_by_post(request.uri().path());
    if let Some(secret) = bearer(request.headers())? {
        let principal = check_key(&state, secret, reads)?;
        request.extensions_mut().insert(principal);
        return Ok(next.run(request).await);
    }
    let (session, user) = check_session(&state, request.headers())?;
    let plain = matches!(*request.method(), Method::GET | Method::HEAD);
    if !plain && !has_console_header(request.headers()) {
        let detail = "the header X-Kith-Console: 1 is missing";
        return Err(Problem::new(problem::CONSOLE_HEADER_MISSING, detail));
    }
    request.extensions_mut().insert(Principal {
        author: user.user.email,
    });
    let renewal = state.sessions().renewal(&session, state.now());
    let mut response = next.run(request).await;
    if let Some(cookie) = renewal {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Routes that take a body but change nothing.
fn is_read_by_post(path: &str) -> bool {
    path.starts_with("/api/v1/")
        && (path.ends_with("/preview")
            || path.ends_with("/replay")
            || path.ends_with("/policy-value")
            || path.ends_with("/rules/parse"))
}

fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let token = value.to_str().ok().and_then(|value| value.split_once(' '));
    match token {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(token.trim())),
        _ => Err(Problem::new(
            problem::NOT_SIGNED_IN,
            "the Authorization header is not `Bearer ksk_…`",
        )),
    }
}

fn check_key(state: &AdminState, secret: &str, reads: bool) -> Result<Principal, Problem> {
    let view = state.view();
    let key = key::check(&*view.state, secret)?.ok_or_else(|| {
        Problem::new(
            problem::NOT_SIGNED_IN,
            "the secret key is unknown or was revoked",
        )
    })?;
    let (needed, name) = if reads {
        (Scope::Read, "read")
    } else {
        (Scope::Write, "write")
    };
    if !key.scopes.contains(&needed) {
        let detail = format!("the secret key {:?} has not the scope {name}", key.name);
        return Err(Problem::new(problem::SCOPE_MISSING, detail));
    }
    Ok(Principal {
        author: format!("key {}", key.name),
    })
}

/// The session of a request and its user.
pub fn check_session(
    state: &AdminState,
    headers: &HeaderMap,
) -> Result<(Session, user::LiveUser), Problem> {
    let view = state.view();
    let session = read_cookie(headers).and_then(|value| state.sessions().check(value, state.now()));
    if let Some(session) = session
        && let Some(user) = user::find(&*view.state, &session.user_id)?
        && user.revision == session.user_revision
    {
        return Ok((session, user));
    }
    let setup_needed = !user::any(&*view.state)?;
    let detail = "send a secret key, or sign in to the console";
    Err(Problem::new(problem::NOT_SIGNED_IN, detail).setup_needed(setup_needed))
}

/// Whether the request carries the header that only the console's own pages can send.
pub fn has_console_header(headers: &HeaderMap) -> bool {
    headers
        .get("x-kith-console")
        .is_some_and(|value| value == "1")
}
