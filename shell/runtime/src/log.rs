//! The port to the log: append durably, read from a position.

use std::sync::Arc;

use kith_event::Position;

/// Why the log could not do what was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Writing or syncing failed. Nothing of the batch counts as appended; the writer must be
    /// opened anew before the next append.
    #[error("the log could not be written: {0}")]
    Storage(String),
    /// Bytes in the middle of the log do not match their checksum.
    #[error("the log is damaged at position {position}: {reason}")]
    Damaged {
        /// First position that cannot be read.
        position: Position,
        /// What is wrong, and in which file at which offset.
        reason: String,
    },
    /// The position was never written, or retention removed it.
    #[error("position {0} is not in the log")]
    OutOfRange(Position),
}

/// The writing end; one owner.
pub trait Log: Send {
    /// Appends records as one group, durable on return, and answers the position of the first.
    /// After an error the log is exactly as before, also across a restart.
    fn append(&mut self, records: &[Vec<u8>]) -> Result<Position, Error>;

    /// The reading end, for any thread.
    fn reader(&self) -> Arc<dyn Reader>;
}

/// The reading end. Sees a record once the append that wrote it has returned.
pub trait Reader: Send + Sync {
    /// Position after the last record.
    fn end(&self) -> Position;

    /// Shows at most `limit` records from `from` on to `see`, in order; none at the end.
    fn visit(
        &self,
        from: Position,
        limit: usize,
        see: &mut dyn FnMut(Position, &[u8]),
    ) -> Result<(), Error>;

    /// The same records, to be kept.
    fn read(&self, from: Position, limit: usize) -> Result<Vec<(Position, Vec<u8>)>, Error> {
        let mut rows = Vec::new();
        self.visit(from, limit, &mut |position, stored| {
            rows.push((position, stored.to_vec()));
        })?;
        Ok(rows)
    }
}
