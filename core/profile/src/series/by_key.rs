//! What a series says by key, and the most frequent values.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use kith_base::{Timestamp, Value, limits};
use kith_rule::{Aggregate, Function};

use super::read::{Stretch, days_of, of_tally, parsed};
use super::{DAY, Series, Tally, hash_of};
use crate::zone::{Zone, second_of};

/// One day's keys inside a stretch.
struct OfDay {
    /// The greatest hash up to which every key is known; `None` when all are.
    threshold: Option<u64>,
    /// Each key with its seconds.
    keys: Vec<(u64, Vec<(i64, Tally)>)>,
}

impl OfDay {
    fn is_known(&self, hash: u64) -> bool {
        self.threshold.is_none_or(|threshold| hash <= threshold)
    }
}

impl Series {
    /// The value of an aggregate at an instant: of one key, a map of keys, a list, or the one
    /// value that [`Series::value`] gives. A map of no key is missing.
    pub fn answer(&self, aggregate: &Aggregate, zone: &Zone, now: Timestamp) -> Value {
        let (function, window) = (aggregate.function, aggregate.window);
        let second = second_of(now);
        match &aggregate.by {
            None if aggregate.most > 1 => {
                let stretch = Stretch::of(window, zone, second);
                self.most_frequent(usize::from(aggregate.most), stretch)
            }
            None => self.value(function, window, zone, now),
            Some(by) => {
                let stretch = Stretch::of(window, zone, second);
                match &by.key {
                    Some(key) => self.of_key(function, key, stretch),
                    None => self.of_keys(function, stretch),
                }
            }
        }
    }

    /// The most frequent values, the most frequent first and of equals the first by its text.
    fn most_frequent(&self, most: usize, stretch: Option<Stretch>) -> Value {
        let counts = match stretch {
            None => self.keys.counts(),
            Some(stretch) => &self.counts_in(stretch),
        };
        let known = counts.iter();
        let known = known.filter_map(|(hash, count)| Some((*count, self.texts.get(hash)?)));
        let mut known: Vec<_> = known.collect();
        known.sort_by_key(|(count, text)| (Reverse(*count), *text));
        known.truncate(most);
        match known.is_empty() {
            true => Value::Null,
            false => Value::List(known.into_iter().map(|(_, text)| parsed(text)).collect()),
        }
    }

    /// Missing when there was no room for the key.
    fn of_key(&self, function: Function, key: &str, stretch: Option<Stretch>) -> Value {
        let mut sum = Tally::default();
        for hash in hashes_of(key) {
            match self.tally_of(function, hash, stretch) {
                Some(tally) => sum.merge(&tally),
                None => return Value::Null,
            }
        }
        of_tally(function, &sum)
    }

    fn tally_of(&self, function: Function, hash: u64, stretch: Option<Stretch>) -> Option<Tally> {
        if let Some(stretch) = stretch {
            let mut sum = Tally::default();
            for day in self.days_by_key(function, stretch) {
                day.is_known(hash).then_some(())?;
                let found = day.keys.binary_search_by_key(&hash, |(hash, _)| *hash);
                let seconds = found.map_or(&[][..], |at| &day.keys[at].1);
                seconds.iter().for_each(|(_, tally)| sum.merge(tally));
            }
            return Some(sum);
        }
        let (held, threshold) = self.lifetime_by_key(function, Some(hash));
        match held.first() {
            Some((_, tally)) => Some(*tally),
            None if threshold.is_some_and(|threshold| hash > threshold) => None,
            None => Some(Tally::default()),
        }
    }

    /// All keys, or one; and the greatest hash up to which every key is known.
    fn lifetime_by_key(
        &self,
        function: Function,
        only: Option<u64>,
    ) -> (Vec<(u64, Tally)>, Option<u64>) {
        let wanted = |hash: &u64| only.is_none_or(|only| only == *hash);
        if function == Function::Count {
            let held = self.keys.counts().iter().filter(|(hash, _)| wanted(hash));
            let held = held.map(|(hash, count)| (*hash, times(*count))).collect();
            return (held, self.keys.threshold());
        }
        let Some(keyed) = &self.keyed else {
            return (Vec::new(), None);
        };
        let held = keyed.lifetime().iter().filter(|(hash, _)| wanted(hash));
        let held = held.map(|(hash, tally)| (*hash, *tally)).collect();
        (held, keyed.threshold())
    }

