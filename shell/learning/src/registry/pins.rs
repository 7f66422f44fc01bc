//! Which version of a model was chosen by hand: one small file of JSON a model, the changes of it
//! in order, the last in force.

use std::fs;
use std::io;
use std::path::Path;

use kith_base::{Json, Timestamp};
use kith_definition::RecipeModel;
use serde::{Deserialize, Serialize};

use super::files;

/// Changes that are remembered; beyond it the oldest go.
const CHANGES_KEPT: usize = 100;
/// Another number for every change that older programs cannot read.
const FORMAT: u32 = 1;

/// A choice of what serves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pin {
    /// The version; `None` is the newest, whichever that is.
    pub version: Option<u64>,
    /// When it was chosen.
    pub at: Timestamp,
    /// Who chose it.
    pub by: String,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    format: u32,
    changes: Vec<Pin>,
}

fn name(model: RecipeModel) -> String {
    format!("{}-serves.json", model.as_str())
}

fn all(folder: &Path, model: RecipeModel) -> Vec<Pin> {
    let path = folder.join(name(model));
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "which model is pinned is not known");
            return Vec::new();
        }
    };
    let stored = Json::parse(&text).ok().and_then(|json| json.read().ok());
    match stored {
        Some(Stored { format, changes }) if format == FORMAT => changes,
        _ => {
            let path = path.display();
            tracing::warn!(%path, "which model is pinned cannot be read; the newest serves");
            Vec::new()
        }
    }
}

/// The last change.
pub fn read(folder: &Path, model: RecipeModel) -> Option<Pin> {
    all(folder, model).pop()
}

/// Adds a change.
pub fn write(folder: &Path, model: RecipeModel, pin: Pin) -> io::Result<()> {
    let mut changes = all(folder, model);
    changes.push(pin);
    changes.drain(..changes.len().saturating_sub(CHANGES_KEPT));
    let format = FORMAT;
    let stored = Json::from_serialize(&Stored { format, changes }).map_err(io::Error::other)?;
    files::write(folder, &name(model), stored.as_str().as_bytes())
}
