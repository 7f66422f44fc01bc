//! Versions of models as files of one folder.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use kith_base::limits;
use kith_definition::RecipeModel;
use kith_learn::artefact::{self, Artefact, Damage, Head};

use super::Error;

/// Versions of a model that are kept, besides a pinned one.
const VERSIONS_KEPT: usize = 3;

/// The files of a model, the newest first.
pub fn versions(folder: &Path, model: RecipeModel) -> Vec<(u64, PathBuf)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<(u64, PathBuf)> = entries
        .filter_map(|entry| {
            let file = entry.file_name().into_string().ok()?;
            let of = file.strip_prefix(model.as_str())?.strip_prefix('-')?;
            let version = of.strip_suffix(".model")?.parse().ok()?;
            Some((version, entry.path()))
        })
        .collect();
    found.sort_unstable_by(|a, b| b.cmp(a));
    found
}

/// Writes the next version, and removes those that are not kept any more.
pub fn keep(
    folder: &Path,
    model: RecipeModel,
    made: &Artefact,
    pinned: Option<u64>,
) -> Result<u64, Error> {
    let known = versions(folder, model);
    let version = 1 + known.first().map_or(0, |(version, _)| *version);
    let name = format!("{}-{version:08}.model", model.as_str());
    write(folder, &name, &artefact::encode(made)?)?;
    for (old, path) in known.iter().skip(VERSIONS_KEPT - 1) {
        if pinned != Some(*old) {
            fs::remove_file(path)?;
        }
    }
    Ok(version)
}

/// All of a file.
pub fn read(path: &Path) -> Result<Artefact, Error> {
    let found = fs::metadata(path)?.len();
    if found > limits::LEARN_MODEL_MAX_BYTES as u64 {
        let most = limits::LEARN_MODEL_MAX_BYTES;
        return Err(Damage::Large { found, most }.into());
    }
    Ok(artefact::decode(&fs::read(path)?)?)
}

/// What a file says of itself.
pub fn head(path: &Path) -> Result<Head, Error> {
    let length = fs::metadata(path)?.len();
    let mut begins = Vec::new();
    let most = artefact::HEAD_MAX_BYTES as u64;
    File::open(path)?.take(most).read_to_end(&mut begins)?;
    Ok(artefact::head(&begins, length)?)
}

/// Whole or not at all: written beside, forced to the disk, then renamed.
pub fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let beside = folder.join(format!("{name}.new"));
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, folder.join(name))?;
    File::open(folder)?.sync_all()
}
