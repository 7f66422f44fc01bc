//! What a series says about a stretch of time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Included, Unbounded};

use kith_base::{Amount, Timestamp, Value};
use kith_rule::{Function, Window};

use super::keys::Sample;
use super::{Block, DAY, KeyBlock, Series, Tally};
use crate::zone::{Zone, instant_of, second_of};

/// Seconds after `after` up to and with `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub after: i64,
    pub until: i64,
}

impl Stretch {
    /// The seconds of a window at second `now`; `None` for a lifetime.
    pub(super) fn of(window: Window, zone: &Zone, now: i64) -> Option<Self> {
        let after = match window {
            Window::Lifetime => return None,
            Window::Rolling(length) => now.saturating_sub(length.as_millis().div_euclid(1_000)),
            Window::Calendar(calendar) | Window::CalendarIn(calendar, _) => {
                zone.start(calendar, now) - 1
            }
        };
        Some(Stretch { after, until: now })
    }

    pub(super) fn holds(&self, second: i64) -> bool {
        self.after < second && second <= self.until
    }

    /// Whether every event of a day's block lies inside.
    fn holds_all(&self, day: i64, block: &Block) -> bool {
        let start = day * DAY;
        let begins = self.after < start || {
            let first = block.first();
            first.is_some_and(|first| self.after < start + i64::from(first))
        };
        begins && (start + DAY - 1 <= self.until || block.is_over_by(self.until - start))
    }
}

impl Series {
    /// The value of a function over a window at an instant. Times are whole seconds, except for
    /// a lifetime. A series of nothing counts 0, sums up to 0, and has no ends.
    pub fn value(&self, function: Function, window: Window, zone: &Zone, now: Timestamp) -> Value {
        let now = second_of(now);
        match Stretch::of(window, zone, now) {
            None => self.lifetime_value(function, zone, now),
            Some(stretch) => self.value_in(function, stretch, zone),
        }
    }

    fn lifetime_value(&self, function: Function, zone: &Zone, now: i64) -> Value {
        let is_empty = self.lifetime.count == 0;
        match function {
            Function::First | Function::Last if self.needs.edges => {
                let text = match function {
                    Function::First => self.earliest.as_ref().map(|held| &held.value),
                    _ => self.latest.as_ref().map(|held| &held.value),
                };
                text.map_or(Value::Null, |text| parsed(text))
            }
            Function::First | Function::Last if is_empty => Value::Null,
            Function::First => Value::Time(self.first_at),
            Function::Last => Value::Time(self.last_at),
            Function::Distinct => int(self.keys.distinct()),
            Function::Top => self.top(self.keys.counts()),
            Function::DaysActive => {
                let days = zone.days(self.days.newest_first());
                int(days.collect::<BTreeSet<i64>>().len() as u64)
            }
            Function::Streak => {
                let past = self.days.newest_first().filter(|quarter| *quarter <= now);
                int(streak(zone.days(past), zone.day(now)))
            }
            Function::Count | Function::Sum | Function::Min | Function::Max | Function::Average => {
                of_tally(function, &self.lifetime)
            }
        }
    }

    pub(super) fn value_in(&self, function: Function, stretch: Stretch, zone: &Zone) -> Value {
        let time = |second: Option<i64>| second.map_or(Value::Null, at);
        match function {
            Function::First | Function::Last if self.needs.edges => self.edge(function, stretch),
            Function::First => time(self.seconds(stretch).next().map(|(second, _)| second)),
            Function::Last => time(self.last_second(stretch)),
            Function::Distinct => int(self.distinct_in(stretch)),
            Function::Top => self.top(&self.counts_in(stretch)),
            Function::DaysActive => int(self.active_days(stretch, zone).len() as u64),
            Function::Streak => {
                let seconds: Vec<i64> = self.seconds(stretch).map(|(second, _)| second).collect();
                let days = zone.days(seconds.into_iter().rev());
                int(streak(days, zone.day(stretch.until)))
            }
            Function::Count | Function::Sum | Function::Min | Function::Max | Function::Average => {
                of_tally(function, &self.tally_in(stretch))
            }
        }
    }

    /// Events of a stretch; whole days at once.
    fn tally_in(&self, stretch: Stretch) -> Tally {
        let mut sum = Tally::default();
        for (day, block) in days_of(&self.blocks, stretch) {
            if stretch.holds_all(day, block) {
                sum.merge(&block.total());
                continue;
            }
            for (second, tally) in block.iter() {
                if stretch.holds(day * DAY + i64::from(second)) {
                    sum.merge(&tally);
                }
            }
        }
        sum
    }

    /// Days of a zone with events of a stretch.
    fn active_days(&self, stretch: Stretch, zone: &Zone) -> BTreeSet<i64> {
        let mut active = BTreeSet::new();
        for (day, block) in days_of(&self.blocks, stretch) {
            let at = |second: u32| day * DAY + i64::from(second);
            if stretch.holds_all(day, block)
                && let (Some(first), Some(last)) = (block.first(), block.last())
            {
                let (first, last) = (zone.day(at(first)), zone.day(at(last)));
                active.extend([first, last]);
                if last - first <= 1 {
                    continue;
                }
            }
            let seconds = block.iter().map(|(second, _)| at(second));
            active.extend(zone.days(seconds.filter(|second| stretch.holds(*second))));
        }
        active
    }

    /// Seconds of a stretch with events, in order.
    pub(super) fn seconds(&self, stretch: Stretch) -> impl Iterator<Item = (i64, Tally)> {
        days_of(&self.blocks, stretch)
            .filter(move |(day, block)| !block.is_over_by(stretch.after - day * DAY))
            .flat_map(|(day, block)| {
                let each = block.iter();
                each.map(move |(second, tally)| (day * DAY + i64::from(second), tally))
            })
            .filter(move |(second, _)| stretch.holds(*second))
    }

