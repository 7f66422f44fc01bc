//! Audiences as things happen and as time passes, against rules evaluated by hand from all events.

use std::collections::BTreeMap;

use kith_base::{Random, Timestamp};
use kith_engine::{query, table};
use kith_event::{Event, Record};

use crate::world::{DAY, HOUR, SECOND, START, World, event};

#[test]
fn windows_open_and_close_at_the_exact_second_without_an_event() {
    let mut world = World::new();
    let rule = r#"count("Product Viewed", 7 days) >= 3 and count("Order Completed", 24 hours) = 0"#;
    world.audience("eager", rule);
    let who = ["anonymous_id:a"];
    for (number, at) in [0, HOUR, 2 * HOUR + 500].into_iter().enumerate() {
        let view = event(number, START + at, "Product Viewed", &who, "{}");
        world.apply(Record::Event(view));
    }
    let bought = START + 3 * HOUR + 250;
    let order = event(9, bought, "Order Completed", &who, "{}");
    world.apply(Record::Event(order));
    // Ticks come when they come; none of them falls on a due second.
    for minute in 0..(9 * 24 * 60) {
        world.tick(bought + 17 * SECOND + minute * 60 * SECOND);
    }
    let told: Vec<(bool, i64)> = world
        .changes
        .iter()
        .map(|change| (change.entered, change.at.as_millis() - START))
        .collect();
    let expected = [
        (true, 2 * HOUR + 500),
        (false, 3 * HOUR + 250),
        // The order of second 3:00:00 leaves the window of 24 hours at that second a day later.
        (true, 3 * HOUR + DAY),
        // The view of second 0:00:00 leaves the window of 7 days: two are left.
        (false, 7 * DAY),
    ];
    assert_eq!(told, expected);
    assert_eq!(world.audiences_of("anonymous_id:a"), Vec::<String>::new());
}

