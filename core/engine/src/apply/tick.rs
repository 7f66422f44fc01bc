//! Time passed: message ids past the window are forgotten, a slice at a time.

use kith_base::{Timestamp, limits};

use crate::state::{Error, Read};
use crate::table::{self, SeenRow};
use crate::{Effect, Working};

/// Rows looked at per tick. With a tick every ten seconds under load the whole table of 30 days
/// at 50 events/s is walked once a week.
const SLICE: usize = 2_000;

pub(super) fn apply(working: &mut Working<'_>, now: Timestamp) -> Result<Vec<Effect>, Error> {
    let mark = table::mark(table::SWEEP);
    let start = working.tx().get(&mark)?.unwrap_or_else(|| vec![b's']);
    let rows = Read::range(working.tx(), &start, &table::end_of(b"s"), SLICE)?;
    let full = rows.len() == SLICE;
    let mut next = vec![b's'];
    for (key, bytes) in rows {
        let expired = SeenRow::from_bytes(&bytes).is_none_or(|seen| {
            !seen.permanent && now.day() - i64::from(seen.day) > limits::DEDUPLICATION_DAYS
        });
        if expired {
            working.tx().delete(&key);
        }
        next = key;
        next.push(0);
    }
    working
        .tx()
        .put(&mark, if full { next } else { vec![b's'] });
    Ok(Vec::new())
}
