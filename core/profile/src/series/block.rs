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
/// their order. An event counts at the beginning of its stretch. Adding to the last entry or
/// after it is O(1) but for the first time, any other adding O(entries).
#[derive(Clone, Debug, Default)]
pub struct Block {
    bytes: Vec<u8>,
    /// Known once something was added.
    last: Option<Last>,
}

impl PartialEq for Block {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Block {}

/// The last entry.
#[derive(Clone, Copy, Debug)]
struct Last {
    bucket: u32,
    tally: Tally,
    /// Where its tally begins.
    at: usize,
}

/// What stands before the entries.
#[derive(Clone, Copy, Debug, Default)]
struct Head {
    exponent: u32,
    count: u64,
    total: Tally,
    /// Its length in bytes.
    length: usize,
}

impl Head {
    fn write(&self, out: &mut Vec<u8>) {
        put_u64(out, u64::from(self.exponent));
        put_u64(out, self.count);
        if self.count > 1 {
            self.total.write(out);
        }
    }
}

impl Block {
    /// From stored bytes.
    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        Block {
            bytes: bytes.into(),
            last: None,
        }
    }

    /// To be stored.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Adds events of one second of the day.
    pub fn add(&mut self, second: u32, tally: &Tally) {
        let head = self.head();
        let bucket = second >> head.exponent;
        let last = self.last.or_else(|| self.find_last());
        match last {
            Some(last) if bucket == last.bucket => self.put_last(head, last, tally),
            Some(last)
                if bucket > last.bucket && head.count < SERIES_SECONDS_PER_DAY_MAX as u64 =>
            {
                self.append(head, last, bucket, tally);
            }
            _ => {
                let mut entries = self.decode();
                match entries.binary_search_by_key(&bucket, |entry| entry.0) {
                    Ok(at) => entries[at].1.merge(tally),
                    Err(at) => entries.insert(at, (bucket, *tally)),
                }
                *self = Block::encode(head.exponent, entries);
            }
        }
    }

    fn put_last(&mut self, mut head: Head, mut last: Last, tally: &Tally) {
        last.tally.merge(tally);
        self.bytes.truncate(last.at);
        last.tally.write(&mut self.bytes);
        head.total.merge(tally);
        self.put_head(head, last);
    }

    fn append(&mut self, mut head: Head, last: Last, bucket: u32, tally: &Tally) {
        put_u64(&mut self.bytes, u64::from(bucket - last.bucket));
        let at = self.bytes.len();
        tally.write(&mut self.bytes);
        if head.count == 1 {
            head.total = last.tally;
        }
        head.count += 1;
        head.total.merge(tally);
        let tally = *tally;
        self.put_head(head, Last { bucket, tally, at });
    }

    /// Writes the head anew, after a change at the end.
    fn put_head(&mut self, head: Head, mut last: Last) {
        let mut bytes = Vec::with_capacity(32);
        head.write(&mut bytes);
        last.at = last.at + bytes.len() - head.length;
        self.bytes.splice(..head.length, bytes);
        self.last = Some(last);
    }

    fn head(&self) -> Head {
        let mut reader = Reader(&self.bytes);
        let mut read = || {
            let mut head = Head {
                exponent: reader.u64()?.min(17) as u32,
                count: reader.u64()?,
                ..Head::default()
            };
            if head.count > 1 {
                head.total = Tally::read(&mut reader)?;
            }
            Some(head)
        };
        let head = read().unwrap_or_default();
        Head {
            length: self.bytes.len() - reader.0.len(),
            ..head
        }
    }

    fn find_last(&self) -> Option<Last> {
        let mut buckets = self.buckets();
        let mut last = None;
        loop {
            let Some((bucket, tally, length)) = buckets.entry() else {
                return last;
            };
            let at = self.bytes.len() - buckets.reader.0.len() - length;
            last = Some(Last { bucket, tally, at });
        }
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
        let head = self.head();
        match head.count {
            1 => self.buckets().next().map_or(head.total, |(_, only)| only),
            _ => head.total,
        }
    }

    /// The first second of the day with an event.
    pub fn first(&self) -> Option<u32> {
        self.iter().next().map(|(second, _)| second)
    }

    /// The last one. O(entries) before anything was added.
    pub fn last(&self) -> Option<u32> {
        let last = self.last.or_else(|| self.find_last())?;
        Some(last.bucket << self.exponent())
    }

    /// Seconds of the day with their events, in order.
    pub fn iter(&self) -> impl Iterator<Item = (u32, Tally)> {
        let exponent = self.exponent();
        self.buckets()
            .map(move |(bucket, tally)| (bucket << exponent, tally))
    }

    /// True when it is known that nothing happened after this second of the day.
    pub fn is_over_by(&self, second: i64) -> bool {
        self.last
            .is_some_and(|last| i64::from(last.bucket << self.exponent()) <= second)
    }

    fn exponent(&self) -> u32 {
        self.bytes
            .first()
            .map_or(0, |byte| u32::from(*byte).min(17))
    }

    fn buckets(&self) -> Buckets<'_> {
        let head = self.head();
        Buckets {
            reader: Reader(&self.bytes[head.length..]),
            left: head.count,
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
        let mut head = Head {
            exponent,
            count: entries.len() as u64,
            ..Head::default()
        };
        entries
            .iter()
            .for_each(|(_, tally)| head.total.merge(tally));
        let mut bytes = Vec::with_capacity(8 + entries.len() * 4);
        head.write(&mut bytes);
        let (mut before, mut last) = (0, None);
        for (bucket, tally) in entries {
            put_u64(&mut bytes, u64::from(bucket - before));
            let at = bytes.len();
            tally.write(&mut bytes);
            last = Some(Last { bucket, tally, at });
            before = bucket;
        }
        Block { bytes, last }
    }
}

struct Buckets<'a> {
    reader: Reader<'a>,
    left: u64,
    bucket: u32,
}

impl Buckets<'_> {
    /// The next entry, with the length of its tally in bytes.
    fn entry(&mut self) -> Option<(u32, Tally, usize)> {
        self.left = self.left.checked_sub(1)?;
        let step = u32::try_from(self.reader.u64()?).ok()?;
        self.bucket = self.bucket.checked_add(step)?;
        let before = self.reader.0.len();
        let tally = Tally::read(&mut self.reader)?;
        Some((self.bucket, tally, before - self.reader.0.len()))
    }
}

impl Iterator for Buckets<'_> {
    type Item = (u32, Tally);

    fn next(&mut self) -> Option<Self::Item> {
        let (bucket, tally, _) = self.entry()?;
        Some((bucket, tally))
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
