//! The stored form of a series: one string of bytes, since a person holds many and their
//! members' names would be most of it.
//!
//! A version byte, then in this order: flags, horizons, newest day, lifetime, times; then the
//! parts the flags name. Numbers as in [`super::varint`], days as distances.

use std::collections::BTreeMap;

use kith_base::Timestamp;

use super::varint::{Reader, put_bytes, put_i64, put_u64};
use super::{ActiveDays, Block, Interests, KeyBlock, Keyed, Keys, Needs, Series, Tally};
use crate::{Earliest, Latest, Stamp};

const VERSION: u8 = 1;
/// No instant has a day beyond.
pub(super) const DAY_MAX: u64 = i64::MAX.unsigned_abs() / 86_400_000 + 1;

const EDGES: u64 = 1;
const DAYS: u64 = 2;
const KEYS: u64 = 4;
const TEXTS: u64 = 8;
const RECEIVED: u64 = 16;
const HAS_EARLIEST: u64 = 32;
const HAS_LATEST: u64 = 64;
const INTERESTS: u64 = 128;
const TALLIES: u64 = 256;
const TALLY_DAYS: u64 = 512;

impl Series {
    /// As stored.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write_to(&mut out);
        out
    }

    /// The same after other bytes.
    pub(super) fn write_to(&self, out: &mut Vec<u8>) {
        out.push(VERSION);
        put_u64(out, self.flags());
        put_u64(out, u64::from(self.needs.detail_days));
        put_u64(out, u64::from(self.needs.key_days));
        if let Some(day) = self.newest_day {
            put_i64(out, day);
        }
        self.lifetime.write(out);
        put_i64(out, self.first_at.as_millis());
        let length = self
            .last_at
            .as_millis()
            .wrapping_sub(self.first_at.as_millis());
        put_u64(out, length.cast_unsigned());
        if let Some(held) = &self.earliest {
            write_edge(held.stamp, &held.value, out);
        }
        if let Some(held) = &self.latest {
            write_edge(held.stamp, &held.value, out);
        }
        if self.needs.days {
            self.days.write(out);
        }
        if self.needs.keys {
            self.keys.write(out);
        }
        if self.needs.detail_days > 0 {
            write_days(&self.blocks, Block::as_bytes, out);
        }
        if self.needs.key_days > 0 {
            write_days(&self.key_blocks, KeyBlock::as_bytes, out);
        }
        if self.needs.texts {
            put_u64(out, self.texts.len() as u64);
            for (hash, text) in &self.texts {
                out.extend(hash.to_be_bytes());
                put_bytes(out, text.as_bytes());
            }
        }
        if self.needs.half_life_days > 0 {
            put_u64(out, u64::from(self.needs.half_life_days));
            let none = Interests::default();
            self.interests.as_deref().unwrap_or(&none).write(out);
        }
        let needs = self.needs;
        if needs.tally_days > 0 {
            put_u64(out, u64::from(needs.tally_days));
        }
        if needs.by_key() {
            let none = Keyed::default();
            let keyed = self.keyed.as_deref().unwrap_or(&none);
            keyed.write(needs.tallies, needs.tally_days > 0, out);
        }
    }

    /// Reads the stored form; `None` when it is not one.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (VERSION, rest) = bytes
            .split_first()
            .map(|(version, rest)| (*version, rest))?
        else {
            return None;
        };
        let mut from = Reader(rest);
        let flags = from.u64()?;
        let has = |flag: u64| flags & flag != 0;
        let needs = Needs {
            edges: has(EDGES),
            days: has(DAYS),
            keys: has(KEYS),
            texts: has(TEXTS),
            detail_days: u16::try_from(from.u64()?).ok()?,
            key_days: u16::try_from(from.u64()?).ok()?,
            half_life_days: 0,
            tallies: has(TALLIES),
            tally_days: 0,
        };
        let mut series = Series {
            needs,
            ..Series::default()
        };
        if has(RECEIVED) {
            series.newest_day = Some(from.i64()?);
        }
        series.lifetime = Tally::read(&mut from)?;
        let first = from.i64()?;
        series.first_at = Timestamp::from_millis(first);
        let last = first.wrapping_add(from.u64()?.cast_signed());
        series.last_at = Timestamp::from_millis(last);
        if has(HAS_EARLIEST) {
            let (stamp, value) = read_edge(&mut from)?;
            series.earliest = Some(Earliest { stamp, value });
        }
        if has(HAS_LATEST) {
            let (stamp, value) = read_edge(&mut from)?;
            series.latest = Some(Latest { stamp, value });
        }
        series.read_parts(&mut from)?;
        if has(INTERESTS) {
            series.needs.half_life_days = u16::try_from(from.u64()?).ok()?;
            let interests = Interests::read(&mut from)?;
            series.interests = (!interests.is_empty()).then(|| Box::new(interests));
        }
        if has(TALLY_DAYS) {
            series.needs.tally_days = u16::try_from(from.u64()?).ok()?;
        }
        if series.needs.by_key() {
            let keyed = Keyed::read(&mut from, has(TALLIES), has(TALLY_DAYS))?;
            series.keyed = (keyed != Keyed::default()).then(|| Box::new(keyed));
        }
        from.0.is_empty().then_some(series)
    }

    fn read_parts(&mut self, from: &mut Reader<'_>) -> Option<()> {
        if self.needs.days {
            self.days = ActiveDays::read(from)?;
        }
        if self.needs.keys {
            self.keys = Keys::read(from)?;
        }
        if self.needs.detail_days > 0 {
            self.blocks = read_days(from, Block::from_bytes)?;
        }
        if self.needs.key_days > 0 {
            self.key_blocks = read_days(from, KeyBlock::from_bytes)?;
        }
        if self.needs.texts {
            for _ in 0..from.u64()? {
                let hash = from.raw_u64()?;
                self.texts.insert(hash, read_text(from)?);
            }
        }
        Some(())
    }

    fn flags(&self) -> u64 {
        let flags = [
            (self.needs.edges, EDGES),
            (self.needs.days, DAYS),
            (self.needs.keys, KEYS),
            (self.needs.texts, TEXTS),
            (self.newest_day.is_some(), RECEIVED),
            (self.earliest.is_some(), HAS_EARLIEST),
            (self.latest.is_some(), HAS_LATEST),
            (self.needs.half_life_days > 0, INTERESTS),
            (self.needs.tallies, TALLIES),
            (self.needs.tally_days > 0, TALLY_DAYS),
        ];
        flags
            .iter()
            .filter(|(set, _)| *set)
            .map(|(_, flag)| flag)
            .sum()
    }
}

