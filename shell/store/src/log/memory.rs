//! A log in memory, for tests and the simulator.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use kith_event::Position;
use kith_runtime::log::{Error, Log, Reader};

/// A log that dies with the process.
#[derive(Clone, Default)]
pub struct Memory {
    records: Arc<RwLock<Vec<Vec<u8>>>>,
}

impl Memory {
    /// An empty log.
    pub fn new() -> Self {
        Self::default()
    }

    fn records(&self) -> RwLockReadGuard<'_, Vec<Vec<u8>>> {
        self.records.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log for Memory {
    fn append(&mut self, records: &[Vec<u8>]) -> Result<Position, Error> {
        let mut log = self.records.write().unwrap_or_else(PoisonError::into_inner);
        let first = log.len() as Position;
        log.extend_from_slice(records);
        Ok(first)
    }

    fn reader(&self) -> Arc<dyn Reader> {
        Arc::new(self.clone())
    }
}

impl Reader for Memory {
    fn end(&self) -> Position {
        self.records().len() as Position
    }

    fn visit(
        &self,
        from: Position,
        limit: usize,
        see: &mut dyn FnMut(Position, &[u8]),
    ) -> Result<(), Error> {
        let records = self.records();
        let start = usize::try_from(from)
            .ok()
            .filter(|start| *start <= records.len());
        let start = start.ok_or(Error::OutOfRange(from))?;
        let rows = (from..).zip(records[start..].iter().take(limit));
        rows.for_each(|(position, stored)| see(position, stored));
        Ok(())
    }
}
