//! When the value of a series changes although nothing happens.

use kith_base::{Amount, Timestamp};
use kith_rule::{Function, Window};

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
        let mut second = second_of(after);
        let held = self.value(function, window, zone, after);
        for _ in 0..TRIES {
            second = self.next_point(function, window, zone, second)?;
            if self.value(function, window, zone, instant_of(second)) != held {
                break;
            }
        }
        Some(instant_of(second))
    }

    /// True of what is counted or summed in a window that nothing is about to enter.
    pub fn only_falls(&self, function: Function, window: Window, after: Timestamp) -> bool {
        let adds_up = match function {
            Function::Count | Function::DaysActive => true,
            Function::Sum => self.lifetime.min >= Amount::ZERO,
            _ => false,
        };
        let ahead = Stretch {
            after: second_of(after),
            until: i64::MAX,
        };
        let none_ahead = || self.last_at <= after || self.seconds(ahead).next().is_none();
        adds_up && window != Window::Lifetime && none_ahead()
    }

    /// When anything next enters or leaves, whether that changes the value or not.
    pub fn next_entry_or_exit(
        &self,
        function: Function,
        window: Window,
        zone: &Zone,
        after: Timestamp,
    ) -> Option<Timestamp> {
        let point = self.next_point(function, window, zone, second_of(after))?;
        Some(instant_of(point))
    }

    /// The next second at which anything enters, leaves, or a day is over.
    fn next_point(&self, function: Function, window: Window, zone: &Zone, now: i64) -> Option<i64> {
        let Some(stretch) = Stretch::of(window, zone, now) else {
            return match function {
                Function::Streak => self.lifetime_streak_point(zone, now),
                _ => None,
            };
        };
        let ahead = Stretch {
            after: now,
            until: i64::MAX,
        };
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
        let leaves = inside.map(|second| match window {
            Window::Rolling(length) => second + length.as_millis().div_euclid(1_000),
            Window::Calendar(calendar) | Window::CalendarIn(calendar, _) => {
                zone.leaves(calendar, second)
            }
            Window::Lifetime => second,
        });
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

/// The end of the day after the one of the last event, if that is still to come.
fn streak_end(zone: &Zone, last: Option<i64>, now: i64) -> Option<i64> {
    let end = zone.start_of(zone.day(last?) + 2);
    (end > now).then_some(end)
}
