//! Late and early events, clocks that go back, days with a million events, and what it all
//! takes.

use kith_base::{Amount, Timestamp, Value};
use kith_profile::series::{Contribution, Moment, Needs, Series};
use kith_profile::{Stamp, Zone};
use kith_rule::{Function, Window};

use crate::model::{Happening, aggregate, fold, rolling};

const DAY: i64 = 86_400;
const TODAY: i64 = 20_000 * DAY;

fn happening(second: i64, received: i64) -> Happening {
    Happening {
        at: second * 1_000,
        tie: second as u64,
        received: received * 1_000,
        value: Some(19_900_000),
        key: Some(second.rem_euclid(7) as u8),
    }
}

fn needs(functions: &[Function], window: Window) -> Needs {
    let each = functions
        .iter()
        .map(|function| Needs::of(&aggregate(*function, false, window)));
    each.reduce(Needs::join).unwrap_or_default()
}

fn count(series: &Series, window: Window, now: i64) -> i64 {
    let now = Timestamp::from_millis(now * 1_000);
    match series.value(Function::Count, window, &Zone::UTC, now) {
        Value::Int(count) => count,
        other => panic!("a count is a number, not {other:?}"),
    }
}

#[test]
fn an_event_years_late_counts_in_a_lifetime_and_takes_no_room() {
    let month = rolling(30 * DAY);
    let needs = needs(&[Function::Count, Function::Distinct, Function::Top], month);
    let on_time = [happening(TODAY, TODAY)];
    let late = [
        happening(TODAY, TODAY),
        happening(TODAY - 3_000 * DAY, TODAY),
    ];
    let (before, after) = (fold(&on_time, needs), fold(&late, needs));
    assert_eq!(count(&after, Window::Lifetime, TODAY), 2);
    assert_eq!(count(&after, month, TODAY), 1);
    assert!(after.to_bytes().len() <= before.to_bytes().len() + 6);
    // Late, but within the window.
    let recent = [happening(TODAY, TODAY), happening(TODAY - 29 * DAY, TODAY)];
    assert_eq!(count(&fold(&recent, needs), month, TODAY), 2);
}

#[test]
fn an_event_of_the_future_counts_when_its_time_comes() {
    let hour = rolling(3_600);
    let needs = needs(&[Function::Count], hour);
    let series = fold(&[happening(TODAY + 500, TODAY)], needs);
    assert_eq!(count(&series, hour, TODAY), 0);
    let now = Timestamp::from_millis(TODAY * 1_000);
    let next = series.next_change(Function::Count, hour, &Zone::UTC, now);
    assert_eq!(next, Some(Timestamp::from_millis((TODAY + 500) * 1_000)));
    assert_eq!(count(&series, hour, TODAY + 500), 1);
    // A clock gone wild neither panics nor hides what is real.
    for second in [i64::MIN / 1_000, i64::MAX / 1_000] {
        let wild = [happening(second, TODAY), happening(TODAY, TODAY)];
        let series = fold(&wild, needs);
        assert_eq!(count(&series, hour, TODAY), 1);
        series.next_change(Function::Count, hour, &Zone::UTC, now);
        assert_eq!(Series::from_bytes(&series.to_bytes()), Some(series));
    }
}

#[test]
fn a_clock_that_goes_back_drops_nothing() {
    let window = rolling(5 * DAY);
    let needs = needs(&[Function::Count], window);
    let forth = [
        happening(TODAY, TODAY),
        happening(TODAY + 1, TODAY - 9 * DAY),
    ];
    let mut back = forth.clone();
    back.reverse();
    assert_eq!(fold(&forth, needs), fold(&back, needs));
    assert_eq!(count(&fold(&back, needs), window, TODAY + 1), 2);
}

#[test]
fn blocks_behind_the_horizon_are_dropped_whole() {
    let window = rolling(10 * DAY);
    let needs = needs(&[Function::Count, Function::Distinct], window);
    let daily: Vec<Happening> = (0..200)
        .map(|day| happening(TODAY + day * DAY, TODAY + day * DAY))
        .collect();
    let series = fold(&daily, needs);
    let end = TODAY + 199 * DAY;
    assert_eq!(count(&series, window, end), 10);
    assert_eq!(series.lifetime().count, 200);
    let recent = fold(&daily[188..], needs);
    assert!(series.to_bytes().len() <= recent.to_bytes().len() + 2);
}

