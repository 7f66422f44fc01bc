//! What a demo begins with: the shop's definitions, its catalog, and keys that it remembers.

use std::path::Path;

use anyhow::{Context, Result};
use kith_admin::access::{generate_write_key, key};
use kith_admin::items;
use kith_definition::{Action, Kind, Scope, Spec, plan};
use kith_event::{CatalogChange, DefinitionChange, Record};
use kith_runtime::Handle;
use rust_embed::RustEmbed;
use serde::{Deserialize, Serialize};

use crate::definitions;
use crate::keys::{stored, write};

/// The demo's catalog, one item a line.
pub const CATALOG: &str = include_str!("../../../examples/demo/catalog.ndjson");
/// The source of the shop in the definitions.
const SOURCE: &str = "demo_shop";

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../examples/demo/definitions"]
struct Definitions;

/// The demo's keys in clear, kept beside its data: nothing in a demo is secret.
#[derive(Clone, Serialize, Deserialize)]
pub struct Keys {
    /// Of the shop.
    pub write_key: String,
    /// Of the admin API.
    pub secret_key: String,
    /// True on the first start.
    #[serde(skip)]
    pub is_new: bool,
}

/// Fills an empty folder; leaves one that was filled before as its user has changed it.
pub fn prepare(handle: &Handle, data: &Path) -> Result<Keys> {
    let path = data.join("demo-keys.json");
    if let Ok(bytes) = std::fs::read(&path) {
        return serde_json::from_slice(&bytes)
            .with_context(|| format!("{} is damaged: delete the folder", path.display()));
    }
    let given = crate::keys::Given::from_environment()?;
    let keys = Keys {
        write_key: given.write_key.unwrap_or_else(generate_write_key),
        secret_key: given.secret_key.unwrap_or_else(key::generate),
        is_new: true,
    };
    let mut definitions = definition_changes(&keys)?;
    let scopes = [Scope::Read, Scope::Write];
    let now = kith_runtime::now();
    let secret = key::definition(&keys.secret_key, "demo", &scopes, "kith demo", now);
    definitions.push(secret);
    write(handle, Record::definitions(definitions))?;
    write(handle, vec![Record::Catalog(catalog(handle)?)])?;
    std::fs::write(&path, serde_json::to_vec(&keys)?)
        .with_context(|| format!("writing {}", path.display()))?;
    Ok(keys)
}

/// The definitions in an order in which every reference holds.
fn definition_changes(keys: &Keys) -> Result<Vec<DefinitionChange>> {
    let now = kith_runtime::now();
    let mut documents = Vec::new();
    for name in Definitions::iter() {
        let file = Definitions::get(&name).context("an embedded file is there")?;
        let document = definitions::parse(&file.data)
            .map_err(|errors| anyhow::anyhow!("{name}: {}", errors.join("; ")))?;
        documents.push(document);
    }
    for document in &mut documents {
        if let (SOURCE, Spec::Source(source)) = (document.id.as_str(), &mut document.spec) {
            source.keys.push(stored(&keys.write_key, now));
        }
    }
    let has_source = |kind, id: &str| documents.iter().any(|d| d.kind == kind && d.id == id);
    anyhow::ensure!(
        has_source(Kind::Source, SOURCE),
        "the demo has no source {SOURCE}"
    );
    let changes = plan(&[], &documents);
    let revision = |change: &kith_definition::Change| {
        let is_it = |d: &&kith_definition::Document| d.kind == change.kind && d.id == change.id;
        let document = documents
            .iter()
            .find(is_it)
            .expect("a plan names its documents");
        DefinitionChange {
            kind: document.kind.as_str().to_owned(),
            id: document.id.clone(),
            name: document.name.clone(),
            archived: change.action == Action::Archive,
            author: "kith demo".to_owned(),
            at: now,
            spec: document.spec.to_json(),
        }
    };
    Ok(changes.iter().map(revision).collect())
}

fn catalog(handle: &Handle) -> Result<CatalogChange> {
    let at = kith_runtime::now();
    let shape = items::shape(&*handle.view().state)
        .map_err(|problem| anyhow::anyhow!("reading the catalog: {problem:?}"))?;
    let mut items = Vec::new();
    for line in CATALOG.lines().filter(|line| !line.trim().is_empty()) {
        let item = items::check(line.as_bytes(), None, &shape, at).map_err(|error| {
            anyhow::anyhow!(
                "the demo catalog: {}: {} in {line}",
                error.field,
                error.message
            )
        })?;
        let form = items::to_stored(&item);
        items.push((item.item_id, Some(form)));
    }
    Ok(CatalogChange { at, items })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_fills_an_empty_folder_once() {
        let folder = tempfile::tempdir().unwrap();
        let handle = crate::wiring::open(folder.path()).unwrap();
        let keys = prepare(&handle, folder.path()).unwrap();
        assert!(keys.is_new);
        let source = handle
            .project()
            .source_of_key(&keys.write_key)
            .map(|live| live.id.clone());
        assert_eq!(source.as_deref(), Some(SOURCE));
        assert!(
            handle.project().problems.is_empty(),
            "{:?}",
            handle.project().problems
        );
        let end = handle.status().end;
        let again = prepare(&handle, folder.path()).unwrap();
        assert_eq!((again.is_new, again.write_key), (false, keys.write_key));
        assert_eq!(handle.status().end, end);
        handle.shutdown();
    }
}
