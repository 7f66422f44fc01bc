//! State in memory that fails by seed: a crash loses commits since the last sync, and the n-th
//! operation answers a storage error.

use std::{cell::Cell, collections::BTreeMap};

use kith_base::Random;
use kith_engine::state::{Error, Read, Row, Snapshots, Tx};

use super::{Memory, versions::Commit};

/// State whose faults follow from a seed.
pub struct Simulated {
    memory: Memory,
    random: Random,
    /// Rows that survive a crash.
    synced: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Commits of which a crash keeps a prefix.
    unsynced: Vec<Commit>,
    operations: Cell<u64>,
    fail_at: Option<u64>,
}

impl Simulated {
    /// Empty state with faults from `seed`.
    pub fn new(seed: u64) -> Self {
        let random = Random::from_parts("simulated-state", &[&seed.to_be_bytes()]);
        Self::restart(random, BTreeMap::new(), Vec::new())
    }

    /// Makes the `operations`-th read, commit or sync from now on (1 is the next) answer an
    /// error. A failed commit keeps its writes pending.
    pub fn fail_after(&mut self, operations: u64) {
        self.fail_at = Some(self.operations.get() + operations);
    }

    /// Kills the process: what was synced is left, and some prefix of the commits since.
    pub fn crash(mut self) -> Self {
        let kept = self.random.below(self.unsynced.len() as u64 + 1) as usize;
        for commit in self.unsynced.drain(..).take(kept) {
            fold(&mut self.synced, commit);
        }
        Self::restart(self.random, self.synced, Vec::new())
    }

    /// Ends the process in order: all commits are left, and no more faults are to come.
    pub fn reopen(self) -> Self {
        Self::restart(self.random, self.synced, self.unsynced)
    }

    fn restart(random: Random, synced: BTreeMap<Vec<u8>, Vec<u8>>, unsynced: Vec<Commit>) -> Self {
        let mut rows = synced.clone();
        for commit in unsynced.iter().cloned() {
            fold(&mut rows, commit);
        }
        let mut memory = Memory::new();
        for (key, value) in rows {
            memory.put(&key, value);
        }
        memory.commit().expect("state in memory cannot fail");
        Simulated {
            memory,
            random,
            synced,
            unsynced,
            operations: Cell::new(0),
            fail_at: None,
        }
    }

    fn operate(&self, what: &str) -> Result<(), Error> {
        self.operations.set(self.operations.get() + 1);
        if self.fail_at == Some(self.operations.get()) {
            return Err(Error::Storage(format!("simulated fault at a {what}")));
        }
        Ok(())
    }
}

fn fold(rows: &mut BTreeMap<Vec<u8>, Vec<u8>>, commit: Commit) {
    for (key, value) in commit {
        match value {
            Some(value) => rows.insert(key.into_bytes(), value),
            None => rows.remove(key.as_bytes()),
        };
    }
}

impl Read for Simulated {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        self.operate("get")?;
        self.memory.get(key)
    }

    fn range(&self, start: &[u8], end: &[u8], limit: usize) -> Result<Vec<Row>, Error> {
        self.operate("range")?;
        self.memory.range(start, end, limit)
    }

    fn range_back(&self, start: &[u8], end: &[u8], limit: usize) -> Result<Vec<Row>, Error> {
        self.operate("range")?;
        self.memory.range_back(start, end, limit)
    }
}

impl Tx for Simulated {
    fn put(&mut self, key: &[u8], value: Vec<u8>) {
        self.memory.put(key, value);
    }

    fn delete(&mut self, key: &[u8]) {
        self.memory.delete(key);
    }

    fn commit(&mut self) -> Result<(), Error> {
        self.operate("commit")?;
        let commit = self.memory.commit_taking();
        self.unsynced.push(commit);
        Ok(())
    }

    fn rollback(&mut self) {
        self.memory.rollback();
    }

    fn sync(&mut self) -> Result<(), Error> {
        self.operate("sync")?;
        for commit in self.unsynced.drain(..) {
            fold(&mut self.synced, commit);
        }
        Ok(())
    }

    fn snapshots(&self) -> Snapshots {
        self.memory.snapshots()
    }
}
