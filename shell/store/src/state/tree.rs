//! The LSM tree under the state: how it is opened, and what its failures mean.
//!
//! Rules kept because the tree is young: its version is pinned exactly; one keyspace and one
//! writer thread; batches only; no `clear`, no FIFO, no separation of values; and every batch
//! carries a row that proves its place (see `sequence`), checked at every opening. What the tree
//! itself does not verify, or answers by stopping the process, is verified before it is opened
//! (see `manifest` and `journal`).

use std::{
    io,
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use fjall::{
    CompressionType, Database, Keyspace, KeyspaceCreateOptions, PersistMode, Readable,
    compaction::Leveled,
    config::{BlockSizePolicy, CompressionPolicy, PartitioningPolicy, PinningPolicy},
};
use kith_engine::state::{Error, Row};

use super::{
    journal, manifest,
    merge::Direction,
    sequence::{self, RING, Sequence, with_advice},
    versions::Versions,
};
use crate::{Options, background};

/// The one keyspace.
const ROWS: &str = "rows";
/// A write slower than this is told to the operator: the tree holds writers back when its
/// background work does not keep up.
const WRITE_SLOW: Duration = Duration::from_secs(10);
/// Open files of the tree, of the 1,024 a process usually may have.
const FILES_MAX: usize = 256;
const BLOCK_SIZE_BYTES: u32 = 4 << 10;
/// One, because with more the first of them spins on messages it hands back to itself while another
/// compacts: a whole core, measured as 12 µs an event.
const WORKER_THREADS: usize = 1;

/// By level of the tree. What leaves memory is soon merged into the next level: packing it would
/// cost processor time twice and spare a few megabytes for a few seconds.
const COMPRESSION: [CompressionType; 2] = [CompressionType::None, CompressionType::Lz4];

/// By level: what finds rows, kept in memory whole of the few files of the upper levels, and in
/// parts of the size of a block in the others. Whole they are a hundred and fifty kilobytes for
/// each file, of which a row asks for a few bytes.
const AT_HAND: [bool; 3] = [true, true, false];
const IN_PARTS: [bool; 3] = [false, false, true];

pub(super) struct Tree {
    database: Database,
    rows: Keyspace,
}

/// The tree as of one write.
pub(super) struct TreeView {
    snapshot: fjall::Snapshot,
    tree: Arc<Tree>,
}

impl Tree {
    /// Opens the tree in `dir` and verifies that no written batch is missing; answers the newest.
    pub fn open(dir: &Path, options: Options) -> Result<(Tree, Sequence), Error> {
        let unusable = |error| Error::Storage(format!("{}: {error}", dir.display()));
        for fault in [manifest::fault(dir), journal::fault(dir)] {
            if let Some(fault) = fault.map_err(unusable)? {
                return Err(damaged(&fault));
            }
        }
        let tree = guarded(|| Tree::start_yielding(dir, options).map_err(failed))?;
        let (start, end) = RING;
        let sequence = guarded(|| sequence::verify(tree.rows.range(start..end).map(row)))?;
        Ok((tree, sequence))
    }

    /// The tree's threads inherit the priority of the one that opens it.
    fn start_yielding(dir: &Path, options: Options) -> fjall::Result<Tree> {
        let open = || {
            background::yields();
            Tree::start(dir, options)
        };
        thread::scope(|scope| scope.spawn(open).join())
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }

    fn start(dir: &Path, options: Options) -> fjall::Result<Tree> {
        let database = Database::builder(dir)
            .cache_size(options.state_cache_bytes)
            .worker_threads(WORKER_THREADS)
            .max_cached_files(Some(FILES_MAX))
            .max_journaling_size((4 * options.state_memtable_bytes).max(128 << 20))
            .open()?;
        let rows = database.keyspace(ROWS, || {
            KeyspaceCreateOptions::default()
                .max_memtable_size(options.state_memtable_bytes)
                // While a merge runs nothing leaves memory, and with four memtables full commits
                // wait. Files as large as a memtable keep the merge of four into the level below
                // short: that level is four files.
                .compaction_strategy(Arc::new(
                    Leveled::default().with_table_target_size(options.state_memtable_bytes),
                ))
                .data_block_size_policy(BlockSizePolicy::all(BLOCK_SIZE_BYTES))
                .data_block_compression_policy(CompressionPolicy::new(COMPRESSION))
                .filter_block_pinning_policy(PinningPolicy::new(AT_HAND))
                .index_block_pinning_policy(PinningPolicy::new(AT_HAND))
                .filter_block_partitioning_policy(PartitioningPolicy::new(IN_PARTS))
                .index_block_partitioning_policy(PartitioningPolicy::new(IN_PARTS))
        })?;
        Ok(Tree { database, rows })
    }

    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let value = self.rows.get(key).map_err(failed)?;
        Ok(value.map(|value| value.to_vec()))
    }

    /// Rows in a range that is not empty.
    pub fn scan(
        &self,
        range: &Range<&[u8]>,
        direction: Direction,
    ) -> impl Iterator<Item = Result<Row, Error>> + use<> {
        directed(self.rows.range(range.clone()), direction)
    }

    /// Writes rows as one batch, the one after `before`, and answers what it became. It has
    /// reached the operating system then.
    pub fn write(&self, rows: &Versions, before: Sequence) -> Result<Sequence, Error> {
        let mut batch = self.database.batch().durability(Some(PersistMode::Buffer));
        let mut next = sequence::Chain::after(before);
        rows.each(|key, value| {
            next.add(key, value);
            match value {
                Some(value) => batch.insert(&self.rows, key, value),
                None => batch.remove(&self.rows, key),
            }
        });
        let next = next.end();
        let (key, proof) = next.row(before);
        batch.insert(&self.rows, key, proof);
        let began = Instant::now();
        batch.commit().map_err(failed)?;
        if began.elapsed() > WRITE_SLOW {
            tracing::warn!(elapsed = ?began.elapsed(), "a write of state was held back");
        }
        Ok(next)
    }

    /// Forces what was written to the disk.
    pub fn persist(&self) -> Result<(), Error> {
        self.database.persist(PersistMode::SyncData).map_err(failed)
    }

    /// Moves all rows from memory into sorted files, and waits for it.
    pub fn flush(&self) -> Result<(), Error> {
        self.rows.rotate_memtable_and_wait().map_err(failed)
    }

    /// Measured at 0.3 µs.
    pub fn view(self: &Arc<Self>) -> TreeView {
        TreeView {
            snapshot: self.database.snapshot(),
            tree: Arc::clone(self),
        }
    }
}

