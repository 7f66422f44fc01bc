//! Which offer works, from decisions and what came of them.

use kith_base::Timestamp;
use kith_event::{Position, Record};
use kith_runtime::Handle;

/// Which offer works, from decisions and what came of them.
pub(crate) struct Policies {}

impl Policies {
    /// Nothing known.
    pub fn new() -> Self {
        Policies {}
    }

    /// The next record of the log.
    pub fn fold(&mut self, _position: Position, _record: &Record) {}

    /// Puts what was learned in force, when there is anything new.
    pub fn put_in_force(&mut self, _handle: &Handle, _now: Timestamp) {}
}
