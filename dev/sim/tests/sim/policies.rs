//! Merge policies: whom probable links tie together is the same for whoever asks, and nothing
//! that keeps persons apart gives way to confidence.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::{NodeId, PersonId, Timestamp, limits};
use kith_engine::state::Read;
use kith_engine::table::{self, IdentityEvent, ProbableRow};
use kith_engine::{Learned, decide, query};
use kith_event::{Basis, Identifier, ProbableLink, ProbableLinks, Record, Says, Verdict};
use kith_identity::MergePolicy;
use proptest::prelude::*;

use crate::world::{DAY, HOUR, START, World, event};

const NAMES: [&str; 8] = [
    "user_id:ada",
    "user_id:bob",
    "email:a@x.example",
    "email:b@x.example",
    "email:c@x.example",
    "anonymous_id:1",
    "anonymous_id:2",
    "anonymous_id:3",
];
const RULES: &str = r#"{"probabilistic": {"records": true, "visitors": true}}"#;

#[derive(Clone, Debug)]
enum Step {
    Link(usize, usize, u16),
    Gone(usize, usize),
    Consent(usize, bool),
    Apart(usize, usize),
    Event(usize, usize),
}

fn step() -> impl Strategy<Value = Step> {
    let who = || 0..NAMES.len();
    prop_oneof![
        8 => (who(), who(), 500..1_001_u16).prop_map(|(a, b, sure)| Step::Link(a, b, sure)),
        1 => (who(), who()).prop_map(|(a, b)| Step::Gone(a, b)),
        2 => (who(), any::<bool>()).prop_map(|(a, granted)| Step::Consent(a, granted)),
        1 => (who(), who()).prop_map(|(a, b)| Step::Apart(a, b)),
        1 => (who(), who()).prop_map(|(a, b)| Step::Event(a, b)),
    ]
}

fn named(place: usize) -> Identifier {
    Identifier::parse(NAMES[place]).expect("a name")
}

fn at(number: usize) -> i64 {
    START + number as i64 * HOUR
}

fn probable(found: &[(usize, usize, u16)], gone: &[(usize, usize)], number: usize) -> Record {
    let link = |(a, b, confidence): &(usize, usize, u16)| ProbableLink {
        a: named(*a),
        b: named(*b),
        basis: Basis::Records,
        confidence: *confidence,
        reasons: vec![("surname: same".to_owned(), 4.0)],
    };
    Record::Probable(ProbableLinks {
        at: Timestamp::from_millis(at(number)),
        links: found.iter().map(link).collect(),
        gone: gone.iter().map(|(a, b)| (named(*a), named(*b))).collect(),
    })
}

fn consent(number: usize, who: usize, granted: bool) -> Record {
    said(number, at(number), who, granted)
}

