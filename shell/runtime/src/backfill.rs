//! The past of new series, read from the log beside the partition.
//!
//! One thread gathers [`Chunk`]s from the log; the partition merges them between its batches and
//! writes a record when the past is complete, or cancelled, so that a replay finds members at the
//! same place.
//! A partition that meets such a record and is not complete, after a crash, completes it first.

use kith_engine::backfill::{Chunk, Pending, has_all, pending, short_of, untold};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Thread;
use std::time::Duration;

use arc_swap::ArcSwap;
use kith_base::Timestamp;
use kith_engine::state::{self, Read, Snapshots, Tx};
use kith_engine::{Cache, Project, Working, backfill, table};
use kith_event::{Position, Record};
use tokio::sync::{mpsc, oneshot};

use crate::log::Reader;
use crate::metrics;
use crate::rebuild::Error;

/// Records read from the log at once.
const READ_RECORDS: usize = 4_096;
/// How often a thread without work looks for some.
const IDLE: Duration = Duration::from_millis(200);
/// How long to wait after a failure.
const RETRY_DELAY: Duration = Duration::from_secs(1);
/// Nodes gathered before a chunk is merged; bounds memory and the partition's pause.
const CHUNK_NODES_MAX: usize = 20_000;

/// True when a tick has something to do at `now`: the machine's time, or what the log told if that
/// is later.
pub(crate) fn is_due(state: &dyn Read, now: Timestamp) -> Result<bool, state::Error> {
    if !table::timers_due(state, now, 1)?.is_empty() {
        return Ok(true);
    }
    Ok(table::jobs(state)?.iter().any(|(_, job)| job.is_running()))
}

/// The next chunk of what is missing.
pub(crate) fn gather(
    reader: &dyn Reader,
    state: &dyn Read,
    project: &Project,
    pending: Pending,
) -> Result<Chunk, Error> {
    let mut chunk = Chunk::new(state, project, pending)?;
    while let Some(next) = chunk.next()
        && chunk.len() < CHUNK_NODES_MAX
    {
        let (mut seen, mut taken) = (0, Ok(()));
        reader.visit(next, READ_RECORDS, &mut |position, stored| {
            seen += 1;
            if taken.is_ok() && chunk.next() == Some(position) && !chunk.passes(stored) {
                taken = take(&mut chunk, state, project, position, stored);
            }
        })?;
        taken?;
        if seen == 0 {
            break;
        }
        ::metrics::counter!(metrics::BACKFILLED_RECORDS).increment(seen);
    }
    Ok(chunk)
}

fn take(
    chunk: &mut Chunk,
    state: &dyn Read,
    project: &Project,
    position: Position,
    stored: &[u8],
) -> Result<(), Error> {
    let record = Record::decode(stored).map_err(|error| Error::Record { position, error })?;
    Ok(chunk.gather(state, project, &record)?)
}

/// Folds what is missing, at once: what a record tells that was folded, or all; for a rebuild,
/// and after a crash.
pub(crate) fn complete(
    reader: &dyn Reader,
    tx: &mut dyn Tx,
    cache: &mut Cache,
    project: &Project,
    (applied, told): (Position, Option<&Record>),
) -> Result<(), Error> {
    let missing = |tx: &dyn Tx| match told {
        Some(record) => short_of(tx, record),
        None => pending(tx),
    };
    while let Some(missing) = missing(&*tx)? {
        let chunk = gather(reader, &*tx, project, missing)?;
        let mut working = Working::new(&mut *tx, cache);
        backfill::merge(&mut working, &chunk)?;
        working.finish(applied);
        tx.commit()?;
    }
    Ok(())
}

/// How many records may be applied at once: those before one that tells how far the past is
/// folded, or that one alone.
pub(crate) fn run_length(records: &[Record]) -> usize {
    let first = records.iter().position(tells);
    first.map_or(records.len(), |first| first.max(1))
}

/// True for a record that tells how far the past is folded.
pub(crate) fn tells(record: &Record) -> bool {
    matches!(record, Record::CaughtUp(_) | Record::Reached(_))
}

/// What the gathering thread works with.
pub(crate) struct Gatherer {
    pub reader: Arc<dyn Reader>,
    pub snapshots: Snapshots,
    pub project: Arc<ArcSwap<Project>>,
    pub chunks: mpsc::Sender<(Chunk, oneshot::Sender<()>)>,
    /// Appends a record; one too many does no harm.
    pub tell: Box<dyn Fn(Record) + Send>,
    pub stopping: Arc<AtomicBool>,
}

impl Gatherer {
    /// The loop; ends when stopping was asked for.
    pub(crate) fn run(self, partition: &Thread) {
        while !self.stopping.load(Ordering::Acquire) {
            match self.step(partition) {
                Ok(true) => {}
                Ok(false) => std::thread::park_timeout(IDLE),
                Err(error) => {
                    tracing::error!(%error, "the past of a series could not be read");
                    std::thread::park_timeout(RETRY_DELAY);
                }
            }
        }
    }

    /// Gathers one chunk and waits until it is merged; false when nothing is missing.
    fn step(&self, partition: &Thread) -> Result<bool, Error> {
        let state = (self.snapshots)();
        let Some(missing) = pending(&*state)? else {
            untold(&*state)?.into_iter().for_each(&self.tell);
            return Ok(false);
        };
        let project = self.project.load_full();
        if !has_all(&project, &missing.series) {
            return Ok(false);
        }
        let chunk = gather(&*self.reader, &*state, &project, missing)?;
        let (done, merged) = oneshot::channel();
        let sent = self.chunks.blocking_send((chunk, done));
        partition.unpark();
        Ok(sent.is_ok() && merged.blocking_recv().is_ok())
    }
}
