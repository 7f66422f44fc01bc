//! The thread that owns the log.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use kith_base::limits;
use kith_event::{Position, Record};
use tokio::sync::{mpsc, oneshot};

use crate::log::Log;
use crate::{AppendError, metrics};

/// Records that wait to be appended together.
pub(crate) struct Request {
    pub records: Vec<Record>,
    pub encoded: Vec<Vec<u8>>,
    /// `None` when nobody waits.
    pub done: Option<oneshot::Sender<Result<Position, AppendError>>>,
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
        let mut count = batch[0].records.len();
        while count < limits::COMMIT_RECORDS_MAX
            && let Ok(next) = requests.try_recv()
        {
            count += next.records.len();
            batch.push(next);
        }
        commit(log.as_mut(), batch, groups);
        let left = queued.fetch_sub(count, Ordering::Relaxed) - count;
        ::metrics::gauge!(metrics::APPEND_QUEUE).set(left as f64);
        wake.unpark();
    }
}

fn commit(log: &mut dyn Log, mut batch: Vec<Request>, groups: &GroupSender) {
    let begun = Instant::now();
    let encoded: Vec<Vec<u8>> = batch
        .iter_mut()
        .flat_map(|request| std::mem::take(&mut request.encoded))
        .collect();
    match log.append(&encoded) {
        Ok(first) => {
            ::metrics::counter!(metrics::APPENDED_RECORDS).increment(encoded.len() as u64);
            ::metrics::histogram!(metrics::COMMIT_SECONDS).record(begun.elapsed().as_secs_f64());
            let mut records = Vec::with_capacity(encoded.len());
            let mut position = first;
            for request in batch {
                let count = request.records.len() as Position;
                records.extend(request.records);
                if let Some(done) = request.done {
                    // A caller that went away does not change what is durable.
                    let _ = done.send(Ok(position));
                }
                position += count;
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
            for request in batch {
                if let Some(done) = request.done {
                    let _ = done.send(Err(AppendError::Storage(error.to_string())));
                }
            }
        }
    }
}
