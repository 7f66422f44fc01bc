//! When the value of a series changes although nothing happens.

use kith_base::{Amount, Timestamp, Value};
use kith_rule::{Aggregate, Function, Window};

use super::Series;
use super::days::QUARTER;
use super::read::Stretch;
use crate::zone::{Zone, instant_of, second_of};

/// How many instants at which something enters or leaves are tried for a change of the value,
/// before the next one is given without a try.
const TRIES: usize = 32;

impl Series {
    /// The earliest instant after `after` at which the value may change without a new event:
    /// something leaves the window, or happened in the future. Never later than the true one;
    /// `None` when it stays for ever.
    pub fn next_change(
        &self,
        function: Function,
        window: Window,
        zone: &Zone,
        after: Timestamp,
    ) -> Option<Timestamp> {
        let value = |at| self.value(function, window, zone, at);
        let next = |second| self.next_point(function, window, zone, second);
        change_of(value, next, after)
    }

    /// The same of an aggregate, which may be by key.
    pub fn next_change_of(
        &self,
        aggregate: &Aggregate,
        zone: &Zone,
        after: Timestamp,
    ) -> Option<Timestamp> {
        let value = |at| self.answer(aggregate, zone, at);
        let next = |second| self.next_point_of(aggregate, zone, second);
        change_of(value, next, after)
    }

    /// When anything next enters or leaves the window of an aggregate, whether that changes the
    /// value or not.
    pub fn next_entry_or_exit_of(
        &self,
        aggregate: &Aggregate,
        zone: &Zone,
        after: Timestamp,
    ) -> Option<Timestamp> {
        let point = self.next_point_of(aggregate, zone, second_of(after))?;
        Some(instant_of(point))
    }

    /// True of what can only fall, see [`Series::only_falls`]. A number by key is missing while
    /// there is no room for the key, and may come back.
    pub fn only_falls_of(&self, aggregate: &Aggregate, after: Timestamp) -> bool {
        let (function, window) = (aggregate.function, aggregate.window);
        aggregate.by.is_none() && self.only_falls(function, window, after)
    }

    fn next_point_of(&self, aggregate: &Aggregate, zone: &Zone, now: i64) -> Option<i64> {
        let (function, window) = (aggregate.function, aggregate.window);
        let Some(by) = &aggregate.by else {
            return self.next_point(function, window, zone, now);
        };
        let stretch = Stretch::of(window, zone, now)?;
        let key = by.key.as_deref();
        let first = |stretch| self.first_second_by_key(function, key, stretch);
        let leaves = first(stretch).map(|second| leaves(window, zone, second));
        leaves.into_iter().chain(first(ahead_of(now))).min()
    }

    /// True of what is counted or summed in a window that nothing is about to enter.
    pub fn only_falls(&self, function: Function, window: Window, after: Timestamp) -> bool {
        let adds_up = match function {
            Function::Count | Function::DaysActive => true,
            Function::Sum => self.lifetime.min >= Amount::ZERO,
            _ => false,
        };
        let ahead = ahead_of(second_of(after));
        let none_ahead = || self.last_at <= after || self.seconds(ahead).next().is_none();
        adds_up && window != Window::Lifetime && none_ahead()
    }

    /// The next second at which anything enters, leaves, or a day is over.
    fn next_point(&self, function: Function, window: Window, zone: &Zone, now: i64) -> Option<i64> {
        let Some(stretch) = Stretch::of(window, zone, now) else {
            return match function {
                Function::Streak => self.lifetime_streak_point(zone, now),
                _ => None,
            };
        };
        let ahead = ahead_of(now);
        let by_value = match function {
            Function::Distinct | Function::Top => true,
            _ => self.needs.edges && matches!(function, Function::First | Function::Last),
        };
        let (inside, coming) = if by_value {
            (self.first_key(stretch), self.first_key(ahead))
        } else {
            let first = |stretch| self.seconds(stretch).next().map(|(second, _)| second);
            (first(stretch), first(ahead))
        };
        let leaves = inside.map(|second| leaves(window, zone, second));
        let breaks = match function {
            Function::Streak => {
                let seconds: Vec<i64> = self.seconds(stretch).map(|(second, _)| second).collect();
                streak_end(zone, seconds.last().copied(), now)
            }
            _ => None,
        };
        [leaves, coming, breaks].into_iter().flatten().min()
    }

    fn first_key(&self, stretch: Stretch) -> Option<i64> {
        let keyed = self.first_key_second(stretch);
        let earliest = self.earliest.as_ref().map(|held| held.stamp.at);
        let latest = self.latest.as_ref().map(|held| held.stamp.at);
        let known = [earliest, latest].into_iter().flatten().map(second_of);
        let known = known.filter(|second| stretch.holds(*second));
        keyed.into_iter().chain(known).min()
    }

    fn lifetime_streak_point(&self, zone: &Zone, now: i64) -> Option<i64> {
        let past = self.days.newest_first().find(|quarter| *quarter <= now);
        let coming = self
            .days
            .newest_first()
            .take_while(|quarter| *quarter > now);
        let breaks = streak_end(zone, past.map(|quarter| quarter + QUARTER - 1), now);
        [coming.last(), breaks].into_iter().flatten().min()
    }
}

/// The first instant after `after` at which a value is another than now, of the next few that
/// `next` gives; the last of these when it is the same at all of them.
fn change_of(
    value: impl Fn(Timestamp) -> Value,
    next: impl Fn(i64) -> Option<i64>,
    after: Timestamp,
) -> Option<Timestamp> {
    let mut second = second_of(after);
    let held = value(after);
    for _ in 0..TRIES {
        second = next(second)?;
        if value(instant_of(second)) != held {
            break;
        }
    }
    Some(instant_of(second))
}

/// Everything after a second.
fn ahead_of(now: i64) -> Stretch {
    Stretch {
        after: now,
        until: i64::MAX,
    }
}

/// When what happened in a second is no longer inside a window.
fn leaves(window: Window, zone: &Zone, second: i64) -> i64 {
    match window {
        Window::Rolling(length) => second + length.as_millis().div_euclid(1_000),
        Window::Calendar(calendar) | Window::CalendarIn(calendar, _) => {
            zone.leaves(calendar, second)
        }
        Window::Lifetime => second,
    }
}

/// The end of the day after the one of the last event, if that is still to come.
fn streak_end(zone: &Zone, last: Option<i64>, now: i64) -> Option<i64> {
    let end = zone.start_of(zone.day(last?) + 2);
    (end > now).then_some(end)
}
