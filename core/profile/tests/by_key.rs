//! Numbers by key and the most frequent values: of each key what the same aggregate gives of the
//! events with that key alone, at every instant, in any order, and what happens beyond the limits.

use std::collections::BTreeMap;

use kith_base::{Json, Random, Timestamp, Value, limits};
use kith_event::{Commerce, Enrichment, Event, Identifier, Kind};
use kith_profile::series::Moment;
use kith_profile::{FeatureSet, Fold, PersonFacts, SeriesId, no_audiences};
use kith_rule::{Aggregate, FactKey, Facts};
use proptest::prelude::*;

const DAY: i64 = 86_400_000;
/// 2026-11-01.
const START: i64 = 1_793_491_200_000;

fn event(id: usize, at: i64, received: i64, properties: &str) -> Event {
    Event {
        source: "shop".into(),
        message_id: format!("m{id}"),
        kind: Kind::Track,
        name: "Order Completed".into(),
        identifiers: vec![Identifier::new("user_id", "1")],
        received_at: Timestamp::from_millis(received),
        occurred_at: Timestamp::from_millis(at),
        original_at: None,
        properties: Json::parse(properties).expect("a test writes JSON"),
        traits: Json::empty(),
        context: Json::empty(),
        extra: Json::empty(),
        enrichment: Enrichment::default(),
    }
}

fn parse(text: &str) -> Aggregate {
    Aggregate::parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

fn add(fold: &mut Fold, features: &FeatureSet, event: &Event) {
    let commerce = Commerce::read(&event.properties);
    fold.add(event, &commerce, &[]);
    let contributions = features.contributions(event, &commerce, &mut |_| Value::Null);
    fold.add_series(features, &contributions, Moment::of(event));
}

fn fold<'a>(features: &FeatureSet, events: impl IntoIterator<Item = &'a Event>) -> Fold {
    let mut fold = Fold::default();
    let events = events.into_iter();
    events.for_each(|event| add(&mut fold, features, event));
    fold
}

fn ask<T>(folds: &[&Fold], features: &FeatureSet, ask: impl FnOnce(&PersonFacts) -> T) -> T {
    let facts = PersonFacts::new(
        folds.to_vec(),
        vec![],
        features,
        &Value::Null,
        &no_audiences,
    );
    ask(&facts)
}

fn value_at(text: &str, events: &[Event], now: i64) -> Value {
    let aggregate = parse(text);
    let features = FeatureSet::compile([&aggregate], []);
    let fold = fold(&features, events);
    let key = FactKey::Aggregate(aggregate);
    ask(&[&fold], &features, |facts| {
        facts.fact(&key, Timestamp::from_millis(now))
    })
}

fn order() -> Event {
    let lines = r#"{"revenue":90,"coupon":"X","products":[
        {"product_id":"a","category":"shoes","price":30,"quantity":2},
        {"product_id":"b","category":"hats","price":"40.5"},
        {"product_id":"c","category":"shoes","price":10}]}"#;
    event(1, START, START, lines)
}

fn map<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Map(members.map(|(key, value)| (key.to_owned(), value)).into())
}

#[test]
fn an_order_counts_once_for_each_category_and_pays_for_its_lines() {
    let check = |text: &str, expect: Value| {
        assert_eq!(value_at(text, &[order()], START + DAY), expect, "{text}");
    };
    let (one, int) = (Value::Int(1), Value::Int);
    for window in ["", ", 7 days", ", this month"] {
        check(
            &format!("count(purchase, by category{window})"),
            map([("shoes", one.clone()), ("hats", one.clone())]),
        );
        check(
            &format!("sum(purchase, by category{window})"),
            map([("shoes", Value::Float(70.0)), ("hats", Value::Float(40.5))]),
        );
        check(
            &format!("max(purchase, of price, by category{window})[\"shoes\"]"),
            Value::Float(30.0),
        );
        check(
            &format!("average(purchase, of price, by category{window})[\"shoes\"]"),
            Value::Float(20.0),
        );
        check(
            &format!("count(purchase, by category{window})[\"caps\"]"),
            int(0),
        );
        check(
            &format!("min(purchase, of price, by category{window})[\"caps\"]"),
            Value::Null,
        );
        // No line has a coupon: it is the whole order's.
        check(
            &format!("sum(purchase, by coupon{window})"),
            map([("X", Value::Float(90.0))]),
        );
        check(&format!("sum(purchase, by shop{window})"), Value::Null);
    }
    check("count(purchase, by category, 3 hours)", Value::Null);
}

