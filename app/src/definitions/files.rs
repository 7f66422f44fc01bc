//! A folder of definitions: one document a file, YAML or JSON, in any order and any depth.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use kith_base::Json;
use kith_definition::{Document, Kind};
use serde_json::Value;

use crate::output::BadInput;

/// What a folder holds.
pub struct Folder {
    root: PathBuf,
    /// Sound documents with their paths from the root.
    pub documents: Vec<(String, Document)>,
    /// What is wrong with the other files, path first.
    pub errors: Vec<String>,
}

impl Folder {
    /// Reads a folder that must exist.
    pub fn read(root: &Path) -> Result<Self> {
        if !root.is_dir() {
            return Err(BadInput(format!("{} is not a folder", root.display())).into());
        }
        let mut folder = Folder {
            root: root.to_owned(),
            documents: Vec::new(),
            errors: Vec::new(),
        };
        let mut seen: BTreeMap<(Kind, String), String> = BTreeMap::new();
        for path in definition_files(root)? {
            let name = path
                .strip_prefix(root)
                .unwrap_or(&path)
                .display()
                .to_string();
            match read_document(&path)? {
                Err(errors) => {
                    folder
                        .errors
                        .extend(errors.iter().map(|error| format!("{name}: {error}")));
                }
                Ok(document) => {
                    let key = (document.kind, document.id.clone());
                    if let Some(first) = seen.get(&key) {
                        let (kind, id) = key;
                        let error = format!("{name}: {kind}/{id} is in {first} already");
                        folder.errors.push(error);
                        continue;
                    }
                    seen.insert(key, name.clone());
                    folder.documents.push((name, document));
                }
            }
        }
        Ok(folder)
    }

    /// Reads a folder, creating it when absent.
    pub fn read_or_create(root: &Path) -> Result<Self> {
        fs::create_dir_all(root).with_context(|| format!("creating {}", root.display()))?;
        Folder::read(root)
    }

    /// The file of a definition, or its name where there is none.
    pub fn path_of(&self, kind: Kind, id: &str) -> String {
        let is_it = |document: &Document| document.kind == kind && document.id == id;
        let found = self.documents.iter().find(|(_, document)| is_it(document));
        found.map_or_else(|| format!("{kind}/{id}"), |(path, _)| path.clone())
    }

    /// Writes the documents that are missing or differ; answers the paths written.
    pub fn write_changed(&mut self, live: &[Document]) -> Result<Vec<String>> {
        let mut written = Vec::new();
        for document in live {
            let key = |other: &Document| other.kind == document.kind && other.id == document.id;
            let known = self.documents.iter().find(|(_, other)| key(other));
            let name = match known {
                Some((_, other)) if same(other, document) => continue,
                Some((name, _)) => name.clone(),
                None => format!("{}-{}.yaml", document.kind, document.id),
            };
            let path = self.root.join(&name);
            fs::write(&path, text_of(document, &name)?)
                .with_context(|| format!("writing {}", path.display()))?;
            written.push(name);
        }
        Ok(written)
    }

    /// Files whose definition is not live.
    pub fn without(&self, live: &[Document]) -> Vec<String> {
        let is_live = |document: &Document| {
            live.iter()
                .any(|other| other.kind == document.kind && other.id == document.id)
        };
        let gone = self
            .documents
            .iter()
            .filter(|(_, document)| !is_live(document));
        gone.map(|(path, _)| path.clone()).collect()
    }
}

/// True when applying one over the other changes nothing.
fn same(left: &Document, right: &Document) -> bool {
    kith_definition::plan(std::slice::from_ref(left), std::slice::from_ref(right)).is_empty()
}

/// Every `.yaml`, `.yml` and `.json` file below a folder, sorted.
fn definition_files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries =
            fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            let ending = path
                .extension()
                .and_then(|ending| ending.to_str())
                .unwrap_or_default();
            if path.is_dir() {
                folders.push(path);
            } else if matches!(ending, "yaml" | "yml" | "json") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// A document, or what is wrong with it; only a file that cannot be read is an error.
fn read_document(path: &Path) -> Result<Result<Document, Vec<String>>> {
    let bytes = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    Ok(parse(&bytes))
}

