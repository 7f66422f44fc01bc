//! The past of series that are live only since a while, folded as the runtime does it.

use kith_engine::backfill::{Chunk, merge, pending, short_of};
use kith_engine::state::{Error, Tx};
use kith_engine::{Cache, Project, Working};
use kith_event::{Position, Record};

/// Folds at most `most` records of what is missing, or of what a record tells that was folded;
/// false when nothing is missing.
pub(crate) fn fold(
    (tx, cache): (&mut dyn Tx, &mut Cache),
    project: &Project,
    applied: Position,
    told: Option<&Record>,
    (log, most): (&[Record], usize),
) -> Result<bool, Error> {
    let missing = match told {
        Some(record) => short_of(&*tx, record)?,
        None => pending(&*tx)?,
    };
    let Some(missing) = missing else {
        return Ok(false);
    };
    let mut chunk = Chunk::new(&*tx, project, missing)?;
    for _ in 0..most {
        let Some(record) = chunk.next().map(|next| &log[next as usize]) else {
            break;
        };
        if !chunk.passes(&record.encode()) {
            chunk.gather(&*tx, project, record)?;
        }
    }
    let mut working = Working::new(&mut *tx, cache);
    merge(&mut working, &chunk)?;
    working.finish(applied);
    tx.commit()?;
    Ok(true)
}

/// True for a record that tells how far the past is folded.
pub(crate) fn tells(record: &Record) -> bool {
    matches!(record, Record::CaughtUp(_) | Record::Reached(_))
}
