//! Where records enter: each gets its position here, on its way to the log and to the fold.
//!
//! Folding need not wait for the log: a group goes to both at once, and the partition commits what
//! it folded when the log holds it. When an append fails, every record not yet durable is
//! withdrawn: those behind it in the queue would stand at positions that the log never reached.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Thread;

use kith_base::limits;
use kith_engine::decide::{self, Answer};
use kith_event::{Position, Record};
use tokio::sync::{mpsc, oneshot};

use crate::{AppendError, metrics};

/// What becomes records of the log, together.
pub(crate) struct Request {
    pub first: Position,
    pub epoch: u64,
    pub work: Work,
    /// How many records that is.
    pub count: usize,
    /// `None` when nobody waits.
    pub done: Option<Done>,
}

/// Hears the position of the first record.
pub(crate) type Done = oneshot::Sender<Result<Position, AppendError>>;

/// Records before the log.
pub(crate) enum Work {
    /// In their stored form; the fold has them already.
    Encoded(Vec<Vec<u8>>),
    /// Decisions, which the appender writes down and hands to the fold: nobody waits for them, and
    /// the answer must not wait for 20 kB of reasons.
    Decisions(Arc<Answer>, Box<decide::Request>),
}

impl Default for Work {
    fn default() -> Self {
        Work::Encoded(Vec::new())
    }
}

/// Records on their way to the fold.
pub(crate) struct Group {
    pub first: Position,
    pub records: Vec<Record>,
    /// Valid while this is the epoch of the intake, or once the log holds the records.
    pub epoch: u64,
    size_bytes: usize,
}

/// The entrance; shared.
pub(crate) struct Intake {
    open: Mutex<Open>,
    /// Records before the log.
    queued: AtomicUsize,
    /// Grows when records are withdrawn.
    epoch: AtomicU64,
    /// Bytes of groups before the fold.
    grouped_bytes: Arc<AtomicUsize>,
}

struct Open {
    /// Position of the next record.
    next: Position,
    /// `None` once closed.
    requests: Option<mpsc::UnboundedSender<Request>>,
    groups: mpsc::UnboundedSender<Group>,
    partition: Option<Thread>,
}

/// The partition's end.
pub(crate) struct Groups {
    groups: mpsc::UnboundedReceiver<Group>,
    /// By position: decisions come after what was taken in behind them.
    held: BTreeMap<Position, Group>,
    grouped_bytes: Arc<AtomicUsize>,
}

/// The entrance to a log that ends at `end`, and where its records come out.
pub(crate) fn open(end: Position) -> (Intake, mpsc::UnboundedReceiver<Request>, Groups) {
    let (request_sender, requests) = mpsc::unbounded_channel();
    let (group_sender, groups) = mpsc::unbounded_channel();
    let grouped_bytes = Arc::new(AtomicUsize::new(0));
    let intake = Intake {
        open: Mutex::new(Open {
            next: end,
            requests: Some(request_sender),
            groups: group_sender,
            partition: None,
        }),
        queued: AtomicUsize::new(0),
        epoch: AtomicU64::new(0),
        grouped_bytes: Arc::clone(&grouped_bytes),
    };
    let groups = Groups {
        groups,
        held: BTreeMap::new(),
        grouped_bytes,
    };
    (intake, requests, groups)
}

impl Intake {
    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whom to wake when records come.
    pub fn wakes(&self, partition: Thread) {
        self.lock().partition = Some(partition);
    }

    /// Takes records in, all together or none.
    pub fn put(&self, records: Vec<Record>, done: Option<Done>) -> Result<(), AppendError> {
        let count = self.admit(records.len())?;
        let encoded: Vec<Vec<u8>> = records.iter().map(Record::encode).collect();
        let size_bytes = encoded.iter().map(Vec::len).sum();
        let mut open = self.lock();
        let first = self.send(&mut open, Work::Encoded(encoded), count, done)?;
        self.offer_to(&open, first, self.epoch(), records, size_bytes);
        Ok(())
    }

    /// Takes in the decisions of an answer.
    pub fn put_decisions(
        &self,
        answer: &Arc<Answer>,
        request: decide::Request,
    ) -> Result<(), AppendError> {
        let count = self.admit(answer.outcomes().count())?;
        let work = Work::Decisions(Arc::clone(answer), Box::new(request));
        self.send(&mut self.lock(), work, count, None).map(drop)
    }

