//! One step after the other: the next records of the log, to everything that learns.

use std::path::Path;
use std::sync::Arc;

use kith_base::Timestamp;
use kith_event::{Position, Record};
use kith_runtime::{Handle, log};

use crate::policies::Policies;
use crate::recommenders::Recommenders;
use crate::registry::Registry;

/// Records read in one step.
const RECORDS_PER_STEP: usize = 1_000;

/// Why a step could not be done; it may be tried again.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The log could not be read.
    #[error(transparent)]
    Log(#[from] log::Error),
}

/// Learns from the log, and puts what was learned in force.
pub struct Learner {
    handle: Handle,
    next: Position,
    policies: Policies,
    recommenders: Recommenders,
    registry: Arc<Registry>,
}

impl Learner {
    /// Over a running engine, with nothing known.
    pub fn new(handle: Handle) -> Self {
        Learner::with(handle, Policies::new(), Registry::new(None))
    }

    /// The same, with what is kept in this folder; there is no need to read the log again for that.
    pub fn in_folder(handle: Handle, folder: &Path) -> Self {
        let end = handle.status().end;
        let policies = Policies::open(folder.join("policies"), end);
        Learner::with(handle, policies, Registry::new(Some(folder.to_owned())))
    }

    fn with(handle: Handle, policies: Policies, registry: Registry) -> Self {
        let registry = Arc::new(registry);
        Learner {
            handle,
            next: 0,
            policies,
            recommenders: Recommenders::new(Arc::clone(&registry)),
            registry,
        }
    }

    /// Versions of trained models, and which of them serves.
    pub fn registry(&self) -> Arc<Registry> {
        Arc::clone(&self.registry)
    }

    /// Writes down what is kept in a folder.
    pub fn write(&mut self) {
        self.policies.write();
    }

    /// Waits for the training of models that is under way, if there is one.
    pub fn finish_training(&mut self) {
        self.recommenders.finish_training(&self.handle);
    }

    /// Does a bounded part of the work; true when there is more to do at once.
    pub fn step(&mut self, now: Timestamp) -> Result<bool, Error> {
        let records = self.handle.read_log(self.next, RECORDS_PER_STEP)?;
        let more = records.len() == RECORDS_PER_STEP;
        for (position, record) in records {
            // What cannot be read says nothing; the doctor finds it.
            if let Ok(record) = &record {
                self.fold(position, record);
            }
            self.next = position + 1;
        }
        self.policies.put_in_force(&self.handle, now);
        let more_items = self.recommenders.step(&self.handle, now)?;
        Ok(more || more_items)
    }

    fn fold(&mut self, position: Position, record: &Record) {
        self.policies.fold(position, record);
    }
}
