//! What was learned as a file, so that a restart need not read the whole log.
//!
//! `KITHPOL`, a version byte, a digest of the rest, the rest as MessagePack. The file is replaced
//! as a whole. What cannot be read is refused and learned from the log again.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use kith_base::digest;
use kith_base::limits::LEARNING_CHECKPOINT_MAX_BYTES;
use serde::Serialize;
use serde::de::DeserializeOwned;

const MAGIC: &[u8; 7] = b"KITHPOL";
/// Another number for every change that older programs, or this one, cannot read.
const VERSION: u8 = 1;
const HEAD: usize = 7 + 1 + 16;

/// Why a checkpoint is not used.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("it could not be read or written: {0}")]
    Io(#[from] io::Error),
    #[error("it is cut or damaged")]
    Damaged,
    #[error("it has version {0}, this program reads {VERSION}")]
    Version(u8),
    #[error("it is larger than {LEARNING_CHECKPOINT_MAX_BYTES} bytes")]
    TooLarge,
    #[error("it could not be encoded: {0}")]
    Encode(#[from] rmp_serde::encode::Error),
}

/// Replaces the file.
pub(super) fn write<T: Serialize>(path: &Path, kept: &T) -> Result<(), Error> {
    let body = rmp_serde::to_vec_named(kept)?;
    if body.len() as u64 > LEARNING_CHECKPOINT_MAX_BYTES {
        return Err(Error::TooLarge);
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let beside = path.with_extension("new");
    let mut file = File::create(&beside)?;
    file.write_all(MAGIC)?;
    file.write_all(&[VERSION])?;
    file.write_all(&digest("policies", &[&body]).0)?;
    file.write_all(&body)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Reads it; `None` when there is none.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, Error> {
    match fs::metadata(path) {
        Ok(found) if found.len() > LEARNING_CHECKPOINT_MAX_BYTES => return Err(Error::TooLarge),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    let bytes = fs::read(path)?;
    if bytes.len() < HEAD || !bytes.starts_with(MAGIC) {
        return Err(Error::Damaged);
    }
    if bytes[7] != VERSION {
        return Err(Error::Version(bytes[7]));
    }
    let (head, body) = bytes.split_at(HEAD);
    if head[8..] != digest("policies", &[body]).0 {
        return Err(Error::Damaged);
    }
    rmp_serde::from_slice(body)
        .map(Some)
        .map_err(|_| Error::Damaged)
}
