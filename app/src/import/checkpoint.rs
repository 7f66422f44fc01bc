//! How far an import has come, so that an interrupted one goes on where it stopped.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use kith_base::digest;
use serde::{Deserialize, Serialize};

/// Everything needed to go on, written after each batch the sink has accepted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Rows before this ordinal are done.
    pub resume_row: u64,
    /// Rows before this ordinal were read, and counted below.
    pub read_row: u64,
    /// Groups written already that hold rows between the two, by the hexadecimal of their key.
    pub written_groups: Vec<String>,
    /// Events written.
    pub events: u64,
    /// Catalog items written.
    pub items: u64,
    /// The pass over the items is complete.
    pub items_done: bool,
    /// Rows left out, by reason.
    pub skipped: BTreeMap<String, u64>,
    /// Rows and groups that were refused.
    pub rejected: u64,
    /// Length of the rejects file that belongs to the counts above.
    pub rejects_bytes: u64,
    /// The whole file is in.
    pub finished: bool,
}

/// The checkpoint's file in a folder: another file, mapping or source has another.
pub fn path_in(folder: &Path, file: &Path, mapping: &str, source: &str) -> Result<PathBuf> {
    let mut opened = File::open(file).with_context(|| format!("opening {}", file.display()))?;
    let length = opened.metadata()?.len();
    let mut head = Vec::new();
    Read::by_ref(&mut opened)
        .take(64 * 1024)
        .read_to_end(&mut head)?;
    let parts: [&[u8]; 4] = [
        &head,
        &length.to_be_bytes(),
        mapping.as_bytes(),
        source.as_bytes(),
    ];
    Ok(folder.join(format!("{:?}.json", digest("import-checkpoint", &parts))))
}

impl Checkpoint {
    /// Reads a checkpoint; a fresh one when there is none.
    pub fn load(path: &Path) -> Result<Self> {
        match fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .with_context(|| format!("{} is damaged: delete it to start over", path.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Checkpoint::default()),
            Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
        }
    }

    /// Writes it whole or not at all.
    pub fn save(&self, path: &Path) -> Result<()> {
        let folder = path.parent().expect("a checkpoint lies in a folder");
        fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
        let new = path.with_extension("new");
        let mut file = File::create(&new).with_context(|| format!("writing {}", new.display()))?;
        serde_json::to_writer(&mut file, self)?;
        file.flush()?;
        file.sync_all()?;
        fs::rename(&new, path).with_context(|| format!("writing {}", path.display()))
    }
}
