//! Secret keys.

use std::collections::BTreeSet;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use kith_definition::{Document, Kind};
use kith_engine::query;
use kith_event::DefinitionChange;

use crate::access::{Principal, key};
use crate::problem::{self, Problem};
use crate::query::{Body, Query};
use crate::routes::persons::PagingQuery;
use crate::state::AdminState;
use crate::wire::{Page, Scope, SecretKey, SecretKeyCreated, SecretKeyInput};
use crate::{change, page};

const LIST: &str = "keys";

/// Lists secret keys.
#[utoipa::path(get, path = "/api/v1/keys", tag = "keys", params(PagingQuery),
    responses((status = 200, body = Page<SecretKey>)))]
pub async fn list_keys(
    State(state): State<AdminState>,
    Query(query): Query<PagingQuery>,
) -> Result<Json<Page<SecretKey>>, Problem> {
    let limit = page::limit(query.limit)?;
    let mut after = page::place(LIST, query.cursor.as_deref())?;
    let view = state.view();
    let mut keys = Vec::new();
    loop {
        let rows = query::definitions(
            &*view.state,
            Kind::Key.as_str(),
            after.as_deref(),
            limit + 1,
        )?;
        let last = rows.len() <= limit;
        after = rows.last().map(|row| row.id.clone());
        keys.extend(
            rows.into_iter()
                .filter(|row| !row.row.archived)
                .filter_map(shown),
        );
        if last || keys.len() > limit {
            break;
        }
    }
    Ok(Json(page::page(LIST, keys, limit, |key| {
        key.key_id.clone()
    })))
}

/// Makes a secret key. It is shown this once.
#[utoipa::path(post, path = "/api/v1/keys", tag = "keys", request_body = SecretKeyInput,
    responses((status = 201, body = SecretKeyCreated)))]
pub async fn create_key(
    State(state): State<AdminState>,
    Extension(principal): Extension<Principal>,
    Body(input): Body<SecretKeyInput>,
) -> Result<(StatusCode, Json<SecretKeyCreated>), Problem> {
    let name = input.name.trim();
    if name.is_empty() || input.scopes.is_empty() {
        let field = if name.is_empty() { "name" } else { "scopes" };
        let problem = Problem::new(problem::INVALID_BODY, "a key needs a name and a scope");
        return Err(problem.field(field, "is empty"));
    }
    let scopes: BTreeSet<kith_definition::Scope> =
        input.scopes.iter().map(|scope| stored(*scope)).collect();
    let scopes = Vec::from_iter(scopes);
    let secret = key::generate();
    let change = key::definition(&secret, name, &scopes, &principal.author, state.now());
    check(&change)?;
    let created = SecretKeyCreated {
        key_id: change.id.clone(),
        name: change.name.clone(),
        prefix: secret.chars().take(key::PREFIX_SHOWN_CHARS).collect(),
        scopes: scopes.into_iter().map(given).collect(),
        created_at: change.at.into(),
        secret_key: secret,
    };
    state.append_definition(change).await?;
    Ok((StatusCode::CREATED, Json(created)))
}

/// Revokes a secret key.
#[utoipa::path(delete, path = "/api/v1/keys/{key_id}", tag = "keys",
    params(("key_id" = String, Path)), responses((status = 204, description = "revoked")))]
pub async fn revoke_key(
    State(state): State<AdminState>,
    Extension(principal): Extension<Principal>,
    Path(key_id): Path<String>,
) -> Result<StatusCode, Problem> {
    let _guard = state.writes().await;
    let found = query::definition(&*state.view().state, Kind::Key.as_str(), &key_id)?
        .filter(|found| !found.row.archived)
        .ok_or_else(|| Problem::not_found("secret key", &key_id))?;
    state
        .append_definition(DefinitionChange {
            kind: found.kind,
            id: found.id,
            name: found.row.name,
            archived: true,
            author: principal.author,
            at: state.now(),
            spec: found.row.spec,
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn check(change: &DefinitionChange) -> Result<(), Problem> {
    let id = change.id.clone();
    let document = Document::new(Kind::Key, id, change.name.clone(), &change.spec);
    document
        .map(drop)
        .map_err(|errors| change::invalid(&errors))
}

fn shown(found: query::Definition) -> Option<SecretKey> {
    let key = kith_definition::Key::parse(&found.row.spec).ok()?;
    Some(SecretKey {
        key_id: found.id,
        name: key.name,
        prefix: key.prefix,
        scopes: key.scopes.into_iter().map(given).collect(),
        created_at: found.row.at.into(),
    })
}

fn stored(scope: Scope) -> kith_definition::Scope {
    match scope {
        Scope::Read => kith_definition::Scope::Read,
        Scope::Write => kith_definition::Scope::Write,
    }
}

fn given(scope: kith_definition::Scope) -> Scope {
    match scope {
        kith_definition::Scope::Read => Scope::Read,
        kith_definition::Scope::Write => Scope::Write,
    }
}
