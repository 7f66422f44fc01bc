//! Days and hours of the person's own calendar: where clocks are changed, and when people travel.

use kith_base::{Json, Timestamp};
use kith_event::Record;

use crate::world::{World, event};

fn at(text: &str) -> i64 {
    Timestamp::parse(text).expect("a time").as_millis()
}

/// Somebody in a zone opens a page.
fn open(world: &mut World, number: usize, time: &str, who: &[&str], zone: &str) {
    let mut opened = event(number, at(time), "Opened", who, "{}");
    let context = format!(r#"{{"timezone":"{zone}"}}"#);
    opened.context = Json::parse(&context).expect("JSON");
    world.apply(Record::Event(opened));
}

/// Entries and exits told, as `+2026-03-28T01:00:00Z`.
fn told(world: &World, audience: &str) -> Vec<String> {
    let own = world.changes.iter();
    let own = own.filter(|change| change.audience == audience);
    let text = |at: Timestamp| at.to_string().replace(".000Z", "Z");
    let sign = |entered: bool| if entered { '+' } else { '-' };
    own.map(|change| format!("{}{}", sign(change.entered), text(change.at)))
        .collect()
}

/// Lets time pass by the hour, at odd seconds.
fn pass(world: &mut World, from: &str, hours: i64) {
    for hour in 0..hours {
        world.settle(at(from) + hour * 3_600_000 + 17_345);
    }
}

const ADA: [&str; 1] = ["user_id:ada"];

#[test]
fn an_hour_that_is_skipped_never_comes_and_one_that_comes_twice_lasts_two() {
    let mut world = World::new();
    world.audience("two", "local_hour = 2");
    open(&mut world, 0, "2026-03-28T00:30:00Z", &ADA, "Europe/Berlin");
    pass(&mut world, "2026-03-28T00:30:00Z", 54);
    let spring = [
        "+2026-03-28T01:00:00Z",
        "-2026-03-28T02:00:00Z",
        // On the 29th two o'clock is three o'clock.
        "+2026-03-30T00:00:00Z",
        "-2026-03-30T01:00:00Z",
    ];
    assert_eq!(told(&world, "two"), spring);
    world.settle(at("2026-10-24T12:00:00Z"));
    world.changes.clear();
    pass(&mut world, "2026-10-24T12:00:00Z", 40);
    let autumn = [
        "+2026-10-25T00:00:00Z",
        "-2026-10-25T02:00:00Z",
        "+2026-10-26T01:00:00Z",
        "-2026-10-26T02:00:00Z",
    ];
    assert_eq!(told(&world, "two"), autumn);
}

#[test]
fn a_day_of_23_hours_or_25_and_one_without_midnight_end_when_the_next_begins() {
    let ends = |zone: &str, opened: &str| {
        let mut world = World::new();
        world.audience("today", r#"count("Opened", today) >= 1"#);
        world.audience("two-days", r#"count("Opened", last 2 calendar days) >= 1"#);
        open(&mut world, 0, opened, &ADA, zone);
        pass(&mut world, opened, 60);
        ["today", "two-days"].map(|id| told(&world, id)[1].clone())
    };
    let spring = ["-2026-03-29T22:00:00Z", "-2026-03-30T22:00:00Z"];
    assert_eq!(ends("Europe/Berlin", "2026-03-28T23:30:00Z"), spring);
    let autumn = ["-2026-10-25T23:00:00Z", "-2026-10-26T23:00:00Z"];
    assert_eq!(ends("Europe/Berlin", "2026-10-24T22:30:00Z"), autumn);
    // In Havana the 8th begins at one o'clock.
    let skipped = ["-2026-03-08T05:00:00Z", "-2026-03-09T04:00:00Z"];
    assert_eq!(ends("America/Havana", "2026-03-07T20:00:00Z"), skipped);
}

#[test]
fn whoever_travels_is_asked_again_by_every_rule_that_goes_by_their_days() {
    let mut world = World::new();
    world.audience("today", r#"count("Viewed", today) >= 1"#);
    world.audience("two-days", r#"days_active("Viewed") >= 2"#);
    world.audience(
        "berlin",
        r#"count("Viewed", today in "Europe/Berlin") >= 1"#,
    );
    world.audience("birthday", "anniversary(traits.birthday) <= now");
    let mut told_once = event(0, at("2026-03-01T00:00:00Z"), "identify", &ADA, "{}");
    told_once.traits = Json::parse(r#"{"birthday":"1990-03-11"}"#).expect("JSON");
    world.apply(Record::Event(told_once));
    for (number, time) in [(1, "2026-03-10T02:00:00Z"), (2, "2026-03-10T20:00:00Z")] {
        world.apply(Record::Event(event(number, at(time), "Viewed", &ADA, "{}")));
    }
    assert_eq!(world.audiences_of(ADA[0]), ["berlin", "today"]);
    // Where it is the 11th, and where the two were on different days.
    open(&mut world, 3, "2026-03-10T21:00:00Z", &ADA, "Asia/Taipei");
    assert_eq!(
        world.audiences_of(ADA[0]),
        ["berlin", "birthday", "today", "two-days"]
    );
    // Another device of hers was in Havana before: what was told last counts.
    let phone = ["user_id:ada", "anonymous_id:phone"];
    open(
        &mut world,
        4,
        "2026-03-10T20:30:00Z",
        &phone,
        "America/Havana",
    );
    open(
        &mut world,
        5,
        "2026-03-10T20:40:00Z",
        &phone[1..],
        "America/Havana",
    );
    assert_eq!(
        world.audiences_of(ADA[0]),
        ["berlin", "birthday", "today", "two-days"]
    );
    open(
        &mut world,
        6,
        "2026-03-10T22:00:00Z",
        &phone[1..],
        "America/Havana",
    );
    assert_eq!(world.audiences_of(ADA[0]), ["berlin", "today", "two-days"]);
    // The same zone again changes nothing.
    open(
        &mut world,
        7,
        "2026-03-10T22:10:00Z",
        &phone[1..],
        "America/Havana",
    );
    assert_eq!(world.audiences_of(ADA[0]), ["berlin", "today", "two-days"]);
}
