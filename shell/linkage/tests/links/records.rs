//! Known persons: everybody compared, and one at a time.

use kith_event::{Basis, Kind, Record, Says, Verdict};
use kith_linkage::State;

use crate::people::{again, traits};
use crate::world::World;

const RULES: &str = r#""records":true"#;
/// Persons, of whom the first so many gave their data twice.
const PERSONS: u64 = 240;
const TWICE: u64 = 40;
/// Of these, the first so many did not consent, one time or the other.
const REFUSING: u64 = 6;

/// A shop whose customers are known by numbers, some twice.
async fn shop() -> World {
    let mut world = World::start(RULES).await;
    let mut records = Vec::new();
    for person in 0..PERSONS {
        let who = format!("user_id:u{person}");
        records.push(world.identify(&who, &traits(person)));
        records.push(world.consent(&[&who], person >= REFUSING));
        if person < TWICE {
            let who = pair(person).0;
            records.push(world.identify(&who, &again(person)));
            records.push(world.consent(&[&who], true));
        }
    }
    world.append(records).await;
    world
}

fn pair(person: u64) -> (String, String) {
    (
        format!("email:x{person}@old.example"),
        format!("user_id:u{person}"),
    )
}

#[tokio::test]
async fn who_is_there_twice_is_linked_among_those_who_consented() {
    let mut world = shop().await;
    world.link().await;
    let links = world.links();
    let right: Vec<u64> = (0..PERSONS)
        .filter(|person| links.contains_key(&pair(*person)))
        .collect();
    let expected: Vec<u64> = (REFUSING..TWICE).collect();
    assert_eq!(right, expected);
    assert!(links.len() <= right.len() + 1, "{links:?}");
    let refused = |name: &String| (0..REFUSING).any(|person| *name == pair(person).1);
    assert!(!links.keys().any(|(a, b)| refused(a) || refused(b)));
    assert!(links.values().all(|(basis, _)| *basis == Basis::Records));

    let figures = world.figures();
    let records = figures.records.clone().unwrap();
    assert_eq!(figures.state, State::Running);
    assert_eq!(records.persons, PERSONS + TWICE - REFUSING);
    assert_eq!(records.links, links.len() as u64);
    assert_eq!(records.last_batch_at, Some(world.now));
    world.check_replay();
}

#[tokio::test]
async fn who_takes_consent_back_is_linked_no_more() {
    let mut world = shop().await;
    world.link().await;
    assert!(world.links().contains_key(&pair(10)));
    let refused = world.consent(&["email:x10@old.example"], false);
    world.append(vec![refused]).await;
    let gone = |world: &World| !world.links().contains_key(&pair(10));
    assert!(gone(&world), "with the event itself");
    world.link().await;
    // Asked about again under new traits, and with everybody a day later.
    let changed = world.identify("user_id:u10", &again(10));
    world.append(vec![changed]).await;
    world.link().await;
    world.later(86_400);
    world.link().await;
    assert_eq!(
        world.figures().records.as_ref().unwrap().last_batch_at,
        Some(world.now)
    );
    assert!(gone(&world));
    assert_eq!(world.linked("user_id:u10"), 1);
    world.check_replay();
}

#[tokio::test]
async fn a_new_record_is_linked_at_once() {
    let mut world = shop().await;
    world.link().await;
    let (before, batch) = (world.links(), world.figures().records.clone());
    let person = 150;
    let (who, other) = ("email:new@old.example", format!("user_id:u{person}"));
    // Traits first: nothing may be found before consent.
    let told = world.identify(who, &again(person));
    world.append(vec![told]).await;
    world.link().await;
    assert_eq!(world.links(), before);
    let consent = world.consent(&[who], true);
    world.append(vec![consent]).await;
    world.link().await;
    let links = world.links();
    assert_eq!(links.len(), before.len() + 1);
    let (basis, confidence) = links[&(who.to_owned(), other)];
    assert_eq!(basis, Basis::Records);
    assert!(confidence >= 800, "{confidence}");
    let after = world.figures().records.clone();
    assert_eq!(after.unwrap().last_batch_at, batch.unwrap().last_batch_at);

    // Said again, it is nothing new.
    let end = world.end();
    let told = world.identify(who, &again(person));
    world.append(vec![told]).await;
    world.link().await;
    assert_eq!(world.end(), end + 1);
    world.check_replay();
}

