//! What is old is forgotten as fast as new things come.

use kith_base::{Digest, PersonId, Timestamp, digest, limits};
use kith_engine::state::{Read, Tx};
use kith_engine::table::{self, MembershipChange, SeenRow, WebhookRow};
use kith_event::Record;

use crate::world::{DAY, SECOND, START, World};

fn seen_rows(world: &World) -> usize {
    let rows = world.state.range(b"s", &table::end_of(b"s"), usize::MAX);
    rows.expect("in memory").len()
}

fn message(number: u64) -> Digest {
    digest("message", &[&number.to_be_bytes()])
}

fn see(world: &mut World, number: u64, day: i64, permanent: bool) {
    let row = SeenRow {
        position: number,
        day: u32::try_from(day).expect("a day of this century"),
        permanent,
    };
    world
        .state
        .put(&table::seen(message(number)), row.to_bytes());
}

/// Whatever the rate: this many a day, or of 40,000 every second.
#[test]
fn message_ids_take_at_most_a_half_more_than_their_window() {
    const PER_DAY: u64 = 512;
    let mut world = World::new();
    let window = limits::DEDUPLICATION_DAYS.cast_unsigned() + 1;
    let mut most = 0;
    for day in 0..3 * window {
        let midnight = START + day.cast_signed() * DAY;
        for number in 0..PER_DAY {
            let today = Timestamp::from_millis(midnight).day();
            see(&mut world, day * PER_DAY + number, today, false);
            // Not a new slot of ten seconds, but once a day.
            world.tick(midnight);
        }
        most = most.max(seen_rows(&world) as u64);
    }
    assert!(most > window * PER_DAY, "{most}");
    assert!(most < window * PER_DAY * 3 / 2, "{most}");
}

#[test]
fn only_what_is_past_its_window_is_forgotten() {
    let mut world = World::new();
    let today = Timestamp::from_millis(START).day();
    let window = limits::DEDUPLICATION_DAYS;
    let rows = limits::SWEEP_ROWS_MAX as u64;
    (0..rows).for_each(|number| see(&mut world, number, today - window - 1, false));
    (rows..rows + 50).for_each(|number| see(&mut world, number, today - window, false));
    (rows + 50..rows + 60).for_each(|number| see(&mut world, number, 0, true));
    // One sweep looks at so many rows, and the next at what is beyond.
    world.tick(START);
    assert!(seen_rows(&world) > 60);
    world.tick(START + 10 * SECOND);
    assert_eq!(seen_rows(&world), 60);
}

fn change(world: &mut World, position: u64, at: i64) {
    let change = MembershipChange {
        person: PersonId([1; 16]),
        audience: "buyers".to_owned(),
        entered: true,
        at: Timestamp::from_millis(at),
    };
    let key = table::membership_change(position, 0);
    world.state.put(&key, table::encode(&change));
}

fn listed(world: &World) -> usize {
    let all = table::membership_changes(&world.state, usize::MAX);
    all.expect("in memory").len()
}

fn webhook(world: &mut World, through: u64, active: bool) {
    let row = WebhookRow {
        through: (through, 0),
        active,
        ..WebhookRow::default()
    };
    world.state.put(&table::webhook("crm"), table::encode(&row));
}

#[test]
fn membership_changes_are_listed_for_their_days() {
    let mut world = World::new();
    let oldest = START - limits::MEMBERSHIP_CHANGES_DAYS * DAY;
    let rows = limits::SWEEP_ROWS_MAX as u64;
    (0..=rows).for_each(|position| change(&mut world, position, oldest - DAY));
    (rows + 1..=rows + 10).for_each(|position| change(&mut world, position, oldest));
    world.tick(START);
    assert_eq!(listed(&world), 11);
    world.tick(START + 10 * SECOND);
    assert_eq!(listed(&world), 10);
    world.tick(START + 20 * SECOND);
    assert_eq!(listed(&world), 10);
}

#[test]
fn a_change_stays_until_every_webhook_was_told() {
    let mut world = World::new();
    (0..100).for_each(|position| change(&mut world, position, START - 400 * DAY));
    webhook(&mut world, 30, true);
    world.tick(START);
    assert_eq!(listed(&world), 70);
    webhook(&mut world, 30, false);
    world.apply(Record::Tick(Timestamp::from_millis(START + 10 * SECOND)));
    assert_eq!(listed(&world), 0);
}
