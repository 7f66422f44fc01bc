//! Every limit on what is kept of deliveries, at the limit and one beyond.

use kith_base::limits;
use kith_engine::query;
use kith_engine::table::DeliveryState::{self, Dead, Delivered};
use kith_event::{Attempt, ChangePlace, Deliveries, Identifier, ListChange, Outcome, Record};

use crate::endpoint::Endpoint;
use crate::world::World;

/// A webhook that is told about a list with so many entries, none of them delivered yet.
async fn world(entries: usize, url: &str) -> (World, Vec<ChangePlace>) {
    let world = World::start().await;
    world
        .define("audience", "staff", r#"{"type":"list"}"#)
        .await;
    let secrets = r#"[{"id":"a","created_at":"2026-11-01T00:00:00Z"}]"#;
    let spec = format!(r#"{{"url":"{url}","audiences":["staff"],"secrets":{secrets}}}"#);
    world.define("webhook", "crm", &spec).await;
    let user = |n| Identifier::new("user_id", format!("u{n}"));
    let change = ListChange {
        audience: "staff".into(),
        at: world.now,
        add: (0..entries).map(user).collect(),
        remove: Vec::new(),
    };
    world.append(Record::List(change)).await;
    let view = world.handle.view();
    let changes = query::changes_from(&*view.state, (0, 0), entries).unwrap();
    let places = changes.into_iter().map(|(place, _)| place).collect();
    (world, places)
}

async fn tell(world: &World, places: &[ChangePlace], outcome: Outcome) {
    let attempt = |place: &ChangePlace| Attempt {
        change: *place,
        outcome,
        status: None,
        detail: String::new(),
        took_ms: 0,
    };
    let deliveries = Deliveries {
        webhook: "crm".into(),
        at: world.now,
        through: places.last().map_or((0, 0), |last| (last.0, last.1 + 1)),
        attempts: places.iter().map(attempt).collect(),
        withheld: 0,
        gone: false,
    };
    world.append(Record::Deliveries(deliveries)).await;
}

fn kept(world: &World, standing: DeliveryState) -> Vec<ChangePlace> {
    let view = world.handle.view();
    let rows = query::deliveries(&*view.state, "crm", standing, None, usize::MAX).unwrap();
    rows.into_iter().map(|(place, _)| place).collect()
}

#[tokio::test]
async fn of_dead_letters_and_of_what_was_delivered_the_oldest_makes_room() {
    let most = limits::WEBHOOK_DEAD_MAX;
    assert_eq!(most, limits::WEBHOOK_DELIVERED_MAX);
    for (outcome, standing) in [(Outcome::Dead, Dead), (Outcome::Delivered, Delivered)] {
        let (world, places) = world(most + 1, "http://127.0.0.1:9/").await;
        tell(&world, &places[..most], outcome).await;
        assert_eq!(kept(&world, standing).len(), most);
        tell(&world, &places[most..], outcome).await;
        let left = kept(&world, standing);
        assert_eq!((left.len(), left.last()), (most, Some(&places[1])));
        world.check_replay();
    }
}

#[tokio::test]
async fn while_as_many_wait_as_may_nothing_new_is_tried() {
    let most = limits::WEBHOOK_RETRIES_MAX;
    let endpoint = Endpoint::start().await;
    let (mut world, places) = world(most + 2, &endpoint.url).await;
    let later = world.now.plus(kith_base::Duration::from_days(1));
    tell(&world, &places[..most], Outcome::Retry(later)).await;
    assert_eq!(world.rounds("crm").await, 0);
    tell(&world, &places[..1], Outcome::Dead).await;
    assert_eq!(world.row("crm").waiting, most as u64 - 1);
    assert_eq!(
        world.rounds("crm").await,
        2,
        "one place is enough while all succeed"
    );
    world.later(86_400);
    assert_eq!(world.rounds("crm").await, most - 1);
    assert_eq!(world.row("crm").waiting, 0);
}

#[tokio::test]
async fn of_the_tries_of_one_delivery_the_newest_are_kept() {
    let most = limits::WEBHOOK_ATTEMPTS_KEPT_MAX;
    let (world, places) = world(1, "http://127.0.0.1:9/").await;
    let count = |world: &World| world.deliveries(Dead)[0].1.attempts.len();
    for _ in 0..most {
        tell(&world, &places, Outcome::Dead).await;
    }
    assert_eq!(count(&world), most);
    tell(&world, &places, Outcome::Dead).await;
    assert_eq!((count(&world), world.row("crm").dead), (most, 1));
}

#[tokio::test]
async fn of_an_archived_webhook_nothing_is_kept() {
    let (world, places) = world(3, "http://127.0.0.1:9/").await;
    tell(&world, &places[..1], Outcome::Delivered).await;
    tell(&world, &places[1..2], Outcome::Retry(world.now)).await;
    tell(&world, &places[2..], Outcome::Dead).await;
    world.archive("webhook", "crm").await;
    let view = world.handle.view();
    for prefix in [b"W", b"y", b"Y"] {
        let end = [prefix[0] + 1];
        assert_eq!(view.state.range(prefix, &end, 9).unwrap(), [], "{prefix:?}");
    }
    // What was under way then is not written down any more.
    tell(&world, &places, Outcome::Dead).await;
    assert!(
        query::webhook(&*world.handle.view().state, "crm")
            .unwrap()
            .is_none()
    );
}