#[test]
fn a_window_of_the_greatest_length_keeps_every_second_of_it() {
    let year = rolling(400 * DAY);
    let needs = needs(&[Function::Count], year);
    let daily: Vec<Happening> = (0..=401)
        .map(|day| happening(TODAY + day * DAY, TODAY + day * DAY))
        .collect();
    let end = TODAY + 401 * DAY;
    let series = fold(&daily, needs);
    assert_eq!(count(&series, year, end), 400);
    assert_eq!(count(&series, year, end - 1), 400);
}

#[test]
fn a_million_events_a_day_keep_to_bounded_room_and_the_stated_resolution() {
    let window = rolling(6 * 3_600);
    let needs = needs(&[Function::Count, Function::Distinct], window);
    // Every tenth second of the day, then doubled by merging it with its like.
    let mut series = Series::default();
    for second in (0..DAY).step_by(10) {
        happening(TODAY + second, TODAY).add_to(&mut series, needs);
    }
    let per_second = 1 << 7;
    for _ in 0..7 {
        let copy = series.clone();
        series.merge(&copy);
    }
    assert_eq!(series.lifetime().count, 8_640 * per_second);
    assert_eq!(series.resolution_secs(), 128);
    let size = series.to_bytes().len();
    assert!(size <= 8_000, "{size}");
    for now in (TODAY + 7 * 3_600..TODAY + DAY).step_by(997) {
        let exact = 2_160 * per_second as i64;
        // One stretch of the resolution at either end holds at most 13 of the seconds.
        let error = (count(&series, window, now) - exact).abs();
        assert!(error <= 2 * 13 * per_second as i64, "{now}: {error}");
    }
}

/// Bytes of a series over `days` visits of `views` events.
fn size(needs: Needs, days: i64, views: i64, value: Option<i64>) -> usize {
    let mut series = Series::default();
    for visit in 0..days {
        for view in 0..views {
            let second = TODAY + visit * 3 * DAY + 40_000 + view * 37;
            let mut contribution = Contribution::one();
            contribution.add_key(&Value::Text(format!("category-{}", (visit + view) % 6)));
            if let Some(value) = value {
                let cents = i128::from(value + view * 100) * 10_000;
                contribution.tally.add_value(Amount::from_micros(cents));
            }
            let at = Timestamp::from_millis(second * 1_000);
            let moment = Moment {
                stamp: Stamp {
                    at,
                    tie: second as u64,
                },
                received_at: at,
            };
            series.add(needs, &contribution, moment);
        }
    }
    series.to_bytes().len()
}

#[test]
fn what_a_series_takes() {
    let quarter = rolling(90 * DAY);
    let detail = needs(&[Function::Count], quarter);
    let check = |name: &str, bytes: usize, most: usize| {
        assert!(bytes <= most, "{name}: {bytes} bytes, at most {most}");
        assert!(bytes * 2 >= most, "{name}: {bytes} bytes, far below {most}");
    };
    check("lifetime", size(Needs::default(), 30, 8, None), 24);
    check("one visit of one view", size(detail, 1, 1, None), 32);
    check("30 visits of 8 views", size(detail, 30, 8, None), 1_000);
    check(
        "the same with prices",
        size(detail, 30, 8, Some(1_990)),
        1_900,
    );
    let top = needs(&[Function::Top], quarter);
    check("top category of 30 visits", size(top, 30, 8, None), 3_000);
    let ever = needs(&[Function::Top], Window::Lifetime);
    check("top category ever", size(ever, 30, 8, None), 220);
    let days = needs(&[Function::Streak], Window::Lifetime);
    check("streak of 30 visits", size(days, 30, 8, None), 140);
    let per_second = (size(detail, 1, 400, None) - size(detail, 1, 200, None)) as f64 / 200.0;
    assert!((1.9..=2.1).contains(&per_second), "{per_second}");
}
