//! Timers, in the order in which they are due.
//!
//! A timer that fired is deleted, and a store that merges sorted runs passes over what was deleted
//! until it is merged away. So no search begins where the table does, but at the mark before which
//! there is no timer.

use kith_base::Timestamp;

use super::{TIMERS_FROM, key, mark, number, ordered, read_number};
use crate::state::{Error, Read, Row};

/// Key of a timer.
pub fn timer(due: Timestamp, what: &str) -> Vec<u8> {
    key(b'q', &[&ordered(due), what.as_bytes()])
}

/// Due time and name of a timer key.
pub fn timer_place(timer_key: &[u8]) -> Option<(Timestamp, &str)> {
    let time = number(timer_key.get(1..9)?) ^ (1 << 63);
    Some((
        Timestamp::from_millis(time as i64),
        std::str::from_utf8(timer_key.get(9..)?).ok()?,
    ))
}

/// Timers due by an instant, the longest overdue first.
pub fn timers_due(state: &dyn Read, by: Timestamp, most: usize) -> Result<Vec<Row>, Error> {
    let from = read_number(state, &mark(TIMERS_FROM))?;
    timers_due_from(state, from, by, most)
}

/// The same, when it is known that there is none before `from`.
pub(crate) fn timers_due_from(
    state: &dyn Read,
    from: u64,
    by: Timestamp,
    most: usize,
) -> Result<Vec<Row>, Error> {
    let start = key(b'q', &[&from.to_be_bytes()]);
    let end = timer(Timestamp::from_millis(by.as_millis() + 1), "");
    if start >= end {
        return Ok(Vec::new());
    }
    state.range(&start, &end, most)
}

/// An instant as a number: the greater, the later.
pub(crate) fn instant_number(at: Timestamp) -> u64 {
    u64::from_be_bytes(ordered(at))
}