#[test]
fn merging_and_parting_leaves_both_as_they_were() {
    let mut world = World::new();
    world.audience("viewer", r#"count("Product Viewed", 30 days) >= 2"#);
    world.audience("buyer", r#"sum("Order Completed", 30 days) >= 50"#);
    world.audience("both", r#"in audience "viewer" and in audience "buyer""#);
    let device = ["anonymous_id:tablet"];
    for number in 0..2 {
        let at = START + number as i64 * HOUR;
        let view = event(number, at, "Product Viewed", &device, "{}");
        world.apply(Record::Event(view));
    }
    let ada = ["user_id:ada"];
    let order = event(
        2,
        START + 3 * HOUR,
        "Order Completed",
        &ada,
        r#"{"revenue":60}"#,
    );
    world.apply(Record::Event(order));
    let before = series_of(&world);
    assert_eq!(world.audiences_of("anonymous_id:tablet"), ["viewer"]);
    assert_eq!(world.audiences_of("user_id:ada"), ["buyer"]);

    let login = ["user_id:ada", "anonymous_id:tablet"];
    world.apply(Record::Event(event(
        3,
        START + 4 * HOUR,
        "identify",
        &login,
        "{}",
    )));
    assert_eq!(
        world.audiences_of("user_id:ada"),
        ["both", "buyer", "viewer"]
    );
    assert_eq!(
        world.person("user_id:ada"),
        world.person("anonymous_id:tablet")
    );

    // Another user logs in on the tablet: it belongs to neither.
    let other = ["user_id:bob", "anonymous_id:tablet"];
    world.apply(Record::Event(event(
        4,
        START + 5 * HOUR,
        "identify",
        &other,
        "{}",
    )));
    assert_eq!(world.audiences_of("anonymous_id:tablet"), ["viewer"]);
    assert_eq!(world.audiences_of("user_id:ada"), ["buyer"]);
    assert_eq!(world.audiences_of("user_id:bob"), Vec::<String>::new());
    assert_eq!(series_of(&world), before);
    for (id, size) in [("viewer", 1), ("buyer", 1), ("both", 0)] {
        let counted = query::audience(&world.state, id, 0)
            .expect("in memory")
            .size;
        assert_eq!(counted, size, "{id}");
    }
}

/// The series of the tablet and of Ada, as stored.
fn series_of(world: &World) -> Vec<String> {
    let nodes = [("anonymous_id", "tablet"), ("user_id", "ada")];
    let fold = |(namespace, value)| {
        let id = kith_base::NodeId::of(namespace, value);
        let row = table::read_node(&world.state, id).expect("in memory");
        format!("{:?}", row.expect("a node").fold.series)
    };
    nodes.map(fold).to_vec()
}

/// What the rules below say, computed from all events of a person at an instant.
struct Model<'a> {
    events: Vec<&'a Event>,
    now: i64,
}

impl Model<'_> {
    /// Seconds of the events of a name within a window, ascending.
    fn seconds(&self, name: &str, window: i64, category: Option<&str>) -> Vec<i64> {
        let now = self.now.div_euclid(SECOND);
        let wanted = |event: &&&Event| {
            let second = event.occurred_at.as_millis().div_euclid(SECOND);
            let text = event.properties.as_str();
            (name == "any" || event.name == name)
                && category.is_none_or(|category| text.contains(&format!("\"{category}\"")))
                && second <= now
                && second > now - window / SECOND
        };
        let mut seconds: Vec<i64> = self
            .events
            .iter()
            .filter(wanted)
            .map(|event| event.occurred_at.as_millis().div_euclid(SECOND))
            .collect();
        seconds.sort_unstable();
        seconds
    }

    fn count(&self, name: &str, window: i64, category: Option<&str>) -> usize {
        self.seconds(name, window, category).len()
    }

    fn revenue(&self, window: i64) -> i64 {
        let now = self.now.div_euclid(SECOND);
        let inside = |event: &&&Event| {
            let second = event.occurred_at.as_millis().div_euclid(SECOND);
            event.name == "Order Completed" && second <= now && second > now - window / SECOND
        };
        let value = |event: &&Event| {
            let text = event.properties.as_str();
            let digits = text.split("\"revenue\":").nth(1).unwrap_or("0");
            let end = digits.find(|c: char| !c.is_ascii_digit());
            digits[..end.unwrap_or(digits.len())].parse().unwrap_or(0)
        };
        self.events.iter().filter(inside).map(value).sum::<i64>()
    }

    fn categories(&self, window: i64) -> usize {
        ["shoes", "hats", "bags"]
            .iter()
            .filter(|category| self.count("Product Viewed", window, Some(category)) > 0)
            .count()
    }

    /// A view with an order within two hours after it, all in the window.
    fn quick(&self, window: i64) -> bool {
        let orders = self.seconds("Order Completed", window, None);
        let within = |view: &i64| orders.iter().any(|at| at > view && *at <= view + 7_200);
        self.seconds("Product Viewed", window, None)
            .iter()
            .any(within)
    }

    fn holds(&self, audience: &str) -> bool {
        match audience {
            "shoes" => self.count("Product Viewed", 3 * DAY, Some("shoes")) >= 2,
            "asleep" => {
                self.count("any", DAY, None) == 0 && self.count("any", 300 * DAY, None) >= 2
            }
            "rich" => self.revenue(4 * DAY) > 60,
            "curious" => self.categories(2 * DAY) >= 2,
            "quick" => self.quick(5 * DAY),
            "mixed" => (self.holds("shoes") || self.holds("rich")) && !self.holds("asleep"),
            other => unreachable!("no audience {other}"),
        }
    }
}

const RULES: [(&str, &str); 6] = [
    (
        "shoes",
        r#"count("Product Viewed" where category = "shoes", 3 days) >= 2"#,
    ),
    (
        "asleep",
        r#"count(any, 24 hours) = 0 and count(any, 300 days) >= 2"#,
    ),
    ("rich", r#"sum("Order Completed", 4 days) > 60"#),
    (
        "curious",
        r#"distinct("Product Viewed", of category, 2 days) >= 2"#,
    ),
    (
        "quick",
        r#"sequence("Product Viewed", "Order Completed" within 2 hours, 5 days)"#,
    ),
    (
        "mixed",
        r#"(in audience "shoes" or in audience "rich") and not in audience "asleep""#,
    ),
];

/// Eight visitors on ten devices over two weeks, some events late, some twice, some in the
/// future, persons merged by log-ins and parted by shared devices.
fn history(random: &mut Random) -> Vec<Event> {
    let mut events = Vec::new();
    for number in 0..90 {
        let at = START + random.below(14 * 24 * 3_600) as i64 * SECOND + random.below(1_000) as i64;
        let category = ["shoes", "hats", "bags"][random.below(3) as usize];
        let (name, properties) = match random.below(10) {
            0..=5 => (
                "Product Viewed",
                format!(r#"{{"product_id":"p","category":"{category}"}}"#),
            ),
            6..=8 => (
                "Order Completed",
                format!(r#"{{"revenue":{}}}"#, random.below(90)),
            ),
            _ => ("identify", "{}".to_owned()),
        };
        let device = format!("anonymous_id:d{}", random.below(10));
        let user = format!("user_id:u{}", random.below(8));
        let who: Vec<&str> = match random.below(6) {
            0 => vec![&device, &user],
            1 => vec![&user],
            _ => vec![&device],
        };
        let mut event = event(number, at, name, &who, &properties);
        // Some arrive hours late, some were sent with a clock that is ahead.
        let delay = match random.below(8) {
            0 => random.below(20 * 3_600) as i64 * SECOND,
            1 => -(random.below(3 * 3_600) as i64) * SECOND,
            _ => 0,
        };
        event.received_at = Timestamp::from_millis(at + delay);
        if random.chance(0.1) {
            events.push(event.clone());
        }
        events.push(event);
    }
    events.sort_by_key(|event| event.received_at);
    events
}

#[test]
fn membership_is_what_the_rule_says_from_scratch_at_any_instant() {
    let mut looked_at = 0;
    for seed in 0..12 {
        let mut random = Random::new(seed);
        let events = history(&mut random);
        let mut world = World::new();
        for (id, rule) in RULES {
            world.audience(id, rule);
        }
        let mut instants: Vec<i64> = (0..100)
            .map(|_| START + random.below(22 * 24 * 3_600 * 1_000) as i64)
            .collect();
        instants.sort_unstable();
        let mut waiting = events.iter().peekable();
        for instant in instants {
            while let Some(event) = waiting.next_if(|e| e.received_at.as_millis() <= instant) {
                world.apply(Record::Event(event.clone()));
            }
            world.tick(instant);
            let arrived = events
                .iter()
                .filter(|e| e.received_at.as_millis() <= instant);
            check(seed, &world, arrived, instant);
            looked_at += 1;
        }
    }
    assert!(looked_at >= 1_000);
}

fn check<'a>(seed: u64, world: &World, arrived: impl Iterator<Item = &'a Event>, now: i64) {
    let mut own: BTreeMap<String, Vec<&Event>> = BTreeMap::new();
    let mut seen = std::collections::BTreeSet::new();
    for event in arrived.filter(|event| seen.insert(event.message_id.clone())) {
        let strongest = event
            .identifiers
            .iter()
            .max_by_key(|one| one.namespace == "user_id");
        let strongest = strongest.expect("every event names somebody").to_string();
        own.entry(world.person(&strongest).to_string())
            .or_default()
            .push(event);
        for identifier in &event.identifiers {
            own.entry(world.person(&identifier.to_string()).to_string())
                .or_default();
        }
    }
    for (person, events) in own {
        let id = kith_base::PersonId::parse(&person).expect("an id");
        let row = query::memberships(&world.state, id).expect("in memory");
        let model = Model { events, now };
        for (audience, _) in RULES {
            assert_eq!(
                row.audiences.contains_key(audience),
                model.holds(audience),
                "seed {seed}: {person} in {audience} at {}",
                Timestamp::from_millis(now),
            );
        }
    }
}

#[test]
fn an_audience_written_late_ends_like_one_that_was_always_there() {
    for seed in 100..106 {
        let mut random = Random::new(seed);
        let events = history(&mut random);
        let (mut early, mut late) = (World::new(), World::new());
        for (id, rule) in RULES {
            early.audience(id, rule);
        }
        for (number, event) in events.iter().enumerate() {
            early.apply(Record::Event(event.clone()));
            if number == 60 {
                for (id, rule) in RULES {
                    late.audience(id, rule);
                }
            }
            late.apply(Record::Event(event.clone()));
            if number == 70 {
                late.catch_up();
            }
        }
        let end = START + 15 * DAY;
        for step in 0..20 {
            early.tick(end + step * HOUR);
            late.tick(end + step * HOUR);
        }
        let members = |world: &World, id: &str| {
            let all = query::members(&world.state, id, None, usize::MAX).expect("in memory");
            all.into_iter()
                .map(|(person, _)| person)
                .collect::<Vec<_>>()
        };
        for (id, _) in RULES {
            assert_eq!(members(&early, id), members(&late, id), "seed {seed}: {id}");
            let job = query::audience(&late.state, id, 0).expect("in memory").job;
            assert_eq!(job, None, "seed {seed}: {id} is still being computed");
        }
    }
}
