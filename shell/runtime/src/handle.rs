//! Starting, and the handle everybody else holds.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use arc_swap::ArcSwap;
use kith_base::{PersonId, Timestamp};
use kith_engine::decide::{self, Answer, Sources};
use kith_engine::state::{Snapshot, Snapshots, Tx};
use kith_engine::{Learned, Project, query, table};
use kith_event::{DecodeError, Event, Position, Record, Refused};
use tokio::sync::{broadcast, mpsc, oneshot, watch};

use crate::appender;
use crate::backfill::{self, Gatherer};
use crate::clock;
use crate::intake::{self, Intake};
use crate::log::{self, Log, Reader};
use crate::partition::Partition;

/// Ticks without anything due come at most so often, in milliseconds.
const SWEEP_INTERVAL_MS: i64 = 10_000;
/// Notices a slow listener may be behind before it loses some.
const NOTICES_MAX: usize = 4_096;

/// Why records were not made durable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The queue before the log is full.
    #[error("the log cannot take more at this moment; try again in {retry_after_s} s")]
    Overloaded {
        /// Whole seconds to wait.
        retry_after_s: u32,
    },
    /// The log could not be written.
    #[error("{0}")]
    Storage(String),
    /// The engine is shutting down.
    #[error("the engine is shutting down")]
    Stopped,
}

/// Why the engine could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The state could not be read.
    #[error(transparent)]
    State(#[from] kith_engine::state::Error),
    /// The state knows records that the log does not have.
    #[error(
        "the state has applied {applied} records, the log holds {end}: part of the log is missing; \
         restore the log, or rebuild the state from what is left with `kith replay`"
    )]
    Ahead {
        /// Records applied.
        applied: Position,
        /// Records in the log.
        end: Position,
    },
    /// A thread could not be started.
    #[error("a thread could not be started: {0}")]
    Thread(#[from] std::io::Error),
}

/// Something that just happened, for live views.
#[expect(clippy::large_enum_variant, reason = "nearly every notice is an event")]
#[derive(Debug, Clone)]
pub enum Notice {
    /// An event was folded.
    Event {
        /// Where it stands.
        position: Position,
        /// Whose it is.
        person: PersonId,
        /// The event.
        event: Event,
    },
    /// A person entered an audience, or left it.
    Membership(table::MembershipChange),
    /// An input was refused.
    Refused {
        /// Where it stands.
        position: Position,
        /// The input.
        refused: Refused,
    },
}

/// A consistent view of the state, and the project compiled from it or from a moment later.
pub struct View {
    /// The state.
    pub state: Snapshot,
    /// The live definitions.
    pub project: Arc<Project>,
    /// What was learned so far.
    pub learned: Arc<Learned>,
}

impl View {
    /// What a decision is taken from.
    pub fn sources(&self) -> Sources<'_> {
        Sources {
            state: self.state.as_ref(),
            project: &self.project,
            learned: &self.learned,
        }
    }
}

/// A record read from the log, or why its bytes are none.
pub type Read = Result<Record, DecodeError>;

/// How the engine is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Position after the last durable record.
    pub end: Position,
    /// Position after the last applied record.
    pub applied: Position,
    /// Records waiting for the log.
    pub queued: usize,
    /// False after a failed batch, until one succeeds.
    pub healthy: bool,
}

