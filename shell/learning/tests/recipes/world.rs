//! A shop with a log in memory, and somebody who learns from it.

use kith_base::{Digest, Duration, Json, Timestamp, Value};
use kith_engine::decide::{Request, decide, replay};
use kith_event::{CatalogChange, DefinitionChange, Enrichment, Event, Identifier, Kind, Record};
use kith_learning::Learner;
use kith_runtime::{Handle, start};
use kith_store::{log, state};

pub struct World {
    pub handle: Handle,
    pub learner: Learner,
    pub log: log::Memory,
    pub now: Timestamp,
    pub messages: u32,
}

pub const MAIN: &str = r#"{"ingredients":[{"model":"item-to-item"},{"model":"visits"}],
    "exclude_when":"item.price > 50","fallbacks":["wanted"]}"#;
pub const WANTED: &str = r#"{"ingredients":[{"model":"popular"},{"model":"affinity"}]}"#;
pub const PLACEMENT: &str = r#"{"type":"items","limit":4,"recipe":"main"}"#;

impl World {
    pub async fn start() -> Self {
        let log = log::Memory::new();
        let handle = start(Box::new(log.clone()), Box::new(state::Memory::new())).unwrap();
        let learner = Learner::new(handle.clone());
        let now = Timestamp::parse("2026-11-20T08:00:00Z").unwrap();
        let messages = 0;
        let world = World {
            handle,
            learner,
            log,
            now,
            messages,
        };
        world.catalog(&["shoe", "sock", "lace", "boot"]).await;
        world
    }

    pub async fn append(&self, record: Record) {
        self.handle.append_applied(vec![record]).await.unwrap();
    }

    pub async fn catalog(&self, items: &[&str]) {
        let item = |id: &&str| {
            let price = if *id == "boot" { 90 } else { 20 };
            let text = format!(r#"{{"title":"The {id}","price":"{price}","categories":["feet"]}}"#);
            ((*id).to_owned(), Some(Json::parse(&text).unwrap()))
        };
        let items = items.iter().map(item).collect();
        self.append(Record::Catalog(CatalogChange {
            at: self.now,
            items,
        }))
        .await;
    }

    pub async fn define(&self, kind: &str, id: &str, spec: &str) {
        self.append(Record::Definition(DefinitionChange {
            kind: kind.into(),
            id: id.into(),
            name: id.into(),
            archived: false,
            author: "test".into(),
            at: self.now,
            spec: Json::parse(spec).unwrap(),
        }))
        .await;
    }

    pub async fn recipes(&self) {
        self.define("recipe", "wanted", WANTED).await;
        self.define("recipe", "main", MAIN).await;
        self.define("placement", "home", PLACEMENT).await;
    }

    pub async fn did(&mut self, who: &str, name: &str, item: &str) {
        let told = format!(r#"{{"product_id":"{item}"}}"#);
        self.tell(who, name, &told).await;
    }

    pub async fn tell(&mut self, who: &str, name: &str, properties: &str) {
        self.messages += 1;
        self.now = self.now.plus(Duration::from_secs(1));
        self.append(Record::Event(Event {
            source: "shop".into(),
            message_id: format!("m{}", self.messages),
            kind: Kind::Track,
            name: name.into(),
            identifiers: vec![Identifier::parse(&format!("anonymous_id:{who}")).unwrap()],
            received_at: self.now,
            occurred_at: self.now,
            original_at: None,
            properties: Json::parse(properties).unwrap(),
            traits: Json::empty(),
            context: Json::empty(),
            extra: Json::empty(),
            enrichment: Enrichment::default(),
        }))
        .await;
    }

    pub fn learn(&mut self) {
        self.now = self.now.plus(Duration::from_secs(2));
        while self.learner.step(self.now).unwrap() {}
    }

    /// What is shown to somebody, with the first reason of each; replayed on the way.
    pub fn shown(&self, who: &str, context: &str) -> Vec<(String, String)> {
        let request = Request {
            placements: vec!["home".into()],
            identifiers: vec![Identifier::parse(&format!("anonymous_id:{who}")).unwrap()],
            context: Json::parse(context).unwrap().read::<Value>().unwrap(),
            ..Request::default()
        };
        let view = self.handle.view();
        let answer = decide(view.sources(), &request, self.now, Digest([7; 16])).unwrap();
        let taken = answer.records(&request).next().unwrap();
        assert_eq!(replay(&*view.state, &taken).unwrap(), taken.record);
        let outcome = answer.outcomes().next().unwrap();
        let choices = outcome.entry.choices.iter();
        choices
            .map(|choice| (choice.id.clone(), choice.reasons[0].to_string()))
            .collect()
    }

    pub fn ids(&self, who: &str, context: &str) -> Vec<String> {
        self.shown(who, context)
            .into_iter()
            .map(|(id, _)| id)
            .collect()
    }
}
