//! Deliveries to one webhook: what is due goes out, what came of it goes to the log.
//!
//! The lists of changes of memberships and traits in the state say what is to be sent, the
//! webhook's row how far it was. A round sends a few at a time and makes their outcomes durable
//! before the next: a crash in between sends those few again, under the same ids.

use std::time::Duration;

use kith_base::{Timestamp, limits};
use kith_definition::Webhook;
use kith_engine::table::{DeliveryRow, WebhookRow};
use kith_engine::{Live, query, state};
use kith_event::{Attempt, ChangePlace, Deliveries, Outcome, Record};
use kith_runtime::{AppendError, Handle, View};
use tokio::task::JoinSet;

use crate::client::{self, Client, Message};
use crate::payload::{self, Reader};
use crate::sign::{self, Secret, ServerKey};
use crate::{Answer, Reach, metrics, schedule};

/// Changes read at once. One takes about a microsecond.
const SCAN: usize = 1_000;
/// Changes that concern others are passed over without a word in the log up to so many; after a
/// restart they are passed over again.
const UNTOLD_MAX: u64 = 10_000;

/// Why a round could not be finished.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The state could not be read.
    #[error(transparent)]
    State(#[from] state::Error),
    /// The outcomes could not be made durable.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// There is no such webhook, or it has no secret.
    #[error("{0}")]
    NotReady(String),
}

/// What a round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Messages sent.
    pub sent: usize,
    /// There may be more to do at once.
    pub more: bool,
}

/// How far the changes were looked through, beyond what the log says.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scanned {
    place: ChangePlace,
    passed: u64,
}

/// Sends deliveries.
pub struct Dispatcher {
    handle: Handle,
    client: Client,
    key: ServerKey,
    timeout: Duration,
}

/// A webhook to which deliveries are made.
struct Ready<'a> {
    webhook: &'a Live<Webhook>,
    row: WebhookRow,
    secrets: Vec<Secret>,
}

/// One message to be sent, or that may not be sent any more.
struct Due {
    place: ChangePlace,
    id: String,
    tries: u32,
    /// `None` when consent was withdrawn since it was first tried.
    body: Option<Vec<u8>>,
}

/// What a round works on.
#[derive(Default)]
struct Work {
    due: Vec<Due>,
    through: ChangePlace,
    passed: u64,
    withheld: u64,
    more: bool,
}

impl Dispatcher {
    /// Over a running engine. `key` is the server's own; secrets follow from it.
    pub fn new(handle: Handle, key: ServerKey, reach: Reach) -> Self {
        Dispatcher {
            handle,
            client: Client::new(reach),
            key,
            timeout: client::TIMEOUT,
        }
    }

    /// The same with another patience, for tests.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The engine.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Sends what is due to a webhook at `now`, at most a few at once, and tells the log.
    pub async fn round(
        &self,
        id: &str,
        scanned: &mut Scanned,
        now: Timestamp,
    ) -> Result<Round, Error> {
        let view = self.handle.view();
        let Some(ready) = self.ready(&view, id, now)? else {
            return Ok(Round::default());
        };
        let Ready {
            webhook,
            row,
            secrets,
        } = ready;
        let reader = Reader::new(&view, webhook, now)?;
        let work = gather(&reader, &row, *scanned, now)?;
        let (through, more) = (work.through, work.more);
        if work.due.is_empty() && work.withheld == 0 && work.passed < UNTOLD_MAX {
            *scanned = Scanned {
                place: through,
                passed: work.passed,
            };
            return Ok(Round { sent: 0, more });
        }
        let url = webhook.spec.url.clone();
        let mut deliveries = Deliveries {
            webhook: id.to_owned(),
            at: now,
            through,
            attempts: Vec::new(),
            withheld: work.withheld,
            gone: false,
        };
        drop(view);
        let answers = self.send_all(&url, &secrets, work.due, now).await;
        let sent = answers.len();
        for (due, answer) in answers {
            deliveries.gone |= answer.is_gone();
            deliveries.attempts.push(attempt(&due, answer, now));
        }
        deliveries.attempts.sort_by_key(|attempt| attempt.change);
        let record = Record::Deliveries(deliveries);
        self.handle.append_applied(vec![record]).await?;
        *scanned = Scanned {
            place: through,
            passed: 0,
        };
        Ok(Round { sent, more: true })
    }

