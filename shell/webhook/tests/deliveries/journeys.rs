//! What becomes of deliveries.

use std::sync::Arc;

use kith_engine::table::DeliveryState::{Dead, Delivered, Waiting};
use kith_event::Kind;
use kith_webhook::schedule::DELAYS_S;
use kith_webhook::{Dispatcher, Reach, Scanned};

use crate::endpoint::Endpoint;
use crate::world::{World, secret};

#[tokio::test]
async fn who_enters_and_who_leaves_is_told_with_a_signature_that_verifies() {
    let (mut world, endpoint) = (World::start().await, Endpoint::start().await);
    world.order("early").await;
    let more = r#","traits":["plan","order_count","secret"],"identifiers":["user_id"]"#;
    world.webhook("crm", &endpoint.url, more).await;
    let traits = r#"{"plan":"pro","secret":null,"income":9}"#;
    world.event(Kind::Identify, "", "ada", "{}", traits).await;
    world.order("ada").await;
    world
        .event(Kind::Identify, "", "bob", "{}", r#"{"mood":"good"}"#)
        .await;
    assert_eq!(world.rounds("crm").await, 1);
    let told = endpoint.take();
    assert_eq!(told[0].verified_by(&secret("a")), 1);
    assert_eq!(told[0].verified_by(&secret("b")), 0);
    assert_eq!(
        told[0].timestamp,
        (world.now.as_millis() / 1_000).to_string()
    );
    let body = told[0].json();
    assert_eq!(body["type"], "audience.entered");
    assert_eq!(body["timestamp"], "2026-11-20T08:00:00.000Z");
    assert_eq!(body["data"]["audience_id"], "buyers");
    let identifiers = serde_json::json!([{"namespace":"user_id","value":"ada"}]);
    assert_eq!(body["data"]["identifiers"], identifiers);
    let traits = serde_json::json!({"plan": "pro", "order_count": 1});
    assert_eq!(body["data"]["traits"], traits);
    // Thirty days later they leave without an event, both of them: the one who was there before
    // the webhook was made leaves after it.
    world.later(31 * 86_400);
    let tick = kith_event::Record::Tick(world.now);
    world.handle.append_applied(vec![tick]).await.unwrap();
    assert_eq!(world.rounds("crm").await, 2);
    let left = endpoint.take();
    assert!(left.iter().all(|one| one.json()["type"] == "audience.left"));
    assert_eq!(world.row("crm").delivered, 3);
    world.check_replay();
}

#[tokio::test]
async fn a_computed_trait_that_changes_is_told_with_what_it_was_and_what_it_is() {
    let (mut world, endpoint) = (World::start().await, Endpoint::start().await);
    let more = r#","trait_changes":["order_count"],"audiences":[]"#;
    world.webhook("crm", &endpoint.url, more).await;
    endpoint.answer(&[500]);
    world.order("ada").await;
    assert_eq!(world.rounds("crm").await, 1);
    world.later(10);
    world.order("ada").await;
    assert_eq!(
        world.rounds("crm").await,
        1,
        "the failed one; the second order waits"
    );
    world.later(50);
    let tick = kith_event::Record::Tick(world.now);
    world.handle.append_applied(vec![tick]).await.unwrap();
    world.restart().await;
    assert_eq!(world.rounds("crm").await, 1);
    let told = endpoint.take();
    assert_eq!(told[0].id, told[1].id);
    assert_ne!(told[1].id, told[2].id);
    assert_eq!(told[2].verified_by(&secret("a")), 1);
    let data = |at: usize| told[at].json()["data"].clone();
    assert_eq!(told[2].json()["type"], "trait.changed");
    assert_eq!(data(2)["trait"], "order_count");
    let values = |at: usize| (data(at)["old_value"].clone(), data(at)["new_value"].clone());
    assert_eq!(values(1), (0.into(), 1.into()));
    assert_eq!(values(2), (1.into(), 2.into()));
    let identifiers = serde_json::json!([{"namespace":"user_id","value":"ada"}]);
    assert_eq!(data(2)["identifiers"], identifiers);
    assert_eq!(world.rounds("crm").await, 0);
    world.check_replay();
}

#[tokio::test]
async fn a_failed_delivery_is_tried_on_schedule_under_one_id_until_it_is_a_dead_letter() {
    let (mut world, endpoint) = (World::start().await, Endpoint::start().await);
    world.webhook("crm", &endpoint.url, "").await;
    endpoint.answer(&[500; 10]);
    world.order("ada").await;
    assert_eq!(world.rounds("crm").await, 1);
    for delay_s in &DELAYS_S[1..] {
        world.later(delay_s - 1);
        assert_eq!(world.rounds("crm").await, 0, "before {delay_s} s are over");
        world.later(1 + delay_s / 5);
        // What is in memory must not matter.
        world.restart().await;
        assert_eq!(world.rounds("crm").await, 1, "after {delay_s} s");
    }
    let told = endpoint.take();
    assert_eq!(told.len(), 10);
    assert!(
        told.iter()
            .all(|one| one.id == told[0].id && one.text == told[0].text)
    );
    assert!(told.iter().all(|one| one.verified_by(&secret("a")) == 1));
    world.later(100 * 86_400);
    assert_eq!(world.rounds("crm").await, 0);
    let dead = world.deliveries(Dead);
    assert_eq!((dead.len(), world.row("crm").dead), (1, 1));
    assert_eq!((dead[0].1.tries, dead[0].1.attempts.len()), (10, 10));
    let last = &dead[0].1.attempts[9].1;
    assert_eq!((last.status, last.detail.len()), (Some(500), 1_024));

    world.resend(vec![dead[0].0, (9_999, 0)]).await;
    assert_eq!(world.rounds("crm").await, 1);
    assert_eq!(endpoint.take()[0].id, told[0].id);
    assert_eq!(world.deliveries(Delivered)[0].1.attempts.len(), 11);
    let row = world.row("crm");
    assert_eq!((row.dead, row.waiting, row.delivered), (0, 0, 1));
    world.check_replay();
}

#[tokio::test]
async fn what_was_not_told_before_a_restart_is_told_after_it() {
    let (mut world, endpoint) = (World::start().await, Endpoint::start().await);
    world.webhook("crm", &endpoint.url, "").await;
    for user in 0..20 {
        world.order(&format!("u{user}")).await;
        if user % 5 == 0 {
            world.restart().await;
        }
        if user == 9 {
            assert_eq!(world.rounds("crm").await, 10);
        }
    }
    world.restart().await;
    assert_eq!(world.rounds("crm").await, 10);
    let mut ids: Vec<String> = endpoint.take().into_iter().map(|one| one.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 20);
}

#[tokio::test]
async fn a_crash_between_answer_and_log_repeats_the_delivery_under_its_id() {
    let (mut world, endpoint) = (World::start().await, Endpoint::start().await);
    world.webhook("crm", &endpoint.url, "").await;
    world.order("ada").await;
    endpoint.hold();
    let dispatcher = Arc::clone(&world.dispatcher);
    let now = world.now;
    let cut = tokio::spawn(async move {
        let _ = dispatcher.round("crm", &mut Scanned::default(), now).await;
    });
    endpoint.arrival().await;
    cut.abort();
    endpoint.go_on();
    world.restart().await;
    assert_eq!(world.rounds("crm").await, 1);
    let told = endpoint.take();
    assert_eq!((told.len(), &told[0].id), (2, &told[1].id));
}

#[tokio::test]
async fn a_slow_endpoint_holds_back_no_other() {
    let (mut world, slow) = (World::start().await, Endpoint::start().await);
    let quick = Endpoint::start().await;
    world.webhook("crm", &slow.url, "").await;
    world.webhook("erp", &quick.url, "").await;
    slow.hold();
    world.order("ada").await;
    let (dispatcher, now) = (Arc::clone(&world.dispatcher), world.now);
    let waiting =
        tokio::spawn(async move { dispatcher.round("crm", &mut Scanned::default(), now).await });
    slow.arrival().await;
    assert_eq!(world.rounds("erp").await, 1);
    assert!(!waiting.is_finished());
    slow.go_on();
    assert_eq!(waiting.await.unwrap().unwrap().sent, 1);
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_left_alone_until_its_webhook_is_written_again() {
    let (mut world, endpoint) = (World::start().await, Endpoint::start().await);
    world.webhook("crm", &endpoint.url, "").await;
    endpoint.answer(&[410]);
    world.order("ada").await;
    assert_eq!(world.rounds("crm").await, 1);
    assert!(world.row("crm").gone_at.is_some());
    world.later(86_400);
    world.order("bob").await;
    assert_eq!(world.rounds("crm").await, 0);
    world.webhook("crm", &endpoint.url, "").await;
    world.order("eve").await;
    assert_eq!(world.rounds("crm").await, 1, "eve, and not bob");
    assert_eq!(world.deliveries(Dead).len(), 1);
    world.check_replay();
}

#[tokio::test]
async fn a_webhook_that_is_off_is_told_nothing_then_or_later() {
    let (mut world, endpoint) = (World::start().await, Endpoint::start().await);
    world
        .webhook("crm", &endpoint.url, r#","enabled":false"#)
        .await;
    world.order("ada").await;
    assert_eq!(world.rounds("crm").await, 0);
    world.webhook("crm", &endpoint.url, "").await;
    world.order("bob").await;
    assert_eq!(world.rounds("crm").await, 1);
    world
        .webhook("crm", &endpoint.url, r#","events":["left"]"#)
        .await;
    world.order("eve").await;
    assert_eq!(world.rounds("crm").await, 0);
    world.check_replay();
}

#[tokio::test]
async fn an_overloaded_endpoint_is_given_the_time_it_asks_for() {
    let (mut world, endpoint) = (World::start().await, Endpoint::start().await);
    world.webhook("crm", &endpoint.url, "").await;
    endpoint.answer(&[429]);
    world.order("ada").await;
    assert_eq!(world.rounds("crm").await, 1);
    world.later(59);
    assert_eq!(world.rounds("crm").await, 0);
    world.later(1);
    assert_eq!(world.rounds("crm").await, 1);
}

#[tokio::test]
async fn redirects_timeouts_and_private_addresses_are_failures_with_a_reason() {
    let (mut world, endpoint) = (World::start().await, Endpoint::start().await);
    world.webhook("crm", &endpoint.url, "").await;
    endpoint.answer(&[302]);
    world.order("ada").await;
    assert_eq!(world.rounds("crm").await, 1);
    let reason = |world: &World| {
        let waiting = world.deliveries(Waiting);
        let attempt = waiting[0].1.attempts.last().unwrap();
        (attempt.1.status, attempt.1.detail.clone())
    };
    assert_eq!(reason(&world).0, Some(302));
    assert!(reason(&world).1.contains("redirects are not followed"));

    world.stay_public();
    world.later(60);
    assert_eq!(world.rounds("crm").await, 1);
    assert!(reason(&world).1.contains("an address of this machine"));
    let port = endpoint.url.replace("127.0.0.1", "localhost");
    world.webhook("crm", &port, "").await;
    world.later(3_600);
    assert_eq!(world.rounds("crm").await, 1);
    assert!(
        reason(&world)
            .1
            .contains("localhost is an address of this machine")
    );
    assert_eq!(endpoint.take().len(), 1);

    world.webhook("crm", &endpoint.url, "").await;
    endpoint.hold();
    let dispatcher = Dispatcher::new(
        world.handle.clone(),
        kith_webhook::sign::ServerKey::new([7; 32]),
        Reach::Everywhere,
    );
    world.dispatcher = Arc::new(dispatcher.with_timeout(std::time::Duration::from_millis(20)));
    world.later(10 * 3_600);
    assert_eq!(world.rounds("crm").await, 1);
    assert_eq!(reason(&world), (None, "no answer within 0.02 s".to_owned()));
}

#[tokio::test]
async fn without_consent_nothing_is_sent_and_withdrawal_stops_a_retry() {
    let (mut world, endpoint) = (World::start().await, Endpoint::start().await);
    world
        .webhook("crm", &endpoint.url, r#","consent":"advertising""#)
        .await;
    let consent = |granted| format!(r#"{{"categories":{{"advertising":{granted}}}}}"#);
    let updated = "Consent Updated";
    world.order("silent").await;
    world
        .event(Kind::Track, updated, "ada", &consent(true), "{}")
        .await;
    world.order("ada").await;
    endpoint.answer(&[500]);
    assert_eq!(world.rounds("crm").await, 1);
    assert_eq!(world.row("crm").withheld, 1);
    world.later(1);
    world
        .event(Kind::Track, updated, "ada", &consent(false), "{}")
        .await;
    world.later(60);
    world.rounds("crm").await;
    assert_eq!(endpoint.take().len(), 1);
    let dead = world.deliveries(Dead);
    assert!(
        dead[0].1.attempts[1]
            .1
            .detail
            .contains("consent was withdrawn")
    );
}

#[tokio::test]
async fn while_a_secret_is_replaced_both_sign() {
    let (mut world, endpoint) = (World::start().await, Endpoint::start().await);
    let secrets = r#","secrets":[
        {"id":"a","created_at":"2026-11-01T00:00:00Z","expires_at":"2026-11-21T08:00:00Z"},
        {"id":"b","created_at":"2026-11-20T00:00:00Z"}]"#;
    world.webhook("crm", &endpoint.url, secrets).await;
    world.order("ada").await;
    world.rounds("crm").await;
    let told = endpoint.take();
    assert_eq!(
        (
            told[0].verified_by(&secret("a")),
            told[0].verified_by(&secret("b"))
        ),
        (1, 1)
    );
    world.later(86_400);
    world.order("bob").await;
    world.rounds("crm").await;
    let told = endpoint.take();
    assert_eq!(
        (
            told[0].verified_by(&secret("a")),
            told[0].verified_by(&secret("b"))
        ),
        (0, 1)
    );
    world
        .webhook("crm", &endpoint.url, r#","secrets":[]"#)
        .await;
    world.order("eve").await;
    assert_eq!(world.rounds("crm").await, 0, "nothing goes out unsigned");
}

#[tokio::test]
async fn a_test_message_is_sent_once_and_kept_nowhere() {
    let (world, endpoint) = (World::start().await, Endpoint::start().await);
    world
        .webhook("crm", &endpoint.url, r#","enabled":false"#)
        .await;
    endpoint.answer(&[503]);
    let answer = world.dispatcher.test("crm", world.now).await.unwrap();
    assert_eq!((answer.status, answer.is_success()), (Some(503), false));
    let told = endpoint.take();
    assert_eq!(told[0].json()["type"], "webhook.test");
    assert_eq!(told[0].verified_by(&secret("a")), 1);
    assert_eq!(world.deliveries(Waiting), []);
    assert!(world.dispatcher.test("nobody", world.now).await.is_err());
}
