//! State on disk: one LSM tree (fjall), one writer, one atomic batch per commit.
//!
//! A commit reaches the operating system before it returns, so it survives `kill -9`; it reaches
//! the disk at the next [`Tx::sync`] or when the tree rotates its journal. What a power cut takes
//! is a suffix of the commits, and the log replays it.
//!
//! Measured with one million rows of 1 KB (550 MB on the disk), 64 MB of cache and memtables of
//! 16 MB, in CPU time, since the machine was busy: 34 to 44 µs to write a row including its
//! compactions, 18 µs to get one at random (4 KiB blocks, mostly not in the cache), 5 µs to find
//! that one is absent, 0.3 µs for a snapshot. Partitioned index blocks changed nothing.
//! The process has 7 MB after opening, 80 MB after 300,000 reads, at most 163 MB under writes.
//!
//! Rules this module keeps because the tree is young: its version is pinned exactly; one keyspace
//! and one writer thread; batches only; no `clear`, no FIFO, no separation of values; and every
//! batch carries a row that proves its place (see `sequence`), checked at every opening. What the
//! tree itself does not verify, or answers by stopping the process, is verified before it is
//! opened (see `manifest` and `journal`).

use std::{
    fs::File,
    io,
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use fjall::{
    CompressionType, Database, Keyspace, KeyspaceCreateOptions, PersistMode, Readable,
    compaction::Leveled,
    config::{BlockSizePolicy, CompressionPolicy},
};
use kith_engine::state::{Error, Read, Row, Snapshot, Snapshots, Tx};

use super::{
    clamp, journal, manifest,
    overlay::Overlay,
    sequence::{self, RING, Sequence, with_advice},
    writeback::Writeback,
};
use crate::{Lock, Options, space};

/// The one keyspace.
const ROWS: &str = "rows";
/// A commit slower than this is told to the operator: the tree holds writers back when its
/// background work does not keep up.
const COMMIT_SLOW: Duration = Duration::from_secs(10);
/// Open files of the tree, of the 1,024 a process usually may have.
const FILES_MAX: usize = 256;
const BLOCK_SIZE_BYTES: u32 = 4 << 10;
/// One, because with more the first of them spins on messages it hands back to itself while another
/// compacts: a whole core, measured as 12 µs an event.
const WORKER_THREADS: usize = 1;

/// By level of the tree. What leaves memory is soon merged into the next level: packing it would
/// cost processor time twice and spare a few megabytes for a few seconds.
const COMPRESSION: [CompressionType; 2] = [CompressionType::None, CompressionType::Lz4];

/// State in a folder.
pub struct Disk {
    tree: Tree,
    overlay: Overlay,
    sequence: Sequence,
    dir: File,
    reserve_bytes: u64,
    writeback: Writeback,
    _lock: Option<Arc<Lock>>,
}

#[derive(Clone)]
struct Tree {
    database: Database,
    rows: Keyspace,
}

impl Disk {
    /// Opens the state in `dir`, creating it when the folder is empty, and verifies that no
    /// committed batch is missing.
    pub fn open(dir: &Path, options: Options, lock: Option<Arc<Lock>>) -> Result<Self, Error> {
        let unusable = |error| Error::Storage(format!("{}: {error}", dir.display()));
        let handle = File::open(dir).map_err(unusable)?;
        for fault in [manifest::fault(dir), journal::fault(dir)] {
            if let Some(fault) = fault.map_err(unusable)? {
                return Err(damaged(&fault));
            }
        }
        let tree = guarded(|| Tree::open(dir, options).map_err(failed))?;
        let (start, end) = RING;
        let sequence = guarded(|| sequence::verify(tree.rows.range(start..end).map(row)))?;
        Ok(Disk {
            tree,
            overlay: Overlay::default(),
            sequence,
            dir: handle,
            reserve_bytes: options.reserve_bytes / 2,
            writeback: Writeback::start(dir).map_err(unusable)?,
            _lock: lock,
        })
    }

    /// How many batches were committed since the state was created.
    pub fn commits(&self) -> u64 {
        self.sequence.number
    }

    /// Shows every row of the engine to `visit`, in order.
    pub(crate) fn visit(&self, visit: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), Error> {
        guarded(|| {
            for guard in self.tree.rows.range::<&[u8], _>(..&super::RESERVED[..]) {
                let (key, value) = guard.into_inner().map_err(failed)?;
                visit(&key, &value);
            }
            Ok(())
        })
    }

    /// Moves all rows from the write buffer into sorted files, and waits for it.
    pub fn flush(&mut self) -> Result<(), Error> {
        self.tree.rows.rotate_memtable_and_wait().map_err(failed)
    }
}

impl Tree {
    fn open(dir: &Path, options: Options) -> fjall::Result<Tree> {
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
        })?;
        Ok(Tree { database, rows })
    }
}

