//! The port to a partition's state: one ordered key space of bytes.

use std::sync::Arc;

/// Why state could not be read or written. The process must not go on as if it had been.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The store failed: disk full, I/O error.
    #[error("the state store failed: {0}")]
    Storage(String),
    /// A stored row cannot be read.
    #[error("the row {key} is damaged: {reason}")]
    Damaged {
        /// The key, escaped for people.
        key: String,
        /// What is wrong.
        reason: String,
    },
}

/// Reading, at one instant.
pub trait Read {
    /// The value under a key.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error>;

    /// At most `limit` rows with `start <= key < end`, ascending.
    fn range(&self, start: &[u8], end: &[u8], limit: usize) -> Result<Vec<Row>, Error>;

    /// At most `limit` rows with `start <= key < end`, descending from `end`.
    fn range_back(&self, start: &[u8], end: &[u8], limit: usize) -> Result<Vec<Row>, Error>;
}

/// A key and its value.
pub type Row = (Vec<u8>, Vec<u8>);

/// A consistent view that other threads may hold while the owner goes on.
pub type Snapshot = Box<dyn Read + Send + Sync>;

/// Makes snapshots of the last committed state, from any thread.
pub type Snapshots = Arc<dyn Fn() -> Snapshot + Send + Sync>;

/// One partition's state in one transaction at a time. Writes are visible to this `Tx`'s own
/// reads at once, to snapshots after [`Tx::commit`], all together or not at all.
pub trait Tx: Read {
    /// Writes a row.
    fn put(&mut self, key: &[u8], value: Vec<u8>);

    /// Deletes a row; deleting what is absent is fine.
    fn delete(&mut self, key: &[u8]);

    /// Makes all writes since the last commit visible as one. After a crash a prefix of the
    /// commits since [`Tx::sync`] is left, and the log is replayed from there.
    fn commit(&mut self) -> Result<(), Error>;

    /// Forgets all writes since the last commit.
    fn rollback(&mut self);

    /// Forces all committed writes to the disk.
    fn sync(&mut self) -> Result<(), Error>;

    /// A way to make snapshots.
    fn snapshots(&self) -> Snapshots;
}
