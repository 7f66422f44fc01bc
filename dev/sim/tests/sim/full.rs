//! Somebody of whom more is known than is kept: what had to make room is known no more, at once.

use kith_base::{Json, limits};
use kith_event::{Event, Record};
use kith_sim::memberships;

use crate::many::world_of;
use crate::world::{SECOND, START, event};

const ADA: &str = "user_id:ada";

/// One audience for each key; then the keys come one after the other, up to a few beyond `limit`.
fn fill(limit: usize, rule: impl Fn(usize) -> String, tell: impl Fn(usize, i64) -> Event) {
    let keys = limit + 30;
    let mut world = world_of((0..keys).map(|key| (format!("a{key:03}"), rule(key))));
    for key in 0..keys {
        world.apply(Record::Event(tell(key, START + key as i64 * SECOND)));
        let held = world.audiences_of(ADA).len();
        assert_eq!(held, limit.min(key + 1), "after {} keys", key + 1);
        if key + 1 >= limit {
            memberships::agree(&world.state).unwrap_or_else(|wrong| panic!("{key}: {wrong}"));
        }
    }
    let left = world.changes.iter().filter(|change| !change.entered);
    assert!(left.count() > 0, "something had to make room");
}

#[test]
fn a_trait_that_had_to_make_room_is_missing_at_once() {
    let rule = |key| format!("traits.k{key} exists");
    fill(limits::TRAITS_PER_NODE_MAX, rule, |key, at| {
        let mut identify = event(key, at, "identify", &[ADA], "{}");
        identify.traits = Json::parse(&format!(r#"{{"k{key}":1}}"#)).expect("JSON");
        identify
    });
}

#[test]
fn an_event_whose_count_had_to_make_room_never_happened() {
    let rule = |key| format!(r#"count("E{key}") >= 1"#);
    fill(limits::COUNTERS_PER_NODE_MAX, rule, |key, at| {
        event(key, at, &format!("E{key}"), &[ADA], "{}")
    });
}

#[test]
fn a_consent_that_had_to_make_room_is_missing_at_once() {
    let rule = |key| format!("consent.c{key}");
    fill(limits::CONSENTS_PER_NODE_MAX, rule, |key, at| {
        let properties = format!(r#"{{"categories":{{"c{key}":true}}}}"#);
        event(key, at, "Consent Updated", &[ADA], &properties)
    });
}
