//! How far the past of series is folded, as the log tells it: audiences that waited for its end
//! find their members.

use std::collections::BTreeSet;

use kith_event::Position;
use kith_profile::SeriesId;

use crate::state::Error;
use crate::table::{self, SeriesRow};
use crate::{Effect, Working};

pub(super) fn apply(working: &mut Working<'_>, series: &[u64]) -> Result<Vec<Effect>, Error> {
    let ready: BTreeSet<SeriesId> = series.iter().copied().map(SeriesId).collect();
    for id in &ready {
        tell(working, *id, Position::MAX)?;
    }
    for (id, mut job) in working.jobs()?.to_vec() {
        let before = job.waiting_for.len();
        job.waiting_for.retain(|series| !ready.contains(series));
        if job.waiting_for.len() != before {
            working.put_job(&id, Some(&job));
        }
    }
    Ok(Vec::new())
}

/// A past that somebody cancelled stands where it is.
pub(super) fn reached(
    working: &mut Working<'_>,
    places: &[(u64, Position)],
) -> Result<Vec<Effect>, Error> {
    for (id, to) in places {
        tell(working, SeriesId(*id), *to)?;
    }
    Ok(Vec::new())
}

fn tell(working: &mut Working<'_>, id: SeriesId, to: Position) -> Result<(), Error> {
    let key = table::series(id);
    let row: Option<SeriesRow> = table::read(working.tx(), &key)?;
    if let Some(mut row) = row {
        row.told = row.told.max(to.min(row.since));
        if row.told == row.since {
            row.cancelled_at = None;
        }
        working.tx().put(&key, table::encode(&row));
    }
    Ok(())
}
