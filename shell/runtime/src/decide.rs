//! The synchronous read: decide now, write it down behind the answer.

use std::sync::Arc;
use std::time::Instant;

use kith_base::{Digest, PersonId, Timestamp, limits};
use kith_engine::decide::{self, Answer, Grants, Request, decide, decide_granted};
use kith_engine::{Project, grants};
use kith_event::{Event, GrantAsked, Record};

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

/// What a page shows to whoever holds a link of preview.
#[derive(Clone)]
pub struct Preview {
    /// Definitions with a change that is not saved; `None` for those in force.
    pub project: Option<Arc<Project>>,
    /// Decide for this person, not for whom the identifiers name.
    pub person: Option<PersonId>,
    /// Show in a placement an offer, whoever it is for.
    pub offer: Option<(String, String)>,
    /// When the link ends.
    pub expires_at: Timestamp,
}

impl Handle {
    /// What would be decided. Nothing is granted and no decision recorded; an event that came with
    /// the call did happen, and is kept as any other.
    pub async fn preview(
        &self,
        preview: &Preview,
        request: &Request,
        event: Option<Event>,
        now: Timestamp,
        call: Digest,
    ) -> Result<Decided, DecideError> {
        if let Some(event) = event {
            self.append_applied(vec![Record::Event(event)]).await?;
        }
        let view = self.view();
        let mut sources = view.sources();
        if let Some(project) = &preview.project {
            sources.project = project;
        }
        let offer = preview.offer.as_ref();
        let said = decide::Preview {
            person: preview.person,
            offer: offer.map(|(placement, offer)| (&**placement, &**offer)),
        };
        let answer = decide::preview(sources, request, said, now, call)?;
        Ok(Decided {
            at: now,
            answer: Arc::new(answer),
        })
    }

    /// Makes the event durable and folds it, if there is one; then decides, so that the decision
    /// sees it. What has limits is granted through the log before it is answered; nothing else
    /// waits. The decision records follow through the log without being waited for: a crash
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
        let mut grants = Grants::default();
        let mut answer = decide(view.sources(), &request, now, call)?;
        for round in 1.. {
            let wanted = answer.wanted(now, call);
            if wanted.is_empty() {
                break;
            }
            if round > limits::GRANT_ROUNDS_MAX {
                grants.closed = true;
            } else {
                self.grant(&wanted, &mut grants).await?;
            }
            // Of the same state, so that only what was granted makes a difference.
            answer = decide_granted(view.sources(), &request, now, call, &grants)?;
        }
        drop(view);
        let answer = Arc::new(answer);
        if let Err(error) = self.append_decisions(&answer, request) {
            tracing::warn!(%error, "the records of decisions were not taken by the log");
        }
        ::metrics::histogram!(metrics::DECIDE_SECONDS).record(begun.elapsed().as_secs_f64());
        Ok(Decided { at: now, answer })
    }

    /// Asks the writer for grants and notes what it says. Without its word nothing is granted.
    async fn grant(
        &self,
        wanted: &[GrantAsked],
        grants: &mut Grants,
    ) -> Result<(), kith_engine::state::Error> {
        let records = wanted.iter().cloned().map(Record::Grant).collect();
        if let Err(error) = self.append_applied(records).await {
            tracing::warn!(%error, "offers could not be granted");
            grants.closed = true;
            return Ok(());
        }
        let view = self.view();
        for asked in wanted {
            let said = grants::standing_after(view.state.as_ref(), &view.project, asked)?;
            grants.said.insert(asked.offer.clone(), said);
        }
        Ok(())
    }
}