struct Inner {
    intake: Arc<Intake>,
    reader: Arc<dyn Reader>,
    snapshots: Snapshots,
    project: Arc<ArcSwap<Project>>,
    learned: ArcSwap<Learned>,
    applied: watch::Receiver<Position>,
    notices: broadcast::Sender<Arc<Notice>>,
    healthy: Arc<AtomicBool>,
    stopping: Arc<AtomicBool>,
    /// End of the log after the last tick.
    ticked: AtomicU64,
    /// Instant of the last tick, in milliseconds.
    swept: AtomicI64,
    /// Whether the log's clock is ahead of the machine's.
    clocks: clock::Watch,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// The running engine; clones share it.
#[derive(Clone)]
pub struct Handle(Arc<Inner>);

/// Starts the engine over a log and a state. The state may be behind the log: the rest is
/// applied in the background while the handle already answers.
pub fn start(log: Box<dyn Log>, tx: Box<dyn Tx + Send>) -> Result<Handle, StartError> {
    let reader = log.reader();
    let next = table::read_number(tx.as_ref(), &table::mark(table::APPLIED))?;
    if next > reader.end() {
        return Err(StartError::Ahead {
            applied: next,
            end: reader.end(),
        });
    }
    let project = Arc::new(ArcSwap::from_pointee(Project::load(tx.as_ref())?));
    let snapshots = tx.snapshots();
    let (intake, requests, groups) = intake::open(reader.end());
    let intake = Arc::new(intake);
    let (applied_sender, applied) = watch::channel(next);
    let (notices, _) = broadcast::channel(NOTICES_MAX);
    let healthy = Arc::new(AtomicBool::new(true));
    let stopping = Arc::new(AtomicBool::new(false));
    let (chunk_sender, chunks) = mpsc::channel(1);
    let gatherer = Gatherer {
        reader: Arc::clone(&reader),
        snapshots: Arc::clone(&snapshots),
        project: Arc::clone(&project),
        chunks: chunk_sender,
        tell: Box::new(teller(&intake)),
        stopping: Arc::clone(&stopping),
    };
    let partition = Partition {
        tx,
        reader: Arc::clone(&reader),
        groups,
        intake: Arc::clone(&intake),
        chunks,
        project: Arc::clone(&project),
        applied: applied_sender,
        notices: notices.clone(),
        healthy: Arc::clone(&healthy),
        stopping: Arc::clone(&stopping),
        busy_at: None,
    };
    let thread = |name: &str| std::thread::Builder::new().name(name.to_owned());
    let partition = thread("kith-partition").spawn(move || partition.run())?;
    let wake = partition.thread().clone();
    intake.wakes(wake.clone());
    let woken = wake.clone();
    let gatherer = thread("kith-backfill").spawn(move || gatherer.run(&woken))?;
    let taken_in = Arc::clone(&intake);
    let appender =
        thread("kith-appender").spawn(move || appender::run(log, requests, &taken_in, &wake))?;
    Ok(Handle(Arc::new(Inner {
        intake,
        reader,
        snapshots,
        project,
        learned: ArcSwap::default(),
        applied,
        notices,
        healthy,
        stopping,
        ticked: AtomicU64::new(0),
        swept: AtomicI64::new(0),
        clocks: clock::Watch::default(),
        threads: Mutex::new(vec![appender, partition, gatherer]),
    })))
}

/// Appends a record while the engine takes any.
fn teller(intake: &Arc<Intake>) -> impl Fn(Record) + Send + use<> {
    let intake = Arc::clone(intake);
    // Refused, it is told again.
    move |record| drop(intake.put(vec![record], None))
}

impl Handle {
    /// Makes records durable, all together or none, and answers the position of the first.
    ///
    /// # Errors
    ///
    /// `Overloaded` when the queue before the log is full; nothing was taken then.
    pub async fn append(&self, records: Vec<Record>) -> Result<Position, AppendError> {
        if records.is_empty() {
            return Ok(self.0.reader.end());
        }
        let (done, answer) = oneshot::channel();
        self.0.intake.put(records, Some(done))?;
        answer.await.map_err(|_| AppendError::Stopped)?
    }

    /// Makes records durable and waits until they are folded into the state.
    pub async fn append_applied(&self, records: Vec<Record>) -> Result<Position, AppendError> {
        let count = records.len() as Position;
        let first = self.append(records).await?;
        self.wait_applied(first + count).await?;
        Ok(first)
    }

    /// Queues a record for the log without waiting for it.
    pub fn append_later(&self, record: Record) -> Result<(), AppendError> {
        self.0.intake.put(vec![record], None)
    }

    /// Queues the decisions of an answer for the log without waiting for them.
    pub(crate) fn append_decisions(
        &self,
        answer: &Arc<Answer>,
        request: decide::Request,
    ) -> Result<(), AppendError> {
        self.0.intake.put_decisions(answer, request)
    }

    /// Waits until every record before `end` is applied.
    pub async fn wait_applied(&self, end: Position) -> Result<(), AppendError> {
        let mut applied = self.0.applied.clone();
        applied
            .wait_for(|next| *next >= end)
            .await
            .map_err(|_| AppendError::Stopped)?;
        Ok(())
    }

