//! Events one after the other: when a sequence is true.
//!
//! Each step happens in a later second than the one before it, and within the time given from
//! it. A way through the steps that begins at second *a* and is complete at second *e* makes the
//! sequence true from *e* until *a* leaves the window. For every possible last second only the
//! way with the latest beginning matters: the beginning grows with the second, so that for each
//! step only the nearest earlier one need be looked at. All truth is the union of these spans:
//! exact, in O(seconds), and the next change is read off.

use kith_base::{Duration, Timestamp};

use super::Series;
use super::read::Stretch;
use crate::zone::{instant_of, second_of};

/// When a sequence is true: spans of seconds `from <= n < until`, apart and in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline(Vec<(i64, i64)>);

/// What a sequence looks at: the events of each step with the time since the step before, and
/// those that must not follow the last.
#[derive(Clone, Debug)]
pub struct Steps<'a> {
    /// In order; `None` where nothing is known of such events.
    pub steps: Vec<(Option<&'a Series>, Option<Duration>)>,
    /// What must not follow, and for how long.
    pub absent: Option<(Option<&'a Series>, Duration)>,
    /// The window.
    pub window: Duration,
}

impl Timeline {
    /// The truth from `now` on.
    pub fn of(steps: &Steps<'_>, now: Timestamp) -> Self {
        let window = seconds_in(steps.window);
        let stretch = Stretch {
            after: second_of(now).saturating_sub(window),
            until: i64::MAX,
        };
        let seconds = |series: Option<&Series>| -> Vec<i64> {
            let series = series.into_iter();
            let all = series.flat_map(|series| series.seconds(stretch));
            all.map(|(second, _)| second).collect()
        };
        let read: Vec<(Vec<i64>, Option<i64>)> = steps
            .steps
            .iter()
            .map(|(series, within)| (seconds(*series), within.map(seconds_in)))
            .collect();
        let absent = steps.absent.as_ref();
        let absent = absent.map(|(series, within)| (seconds(*series), seconds_in(*within)));
        Timeline::from_seconds(&read, absent.as_ref(), window)
    }

    /// The same from sorted seconds.
    pub fn from_seconds(
        steps: &[(Vec<i64>, Option<i64>)],
        absent: Option<&(Vec<i64>, i64)>,
        window: i64,
    ) -> Self {
        let Some(((first, _), rest)) = steps.split_first() else {
            return Timeline::default();
        };
        let start = first.iter().map(|second| (*second, *second)).collect();
        let ways = rest
            .iter()
            .fold(start, |ways: Vec<(i64, i64)>, (seconds, within)| {
                follow(&ways, seconds, *within)
            });
        let mut spans: Vec<(i64, i64)> = Vec::new();
        for (second, begun) in ways {
            let from = match absent {
                Some((others, within)) if is_any_in(others, second, second + within) => continue,
                Some((_, within)) => second + within,
                None => second,
            };
            let until = begun.saturating_add(window);
            match spans.last_mut() {
                _ if until <= from => {}
                Some(last) if from <= last.1 => last.1 = last.1.max(until),
                _ => spans.push((from, until)),
            }
        }
        Timeline(spans)
    }

    /// Whether it is true at an instant.
    pub fn holds(&self, now: Timestamp) -> bool {
        let now = second_of(now);
        self.0
            .iter()
            .any(|(from, until)| *from <= now && now < *until)
    }

    /// The instant after `after` at which it changes.
    pub fn next_change(&self, after: Timestamp) -> Option<Timestamp> {
        let after = second_of(after);
        let edges = self.0.iter().flat_map(|(from, until)| [*from, *until]);
        edges.filter(|edge| *edge > after).min().map(instant_of)
    }
}

/// Ways one step further: each as its last second and the latest second it may have begun.
fn follow(ways: &[(i64, i64)], seconds: &[i64], within: Option<i64>) -> Vec<(i64, i64)> {
    let mut next = 0;
    let mut out = Vec::with_capacity(seconds.len());
    for second in seconds {
        while next < ways.len() && ways[next].0 < *second {
            next += 1;
        }
        let Some((last, begun)) = next.checked_sub(1).map(|at| ways[at]) else {
            continue;
        };
        if within.is_none_or(|within| second - last <= within) {
            out.push((*second, begun));
        }
    }
    out
}

fn is_any_in(seconds: &[i64], after: i64, until: i64) -> bool {
    let next = seconds.partition_point(|second| *second <= after);
    seconds.get(next).is_some_and(|second| *second <= until)
}

fn seconds_in(length: Duration) -> i64 {
    length.as_millis().div_euclid(1_000)
}
