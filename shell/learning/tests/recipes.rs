//! Recipes of a running server, through the log: what people do is recommended within a step, what
//! somebody buys is not recommended to them any more, and a decision is taken again to the byte.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use kith_base::{Digest, Duration, Json, Timestamp, Value};
use kith_engine::decide::{Request, decide, replay};
use kith_event::{CatalogChange, DefinitionChange, Enrichment, Event, Identifier, Kind, Record};
use kith_learning::Learner;
use kith_runtime::{Handle, start};
use kith_store::{log, state};

struct World {
    handle: Handle,
    learner: Learner,
    log: log::Memory,
    now: Timestamp,
    messages: u32,
}

const MAIN: &str = r#"{"ingredients":[{"model":"item-to-item"},{"model":"visits"}],
    "exclude_when":"item.price > 50","fallbacks":["wanted"]}"#;
const WANTED: &str = r#"{"ingredients":[{"model":"popular"},{"model":"affinity"}]}"#;
const PLACEMENT: &str = r#"{"type":"items","limit":4,"recipe":"main"}"#;

impl World {
    async fn start() -> Self {
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

    async fn append(&self, record: Record) {
        self.handle.append_applied(vec![record]).await.unwrap();
    }

    async fn catalog(&self, items: &[&str]) {
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

    async fn define(&self, kind: &str, id: &str, spec: &str) {
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

    async fn recipes(&self) {
        self.define("recipe", "wanted", WANTED).await;
        self.define("recipe", "main", MAIN).await;
        self.define("placement", "home", PLACEMENT).await;
    }

    async fn did(&mut self, who: &str, name: &str, item: &str) {
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
            properties: Json::parse(&format!(r#"{{"product_id":"{item}"}}"#)).unwrap(),
            traits: Json::empty(),
            context: Json::empty(),
            extra: Json::empty(),
            enrichment: Enrichment::default(),
        }))
        .await;
    }

    fn learn(&mut self) {
        self.now = self.now.plus(Duration::from_secs(2));
        while self.learner.step(self.now).unwrap() {}
    }

    /// What is shown to somebody, with the first reason of each; replayed on the way.
    fn shown(&self, who: &str, context: &str) -> Vec<(String, String)> {
        let request = Request {
            placements: vec!["home".into()],
            identifiers: vec![Identifier::parse(&format!("anonymous_id:{who}")).unwrap()],
            context: Json::parse(context).unwrap().read::<Value>().unwrap(),
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

    fn ids(&self, who: &str, context: &str) -> Vec<String> {
        self.shown(who, context)
            .into_iter()
            .map(|(id, _)| id)
            .collect()
    }
}

#[tokio::test]
async fn what_people_do_is_recommended() {
    let mut world = World::start().await;
    for who in ["a", "b", "c"] {
        for item in ["shoe", "sock", "boot"] {
            world.did(who, "Product Viewed", item).await;
        }
    }
    world.did("new", "Product Viewed", "shoe").await;
    world.did("new", "Product Viewed", "gone").await;
    // The past is learned when the first recipe is defined.
    world.learn();
    world.recipes().await;
    world.learn();
    let shown = world.shown("new", r#"{"item_id":"shoe"}"#);
    let why = "Because they looked at \"The shoe\": people who did also look at this";
    // The fallback fills up, without what the recipe leaves out: the boot is too dear.
    let by_interest = "Because they are interested in the category \"feet\"";
    let told = |id: &str, reason: &str| (id.to_owned(), reason.to_owned());
    assert_eq!(shown, [told("sock", why), told("lace", by_interest)]);

    // Nothing is learned by heart that the log does not say: a second learner says the same.
    world.learner = Learner::new(world.handle.clone());
    world.learn();
    assert_eq!(world.shown("new", r#"{"item_id":"shoe"}"#), shown);

    for who in ["d", "e"] {
        world.did(who, "Product Viewed", "shoe").await;
        world.did(who, "Product Viewed", "lace").await;
    }
    world.learn();
    let after = world.shown("new", r#"{"item_id":"shoe"}"#);
    assert_eq!(
        (after.len(), &after[0], &*after[1].0),
        (2, &shown[0], "lace")
    );
    assert_ne!(after[1].1, by_interest, "an event changes the next answer");
}

#[tokio::test]
async fn what_was_bought_or_deleted_is_gone_at_once() {
    let mut world = World::start().await;
    world.recipes().await;
    for who in ["a", "b"] {
        for item in ["shoe", "sock", "lace"] {
            world.did(who, "Product Viewed", item).await;
        }
    }
    world.did("new", "Product Viewed", "shoe").await;
    world.learn();
    let before = world.ids("new", "{}");
    assert!(before.contains(&"sock".to_owned()) && before.contains(&"lace".to_owned()));
    // No step of the learner in between: it is the state that knows.
    world.did("new", "Order Completed", "sock").await;
    assert!(!world.ids("new", "{}").contains(&"sock".to_owned()));
    let items = vec![("lace".to_owned(), None)];
    world
        .append(Record::Catalog(CatalogChange {
            at: world.now,
            items,
        }))
        .await;
    assert!(!world.ids("new", "{}").contains(&"lace".to_owned()));
}

#[tokio::test]
async fn a_decision_is_taken_again_after_a_restart_and_other_definitions() {
    let mut world = World::start().await;
    world.recipes().await;
    for who in ["a", "b", "new"] {
        for item in ["shoe", "sock"] {
            world.did(who, "Product Viewed", item).await;
        }
    }
    world.learn();
    let request = Request {
        placements: vec!["home".into()],
        identifiers: vec![Identifier::parse("anonymous_id:new").unwrap()],
        context: Value::Null,
    };
    let view = world.handle.view();
    let answer = decide(view.sources(), &request, world.now, Digest([7; 16])).unwrap();
    let taken = answer.records(&request).next().unwrap();
    assert!(!answer.outcomes().next().unwrap().entry.fallback);
    drop(view);
    let other = r#"{"ingredients":[{"model":"popular"}],"include_when":"item.price < 0"}"#;
    world.define("recipe", "main", other).await;
    world.define("recipe", "wanted", other).await;
    world.handle.shutdown();
    let state = Box::new(state::Memory::new());
    let handle = start(Box::new(world.log.clone()), state).unwrap();
    handle.wait_applied(handle.status().end).await.unwrap();
    let view = handle.view();
    assert_eq!(replay(&*view.state, &taken).unwrap(), taken.record);
}

#[tokio::test]
async fn an_empty_shop_shows_nothing() {
    let mut world = World::start().await;
    world.recipes().await;
    world.learn();
    assert_eq!(world.shown("nobody", "{}"), []);
    world.did("new", "Product Viewed", "unknown").await;
    world.learn();
    assert_eq!(world.shown("new", r#"{"item_id":"unknown"}"#), []);
}

const TRAINED: &str = r#"{"ingredients":[{"model":"linear"},{"model":"content"}]}"#;

/// Twelve visitors, half of whom look at what is for feet, half at what is for hands.
async fn looked(world: &mut World) {
    world.catalog(&["shoe", "sock", "lace"]).await;
    for number in 0..12 {
        let items = match number % 2 {
            0 => ["shoe", "sock"],
            _ => ["glove", "ring"],
        };
        for item in items {
            world
                .did(&format!("v{number}"), "Product Viewed", item)
                .await;
        }
    }
    world.did("new", "Product Viewed", "shoe").await;
}

fn trained(world: &World) -> (Option<u64>, Option<u64>) {
    let learned = &world.handle.view().learned.recommenders;
    let version =
        |of: &Option<std::sync::Arc<kith_engine::Trained>>| of.as_ref().map(|of| of.version);
    (version(&learned.linear), version(&learned.content))
}

#[tokio::test]
async fn trained_models_serve_and_outlive_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::start().await;
    world.learner = Learner::in_folder(world.handle.clone(), folder.path());
    world.define("recipe", "main", TRAINED).await;
    world.define("placement", "home", PLACEMENT).await;
    looked(&mut world).await;
    world.learn();
    world.learner.finish_training();
    assert_eq!(trained(&world), (Some(1), Some(1)));
    let shown = world.shown("new", "{}");
    let ids: Vec<&str> = shown.iter().map(|(id, _)| &**id).collect();
    assert_eq!(ids[0], "sock", "people with like histories: {shown:?}");
    // The lace was never touched: it is alike by its category, as nothing for hands is.
    assert!(
        ids.contains(&"lace") && !ids.contains(&"glove"),
        "{shown:?}"
    );

    // Ten minutes and many events later there is another version; a cut file is passed over.
    for round in 0..3 {
        world
            .did(&format!("w{round}"), "Product Viewed", "sock")
            .await;
    }
    world.now = world.now.plus(Duration::from_secs(11 * 60));
    world.learn();
    world.learner.finish_training();
    assert_eq!(trained(&world), (Some(2), Some(2)));
    let newest = folder.path().join("linear-00000002.model");
    let bytes = std::fs::read(&newest).unwrap();
    std::fs::write(&newest, &bytes[..bytes.len() / 2]).unwrap();

    // Another process serves them before it has heard anything.
    world.handle.shutdown();
    let state = Box::new(state::Memory::new());
    world.handle = start(Box::new(world.log.clone()), state).unwrap();
    let end = world.handle.status().end;
    world.handle.wait_applied(end).await.unwrap();
    world.learner = Learner::in_folder(world.handle.clone(), folder.path());
    world.learner.step(world.now).unwrap();
    assert_eq!(trained(&world), (Some(1), Some(2)));
    assert_eq!(world.shown("new", "{}"), shown);
    // Nothing is trained again for nothing.
    world.learn();
    world.learner.finish_training();
    assert_eq!(trained(&world), (Some(1), Some(2)));
}
