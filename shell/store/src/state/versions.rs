//! Committed rows in memory with as many old versions as live snapshots can see.

use std::{
    collections::BTreeMap,
    ops::Bound::{Excluded, Included},
    sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use kith_engine::state::{Error, Read, Row};

type Commit = BTreeMap<Vec<u8>, Option<Vec<u8>>>;
/// A commit's number and the value it wrote; `None` is a deletion.
type Version = (u64, Option<Vec<u8>>);

/// Shared between the one writer and its snapshots.
#[derive(Clone, Default)]
pub(crate) struct Versions {
    table: Arc<RwLock<Table>>,
    readers: Arc<Mutex<BTreeMap<u64, usize>>>,
}

#[derive(Default)]
struct Table {
    /// Versions ascending by the commit that wrote them.
    rows: BTreeMap<Vec<u8>, Vec<Version>>,
    commits: u64,
}

impl Versions {
    pub fn commit(&self, writes: &Commit) {
        let mut table = self.write();
        // Snapshots register under the table's read lock, so none can begin while this runs.
        let oldest = self.readers().keys().next().copied().unwrap_or(u64::MAX);
        table.commits += 1;
        let commit = table.commits;
        for (key, value) in writes {
            let versions = table.rows.entry(key.clone()).or_default();
            versions.push((commit, value.clone()));
            let hidden = versions
                .partition_point(|(at, _)| *at <= oldest)
                .saturating_sub(1);
            versions.drain(..hidden);
            if matches!(versions[..], [(_, None)]) {
                table.rows.remove(key);
            }
        }
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

    pub fn get(&self, key: &[u8], at: u64) -> Option<Vec<u8>> {
        visible(self.read().rows.get(key)?, at).cloned()
    }

    /// Hands the rows with `start <= key < end`, ascending, to `collect`.
    pub fn scan<T>(
        &self,
        start: &[u8],
        end: &[u8],
        at: u64,
        collect: impl FnOnce(&mut dyn DoubleEndedIterator<Item = Row>) -> T,
    ) -> T {
        if start >= end {
            return collect(&mut std::iter::empty());
        }
        let table = self.read();
        let mut rows = table
            .rows
            .range::<[u8], _>((Included(start), Excluded(end)))
            .filter_map(|(key, versions)| Some((key.clone(), visible(versions, at)?.clone())));
        collect(&mut rows)
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

fn visible(versions: &[Version], at: u64) -> Option<&Vec<u8>> {
    versions
        .iter()
        .rev()
        .find(|(commit, _)| *commit <= at)?
        .1
        .as_ref()
}

/// The rows as of one commit.
pub(crate) struct View {
    versions: Versions,
    at: u64,
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

impl Read for View {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.versions.get(key, self.at))
    }

    fn range(&self, start: &[u8], end: &[u8], limit: usize) -> Result<Vec<Row>, Error> {
        Ok(self
            .versions
            .scan(start, end, self.at, |rows| rows.take(limit).collect()))
    }

    fn range_back(&self, start: &[u8], end: &[u8], limit: usize) -> Result<Vec<Row>, Error> {
        Ok(self
            .versions
            .scan(start, end, self.at, |rows| rows.rev().take(limit).collect()))
    }
}