    /// Lets time pass: due timers fire up to `now` and what is being computed takes a step;
    /// waits until that is done. Answers whether there was something to do: then more may be
    /// waiting. Writes nothing when nothing is due, nothing is being computed and nothing
    /// happened since the last tick, so an idle engine does not grow.
    pub async fn tick(&self, now: Timestamp) -> Result<bool, AppendError> {
        let end = self.0.reader.end();
        let swept = now.as_millis() / SWEEP_INTERVAL_MS
            != self.0.swept.load(Ordering::Relaxed) / SWEEP_INTERVAL_MS;
        let due = self.is_due(now)?;
        let wanted = due || (swept && end > self.0.ticked.load(Ordering::Relaxed));
        if !wanted {
            return Ok(false);
        }
        self.0.swept.store(now.as_millis(), Ordering::Relaxed);
        let at = self.append_applied(vec![Record::Tick(now)]).await?;
        self.0.ticked.store(at + 1, Ordering::Relaxed);
        Ok(due)
    }

    fn is_due(&self, now: Timestamp) -> Result<bool, AppendError> {
        let storage = |error: kith_engine::state::Error| AppendError::Storage(error.to_string());
        let state = (self.0.snapshots)();
        let told = query::clock(&*state).map_err(storage)?;
        self.0.clocks.look(told, now);
        backfill::is_due(&*state, now.max(told)).map_err(storage)
    }

    /// The state as of the last commit, with the live definitions.
    pub fn view(&self) -> View {
        View {
            state: (self.0.snapshots)(),
            project: self.project(),
            learned: self.0.learned.load_full(),
        }
    }

    /// Puts what was learned anew in force for every decision from now on. The change is asked for
    /// again when another one came between.
    pub fn learn(&self, change: impl Fn(&Learned) -> Learned) {
        self.0.learned.rcu(|learned| change(learned));
    }

    /// The live definitions.
    pub fn project(&self) -> Arc<Project> {
        self.0.project.load_full()
    }

    /// Reads records from the log; one that cannot be decoded is an error of its own.
    pub fn read_log(
        &self,
        from: Position,
        limit: usize,
    ) -> Result<Vec<(Position, Read)>, log::Error> {
        let stored = self.0.reader.read(from, limit)?;
        Ok(stored
            .into_iter()
            .map(|(at, bytes)| (at, Record::decode(&bytes)))
            .collect())
    }

    /// Shows at most `limit` records from `from` on as they are stored, in order.
    pub fn visit_log(
        &self,
        from: Position,
        limit: usize,
        see: &mut dyn FnMut(Position, &[u8]),
    ) -> Result<(), log::Error> {
        self.0.reader.visit(from, limit, see)
    }

    /// One record.
    pub fn record(&self, position: Position) -> Result<Option<Record>, log::Error> {
        let found = self.read_log(position, 1)?.into_iter().next();
        Ok(found
            .filter(|(at, _)| *at == position)
            .and_then(|(_, record)| record.ok()))
    }

    /// How the engine is doing.
    pub fn status(&self) -> Status {
        Status {
            end: self.0.reader.end(),
            applied: *self.0.applied.borrow(),
            queued: self.0.intake.queued(),
            healthy: self.0.healthy.load(Ordering::Relaxed),
        }
    }

    /// What happens from now on. A listener more than a few thousand behind loses the oldest.
    pub fn notices(&self) -> broadcast::Receiver<Arc<Notice>> {
        self.0.notices.subscribe()
    }

    /// Takes no more records, applies what is durable, forces the state to the disk, ends the
    /// threads. Blocks; idempotent.
    pub fn shutdown(&self) {
        self.0.intake.close();
        let mut threads = self
            .0
            .threads
            .lock()
            .expect("no holder of this lock panics");
        for (index, thread) in threads.drain(..).enumerate() {
            if index == 1 {
                self.0.stopping.store(true, Ordering::Release);
                thread.thread().unpark();
            }
            if thread.join().is_err() {
                tracing::error!("a thread of the engine panicked");
            }
        }
    }
}
