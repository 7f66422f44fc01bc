//! The thread that owns the state.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use kith_engine::backfill::{Chunk, merge};
use kith_engine::state::Tx;
use kith_engine::{Cache, Effect, Project, Working, apply};
use kith_event::{Position, Record};
use tokio::sync::{broadcast, mpsc, oneshot, watch};

use crate::backfill;
use crate::intake::{Groups, Intake};
use crate::log::Reader;
use crate::{Notice, memory, metrics};

/// Most records applied in one commit while many wait: larger batches write a hot profile fewer
/// times.
const BATCH_RECORDS_MAX: usize = 4_096;
/// The same while few wait: smaller batches show an event sooner.
const BATCH_RECORDS_SOON: usize = 128;
/// So many are few.
const WAITING_FEW: Position = 1_024;
/// A disk that takes longer than this is slow: then a batch takes in what comes meanwhile.
const SYNC_USUAL: Duration = Duration::from_millis(4);
/// How long to wait before a failed batch is tried again.
const RETRY_DELAY: Duration = Duration::from_secs(1);
/// With nothing but ticks for so long, decoded rows are let go.
const IDLE: Duration = Duration::from_secs(5);

/// Most times that decoded rows may take more than their limits.
const CACHE_TIMES_MAX: u64 = 3;

/// Room for decoded rows: more where a tenth of the memory that is free holds more.
fn roomy_cache() -> Cache {
    let times = memory::available() / (10 * Cache::SIZE_MAX_BYTES);
    Cache::roomy(times.clamp(1, CACHE_TIMES_MAX) as usize)
}

/// What the partition thread works with.
pub(crate) struct Partition {
    pub tx: Box<dyn Tx + Send>,
    pub reader: Arc<dyn Reader>,
    pub groups: Groups,
    pub intake: Arc<Intake>,
    /// Stretches of the past to be merged.
    pub chunks: mpsc::Receiver<(Chunk, oneshot::Sender<()>)>,
    pub project: Arc<ArcSwap<Project>>,
    pub applied: watch::Sender<Position>,
    pub notices: broadcast::Sender<Arc<Notice>>,
    pub healthy: Arc<AtomicBool>,
    pub stopping: Arc<AtomicBool>,
    /// When the last record that is no tick was applied; `None` when idle.
    pub busy_at: Option<Instant>,
}

impl Partition {
    /// The loop; ends when stopping was asked for and every durable record is applied.
    pub(crate) fn run(mut self) {
        let mut cache = roomy_cache();
        let mut next = *self.applied.borrow();
        loop {
            let stopping = self.stopping.load(Ordering::Acquire);
            match self
                .merge(&mut cache, next)
                .and_then(|()| self.step(&mut cache, next))
            {
                Ok(0) if stopping => break,
                Ok(0) => self.rest(),
                Ok(count) => {
                    next += count as Position;
                    self.healthy.store(true, Ordering::Relaxed);
                    self.publish(next, count);
                }
                Err(StepError::Withdrawn) => {
                    self.tx.rollback();
                    cache = roomy_cache();
                }
                Err(error) => {
                    tracing::error!(%error, position = next, "batch could not be applied");
                    ::metrics::counter!(metrics::APPLY_ERRORS).increment(1);
                    self.healthy.store(false, Ordering::Relaxed);
                    self.tx.rollback();
                    cache = roomy_cache();
                    if stopping {
                        return;
                    }
                    std::thread::sleep(RETRY_DELAY);
                }
            }
            if self.busy_at.is_some_and(|at| at.elapsed() > IDLE) {
                let idle = std::mem::replace(&mut cache, roomy_cache());
                // Letting a full one go takes the better part of a second: nobody waits for it.
                let freeing = std::thread::Builder::new().name("kith-freeing".to_owned());
                if let Err(error) = freeing.spawn(move || drop(idle)) {
                    tracing::warn!(%error, "decoded rows were let go while events waited");
                }
                self.busy_at = None;
            }
        }
        self.sync();
    }

    /// Nothing waits: the store gets its turn, and then whoever brings work wakes this thread.
    fn rest(&mut self) {
        if let Err(error) = self.tx.commit() {
            tracing::error!(%error, "state could not be written");
            self.healthy.store(false, Ordering::Relaxed);
        }
        std::thread::park_timeout(Duration::from_millis(500));
    }