/// JSON is YAML, so one parser reads both.
pub fn parse(bytes: &[u8]) -> Result<Document, Vec<String>> {
    let value: Value =
        serde_norway::from_slice(bytes).map_err(|error| vec![format!("not YAML: {error}")])?;
    let json = Json::from_serialize(&value).map_err(|error| vec![error.to_string()])?;
    Document::parse(&json).map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

/// The file form: members in reading order, no write keys, no secrets.
fn text_of(document: &Document, name: &str) -> Result<String> {
    let whole: Value = document.to_json().read().context("reading a definition")?;
    let mut spec = whole["spec"].clone();
    if let Some(members) = spec.as_object_mut() {
        match document.kind {
            Kind::Source => members.remove("keys"),
            Kind::Webhook => members.remove("secrets"),
            _ => None,
        };
    }
    if name.ends_with(".json") {
        let object = serde_json::json!({
            "kind": document.kind.as_str(), "id": document.id, "name": document.name, "spec": spec,
        });
        return Ok(format!("{}\n", serde_json::to_string_pretty(&object)?));
    }
    let head = serde_norway::to_string(&BTreeMap::from([("name", &document.name)]))?;
    let spec = serde_norway::to_string(&BTreeMap::from([("spec", &spec)]))?;
    Ok(format!(
        "kind: {}\nid: {}\n{head}{spec}",
        document.kind, document.id
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: &str = "
kind: offer
id: hello
name: 'Hello: you'
spec: {placements: [home], priority: 7, when: 'features.purchase_count > 0', content: {t: 1}}
";

    #[test]
    fn what_is_written_is_read_again() {
        let document = parse(OFFER.as_bytes()).unwrap();
        for name in ["a.yaml", "a.json"] {
            let text = text_of(&document, name).unwrap();
            assert_eq!(parse(text.as_bytes()).unwrap(), document, "{text}");
        }
    }

    #[test]
    fn pulling_writes_only_what_differs() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("offers")).unwrap();
        fs::write(root.path().join("offers/mine.yaml"), OFFER).unwrap();
        let document = parse(OFFER.as_bytes()).unwrap();
        let mut folder = Folder::read(root.path()).unwrap();
        assert_eq!(folder.errors, Vec::<String>::new());
        assert!(
            folder
                .write_changed(std::slice::from_ref(&document))
                .unwrap()
                .is_empty()
        );

        let renamed = Document {
            name: "Other".to_owned(),
            ..document.clone()
        };
        let added = Document {
            id: "second".to_owned(),
            ..document
        };
        let written = folder
            .write_changed(&[renamed.clone(), added.clone()])
            .unwrap();
        assert_eq!(written, ["offers/mine.yaml", "offer-second.yaml"]);
        let again = Folder::read(root.path()).unwrap();
        assert_eq!(again.documents.len(), 2);
        assert_eq!(again.without(&[added]), ["offers/mine.yaml"]);
    }

    #[test]
    fn every_broken_file_is_named() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("a.yaml"), OFFER).unwrap();
        fs::write(root.path().join("b.yaml"), OFFER).unwrap();
        fs::write(root.path().join("c.yaml"), "kind: ofer\n").unwrap();
        fs::write(root.path().join("d.yaml"), "{").unwrap();
        let errors = Folder::read(root.path()).unwrap().errors;
        assert_eq!(errors.len(), 3, "{errors:?}");
        assert_eq!(errors[0], "b.yaml: offer/hello is in a.yaml already");
        assert!(errors[1].starts_with("c.yaml: kind: \"ofer\" is not a kind"));
        assert!(errors[2].starts_with("d.yaml: not YAML"));
    }

    /// Definitions in the documentation stand in indented blocks that begin with their kind.
    fn documented() -> Vec<Document> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/definitions.md");
        let text = fs::read_to_string(path).expect("the documentation is there");
        let mut blocks: Vec<String> = Vec::new();
        let mut inside = false;
        for line in text.lines() {
            match line.strip_prefix("    ") {
                Some(rest) if rest.starts_with("kind: ") => {
                    blocks.push(format!("{rest}\n"));
                    inside = true;
                }
                Some(rest) if inside => {
                    let block = blocks.last_mut().expect("a block was begun");
                    *block += &format!("{rest}\n");
                }
                _ => inside = false,
            }
        }
        let read = |block: &String| {
            parse(block.as_bytes()).unwrap_or_else(|errors| panic!("{block}{errors:?}"))
        };
        blocks.iter().map(read).collect()
    }

    #[test]
    fn documented_definitions_can_go_live() {
        let documents = documented();
        let count = |kind| documents.iter().filter(|one| one.kind == kind).count();
        assert_eq!((count(Kind::Feature), count(Kind::Audience)), (4, 4));
        assert_eq!(kith_engine::rules::check(&documents), []);
    }
}