#[tokio::test]
async fn a_restart_writes_nothing() {
    let mut world = shop().await;
    world.link().await;
    let (links, end) = (world.links(), world.end());
    assert_eq!(world.told(), 1);
    world.restart().await;
    world.link().await;
    assert_eq!(world.links(), links);
    assert_eq!(world.end(), end);
    assert_eq!(world.figures().state, State::Running);
    // Neither does a day on which nothing happens.
    world.later(86_400);
    world.link().await;
    assert_eq!(world.end(), end);
}

#[tokio::test]
async fn rules_that_ask_for_nothing_stop_it_and_its_links_count_no_more() {
    let mut world = shop().await;
    world.link().await;
    assert_eq!(world.linked("user_id:u10"), 2);
    world.rules(r#""records":false"#).await;
    world.link().await;
    assert_eq!(world.figures().state, State::Idle);
    assert_eq!(world.figures().records, None);
    assert_eq!(world.linked("user_id:u10"), 1);
    let (links, end) = (world.links(), world.end());
    let (told, consent) = (
        world.identify("email:new@old.example", &again(150)),
        world.consent(&["email:new@old.example"], true),
    );
    world.append(vec![told, consent]).await;
    world.link().await;
    assert_eq!((world.links(), world.end()), (links, end + 2));

    world.rules(RULES).await;
    world.link().await;
    assert_eq!(world.linked("user_id:u10"), 2);
    assert_eq!(world.linked("email:new@old.example"), 2);
}

#[tokio::test]
async fn everybody_is_compared_again_when_a_fifth_is_new() {
    let mut world = shop().await;
    world.link().await;
    let first = world.figures().records.clone().unwrap();
    world.later(60);
    let mut records = Vec::new();
    for person in 1_000..1_000 + first.persons.div_ceil(5) {
        let who = format!("user_id:u{person}");
        records.push(world.identify(&who, &traits(person)));
        records.push(world.consent(&[&who], true));
    }
    let last = records.split_off(records.len() - 2);
    world.append(records).await;
    world.link().await;
    let figures = world.figures().records.clone().unwrap();
    assert_eq!(figures.last_batch_at, first.last_batch_at);
    world.append(last).await;
    world.link().await;
    let figures = world.figures().records.clone().unwrap();
    assert_eq!(figures.last_batch_at, Some(world.now));
    assert_eq!(figures.persons, first.persons + first.persons.div_ceil(5));
}

#[tokio::test]
async fn what_is_different_now_is_taken_back_but_not_what_an_operator_joined() {
    let mut world = shop().await;
    world.link().await;
    let before = world.links();
    let joined = Verdict {
        says: Says::Same,
        pairs: vec![(
            kith_event::Identifier::new("user_id", "u12"),
            kith_event::Identifier::new("email", "x12@old.example"),
        )],
        at: world.now,
        by: "test".into(),
        reason: String::new(),
    };
    let other = world.identify("email:x11@old.example", &traits(9_999));
    world.append(vec![Record::Verdict(joined), other]).await;
    world.later(86_400);
    world.link().await;
    let after = world.links();
    assert!(before.contains_key(&pair(11)) && !after.contains_key(&pair(11)));
    assert!(
        after.contains_key(&pair(12)),
        "operators' words are held against it"
    );
}

#[tokio::test]
async fn with_few_persons_there_is_nothing_to_learn_from() {
    let mut world = World::start(RULES).await;
    let (told, consent) = (
        world.identify("user_id:a", &traits(1)),
        world.consent(&["user_id:a"], true),
    );
    let page = world.event(Kind::Page, "", &["anonymous_id:b"]);
    world.append(vec![told, consent, Record::Event(page)]).await;
    world.link().await;
    assert_eq!(world.figures().state, State::Learning);
    assert_eq!(world.figures().records.as_ref().unwrap().persons, 1);
    assert_eq!(world.told(), 0);
}
