//! What should not happen and does: traits that change their type, events of other years, clocks
//! that are set back.

use std::collections::BTreeMap;

use kith_base::{Json, Timestamp};
use kith_engine::query;
use kith_event::{Event, Record};
use kith_sim::memberships;

use crate::world::{DAY, HOUR, SECOND, START, World, event};

const ADA: [&str; 1] = ["user_id:ada"];
const YEAR: i64 = 365 * DAY;
const MINUTE: i64 = 60 * SECOND;

#[test]
fn a_trait_that_changes_its_type_is_compared_as_what_it_is() {
    let mut world = World::new();
    world.audience("more", "traits.size > 3");
    world.audience("text", r#"traits.size starts with "4""#);
    world.audience("has", r#"traits.size contains "40""#);
    world.audience("inside", r#"traits.size.of = "40""#);
    world.audience("later", "traits.size > now - 7 days");
    world.audience("known", "traits.size exists");
    world.audience("missing", "traits.size is missing");
    world.audience("other", "traits.size != 40");
    world.audience("listed", r#"traits.size in [40, "40"]"#);
    let told = [
        (r#""40""#, vec!["has", "known", "listed", "other", "text"]),
        ("40", vec!["known", "listed", "more"]),
        (r#"["40",41]"#, vec!["has", "known", "other"]),
        (r#"{"of":"40"}"#, vec!["inside", "known", "other"]),
        ("true", vec!["known", "other"]),
        (r#""2026-03-02T07:00:00Z""#, vec!["known", "later", "other"]),
        ("null", vec!["missing"]),
        ("4.5", vec!["known", "more", "other"]),
    ];
    for (number, (size, expected)) in told.into_iter().enumerate() {
        let mut identify = event(number, START + number as i64 * HOUR, "identify", &ADA, "{}");
        identify.traits = Json::parse(&format!(r#"{{"size":{size}}}"#)).expect("JSON");
        world.apply(Record::Event(identify));
        assert_eq!(world.audiences_of(ADA[0]), expected, "{size}");
        memberships::agree(&world.state).unwrap_or_else(|wrong| panic!("{size}: {wrong}"));
    }
}

#[test]
fn an_event_years_late_counts_for_ever_and_in_no_window() {
    let mut world = World::new();
    world.audience("ever", r#"count("Viewed" where a = 1) >= 2"#);
    world.audience("first", r#"first("Viewed") < now - 1000 days"#);
    world.audience("month", r#"count("Viewed" where a = 1, 30 days) >= 2"#);
    let late = |number: usize, years: i64| {
        let at = START + number as i64 * HOUR;
        let happened = Timestamp::from_millis(at - years * YEAR);
        Event {
            occurred_at: happened,
            ..event(number, at, "Viewed", &ADA, r#"{"a":1}"#)
        }
    };
    world.apply(Record::Event(late(0, 0)));
    assert_eq!(world.audiences_of(ADA[0]), Vec::<String>::new());
    world.apply(Record::Event(late(1, 5)));
    assert_eq!(world.audiences_of(ADA[0]), ["ever", "first"]);
    world.apply(Record::Event(late(2, 0)));
    assert_eq!(world.audiences_of(ADA[0]), ["ever", "first", "month"]);
    world.apply(Record::Event(late(3, 40)));
    assert_eq!(world.audiences_of(ADA[0]), ["ever", "first", "month"]);
}

#[test]
fn an_event_of_the_future_enters_a_window_when_its_time_comes() {
    let mut world = World::new();
    world.audience("ever", r#"count("Viewed") >= 1"#);
    world.audience("hour", r#"count("Viewed", 1 hour) >= 1"#);
    let mut ahead = event(0, START, "Viewed", &ADA, "{}");
    ahead.occurred_at = Timestamp::from_millis(START + 20 * HOUR + 250);
    world.apply(Record::Event(ahead));
    assert_eq!(world.audiences_of(ADA[0]), ["ever"]);
    for minute in 0..(24 * 60) {
        world.tick(START + minute * 60 * SECOND + 30_017);
    }
    let told: Vec<(bool, i64)> = world.changes[1..]
        .iter()
        .map(|change| (change.entered, change.at.as_millis() - START))
        .collect();
    assert_eq!(told, [(true, 20 * HOUR), (false, 21 * HOUR)]);
}

/// What a machine tells whose clock was an hour fast and is set right after ten hours: minutes
/// after [`START`], and who did what then; nobody when only time passed.
fn set_back_after_ten_hours() -> Vec<(i64, Option<(&'static str, &'static str)>)> {
    let mut told = Vec::new();
    for minute in (0..=600).step_by(20) {
        let who = ["user_id:ada", "user_id:bob", "user_id:eve"][minute as usize % 3];
        let name = ["Viewed", "Added", "Viewed", "Bought"][minute as usize / 20 % 4];
        told.push((minute, Some((who, name))));
        told.push((minute + 10, None));
    }
    for minute in (540..900).step_by(15) {
        let who = ["user_id:eve", "user_id:new", "user_id:ada"][minute as usize / 15 % 3];
        let name = ["Added", "Viewed"][minute as usize / 15 % 2];
        told.push((minute, Some((who, name))));
        told.push((minute + 7, None));
    }
    told.extend((900..2_000).step_by(11).map(|minute| (minute, None)));
    told
}

fn with_windows() -> World {
    let mut world = World::new();
    world.audience("hour", r#"count("Viewed", 1 hour) >= 1"#);
    world.audience("three", r#"count(any, 3 hours) >= 3"#);
    world.audience("quiet", r#"last("Viewed") < now - 90 minutes"#);
    world.audience(
        "left",
        r#"sequence("Viewed", not "Added" within 30 minutes, 4 hours)"#,
    );
    world.audience(
        "today",
        r#"count("Viewed", today) >= 2 and not in audience "hour""#,
    );
    world
}

#[test]
fn a_clock_set_back_by_an_hour_is_waited_for() {
    let mut world = with_windows();
    // One whose clock stood still meanwhile instead.
    let mut standing = with_windows();
    let mut latest = 0;
    let (mut meanwhile, mut changes) = (0, 0);
    for (number, (minute, happened)) in set_back_after_ten_hours().into_iter().enumerate() {
        let is_behind = minute < latest;
        latest = latest.max(minute);
        let [at, still] = [minute, latest].map(|minute| START + minute * MINUTE);
        match happened {
            Some((who, name)) => {
                let told = event(number, at, name, &[who], "{}");
                let received_at = Timestamp::from_millis(still);
                let stood = Event {
                    received_at,
                    ..told.clone()
                };
                world.apply(Record::Event(told));
                standing.apply(Record::Event(stood));
            }
            None => {
                let (before, known) = (world.changes.len(), world.members());
                world.settle(at);
                standing.settle(still);
                if is_behind {
                    assert_eq!(world.changes.len(), before, "by a tick at {minute}");
                    assert_eq!(world.members(), known, "by a tick at {minute}");
                }
                let agree = memberships::agree(&world.state);
                agree.unwrap_or_else(|wrong| panic!("at {minute}: {wrong}"));
            }
        }
        let clock = query::clock(&world.state).expect("in memory");
        assert_eq!(clock.as_millis(), still);
        assert_eq!(world.changes, standing.changes, "at {minute}");
        meanwhile += usize::from(is_behind && world.changes.len() > changes);
        changes = world.changes.len();
    }
    assert!(meanwhile > 0, "what happens meanwhile counts at once");
    let mut last = BTreeMap::new();
    for change in &world.changes {
        let before = last.insert((change.person, &change.audience), change.at);
        assert!(
            before <= Some(change.at),
            "told of a time before: {change:?}"
        );
    }
    assert!(changes > 40, "{changes}");
}

#[test]
fn an_event_received_before_what_was_told_last_is_asked_as_of_that() {
    let mut world = World::new();
    world.audience("recent", r#"count("Viewed", 7 days) >= 1"#);
    let view = |world: &mut World, number: usize, at: i64, who: &str| {
        world.apply(Record::Event(event(number, at, "Viewed", &[who], "{}")));
    };
    view(&mut world, 0, START + 10 * DAY, "user_id:bob");
    view(&mut world, 1, START + 2 * DAY, ADA[0]);
    view(&mut world, 2, START + 4 * DAY, "user_id:eve");
    world.settle(START + 4 * DAY);
    assert_eq!(world.audiences_of(ADA[0]), Vec::<String>::new());
    assert_eq!(world.audiences_of("user_id:eve"), ["recent"]);
    let entered = world.changes.last().expect("eve entered");
    assert_eq!(entered.at.as_millis(), START + 10 * DAY);
    world.settle(START + 11 * DAY);
    assert_eq!(world.audiences_of("user_id:eve"), Vec::<String>::new());
    let left = world.changes.last().expect("eve left");
    assert_eq!(left.at.as_millis(), START + 11 * DAY);
    let replayed = kith_runtime::compare(&world.state, &world.replay().state, 3);
    assert_eq!(replayed.expect("in memory"), []);
}
