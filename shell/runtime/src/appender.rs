//! The thread that owns the log.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use kith_base::limits;
use kith_engine::decide::{self, Answer};
use kith_event::{Position, Record};
use tokio::sync::{mpsc, oneshot};

use crate::log::Log;
use crate::{AppendError, metrics};

/// Records that wait to be appended together.
pub(crate) struct Request {
    pub work: Work,
    /// How many records that is.
    pub count: usize,
    /// `None` when nobody waits.
    pub done: Option<oneshot::Sender<Result<Position, AppendError>>>,
}

/// What becomes records in the log.
pub(crate) enum Work {
    /// Records, with their stored form.
    Records {
        records: Vec<Record>,
        encoded: Vec<Vec<u8>>,
    },
    /// Decisions, which the appender writes down itself: nobody waits for them, and the answer
    /// must not wait for 20 kB of reasons.
    Decisions(Arc<Answer>, Box<decide::Request>),
}

impl Work {
    /// These records.
    pub fn records(records: Vec<Record>) -> Self {
        let encoded = records.iter().map(Record::encode).collect();
        Work::Records { records, encoded }
    }

    fn into_records(self) -> (Vec<Record>, Vec<Vec<u8>>) {
        match self {
            Work::Records { records, encoded } => (records, encoded),
            Work::Decisions(answer, request) => {
                let records: Vec<Record> = answer.records(&request).map(Record::Decision).collect();
                let encoded = records.iter().map(Record::encode).collect();
                (records, encoded)
            }
        }
    }
}

/// A group that reached the disk, on its way to the partition.
pub(crate) struct Group {
    pub first: Position,
    pub records: Vec<Record>,
    size_bytes: usize,
}

/// The appender's end of the queue to the partition, bounded in bytes.
pub(crate) struct GroupSender {
    groups: mpsc::UnboundedSender<Group>,
    queued_bytes: Arc<AtomicUsize>,
}

/// The partition's end.
pub(crate) struct GroupReceiver {
    groups: mpsc::UnboundedReceiver<Group>,
    queued_bytes: Arc<AtomicUsize>,
}

/// A queue for groups.
pub(crate) fn groups() -> (GroupSender, GroupReceiver) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let queued_bytes = Arc::new(AtomicUsize::new(0));
    let sender = GroupSender {
        groups: sender,
        queued_bytes: Arc::clone(&queued_bytes),
    };
    let receiver = GroupReceiver {
        groups: receiver,
        queued_bytes,
    };
    (sender, receiver)
}

impl GroupSender {
    /// Sends a group unless the queue is full: the partition reads what it misses from the log.
    fn offer(&self, group: Group) {
        let size_bytes = group.size_bytes;
        let before = self.queued_bytes.fetch_add(size_bytes, Ordering::Relaxed);
        let full = before > 0 && before + size_bytes > limits::APPLY_QUEUE_MAX_BYTES;
        if full || self.groups.send(group).is_err() {
            self.queued_bytes.fetch_sub(size_bytes, Ordering::Relaxed);
        }
    }
}

impl GroupReceiver {
    /// The next group, if one waits.
    pub fn take(&mut self) -> Option<Group> {
        let group = self.groups.try_recv().ok()?;
        self.queued_bytes
            .fetch_sub(group.size_bytes, Ordering::Relaxed);
        Some(group)
    }
}

/// The appender's loop; ends when every sender of `requests` is gone.
pub(crate) fn run(
    mut log: Box<dyn Log>,
    mut requests: mpsc::UnboundedReceiver<Request>,
    queued: &Arc<AtomicUsize>,
    groups: &GroupSender,
    wake: &std::thread::Thread,
) {
    while let Some(first) = requests.blocking_recv() {
        let mut batch = vec![first];
        let mut count = batch[0].count;
        while count < limits::COMMIT_RECORDS_MAX
            && let Ok(next) = requests.try_recv()
        {
            count += next.count;
            batch.push(next);
        }
        commit(log.as_mut(), batch, groups);
        let left = queued.fetch_sub(count, Ordering::Relaxed) - count;
        ::metrics::gauge!(metrics::APPEND_QUEUE).set(left as f64);
        wake.unpark();
    }
}

fn commit(log: &mut dyn Log, batch: Vec<Request>, groups: &GroupSender) {
    let (mut records, mut encoded) = (Vec::new(), Vec::new());
    let mut waiting = Vec::with_capacity(batch.len());
    for request in batch {
        let offset = records.len() as Position;
        let (own, own_encoded) = request.work.into_records();
        records.extend(own);
        encoded.extend(own_encoded);
        waiting.extend(request.done.map(|done| (offset, done)));
    }
    let begun = Instant::now();
    match log.append(&encoded) {
        Ok(first) => {
            ::metrics::counter!(metrics::APPENDED_RECORDS).increment(encoded.len() as u64);
            ::metrics::histogram!(metrics::COMMIT_SECONDS).record(begun.elapsed().as_secs_f64());
            for (offset, done) in waiting {
                // A caller that went away does not change what is durable.
                let _ = done.send(Ok(first + offset));
            }
            let size_bytes = encoded.iter().map(Vec::len).sum();
            groups.offer(Group {
                first,
                records,
                size_bytes,
            });
        }
        Err(error) => {
            ::metrics::counter!(metrics::COMMIT_ERRORS).increment(1);
            tracing::error!(%error, records = encoded.len(), "group commit failed");
            for (_, done) in waiting {
                let _ = done.send(Err(AppendError::Storage(error.to_string())));
            }
        }
    }
}
