//! Committed rows in memory with as many old versions as live snapshots can see.
//!
//! A deletion is a row too: it hides what a store below holds. Memory therefore grows with the
//! keys ever written, until the whole is dropped.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    ops::{Bound, Range},
    sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use kith_base::Key;

use super::merge::{Direction, Write};

/// Sees every commit.
pub(crate) const NEWEST: u64 = u64::MAX;
/// What a row costs beside its bytes: its place in the tree, two allocations.
const ROW_OVERHEAD_BYTES: usize = 128;
/// Most rows read under one lock.
const SCAN_MAX: usize = 256;

/// The writes of one commit.
pub(crate) type Commit = BTreeMap<Key<'static>, Option<Vec<u8>>>;

/// Shared between the one writer and its snapshots.
#[derive(Clone, Default)]
pub(crate) struct Versions {
    table: Arc<RwLock<Table>>,
    readers: Arc<Mutex<BTreeMap<u64, usize>>>,
}

#[derive(Default)]
struct Table {
    rows: BTreeMap<Key<'static>, Cell>,
    commits: u64,
    size_bytes: usize,
}

/// A value and the number of the commit that wrote it; no value is a deletion.
struct Version {
    at: u64,
    value: Option<Vec<u8>>,
}

struct Cell {
    newest: Version,
    /// Ascending by commit.
    older: Vec<Version>,
}

impl Cell {
    fn at(&self, at: u64) -> Option<&Option<Vec<u8>>> {
        if self.newest.at <= at {
            return Some(&self.newest.value);
        }
        let older = self.older.iter().rev().find(|version| version.at <= at)?;
        Some(&older.value)
    }

    /// Replaces the newest version and forgets what no snapshot can see; these are from `oldest`
    /// to `latest`, before the new version.
    fn push(&mut self, version: Version, (oldest, latest): (u64, u64)) {
        let before = std::mem::replace(&mut self.newest, version);
        if before.at <= latest {
            self.older.push(before);
        }
        let hidden = self
            .older
            .partition_point(|version| version.at <= oldest)
            .saturating_sub(1);
        self.older.drain(..hidden);
    }
}

impl Versions {
    pub fn commit(&self, writes: Commit) {
        let mut table = self.write();
        // Snapshots register under the table's read lock, so none can begin while this runs.
        let seen = {
            let readers = self.readers();
            let oldest = readers.keys().next().copied().unwrap_or(NEWEST);
            (oldest, readers.keys().next_back().copied().unwrap_or(0))
        };
        table.commits += 1;
        let at = table.commits;
        for (key, value) in writes {
            let len = value.as_ref().map_or(0, Vec::len);
            let version = Version { at, value };
            match table.rows.entry(key) {
                Entry::Occupied(cell) => {
                    let cell = cell.into_mut();
                    let before = cell.newest.value.as_ref().map_or(0, Vec::len);
                    cell.push(version, seen);
                    table.size_bytes = table.size_bytes + len - before;
                }
                Entry::Vacant(place) => {
                    let size_bytes = place.key().as_bytes().len() + len + ROW_OVERHEAD_BYTES;
                    place.insert(Cell {
                        newest: version,
                        older: Vec::new(),
                    });
                    table.size_bytes += size_bytes;
                }
            }
        }
    }

    /// About what the newest versions take in memory.
    pub fn size_bytes(&self) -> usize {
        self.read().size_bytes
    }

    pub fn is_empty(&self) -> bool {
        self.read().rows.is_empty()
    }

    pub fn snapshot(&self) -> View {
        let at = {
            let table = self.read();
            *self.readers().entry(table.commits).or_default() += 1;
            table.commits
        };
        View {
            versions: self.clone(),
            at,
        }
    }

    /// `None` when this holds nothing about the key, `Some(None)` when it was deleted.
    pub fn get(&self, key: &[u8], at: u64) -> Option<Option<Vec<u8>>> {
        self.read().get(key, at)
    }