impl Read for Disk {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        match self.overlay.get(key) {
            Some(value) => Ok(value),
            None => Ok(self
                .tree
                .rows
                .get(key)
                .map_err(failed)?
                .map(|value| value.to_vec())),
        }
    }

    fn range(&self, start: &[u8], end: &[u8], limit: usize) -> Result<Vec<Row>, Error> {
        let Some(range) = bounds(start, end) else {
            return Ok(Vec::new());
        };
        let base = self.tree.rows.range(range.clone()).map(row);
        self.overlay.range(range.start, range.end, limit, base)
    }

    fn range_back(&self, start: &[u8], end: &[u8], limit: usize) -> Result<Vec<Row>, Error> {
        let Some(range) = bounds(start, end) else {
            return Ok(Vec::new());
        };
        let base = self.tree.rows.range(range.clone()).rev().map(row);
        self.overlay.range_back(range.start, range.end, limit, base)
    }
}

impl Tx for Disk {
    fn put(&mut self, key: &[u8], value: Vec<u8>) {
        self.overlay.put(key, value);
    }

    fn delete(&mut self, key: &[u8]) {
        self.overlay.delete(key);
    }

    fn commit(&mut self) -> Result<(), Error> {
        if self.overlay.is_empty() {
            return Ok(());
        }
        let size = self
            .overlay
            .iter()
            .map(|(key, value)| key.len() + value.map_or(0, <[u8]>::len));
        let size_bytes = size.sum::<usize>() as u64;
        space::check(&self.dir, size_bytes, self.reserve_bytes)
            .map_err(|error| Error::Storage(error.to_string()))?;
        let next = self.sequence.next(self.overlay.iter());
        let (key, proof) = next.row(self.sequence);
        // `Buffer` hands the batch to the operating system before `commit` returns.
        let mut batch = self
            .tree
            .database
            .batch()
            .durability(Some(PersistMode::Buffer));
        for (key, value) in self.overlay.iter() {
            match value {
                Some(value) => batch.insert(&self.tree.rows, key, value),
                None => batch.remove(&self.tree.rows, key),
            }
        }
        batch.insert(&self.tree.rows, key, proof);
        let began = Instant::now();
        batch.commit().map_err(failed)?;
        if began.elapsed() > COMMIT_SLOW {
            tracing::warn!(elapsed = ?began.elapsed(), "a commit of state was held back");
        }
        self.sequence = next;
        self.overlay.clear();
        self.writeback.note(size_bytes);
        Ok(())
    }

    fn rollback(&mut self) {
        self.overlay.clear();
    }

    fn sync(&mut self) -> Result<(), Error> {
        self.tree
            .database
            .persist(PersistMode::SyncData)
            .map_err(failed)
    }

    fn snapshots(&self) -> Snapshots {
        let tree = self.tree.clone();
        Arc::new(move || -> Snapshot {
            Box::new(View {
                snapshot: tree.database.snapshot(),
                tree: tree.clone(),
            })
        })
    }
}

struct View {
    snapshot: fjall::Snapshot,
    tree: Tree,
}

impl Read for View {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let value = self.snapshot.get(&self.tree.rows, key).map_err(failed)?;
        Ok(value.map(|value| value.to_vec()))
    }

    fn range(&self, start: &[u8], end: &[u8], limit: usize) -> Result<Vec<Row>, Error> {
        let Some(range) = bounds(start, end) else {
            return Ok(Vec::new());
        };
        self.snapshot
            .range(&self.tree.rows, range)
            .take(limit)
            .map(row)
            .collect()
    }

    fn range_back(&self, start: &[u8], end: &[u8], limit: usize) -> Result<Vec<Row>, Error> {
        let Some(range) = bounds(start, end) else {
            return Ok(Vec::new());
        };
        self.snapshot
            .range(&self.tree.rows, range)
            .rev()
            .take(limit)
            .map(row)
            .collect()
    }
}

/// `None` for an empty range, which the tree does not accept.
fn bounds<'a>(start: &'a [u8], end: &'a [u8]) -> Option<Range<&'a [u8]>> {
    let end = clamp(end);
    (start < end).then_some(start..end)
}

fn row(guard: fjall::Guard) -> Result<Row, Error> {
    let (key, value) = guard.into_inner().map_err(failed)?;
    Ok((key.to_vec(), value.to_vec()))
}

fn failed(error: fjall::Error) -> Error {
    match error {
        fjall::Error::Io(error) | fjall::Error::Storage(fjall::LsmError::Io(error)) => io(&error),
        fjall::Error::Poisoned => Error::Storage(
            "an earlier write failed, so no more are accepted; restart the process".to_owned(),
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
fn guarded<T>(read: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(damaged("the tree cannot read its own bookkeeping")))
}
