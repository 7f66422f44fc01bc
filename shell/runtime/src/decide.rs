//! The synchronous read: decide now, write it down behind the answer.

use std::sync::Arc;
use std::time::Instant;

use kith_base::{Digest, Timestamp};
use kith_engine::decide::{Answer, Request, decide};
use kith_event::{Event, Record};

use crate::{AppendError, Handle, metrics};

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// The event that came with the call could not be made durable.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The state could not be read.
    #[error(transparent)]
    State(#[from] kith_engine::state::Error),
}

/// An answer and when it was given.
#[derive(Debug)]
pub struct Decided {
    /// The moment the decision was taken for.
    pub at: Timestamp,
    /// What was decided.
    pub answer: Arc<Answer>,
}

impl Handle {
    /// Makes the event durable and folds it, if there is one; then decides, so that the decision
    /// sees it. The decision records follow through the log without being waited for: a crash
    /// within the next few milliseconds may lose the record of a decision, never an event.
    pub async fn decide(
        &self,
        request: Request,
        event: Option<Event>,
        now: Timestamp,
        call: Digest,
    ) -> Result<Decided, DecideError> {
        if let Some(event) = event {
            self.append_applied(vec![Record::Event(event)]).await?;
        }
        let begun = Instant::now();
        let view = self.view();
        let answer = decide(view.state.as_ref(), &view.project, &request, now, call)?;
        drop(view);
        let answer = Arc::new(answer);
        if let Err(error) = self.append_decisions(&answer, request) {
            tracing::warn!(%error, "the records of decisions were not taken by the log");
        }
        ::metrics::histogram!(metrics::DECIDE_SECONDS).record(begun.elapsed().as_secs_f64());
        Ok(Decided { at: now, answer })
    }
}
