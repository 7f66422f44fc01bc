//! Sequences against trying every way through the steps.

use kith_base::{Duration, Timestamp};
use kith_profile::Series;
use kith_profile::series::{Needs, Steps, Timeline};
use proptest::prelude::*;

use crate::model::{Happening, fold};

#[derive(Clone, Debug)]
struct Drawn {
    steps: Vec<(Vec<i64>, Option<i64>)>,
    absent: Option<(Vec<i64>, i64)>,
    window: i64,
}

impl Drawn {
    /// Every way through the steps, from the definition.
    fn holds(&self, now: i64) -> bool {
        let inside = |second: &i64| now - self.window < *second && *second <= now;
        let mut ways: Vec<i64> = Vec::new();
        for (at, (seconds, within)) in self.steps.iter().enumerate() {
            let possible = seconds.iter().filter(|second| inside(second));
            ways = possible
                .filter(|second| {
                    let follows = |before: &i64| {
                        before < *second && within.is_none_or(|w| *second - before <= w)
                    };
                    at == 0 || ways.iter().any(follows)
                })
                .copied()
                .collect();
        }
        let is_kept = |last: &i64| match &self.absent {
            None => true,
            Some((others, within)) => {
                let follows = |other: &i64| last < other && *other <= last + within;
                last + within <= now && !others.iter().any(follows)
            }
        };
        ways.iter().any(is_kept)
    }

    fn timeline(&self, now: i64) -> Timeline {
        let needs = Needs::detail(Duration::from_secs(self.window));
        let series = |seconds: &[i64]| -> Series {
            let make = |(tie, second): (usize, &i64)| Happening {
                at: second * 1_000 + 7,
                tie: tie as u64,
                received: 0,
                value: None,
                key: None,
            };
            let events: Vec<Happening> = seconds.iter().enumerate().map(make).collect();
            fold(&events, needs)
        };
        let held: Vec<Series> = self
            .steps
            .iter()
            .map(|(seconds, _)| series(seconds))
            .collect();
        let absent = self.absent.as_ref();
        let absent = absent.map(|(seconds, within)| (series(seconds), *within));
        let steps = held.iter().zip(&self.steps);
        let steps = Steps {
            steps: steps
                .map(|(series, (_, within))| (Some(series), within.map(Duration::from_secs)))
                .collect(),
            absent: absent
                .as_ref()
                .map(|(series, within)| (Some(series), Duration::from_secs(*within))),
            window: Duration::from_secs(self.window),
        };
        Timeline::of(&steps, at(now))
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(second * 1_000)
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let seconds = || prop::collection::vec(86_300i64..86_600, 0..9);
    let step = (seconds(), prop::option::of(1i64..120));
    let absent = prop::option::of((seconds(), 1i64..90));
    (prop::collection::vec(step, 1..5), absent, 1i64..250).prop_map(|(steps, absent, window)| {
        let sorted = |mut seconds: Vec<i64>| {
            seconds.sort_unstable();
            seconds.dedup();
            seconds
        };
        Drawn {
            steps: steps
                .into_iter()
                .map(|(seconds, within)| (sorted(seconds), within))
                .collect(),
            absent: absent.map(|(seconds, within)| (sorted(seconds), within.min(window))),
            window,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn truth_and_its_changes_are_those_of_the_definition(
        drawn in drawn(),
        from in 86_250i64..86_700,
    ) {
        let timeline = drawn.timeline(from);
        let mut expected_change = None;
        for now in from..from + 700 {
            prop_assert_eq!(timeline.holds(at(now)), drawn.holds(now), "{}", now);
            let is_changed = drawn.holds(now) != drawn.holds(from);
            expected_change = expected_change.or(is_changed.then_some(now));
        }
        prop_assert_eq!(timeline.next_change(at(from)), expected_change.map(at));
    }
}

#[test]
fn an_abandoned_cart_is_known_when_the_time_has_passed() {
    let cart = Drawn {
        steps: vec![(vec![90_000], None)],
        absent: Some((vec![], 3_600)),
        window: 86_400,
    };
    let timeline = cart.timeline(90_000);
    assert!(!timeline.holds(at(93_599)));
    assert!(timeline.holds(at(93_600)));
    assert_eq!(timeline.next_change(at(90_000)), Some(at(93_600)));
    assert_eq!(timeline.next_change(at(93_600)), Some(at(90_000 + 86_400)));
    let bought = Drawn {
        absent: Some((vec![93_600], 3_600)),
        ..cart
    };
    assert_eq!(bought.timeline(90_000), Timeline::default());
}

#[test]
fn one_event_is_never_two_steps() {
    let twice = Drawn {
        steps: vec![(vec![90_000], None), (vec![90_000], Some(60))],
        absent: None,
        window: 3_600,
    };
    assert_eq!(twice.timeline(90_000), Timeline::default());
}
