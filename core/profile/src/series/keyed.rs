//! Numbers by key: for each value of a property what the events that have it add up to.
//!
//! Over a lifetime one [`Tally`] for each key, and for windows one for each second with events,
//! day by day. Where there are too many keys those with the smallest hashes are kept, 512 over a
//! lifetime and 64 a day, each with everything about it. Of a key that is not kept nothing is
//! known; its value is then missing, not 0.
//!
//! Sizes: 9 bytes, the number and the text for a key over a lifetime; 11 to 15 and the number for
//! a key and day, 2 and the number more for each further second, 32 of these at most.

use std::collections::BTreeMap;

use kith_base::limits::SERIES_KEYS_LIFETIME_MAX;

use super::key_block::{KeySeconds, smallest};
use super::varint::{Reader, put_bytes, put_i64, put_u64};
use super::{Contribution, DAY_MAX, Series, Tally};

/// What the events of a series add up to, by key. See the module.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Keyed {
    lifetime: BTreeMap<u64, Tally>,
    /// There were more keys than are kept.
    is_sample: bool,
    days: BTreeMap<i64, KeyedDay>,
}

/// The keys of one day (UTC) by second, packed: twice their number, with 1 added when there were
/// more than are kept, then each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeyedDay {
    bytes: Vec<u8>,
}

impl Keyed {
    /// Adds to keys over a lifetime; true when one fell out.
    pub fn add(&mut self, each: impl Iterator<Item = (u64, Tally)>) -> bool {
        let before = self.is_sample;
        for (hash, tally) in each {
            self.lifetime.entry(hash).or_default().merge(&tally);
            if self.lifetime.len() > SERIES_KEYS_LIFETIME_MAX {
                self.lifetime.pop_last();
                self.is_sample = true;
            }
        }
        before || self.is_sample
    }

    /// Adds to keys in a second of a day; true when one may have fallen out.
    pub fn add_at(
        &mut self,
        day: i64,
        second: u32,
        each: impl Iterator<Item = (u64, Tally)>,
    ) -> bool {
        let of_day = self.days.entry(day).or_default();
        let fresh = each.map(|(hash, tally)| KeySeconds::new(hash, second, tally));
        of_day.join(fresh.collect(), false)
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Keyed) {
        self.is_sample |= other.is_sample;
        self.add(other.lifetime.iter().map(|(hash, tally)| (*hash, *tally)));
        for (day, theirs) in &other.days {
            let keys = theirs.iter().collect();
            let of_day = self.days.entry(*day).or_default();
            of_day.join(keys, theirs.is_sample());
        }
    }

    /// What is known over a lifetime, by hash.
    pub fn lifetime(&self) -> &BTreeMap<u64, Tally> {
        &self.lifetime
    }

    /// The greatest hash up to which every key is known over a lifetime; `None` when all are.
    pub fn threshold(&self) -> Option<u64> {
        let last = self.lifetime.last_key_value().map(|(hash, _)| *hash);
        last.filter(|_| self.is_sample)
    }

    /// Days with something in windows.
    pub fn days(&self) -> &BTreeMap<i64, KeyedDay> {
        &self.days
    }

    /// Every hash that is kept, some more than once.
    pub fn hashes(&self) -> impl Iterator<Item = u64> {
        let of_days = self.days.values().flat_map(KeyedDay::iter);
        self.lifetime
            .keys()
            .copied()
            .chain(of_days.map(|key| key.hash))
    }

    /// Drops the oldest day.
    pub fn pop_first_day(&mut self) {
        self.days.pop_first();
    }

    /// Drops what is kept over a lifetime.
    pub fn clear_lifetime(&mut self) {
        self.lifetime.clear();
        self.is_sample = false;
    }