impl TreeView {
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let value = self.snapshot.get(&self.tree.rows, key).map_err(failed)?;
        Ok(value.map(|value| value.to_vec()))
    }

    /// Rows in a range that is not empty.
    pub fn scan(
        &self,
        range: &Range<&[u8]>,
        direction: Direction,
    ) -> impl Iterator<Item = Result<Row, Error>> + use<> {
        let rows = self.snapshot.range(&self.tree.rows, range.clone());
        directed(rows, direction)
    }
}

fn directed(
    mut rows: fjall::Iter,
    direction: Direction,
) -> impl Iterator<Item = Result<Row, Error>> {
    std::iter::from_fn(move || match direction {
        Direction::Ascending => rows.next(),
        Direction::Descending => rows.next_back(),
    })
    .map(row)
}

fn row(guard: fjall::Guard) -> Result<Row, Error> {
    let (key, value) = guard.into_inner().map_err(failed)?;
    Ok((key.to_vec(), value.to_vec()))
}

fn failed(error: fjall::Error) -> Error {
    match error {
        fjall::Error::Io(error) | fjall::Error::Storage(fjall::LsmError::Io(error)) => io(&error),
        fjall::Error::Poisoned => Error::Storage(
            "an earlier write failed, so no more are accepted until it is opened anew".to_owned(),
        ),
        fjall::Error::Locked => Error::Storage("another process has it open".to_owned()),
        error => damaged(&format!("{error:?}")),
    }
}

/// A missing or short file, or an offset that cannot be, is damage; everything else may pass.
fn io(error: &io::Error) -> Error {
    use io::ErrorKind::{InvalidData, InvalidInput, NotFound, UnexpectedEof};
    match error.kind() {
        NotFound | UnexpectedEof | InvalidData | InvalidInput => damaged(&error.to_string()),
        _ => Error::Storage(error.to_string()),
    }
}

fn damaged(reason: &str) -> Error {
    Error::Damaged {
        key: "of the state".to_owned(),
        reason: with_advice(reason),
    }
}

/// Opening reads the tree's own bookkeeping, and parts of that panic when it is damaged.
pub(super) fn guarded<T>(read: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(damaged("the tree cannot read its own bookkeeping")))
}
