//! Changes of computed traits, as webhooks are told of them.

use kith_base::{Random, limits};
use kith_engine::query;
use kith_engine::table::Happening;
use kith_event::Record;

use crate::world::{DAY, HOUR, SECOND, START, World, event};

const INTERVAL: i64 = limits::TRAIT_NOTICE_INTERVAL_S * SECOND;

/// A workspace whose webhook is told of orders within three days.
fn watch(world: &mut World) {
    let orders = r#"{"value":"count(\"Order Completed\", 3 days)","trait":"orders_3d"}"#;
    world.define("feature", "orders_3d", orders);
    let hook = r#"{"url":"https://crm.example","trait_changes":["orders_3d"]}"#;
    world.define("webhook", "crm", hook);
    world.catch_up();
    world.tick(START);
}

fn order(world: &mut World, number: usize, at: i64, who: &[&str]) {
    let order = event(number, at, "Order Completed", who, "{}");
    world.apply(Record::Event(order));
}

/// What was told: old value, new value, and when after the start.
fn told(world: &World) -> Vec<(String, String, i64)> {
    let all = query::changes_from(&world.state, (0, 0), usize::MAX).expect("in memory");
    let told = all
        .into_iter()
        .filter_map(|(_, happening)| match happening {
            Happening::Trait(change) => {
                assert_eq!(change.name, "orders_3d");
                Some((change.old, change.new, change.at.as_millis() - START))
            }
            Happening::Membership(_) => None,
        });
    told.collect()
}

fn change(old: i64, new: i64, at: i64) -> (String, String, i64) {
    (old.to_string(), new.to_string(), at)
}

fn assert_replays(world: &World) {
    let other = world.replay();
    let differences = kith_runtime::compare(&world.state, &other.state, 3);
    assert_eq!(differences.expect("in memory"), []);
}

#[test]
fn a_change_is_told_once_and_what_follows_within_a_minute_together() {
    let mut world = World::new();
    watch(&mut world);
    let who = ["user_id:ada"];
    order(&mut world, 1, START + HOUR, &who);
    assert_eq!(told(&world), [change(0, 1, HOUR)]);
    for number in 2..=5 {
        order(
            &mut world,
            number,
            START + HOUR + number as i64 * SECOND,
            &who,
        );
    }
    world.tick(START + HOUR + INTERVAL - 1);
    assert_eq!(
        told(&world).len(),
        1,
        "one second before the interval is over"
    );
    world.restart();
    world.tick(START + HOUR + INTERVAL);
    assert_eq!(told(&world)[1..], [change(1, 5, HOUR + INTERVAL)]);
    world.tick(START + 2 * HOUR);
    assert_eq!(told(&world).len(), 2);
    assert_replays(&world);
}

#[test]
fn a_window_that_closes_is_told_without_an_event_of_those_who_were_there_before_too() {
    let mut world = World::new();
    order(&mut world, 1, START - DAY, &["user_id:old"]);
    watch(&mut world);
    assert_eq!(told(&world), [], "what was there before is not told");
    order(&mut world, 2, START + HOUR, &["user_id:new"]);
    world.tick(START + 10 * DAY + 17);
    let expected = [
        change(0, 1, HOUR),
        change(1, 0, 2 * DAY),
        change(1, 0, 3 * DAY + HOUR),
    ];
    assert_eq!(told(&world), expected);
    assert_replays(&world);
}

#[test]
fn only_what_an_enabled_webhook_names_is_told_and_telling_begins_anew() {
    let mut world = World::new();
    watch(&mut world);
    let off = r#"{"url":"https://crm.example","enabled":false,"trait_changes":["orders_3d"]}"#;
    world.define("webhook", "crm", off);
    order(&mut world, 1, START + HOUR, &["user_id:ada"]);
    assert_eq!(told(&world), []);
    watch(&mut world);
    order(&mut world, 2, START + 2 * HOUR, &["user_id:ada"]);
    assert_eq!(told(&world), [change(1, 2, 2 * HOUR)]);
    assert_replays(&world);
}

#[test]
fn persons_that_merge_and_part_are_told_of_with_what_they_come_to() {
    let mut world = World::new();
    watch(&mut world);
    order(&mut world, 1, START + HOUR, &["anonymous_id:tablet"]);
    order(&mut world, 2, START + 2 * HOUR, &["user_id:ada"]);
    let login = event(
        3,
        START + 3 * HOUR,
        "identify",
        &["user_id:ada", "anonymous_id:tablet"],
        "{}",
    );
    world.apply(Record::Event(login));
    assert_eq!(told(&world)[2..], [change(1, 2, 3 * HOUR)]);
    let other = event(
        4,
        START + 4 * HOUR,
        "identify",
        &["user_id:bob", "anonymous_id:tablet"],
        "{}",
    );
    world.apply(Record::Event(other));
    let last = &told(&world)[3..];
    assert!(last.contains(&change(2, 1, 4 * HOUR)), "{last:?}");
    assert_replays(&world);
}

#[test]
fn what_is_told_last_is_the_value_from_scratch_at_any_instant() {
    for seed in 0..8 {
        let mut random = Random::new(seed);
        let mut world = World::new();
        watch(&mut world);
        let mut at = START;
        let mut orders: Vec<(u64, i64)> = Vec::new();
        for number in 0..120 {
            at += random.below(5 * 3_600) as i64 * SECOND;
            let who = random.below(4);
            orders.push((who, at));
            order(&mut world, number, at, &[&format!("user_id:u{who}")]);
        }
        // Long enough that nothing is held back any more.
        let now = at + INTERVAL;
        world.tick(now);
        let all = query::changes_from(&world.state, (0, 0), usize::MAX).expect("in memory");
        for who in 0..4 {
            let person = world.person(&format!("user_id:u{who}"));
            let last = all.iter().rev().find(|(_, one)| one.person() == person);
            let Some((_, Happening::Trait(last))) = last else {
                panic!("seed {seed}: nothing was told of u{who}");
            };
            let within = |(one, at): &&(u64, i64)| *one == who && *at > now - 3 * DAY;
            let expected = orders.iter().filter(within).count();
            assert_eq!(last.new, expected.to_string(), "seed {seed}: u{who}");
        }
        assert_replays(&world);
    }
}
