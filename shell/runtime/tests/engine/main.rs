//! The running engine over memory ports and over a folder.

mod durable;

use std::sync::Arc;

use kith_base::{Digest, Json, Timestamp, Value};
use kith_engine::decide::{Decided, Request, replay};
use kith_engine::{query, table};
use kith_event::{DefinitionChange, Enrichment, Event, Identifier, Kind, Record};
use kith_runtime::log::Log;
use kith_runtime::{AppendError, Handle, Notice, compare, now, rebuild, start};
use kith_store::{log, state};

fn handle() -> Handle {
    start(Box::new(log::Memory::new()), Box::new(state::Memory::new())).expect("memory opens")
}

fn event(id: &str, name: &str, identifiers: &[(&str, &str)], properties: &str) -> Event {
    let identifier = |(namespace, value): &(&str, &str)| Identifier::new(*namespace, *value);
    Event {
        source: "shop".into(),
        message_id: id.into(),
        kind: Kind::Track,
        name: name.into(),
        identifiers: identifiers.iter().map(identifier).collect(),
        received_at: now(),
        occurred_at: now(),
        original_at: None,
        properties: Json::parse(properties).expect("a test writes JSON"),
        traits: Json::empty(),
        context: Json::empty(),
        extra: Json::empty(),
        enrichment: Enrichment::default(),
    }
}

fn define(kind: &str, id: &str, spec: &str) -> Record {
    Record::Definition(DefinitionChange {
        kind: kind.into(),
        id: id.into(),
        name: id.into(),
        archived: false,
        author: "test".into(),
        at: now(),
        spec: Json::parse(spec).expect("a test writes JSON"),
    })
}

const HERO: &str = r#"{"type":"offers","fallback":{"content":{"title":"Hello"}}}"#;
const BUYER: &str = r#"{"placements":["hero"],"priority":10,
    "when":"features.purchase_count >= 1","content":{"title":"Thank you"}}"#;

fn ask(identifiers: &[(&str, &str)]) -> Request {
    let identifier = |(namespace, value): &(&str, &str)| Identifier::new(*namespace, *value);
    Request {
        placements: vec!["hero".into()],
        identifiers: identifiers.iter().map(identifier).collect(),
        context: Value::Null,
        ..Request::default()
    }
}

fn call(number: u8) -> Digest {
    Digest([number; 16])
}

