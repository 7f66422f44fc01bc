//! One step after the other: what the rules ask for, with what the state says now.

use std::sync::Arc;

use kith_base::{Timestamp, limits};
use kith_engine::{query, state};
use kith_event::{Basis, Identifier, ProbableLink, ProbableLinks, Record};
use kith_identity::Probabilistic;
use kith_runtime::{AppendError, Handle, View, log};

use crate::records::Records;
use crate::status::{Figures, State, Status};
use crate::visits::Visits;
use crate::{SiteKey, metrics};

/// How long to wait while the log takes nothing.
const FULL_DELAY: std::time::Duration = std::time::Duration::from_secs(1);

/// Why a step could not be done; it may be tried again.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The state could not be read.
    #[error(transparent)]
    State(#[from] state::Error),
    /// The log could not be read.
    #[error(transparent)]
    Log(#[from] log::Error),
    /// What was found could not be made durable.
    #[error(transparent)]
    Append(#[from] AppendError),
}

/// Finds probable links and writes them to the log.
pub struct Linker {
    handle: Handle,
    key: SiteKey,
    status: Arc<Status>,
    /// What is worked for.
    rules: Option<Probabilistic>,
    records: Option<Records>,
    visits: Option<Visits>,
}

/// The state at the beginning of a step.
pub(crate) struct Moment {
    pub view: View,
    /// The machine's time.
    pub now: Timestamp,
}

impl Moment {
    /// The least confidence, in thousandths, of a link that is written.
    pub fn least(&self) -> u16 {
        let percent = self.view.project.identity.probabilistic.review_percent;
        u16::try_from(percent * 10).unwrap_or(u16::MAX)
    }
}

/// What goes to the log, some links a record.
pub(crate) struct Outbox<'a> {
    handle: &'a Handle,
    at: Timestamp,
    links: Vec<ProbableLink>,
    gone: Vec<(Identifier, Identifier)>,
}

impl<'a> Outbox<'a> {
    fn new(handle: &'a Handle, at: Timestamp) -> Self {
        Outbox {
            handle,
            at,
            links: Vec::new(),
            gone: Vec::new(),
        }
    }

    /// A link was found.
    pub async fn link(&mut self, link: ProbableLink) -> Result<(), AppendError> {
        let basis = match link.basis {
            Basis::Records => "records",
            Basis::Visitors => "visitors",
            Basis::Household => "household",
        };
        ::metrics::counter!(metrics::LINKS, "basis" => basis).increment(1);
        self.links.push(link);
        self.send_full().await
    }

    /// A link is found no longer.
    pub async fn gone(&mut self, pair: (Identifier, Identifier)) -> Result<(), AppendError> {
        ::metrics::counter!(metrics::GONE).increment(1);
        self.gone.push(pair);
        self.send_full().await
    }

    async fn send_full(&mut self) -> Result<(), AppendError> {
        match self.links.len() + self.gone.len() {
            limits::PROBABLE_PER_RECORD_MAX.. => self.send().await,
            _ => Ok(()),
        }
    }

    /// Writes what waits, and waits until it is applied.
    pub async fn send(&mut self) -> Result<(), AppendError> {
        if self.links.is_empty() && self.gone.is_empty() {
            return Ok(());
        }
        let record = Record::Probable(ProbableLinks {
            at: self.at,
            links: std::mem::take(&mut self.links),
            gone: std::mem::take(&mut self.gone),
        });
        loop {
            match self.handle.append_applied(vec![record.clone()]).await {
                Err(AppendError::Overloaded { .. }) => tokio::time::sleep(FULL_DELAY).await,
                done => return done.map(drop),
            }
        }
    }
}

impl Linker {
    /// Over a running engine, with nothing known.
    pub fn new(handle: Handle, key: SiteKey) -> Self {
        Linker {
            handle,
            key,
            status: Arc::new(Status::default()),
            rules: None,
            records: None,
            visits: None,
        }
    }

    /// How far it is, for others to read.
    pub fn status(&self) -> Arc<Status> {
        Arc::clone(&self.status)
    }

    /// Does a bounded part of the work; true when there is more to do at once. What one step of
    /// comparing everybody costs grows with how many there are.
    pub async fn step(&mut self, now: Timestamp) -> Result<bool, Error> {
        let done = self.work(now).await;
        match &done {
            Ok(_) => self.status.tell(self.figures()),
            Err(error) => {
                // What was found and not written would be lost: it is found again.
                self.rules = None;
                self.status.tell_error(error.to_string());
            }
        }
        done
    }

    async fn work(&mut self, now: Timestamp) -> Result<bool, Error> {
        let project = self.handle.project();
        let rules = &project.identity.probabilistic;
        if self.rules.as_ref() != Some(rules) {
            self.records = rules.records.then(Records::new);
            self.visits = rules.visitors.then(|| Visits::new(self.key.clone()));
            self.rules = Some(rules.clone());
        }
        if self.records.is_none() && self.visits.is_none() {
            return Ok(false);
        }
        let view = self.handle.view();
        let at = now.max(query::clock(&*view.state)?);
        let moment = Moment { view, now };
        let mut outbox = Outbox::new(&self.handle, at);
        let mut more = false;
        if let Some(records) = &mut self.records {
            more |= Box::pin(records.step(&self.handle, &moment, &mut outbox)).await?;
        }
        if let Some(visits) = &mut self.visits {
            more |= Box::pin(visits.step(&self.handle, &moment, &mut outbox)).await?;
        }
        outbox.send().await?;
        Ok(more)
    }

    fn figures(&self) -> Figures {
        let records = self.records.as_ref();
        let visits = self.visits.as_ref();
        let runs = records.is_none_or(Records::is_running) && visits.is_none_or(Visits::is_running);
        Figures {
            state: match (records.is_some() || visits.is_some(), runs) {
                (false, _) => State::Idle,
                (true, false) => State::Learning,
                (true, true) => State::Running,
            },
            records: records.map(|records| records.figures.clone()),
            visitors: visits.map(Visits::figures),
            error: None,
        }
    }
}
