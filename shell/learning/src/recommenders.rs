//! What to recommend, from what people do with items.

use kith_base::Timestamp;
use kith_event::{Position, Record};
use kith_runtime::Handle;

/// What to recommend, from what people do with items.
pub(crate) struct Recommenders {}

impl Recommenders {
    /// Nothing known.
    pub fn new() -> Self {
        Recommenders {}
    }

    /// The next record of the log.
    pub fn fold(&mut self, _position: Position, _record: &Record) {}

    /// Puts what was learned in force, when there is anything new.
    pub fn put_in_force(&mut self, _handle: &Handle, _now: Timestamp) {}
}
