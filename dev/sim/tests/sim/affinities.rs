//! Affinities as features, against shares computed by hand from all events.

use std::collections::BTreeMap;

use kith_base::{Duration, Random, Timestamp, limits};
use kith_engine::site::{Site, SiteSums};
use kith_engine::state::Read;
use kith_engine::{query, table};
use kith_event::{Event, Record};
use kith_profile::series::{Contribution, Touch};
use kith_profile::{SeriesId, SeriesSpec};
use kith_rule::FactKey;

use crate::world::{DAY, HOUR, SECOND, START, World, event};

/// By category; a purchase satisfies for five days; gifts do not count.
const TASTE: &str = r#"{"affinity":{"by":"category","half_life_days":4,
    "once":{"percent":20,"repurchase_days":5},"gift":"is_gift"}}"#;
const RULES: [(&str, &str); 3] = [
    ("keen", r#"affinity("taste", "shoes") > 0.3713"#),
    ("hatter", r#"features.taste = "hats""#),
    (
        "hatless",
        r#"affinity("taste", "hats") = 0 and count(any) > 0"#,
    ),
];
const CATEGORIES: [&str; 3] = ["bags", "hats", "shoes"];

fn world() -> World {
    let mut world = World::new();
    world.feature("taste", TASTE);
    for (id, rule) in RULES {
        world.audience(id, rule);
    }
    world
}

/// Six visitors over three weeks; some events late, some twice, some with the category left to
/// the catalog, some orders gifts.
fn history(random: &mut Random) -> Vec<Event> {
    let mut events = Vec::new();
    for number in 0..70 {
        let at = START + random.below(21 * 24 * 3_600) as i64 * SECOND + random.below(999) as i64;
        let item = random.below(3) as usize;
        let category = CATEGORIES[item];
        let own = random
            .chance(0.5)
            .then(|| format!(r#","category":"{category}""#));
        let line = format!(r#""product_id":"p{item}"{}"#, own.unwrap_or_default());
        let (name, properties) = match random.below(8) {
            0..=4 => ("Product Viewed", format!("{{{line}}}")),
            5 => {
                let gift = random.chance(0.5);
                let properties = format!(r#"{{"is_gift":{gift},"products":[{{{line}}}]}}"#);
                ("Order Completed", properties)
            }
            6 => ("Product Added", format!("{{{line}}}")),
            _ => ("identify", "{}".to_owned()),
        };
        let device = format!("anonymous_id:d{}", random.below(6));
        let user = format!("user_id:u{}", random.below(4));
        let who: Vec<&str> = match random.below(6) {
            0 => vec![&device, &user],
            _ => vec![&device],
        };
        let mut event = event(number, at, name, &who, &properties);
        let late = random.chance(0.2);
        let delay = if late { random.below(40 * 3_600) } else { 0 };
        event.received_at = Timestamp::from_millis(at + delay as i64 * SECOND);
        if random.chance(0.1) {
            events.push(event.clone());
        }
        events.push(event);
    }
    events.sort_by_key(|event| event.received_at);
    events
}

fn catalog(world: &mut World) {
    for (number, category) in CATEGORIES.iter().enumerate() {
        let item = format!(r#"{{"categories":["{category}"],"price":{number}}}"#);
        world.item(&format!("p{number}"), Some(&item));
    }
}

/// Weights by category, from the plain formula.
fn weights(events: &[&Event], now: i64) -> BTreeMap<&'static str, f64> {
    let mut weights = BTreeMap::new();
    for (number, category) in CATEGORIES.iter().enumerate() {
        let item = format!("\"p{number}\"");
        let of_item = |event: &&&Event| {
            let text = event.properties.as_str();
            text.contains(&item) && !text.contains("\"is_gift\":true")
        };
        let (mut weight, mut bought_at) = (0.0, None);
        for event in events.iter().filter(of_item) {
            let at = event.occurred_at.as_millis();
            let counts = match event.name.as_str() {
                "Product Viewed" => 1.0,
                "Product Added" => 3.0,
                _ => {
                    bought_at = bought_at.max(Some(at));
                    5.0
                }
            };
            weight += counts * f64::exp2((at - now) as f64 / (4 * DAY) as f64);
        }
        let satisfied = bought_at.is_some_and(|at| now < at + 5 * DAY);
        if weight > 0.0 {
            weights.insert(*category, if satisfied { weight * 0.2 } else { weight });
        }
    }
    weights
}

fn by_person<'a>(world: &World, arrived: &'a [Event]) -> BTreeMap<String, Vec<&'a Event>> {
    let mut own: BTreeMap<String, Vec<&Event>> = BTreeMap::new();
    let mut seen = std::collections::BTreeSet::new();
    let fresh = |event: &&Event| seen.insert(event.message_id.clone());
    for event in arrived.iter().filter(fresh) {
        let strongest = event
            .identifiers
            .iter()
            .max_by_key(|one| one.namespace == "user_id");
        let strongest = strongest.expect("every event names somebody").to_string();
        let person = world.person(&strongest).to_string();
        own.entry(person).or_default().push(event);
    }
    own
}

#[test]
fn shares_are_those_of_the_plain_formula_at_any_instant() {
    let mut memberships = 0;
    for seed in 0..10 {
        let mut random = Random::new(seed);
        let events = history(&mut random);
        let mut world = world();
        catalog(&mut world);
        let mut instants: Vec<i64> = (0..40)
            .map(|_| START + random.below(30 * 24 * 3_600 * 1_000) as i64)
            .collect();
        instants.sort_unstable();
        let mut next = 0;
        for now in instants {
            while next < events.len() && events[next].received_at.as_millis() <= now {
                world.apply(Record::Event(events[next].clone()));
                next += 1;
            }
            world.tick(now);
            for (person, events) in by_person(&world, &events[..next]) {
                memberships += check(&world, &person, &events, now);
            }
        }
    }
    assert!(memberships > 500, "{memberships}: too few to tell anything");
}

fn check(world: &World, person: &str, events: &[&Event], now: i64) -> usize {
    let id = kith_base::PersonId::parse(person).expect("an id");
    let standing = query::standing(&world.state, &world.project, id);
    let standing = standing.expect("in memory").expect("a person");
    let at = Timestamp::from_millis(now);
    let weights = weights(events, now);
    let all: f64 = weights.values().sum();
    for category in CATEGORIES {
        let expected = weights.get(category).map_or(0.0, |weight| weight / all);
        let key = world.project.schema.resolve(&FactKey::Affinity {
            dimension: "taste".into(),
            key: category.into(),
        });
        let found = standing.ask(&world.project, |facts| facts.fact(&key, at));
        let found = found.as_number().expect("a share");
        assert!(
            (found - expected).abs() < 1e-6,
            "{category} of {person}: {found}, by hand {expected}"
        );
    }
    let share = |of: &str| weights.get(of).map_or(0.0, |weight| weight / all);
    let best = CATEGORIES
        .iter()
        .filter(|of| share(of) > 0.0)
        .max_by(|a, b| share(a).total_cmp(&share(b)));
    let expected = [
        ("keen", share("shoes") > 0.3713),
        ("hatter", best == Some(&"hats")),
        ("hatless", share("hats") == 0.0),
    ];
    for (audience, holds) in expected {
        let is_in = standing.audiences.contains_key(audience);
        assert_eq!(is_in, holds, "{person} in {audience} at {at}: {weights:?}");
    }
    standing.audiences.len()
}

#[test]
fn what_was_bought_is_wanted_again_at_the_exact_instant() {
    let mut world = World::new();
    world.feature("taste", TASTE);
    world.audience("keen", r#"affinity("taste", "shoes") > 0.5"#);
    let who = ["anonymous_id:a"];
    let shoes = r#"{"product_id":"1","category":"shoes"}"#;
    let hats = r#"{"product_id":"2","category":"hats"}"#;
    let order = r#"{"products":[{"product_id":"1","category":"shoes"}]}"#;
    let told = [
        ("Product Viewed", hats, 0),
        ("Product Viewed", hats, HOUR),
        ("Product Viewed", shoes, 2 * HOUR),
        ("Order Completed", order, 3 * HOUR + 250),
    ];
    for (number, (name, properties, at)) in told.into_iter().enumerate() {
        world.apply(Record::Event(event(
            number,
            START + at,
            name,
            &who,
            properties,
        )));
    }
    assert_eq!(world.audiences_of("anonymous_id:a"), [""; 0]);
    for hour in 0..200 {
        world.tick(START + 4 * HOUR + 17 * SECOND + hour * HOUR);
    }
    let changes: Vec<(bool, i64)> = world
        .changes
        .iter()
        .map(|change| (change.entered, change.at.as_millis() - START))
        .collect();
    assert_eq!(changes, [(true, 3 * HOUR + 250 + 5 * DAY)]);
}

/// Interests as stored: of every node, and of the site without the names of its series.
fn stored(world: &World) -> (Vec<String>, Vec<Vec<u8>>) {
    let nodes = world
        .state
        .range(b"n", b"o", usize::MAX)
        .expect("in memory");
    let fold = |(key, bytes): &(Vec<u8>, Vec<u8>)| {
        let row: table::NodeRow = table::decode(key, bytes).expect("a node");
        let interests = row.fold.series.iter().map(|(_, series)| series);
        let interests: Vec<_> = interests
            .filter_map(|series| Some(format!("{:?}", series.interests()?)))
            .collect();
        format!("{}: {interests:?}", row.value)
    };
    let site = world
        .state
        .range(b"B", b"C", usize::MAX)
        .expect("in memory");
    (
        nodes.iter().map(fold).collect(),
        site.into_iter().map(|(_, bytes)| bytes).collect(),
    )
}

#[test]
fn an_affinity_written_late_ends_like_one_that_was_always_there() {
    for seed in 200..206 {
        let mut random = Random::new(seed);
        let events = history(&mut random);
        let (mut early, mut late) = (world(), World::new());
        for (number, event) in events.iter().enumerate() {
            for world in [&mut early, &mut late] {
                match number {
                    5 => catalog(world),
                    // What an item was called matters to events after it, and to no others.
                    20 => world.item("p1", Some(r#"{"categories":["caps"]}"#)),
                    30 => world.item("p2", None),
                    _ => {}
                }
            }
            early.apply(Record::Event(event.clone()));
            if number == 50 {
                late.feature("taste", TASTE);
                for (id, rule) in RULES {
                    late.audience(id, rule);
                }
            }
            late.apply(Record::Event(event.clone()));
            if number == 60 {
                late.catch_up();
            }
        }
        for step in 0..20 {
            early.tick(START + 40 * DAY + step * HOUR);
            late.tick(START + 40 * DAY + step * HOUR);
        }
        let (ours, theirs) = (stored(&early), stored(&late));
        assert!(ours.1.len() > 2, "the site has interests");
        assert_eq!(ours, theirs, "seed {seed}");
        for (id, _) in RULES {
            let members = |world: &World| {
                let all = query::members(&world.state, id, None, usize::MAX);
                let all = all.expect("in memory").into_iter();
                all.map(|(person, _)| person).collect::<Vec<_>>()
            };
            assert_eq!(members(&early), members(&late), "seed {seed}: {id}");
        }
    }
}

#[test]
fn merging_and_parting_leaves_both_interests_as_they_were() {
    let mut world = world();
    let view = |number, who: &str, category: &str| {
        let properties = format!(r#"{{"product_id":"p","category":"{category}"}}"#);
        let at = START + number as i64 * HOUR;
        Record::Event(event(number, at, "Product Viewed", &[who], &properties))
    };
    world.apply(view(0, "anonymous_id:tablet", "hats"));
    world.apply(view(1, "user_id:ada", "shoes"));
    let login = |number, who: &str| {
        let who = [who, "anonymous_id:tablet"];
        let at = START + number as i64 * HOUR;
        Record::Event(event(number, at, "identify", &who, "{}"))
    };
    let before = stored(&world);
    let apart = |world: &World| {
        let of = |who| world.audiences_of(who);
        (of("user_id:ada"), of("anonymous_id:tablet"))
    };
    assert_eq!(
        apart(&world),
        (
            vec!["hatless".to_owned(), "keen".to_owned()],
            vec!["hatter".to_owned()]
        )
    );
    let audiences = apart(&world);
    world.apply(login(2, "user_id:ada"));
    // Half a hour apart, and so nearly half each.
    assert_eq!(world.audiences_of("user_id:ada"), ["keen"]);
    world.apply(login(3, "user_id:bob"));
    assert_eq!(apart(&world), audiences);
    let after = stored(&world);
    assert_eq!(before.1, after.1);
    let kept = after.0.iter().filter(|row| !row.starts_with("bob"));
    assert!(kept.eq(before.0.iter()));
}

#[test]
fn the_base_rate_is_the_share_of_all_events() {
    let mut world = world();
    for (number, category) in ["hats", "hats", "hats", "shoes"].iter().enumerate() {
        let who = format!("anonymous_id:{number}");
        let properties = format!(r#"{{"product_id":"p","category":"{category}"}}"#);
        let view = event(number, START, "Product Viewed", &[&who], &properties);
        world.apply(Record::Event(view));
    }
    let (kept, half_life) = series_of_taste(&world);
    let now = Timestamp::from_millis(START + 9 * DAY);
    let site = |id: SeriesId| Site::new(&world.state, id, half_life, now).expect("in memory");
    let share = |key: &str| site(kept).share(key).expect("in memory");
    assert!((share("hats") - 0.75).abs() < 1e-9);
    assert!((share("shoes") - 0.25).abs() < 1e-9);
    assert_eq!(share("boots"), 0.0);
    assert_eq!(site(SeriesId(7)).share("hats").expect("in memory"), 0.0);
}

fn series_of_taste(world: &World) -> (SeriesId, Duration) {
    let half_life = |(id, spec): (SeriesId, &SeriesSpec)| {
        let affinity = spec.affinity.as_ref()?;
        Some((id, affinity.half_life()))
    };
    let mut series = world.project.features.series();
    series.find_map(half_life).expect("an affinity is live")
}

#[test]
fn the_site_keeps_its_keys_up_to_the_limit_and_a_fair_half_beyond_it() {
    let max = limits::AFFINITY_SITE_KEYS_MAX;
    let build = |numbers: &mut dyn Iterator<Item = usize>| {
        let mut world = world();
        let (id, half_life) = series_of_taste(&world);
        for number in numbers {
            let touch = Touch {
                key: format!("key {number}"),
                weight: 1,
                buys: false,
            };
            let contribution = Contribution {
                touches: vec![touch],
                ..Contribution::one()
            };
            let at = Timestamp::from_millis(START);
            let mut sums = SiteSums::default();
            sums.add(&world.project.features, &[(id, contribution)], at);
            sums.write(&mut world.state).expect("in memory");
        }
        let at = Timestamp::from_millis(START);
        let site = Site::new(&world.state, id, half_life, at).expect("in memory");
        let known = |number: usize| site.share(&format!("key {number}")).expect("in memory");
        let shares: Vec<f64> = (0..=max).map(known).collect();
        let rows = world
            .state
            .range(b"B", b"C", usize::MAX)
            .expect("in memory");
        (shares, rows)
    };
    let (full, rows) = build(&mut (0..max));
    let each = 1.0 / max as f64;
    assert_eq!(rows.len(), max + 1);
    assert!(full[..max].iter().all(|share| (share - each).abs() < 1e-9));
    let (beyond, rows) = build(&mut (0..=max));
    let kept = beyond.iter().filter(|share| **share > 0.0).count();
    assert!((max * 45 / 100..max * 55 / 100).contains(&kept), "{kept}");
    let least = 1.0 / (max as f64 + 1.0);
    let exact = |share: &f64| *share == 0.0 || (share - least).abs() < 1e-9;
    assert!(beyond.iter().all(exact), "what is kept is complete");
    let (_, backwards) = build(&mut (0..=max).rev());
    assert_eq!(rows, backwards, "the order of arrival shows");
}