    pub(super) fn write(&self, has_lifetime: bool, has_days: bool, out: &mut Vec<u8>) {
        if has_lifetime {
            let count = self.lifetime.len() as u64;
            put_u64(out, count << 1 | u64::from(self.is_sample));
            for (hash, tally) in &self.lifetime {
                out.extend(hash.to_be_bytes());
                tally.write(out);
            }
        }
        if has_days {
            put_u64(out, self.days.len() as u64);
            let mut before = 0;
            for (day, held) in &self.days {
                put_i64(out, day - before);
                before = *day;
                put_bytes(out, &held.bytes);
            }
        }
    }

    pub(super) fn read(from: &mut Reader<'_>, has_lifetime: bool, has_days: bool) -> Option<Self> {
        let mut read = Keyed::default();
        if has_lifetime {
            let head = from.u64()?;
            read.is_sample = head & 1 == 1;
            for _ in 0..head >> 1 {
                read.lifetime.insert(from.raw_u64()?, Tally::read(from)?);
            }
        }
        if has_days {
            let mut day = 0i64;
            for _ in 0..from.u64()? {
                day = day.checked_add(from.i64()?)?;
                (day.unsigned_abs() <= DAY_MAX).then_some(())?;
                let bytes = from.bytes()?.to_vec();
                read.days.insert(day, KeyedDay { bytes });
            }
        }
        Some(read)
    }
}

impl KeyedDay {
    /// By hash, ascending.
    pub fn iter(&self) -> impl Iterator<Item = KeySeconds<Tally>> {
        let mut reader = Reader(&self.bytes);
        let left = reader.u64().unwrap_or(0) >> 1;
        (0..left).map_while(move |_| KeySeconds::read(&mut reader))
    }

    /// The greatest hash up to which every key of the day is known; `None` when all are.
    pub fn threshold(&self) -> Option<u64> {
        let last = || self.iter().last().map(|key| key.hash);
        self.is_sample().then(last).flatten()
    }

    fn is_sample(&self) -> bool {
        Reader(&self.bytes).u64().is_some_and(|head| head & 1 == 1)
    }

    /// True when a key fell out.
    fn join(&mut self, fresh: Vec<KeySeconds<Tally>>, is_sample: bool) -> bool {
        let is_sample = is_sample || self.is_sample();
        let (keys, fell_out) = smallest(self.iter().chain(fresh).collect());
        self.bytes.clear();
        let sampled = u64::from(is_sample || fell_out);
        put_u64(&mut self.bytes, (keys.len() as u64) << 1 | sampled);
        keys.iter().for_each(|key| key.write(&mut self.bytes));
        fell_out
    }
}

impl Series {
    /// Adds what an event says about keys.
    pub(super) fn add_keyed(&mut self, event: &Contribution, day: i64, of_day: u32) {
        let needs = self.needs;
        let in_window = needs.tally_days > 0 && self.is_within(day, needs.tally_days);
        if !in_window && !needs.tallies {
            return;
        }
        let texts = event.keyed.iter();
        self.texts
            .extend(texts.map(|(hash, text, _)| (*hash, text.clone())));
        let each = || event.keyed.iter().map(|(hash, _, tally)| (*hash, *tally));
        let keyed = self.keyed.get_or_insert_default();
        let mut fell_out = needs.tallies && keyed.add(each());
        fell_out |= in_window && keyed.add_at(day, of_day, each());
        if fell_out {
            self.drop_unused_texts();
        }
    }

    /// Drops what is not needed; true when there was something.
    pub(super) fn prune_keyed(&mut self) -> bool {
        let Some(mut keyed) = self.keyed.take() else {
            return false;
        };
        let mut dropped = false;
        let horizon = self.needs.tally_days;
        while let Some(day) = keyed.days().keys().next()
            && (horizon == 0 || !self.is_within(*day, horizon))
        {
            keyed.pop_first_day();
            dropped = true;
        }
        if !self.needs.tallies && !keyed.lifetime().is_empty() {
            keyed.clear_lifetime();
            dropped = true;
        }
        if *keyed != Keyed::default() {
            self.keyed = Some(keyed);
        }
        dropped
    }
}
