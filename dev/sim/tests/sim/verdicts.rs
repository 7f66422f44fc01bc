//! What operators say: taken back it is as if nobody had said it, and nothing depends on the order
//! in which words and events arrive.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::{Random, Timestamp};
use kith_engine::state::Read;
use kith_engine::{query, table};
use kith_event::{Identifier, Record, Says, Verdict};
use proptest::prelude::*;

use crate::world::{DAY, HOUR, START, World, event};

const NAMES: [&str; 9] = [
    "user_id:ada",
    "user_id:bob",
    "user_id:eve",
    "email:a@x.example",
    "email:b@x.example",
    "anonymous_id:phone-a",
    "anonymous_id:phone-b",
    "anonymous_id:tablet",
    "anonymous_id:kiosk",
];

/// An event of these two, or a word about them.
#[derive(Clone, Debug)]
enum Step {
    Event {
        hour: i64,
        what: &'static str,
        who: [usize; 2],
    },
    Word {
        hour: i64,
        says: Says,
        who: [usize; 2],
    },
}

fn step() -> impl Strategy<Value = Step> {
    let who = [0..NAMES.len(), 0..NAMES.len()];
    let what = prop::sample::select(vec!["Product Viewed", "Order Completed"]);
    let says = prop::sample::select(vec![Says::Same, Says::Different]);
    prop_oneof![
        4 => (0..400i64, what, who.clone())
            .prop_map(|(hour, what, who)| Step::Event { hour, what, who }),
        1 => (0..400i64, says, who).prop_map(|(hour, says, who)| Step::Word { hour, says, who }),
    ]
}

fn word(says: Says, [a, b]: [usize; 2], at: i64) -> Record {
    let name = |place: usize| Identifier::parse(NAMES[place]).expect("a name");
    Record::Verdict(Verdict {
        says,
        pairs: vec![(name(a), name(b))],
        at: Timestamp::from_millis(at),
        by: "operator".to_owned(),
        reason: String::new(),
    })
}

/// Everybody has done something once, so that there is somebody to speak about.
fn begin() -> World {
    let mut world = World::new();
    world.audience("viewer", r#"count("Product Viewed", 30 days) >= 2"#);
    world.audience(
        "buyer",
        r#"count("Order Completed") >= 1 and not in audience "viewer""#,
    );
    for (number, name) in NAMES.iter().enumerate() {
        world.apply(Record::Event(event(
            1_000 + number,
            START,
            "Opened",
            &[name],
            "{}",
        )));
    }
    world
}

fn record(number: usize, step: &Step) -> Record {
    match step {
        Step::Event { hour, what, who } => {
            let who: BTreeSet<&str> = who.iter().map(|place| NAMES[*place]).collect();
            let who: Vec<&str> = who.into_iter().collect();
            Record::Event(event(number, START + hour * HOUR, what, &who, "{}"))
        }
        Step::Word { hour, says, who } => word(*says, *who, START + hour * HOUR),
    }
}

/// What is known of whoever each name stands for, but since when they are in an audience: who was
/// one person for a while was in it as one.
fn told(world: &World) -> BTreeMap<&'static str, String> {
    let each = NAMES.iter().map(|name| {
        let person = world.person(name);
        let profile = query::profile(&world.state, &world.project, person);
        let profile = profile.expect("in memory").expect("somebody");
        let audiences = world.audiences_of(name);
        let links = query::edges(&world.state, person).expect("in memory");
        (*name, format!("{profile:?} {audiences:?} {links:?}"))
    });
    each.collect()
}

fn persons(world: &World) -> (u64, Vec<Vec<u8>>) {
    let number = table::read_number(&world.state, &table::mark(table::PERSONS)).expect("in memory");
    let rows = world
        .state
        .range(b"p", &table::end_of(b"p"), usize::MAX)
        .expect("in memory");
    (number, rows.into_iter().map(|(key, _)| key).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn taken_back_it_is_as_if_nobody_had_said_it(
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let (mut plain, mut spoken) = (begin(), begin());
        let end = START + 20 * DAY;
        for (number, step) in steps.iter().enumerate() {
            spoken.apply(record(number, step));
            if matches!(step, Step::Event { .. }) {
                plain.apply(record(number, step));
            }
        }
        for step in &steps {
            if let Step::Word { who, .. } = step {
                spoken.apply(word(Says::Withdrawn, *who, end));
            }
        }
        plain.settle(end);
        spoken.settle(end);
        prop_assert_eq!(told(&plain), told(&spoken));
        prop_assert_eq!(persons(&plain), persons(&spoken));
        for id in ["viewer", "buyer"] {
            let state = |world: &World| query::audience(&world.state, id, 0);
            let size = |world: &World| state(world).expect("in memory").size;
            prop_assert_eq!(size(&plain), size(&spoken));
        }
    }

    #[test]
    fn twenty_orders_of_arrival_make_the_same_persons(
        steps in prop::collection::vec(step(), 1..30),
        seed in any::<u64>(),
    ) {
        let records = steps.iter().enumerate().map(|(number, step)| record(number, step));
        let records: Vec<Record> = records.collect();
        let end = START + 20 * DAY;
        let play = |order: &[usize]| {
            let mut world = begin();
            order.iter().for_each(|at| world.apply(records[*at].clone()));
            world.settle(end);
            (told(&world), persons(&world))
        };
        let mut order: Vec<usize> = (0..records.len()).collect();
        let expect = play(&order);
        let mut random = Random::new(seed);
        for _ in 0..20 {
            for at in (1..order.len()).rev() {
                order.swap(at, random.below(at as u64 + 1) as usize);
            }
            prop_assert_eq!(&play(&order), &expect);
        }
    }

    #[test]
    fn nobody_is_one_with_whom_they_are_kept_apart_from(
        steps in prop::collection::vec(step(), 1..40),
        pair in [0..NAMES.len(), 0..NAMES.len()],
    ) {
        prop_assume!(pair[0] != pair[1]);
        let mut world = begin();
        for (number, step) in steps.iter().enumerate() {
            world.apply(record(number, step));
        }
        world.apply(word(Says::Different, pair, START + 30 * DAY));
        prop_assert_ne!(world.person(NAMES[pair[0]]), world.person(NAMES[pair[1]]));
        for (number, step) in steps.iter().enumerate() {
            world.apply(record(100 + number, step));
        }
        prop_assert_ne!(world.person(NAMES[pair[0]]), world.person(NAMES[pair[1]]));
        prop_assert_eq!(persons(&world.replay()), persons(&world));
    }
}