#[tokio::test]
async fn a_decision_sees_the_event_that_came_with_it() {
    let handle = handle();
    let definitions = vec![
        define("placement", "hero", HERO),
        define("offer", "buyer", BUYER),
    ];
    handle.append_applied(definitions).await.expect("appended");
    let visitor = [("anonymous_id", "a")];

    let before = handle
        .decide(ask(&visitor), None, now(), call(1))
        .await
        .expect("decided");
    let Decided::Taken(outcome) = &before.answer.decided[0] else {
        panic!("hero is known")
    };
    assert!(outcome.entry.fallback);

    let order = event("m1", "Order Completed", &visitor, r#"{"revenue":5}"#);
    let after = handle
        .decide(ask(&visitor), Some(order), now(), call(2))
        .await
        .expect("decided");
    let Decided::Taken(outcome) = &after.answer.decided[0] else {
        panic!("hero is known")
    };
    assert_eq!(outcome.entry.choices[0].id, "buyer");
    handle.shutdown();
}

#[tokio::test]
async fn withdrawn_consent_acts_on_the_very_next_decision() {
    let handle = handle();
    let definitions = vec![
        define("placement", "hero", HERO),
        define("offer", "buyer", BUYER),
    ];
    handle.append_applied(definitions).await.expect("appended");
    let user = [("user_id", "1")];
    let order = event("m1", "Order Completed", &user, r#"{"revenue":5}"#);
    handle
        .append_applied(vec![Record::Event(order)])
        .await
        .expect("appended");
    let refusal = r#"{"categories":{"personalization":false}}"#;
    let refusal = event("m2", "Consent Updated", &user, refusal);
    let after = handle
        .decide(ask(&user), Some(refusal), now(), call(4))
        .await
        .expect("decided");
    let Decided::Taken(outcome) = &after.answer.decided[0] else {
        panic!("hero is known")
    };
    assert!(outcome.entry.fallback);
    let reason = &outcome.entry.choices[0].reasons[0];
    assert_eq!(
        &**reason,
        "Shown because this person refused personalization"
    );
    handle.shutdown();
}

#[tokio::test]
async fn a_logged_decision_replays_to_the_same_bytes_after_definitions_changed() {
    let handle = handle();
    let definitions = vec![
        define("placement", "hero", HERO),
        define("offer", "buyer", BUYER),
    ];
    handle.append_applied(definitions).await.expect("appended");
    let order = event(
        "m1",
        "Order Completed",
        &[("user_id", "1")],
        r#"{"revenue":5.1}"#,
    );
    let request = Request {
        context: serde_json::from_str(r#"{"page":{"x":0.1},"n":3}"#).expect("JSON"),
        ..ask(&[("user_id", "1")])
    };
    let decided = handle
        .decide(request.clone(), Some(order), now(), call(3))
        .await
        .expect("decided");
    let Decided::Taken(outcome) = &decided.answer.decided[0] else {
        panic!("hero is known")
    };
    let change = vec![define(
        "offer",
        "buyer",
        r#"{"placements":["hero"],"priority":1}"#,
    )];
    let position = handle.append_applied(change).await.expect("appended");

    let view = handle.view();
    let found = query::decision_position(view.state.as_ref(), &outcome.entry.decision_id);
    let found = found
        .expect("state reads")
        .expect("the decision was logged");
    assert!(found < position);
    let Some(Record::Decision(logged)) = handle.record(found).expect("log reads") else {
        panic!("a decision stands there");
    };
    let written = decided.answer.records(&request).next();
    assert_eq!(Some(&logged), written.as_ref());
    let again = replay(view.state.as_ref(), &logged).expect("replays");
    assert_eq!(again.as_str(), logged.record.as_str());
    handle.shutdown();
}

#[tokio::test]
async fn a_repeat_changes_nothing_and_notices_name_the_person() {
    let handle = handle();
    let mut notices = handle.notices();
    let view = event(
        "m1",
        "Product Viewed",
        &[("user_id", "1")],
        r#"{"product_id":"p"}"#,
    );
    for _ in 0..3 {
        handle
            .append_applied(vec![Record::Event(view.clone())])
            .await
            .expect("appended");
    }
    let notice: Arc<Notice> = notices.recv().await.expect("one notice");
    let Notice::Event { person, event, .. } = notice.as_ref() else {
        panic!("an event")
    };
    assert_eq!(event.message_id, "m1");
    let state = handle.view();
    let profile = query::profile(state.state.as_ref(), &state.project, *person);
    let profile = profile.expect("state reads").expect("known");
    assert_eq!(profile.fold.event_count, 1);
    handle.shutdown();
    assert!(notices.try_recv().is_err(), "a repeat gave a notice");
}

#[tokio::test]
async fn a_folder_opens_again_where_it_was() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let open = || {
        let store = kith_store::open(folder.path(), kith_store::Options::small());
        let store = store.expect("the folder opens");
        start(Box::new(store.log), Box::new(store.state)).expect("starts")
    };
    let handle = open();
    let views = (0..2_500).map(|number| {
        let user = format!("u{}", number % 7);
        let id = format!("m{number}");
        Record::Event(event(&id, "Product Viewed", &[("user_id", &user)], "{}"))
    });
    handle
        .append_applied(views.collect())
        .await
        .expect("appended");
    handle.shutdown();
    assert_eq!(
        handle.append(vec![Record::Tick(now())]).await,
        Err(AppendError::Stopped)
    );
    drop(handle);

    let handle = open();
    assert_eq!(handle.status().applied, 2_500);
    let view = handle.view();
    let overview = query::overview(view.state.as_ref(), now()).expect("state reads");
    assert_eq!((overview.events, overview.persons), (2_500, 7));
    drop(view);
    handle.shutdown();
}

#[tokio::test]
async fn an_idle_engine_does_not_tick() {
    let handle = handle();
    handle
        .append_applied(vec![define("placement", "hero", HERO)])
        .await
        .expect("appended");
    for number in 1..=5 {
        let later = Timestamp::from_millis(number * 60_000);
        handle.tick(later).await.expect("applied");
    }
    handle.shutdown();
    assert_eq!(handle.status().end, 2);
}

#[tokio::test]
async fn what_was_due_when_the_machine_was_ahead_is_done_at_once() {
    const AT: i64 = 1_772_438_400_000;
    let spec = r#"{"type":"rule","when":"count(any, 10 minutes) >= 1"}"#;
    let viewed = |who: &str, minute: i64| {
        let at = Timestamp::from_millis(AT + minute * 60_000);
        Record::Event(Event {
            received_at: at,
            occurred_at: at,
            ..event(who, "Viewed", &[("user_id", who)], "{}")
        })
    };
    let handle = handle();
    for record in [
        define("audience", "here", spec),
        viewed("ada", 0),
        viewed("bob", 60),
    ] {
        handle.append_applied(vec![record]).await.expect("appended");
    }
    // The machine's clock was an hour ahead, and is right now.
    let now = Timestamp::from_millis(AT + 60_000);
    assert_eq!(handle.tick(now).await, Ok(true));
    assert_eq!(handle.tick(now).await, Ok(false));
    let here = query::audience(&*handle.view().state, "here", 0).expect("state reads");
    assert_eq!(here.size, 1, "ada left at the tenth minute");
    handle.shutdown();
}

/// Views, then a definition that asks for them, and whatever is computed for it; the state then
/// equals one built from the log.
async fn rebuilt_after(late: Record) -> kith_runtime::View {
    let log = log::Memory::new();
    let reader = log.reader();
    let handle = start(Box::new(log), Box::new(state::Memory::new())).expect("memory opens");
    for number in 0..7 {
        let who = format!("v{}", number % 3);
        let identifiers = [("anonymous_id", who.as_str())];
        let view = event(&format!("m{number}"), "Product Viewed", &identifiers, "{}");
        let appended = handle.append_applied(vec![Record::Event(view)]).await;
        appended.expect("appended");
    }
    handle.append_applied(vec![late]).await.expect("appended");
    let patience = std::time::Instant::now();
    let view = loop {
        handle.tick(now()).await.expect("applied");
        let view = handle.view();
        let state = view.state.as_ref();
        let missing = kith_engine::backfill::pending(state).expect("state reads");
        let jobs = table::jobs(state).expect("state reads");
        if missing.is_none() && jobs.is_empty() {
            break view;
        }
        assert!(patience.elapsed().as_secs() < 60, "{missing:?} {jobs:?}");
        tokio::task::yield_now().await;
    };
    let applied = table::mark(table::APPLIED);
    let end = table::read_number(view.state.as_ref(), &applied).expect("state reads");
    let mut rebuilt = state::Memory::new();
    rebuild(reader.as_ref(), &mut rebuilt, end, |_| {}).expect("the log reads");
    let differences = compare(view.state.as_ref(), &rebuilt, 3).expect("both read");
    assert_eq!(differences, []);
    handle.shutdown();
    view
}

#[tokio::test]
async fn a_rebuild_folds_the_past_of_a_late_audience_as_the_running_engine_did() {
    let fans = r#"{"when":"count(\"Product Viewed\", 30 days) >= 3"}"#;
    let view = rebuilt_after(define("audience", "fans", fans)).await;
    let found = query::audience(view.state.as_ref(), "fans", 0).expect("state reads");
    assert_eq!(found.size, 1, "only v0 viewed three times");
}

#[tokio::test]
async fn a_rebuild_folds_the_past_of_a_late_feature_for_which_nobody_waits() {
    let views = r#"{"value":"count(\"Product Viewed\", 30 days)"}"#;
    rebuilt_after(define("feature", "views", views)).await;
}

#[tokio::test]
async fn what_definitions_begin_does_not_depend_on_how_they_fell_into_batches() {
    let count = |days: u8| format!(r#"{{"value":"count(\"Product Viewed\", {days} days)"}}"#);
    let fans = r#"{"when":"features.views >= 1 and count(any, 9 days) >= 1"}"#;
    let records = vec![
        define("feature", "views", &count(3)),
        define("audience", "fans", fans),
        define("feature", "views", &count(30)),
        define(
            "feature",
            "orders",
            r#"{"value":"sum(\"Order Completed\", 5 days)"}"#,
        ),
        define("audience", "fans", &fans.replace("9 days", "12 days")),
        Record::Event(event(
            "m1",
            "Product Viewed",
            &[("anonymous_id", "v")],
            "{}",
        )),
    ];
    let (at_once, one_by_one) = (handle(), handle());
    at_once
        .append_applied(records.clone())
        .await
        .expect("appended");
    for record in records {
        one_by_one
            .append_applied(vec![record])
            .await
            .expect("appended");
    }
    let (left, right) = (at_once.view(), one_by_one.view());
    let differences = compare(left.state.as_ref(), right.state.as_ref(), 3).expect("both read");
    assert_eq!(differences, []);
    at_once.shutdown();
    one_by_one.shutdown();
}
