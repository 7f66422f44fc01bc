//! Somebody who never stops: what is kept of them stays small, and what is said of them right.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::{NodeId, Random, limits};
use kith_engine::state::Read;
use kith_engine::{query, table};
use kith_event::Record;

use crate::world::{DAY, SECOND, START, World, event};

/// Two thousand a day, on fifty days. A million, on five hundred days, was played by hand.
const EVENTS: usize = 100_000;
const EVENTS_PER_DAY: usize = 2_000;
/// Records of one batch.
const BATCH: usize = 1_000;
/// Most that is kept of somebody with so many events of three names in windows of at most a month,
/// and of one property of them: 4 kB a day for those of most seconds, as much for the values.
const ROW_MAX_BYTES: usize = 256 * 1_024;

const DAY_S: i64 = 86_400;
const ADA: &str = "user_id:ada";
const RULES: [(&str, &str); 5] = [
    ("ever", r#"count("Viewed") >= 9000"#),
    ("hour", r#"count("Added", 1 hour) >= 3"#),
    ("many", r#"distinct("Bought", of kind, 1 day) >= 17"#),
    ("month", r#"count("Added", 30 days) >= 1200"#),
    (
        "pair",
        r#"sequence("Added", "Bought" within 10 minutes, 4 hours)"#,
    ),
];
const FEATURES: [(&str, &str); 3] = [
    ("viewed_hour", r#"count("Viewed", 1 hour)"#),
    ("viewed_month", r#"count("Viewed", 30 days)"#),
    ("kinds", r#"distinct("Viewed", of kind, 30 days)"#),
];

/// All that happened, told apart without Kith; times are seconds since 1970.
#[derive(Default)]
struct Told {
    viewed: Vec<i64>,
    added: Vec<i64>,
    /// With what was bought.
    bought: Vec<(i64, u64)>,
    /// The seconds of each day with views.
    days: BTreeMap<i64, BTreeSet<i64>>,
    /// How many of them share an entry, of days that are over.
    stretches: BTreeMap<i64, i64>,
}

impl Told {
    /// The names of the rules that hold at a second.
    fn holding(&self, now: i64) -> Vec<&'static str> {
        let adds = |window: i64| {
            let first = self.added.partition_point(|at| *at <= now - window);
            self.added[first..].len()
        };
        let first = self.bought.partition_point(|(at, _)| *at <= now - DAY_S);
        let kinds: BTreeSet<u64> = self.bought[first..].iter().map(|(_, kind)| *kind).collect();
        let is_pair = |added: &i64| {
            let next = self.bought.partition_point(|(at, _)| at <= added);
            let bought = self.bought.get(next);
            *added > now - 4 * 3_600 && bought.is_some_and(|(at, _)| at - added <= 600)
        };
        let found = [
            ("ever", self.viewed.len() >= 9_000),
            ("hour", adds(3_600) >= 3),
            ("many", kinds.len() >= 17),
            ("month", adds(30 * DAY_S) >= 1_200),
            ("pair", self.added.iter().rev().take(200).any(is_pair)),
        ];
        let held = found.into_iter().filter(|(_, holds)| *holds);
        held.map(|(name, _)| name).collect()
    }

    /// How many views a window has at a second, each at the beginning of its entry.
    fn views(&mut self, window: i64, now: i64) -> usize {
        let last = self.viewed.last().expect("a view").div_euclid(DAY_S);
        self.stretches.retain(|day, _| *day < last - 1);
        for (day, seconds) in &self.days {
            let stretch = || stretch_of(seconds);
            self.stretches.entry(*day).or_insert_with(stretch);
        }
        let kept = |at: &i64| at - at.rem_euclid(self.stretches[&at.div_euclid(DAY_S)]);
        let since = now - window;
        let first = self.viewed.partition_point(|at| *at < since - DAY_S);
        let within = self.viewed[first..].iter();
        within.filter(|at| kept(at) > since).count()
    }

    /// The next event, some seconds after the one before.
    fn next(&mut self, number: usize, random: &mut Random) -> Record {
        let apart = DAY / EVENTS_PER_DAY as i64;
        let at = START + number as i64 * apart + random.below(apart as u64).cast_signed();
        let second = at / SECOND;
        let kind = random.below(60);
        let name = match random.below(100) {
            0..2 => "Added",
            2 => "Bought",
            _ => "Viewed",
        };
        match name {
            "Added" => self.added.push(second),
            "Bought" => self.bought.push((second, kind)),
            _ => {
                self.viewed.push(second);
                let day = self.days.entry(second.div_euclid(DAY_S)).or_default();
                day.insert(second.rem_euclid(DAY_S));
            }
        }
        let properties = format!(r#"{{"kind":"k{kind}"}}"#);
        Record::Event(event(number, at, name, &[ADA], &properties))
    }
}

/// How many seconds of a day share an entry: as few as leave no more than the limit.
fn stretch_of(seconds: &BTreeSet<i64>) -> i64 {
    let entries = |stretch| {
        let each = seconds.iter().map(|second| second / stretch);
        each.collect::<BTreeSet<i64>>().len()
    };
    let mut stretch = 1;
    while entries(stretch) > limits::SERIES_SECONDS_PER_DAY_MAX {
        stretch *= 2;
    }
    stretch
}

fn row_bytes(world: &World) -> usize {
    let id = NodeId::of("user_id", "ada");
    let key = table::node(id, id);
    let row = world.state.get(&key).expect("in memory");
    row.map_or(0, |row| row.len())
}

/// Her audiences and features are what they are from scratch.
fn compare(world: &World, told: &mut Told) -> Vec<String> {
    let clock = query::clock(&world.state).expect("in memory");
    let now = clock.as_millis() / SECOND;
    let held = world.audiences_of(ADA);
    assert_eq!(held, told.holding(now), "at {clock}");
    let person = world.person(ADA);
    let standing = query::standing(&world.state, &world.project, person).expect("in memory");
    let standing = standing.expect("a person");
    let feature = |name: &str| standing.feature(&world.project, name, clock).as_number();
    let (hour, month) = (told.views(3_600, now), told.views(30 * DAY_S, now));
    assert_eq!(feature("viewed_hour"), Some(hour as f64), "at {clock}");
    assert_eq!(feature("viewed_month"), Some(month as f64), "at {clock}");
    if month > 1_000 {
        assert_eq!(feature("kinds"), Some(60.0), "at {clock}");
    }
    held
}

#[test]
fn somebody_with_endless_events_has_a_small_row_and_is_in_the_right_audiences() {
    let mut world = World::new();
    for (name, rule) in RULES {
        world.audience(name, rule);
    }
    for (name, value) in FEATURES {
        world.feature(name, &format!(r#"{{"value":{value:?}}}"#));
    }
    let (mut told, mut random) = (Told::default(), Random::new(7));
    let mut sizes = Vec::new();
    let mut seen: BTreeSet<Vec<String>> = BTreeSet::new();
    for first in (0..EVENTS).step_by(BATCH) {
        let batch = first..first + BATCH;
        world.apply_all(batch.map(|number| told.next(number, &mut random)).collect());
        let now = query::clock(&world.state).expect("in memory").as_millis();
        world.settle(now);
        seen.insert(compare(&world, &mut told));
        sizes.push(row_bytes(&world));
    }
    let (before, end) = (sizes[sizes.len() * 3 / 4], sizes[sizes.len() - 1]);
    let most = *sizes.iter().max().expect("batches");
    assert!(most < ROW_MAX_BYTES, "{most} bytes");
    let is_steady = end < before + before / 10;
    assert!(is_steady, "{end} bytes, {before} when a month was over");
    // Nothing happens any more, and everything leaves its window.
    let last = query::clock(&world.state).expect("in memory").as_millis();
    for later in (0..32 * DAY).step_by(9_777_000) {
        world.settle(last + later);
        seen.insert(compare(&world, &mut told));
    }
    assert_eq!(world.audiences_of(ADA), ["ever"]);
    assert!(seen.len() > 10, "{seen:?}");
}
