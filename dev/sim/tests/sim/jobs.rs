//! Computing audiences and features, cancelled and let go on.

use kith_base::limits;
use kith_engine::{backfill, query, table};
use kith_event::Record;

use crate::world::{DAY, HOUR, START, World, event};

const FANS: &str = r#"count("Product Viewed", 30 days) >= 3"#;

/// More persons than one step looks at, each with as many views as their number says, up to four.
fn crowd(world: &mut World) {
    for number in 0..limits::PERSONS_PER_STEP_MAX * 3 / 2 {
        let who = format!("anonymous_id:p{number}");
        for view in 0..number % 5 {
            let at = START + view as i64 * HOUR;
            view_of(world, number * 5 + view, at, &who);
        }
    }
}

fn view_of(world: &mut World, number: usize, at: i64, who: &str) {
    let view = event(number, at, "Product Viewed", &[who], "{}");
    world.apply(Record::Event(view));
}

fn job(world: &World) -> Option<table::JobRow> {
    query::audience(&world.state, "fans", 0)
        .expect("in memory")
        .job
}

fn members(world: &World) -> Vec<(kith_base::PersonId, kith_base::Timestamp)> {
    query::members(&world.state, "fans", None, usize::MAX).expect("in memory")
}

fn finish(world: &mut World, at: i64) {
    world.catch_up();
    for second in 0..10 {
        world.tick(at + second * 1_000);
    }
    assert_eq!(job(world), None, "all are found");
}

fn assert_replays(world: &World) {
    let other = world.replay();
    let differences = kith_runtime::compare(&world.state, &other.state, 3);
    assert_eq!(differences.expect("in memory"), []);
}