    /// Merges a chunk of the past when one waits.
    fn merge(&mut self, cache: &mut Cache, applied: Position) -> Result<(), StepError> {
        let Ok((chunk, done)) = self.chunks.try_recv() else {
            return Ok(());
        };
        let mut working = Working::new(self.tx.as_mut(), cache);
        merge(&mut working, &chunk)?;
        working.finish(applied);
        self.tx.commit()?;
        // The gatherer goes away when the engine is stopping.
        let _ = done.send(());
        Ok(())
    }

    /// Applies what waits, up to one batch, and answers how many records that was.
    fn step(&mut self, cache: &mut Cache, next: Position) -> Result<usize, StepError> {
        let mut records: Vec<Record> = Vec::new();
        let epoch = self.intake.epoch();
        let most = match self.reader.end().saturating_sub(next) {
            0..=WAITING_FEW => BATCH_RECORDS_SOON,
            _ => BATCH_RECORDS_MAX,
        };
        while records.len() < most
            && let Some(group) = self.groups.take(next + records.len() as Position, epoch)
        {
            records.extend(group);
        }
        // The queue was full, or what it held was withdrawn: the log has what is durable.
        if records.is_empty() && self.reader.end() > next {
            records = self.read(next, BATCH_RECORDS_MAX)?;
        }
        if records.is_empty() {
            return Ok(0);
        }
        records.truncate(backfill::run_length(&records));
        self.apply(cache, next, &mut records, epoch)?;
        Ok(records.len())
    }

    fn read(&self, from: Position, count: usize) -> Result<Vec<Record>, StepError> {
        let mut records = Vec::with_capacity(count);
        while records.len() < count {
            let at = from + records.len() as Position;
            let stored = self
                .reader
                .read(at, (count - records.len()).min(BATCH_RECORDS_MAX))?;
            if stored.is_empty() {
                break;
            }
            for (position, bytes) in stored {
                let decoded = Record::decode(&bytes);
                records.push(decoded.map_err(|error| StepError::Record { position, error })?);
            }
        }
        Ok(records)
    }

    /// Applies records, and what comes while the log does not hold these: a slow disk is not waited
    /// for idly. All of it is committed together.
    fn apply(
        &mut self,
        cache: &mut Cache,
        first: Position,
        records: &mut Vec<Record>,
        epoch: u64,
    ) -> Result<(), StepError> {
        let mut project = self.project.load_full();
        let told = records.first().filter(|record| backfill::tells(record));
        let alone = told.is_some();
        if alone {
            let place = (first, told);
            backfill::complete(&*self.reader, self.tx.as_mut(), cache, &project, place)?;
        }
        let mut effects = Vec::with_capacity(records.len());
        let mut working = Working::new(self.tx.as_mut(), cache);
        let waited_for = first + records.len() as Position;
        let patient_until = Instant::now() + SYNC_USUAL;
        let mut applied = 0;
        while applied < records.len() {
            for (position, record) in (first..).zip(&*records).skip(applied) {
                effects.extend(apply(&mut working, &mut project, position, record)?);
            }
            applied = records.len();
            let next = first + applied as Position;
            while !alone
                && applied < BATCH_RECORDS_MAX
                && records.len() == applied
                && !is_durable(&*self.reader, &self.intake, waited_for, epoch)?
                && !self.stopping.load(Ordering::Acquire)
            {
                let patience = patient_until.saturating_duration_since(Instant::now());
                if !patience.is_zero() {
                    std::thread::park_timeout(patience);
                    continue;
                }
                match self.groups.take(next, epoch) {
                    Some(group) => {
                        // What tells how far the past is folded begins a batch, read from the log.
                        let plain = group.into_iter();
                        records.extend(plain.take_while(|record| !backfill::tells(record)));
                        break;
                    }
                    None => std::thread::park_timeout(Duration::from_millis(500)),
                }
            }
        }
        let end = first + records.len() as Position;
        working.finish(end);
        self.wait_durable(end, epoch)?;
        self.tx.commit()?;
        let is_tick = |record: &Record| matches!(record, Record::Tick(_));
        if !records.iter().all(is_tick) {
            self.busy_at = Some(Instant::now());
        }
        if !Arc::ptr_eq(&project, &self.project.load()) {
            self.project.store(project);
        }
        self.notify(first, records, &effects);
        Ok(())
    }

