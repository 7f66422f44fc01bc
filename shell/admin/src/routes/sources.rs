//! Write keys of sources.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use kith_definition::{Document, Kind, Source, Spec, WriteKey as StoredKey};
use kith_engine::{WriteKeyHash, query};
use kith_event::DefinitionChange;

use crate::access::{Principal, generate_write_key};
use crate::change;
use crate::problem::Problem;
use crate::state::AdminState;
use crate::wire::WriteKey;

/// How much of a key is shown, for people to recognise it.
const PREFIX_CHARS: usize = 5;

/// Makes a write key. It is shown this once.
#[utoipa::path(post, path = "/api/v1/sources/{id}/keys", tag = "sources",
    params(("id" = String, Path)), responses((status = 201, body = WriteKey)))]
pub async fn create_write_key(
    State(state): State<AdminState>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<WriteKey>), Problem> {
    let _guard = state.writes().await;
    let (found, mut source) = find(&state, &id)?;
    let write_key = unused_key(&source);
    let prefix: String = write_key.chars().take(PREFIX_CHARS).collect();
    let now = state.now();
    source.keys.push(StoredKey {
        prefix: prefix.clone(),
        hash: WriteKeyHash::of(&write_key).to_string(),
        created_at: now.to_string(),
    });
    write(&state, found, source, principal.author).await?;
    Ok((
        StatusCode::CREATED,
        Json(WriteKey {
            write_key,
            prefix,
            created_at: now.into(),
        }),
    ))
}

/// Revokes a write key.
#[utoipa::path(delete, path = "/api/v1/sources/{id}/keys/{prefix}", tag = "sources",
    params(("id" = String, Path), ("prefix" = String, Path)),
    responses((status = 204, description = "revoked")))]
pub async fn revoke_write_key(
    State(state): State<AdminState>,
    Extension(principal): Extension<Principal>,
    Path((id, prefix)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let _guard = state.writes().await;
    let (found, mut source) = find(&state, &id)?;
    let before = source.keys.len();
    source.keys.retain(|key| key.prefix != prefix);
    if source.keys.len() == before {
        return Err(Problem::not_found("write key", &prefix));
    }
    write(&state, found, source, principal.author).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A key whose prefix no other key of the source has: keys are revoked by it.
fn unused_key(source: &Source) -> String {
    loop {
        let key = generate_write_key();
        if !source
            .keys
            .iter()
            .any(|other| key.starts_with(&other.prefix))
        {
            return key;
        }
    }
}

fn find(state: &AdminState, id: &str) -> Result<(query::Definition, Source), Problem> {
    let missing = || Problem::not_found("source", id);
    let found = query::definition(&*state.view().state, Kind::Source.as_str(), id)?
        .filter(|found| !found.row.archived)
        .ok_or_else(missing)?;
    let source = Source::parse(&found.row.spec).map_err(|errors| change::invalid(&errors))?;
    Ok((found, source))
}

async fn write(
    state: &AdminState,
    found: query::Definition,
    source: Source,
    author: String,
) -> Result<(), Problem> {
    let spec = Spec::Source(source).to_json();
    Document::new(
        Kind::Source,
        found.id.clone(),
        found.row.name.clone(),
        &spec,
    )
    .map_err(|errors| change::invalid(&errors))?;
    let change = DefinitionChange {
        kind: found.kind,
        id: found.id,
        name: found.row.name,
        archived: false,
        author,
        at: state.now(),
        spec,
    };
    state.append_definition(change).await
}
