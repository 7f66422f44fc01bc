//! Every function over every kind of window, at random instants and between events.

use kith_base::{Timestamp, Value};
use kith_profile::Series;
use kith_profile::series::Needs;
use kith_rule::{Aggregate, Calendar, Function, Window};
use proptest::prelude::*;

use crate::model::{Happening, Model, aggregate, fold, rolling};

/// 2026-10-20T00:00:00Z: clocks go back in Berlin five days later.
const AUTUMN: i64 = 1_792_454_400;
/// 2026-03-24T00:00:00Z: clocks go forward five days later.
const SPRING: i64 = 1_774_310_400;
/// 2026-12-26T00:00:00Z: months and years change.
const WINTER: i64 = 1_798_243_200;
const DAY: i64 = 86_400;

const ZONES: [&str; 5] = [
    "UTC",
    "Europe/Berlin",
    "Asia/Taipei",
    "Asia/Kathmandu",
    "America/Havana",
];

fn happenings() -> impl Strategy<Value = (i64, Vec<Happening>)> {
    let from = prop::sample::select(vec![AUTUMN, SPRING, WINTER]);
    let at = prop_oneof![
        0i64..12 * DAY * 1_000,
        (0i64..300).prop_map(|n| n * 3_600_000)
    ];
    let one = (at, prop::option::of(-50i64..900), prop::option::of(0u8..5));
    (from, prop::collection::vec(one, 0..24)).prop_map(|(from, drawn)| {
        let make = |(tie, (at, value, key)): (usize, (i64, Option<i64>, Option<u8>))| Happening {
            at: from * 1_000 + at,
            tie: tie as u64,
            received: from * 1_000,
            value: value.map(|value| value * 10_000),
            key,
        };
        (from, drawn.into_iter().enumerate().map(make).collect())
    })
}

fn windows() -> impl Strategy<Value = Window> {
    prop_oneof![
        Just(Window::Lifetime),
        prop::sample::select(vec![1, 60, 3_600, DAY, DAY + 3_601, 3 * DAY, 10 * DAY])
            .prop_map(rolling),
        prop::sample::select(vec![
            Calendar::Today,
            Calendar::ThisWeek,
            Calendar::ThisMonth,
            Calendar::ThisYear,
            Calendar::LastDays(1),
            Calendar::LastDays(7),
        ])
        .prop_map(Window::Calendar),
    ]
}

fn aggregates() -> impl Strategy<Value = Aggregate> {
    let function = prop::sample::select(Function::ALL.to_vec());
    (function, any::<bool>(), windows()).prop_map(|(function, of, window)| {
        let may = matches!(function, Function::First | Function::Last);
        aggregate(function, of && may, window)
    })
}

