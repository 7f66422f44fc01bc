//! One step after the other: the next records of the log, to everything that learns.

use std::path::Path;
use std::sync::Arc;

use kith_base::Timestamp;
use kith_event::Position;
use kith_runtime::{Handle, log};

use crate::policies::Policies;
use crate::recommenders::Recommenders;
use crate::registry::Registry;
use crate::reports::Reports;
use crate::reports::judging::Judging;

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
    judging: Judging,
    status: Status,
}

/// What others may read of learning, and ask of it.
#[derive(Clone, Debug, Default)]
pub struct Status {
    /// Versions of trained models, and which of them serves.
    pub registry: Arc<Registry>,
    /// What came of recipes, and how good they are.
    pub reports: Arc<Reports>,
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
        let status = Status {
            registry: Arc::new(registry),
            reports: Arc::default(),
        };
        Learner {
            handle,
            next: 0,
            policies,
            recommenders: Recommenders::new(Arc::clone(&status.registry)),
            judging: Judging::new(status.clone()),
            status,
        }
    }

    /// A handle to read what is known, and to ask for more.
    pub fn status(&self) -> Status {
        self.status.clone()
    }

    /// Waits until the recipes under way are judged, if there are any.
    pub fn finish_judging(&mut self) {
        self.judging.finish();
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
        // What cannot be read says nothing; the doctor finds it.
        let readable = || {
            let records = records.iter();
            records.filter_map(|(position, record)| Some((*position, record.as_ref().ok()?)))
        };
        for (position, record) in readable() {
            self.policies.fold(position, record);
        }
        self.status
            .reports
            .fold(readable().map(|(_, record)| record));
        self.next = records
            .last()
            .map_or(self.next, |(position, _)| position + 1);
        self.policies.put_in_force(&self.handle, now);
        let more_items = self.recommenders.step(&self.handle, now)?;
        let more = more || more_items;
        if !more {
            self.judging.step(&self.handle, now);
        }
        Ok(more)
    }
}