    fn last_second(&self, stretch: Stretch) -> Option<i64> {
        let in_block = |(day, block): (i64, &Block)| {
            let at = |second: u32| day * DAY + i64::from(second);
            if stretch.holds_all(day, block) {
                return block.last().map(at);
            }
            let seconds = block.iter().map(|(second, _)| at(second));
            seconds.filter(|second| stretch.holds(*second)).last()
        };
        days_of(&self.blocks, stretch).rev().find_map(in_block)
    }

    /// Values of a stretch by hash: each second with its count, day by day.
    pub(super) fn key_seconds(&self, stretch: Stretch) -> impl Iterator<Item = (u64, i64, u64)> {
        self.key_days(stretch).flatten()
    }

    /// The first second of a stretch with a value.
    pub(super) fn first_key_second(&self, stretch: Stretch) -> Option<i64> {
        let mut days = self.key_days(stretch);
        days.find_map(|day| day.map(|(_, second, _)| second).min())
    }

    fn key_days(
        &self,
        stretch: Stretch,
    ) -> impl Iterator<Item = impl Iterator<Item = (u64, i64, u64)>> {
        days_of(&self.key_blocks, stretch)
            .filter(move |(day, block)| !block.is_over_by(stretch.after - day * DAY))
            .map(move |(day, block)| {
                let of_day = block.iter().flat_map(move |key| {
                    let hash = key.hash;
                    let each: Vec<(u32, u64)> = key.iter().collect();
                    each.into_iter()
                        .map(move |(second, count)| (hash, day * DAY + i64::from(second), count))
                });
                of_day.filter(move |(_, second, _)| stretch.holds(*second))
            })
    }

    pub(super) fn counts_in(&self, stretch: Stretch) -> BTreeMap<u64, u64> {
        let mut counts = BTreeMap::new();
        for (hash, _, count) in self.key_seconds(stretch) {
            let held: &mut u64 = counts.entry(hash).or_default();
            *held = held.saturating_add(count);
        }
        counts
    }

    fn distinct_in(&self, stretch: Stretch) -> u64 {
        let mut sample = Sample::default();
        for (day, block) in days_of::<KeyBlock>(&self.key_blocks, stretch) {
            let start = day * DAY;
            let seen = block.hashes_within(stretch.after - start, stretch.until - start);
            sample.join(block, seen);
        }
        sample.distinct()
    }

    /// The most frequent value; of equally frequent ones the first by its text.
    fn top(&self, counts: &BTreeMap<u64, u64>) -> Value {
        let known = counts
            .iter()
            .filter_map(|(hash, count)| Some((*count, Reverse(self.texts.get(hash)?))));
        known
            .max()
            .map_or(Value::Null, |(_, Reverse(text))| parsed(text))
    }

    /// The value of the first or last second with one; of several in one second the first by
    /// its text, unless it is the first or last ever, which are known by event.
    fn edge(&self, function: Function, stretch: Stretch) -> Value {
        let within = |at: Timestamp| stretch.holds(second_of(at));
        let known = match function {
            Function::First => {
                let held = self.earliest.as_ref();
                held.filter(|held| within(held.stamp.at))
                    .map(|held| &held.value)
            }
            _ => {
                let held = self.latest.as_ref();
                held.filter(|held| within(held.stamp.at))
                    .map(|held| &held.value)
            }
        };
        if let Some(text) = known {
            return parsed(text);
        }
        let keyed = self.key_seconds(stretch).filter_map(|(hash, second, _)| {
            let order = match function {
                Function::First => second,
                _ => -second,
            };
            Some((order, self.texts.get(&hash)?))
        });
        keyed.min().map_or(Value::Null, |(_, text)| parsed(text))
    }
}

/// How many days in a row, up to today or yesterday. `days` come newest first.
pub(super) fn streak(days: impl Iterator<Item = i64>, today: i64) -> u64 {
    let mut expected = None;
    let mut length = 0;
    for day in days.filter(|day| *day <= today) {
        match expected {
            None if day < today - 1 => break,
            Some(expected) if day > expected => continue,
            Some(expected) if day < expected => break,
            _ => {
                length += 1;
                expected = Some(day - 1);
            }
        }
    }
    length
}

/// Blocks that a stretch touches, in order.
pub(super) fn days_of<B>(
    blocks: &BTreeMap<i64, B>,
    stretch: Stretch,
) -> impl DoubleEndedIterator<Item = (i64, &B)> {
    let first = stretch.after.saturating_add(1).div_euclid(DAY);
    let last = stretch.until.div_euclid(DAY);
    let range = if first <= last {
        (Included(first), Included(last))
    } else {
        (Excluded(i64::MAX), Unbounded)
    };
    blocks.range(range).map(|(day, block)| (*day, block))
}

pub(super) fn of_tally(function: Function, tally: &Tally) -> Value {
    let known = |amount: Amount| match tally.values {
        0 => Value::Null,
        _ => Value::Float(amount.as_f64()),
    };
    match function {
        Function::Sum => Value::Float(tally.sum.as_f64()),
        Function::Min => known(tally.min),
        Function::Max => known(tally.max),
        Function::Average => match tally.values {
            0 => Value::Null,
            values => Value::Float(tally.sum.as_f64() / values as f64),
        },
        _ => int(tally.count),
    }
}

fn int(count: u64) -> Value {
    Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

fn at(second: i64) -> Value {
    Value::Time(instant_of(second))
}

pub(super) fn parsed(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_default()
}
