//! Which reward counts for which past decision, as learning counts it.

use std::collections::BTreeMap;

use kith_base::Timestamp;
use kith_definition::Learning;
use kith_event::{Position, Record};
use kith_identity::Rules;

use crate::policies::Policies;

/// Reads a part of the log, in order, for one placement.
pub struct Rewards(Policies);

impl Rewards {
    /// With the definitions of now.
    pub fn new(placement: &str, learning: &Learning, identity: Rules) -> Self {
        Rewards(Policies::only(placement, learning, identity))
    }

    /// The next record.
    pub fn fold(&mut self, position: Position, record: &Record) {
        if !matches!(record, Record::Definition(_) | Record::Definitions(_)) {
            self.0.fold(position, record);
        }
    }

    /// The latest instant told, and the reward of each decision that has one; of further slots by
    /// their names.
    pub fn finish(self) -> (Timestamp, BTreeMap<String, f64>) {
        self.0.heard()
    }
}