    /// What is complete of all keys, those with the greatest numbers.
    fn of_keys(&self, function: Function, stretch: Option<Stretch>) -> Value {
        let (held, threshold) = match stretch {
            None => self.lifetime_by_key(function, None),
            Some(stretch) => {
                let mut sums: BTreeMap<u64, Tally> = BTreeMap::new();
                let mut threshold: Option<u64> = None;
                for day in self.days_by_key(function, stretch) {
                    threshold = [threshold, day.threshold].into_iter().flatten().min();
                    for (hash, seconds) in &day.keys {
                        let sum = sums.entry(*hash).or_default();
                        seconds.iter().for_each(|(_, tally)| sum.merge(tally));
                    }
                }
                (sums.into_iter().collect(), threshold)
            }
        };
        let mut by_text: BTreeMap<String, Tally> = BTreeMap::new();
        let known = |hash: u64| threshold.is_none_or(|threshold| hash <= threshold);
        for (hash, tally) in held.into_iter().filter(|(hash, _)| known(*hash)) {
            if let Some(text) = self.texts.get(&hash) {
                by_text.entry(shown(text)).or_default().merge(&tally);
            }
        }
        let mut values: Vec<(String, Value)> = by_text
            .into_iter()
            .map(|(text, tally)| (text, of_tally(function, &tally)))
            .filter(|(_, value)| !value.is_null())
            .collect();
        let number = |value: &Value| value.as_number().unwrap_or(0.0);
        values.sort_by(|(_, a), (_, b)| number(b).total_cmp(&number(a)));
        values.truncate(limits::KEYS_SHOWN_MAX);
        match values.is_empty() {
            true => Value::Null,
            false => Value::Map(values.into_iter().collect()),
        }
    }

    fn days_by_key(
        &self,
        function: Function,
        stretch: Stretch,
    ) -> Box<dyn Iterator<Item = OfDay> + '_> {
        let inside = move |day: i64, threshold, keys: Vec<(u64, Vec<(i64, Tally)>)>| {
            let within = |(hash, mut seconds): (u64, Vec<(i64, Tally)>)| {
                seconds.retain(|(second, _)| stretch.holds(*second));
                (!seconds.is_empty()).then_some((hash, seconds))
            };
            debug_assert!(day.checked_mul(DAY).is_some(), "a day of an instant");
            let keys: Vec<_> = keys.into_iter().filter_map(within).collect();
            (!keys.is_empty()).then_some(OfDay { threshold, keys })
        };
        if function == Function::Count {
            let days = days_of(&self.key_blocks, stretch);
            return Box::new(days.filter_map(move |(day, block)| {
                let at =
                    |(second, count): (u32, u64)| (day * DAY + i64::from(second), times(count));
                let keys = block.iter();
                let keys = keys.map(|key| (key.hash, key.iter().map(at).collect()));
                inside(day, block.threshold(), keys.collect())
            }));
        }
        let days = self.keyed.iter();
        let days = days.flat_map(move |keyed| days_of(keyed.days(), stretch));
        Box::new(days.filter_map(move |(day, held)| {
            let at = |(second, tally): (u32, Tally)| (day * DAY + i64::from(second), tally);
            let keys = held.iter();
            let keys = keys.map(|key| (key.hash, key.iter().map(at).collect()));
            inside(day, held.threshold(), keys.collect())
        }))
    }

    /// The first second of a stretch that has to do with a key, or with any.
    pub(super) fn first_second_by_key(
        &self,
        function: Function,
        key: Option<&str>,
        stretch: Stretch,
    ) -> Option<i64> {
        let asked: Option<Vec<u64>> = key.map(|key| hashes_of(key).collect());
        let mut days = self.days_by_key(function, stretch).map(|day| {
            let concerns = |hash: u64| match &asked {
                None => true,
                Some(asked) => {
                    asked.contains(&hash) || asked.iter().any(|asked| !day.is_known(*asked))
                }
            };
            let keys = day.keys.iter().filter(|(hash, _)| concerns(*hash));
            let firsts = keys.filter_map(|(_, seconds)| seconds.first());
            firsts.map(|(second, _)| *second).min()
        });
        days.find_map(|first| first)
    }
}

/// The hashes of the values that a key as text stands for: `42` is a text and a number.
fn hashes_of(key: &str) -> impl Iterator<Item = u64> {
    let text = serde_json::to_string(key).unwrap_or_default();
    let other = match serde_json::from_str(key) {
        Ok(serde_json::Value::Number(_) | serde_json::Value::Bool(_)) => Some(key.to_owned()),
        _ => None,
    };
    [Some(text), other]
        .into_iter()
        .flatten()
        .map(|json| hash_of(&json))
}

/// A key as it is shown: text without its quotes.
fn shown(json: &str) -> String {
    match parsed(json) {
        Value::Text(text) => text,
        _ => json.to_owned(),
    }
}

fn times(count: u64) -> Tally {
    Tally {
        count,
        ..Tally::default()
    }
}
