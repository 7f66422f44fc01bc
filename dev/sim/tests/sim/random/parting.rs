//! Persons that merge and part again: whatever is said of them is as if they had never met.

use std::fmt::Write as _;

use kith_base::{Random, Timestamp};
use kith_engine::query;
use kith_engine::table::Entry;
use kith_event::{Event, ListChange, Record};
use kith_rule::FEATURES;
use proptest::prelude::*;

use super::history::{self, Arrival, DAYS, Happening, arrivals};
use super::{FEATURES as DEFINED, audience_id, rules};
use crate::world::{DAY, World, event};

const ADA: [&str; 2] = ["user_id:ada", "email:ada@example.com"];
const TABLET: &str = "anonymous_id:tablet";
const BOB: &str = "user_id:bob";

/// Ada, who has an address, and somebody unknown on a tablet.
fn who() -> impl Strategy<Value = Vec<&'static str>> {
    prop_oneof![
        1 => Just(ADA.to_vec()),
        3 => Just(vec![ADA[0]]),
        1 => Just(vec![ADA[1]]),
        4 => Just(vec![TABLET]),
    ]
}

#[derive(Clone, Debug)]
struct Case {
    rules: Vec<String>,
    history: Vec<Happening>,
    /// When Ada logs in on the tablet, and then Bob.
    logins: (i64, i64),
    seed: u64,
}

fn case() -> impl Strategy<Value = Case> {
    history::season().prop_flat_map(|start| {
        let one = (history::happening(start), who()).prop_map(|(one, who)| one.by(&who));
        let history = prop::collection::vec(one, 1..50);
        let logins = (0..DAYS * DAY, 0..DAYS * DAY);
        (rules::rules(), history, logins, any::<u64>()).prop_map(
            move |(rules, history, (one, other), seed)| Case {
                rules,
                history,
                logins: (start + one.min(other), start + one.max(other)),
                seed,
            },
        )
    })
}

