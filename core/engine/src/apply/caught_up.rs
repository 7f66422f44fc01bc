//! The past of series is folded: audiences that waited for it find their members.

use std::collections::BTreeSet;

use kith_profile::SeriesId;

use crate::state::Error;
use crate::{Effect, Working};

pub(super) fn apply(working: &mut Working<'_>, series: &[u64]) -> Result<Vec<Effect>, Error> {
    let ready: BTreeSet<SeriesId> = series.iter().copied().map(SeriesId).collect();
    for (id, mut job) in working.jobs()?.to_vec() {
        let before = job.waiting_for.len();
        job.waiting_for.retain(|series| !ready.contains(series));
        if job.waiting_for.len() != before {
            working.put_job(&id, Some(&job));
        }
    }
    Ok(Vec::new())
}
