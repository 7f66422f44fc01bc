//! Recipes of a running server, through the log: what people do is recommended within a step, what
//! somebody buys is not recommended to them any more, and a decision is taken again to the byte.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod models;
mod reports;
mod world;

use kith_base::{Digest, Value};
use kith_engine::decide::{Request, decide, replay};
use kith_event::{CatalogChange, Identifier, Record};
use kith_learning::Learner;
use kith_runtime::start;
use kith_store::state;
use world::World;

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
        ..Request::default()
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