    /// The rows with `start <= key < end`, at most a few hundred under one lock; the first time
    /// at most `hint`, what the caller expects to need.
    pub fn scan(&self, range: &Range<&[u8]>, at: u64, direction: Direction, hint: usize) -> Scan {
        Scan {
            versions: self.clone(),
            at,
            direction,
            start: Bound::Included(range.start.to_vec()),
            end: Bound::Excluded(range.end.to_vec()),
            chunk: hint.clamp(1, SCAN_MAX),
            buffer: Vec::new().into_iter(),
            finished: range.start >= range.end,
        }
    }

    /// Shows the newest version of every row to `visit`, in order.
    pub fn each(&self, mut visit: impl FnMut(&[u8], Option<&[u8]>)) {
        for (key, cell) in &self.read().rows {
            visit(key.as_bytes(), cell.newest.value.as_deref());
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Table> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Table> {
        self.table.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn readers(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, usize>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn get(&self, key: &[u8], at: u64) -> Option<Option<Vec<u8>>> {
        find(&self.rows, &Key::new(key))?.at(at).cloned()
    }
}

fn find<'a>(rows: &'a BTreeMap<Key<'a>, Cell>, key: &Key<'a>) -> Option<&'a Cell> {
    rows.get(key)
}

/// Rows as of one commit, read in chunks.
pub(crate) struct Scan {
    versions: Versions,
    at: u64,
    direction: Direction,
    start: Bound<Vec<u8>>,
    end: Bound<Vec<u8>>,
    chunk: usize,
    buffer: std::vec::IntoIter<Write>,
    finished: bool,
}

impl Scan {
    fn refill(&mut self) {
        let table = self.versions.read();
        let mut rows = between(&table.rows, &self.start, &self.end);
        // What is not visible counts too: the lock is held for a bounded time.
        let (mut passed, mut last) = (0, None);
        let mut chunk: Vec<Write> = Vec::new();
        while passed < self.chunk {
            let row = match self.direction {
                Direction::Ascending => rows.next(),
                Direction::Descending => rows.next_back(),
            };
            let Some((key, cell)) = row else {
                break;
            };
            (passed, last) = (passed + 1, Some(key));
            let visible = cell.at(self.at);
            chunk.extend(visible.map(|value| (key.as_bytes().to_vec(), value.clone())));
        }
        let last = last.map(|key| key.as_bytes().to_vec());
        drop(rows);
        self.finished = passed < self.chunk;
        if let Some(last) = last {
            match self.direction {
                Direction::Ascending => self.start = Bound::Excluded(last),
                Direction::Descending => self.end = Bound::Excluded(last),
            }
        }
        self.chunk = SCAN_MAX;
        self.buffer = chunk.into_iter();
    }
}

fn between<'a>(
    rows: &'a BTreeMap<Key<'a>, Cell>,
    start: &'a Bound<Vec<u8>>,
    end: &'a Bound<Vec<u8>>,
) -> impl DoubleEndedIterator<Item = (&'a Key<'a>, &'a Cell)> {
    let key = |bound: &'a Bound<Vec<u8>>| bound.as_ref().map(|key| Key::new(key));
    rows.range((key(start), key(end)))
}

impl Iterator for Scan {
    type Item = Write;

    fn next(&mut self) -> Option<Write> {
        loop {
            if let Some(row) = self.buffer.next() {
                return Some(row);
            }
            if self.finished {
                return None;
            }
            self.refill();
        }
    }
}

/// The rows as of one commit.
pub(crate) struct View {
    versions: Versions,
    at: u64,
}

impl View {
    /// See [`Versions::get`].
    pub fn get(&self, key: &[u8]) -> Option<Option<Vec<u8>>> {
        self.versions.get(key, self.at)
    }

    /// See [`Versions::scan`].
    pub fn scan(&self, range: &Range<&[u8]>, direction: Direction, hint: usize) -> Scan {
        self.versions.scan(range, self.at, direction, hint)
    }
}

impl Drop for View {
    fn drop(&mut self) {
        let mut readers = self.versions.readers();
        if let Some(count) = readers.get_mut(&self.at) {
            *count -= 1;
            if *count == 0 {
                readers.remove(&self.at);
            }
        }
    }
}
