//! A thousand audiences: each right, and an event looks at those it can matter to.

use std::collections::BTreeSet;

use kith_base::{Json, Random, Timestamp};
use kith_engine::state::Tx;
use kith_engine::table::DefinitionRow;
use kith_engine::{query, table};
use kith_event::Record;
use kith_sim::memberships;

use crate::world::{DAY, HOUR, START, World, event};

const AUDIENCES: usize = 1_000;
const ADA: &str = "user_id:ada";

fn id(number: usize) -> String {
    format!("a{number:04}")
}

/// Rules over seven traits, eleven events, a feature, and the audiences before them.
fn rule(n: usize) -> String {
    match n % 5 {
        0 => format!(r#"traits.t{} = "v{}""#, n % 7, n % 3),
        1 => {
            let (name, days, least) = (n % 11, 1 + n % 40, 1 + n % 4);
            format!(r#"count("E{name}", {days} days) >= {least}"#)
        }
        2 => {
            let (name, size, least) = (n % 11, n % 5, n % 50);
            format!(r#"sum("E{name}" where size > {size}, of size) >= {least}"#)
        }
        3 => {
            let (name, days) = (n / 5 % 11, 2 + n % 30);
            let active = format!(r#"days_active("E{name}", {days} days) >= 2"#);
            format!("traits.t{} exists and {active}", n % 7)
        }
        _ if n % 50 == 4 => format!("features.event_count >= {}", n % 30),
        _ => format!(r#"not in audience "{}""#, id(n - 4)),
    }
}

/// A world with these audiences, compiled once: written one after the other, each would be
/// compiled with all before it.
pub fn world_of(rules: impl Iterator<Item = (String, String)>) -> World {
    let mut world = World::new();
    for (id, rule) in rules {
        let row = DefinitionRow {
            revision: 1,
            name: id.clone(),
            archived: false,
            author: "test".to_owned(),
            at: Timestamp::from_millis(START),
            spec: Json::parse(&format!(r#"{{"when":{rule:?}}}"#)).expect("JSON"),
        };
        let key = table::definition("audience", &id);
        world.state.put(&key, table::encode(&row));
    }
    world.audience("last", "features.event_count >= 1000");
    world
}

fn thousand() -> World {
    world_of((0..AUDIENCES).map(|n| (id(n), rule(n))))
}

fn happen(number: usize, at: i64, who: &str, random: &mut Random) -> Record {
    if random.chance(0.2) {
        let mut told = event(number, at, "identify", &[who], "{}");
        let (name, value) = (random.below(7), random.below(4));
        let traits = format!(r#"{{"t{name}":"v{value}"}}"#);
        told.traits = Json::parse(&traits).expect("JSON");
        return Record::Event(told);
    }
    let (name, size) = (random.below(11), random.below(9));
    let properties = format!(r#"{{"size":{size}}}"#);
    Record::Event(event(number, at, &format!("E{name}"), &[who], &properties))
}

#[test]
fn a_thousand_audiences_are_each_right_at_all_times() {
    let mut world = thousand();
    assert_eq!(world.project.audiences.all().len(), AUDIENCES + 1);
    let mut random = Random::new(11);
    let people = ["user_id:ada", "user_id:bob", "user_id:eve", "user_id:max"];
    let mut held = BTreeSet::new();
    for number in 0..400 {
        let who = people[random.below(4) as usize];
        let at = START + number as i64 * 3 * HOUR;
        world.apply(happen(number, at, who, &mut random));
        if number % 40 == 39 {
            world.settle(at);
            memberships::agree(&world.state).unwrap_or_else(|wrong| panic!("{number}: {wrong}"));
            held.extend(world.audiences_of(who));
        }
    }
    let last = query::clock(&world.state).expect("in memory").as_millis();
    for later in [DAY, 9 * DAY, 25 * DAY, 45 * DAY] {
        world.settle(last + later);
        memberships::agree(&world.state).unwrap_or_else(|wrong| panic!("{later}: {wrong}"));
    }
    assert!(held.len() > 750, "{}", held.len());
}

/// Whoever is in an audience is made to be not, and the other way round: what is evaluated
/// afterwards is right, and nothing else.
fn mistaken(world: &mut World) {
    let person = world.person(ADA);
    let mut row = query::memberships(&world.state, person).expect("in memory");
    for number in 0..AUDIENCES {
        if row.audiences.remove(&id(number)).is_none() {
            let since = Timestamp::from_millis(START);
            row.audiences.insert(id(number), since);
        }
    }
    let key = table::membership(person);
    world.state.put(&key, table::encode(&row));
    world.restart();
}

#[test]
fn what_happens_evaluates_the_audiences_it_can_matter_to_and_no_others() {
    let refers = |n: usize| n % 5 == 4 && n % 50 != 4;
    let counts = |n: usize| n % 50 == 4;
    let of_event = |n: usize| match n % 5 {
        1 | 2 => n % 11 == 7,
        3 => n / 5 % 11 == 7,
        _ => counts(n),
    };
    let of_trait = |n: usize| match n % 5 {
        0 | 3 => n % 7 == 3,
        _ if refers(n) => (n - 4) % 7 == 3,
        _ => counts(n),
    };
    let viewed = event(90, START + 50 * HOUR, "E7", &[ADA], r#"{"size":4}"#);
    let mut told = event(91, START + 50 * HOUR, "identify", &[ADA], "{}");
    told.traits = Json::parse(r#"{"t3":"v1"}"#).expect("JSON");
    // One more of what is counted takes nobody out: who is in is not looked at.
    let stays = |n: usize, is_in: bool| matches!(n % 5, 1..=3) && is_in;
    let nobody_stays = |_: usize, _: bool| false;
    type Matters<'a> = &'a dyn Fn(usize) -> bool;
    type Stays<'a> = &'a dyn Fn(usize, bool) -> bool;
    let cases: [(_, Matters<'_>, Stays<'_>); 2] = [
        (viewed, &of_event, &stays),
        (told, &of_trait, &nobody_stays),
    ];
    for (happens, matters, stays) in cases {
        let [right, partly] = [false, true].map(|is_mistaken| {
            let (mut world, mut random) = (thousand(), Random::new(5));
            for number in 0..16 {
                // Nothing is due at the 50th hour.
                let at = START + 40 * HOUR + number as i64 * 1_000;
                world.apply(happen(number, at, ADA, &mut random));
            }
            world.settle(START + 49 * HOUR);
            if is_mistaken {
                mistaken(&mut world);
            }
            world.apply(Record::Event(happens.clone()));
            world.audiences_of(ADA).into_iter().collect::<BTreeSet<_>>()
        });
        let is_right = |n: &usize| right.contains(&id(*n)) == partly.contains(&id(*n));
        let evaluated: Vec<usize> = (0..AUDIENCES).filter(is_right).collect();
        let can_matter: Vec<usize> = (0..AUDIENCES).filter(|n| matters(*n)).collect();
        let was_in = |n: usize| !right.contains(&id(n));
        let expected = can_matter.iter().copied();
        let expected: Vec<usize> = expected.filter(|n| !stays(*n, was_in(*n))).collect();
        assert_eq!(evaluated, expected, "{}", happens.label());
        assert!(
            expected.len() > 20 && can_matter.len() < 200,
            "{expected:?}"
        );
    }
}

#[test]
fn a_circle_among_them_is_left_out_and_named_and_the_others_work() {
    let circle = [("a0001", "a0003"), ("a0002", "a0001"), ("a0003", "a0002")];
    let behind = [("a0004", "a0003"), ("a0005", "a0004")];
    let rules = (0..AUDIENCES).map(|n| {
        let mut asks = circle.iter().chain(&behind);
        let asked = asks.find(|(from, _)| *from == id(n));
        let rule = match asked {
            Some((_, to)) => format!(r#"in audience "{to}""#),
            None if n >= 500 => format!(r#"count("E1") >= {}"#, n - 498),
            None => rule(n),
        };
        (id(n), rule)
    });
    let mut world = world_of(rules);
    let told: Vec<String> = world
        .project
        .problems
        .iter()
        .map(ToString::to_string)
        .collect();
    // The rule of the last asks for the one before it.
    let named = ["a0001", "a0002", "a0003", "a0004", "a0005", "a0009"];
    assert_eq!(told.len(), named.len(), "{told:?}");
    for (told, id) in told.iter().zip(named) {
        assert!(
            told.starts_with(&format!("audience/{id} spec.when: ")),
            "{told}"
        );
        assert!(told.contains("a0001 → a0003 → a0002 → a0001"), "{told}");
    }
    assert_eq!(
        world.project.audiences.all().len(),
        AUDIENCES + 1 - named.len()
    );
    for number in 0..3 {
        let at = START + number as i64 * HOUR;
        world.apply(Record::Event(event(number, at, "E1", &[ADA], "{}")));
    }
    memberships::agree(&world.state).expect("each is right");
    let held = world.audiences_of(ADA);
    let counted: Vec<&String> = held.iter().filter(|held| *held >= &id(500)).collect();
    assert_eq!(counted, ["a0500", "a0501"]);
}

#[test]
fn a_thousand_audiences_that_ask_for_each_other_follow_at_once() {
    let mut world = world_of((0..AUDIENCES).map(|n| match n {
        0 => (id(0), r#"count("E1", 1 hour) >= 1"#.to_owned()),
        n => (id(n), format!(r#"in audience "{}""#, id(n - 1))),
    }));
    let happened = event(0, START, "E1", &[ADA], "{}");
    world.apply(Record::Event(happened));
    assert_eq!(world.audiences_of(ADA).len(), AUDIENCES);
    world.settle(START + HOUR);
    assert_eq!(world.audiences_of(ADA), Vec::<String>::new());
    let left = world.changes.iter().filter(|change| !change.entered);
    let left: Vec<&str> = left.map(|change| change.audience.as_str()).collect();
    assert!(
        left.is_sorted() && left.len() == AUDIENCES,
        "{}",
        left.len()
    );
}
