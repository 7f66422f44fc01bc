//! Why a data folder could not be opened, each with what to do about it.

use std::{io, path::PathBuf};

use kith_engine::state;
use kith_runtime::log;

/// Why a data folder could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error(
        "the data folder {0} is in use by another process; stop that process, or choose another \
         folder"
    )]
    InUse(PathBuf),
    /// Written by a program with another layout.
    #[error(
        "the data folder {dir} has format {found:?}, this program reads format {expected:?}; use \
         the program version that wrote it"
    )]
    Format {
        /// The folder.
        dir: PathBuf,
        /// First line of its `VERSION` file.
        found: String,
        /// What this program writes.
        expected: &'static str,
    },
    /// The folder itself cannot be used.
    #[error("the data folder cannot be used: {path}: {source}")]
    Folder {
        /// File or folder at fault.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The log is damaged or unreadable.
    #[error(transparent)]
    Log(#[from] log::Error),
    /// The state is damaged or unreadable.
    #[error(transparent)]
    State(#[from] state::Error),
}
