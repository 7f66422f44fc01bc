//! State built anew from the log, and compared.

use std::sync::Arc;

use kith_engine::state::{self, Read, Tx};
use kith_engine::table::NodeRow;
use kith_engine::{Cache, Project, Working, apply, table};
use kith_event::{Position, Record};

use crate::backfill;
use crate::log::{self, Reader};

/// Records applied per commit.
const BATCH: usize = 4_096;

/// Why state could not be rebuilt.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The state failed.
    #[error(transparent)]
    State(#[from] state::Error),
    /// The log failed.
    #[error(transparent)]
    Log(#[from] log::Error),
    /// A record cannot be read.
    #[error("the record at position {position} cannot be read: {error}")]
    Record {
        /// Where it stands.
        position: Position,
        /// Why.
        error: kith_event::DecodeError,
    },
}

/// Applies the log to a state from the position it has applied, up to `end`, and folds what is
/// missing of the past of series; `progress` hears the position reached.
pub fn rebuild(
    reader: &dyn Reader,
    tx: &mut dyn Tx,
    end: Position,
    mut progress: impl FnMut(Position),
) -> Result<(), Error> {
    let mut next = table::read_number(&*tx, &table::mark(table::APPLIED))?;
    let mut cache = Cache::default();
    let mut project = Arc::new(Project::load(&*tx)?);
    while next < end {
        let wanted = BATCH.min((end - next) as usize);
        let stored = reader.read(next, wanted)?;
        if stored.is_empty() {
            break;
        }
        let mut records = decode(&stored)?;
        records.truncate(backfill::run_length(&records));
        if let Some(told) = records.first().filter(|record| backfill::tells(record)) {
            let place = (next, Some(told));
            backfill::complete(reader, &mut *tx, &mut cache, &project, place)?;
        }
        let mut working = Working::new(&mut *tx, &mut cache);
        for (position, record) in (next..).zip(&records) {
            apply(&mut working, &mut project, position, record)?;
        }
        next += records.len() as Position;
        working.finish(next);
        tx.commit()?;
        progress(next);
    }
    // What the log does not tell yet.
    backfill::complete(reader, tx, &mut cache, &project, (next, None))
}

fn decode(stored: &[(Position, Vec<u8>)]) -> Result<Vec<Record>, Error> {
    let decode = |(position, bytes): &(Position, Vec<u8>)| {
        Record::decode(bytes).map_err(|error| Error::Record {
            position: *position,
            error,
        })
    };
    stored.iter().map(decode).collect()
}

/// A row that is not the same in two states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The key, escaped for people.
    pub key: String,
    /// What differs.
    pub what: &'static str,
}

/// What tells nodes apart that both hold what is read.
struct Alike(Option<Project>);

impl Alike {
    /// True for nodes that differ only in series that nothing reads: what was folded of them
    /// before they went out of use is not in the log.
    fn holds(
        &mut self,
        state: &dyn Read,
        key: &[u8],
        rows: [&[u8]; 2],
    ) -> Result<bool, state::Error> {
        if key.first() != Some(&b'n') {
            return Ok(false);
        }
        let project = match &mut self.0 {
            Some(project) => project,
            none => none.insert(Project::load(state)?),
        };
        let [left, right] = rows;
        let mut left: NodeRow = table::decode(key, left)?;
        let mut right: NodeRow = table::decode(key, right)?;
        left.fold.drop_unwanted_series(&project.features);
        right.fold.drop_unwanted_series(&project.features);
        Ok(left == right)
    }
}

/// The first `limit` differences between two states, in order of key.
pub fn compare(
    left: &dyn Read,
    right: &dyn Read,
    limit: usize,
) -> Result<Vec<Difference>, state::Error> {
    const PAGE: usize = 4_096;
    let end = vec![u8::MAX; 64];
    let mut start = Vec::new();
    let mut differences = Vec::new();
    let mut alike = Alike(None);
    loop {
        let mut note = |key: &[u8], what| {
            differences.push(Difference {
                key: key.escape_ascii().to_string(),
                what,
            });
        };
        let (ours, theirs) = (
            left.range(&start, &end, PAGE)?,
            right.range(&start, &end, PAGE)?,
        );
        let full = ours.len() == PAGE || theirs.len() == PAGE;
        // Beyond the shorter page's last key nothing can be said yet.
        let last = |rows: &[state::Row]| match rows.last() {
            Some((key, _)) if rows.len() == PAGE => key.clone(),
            _ => end.clone(),
        };
        let horizon = last(&ours).min(last(&theirs));
        let ours: std::collections::BTreeMap<_, _> = ours.into_iter().collect();
        let theirs: std::collections::BTreeMap<_, _> = theirs.into_iter().collect();
        for (key, value) in ours.range(..=horizon.clone()) {
            match theirs.get(key) {
                None => note(key, "only in the stored state"),
                Some(other) if other != value && !alike.holds(left, key, [value, other])? => {
                    note(key, "different values");
                }
                Some(_) => {}
            }
        }
        let absent = theirs
            .range(..=horizon.clone())
            .filter(|(key, _)| !ours.contains_key(*key));
        absent.for_each(|(key, _)| note(key, "only in the rebuilt state"));
        if !full || differences.len() >= limit {
            break;
        }
        start = horizon;
        start.push(0);
    }
    differences.truncate(limit);
    Ok(differences)
}