fn write_edge(stamp: Stamp, text: &str, out: &mut Vec<u8>) {
    put_i64(out, stamp.at.as_millis());
    out.extend(stamp.tie.to_be_bytes());
    put_bytes(out, text.as_bytes());
}

fn read_edge(from: &mut Reader<'_>) -> Option<(Stamp, Box<str>)> {
    let at = Timestamp::from_millis(from.i64()?);
    let tie = from.raw_u64()?;
    Some((Stamp { at, tie }, read_text(from)?))
}

fn read_text(from: &mut Reader<'_>) -> Option<Box<str>> {
    std::str::from_utf8(from.bytes()?).ok().map(Box::from)
}

fn write_days<B>(blocks: &BTreeMap<i64, B>, bytes: fn(&B) -> &[u8], out: &mut Vec<u8>) {
    put_u64(out, blocks.len() as u64);
    let mut before = 0;
    for (day, block) in blocks {
        put_i64(out, day - before);
        before = *day;
        put_bytes(out, bytes(block));
    }
}

fn read_days<B>(from: &mut Reader<'_>, block: fn(&[u8]) -> B) -> Option<BTreeMap<i64, B>> {
    let mut blocks = BTreeMap::new();
    let mut day = 0i64;
    for _ in 0..from.u64()? {
        day = day.checked_add(from.i64()?)?;
        (day.unsigned_abs() <= DAY_MAX).then_some(())?;
        blocks.insert(day, block(from.bytes()?));
    }
    Some(blocks)
}

/// True for what [`Series::from_bytes`] is there to read.
pub(super) fn is_stored_form(bytes: &[u8]) -> bool {
    bytes.first() == Some(&VERSION)
}