fn begin(case: &Case) -> World {
    let mut world = World::new();
    for (id, spec) in DEFINED {
        world.feature(id, spec);
    }
    world.define("audience", "vip", r#"{"type":"list"}"#);
    for (place, rule) in case.rules.iter().enumerate() {
        world.audience(&audience_id(place), rule);
    }
    world
}

fn login(number: usize, at: i64, who: &[&str]) -> Arrival {
    let record = Record::Event(event(number, at, "identify", who, "{}"));
    Arrival { at, record }
}

/// Two logins on the tablet among the history; or each of them where nobody is linked by it.
fn told(case: &Case, linked: bool) -> Vec<Arrival> {
    let mut told = arrivals(&case.history);
    let (ada, bob) = match linked {
        true => (vec![ADA[0], TABLET], vec![BOB, TABLET]),
        false => (vec![ADA[0]], vec![BOB]),
    };
    told.push(login(900, case.logins.0, &ada));
    told.push(login(901, case.logins.1, &bob));
    told.sort_by_key(|arrival| arrival.at);
    told
}

/// Everything that can be asked of somebody; `None` when there is nobody of that name.
fn dump(world: &World, who: &str) -> Option<String> {
    let identifier = kith_event::Identifier::parse(who).expect("a name");
    let found = query::person_of(&world.state, &world.project, &[identifier]);
    let person = found.expect("in memory")?;
    let now = query::clock(&world.state).expect("in memory");
    let profile = query::profile(&world.state, &world.project, person).expect("in memory");
    let profile = profile.expect("a person has a profile");
    let standing = query::standing(&world.state, &world.project, person).expect("in memory");
    let standing = standing.expect("a person has a standing");
    let events = query::timeline(&world.state, person, None, Some(Entry::Event), usize::MAX);
    // Not their positions in the log: between them are ticks, and to look once more does no harm.
    let events = events.expect("in memory").into_iter();
    let events: Vec<(Timestamp, Entry)> = events.map(|event| (event.at, event.entry)).collect();
    let mut out = format!("{profile:#?}\n{events:#?}\n");
    let mut say = |what: &str, value: &dyn std::fmt::Debug| {
        writeln!(out, "{what}: {value:?}").expect("text grows");
    };
    let built_in = FEATURES.iter().map(|feature| feature.name);
    for name in built_in.chain(DEFINED.map(|(id, _)| id)) {
        say(name, &standing.feature(&world.project, name, now));
    }
    let unready = query::unready_series(&world.state).expect("in memory");
    let names = standing
        .trait_names()
        .chain(world.project.computed.keys().map(String::as_str));
    for name in names.collect::<std::collections::BTreeSet<_>>() {
        say(
            name,
            &standing.trait_value(&world.project, &unready, name, now),
        );
    }
    for dimension in ["category", "brand"] {
        say(dimension, &profile.affinities(dimension, now));
    }
    for (series, spec) in world.project.features.series() {
        if spec.affinity.is_some() {
            say("taste", &standing.interests(series));
        }
    }
    say(
        "consent",
        &standing.consent(&world.project, "marketing", now),
    );
    say("identifiers", &standing.identifiers());
    say("audiences", &standing.audiences.keys().collect::<Vec<_>>());
    Some(out)
}

/// Who is in what, and how many that are.
fn members(world: &World) -> Vec<(String, u64, Vec<String>)> {
    let of = |id: &str| {
        let size = query::audience(&world.state, id, 0)
            .expect("in memory")
            .size;
        let members = query::members(&world.state, id, None, usize::MAX).expect("in memory");
        let members = members.into_iter().map(|(person, _)| person.to_string());
        (id.to_owned(), size, members.collect())
    };
    world
        .project
        .audiences
        .all()
        .iter()
        .map(|audience| of(&audience.id))
        .collect()
}

fn play(case: &Case) -> Result<(), TestCaseError> {
    let (mut met, mut never) = (begin(case), begin(case));
    let mut random = Random::new(case.seed);
    let mut waiting = told(case, true)
        .into_iter()
        .zip(told(case, false))
        .peekable();
    let mut instants: Vec<i64> = (0..40)
        .map(|_| case.logins.1 + random.below(9 * DAY as u64) as i64)
        .collect();
    instants.push(case.logins.0);
    instants.push(case.logins.1 - 1);
    instants.sort_unstable();
    for instant in instants {
        while let Some((left, right)) = waiting.next_if(|(next, _)| next.at <= instant) {
            met.apply(left.record);
            never.apply(right.record);
        }
        met.settle(instant);
        never.settle(instant);
        if instant < case.logins.1 {
            continue;
        }
        for who in [ADA[0], TABLET, BOB] {
            prop_assert_eq!(dump(&met, who), dump(&never, who), "{}", instant);
        }
        prop_assert_eq!(members(&met), members(&never));
    }
    Ok(())
}

/// The history has the tablet do something before anybody logs in on it, so that it is known in
/// both worlds.
fn with_tablet(mut case: Case) -> Case {
    let first = case.history[0].clone().by(&[TABLET]).before(case.logins.0);
    case.history[0] = first;
    case
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn who_merged_and_parted_is_as_if_they_had_never_met(case in case().prop_map(with_tablet)) {
        play(&case)?;
    }
}

/// A history in which they certainly were one person for a while, with each kind of thing known.
#[test]
fn each_kind_of_what_is_known_comes_back_after_a_merge() {
    let start = Timestamp::parse("2026-03-02T08:00:00Z")
        .expect("a time")
        .as_millis();
    let rules = [
        r#"count("Product Viewed", 5 days) >= 2 and features.views_by_category["shoes"] >= 2"#,
        r#"sum("Order Completed") >= 60"#,
        r#"in audience "a0" and in audience "a1""#,
        r#"traits.plan = "pro" and consent.marketing = false"#,
        r#"affinity("taste", "shoes") > 0.4 or traits.views_3d >= 3"#,
        r#"in audience "vip" and not in audience "a1""#,
    ];
    let mut worlds = [true, false].map(|linked| (linked, World::new()));
    for (linked, world) in &mut worlds {
        for (id, spec) in DEFINED {
            world.feature(id, spec);
        }
        world.define("audience", "vip", r#"{"type":"list"}"#);
        for (place, rule) in rules.iter().enumerate() {
            world.audience(&audience_id(place), rule);
        }
        let shoes = r#"{"product_id":"p1","category":"shoes"}"#;
        let seen = |number: usize, name: &str, who: &str, properties: &str| {
            let at = start + number as i64 * 3_600_000;
            event(number, at, name, &[who], properties)
        };
        let plan = Event {
            traits: kith_base::Json::parse(r#"{"plan":"pro"}"#).expect("JSON"),
            ..seen(5, "identify", TABLET, "{}")
        };
        let refused = r#"{"categories":{"marketing":false}}"#;
        for told in [
            seen(1, "Product Viewed", TABLET, shoes),
            seen(2, "Product Viewed", TABLET, shoes),
            seen(3, "Order Completed", ADA[0], r#"{"revenue":70}"#),
            seen(4, "Consent Updated", ADA[0], refused),
            plan,
        ] {
            world.apply(Record::Event(told));
        }
        world.apply(Record::List(ListChange {
            audience: "vip".to_owned(),
            at: Timestamp::from_millis(start + 6 * 3_600_000),
            add: kith_event::Identifier::parse(TABLET).into_iter().collect(),
            remove: Vec::new(),
        }));
        let before = (dump(world, TABLET), members(world));
        assert_eq!(world.audiences_of(TABLET), ["a0", "a4", "a5", "vip"]);
        assert_eq!(world.audiences_of(ADA[0]), ["a1"]);
        let case = Case {
            rules: Vec::new(),
            history: Vec::new(),
            logins: (start + 7 * 3_600_000, start + 8 * 3_600_000),
            seed: 0,
        };
        let [ada, bob]: [Arrival; 2] = told(&case, *linked).try_into().expect("two logins");
        world.apply(ada.record);
        if *linked {
            let of_both = ["a0", "a1", "a2", "a3", "a4", "vip"];
            assert_eq!(world.audiences_of(TABLET), of_both);
        }
        world.apply(bob.record);
        assert_eq!((dump(world, TABLET), members(world)), before);
        assert_eq!(world.audiences_of(ADA[0]), ["a1"]);
    }
    let [(_, met), (_, never)] = worlds;
    for who in [ADA[0], TABLET, BOB] {
        assert_eq!(dump(&met, who), dump(&never, who));
    }
}
