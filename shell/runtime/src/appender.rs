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
}

/// The appender's loop; ends when every sender of `requests` is gone.
pub(crate) fn run(
    mut log: Box<dyn Log>,
    mut requests: mpsc::UnboundedReceiver<Request>,
    queued: &Arc<AtomicUsize>,
    groups: &mpsc::Sender<Group>,
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

fn commit(log: &mut dyn Log, mut batch: Vec<Request>, groups: &mpsc::Sender<Group>) {
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
            // When the queue is full the partition reads these from the log instead.
            let _ = groups.try_send(Group { first, records });
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
