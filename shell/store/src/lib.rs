//! The state and log ports of a partition: on disk, in memory, and simulated with faults.
//!
//! This crate keeps bytes. It knows no event, no person and no table; what a key or a record
//! means is the engine's business. Enter by [`open`], which takes a data folder for this process
//! alone and answers its two halves:
//!
//! ```no_run
//! use kith_runtime::log::Log;
//! use kith_engine::state::Tx;
//!
//! let mut store = kith_store::open("kith-data".as_ref(), kith_store::Options::standard())?;
//! let position = store.log.append(&[b"a record".to_vec()])?;
//! store.state.put(b"applied", position.to_be_bytes().to_vec());
//! store.state.commit()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A data folder holds `LOCK`, `VERSION`, `log/` (segment files, see [`log::segment`]) and
//! `state/` (an LSM tree, see [`state::disk`]). The log is the truth and is synced before an
//! append returns; state is a fold of it and may lag behind after a power cut.

mod background;
pub mod damage;
mod error;
mod lock;
pub mod log;
mod space;
pub mod state;

use std::{path::Path, sync::Arc};

pub use error::OpenError;
pub use lock::Lock;

/// How much memory and disk the store may use.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Bytes of state blocks kept in memory.
    pub state_cache_bytes: u64,
    /// Bytes of writes gathered in memory before they become a sorted file, and the size of such
    /// files; up to four such buffers exist at a time.
    pub state_memtable_bytes: u64,
    /// Bytes of committed rows gathered before they are written to the tree; up to twice as much
    /// waits for it.
    pub state_recent_bytes: usize,
    /// Size at which a log segment is sealed and the next one begun.
    pub log_segment_bytes: u64,
    /// Bytes of decompressed log kept in memory.
    pub log_cache_bytes: usize,
    /// Disk space left untouched: an append that would eat into it is refused, so that the state
    /// can still take in what the log already holds. State refuses at half of it.
    pub reserve_bytes: u64,
}

impl Options {
    /// For a server: one million persons on disk at well under 300 MB of memory.
    pub const fn standard() -> Self {
        Options {
            state_cache_bytes: 64 << 20,
            state_memtable_bytes: 16 << 20,
            state_recent_bytes: 32 << 20,
            log_segment_bytes: 64 << 20,
            log_cache_bytes: 8 << 20,
            reserve_bytes: 128 << 20,
        }
    }

    /// For tests: everything small, so that a few thousand rows already roll over.
    pub const fn small() -> Self {
        Options {
            state_cache_bytes: 1 << 20,
            state_memtable_bytes: 1 << 20,
            state_recent_bytes: 4 << 10,
            log_segment_bytes: 64 << 10,
            log_cache_bytes: 256 << 10,
            reserve_bytes: 1 << 20,
        }
    }
}

/// An open data folder. Both halves hold its lock, so they may go to different threads.
pub struct Store {
    /// The partition's state.
    pub state: state::Disk,
    /// The partition's log.
    pub log: log::Segments,
}

/// Opens a data folder, creating it when absent. Cuts what a crash left incomplete at the end of
/// the log; refuses damage anywhere else.
pub fn open(dir: &Path, options: Options) -> Result<Store, OpenError> {
    let lock = Arc::new(Lock::take(dir)?);
    let log = log::Segments::open(&dir.join(lock::LOG_DIR), options, Some(Arc::clone(&lock)))?;
    let state = state::Disk::open(&dir.join(lock::STATE_DIR), options, Some(lock))?;
    Ok(Store { state, log })
}