    fn ready<'a>(
        &self,
        view: &'a View,
        id: &str,
        now: Timestamp,
    ) -> Result<Option<Ready<'a>>, Error> {
        let live = view.project.webhooks.get(id);
        let Some(webhook) = live.filter(|live| live.spec.enabled) else {
            return Ok(None);
        };
        let row = query::webhook(&*view.state, id)?;
        let Some(row) = row.filter(|row| row.active && row.gone_at.is_none()) else {
            return Ok(None);
        };
        let secrets = self.key.secrets(id, &webhook.spec, now);
        Ok((!secrets.is_empty()).then_some(Ready {
            webhook,
            row,
            secrets,
        }))
    }

    /// Sends all at once and answers in the order in which answers came.
    async fn send_all(
        &self,
        url: &str,
        secrets: &[Secret],
        all: Vec<Due>,
        now: Timestamp,
    ) -> Vec<(Due, Answer)> {
        let mut under_way = JoinSet::new();
        let mut answers = Vec::with_capacity(all.len());
        for mut due in all {
            let Some(body) = due.body.take() else {
                answers.push((due, withdrawn()));
                continue;
            };
            let message = message(url, secrets, &due.id, body, now);
            let (client, timeout) = (self.client.clone(), self.timeout);
            under_way.spawn(async move { (due, client.send(message, timeout).await) });
        }
        while let Some(ended) = under_way.join_next().await {
            match ended {
                Ok(answer) => answers.push(answer),
                // It stays due, and is sent again.
                Err(error) => tracing::error!(%error, "a delivery ended without an answer"),
            }
        }
        answers
    }

    /// Sends a test message, once, whether or not the webhook is enabled.
    pub async fn test(&self, id: &str, now: Timestamp) -> Result<Answer, Error> {
        let view = self.handle.view();
        let missing = || Error::NotReady(format!("there is no webhook {id}"));
        let webhook = view.project.webhooks.get(id).ok_or_else(missing)?;
        let secrets = self.key.secrets(id, &webhook.spec, now);
        if secrets.is_empty() {
            let reason = format!("the webhook {id} has no secret; make one first");
            return Err(Error::NotReady(reason));
        }
        let message_id = format!("msg_test_{}", now.as_millis());
        let body = payload::test(id, now);
        let message = message(&webhook.spec.url, &secrets, &message_id, body, now);
        drop(view);
        Ok(self.client.send(message, self.timeout).await)
    }

    /// The written form of a secret.
    pub fn secret(&self, webhook: &str, secret_id: &str) -> String {
        self.key.secret(webhook, secret_id).written()
    }
}

fn message(url: &str, secrets: &[Secret], id: &str, body: Vec<u8>, now: Timestamp) -> Message {
    let timestamp_s = now.as_millis() / 1_000;
    Message {
        url: url.to_owned(),
        id: id.to_owned(),
        timestamp_s,
        signature: sign::signature(secrets, id, timestamp_s, &body),
        body,
    }
}

fn withdrawn() -> Answer {
    Answer {
        status: None,
        detail: "not sent: the person's consent was withdrawn".to_owned(),
        took_ms: 0,
        retry_after: None,
    }
}

/// What failed before and is due, then what is new, as much as may be under way at once.
fn gather(
    reader: &Reader<'_>,
    row: &WebhookRow,
    scanned: Scanned,
    now: Timestamp,
) -> Result<Work, Error> {
    let (id, state) = (&reader.webhook.id, &*reader.view.state);
    let mut work = Work {
        through: row.through.max(scanned.place),
        passed: scanned.passed,
        ..Work::default()
    };
    for (place, DeliveryRow { change, tries, .. }) in
        query::due(state, id, now, limits::WEBHOOK_PARALLEL_MAX)?
    {
        let standing = reader.standing(&change)?;
        let may_send = reader.may_send(standing.as_ref());
        work.due.push(Due {
            place,
            id: payload::message_id(id, place, &change),
            tries,
            body: may_send.then(|| reader.body(&change, standing.as_ref())),
        });
    }
    let waiting = usize::try_from(row.waiting).unwrap_or(usize::MAX);
    let room = limits::WEBHOOK_RETRIES_MAX.saturating_sub(waiting);
    let most = (work.due.len() + room).min(limits::WEBHOOK_PARALLEL_MAX);
    if work.due.len() >= most {
        return Ok(work);
    }
    let changes = query::changes_from(state, work.through, SCAN)?;
    work.more = changes.len() == SCAN;
    for (place, change) in changes {
        if work.due.len() == most {
            work.more = true;
            break;
        }
        work.through = (place.0, place.1 + 1);
        work.passed += 1;
        if !change.concerns(&reader.webhook.spec) {
            continue;
        }
        let standing = reader.standing(&change)?;
        if !reader.may_send(standing.as_ref()) {
            work.withheld += 1;
            continue;
        }
        work.due.push(Due {
            place,
            id: payload::message_id(id, place, &change),
            tries: 0,
            body: Some(reader.body(&change, standing.as_ref())),
        });
    }
    Ok(work)
}

fn attempt(due: &Due, answer: Answer, now: Timestamp) -> Attempt {
    let never = answer.is_gone() || answer == withdrawn();
    let wait = schedule::next(&due.id, due.tries + 1, answer.retry_after);
    let (outcome, name) = match wait {
        _ if answer.is_success() => (Outcome::Delivered, "delivered"),
        Some(wait) if !never => (Outcome::Retry(now.plus(wait)), "retry"),
        _ => (Outcome::Dead, "dead"),
    };
    ::metrics::counter!(metrics::ATTEMPTS, "outcome" => name).increment(1);
    Attempt {
        change: due.place,
        outcome,
        status: answer.status,
        detail: answer.detail,
        took_ms: answer.took_ms,
    }
}