/// Instants at which anything may change: around every event and the end of its window, and
/// every quarter of an hour, where midnights are.
fn instants(from: i64, events: &[Happening], aggregate: &Aggregate) -> Vec<i64> {
    let length = match aggregate.window {
        Window::Rolling(length) => length.as_millis() / 1_000,
        _ => 1,
    };
    let edges = events
        .iter()
        .flat_map(|event| [event.second(), event.second() + length]);
    let midnights = (0..24 * 4 * 96).map(|quarter| from + quarter * 900);
    let mut all: Vec<i64> = edges.chain(midnights).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(second * 1_000)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn values_are_those_of_the_model(
        (from, events) in happenings(),
        aggregate in aggregates(),
        zone in prop::sample::select(ZONES.to_vec()),
        offsets in prop::collection::vec(0i64..14 * DAY, 1..8),
    ) {
        let series = fold(&events, Needs::of(&aggregate));
        let (model, zone) = Model::new(&events, zone);
        let near = events.iter().map(|event| event.second());
        let random = offsets.iter().map(|offset| from + offset);
        for now in random.chain(near.clone()).chain(near.map(|second| second - 1)) {
            let (function, window) = (aggregate.function, aggregate.window);
            let late = at(now).plus(kith_base::Duration::from_millis(999));
            let expected = model.value(&aggregate, now);
            prop_assert_eq!(&series.value(function, window, &zone, late), &expected, "{}", now);
            prop_assert_eq!(series.value(function, window, &zone, at(now)), expected, "{}", now);
        }
    }

    #[test]
    fn what_only_falls_never_rises(
        (from, events) in happenings(),
        aggregate in aggregates(),
        zone in prop::sample::select(ZONES.to_vec()),
        offset in 0i64..14 * DAY,
    ) {
        let series = fold(&events, Needs::of(&aggregate));
        let (model, _) = Model::new(&events, zone);
        let now = from + offset;
        let (function, window) = (aggregate.function, aggregate.window);
        let number = |at: i64| model.value(&aggregate, at).as_number();
        let later = || instants(from, &events, &aggregate).into_iter().filter(|at| *at >= now);
        if series.only_falls(function, window, at(now)) {
            let mut before = number(now);
            prop_assert!(before.is_some());
            for at in later() {
                prop_assert!(number(at) <= before, "{at}");
                before = number(at);
            }
        } else if matches!(function, Function::Count) && window != Window::Lifetime {
            // It may rise: the value of a series says so whenever something lies ahead.
            prop_assert!(events.iter().any(|event| event.second() > now));
        }
    }

    #[test]
    fn a_value_changes_when_it_says_and_never_before(
        (from, events) in happenings(),
        aggregate in aggregates(),
        zone in prop::sample::select(ZONES.to_vec()),
        offset in 0i64..14 * DAY,
    ) {
        let series = fold(&events, Needs::of(&aggregate));
        let (model, zone) = Model::new(&events, zone);
        let now = from + offset;
        let held = model.value(&aggregate, now);
        let (function, window) = (aggregate.function, aggregate.window);
        let next = series.next_change(function, window, &zone, at(now));
        let instants = instants(from, &events, &aggregate);
        let mut ahead = instants.iter().filter(|instant| **instant > now);
        let true_change = ahead.find(|instant| model.value(&aggregate, **instant) != held);
        match next {
            None => prop_assert!(true_change.is_none(), "{true_change:?}"),
            Some(next) => {
                let second = next.as_millis() / 1_000;
                prop_assert!(next > at(now));
                if let Some(change) = true_change {
                    prop_assert!(second <= *change, "{second} {change}");
                }
                prop_assert_ne!(model.value(&aggregate, second), held.clone());
                prop_assert_eq!(model.value(&aggregate, second - 1), held);
            }
        }
    }
}

fn visits(seconds: &[i64]) -> Vec<Happening> {
    let make = |(tie, second): (usize, &i64)| Happening {
        at: second * 1_000,
        tie: tie as u64,
        received: second * 1_000,
        value: None,
        key: None,
    };
    seconds.iter().enumerate().map(make).collect()
}

fn count_at(series: &Series, window: Window, now: i64) -> Value {
    let utc = kith_profile::Zone::UTC;
    series.value(Function::Count, window, &utc, at(now))
}

#[test]
fn an_event_leaves_a_window_exactly_when_its_length_has_passed() {
    for length in [1, 60, DAY, 30 * DAY, 400 * DAY] {
        let window = rolling(length);
        let needs = Needs::of(&aggregate(Function::Count, false, window));
        let series = fold(&visits(&[AUTUMN + 5]), needs);
        let held = |now| count_at(&series, window, now) == Value::Int(1);
        assert!(!held(AUTUMN + 4));
        assert!(held(AUTUMN + 5));
        assert!(held(AUTUMN + 5 + length - 1));
        assert!(!held(AUTUMN + 5 + length));
        let utc = kith_profile::Zone::UTC;
        let next = series.next_change(Function::Count, window, &utc, at(AUTUMN + 5));
        assert_eq!(next, Some(at(AUTUMN + 5 + length)));
    }
}

#[test]
fn a_count_over_a_busy_year_changes_event_by_event() {
    let seconds: Vec<i64> = (0..2_000).map(|n| AUTUMN + n * 7_919).collect();
    let window = rolling(400 * DAY);
    let needs = Needs::of(&aggregate(Function::Count, false, window));
    let series = fold(&visits(&seconds), needs);
    let utc = kith_profile::Zone::UTC;
    let mut now = at(*seconds.last().unwrap());
    for left in (0..2_000).rev() {
        now = series
            .next_change(Function::Count, window, &utc, now)
            .unwrap();
        assert_eq!(
            count_at(&series, window, now.as_millis() / 1_000),
            Value::Int(left)
        );
    }
    assert_eq!(series.next_change(Function::Count, window, &utc, now), None);
}
