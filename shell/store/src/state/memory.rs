//! State in memory, for tests and the simulator.

use std::{collections::BTreeMap, sync::Arc};

use kith_engine::state::{Error, Read, Row, Snapshots, Tx};

use super::{clamp, overlay::Overlay, versions::Versions};

/// Sees every commit.
const NEWEST: u64 = u64::MAX;

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
    pub(crate) fn commit_taking(&mut self) -> BTreeMap<Vec<u8>, Option<Vec<u8>>> {
        let writes = self.overlay.take();
        self.committed.commit(&writes);
        writes
    }
}

impl Read for Memory {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        Ok(self
            .overlay
            .get(key)
            .unwrap_or_else(|| self.committed.get(key, NEWEST)))
    }

    fn range(&self, start: &[u8], end: &[u8], limit: usize) -> Result<Vec<Row>, Error> {
        let end = clamp(end);
        self.committed.scan(start, end, NEWEST, |rows| {
            self.overlay.range(start, end, limit, rows.map(Ok))
        })
    }

    fn range_back(&self, start: &[u8], end: &[u8], limit: usize) -> Result<Vec<Row>, Error> {
        let end = clamp(end);
        self.committed.scan(start, end, NEWEST, |rows| {
            self.overlay
                .range_back(start, end, limit, rows.rev().map(Ok))
        })
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
