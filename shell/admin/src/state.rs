//! What every handler is given.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::{Extensions, HeaderMap};
use kith_base::{Timestamp, limits};
use kith_event::{DefinitionChange, Position, Record};
use kith_runtime::{Handle, View};
use kith_webhook::Dispatcher;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::{Mutex, MutexGuard, Semaphore, watch};

use crate::access::{Attempts, Limits, Passwords, PreviewLinks, Sessions, Tickets, user};
use crate::find::Recent;
use crate::jobs::Jobs;
use crate::problem::{self, Problem};

/// Reads that walk many rows at one time; the rest wait. They share the blocking threads with
/// everything else, and each may hold a page of decoded records.
const WALKS_AT_ONCE: usize = 8;

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Tells the network address of the client of a request, as far as it can be believed.
pub type ClientAddress = Arc<dyn Fn(&HeaderMap, &Extensions) -> String + Send + Sync>;

/// What the program decides about the control plane.
pub struct Settings {
    /// Key that signs session cookies; kept across restarts, or every restart signs out.
    pub session_key: [u8; 32],
    /// Whether browsers reach the server by https only.
    pub secure_cookies: bool,
    /// Limits on attempts to sign in.
    pub sign_in_limits: Limits,
    /// Whose attempts to sign in are counted together; an empty address is not counted.
    pub client_address: ClientAddress,
    /// Where metrics are read from; `None` serves an empty page.
    pub metrics: Option<PrometheusHandle>,
    /// Sends deliveries; it knows their secrets.
    pub webhooks: Arc<Dispatcher>,
    /// How far the search for probable links is.
    pub linkage: Arc<kith_linkage::Status>,
    /// What is learned, and which version of a model serves.
    pub learning: kith_learning::Status,
    /// The clock.
    pub clock: Clock,
}

/// Shared by all requests; cheap to clone.
#[derive(Clone)]
pub struct AdminState(Arc<Inner>);

struct Inner {
    handle: Handle,
    settings: Settings,
    sessions: Sessions,
    passwords: Passwords,
    attempts: Attempts,
    tickets: Tickets,
    preview_links: PreviewLinks,
    jobs: Jobs,
    writes: Mutex<()>,
    walks: Semaphore,
    exports: Arc<Semaphore>,
    /// True once the program is stopping.
    stopping: watch::Sender<bool>,
    recent: std::sync::Mutex<RecentPersons>,
}

/// People by their last event before a position of the log, most recently active first.
pub(crate) type RecentPersons = BTreeMap<Position, Arc<Recent>>;

impl AdminState {
    /// Over a running engine.
    pub fn new(handle: Handle, settings: Settings) -> Self {
        AdminState(Arc::new(Inner {
            handle,
            sessions: Sessions::new(settings.session_key, settings.secure_cookies),
            passwords: Passwords::default(),
            attempts: Attempts::default(),
            tickets: Tickets::default(),
            preview_links: PreviewLinks::new(settings.session_key),
            jobs: Jobs::default(),
            writes: Mutex::new(()),
            walks: Semaphore::new(WALKS_AT_ONCE),
            exports: Arc::new(Semaphore::new(limits::EXPORTS_AT_ONCE_MAX)),
            stopping: watch::Sender::new(false),
            recent: std::sync::Mutex::default(),
            settings,
        }))
    }

    /// Makes a sign-in link's token for a user, who is created when missing, without a password.
    pub async fn issue_sign_in_token(&self, email: &str, name: &str) -> Result<String, Problem> {
        let _guard = self.writes().await;
        let user_id = user::id_of(email);
        let known = user::find(&*self.view().state, &user_id)?.is_some();
        if !known {
            let change = user::definition(email, name, user::NO_PASSWORD, self.now());
            self.append_definition(change).await?;
        }
        Ok(self.0.tickets.issue(&user_id, self.now()))
    }

    /// What a link of preview shows, for the data plane; `None` when it is over or forged.
    pub fn preview(&self, token: &str, now: Timestamp) -> Option<kith_runtime::Preview> {
        self.0.preview_links.check(token, now)
    }

    pub(crate) fn preview_links(&self) -> &PreviewLinks {
        &self.0.preview_links
    }

    /// Ends every live stream, and those that are opened from now on: they would keep the
    /// program from stopping.
    pub fn close_streams(&self) {
        self.0.stopping.send_replace(true);
    }

    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.0.stopping.subscribe()
    }

    /// The list of jobs, for whoever starts one.
    pub fn jobs(&self) -> &Jobs {
        &self.0.jobs
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.0.handle
    }

    pub(crate) fn view(&self) -> View {
        self.0.handle.view()
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.0.settings.clock)()
    }

    pub(crate) fn webhooks(&self) -> &Dispatcher {
        &self.0.settings.webhooks
    }

    pub(crate) fn linkage(&self) -> &kith_linkage::Status {
        &self.0.settings.linkage
    }

    pub(crate) fn learning(&self) -> &kith_learning::Status {
        &self.0.settings.learning
    }

    /// Held by whoever writes a file.
    pub(crate) fn exports(&self) -> &Arc<Semaphore> {
        &self.0.exports
    }

    pub(crate) fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    pub(crate) fn attempts(&self) -> &Attempts {
        &self.0.attempts
    }

    pub(crate) fn tickets(&self) -> &Tickets {
        &self.0.tickets
    }

    pub(crate) fn sign_in_limits(&self) -> Limits {
        self.0.settings.sign_in_limits
    }

    pub(crate) fn client_address(&self, headers: &HeaderMap, extensions: &Extensions) -> String {
        (self.0.settings.client_address)(headers, extensions)
    }

    pub(crate) fn metrics(&self) -> Option<&PrometheusHandle> {
        self.0.settings.metrics.as_ref()
    }

    pub(crate) fn recent(&self) -> &std::sync::Mutex<RecentPersons> {
        &self.0.recent
    }

    /// Held while a definition is compared with what a client saw and then written, so that of
    /// two clients who saw the same revision one is told.
    pub(crate) async fn writes(&self) -> MutexGuard<'_, ()> {
        self.0.writes.lock().await
    }

    /// Writes a revision and waits until it is in force.
    pub(crate) async fn append_definition(&self, change: DefinitionChange) -> Result<(), Problem> {
        self.append_definitions(vec![change]).await
    }

    /// Appends changes that belong together.
    pub(crate) async fn append_definitions(
        &self,
        changes: Vec<DefinitionChange>,
    ) -> Result<(), Problem> {
        let records = Record::definitions(changes);
        self.0.handle.append_applied(records).await?;
        Ok(())
    }

    /// Runs a read that may take long away from the request threads.
    pub(crate) async fn walk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&AdminState, &View) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let _permit = self
            .0
            .walks
            .acquire()
            .await
            .expect("the semaphore is never closed");
        let state = self.clone();
        tokio::task::spawn_blocking(move || {
            let view = state.view();
            work(&state, &view)
        })
        .await
        .map_err(|error| Problem::new(problem::INTERNAL, error.to_string()))?
    }
}