#[test]
fn definitions_of_one_record_are_in_force_at_once() {
    let mut world = World::new();
    crowd(&mut world);
    let fans = format!(r#"{{"description":"","type":"rule","when":{FANS:?}}}"#);
    let calm = r#"{"description":"","type":"rule","when":"not (in audience \"fans\")"}"#;
    // The one that refers to the other comes first: alone it would be refused.
    world.define_together("audience", &[("calm", calm), ("fans", &fans)]);
    assert_eq!(world.project.problems, []);
    finish(&mut world, START + DAY);
    let persons = table::read_number(&world.state, &table::mark(table::PERSONS));
    let persons = persons.expect("in memory") as usize;
    let calm = query::members(&world.state, "calm", None, usize::MAX).expect("in memory");
    assert!(members(&world).len() > 1_000 && calm.len() > 1_000);
    assert_eq!(members(&world).len() + calm.len(), persons);
    assert_replays(&world);
}

#[test]
fn a_cancelled_audience_goes_on_where_it_was_and_ends_like_one_that_never_stopped() {
    let (mut world, mut other) = (World::new(), World::new());
    for each in [&mut world, &mut other] {
        crowd(each);
        each.audience("fans", FANS);
    }
    finish(&mut other, START + DAY);

    // While the past is read.
    world.fold_some(1_000);
    world.job("audience", "fans", true);
    assert_eq!(backfill::pending(&world.state).expect("in memory"), None);
    assert!(backfill::is_unsettled(&world.state).expect("in memory"));
    world.tell_past();
    assert!(!backfill::is_unsettled(&world.state).expect("in memory"));
    assert_replays(&world);
    world.restart();
    world.tick(START + DAY);
    assert_eq!(members(&world), []);
    world.job("audience", "fans", false);
    let missing = backfill::pending(&world.state).expect("in memory");
    assert_eq!(missing.expect("it is read on").caught_up, 1_000);

    // While members are found: one step, and no other.
    world.catch_up();
    world.tick(START + DAY);
    let found = members(&world).len();
    assert!(found > 500, "{found}");
    world.job("audience", "fans", true);
    world.restart();
    world.tick(START + DAY + 1);
    let stopped = job(&world).expect("not done");
    assert_eq!(stopped.done, limits::PERSONS_PER_STEP_MAX as u64);
    assert_eq!(members(&world).len(), found);
    assert_replays(&world);

    world.job("audience", "fans", false);
    world.tick(START + DAY + 2);
    let looked_at = job(&world).expect("one more look for others").done;
    assert_eq!(looked_at, stopped.total, "nobody twice");
    finish(&mut world, START + DAY + HOUR);
    assert_eq!(members(&world), members(&other));
    assert_replays(&world);
}

#[test]
fn while_it_is_cancelled_those_looked_at_come_and_go_and_nobody_else_does() {
    let mut world = World::new();
    crowd(&mut world);
    world.audience("fans", FANS);
    world.catch_up();
    world.tick(START + DAY);
    world.job("audience", "fans", true);
    let cursor = job(&world).expect("not done").cursor;
    let looked_at = |world: &World, who: &str| table::person(world.person(who)) <= cursor;
    let numbers = (0..limits::PERSONS_PER_STEP_MAX * 3 / 2).filter(|number| number % 5 == 2);
    let all: Vec<String> = numbers
        .map(|number| format!("anonymous_id:p{number}"))
        .collect();
    let (early, late): (Vec<String>, Vec<String>) =
        all.into_iter().partition(|who| looked_at(&world, who));
    let (early, late) = (&early[0], &late[0]);
    for (number, who) in [early, late].into_iter().enumerate() {
        view_of(&mut world, 100_000 + number, START + DAY + HOUR, who);
    }
    assert_eq!(world.audiences_of(early), ["fans"]);
    assert_eq!(world.audiences_of(late), Vec::<String>::new());
    assert_eq!(world.changes.len(), 1);
    // A timer of another rule changes nothing about it.
    world.tick(START + 2 * DAY);
    assert_eq!(world.audiences_of(late), Vec::<String>::new());

    world.job("audience", "fans", false);
    finish(&mut world, START + 2 * DAY);
    assert_eq!(world.audiences_of(late), ["fans"]);
    assert_eq!(world.changes.len(), 1, "who is found is not told of");
    world.tick(START + 40 * DAY);
    assert_eq!(world.audiences_of(late), Vec::<String>::new());
    assert_replays(&world);
}

#[test]
fn a_past_is_read_on_while_a_feature_or_another_audience_wants_it() {
    let mut world = World::new();
    view_of(&mut world, 0, START, "anonymous_id:a");
    world.audience("fans", FANS);
    world.audience("regulars", r#"count("Product Viewed", 9 days) >= 1"#);
    let reading = |world: &World| {
        backfill::pending(&world.state)
            .expect("in memory")
            .is_some()
    };
    world.job("audience", "fans", true);
    assert!(reading(&world));
    world.job("audience", "regulars", true);
    assert!(!reading(&world));
    // A new revision begins anew.
    world.audience("fans", r#"count("Product Viewed", 20 days) >= 1"#);
    assert!(reading(&world));
    assert_eq!(job(&world).expect("at work").cancelled_at, None);

    let spec = r#"{"description":"","value":"count(\"Product Viewed\", 5 days)","trait":""}"#;
    world.define("feature", "views", spec);
    world.job("audience", "fans", true);
    assert!(reading(&world), "the feature wants it");
    world.job("feature", "views", true);
    assert!(!reading(&world));
    world.job("feature", "views", false);
    world.job("audience", "fans", false);
    world.job("audience", "regulars", false);
    finish(&mut world, START + DAY);
    assert_eq!(world.audiences_of("anonymous_id:a"), ["fans", "regulars"]);
    // Nothing is at work any more: nothing happens.
    world.job("audience", "fans", true);
    world.job("audience", "nobody", true);
    assert_eq!(job(&world), None);
    assert_replays(&world);
}

#[test]
fn an_audience_over_a_feature_that_is_computed_finds_its_members_in_a_replay_too() {
    let mut world = World::new();
    view_of(&mut world, 0, START, "anonymous_id:a");
    let spec = r#"{"description":"","value":"count(\"Product Viewed\", 5 days)","trait":""}"#;
    world.define("feature", "views", spec);
    world.catch_up();
    world.audience("fans", "features.views >= 1");
    world.tick(START + HOUR);
    assert_eq!(world.audiences_of("anonymous_id:a"), ["fans"]);
    assert_replays(&world);
}

#[test]
fn a_series_answers_again_what_nobody_asked_for_a_while() {
    let mut world = World::new();
    let who = "anonymous_id:a";
    world.audience("fans", r#"count("Product Viewed", 7 days) >= 3"#);
    view_of(&mut world, 0, START, who);
    world.audience("fans", r#"count("Product Viewed") >= 9"#);
    view_of(&mut world, 1, START + DAY, who);
    view_of(&mut world, 2, START + 2 * DAY, who);
    world.audience("fans", r#"count("Product Viewed", 7 days) >= 3"#);
    finish(&mut world, START + 3 * DAY);
    assert_eq!(world.audiences_of(who), ["fans"]);
    world.tick(START + 7 * DAY);
    assert_eq!(world.audiences_of(who), Vec::<String>::new());
    assert_replays(&world);
}

#[test]
fn nobody_leaves_because_a_series_begins_anew_in_more_detail() {
    let mut world = World::new();
    let who = "anonymous_id:a";
    world.audience("three", r#"count("Product Viewed") >= 3"#);
    for view in 0..3 {
        view_of(&mut world, view, START + view as i64 * HOUR, who);
    }
    assert_eq!(world.audiences_of(who), ["three"]);
    world.audience("fans", r#"count("Product Viewed", 7 days) >= 4"#);
    view_of(&mut world, 3, START + DAY, who);
    assert_eq!(
        world.audiences_of(who),
        ["three"],
        "its past is not read yet"
    );
    finish(&mut world, START + DAY);
    assert_eq!(world.audiences_of(who), ["fans", "three"]);
    assert!(world.changes.iter().all(|change| change.entered));
    assert_replays(&world);
}
