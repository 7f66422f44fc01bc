//! The events of one day (UTC) by second, packed.

use kith_base::limits::SERIES_SECONDS_PER_DAY_MAX;

use super::tally::Tally;
use super::varint::{Reader, put_u64};

/// Seconds of a day.
pub const DAY: i64 = 86_400;

/// A day's events by second, as bytes: the exponent of the resolution, the number of entries,
/// their total when there are several, then each second's distance from the one before and its
/// tally. Two to four bytes for a second with an event.
///
/// The resolution is the least power of two, in seconds, at which there are at most
/// [`SERIES_SECONDS_PER_DAY_MAX`] different seconds: a function of the events alone, whatever
/// their order. An event counts at the beginning of its stretch. Adding is O(entries).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block(Box<[u8]>);

impl Block {
    /// From stored bytes.
    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        Block(bytes.into())
    }

    /// To be stored.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Adds events of one second of the day.
    pub fn add(&mut self, second: u32, tally: &Tally) {
        let mut entries = self.decode();
        let bucket = second >> self.exponent();
        match entries.binary_search_by_key(&bucket, |entry| entry.0) {
            Ok(at) => entries[at].1.merge(tally),
            Err(at) => entries.insert(at, (bucket, *tally)),
        }
        *self = Block::encode(self.exponent(), entries);
    }

    /// Adds another block of the same day.
    pub fn merge(&mut self, other: &Block) {
        let exponent = self.exponent().max(other.exponent());
        let mut entries = Vec::new();
        for block in [&*self, other] {
            let shift = exponent - block.exponent();
            entries.extend(
                block
                    .decode()
                    .into_iter()
                    .map(|(bucket, tally)| (bucket >> shift, tally)),
            );
        }
        entries.sort_by_key(|entry| entry.0);
        *self = Block::encode(exponent, joined(entries, 0));
    }

    /// Seconds one entry covers.
    pub fn resolution_secs(&self) -> u32 {
        1 << self.exponent()
    }

    /// All events of the day.
    pub fn total(&self) -> Tally {
        let mut reader = Reader(&self.0);
        let read = |reader: &mut Reader<'_>| {
            reader.u64()?;
            if reader.u64()? == 1 {
                reader.u64()?;
            }
            Tally::read(reader)
        };
        read(&mut reader).unwrap_or_default()
    }

    /// Seconds of the day with their events, in order.
    pub fn iter(&self) -> impl Iterator<Item = (u32, Tally)> {
        let exponent = self.exponent();
        self.buckets()
            .map(move |(bucket, tally)| (bucket << exponent, tally))
    }

    fn exponent(&self) -> u32 {
        self.0.first().map_or(0, |byte| u32::from(*byte).min(17))
    }

    fn buckets(&self) -> Buckets<'_> {
        let mut reader = Reader(&self.0);
        let _ = reader.u64();
        let left = reader.u64().unwrap_or(0);
        if left > 1 {
            let _ = Tally::read(&mut reader);
        }
        Buckets {
            reader,
            left,
            bucket: 0,
        }
    }

    fn decode(&self) -> Vec<(u32, Tally)> {
        self.buckets().collect()
    }

    fn encode(mut exponent: u32, mut entries: Vec<(u32, Tally)>) -> Self {
        if entries.is_empty() {
            return Block::default();
        }
        while entries.len() > SERIES_SECONDS_PER_DAY_MAX {
            entries = joined(entries, 1);
            exponent += 1;
        }
        let mut out = Vec::with_capacity(8 + entries.len() * 4);
        put_u64(&mut out, u64::from(exponent));
        put_u64(&mut out, entries.len() as u64);
        if entries.len() > 1 {
            let mut total = Tally::default();
            entries.iter().for_each(|(_, tally)| total.merge(tally));
            total.write(&mut out);
        }
        let mut before = 0;
        for (bucket, tally) in &entries {
            put_u64(&mut out, u64::from(bucket - before));
            tally.write(&mut out);
            before = *bucket;
        }
        Block(out.into())
    }
}

struct Buckets<'a> {
    reader: Reader<'a>,
    left: u64,
    bucket: u32,
}

impl Iterator for Buckets<'_> {
    type Item = (u32, Tally);

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let step = u32::try_from(self.reader.u64()?).ok()?;
        self.bucket = self.bucket.checked_add(step)?;
        Some((self.bucket, Tally::read(&mut self.reader)?))
    }
}

/// Sorted entries with each bucket once, after a shift of their buckets.
fn joined(entries: Vec<(u32, Tally)>, shift: u32) -> Vec<(u32, Tally)> {
    let mut out: Vec<(u32, Tally)> = Vec::with_capacity(entries.len());
    for (bucket, tally) in entries {
        match out.last_mut() {
            Some((last, held)) if *last == bucket >> shift => held.merge(&tally),
            _ => out.push((bucket >> shift, tally)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn build(seconds: &[u32]) -> Block {
        let mut block = Block::default();
        for second in seconds {
            block.add(*second, &Tally::one());
        }
        block
    }

    #[test]
    fn the_resolution_is_the_least_that_fits() {
        let dense: Vec<u32> = (0..1_024).collect();
        assert_eq!(build(&dense).resolution_secs(), 1);
        let one_more: Vec<u32> = (0..1_025).collect();
        assert_eq!(build(&one_more).resolution_secs(), 2);
        let whole_day: Vec<u32> = (0..86_400).step_by(7).collect();
        let block = build(&whole_day);
        assert_eq!(block.resolution_secs(), 128);
        assert_eq!(block.total().count, 12_343);
        assert_eq!(block.iter().last().map(|(second, _)| second), Some(86_272));
    }

    #[test]
    fn a_second_takes_two_to_four_bytes() {
        assert_eq!(build(&[3]).as_bytes().len(), 4);
        assert_eq!(build(&[86_399]).as_bytes().len(), 6);
        let spread: Vec<u32> = (0..1_000).map(|n| n * 86).collect();
        assert_eq!(build(&spread).as_bytes().len(), 5 + 2 * 1_000);
    }

    #[test]
    fn damaged_bytes_end_early() {
        for bytes in [&[200u8, 200][..], &[0, 9, 1], &[], &[0xff; 30]] {
            let block = Block::from_bytes(bytes);
            assert!(block.iter().count() < 10);
            block.total();
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn order_and_grouping_do_not_matter(
            mut seconds in prop_oneof![
                prop::collection::vec(0u32..86_400, 0..40),
                prop::collection::vec(0u32..3_000, 1_200..1_600),
            ],
            cut in 0usize..1_600,
        ) {
            let whole = build(&seconds);
            let cut = cut.min(seconds.len());
            let mut merged = build(&seconds[cut..]);
            merged.merge(&build(&seconds[..cut]));
            prop_assert_eq!(&whole, &merged);
            seconds.reverse();
            prop_assert_eq!(&whole, &build(&seconds));
        }
    }
}
