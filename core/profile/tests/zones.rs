//! Calendar windows in a zone that the rule names, whatever zone the person is in.

use kith_base::{Json, Timestamp, Value};
use kith_event::{Commerce, Enrichment, Event, Kind};
use kith_profile::series::Moment;
use kith_profile::{FeatureSet, Fold, PersonFacts, no_audiences};
use kith_rule::{Aggregate, FactKey, Facts};

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a test writes a time")
}

fn view(id: &str, time: &str) -> Event {
    Event {
        source: "shop".into(),
        message_id: id.into(),
        kind: Kind::Track,
        name: "Product Viewed".into(),
        identifiers: Vec::new(),
        received_at: at(time),
        occurred_at: at(time),
        original_at: None,
        properties: Json::empty(),
        traits: Json::empty(),
        context: Json::parse(r#"{"timezone":"Asia/Taipei"}"#).expect("JSON"),
        extra: Json::empty(),
        enrichment: Enrichment::default(),
    }
}

/// The value of an aggregate over views at these times, and when it changes next.
fn ask(aggregate: &str, views: &[&str], now: &str) -> (Value, Option<String>) {
    let aggregate = Aggregate::parse(aggregate).expect("a test writes an aggregate");
    let features = FeatureSet::compile([&aggregate], []);
    let mut fold = Fold::default();
    for (number, time) in views.iter().enumerate() {
        let event = view(&number.to_string(), time);
        let commerce = Commerce::read(&event.properties);
        fold.add(&event, &commerce, &[]);
        let found = features.contributions(&event, &commerce, &mut |_| Value::Null);
        fold.add_series(&features, &found, Moment::of(&event));
    }
    let facts = PersonFacts::new(vec![&fold], vec![], &features, &Value::Null, &no_audiences);
    let key = FactKey::Aggregate(aggregate);
    let next = facts.next_change(&key, at(now));
    let next = next.map(|next| next.to_string().replace(".000Z", "Z"));
    (facts.fact(&key, at(now)), next)
}

fn check(aggregate: &str, views: &[&str], now: &str, count: i64, next: &str) {
    let expect = (Value::Int(count), Some(next.to_owned()));
    assert_eq!(ask(aggregate, views, now), expect, "{aggregate} at {now}");
}

#[test]
fn the_same_instant_is_another_day_elsewhere() {
    // 18:00 in Berlin is 01:00 of the next day in Taipei.
    let views = ["2026-11-20T15:00:00Z"];
    let now = "2026-11-20T17:00:00Z";
    let of = |window: &str| format!("count(\"Product Viewed\", {window})");
    let (taipei, _) = ask(&of("today"), &views, now);
    assert_eq!(taipei, Value::Int(0));
    let berlin = of(r#"today in "Europe/Berlin""#);
    check(&berlin, &views, now, 1, "2026-11-20T23:00:00Z");
    let month = of(r#"this month in "Europe/Berlin""#);
    check(&month, &views, now, 1, "2026-11-30T23:00:00Z");
}

#[test]
fn a_day_with_a_gap_has_23_hours() {
    // In Berlin 02:00 to 03:00 of 29 March 2026 does not exist.
    let today = r#"count("Product Viewed", today in "Europe/Berlin")"#;
    let views = ["2026-03-28T23:00:00Z", "2026-03-29T01:00:00Z"];
    check(
        today,
        &views,
        "2026-03-29T21:59:59Z",
        2,
        "2026-03-29T22:00:00Z",
    );
    assert_eq!(ask(today, &views, "2026-03-29T22:00:00Z").0, Value::Int(0));
    let two = r#"days_active("Product Viewed", last 2 calendar days in "Europe/Berlin")"#;
    check(
        two,
        &views,
        "2026-03-30T21:00:00Z",
        1,
        "2026-03-30T22:00:00Z",
    );
}

#[test]
fn a_day_with_an_overlap_has_25_hours() {
    // In Berlin 02:00 to 03:00 of 25 October 2026 comes twice.
    let today = r#"count("Product Viewed", today in "Europe/Berlin")"#;
    let views = ["2026-10-24T22:00:00Z", "2026-10-25T22:59:59Z"];
    check(
        today,
        &views,
        "2026-10-25T22:59:59Z",
        2,
        "2026-10-25T23:00:00Z",
    );
    let both = ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"];
    check(
        today,
        &both,
        "2026-10-25T02:00:00Z",
        2,
        "2026-10-25T23:00:00Z",
    );
}

#[test]
fn a_midnight_that_does_not_exist_is_the_first_instant_of_its_day() {
    // In Beirut the clock goes from 00:00 to 01:00 on 29 March 2026.
    let today = r#"count("Product Viewed", today in "Asia/Beirut")"#;
    let views = ["2026-03-28T21:59:59Z", "2026-03-28T22:00:00Z"];
    check(
        today,
        &views,
        "2026-03-28T22:00:01Z",
        1,
        "2026-03-29T21:00:00Z",
    );
}