    fn admit(&self, count: usize) -> Result<usize, AppendError> {
        let before = self.queued.fetch_add(count, Ordering::Relaxed);
        if before > 0 && before + count > limits::APPEND_QUEUE_RECORDS_MAX {
            self.queued.fetch_sub(count, Ordering::Relaxed);
            ::metrics::counter!(metrics::OVERLOADED).increment(1);
            return Err(AppendError::Overloaded { retry_after_s: 1 });
        }
        Ok(count)
    }

    /// Gives a request its position and sends it to the appender.
    fn send(
        &self,
        open: &mut Open,
        work: Work,
        count: usize,
        done: Option<Done>,
    ) -> Result<Position, AppendError> {
        let first = open.next;
        let request = Request {
            first,
            epoch: self.epoch(),
            work,
            count,
            done,
        };
        let requests = open.requests.as_ref();
        if requests.is_none_or(|requests| requests.send(request).is_err()) {
            self.queued.fetch_sub(count, Ordering::Relaxed);
            return Err(AppendError::Stopped);
        }
        open.next += count as Position;
        Ok(first)
    }

    /// Sends records to the fold unless that queue is full: what is missing there is read from the
    /// log.
    pub fn offer(&self, first: Position, epoch: u64, records: Vec<Record>, size_bytes: usize) {
        self.offer_to(&self.lock(), first, epoch, records, size_bytes);
    }

    fn offer_to(
        &self,
        open: &Open,
        first: Position,
        epoch: u64,
        records: Vec<Record>,
        size_bytes: usize,
    ) {
        let before = self.grouped_bytes.fetch_add(size_bytes, Ordering::Relaxed);
        let full = before > 0 && before + size_bytes > limits::APPLY_QUEUE_MAX_BYTES;
        let group = Group {
            first,
            records,
            epoch,
            size_bytes,
        };
        if full || open.groups.send(group).is_err() {
            self.grouped_bytes.fetch_sub(size_bytes, Ordering::Relaxed);
            return;
        }
        if let Some(partition) = &open.partition {
            partition.unpark();
        }
    }

    /// Records before the log.
    pub fn queued(&self) -> usize {
        self.queued.load(Ordering::Relaxed)
    }

    /// Notes that so many records left the queue.
    pub fn taken(&self, count: usize) {
        let left = self.queued.fetch_sub(count, Ordering::Relaxed) - count;
        ::metrics::gauge!(metrics::APPEND_QUEUE).set(left as f64);
    }

    /// After `failed` records could not be appended: takes back whatever `next` still finds in
    /// the queue, and goes on at `end`, where the log stands.
    pub fn withdraw(
        &self,
        end: Position,
        failed: usize,
        next: impl FnMut() -> Option<Request>,
    ) -> Vec<Request> {
        let mut open = self.lock();
        let behind: Vec<Request> = std::iter::from_fn(next).collect();
        let count: usize = behind.iter().map(|request| request.count).sum();
        self.taken(failed + count);
        open.next = end;
        self.epoch.fetch_add(1, Ordering::Release);
        behind
    }

    /// Groups of an earlier epoch are withdrawn, as far as the log does not hold them.
    pub fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Takes nothing in any more.
    pub fn close(&self) {
        self.lock().requests = None;
    }
}

impl Groups {
    /// The records from `expected` on that were taken in together, as far as they wait here and
    /// belong to `epoch`.
    pub fn take(&mut self, expected: Position, epoch: u64) -> Option<Vec<Record>> {
        while let Ok(group) = self.groups.try_recv() {
            // After a withdrawal a position is given again: the newer group counts.
            if let Some(old) = self.held.insert(group.first, group) {
                self.release(&old);
            }
        }
        while let Some(entry) = self.held.first_entry() {
            if *entry.key() > expected && entry.get().epoch == epoch {
                return None;
            }
            let mut group = entry.remove();
            self.release(&group);
            let skip = (expected.saturating_sub(group.first)) as usize;
            if group.epoch == epoch && skip < group.records.len() {
                return Some(group.records.split_off(skip));
            }
        }
        None
    }

    fn release(&self, group: &Group) {
        self.grouped_bytes
            .fetch_sub(group.size_bytes, Ordering::Relaxed);
    }
}