#[test]
fn a_number_is_a_key_too_and_a_list_is_several() {
    let events = [
        event(1, START, START, r#"{"size":42,"tags":["a","b"],"value":5}"#),
        event(2, START, START, r#"{"size":"42","tags":"a","value":7}"#),
        event(3, START, START, r#"{"size":true,"tags":[],"value":9}"#),
    ];
    let check = |text: &str, expect: Value| {
        assert_eq!(value_at(text, &events, START + 1_000), expect, "{text}");
    };
    check("count(purchase, by size)[42]", Value::Int(2));
    check("count(purchase, by size)[\"42\"]", Value::Int(2));
    check("sum(purchase, by size)[true]", Value::Float(9.0));
    let sizes = [("42", Value::Float(12.0)), ("true", Value::Float(9.0))];
    check("sum(purchase, by size)", map(sizes));
    let tags = [("a", Value::Float(12.0)), ("b", Value::Float(5.0))];
    check("sum(purchase, by tags)", map(tags));
}

#[test]
fn the_most_frequent_come_in_order_and_equals_by_their_text() {
    let of = |id: usize, size: &str| event(id, START, START, &format!(r#"{{"size":"{size}"}}"#));
    let sizes = ["m", "l", "m", "s", "xl", "l", "m"];
    let events: Vec<Event> = sizes.iter().enumerate().map(|(n, s)| of(n, s)).collect();
    for window in ["", ", 2 days"] {
        let check = |most: u8, expect: &[&str]| {
            let text = format!("top(purchase, {most} of size{window})");
            let expect = expect.iter().map(|text| Value::from(*text)).collect();
            assert_eq!(value_at(&text, &events, START), Value::List(expect));
        };
        check(2, &["m", "l"]);
        check(3, &["m", "l", "s"]);
        check(20, &["m", "l", "s", "xl"]);
    }
    let later = value_at("top(purchase, 2 of size, 2 days)", &events, START + 2 * DAY);
    assert_eq!(later, Value::Null);
}

#[test]
fn counts_by_key_share_what_top_and_distinct_keep() {
    let ask = [
        "count(purchase, by category, 30 days)",
        "top(purchase, of category, 90 days)",
        "top(purchase, 3 of category, 90 days)",
        "distinct(purchase, of category, 30 days)",
    ];
    let ids = ask.map(|text| SeriesId::of_aggregate(&parse(text)));
    assert!(ids.iter().all(|id| *id == ids[0]));
    let money = [
        "sum(purchase, by category, 30 days)",
        "average(purchase, by category)",
        "max(purchase, by category, this year)",
    ];
    let money = money.map(|text| SeriesId::of_aggregate(&parse(text)));
    assert!(money.iter().all(|id| *id == money[0]) && money[0] != ids[0]);
    let price = SeriesId::of_aggregate(&parse("sum(purchase, of price, by category)"));
    assert!(![ids[0], money[0]].contains(&price));
}

/// One event for each of so many keys, a second apart.
fn many(keys: usize) -> Vec<Event> {
    let of = |n: usize| {
        let properties = format!(r#"{{"item":"i{n}","value":{}}}"#, n % 7);
        let at = START + n as i64 * 1_000;
        event(n, at, at, &properties)
    };
    (0..keys).map(of).collect()
}

#[test]
fn at_the_limit_every_key_is_known_and_beyond_it_the_rest_is_missing() {
    for (window, most) in [
        ("", limits::SERIES_KEYS_LIFETIME_MAX),
        (", 7 days", limits::SERIES_KEYS_PER_DAY_MAX),
    ] {
        for function in ["count", "sum"] {
            let known = |events: &[Event]| {
                let all = format!("{function}(purchase, by item{window})");
                let whole = parse(&all);
                let features = FeatureSet::compile([&whole], []);
                let fold = fold(&features, events);
                let of = |n: usize| {
                    let key = FactKey::Aggregate(whole.at_key(&format!("i{n}")).expect("by key"));
                    let now = Timestamp::from_millis(START + DAY);
                    (ask(&[&fold], &features, |facts| facts.fact(&key, now)), n)
                };
                let values = (0..events.len()).map(of);
                let values = values.filter(|(value, _)| !value.is_null());
                // What is known is right.
                for (value, n) in values.clone() {
                    let expect = match function {
                        "count" => Value::Int(1),
                        _ => Value::Float((n % 7) as f64),
                    };
                    assert_eq!(value, expect, "{all} i{n}");
                }
                values.count()
            };
            assert_eq!(known(&many(most)), most);
            assert_eq!(known(&many(most + 1)), most);
            assert_eq!(known(&many(2 * most)), most);
        }
    }
    let shown = value_at("sum(purchase, by item)", &many(200), START + DAY);
    let Value::Map(shown) = shown else {
        panic!("a map, not {shown:?}");
    };
    assert_eq!(shown.len(), limits::KEYS_SHOWN_MAX);
    // Those with the greatest numbers: 28 of 6, and 22 of 5.
    assert!(shown.values().all(|value| value.as_number() >= Some(5.0)));
}

#[test]
fn a_key_falls_out_of_a_window_that_was_full_and_is_known_again_when_that_is_over() {
    let most = limits::SERIES_KEYS_PER_DAY_MAX;
    let aggregate = parse("sum(purchase, by item, 2 days)");
    let features = FeatureSet::compile([&aggregate], []);
    let fold = fold(&features, &many(most + 1));
    ask(&[&fold], &features, |facts| {
        let now = Timestamp::from_millis(START + DAY);
        let of = |n: usize| FactKey::Aggregate(aggregate.at_key(&format!("i{n}")).expect("by key"));
        let missing: Vec<usize> = (0..=most)
            .filter(|n| facts.fact(&of(*n), now).is_null())
            .collect();
        let [n] = missing[..] else {
            panic!("one has no room, not {missing:?}");
        };
        let key = of(n);
        let mut at = now;
        while facts.fact(&key, at).is_null() {
            at = facts.next_change(&key, at).expect("it is over some time");
        }
        // When the last of those that are kept has left.
        let last = if n == most { most - 1 } else { most };
        assert_eq!(at.as_millis(), START + 2 * DAY + last as i64 * 1_000);
        assert_eq!(facts.fact(&key, at), Value::Float(0.0));
    });
}

#[test]
fn what_it_takes() {
    let size = |text: &str, events: &[Event]| {
        let aggregate = parse(text);
        let features = FeatureSet::compile([&aggregate], []);
        let fold = fold(&features, events);
        let id = SeriesId::of_aggregate(&aggregate);
        fold.series.get(id).map_or(0, |held| held.to_bytes().len())
    };
    // Twelve keys of about six letters, five orders each over sixty days.
    let of = |n: usize| {
        let at = START - (n as i64) * DAY;
        let properties = format!(r#"{{"item":"cat{:03}","value":{}.9}}"#, n % 12, n % 50);
        event(n, at, at, &properties)
    };
    let usual: Vec<Event> = (0..60).map(of).collect();
    let check = |text: &str, most: usize| {
        let size = size(text, &usual);
        assert!(size <= most && size * 10 > most * 9, "{text}: {size}");
    };
    check("count(purchase, by item)", 340);
    check("count(purchase, by item, 90 days)", 1_150);
    check("sum(purchase, by item)", 420);
    check("sum(purchase, by item, 90 days)", 1_280);
    // The most that a lifetime and a day take, keys of six letters.
    let most = many(2_000);
    assert!(size("sum(purchase, by item)", &most) < 14_000);
    let crowd = |n: usize| {
        let at = START + (n as i64) * 10_000;
        let properties = format!(r#"{{"item":"i{}","value":{}.37}}"#, n % 200, n * 31 % 977);
        event(n, at, at, &properties)
    };
    let crowd: Vec<Event> = (0..8_000).map(crowd).collect();
    let day = size("sum(purchase, by item, 1 day)", &crowd);
    assert!(day < 64 * 32 * 14, "{day}");
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let one = (0i64..20 * DAY, 0i64..3 * DAY, 0u8..4, 0u8..4, 0i64..60);
    prop::collection::vec(one, 0..30).prop_map(|drawn| {
        let make = |(id, (at, late, first, second, price))| {
            let (at, late): (i64, i64) = (START + at / 997 * 997, late);
            let properties = match price % 3 {
                0 => format!(r#"{{"category":"c{first}","value":{price}.25}}"#),
                1 => format!(
                    r#"{{"revenue":{price},"products":[
                    {{"product_id":"a","category":"c{first}","price":"{price}.5","quantity":2}},
                    {{"product_id":"b","category":"c{second}","price":3}}]}}"#
                ),
                _ => format!(r#"{{"value":-{price}}}"#),
            };
            event(id, at, at + late, &properties)
        };
        drawn.into_iter().enumerate().map(make).collect()
    })
}

/// Whether of every key the number is that of the events with the key, and stays as long as is
/// told.
fn agree(
    facts: &PersonFacts,
    whole: &Aggregate,
    plains: &[Aggregate],
    now: Timestamp,
) -> Result<(), TestCaseError> {
    let mut shown = BTreeMap::new();
    for (n, plain) in plains.iter().enumerate() {
        let key = FactKey::Aggregate(whole.at_key(&format!("c{n}")).expect("by key"));
        let value = facts.fact(&key, now);
        let expect = facts.fact(&plain.clone().key(), now);
        prop_assert_eq!(&value, &expect, "{} at {:?}", key, now);
        let next = facts.next_change(&key, now);
        let end = next.map_or(START + 60 * DAY, |next| next.as_millis());
        let between = now.as_millis() + (end - now.as_millis()) / 2;
        for at in [between, end - 1] {
            let at = Timestamp::from_millis(at.max(now.as_millis()));
            prop_assert_eq!(&value, &facts.fact(&key, at), "{} at {:?}", key, at);
        }
        if value.as_number().is_some_and(|number| number != 0.0) {
            shown.insert(format!("c{n}"), value);
        }
    }
    let all = match facts.fact(&FactKey::Aggregate(whole.clone()), now) {
        Value::Map(all) => all,
        _ => BTreeMap::new(),
    };
    let all = all.into_iter();
    let all = all.filter(|(_, value)| value.as_number() != Some(0.0));
    prop_assert_eq!(all.collect::<BTreeMap<_, _>>(), shown);
    Ok(())
}

const WINDOWS: [&str; 5] = [
    "",
    ", 2 hours",
    ", 5 days",
    ", today",
    ", last 3 calendar days",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn of_each_key_it_is_what_the_events_with_that_key_give(
        events in events(),
        window in prop::sample::select(WINDOWS.to_vec()),
        function in prop::sample::select(vec!["count", "sum", "min", "max", "average"]),
        of in prop::sample::select(vec!["", ", of price"]),
        seed in any::<u64>(),
    ) {
        let of = if function == "count" { "" } else { of };
        let whole = parse(&format!("{function}(purchase{of}, by category{window})"));
        let plain = |n: u8| {
            parse(&format!("{function}(purchase where category = \"c{n}\"{of}{window})"))
        };
        let plains: Vec<Aggregate> = (0..4).map(plain).collect();
        let features = FeatureSet::compile(plains.iter().chain([&whole]), []);
        // Two nodes; rules are asked at no instant before the last arrival.
        let mut random = Random::new(seed);
        let mut nodes = [Fold::default(), Fold::default()];
        let mut events = events;
        events.sort_by_key(|event| event.received_at);
        for event in &events {
            add(&mut nodes[random.below(2) as usize], &features, event);
            let most = [3 * 3_600_000, 7 * DAY as u64][random.below(2) as usize];
            let wait = random.below(most);
            let now = Timestamp::from_millis(event.received_at.as_millis() + wait as i64);
            ask(&[&nodes[0], &nodes[1]], &features, |facts| agree(facts, &whole, &plains, now))?;
        }
    }

    #[test]
    fn order_grouping_and_storing_do_not_matter(
        keys in prop::collection::vec((0usize..150, 0i64..3, 0i64..86_400), 0..400),
        cut in 0usize..400,
    ) {
        let of = |(n, (key, day, second)): (usize, &(usize, i64, i64))| {
            let at = START + day * DAY + second * 1_000;
            let properties = format!(r#"{{"item":"i{key}","value":{}}}"#, n % 9);
            event(n, at, at, &properties)
        };
        let mut events: Vec<Event> = keys.iter().enumerate().map(of).collect();
        let ask = ["sum(purchase, by item)", "max(purchase, by item, 2 days)"].map(parse);
        let features = FeatureSet::compile(&ask, []);
        let whole = fold(&features, &events);
        let id = SeriesId::of_aggregate(&ask[0]);
        if let Some(held) = whole.series.get(id) {
            let read = kith_profile::Series::from_bytes(&held.to_bytes());
            prop_assert_eq!(read.as_ref(), Some(held));
        }
        let cut = cut.min(events.len());
        let mut joined = fold(&features, &events[cut..]);
        joined.merge(&fold(&features, &events[..cut]));
        prop_assert_eq!(&joined.series, &whole.series);
        events.reverse();
        prop_assert_eq!(&fold(&features, &events).series, &whole.series);
    }
}
