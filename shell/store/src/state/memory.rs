//! State in memory, for tests and the simulator.

use std::sync::Arc;

use kith_engine::state::{Error, Read, Row, Snapshots, Tx};

use super::{
    clamp,
    merge::{Direction, Merged},
    overlay::Overlay,
    versions::{Commit, NEWEST, Scan, Versions, View},
};

/// State that dies with the process.
#[derive(Default)]
pub struct Memory {
    committed: Versions,
    overlay: Overlay,
}

impl Memory {
    /// Empty state.
    pub fn new() -> Self {
        Self::default()
    }

    /// Commits, and answers what was written.
    pub(crate) fn commit_taking(&mut self) -> Commit {
        let writes = self.overlay.take();
        self.committed.commit(writes.clone());
        writes
    }

    fn scan(
        &self,
        start: &[u8],
        end: &[u8],
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<Row>, Error> {
        let range = start..clamp(end);
        let over = self.overlay.scan(&range, direction);
        let base = live(self.committed.scan(&range, NEWEST, direction, limit));
        Merged::new(over, base, direction).take(limit).collect()
    }
}

/// What is not deleted.
fn live(rows: Scan) -> impl Iterator<Item = Result<Row, Error>> {
    rows.filter_map(|(key, value)| Some(Ok((key, value?))))
}

impl Read for Memory {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let value = self.overlay.get(key);
        Ok(value.or_else(|| self.committed.get(key, NEWEST)).flatten())
    }

    fn range(&self, start: &[u8], end: &[u8], limit: usize) -> Result<Vec<Row>, Error> {
        self.scan(start, end, limit, Direction::Ascending)
    }

    fn range_back(&self, start: &[u8], end: &[u8], limit: usize) -> Result<Vec<Row>, Error> {
        self.scan(start, end, limit, Direction::Descending)
    }
}

impl Read for View {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        Ok(View::get(self, key).flatten())
    }

    fn range(&self, start: &[u8], end: &[u8], limit: usize) -> Result<Vec<Row>, Error> {
        let rows = self.scan(&(start..clamp(end)), Direction::Ascending, limit);
        live(rows).take(limit).collect()
    }

    fn range_back(&self, start: &[u8], end: &[u8], limit: usize) -> Result<Vec<Row>, Error> {
        let rows = self.scan(&(start..clamp(end)), Direction::Descending, limit);
        live(rows).take(limit).collect()
    }
}

impl Tx for Memory {
    fn put(&mut self, key: &[u8], value: Vec<u8>) {
        self.overlay.put(key, value);
    }

    fn delete(&mut self, key: &[u8]) {
        self.overlay.delete(key);
    }

    fn commit(&mut self) -> Result<(), Error> {
        self.commit_taking();
        Ok(())
    }

    fn rollback(&mut self) {
        self.overlay.clear();
    }

    fn sync(&mut self) -> Result<(), Error> {
        Ok(())
    }

    fn snapshots(&self) -> Snapshots {
        let committed = self.committed.clone();
        Arc::new(move || Box::new(committed.snapshot()))
    }
}
