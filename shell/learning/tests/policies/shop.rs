//! A shop with a known truth over a running engine: people see what a placement draws and click or
//! not, by the roll of seeded dice.

use kith_base::{Digest, Duration, Json, Random, Timestamp, Value, digest};
use kith_engine::decide::{Outcome, Request, replay};
use kith_engine::query;
use kith_event::{DefinitionChange, Enrichment, Event, Identifier, Kind, Record};
use kith_learning::Learner;
use kith_runtime::Handle;
use kith_store::{log, state};

pub const HERO: &str = r#"{"type":"offers",
    "learning":{"features":["traits.kind"],"window_days":1}}"#;

pub struct Shop {
    pub handle: Handle,
    pub now: Timestamp,
    random: Random,
    /// How probable a click is, by kind of visitor and offer.
    rates: [[f64; 2]; 2],
    calls: u64,
    pub decisions: Vec<String>,
}

pub fn define(kind: &str, id: &str, spec: &str, at: Timestamp) -> Record {
    Record::Definition(DefinitionChange {
        kind: kind.into(),
        id: id.into(),
        name: id.into(),
        archived: false,
        author: "test".into(),
        at,
        spec: Json::parse(spec).expect("a test writes JSON"),
    })
}

pub fn offer(more: &str) -> String {
    format!(r#"{{"placements":["hero"],"content":{{}}{more}}}"#)
}

impl Shop {
    pub async fn new(rates: [[f64; 2]; 2], seed: u64) -> Self {
        Shop::with(rates, seed, HERO, ["", ""]).await
    }

    pub async fn with(rates: [[f64; 2]; 2], seed: u64, hero: &str, offers: [&str; 2]) -> Self {
        let handle =
            kith_runtime::start(Box::new(log::Memory::new()), Box::new(state::Memory::new()))
                .expect("memory opens");
        let shop = Shop {
            handle,
            now: Timestamp::from_millis(1_767_225_600_000),
            random: Random::new(seed),
            rates,
            calls: seed << 32,
            decisions: Vec::new(),
        };
        let mut records = vec![
            define("placement", "hero", hero, shop.now),
            define("offer", "a", &offer(offers[0]), shop.now),
            define("offer", "b", &offer(offers[1]), shop.now),
        ];
        for user in 0..20 {
            let mut event = shop.event("", &format!("u{user}"), "{}");
            event.kind = Kind::Identify;
            event.traits = Json::parse(&format!(r#"{{"kind":"k{}"}}"#, user % 2)).unwrap();
            records.push(Record::Event(event));
        }
        shop.append(records).await;
        shop
    }

    pub async fn append(&self, records: Vec<Record>) {
        self.handle
            .append_applied(records)
            .await
            .expect("it is taken");
    }

    pub fn event(&self, name: &str, user: &str, properties: &str) -> Event {
        Event {
            source: "shop".into(),
            message_id: format!("{name}-{user}-{}-{}", self.now.as_millis(), self.calls),
            kind: Kind::Track,
            name: name.into(),
            identifiers: vec![Identifier::new("user_id", user)],
            received_at: self.now,
            occurred_at: self.now,
            original_at: None,
            properties: Json::parse(properties).expect("a test writes JSON"),
            traits: Json::empty(),
            context: Json::empty(),
            extra: Json::empty(),
            enrichment: Enrichment::default(),
        }
    }

    pub fn call(&mut self) -> Digest {
        self.calls += 1;
        digest("test", &[&self.calls.to_be_bytes()])
    }

    pub async fn decide(&mut self, user: &str) -> Outcome {
        let request = Request {
            placements: vec!["hero".into()],
            identifiers: vec![Identifier::new("user_id", user)],
            context: Value::Null,
            ..Request::default()
        };
        let call = self.call();
        let decided = self.handle.decide(request, None, self.now, call).await;
        let answer = decided.expect("it decides").answer;
        let outcome = answer.outcomes().next().expect("there is a hero").clone();
        self.decisions.push(outcome.entry.decision_id.clone());
        outcome
    }

    /// Says that a decision was clicked, or whatever the properties say of it.
    pub async fn click(&self, decision_id: &str, more: &str) {
        let properties = format!(r#"{{"decision_id":"{decision_id}","placement":"hero"{more}}}"#);
        let event = self.event("Decision Clicked", "u0", &properties);
        self.append(vec![Record::Event(event)]).await;
    }

    /// So many visits, ten minutes apart, each followed by a click or not.
    pub async fn visits(&mut self, count: usize, learner: &mut Learner) {
        for number in 0..count {
            self.now = self.now.plus(Duration::from_secs(600));
            let user = self.random.below(20);
            let outcome = self.decide(&format!("u{user}")).await;
            let choice = &outcome.entry.choices[0];
            let shown = usize::from(choice.id == "b");
            if self.random.chance(self.rates[(user % 2) as usize][shown]) {
                self.click(&outcome.entry.decision_id, "").await;
            }
            if number % 25 == 24 {
                self.learn(learner).await;
            }
        }
        self.learn(learner).await;
    }

    /// Reads the log to its end and puts what it says in force. The records of decisions follow
    /// behind their answers, before whatever is appended later.
    pub async fn learn(&self, learner: &mut Learner) {
        self.append(vec![Record::Tick(self.now)]).await;
        self.read(learner);
    }

    pub fn read(&self, learner: &mut Learner) {
        while learner.step(self.now).expect("the log is read") {}
    }

    pub async fn pass(&mut self, time: Duration, learner: &mut Learner) {
        self.now = self.now.plus(time);
        self.learn(learner).await;
    }

    /// Every decision taken again is the same; how many differ.
    pub fn differences(&self) -> usize {
        let view = self.handle.view();
        let differs = |id: &&String| {
            let position = query::decision_position(&*view.state, id).unwrap().unwrap();
            let Some(Record::Decision(taken)) = self.handle.record(position).unwrap() else {
                return true;
            };
            replay(&*view.state, &taken).unwrap().as_str() != taken.record.as_str()
        };
        self.decisions.iter().filter(differs).count()
    }

    pub fn ignored(&self, reason: &str) -> u64 {
        let learned = self.handle.view().learned;
        let hero = learned.policies.ignored.get("hero");
        hero.and_then(|reasons| reasons.get(reason))
            .copied()
            .unwrap_or(0)
    }
}