fn said(number: usize, at: i64, who: usize, granted: bool) -> Record {
    let properties = format!(r#"{{"categories":{{"linking":{granted}}}}}"#);
    let name = [NAMES[who]];
    Record::Event(event(number, at, "Consent Updated", &name, &properties))
}

fn record(number: usize, step: &Step) -> Record {
    match step {
        Step::Link(a, b, sure) => probable(&[(*a, *b, *sure)], &[], number),
        Step::Gone(a, b) => probable(&[], &[(*a, *b)], number),
        Step::Consent(who, granted) => consent(number, *who, *granted),
        Step::Apart(a, b) => Record::Verdict(Verdict {
            says: Says::Different,
            pairs: vec![(named(*a), named(*b))],
            at: Timestamp::from_millis(at(number)),
            by: "operator".to_owned(),
            reason: String::new(),
        }),
        Step::Event(a, b) => {
            let who: BTreeSet<&str> = [NAMES[*a], NAMES[*b]].into();
            let who: Vec<&str> = who.into_iter().collect();
            Record::Event(event(number, at(number), "Opened", &who, "{}"))
        }
    }
}

/// Everybody consents.
fn begin() -> World {
    let mut world = World::new();
    world.define("identity", "default", RULES);
    for who in 0..NAMES.len() {
        world.apply(said(1_000 + who, START - DAY, who, true));
    }
    world
}

fn linked(world: &World, person: PersonId, policy: MergePolicy) -> Vec<PersonId> {
    query::linked(&world.state, &world.project, person, policy).expect("in memory")
}

fn rows(world: &World) -> Vec<(Vec<u8>, Vec<u8>)> {
    let rows = |prefix: &[u8]| {
        let found = world
            .state
            .range(prefix, &table::end_of(prefix), usize::MAX);
        found.expect("in memory")
    };
    [rows(b"J"), rows(b"j")].concat()
}

/// Values of the unique kind that persons hold.
fn numbers(world: &World, persons: &[PersonId]) -> BTreeSet<String> {
    let profiles = persons.iter().map(|person| {
        let profile = query::profile(&world.state, &world.project, *person);
        profile.expect("in memory").expect("somebody")
    });
    let identifiers = profiles.flat_map(|profile| profile.nodes);
    let identifiers = identifiers.map(|node| node.identifier);
    identifiers
        .filter(|one| one.namespace == "user_id")
        .map(|one| one.value)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn everybody_of_a_group_says_the_same_and_no_rule_gives_way(
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut world = begin();
        let mut granted = [true; NAMES.len()];
        let mut apart = BTreeSet::new();
        for (number, step) in steps.iter().enumerate() {
            world.apply(record(number, step));
            match step {
                Step::Consent(who, yes) => granted[*who] = *yes,
                Step::Apart(a, b) if a != b => drop(apart.insert((*a, *b))),
                _ => {}
            }
        }
        let persons = NAMES.map(|name| world.person(name));
        let mut of: BTreeMap<MergePolicy, Vec<BTreeSet<PersonId>>> = BTreeMap::new();
        for policy in [MergePolicy::Exact, MergePolicy::Strict, MergePolicy::Loose] {
            for person in persons {
                let group = linked(&world, person, policy);
                prop_assert_eq!(group[0], person);
                let all: BTreeSet<PersonId> = group.iter().copied().collect();
                prop_assert_eq!(all.len(), group.len());
                for other in &group {
                    let theirs = linked(&world, *other, policy).into_iter().collect();
                    prop_assert_eq!(&all, &theirs, "{:?}", policy);
                }
                prop_assert!(numbers(&world, &group).len() <= 1);
                of.entry(policy).or_default().push(all);
            }
            for (a, b) in &apart {
                let together = of[&policy][*a].contains(&persons[*b]);
                prop_assert!(!together, "{:?}: {} and {}", policy, a, b);
            }
        }
        for (place, person) in persons.iter().enumerate() {
            prop_assert_eq!(&of[&MergePolicy::Exact][place], &BTreeSet::from([*person]));
            let strict = &of[&MergePolicy::Strict][place];
            prop_assert!(strict.is_subset(&of[&MergePolicy::Loose][place]));
        }
        // Who alone said no stays alone, and no row of theirs is left.
        for (who, _) in granted.iter().enumerate().filter(|(_, yes)| !**yes) {
            if persons.iter().filter(|one| **one == persons[who]).count() > 1 {
                continue;
            }
            prop_assert_eq!(linked(&world, persons[who], MergePolicy::Loose).len(), 1);
            let node = NodeId::of(&named(who).namespace, &named(who).value);
            let left = table::probables(&world.state, node).expect("in memory");
            prop_assert_eq!(left, vec![]);
        }
        prop_assert_eq!(rows(&world.replay()), rows(&world));
    }
}

/// Who said no was part of somebody who says yes, and is alone again.
#[test]
fn who_parts_from_who_consents_keeps_no_link() {
    let mut world = begin();
    let steps = [
        Step::Consent(2, false),
        Step::Consent(4, true),
        Step::Event(2, 4),
        Step::Link(0, 2, 900),
        Step::Apart(2, 4),
    ];
    for (number, step) in steps[..4].iter().enumerate() {
        world.apply(record(number, step));
    }
    assert_eq!(
        linked(&world, world.person(NAMES[0]), MergePolicy::Loose).len(),
        2
    );
    world.apply(record(4, &steps[4]));
    assert_ne!(world.person(NAMES[2]), world.person(NAMES[4]));
    assert_eq!(rows(&world), []);
}

#[test]
fn a_node_keeps_its_most_probable_links_only() {
    let mut world = World::new();
    world.define("identity", "default", RULES);
    let name = |number: usize| format!("email:{number}@x.example");
    let most = limits::PROBABLE_PER_NODE_MAX;
    for number in 0..most + 2 {
        let name = name(number);
        let yes = r#"{"categories":{"linking":true}}"#;
        let said = event(number, START, "Consent Updated", &[&name], yes);
        world.apply(Record::Event(said));
    }
    for other in 1..most + 2 {
        let link = ProbableLink {
            a: Identifier::parse(&name(0)).expect("a name"),
            b: Identifier::parse(&name(other)).expect("a name"),
            basis: Basis::Records,
            confidence: 500 + other as u16,
            reasons: Vec::new(),
        };
        world.apply(Record::Probable(ProbableLinks {
            at: Timestamp::from_millis(START),
            links: vec![link],
            gone: Vec::new(),
        }));
        let node = NodeId::of("email", "0@x.example");
        let held: Vec<(NodeId, ProbableRow)> =
            table::probables(&world.state, node).expect("in memory");
        assert_eq!(held.len(), other.min(most));
        let least = held.iter().map(|(_, row)| row.confidence).min();
        assert_eq!(least, Some(501 + other.saturating_sub(most) as u16));
    }
    assert_eq!(rows(&world).len(), 3 * most);
    // More than are ever taken for one are taken for none.
    let person = world.person("email:0@x.example");
    assert_eq!(linked(&world, person, MergePolicy::Loose), [person]);
}

#[test]
fn placements_look_at_whom_their_policy_takes_for_one() {
    let mut world = begin();
    let rules = r#"{"probabilistic": {"records": true}, "policies": {"items": "strict"}}"#;
    world.define("identity", "default", rules);
    world.item("boot", Some(r#"{"name":"Boot"}"#));
    let viewed = r#"{"product_id":"boot"}"#;
    let viewed = event(1, START, "Product Viewed", &[NAMES[3]], viewed);
    world.apply(Record::Event(viewed));
    let placement = r#"{"type":"items","strategies":[{"strategy":"recently-viewed"}]}"#;
    world.define("placement", "again", placement);
    let shown = |world: &World| {
        let request = decide::Request {
            placements: vec!["again".to_owned()],
            identifiers: vec![named(2)],
            context: kith_base::Value::Null,
            ..decide::Request::default()
        };
        let now = Timestamp::from_millis(START + DAY);
        let call = kith_base::digest("call", &[b"1"]);
        let sources = decide::Sources {
            state: &world.state,
            project: &world.project,
            learned: &Learned::default(),
        };
        let answer = decide::decide(sources, &request, now, call);
        let answer = answer.expect("in memory");
        let outcomes: Vec<String> = answer.outcomes().map(|one| format!("{one:?}")).collect();
        outcomes.concat().contains("boot")
    };
    world.apply(probable(&[(2, 3, 940)], &[], 2));
    assert!(!shown(&world), "not probable enough");
    world.apply(probable(&[(2, 3, 950)], &[], 3));
    assert!(shown(&world));
    world.apply(consent(4, 3, false));
    assert!(
        !shown(&world),
        "consent is checked on the very next decision"
    );
}

#[test]
fn what_is_learned_of_identifiers_is_told_and_forgotten_after_a_while() {
    let mut world = World::new();
    let rules = r#"{"generic_after": 2, "alarm_after": 3}"#;
    world.define("identity", "default", rules);
    let said = |world: &World| -> Vec<String> {
        let rows = query::regroupings(&world.state, 100).expect("in memory");
        let mut told = rows.into_iter().map(|row| match row.what {
            IdentityEvent::Regrouped => "regrouped".to_owned(),
            IdentityEvent::Generic(one) => format!("{} is generic", one.value),
            IdentityEvent::Personal(one) => format!("{} is personal", one.value),
            IdentityEvent::Large(size) => format!("somebody has {size}"),
        });
        let mut told: Vec<String> = told.by_ref().filter(|one| one != "regrouped").collect();
        told.reverse();
        told
    };
    for number in 1..4 {
        let who = [&*format!("user_id:{number}"), "anonymous_id:kiosk"];
        world.apply(Record::Event(event(number, START, "Opened", &who, "{}")));
    }
    assert_eq!(said(&world), ["kiosk is generic"]);
    let kiosk = Identifier::parse("anonymous_id:kiosk").expect("a name");
    world.apply(Record::Verdict(Verdict {
        says: Says::Pardoned,
        pairs: vec![(kiosk.clone(), kiosk)],
        at: Timestamp::from_millis(START + HOUR),
        by: "operator".to_owned(),
        reason: String::new(),
    }));
    assert_eq!(said(&world), ["kiosk is generic", "kiosk is personal"]);
    for number in 0..5 {
        let who = ["user_id:9", &*format!("anonymous_id:{number}")];
        world.apply(Record::Event(event(
            10 + number,
            START,
            "Opened",
            &who,
            "{}",
        )));
    }
    assert_eq!(said(&world)[2..], ["somebody has 4"], "told once");
    let days = limits::IDENTITY_CHANGES_DAYS;
    world.settle(START + days * DAY);
    assert_eq!(said(&world).len(), 3);
    world.settle(START + (days + 2) * DAY);
    world.tick(START + (days + 2) * DAY + HOUR);
    assert_eq!(said(&world), [""; 0]);
}