    /// Waits until the log holds every record before `end`: what is folded is seen only then.
    fn wait_durable(&self, end: Position, epoch: u64) -> Result<(), StepError> {
        while !is_durable(&*self.reader, &self.intake, end, epoch)? {
            if self.stopping.load(Ordering::Acquire) && self.reader.end() < end {
                return Err(StepError::Withdrawn);
            }
            std::thread::park_timeout(Duration::from_millis(500));
        }
        Ok(())
    }

    fn notify(&self, first: Position, records: &[Record], effects: &[Effect]) {
        let repeats = effects
            .iter()
            .filter(|e| matches!(e, Effect::Duplicate { .. }))
            .count();
        ::metrics::counter!(metrics::DUPLICATES).increment(repeats as u64);
        count_audiences(effects);
        if self.notices.receiver_count() == 0 {
            return;
        }
        for effect in effects {
            let record = |position: Position| &records[(position - first) as usize];
            let notice = match effect {
                Effect::Folded {
                    position, person, ..
                } => match record(*position) {
                    Record::Event(event) => {
                        let event = event.clone();
                        Notice::Event {
                            position: *position,
                            person: *person,
                            event,
                        }
                    }
                    _ => continue,
                },
                Effect::Refused { position } => match record(*position) {
                    Record::Refused(refused) => Notice::Refused {
                        position: *position,
                        refused: refused.clone(),
                    },
                    _ => continue,
                },
                Effect::Membership(change) => Notice::Membership(change.clone()),
                Effect::Duplicate { .. } | Effect::TimersFired(_) => {
                    continue;
                }
            };
            // Nobody listening any more is not an error.
            let _ = self.notices.send(Arc::new(notice));
        }
    }

    fn publish(&self, next: Position, count: usize) {
        self.applied.send_replace(next);
        ::metrics::counter!(metrics::APPLIED_RECORDS).increment(count as u64);
        let lag = self.reader.end().saturating_sub(next);
        ::metrics::gauge!(metrics::APPLY_LAG).set(lag as f64);
    }

    fn sync(&mut self) {
        if let Err(error) = self.tx.sync() {
            tracing::error!(%error, "state could not be forced to the disk");
            self.healthy.store(false, Ordering::Relaxed);
        }
    }
}

/// Whether the log holds every record before `end`; an error when some of `epoch` were withdrawn.
fn is_durable(
    reader: &dyn Reader,
    intake: &Intake,
    end: Position,
    epoch: u64,
) -> Result<bool, StepError> {
    let durable = reader.end() >= end;
    // Asked after the end of the log: positions are given anew only in a later epoch.
    if intake.epoch() != epoch {
        return Err(StepError::Withdrawn);
    }
    Ok(durable)
}

fn count_audiences(effects: &[Effect]) {
    let (mut entered, mut left, mut fired) = (0, 0, 0);
    for effect in effects {
        match effect {
            Effect::Membership(change) if change.entered => entered += 1,
            Effect::Membership(_) => left += 1,
            Effect::TimersFired(timers) => fired += timers,
            _ => {}
        }
    }
    ::metrics::counter!(metrics::AUDIENCE_CHANGES, "change" => "entered").increment(entered);
    ::metrics::counter!(metrics::AUDIENCE_CHANGES, "change" => "left").increment(left);
    ::metrics::counter!(metrics::TIMERS_FIRED).increment(fired);
}

/// Why a batch was not applied.
#[derive(Debug, thiserror::Error)]
enum StepError {
    #[error(transparent)]
    State(#[from] kith_engine::state::Error),
    #[error(transparent)]
    Log(#[from] crate::log::Error),
    /// Records were folded that the log did not take.
    #[error("the log could not take the records")]
    Withdrawn,
    #[error(transparent)]
    Backfill(#[from] crate::rebuild::Error),
    #[error("the record at position {position} cannot be read: {error}")]
    Record {
        position: Position,
        error: kith_event::DecodeError,
    },
}
