//! A Kith in memory whose log outlives restarts, and a clock that is moved by hand.

use std::sync::Arc;

use kith_base::{Duration, Json, Timestamp};
use kith_engine::table::{DeliveryRow, DeliveryState, WebhookRow};
use kith_engine::{backfill, query};
use kith_event::{
    ChangePlace, DefinitionChange, Enrichment, Event, Identifier, Kind, Record, Resend,
};
use kith_runtime::log::Log;
use kith_runtime::{Handle, compare, rebuild, start};
use kith_store::{log, state};
use kith_webhook::sign::ServerKey;
use kith_webhook::{Dispatcher, Reach, Round, Scanned};

/// A Kith.
pub struct World {
    pub handle: Handle,
    pub dispatcher: Arc<Dispatcher>,
    pub now: Timestamp,
    log: log::Memory,
    scanned: Scanned,
    messages: u32,
}

const KEY: [u8; 32] = [7; 32];

/// The written form of a secret of the webhook `crm`.
pub fn secret(id: &str) -> String {
    ServerKey::new(KEY).secret("crm", id).written()
}

impl World {
    /// With audiences of buyers and of those who said that they are pleased.
    pub async fn start() -> Self {
        let log = log::Memory::new();
        let state = Box::new(state::Memory::new());
        let handle = start(Box::new(log.clone()), state).unwrap();
        let mut world = World {
            dispatcher: dispatcher(&handle, Reach::Everywhere),
            handle,
            now: Timestamp::parse("2026-11-20T08:00:00Z").unwrap(),
            log,
            scanned: Scanned::default(),
            messages: 0,
        };
        let buyers = r#"{"when":"count(\"Order Completed\", 30 days) >= 1"}"#;
        world.define("audience", "buyers", buyers).await;
        let pleased = r#"{"when":"traits.mood = \"good\""}"#;
        world.define("audience", "pleased", pleased).await;
        let orders = r#"{"value":"count(\"Order Completed\")","trait":"order_count"}"#;
        world.define("feature", "orders", orders).await;
        // Nobody is there yet, so finding members and the past is over at once.
        world.settle().await;
        world
    }

    async fn settle(&mut self) {
        loop {
            self.handle
                .append_applied(vec![Record::Tick(self.now)])
                .await
                .unwrap();
            let view = self.handle.view();
            let busy = query::audience_jobs(&*view.state).unwrap();
            if busy.is_empty()
                && backfill::pending(&*view.state).unwrap().is_none()
                && backfill::untold(&*view.state).unwrap().is_empty()
            {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Ends the process and starts another one that has nothing but the log.
    pub async fn restart(&mut self) {
        self.handle.shutdown();
        let state = Box::new(state::Memory::new());
        self.handle = start(Box::new(self.log.clone()), state).unwrap();
        let end = self.handle.status().end;
        self.handle.wait_applied(end).await.unwrap();
        self.dispatcher = dispatcher(&self.handle, Reach::Everywhere);
        self.scanned = Scanned::default();
    }

    /// Deliveries reach public addresses only from now on.
    pub fn stay_public(&mut self) {
        self.dispatcher = dispatcher(&self.handle, Reach::Public);
    }

    pub async fn append(&self, record: Record) {
        self.handle.append_applied(vec![record]).await.unwrap();
    }

    pub async fn define(&self, kind: &str, id: &str, spec: &str) {
        self.write(kind, id, spec, false).await;
    }

    pub async fn archive(&self, kind: &str, id: &str) {
        self.write(kind, id, "{}", true).await;
    }

    async fn write(&self, kind: &str, id: &str, spec: &str, archived: bool) {
        let change = DefinitionChange {
            kind: kind.into(),
            id: id.into(),
            name: id.into(),
            archived,
            author: "test".into(),
            at: self.now,
            spec: Json::parse(spec).unwrap(),
        };
        self.append(Record::Definition(change)).await;
    }

    /// The webhook `crm`, told about buyers; `more` are further members of its spec.
    pub async fn webhook(&self, id: &str, url: &str, more: &str) {
        let secrets = r#"[{"id":"a","created_at":"2026-11-01T00:00:00Z"}]"#;
        let has = |name: &str| more.contains(&format!("{name:?}:"));
        let mut spec = format!(r#"{{"url":"{url}"{more}"#);
        if !has("audiences") {
            spec.push_str(r#","audiences":["buyers"]"#);
        }
        if !has("secrets") {
            spec.push_str(&format!(r#","secrets":{secrets}"#));
        }
        spec.push('}');
        self.define("webhook", id, &spec).await;
    }

    pub fn later(&mut self, seconds: i64) {
        self.now = self.now.plus(Duration::from_secs(seconds));
    }

    pub async fn order(&mut self, user: &str) {
        self.event(Kind::Track, "Order Completed", user, "{}", "{}")
            .await;
    }

    pub async fn event(
        &mut self,
        kind: Kind,
        name: &str,
        user: &str,
        properties: &str,
        traits: &str,
    ) {
        self.messages += 1;
        let event = Event {
            source: "shop".into(),
            message_id: format!("m{}", self.messages),
            kind,
            name: name.into(),
            identifiers: vec![Identifier::new("user_id", user)],
            received_at: self.now,
            occurred_at: self.now,
            original_at: None,
            properties: Json::parse(properties).unwrap(),
            traits: Json::parse(traits).unwrap(),
            context: Json::empty(),
            extra: Json::empty(),
            enrichment: Enrichment::default(),
        };
        self.handle
            .append_applied(vec![Record::Event(event)])
            .await
            .unwrap();
    }

    /// Rounds for a webhook until nothing is left to do now; messages sent.
    pub async fn rounds(&mut self, id: &str) -> usize {
        let mut sent = 0;
        loop {
            let round = self
                .dispatcher
                .round(id, &mut self.scanned, self.now)
                .await
                .unwrap();
            sent += round.sent;
            if (Round {
                sent: 0,
                more: false,
            }) == round
            {
                return sent;
            }
        }
    }

    pub fn row(&self, id: &str) -> WebhookRow {
        query::webhook(&*self.handle.view().state, id)
            .unwrap()
            .unwrap()
    }

    pub fn deliveries(&self, standing: DeliveryState) -> Vec<(ChangePlace, DeliveryRow)> {
        query::deliveries(&*self.handle.view().state, "crm", standing, None, 100).unwrap()
    }

    pub async fn resend(&self, changes: Vec<ChangePlace>) {
        let resend = Resend {
            webhook: "crm".into(),
            at: self.now,
            by: "test".into(),
            changes,
        };
        self.handle
            .append_applied(vec![Record::Resend(resend)])
            .await
            .unwrap();
    }

    /// What is kept of webhooks is what the log says. (The past of series is folded beside the
    /// log's order, so their rows may lag here.)
    pub fn check_replay(&self) {
        let end = self.handle.status().applied;
        let mut rebuilt = state::Memory::new();
        rebuild(&*self.log.reader(), &mut rebuilt, end, |_| {}).unwrap();
        let mut differences = compare(&*self.handle.view().state, &rebuilt, 1_000).unwrap();
        differences.retain(|found| found.key.starts_with(['W', 'y', 'Y', 'u']));
        assert_eq!(differences, []);
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

fn dispatcher(handle: &Handle, reach: Reach) -> Arc<Dispatcher> {
    Arc::new(Dispatcher::new(handle.clone(), ServerKey::new(KEY), reach))
}
