//! The thread that owns the log.

use std::sync::Arc;
use std::time::Instant;

use kith_base::limits;
use kith_event::{Position, Record};
use tokio::sync::mpsc;

use crate::intake::{Intake, Request, Work};
use crate::log::Log;
use crate::{AppendError, metrics};

/// The appender's loop; ends when the intake is closed and everything taken is appended.
pub(crate) fn run(
    mut log: Box<dyn Log>,
    mut requests: mpsc::UnboundedReceiver<Request>,
    intake: &Arc<Intake>,
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
        commit(log.as_mut(), batch, &mut requests, intake);
        wake.unpark();
    }
}

fn commit(
    log: &mut dyn Log,
    mut batch: Vec<Request>,
    requests: &mut mpsc::UnboundedReceiver<Request>,
    intake: &Intake,
) {
    let mut encoded = Vec::new();
    for request in &mut batch {
        match std::mem::take(&mut request.work) {
            Work::Encoded(records) => encoded.extend(records),
            Work::Decisions(answer, asked) => {
                let records: Vec<Record> = answer.records(&asked).map(Record::Decision).collect();
                let written: Vec<Vec<u8>> = records.iter().map(Record::encode).collect();
                let size_bytes = written.iter().map(Vec::len).sum();
                encoded.extend(written);
                intake.offer(request.first, request.epoch, records, size_bytes);
            }
        }
    }
    let begun = Instant::now();
    match log.append(&encoded) {
        Ok(first) => {
            ::metrics::counter!(metrics::APPENDED_RECORDS).increment(encoded.len() as u64);
            ::metrics::histogram!(metrics::COMMIT_SECONDS).record(begun.elapsed().as_secs_f64());
            intake.taken(encoded.len());
            let mut position = first;
            for request in batch {
                // A caller that went away does not change what is durable.
                let _ = request.done.map(|done| done.send(Ok(position)));
                position += request.count as Position;
            }
        }
        Err(error) => {
            ::metrics::counter!(metrics::COMMIT_ERRORS).increment(1);
            tracing::error!(%error, records = encoded.len(), "group commit failed");
            let end = log.reader().end();
            let behind = intake.withdraw(end, encoded.len(), || requests.try_recv().ok());
            for request in batch.into_iter().chain(behind) {
                let error = AppendError::Storage(error.to_string());
                let _ = request.done.map(|done| done.send(Err(error)));
            }
        }
    }
}
