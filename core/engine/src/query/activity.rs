//! What went on in audiences, and which events there are.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::Timestamp;
use kith_profile::SeriesId;
use kith_rule::Received;

use crate::state::{Error, Read};
use crate::table::{self, HourRow, JobRow, MembershipChange};

/// Changes read at a time.
const CHUNK: usize = 1_000;
/// Hours of counts looked at for the names of events: ten years.
const HOURS_MAX: usize = 87_600;

/// How many entered each audience and how many left it since an instant. Looks at the newest
/// `scan` changes.
pub fn turnover(
    state: &dyn Read,
    since: Timestamp,
    scan: usize,
) -> Result<BTreeMap<String, (u64, u64)>, Error> {
    let mut counts: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let mut end = table::end_of(b"u");
    let mut looked_at = 0;
    loop {
        let rows = state.range_back(b"u", &end, CHUNK.min(scan - looked_at))?;
        looked_at += rows.len();
        let last = rows.len() < CHUNK || looked_at >= scan;
        let mut recent = false;
        for (key, bytes) in rows {
            let change: MembershipChange = table::decode(&key, &bytes)?;
            end = key;
            if change.at < since {
                continue;
            }
            recent = true;
            let (entered, left) = counts.entry(change.audience).or_default();
            *if change.entered { entered } else { left } += 1;
        }
        // What time alone brought is written a little late: only a whole chunk of the past ends it.
        if last || !recent {
            return Ok(counts);
        }
    }
}

/// How far the past of these series is folded, 0 to 1: the share of the one furthest behind.
pub fn caught_up(state: &dyn Read, series: &BTreeSet<SeriesId>) -> Result<f64, Error> {
    let mut share: f64 = 1.0;
    for (_, row) in table::series_rows(state)?
        .iter()
        .filter(|(id, _)| series.contains(id))
    {
        if row.caught_up < row.since {
            share = share.min(row.caught_up as f64 / row.since as f64);
        }
    }
    Ok(share)
}

/// Series whose past is not folded yet: what is read from them is not whole.
pub fn unready_series(state: &dyn Read) -> Result<BTreeSet<SeriesId>, Error> {
    let rows = table::series_rows(state)?;
    let behind = rows.iter().filter(|(_, row)| row.caught_up < row.since);
    Ok(behind.map(|(id, _)| *id).collect())
}

/// Audiences whose members are being found or taken out, by id.
pub fn audience_jobs(state: &dyn Read) -> Result<Vec<(String, JobRow)>, Error> {
    let mut jobs = table::jobs(state)?;
    jobs.retain(|(id, _)| !id.contains(':'));
    Ok(jobs)
}

/// Names of all events and traits received so far.
pub fn received(state: &dyn Read) -> Result<Received, Error> {
    let mut received = Received::default();
    for (key, bytes) in state.range_back(b"H", &table::end_of(b"H"), HOURS_MAX)? {
        let row: HourRow = table::decode(&key, &bytes)?;
        received.events.extend(row.names.into_keys());
        received.traits.extend(row.traits);
    }
    Ok(received)
}
