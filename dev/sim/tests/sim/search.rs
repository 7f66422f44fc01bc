//! Items are found by their words, however many there are.

use kith_base::{Json, Timestamp, limits};
use kith_engine::query::search_items;
use kith_event::{CatalogChange, Record};

use crate::world::{START, World};

fn add(world: &mut World, items: impl Iterator<Item = (String, String)>) {
    let json = |title: &str| Json::parse(&format!(r#"{{"title":{title:?}}}"#));
    let items = items.map(|(id, title)| (id, Some(json(&title).expect("JSON"))));
    world.apply(Record::Catalog(CatalogChange {
        at: Timestamp::from_millis(START),
        items: items.collect(),
    }));
}

fn shop() -> World {
    let mut world = World::new();
    let colours = ["red", "blue", "green"];
    add(
        &mut world,
        (0..3_000).map(|number: usize| {
            let colour = colours[number % 3];
            (format!("i{number:04}"), format!("Shoe {colour} s{number}"))
        }),
    );
    world
}

/// All pages, and how many they were.
fn pages(world: &World, text: &str, limit: usize) -> (Vec<String>, usize) {
    let (mut all, mut pages, mut after) = (Vec::new(), 0, None::<String>);
    loop {
        let found = search_items(&world.state, text, after.as_deref(), limit).expect("in memory");
        all.extend(found.item_ids);
        pages += 1;
        match found.next {
            Some(next) => after = Some(next),
            None => return (all, pages),
        }
    }
}

#[test]
fn every_item_of_a_common_word_is_found_once_in_order() {
    let world = shop();
    for text in ["shoe", "SHO", "s", "shoe s"] {
        let (all, _) = pages(&world, text, 700);
        assert_eq!(all.len(), 3_000, "{text}");
        assert!(all.is_sorted(), "{text}");
    }
    let (blue, count) = pages(&world, "blue shoe", 250);
    assert_eq!((blue.len(), count), (1_000, 4));
    assert_eq!(blue[..2], ["i0001", "i0004"]);
}

#[test]
fn all_words_must_begin_a_word_of_the_item() {
    let world = shop();
    let found = |text: &str| pages(&world, text, 50).0;
    assert_eq!(found("shoe s2999 green"), ["i2999"]);
    assert_eq!(found("i2999"), ["i2999"]);
    assert_eq!(found("s299 red").len(), 3);
    for text in ["s2999 red", "hoe", "title", "boot", " - ", ""] {
        assert_eq!(found(text), [""; 0], "{text}");
    }
}

#[test]
fn a_walk_in_vain_is_cut_and_goes_on() {
    let mut world = World::new();
    let most = limits::SEARCH_ITEMS_MAX;
    let last = format!("a{most:06}");
    let title = |number| if number == most { "Big Zebra" } else { "Big" };
    let big = (0..=most).map(|number| (format!("a{number:06}"), title(number).to_owned()));
    let zebras = (0..1_000).map(|number| (format!("b{number:06}"), "Zebra".to_owned()));
    add(&mut world, big.chain(zebras));
    let first = search_items(&world.state, "big zebra", None, 10).expect("in memory");
    assert_eq!(first.item_ids, [""; 0]);
    let next = first.next.expect("it goes on");
    assert_eq!(next, format!("a{:06}", most - 1));
    let second = search_items(&world.state, "big zebra", Some(&next), 10).expect("in memory");
    assert_eq!((second.item_ids, second.next), (vec![last], None));
}
