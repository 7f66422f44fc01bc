//! The values of one day (UTC) by second, packed.

use std::ops::Range;

use kith_base::limits::{SERIES_KEY_SECONDS_PER_DAY_MAX, SERIES_KEYS_PER_DAY_MAX};

use super::tally::Tally;
use super::varint::{Reader, put_u64};

/// What is held of a value in a second.
pub trait Entry: Copy {
    /// Adds another of the same second.
    fn join(&mut self, other: Self);
    /// As stored.
    fn put(&self, out: &mut Vec<u8>);
    /// Reads what was stored.
    fn take(from: &mut Reader<'_>) -> Option<Self>;
}

/// How often.
impl Entry for u64 {
    fn join(&mut self, other: u64) {
        *self = self.saturating_add(other);
    }

    fn put(&self, out: &mut Vec<u8>) {
        put_u64(out, *self);
    }

    fn take(from: &mut Reader<'_>) -> Option<u64> {
        from.u64()
    }
}

/// How often, and with what numbers.
impl Entry for Tally {
    fn join(&mut self, other: Tally) {
        self.merge(&other);
    }

    fn put(&self, out: &mut Vec<u8>) {
        self.write(out);
    }

    fn take(from: &mut Reader<'_>) -> Option<Tally> {
        Tally::read(from)
    }
}

/// One value of a day: its hash, and what came of it in each second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySeconds<E = u64> {
    /// Hash of the value.
    pub hash: u64,
    exponent: u32,
    buckets: Vec<(u32, E)>,
}

impl<E: Entry> KeySeconds<E> {
    /// A value that came in one second.
    pub fn new(hash: u64, second: u32, entry: E) -> Self {
        KeySeconds {
            hash,
            exponent: 0,
            buckets: vec![(second, entry)],
        }
    }

    /// Seconds of the day, ascending, with what came.
    pub fn iter(&self) -> impl Iterator<Item = (u32, E)> {
        let exponent = self.exponent;
        self.buckets
            .iter()
            .map(move |(bucket, entry)| (bucket << exponent, *entry))
    }

    /// The resolution becomes the least power of two at which the seconds fit.
    fn cut(&mut self) {
        self.buckets.sort_by_key(|(bucket, _)| *bucket);
        let mut shift = 0;
        loop {
            let mut joined: Vec<(u32, E)> = Vec::with_capacity(self.buckets.len());
            for (bucket, entry) in &self.buckets {
                match joined.last_mut() {
                    Some((last, held)) if *last == bucket >> shift => held.join(*entry),
                    _ => joined.push((bucket >> shift, *entry)),
                }
            }
            if joined.len() <= SERIES_KEY_SECONDS_PER_DAY_MAX {
                self.buckets = joined;
                self.exponent += shift;
                return;
            }
            shift += 1;
        }
    }

    fn merge(&mut self, other: &KeySeconds<E>) {
        let exponent = self.exponent.max(other.exponent);
        let mine = exponent - self.exponent;
        self.buckets.iter_mut().for_each(|entry| entry.0 >>= mine);
        let theirs = exponent - other.exponent;
        let others = other.buckets.iter();
        self.buckets
            .extend(others.map(|(bucket, entry)| (bucket >> theirs, *entry)));
        self.exponent = exponent;
        self.cut();
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.hash.to_be_bytes());
        put_u64(out, u64::from(self.exponent));
        put_u64(out, self.buckets.len() as u64);
        let mut before = 0;
        for (bucket, entry) in &self.buckets {
            put_u64(out, u64::from(bucket - before));
            entry.put(out);
            before = *bucket;
        }
    }

    pub(super) fn read(from: &mut Reader<'_>) -> Option<Self> {
        let hash = from.raw_u64()?;
        let exponent = u32::try_from(from.u64()?.min(17)).ok()?;
        let mut buckets = Vec::new();
        let mut bucket = 0u32;
        for _ in 0..from.u64()? {
            bucket = bucket.checked_add(u32::try_from(from.u64()?).ok()?)?;
            buckets.push((bucket, E::take(from)?));
        }
        Some(KeySeconds {
            hash,
            exponent,
            buckets,
        })
    }
}

/// Joins what there is of each value, and keeps those with the smallest hashes; true when there
/// were more.
pub(super) fn smallest<E: Entry>(mut keys: Vec<KeySeconds<E>>) -> (Vec<KeySeconds<E>>, bool) {
    keys.sort_by_key(|key| key.hash);
    let mut joined: Vec<KeySeconds<E>> = Vec::with_capacity(keys.len());
    for key in keys {
        match joined.last_mut() {
            Some(last) if last.hash == key.hash => last.merge(&key),
            _ => joined.push(key),
        }
    }
    let fell_out = joined.len() > SERIES_KEYS_PER_DAY_MAX;
    joined.truncate(SERIES_KEYS_PER_DAY_MAX);
    (joined, fell_out)
}

/// Where things stand in the bytes of one value of a block.
struct KeyPlaces {
    hash: u64,
    exponent: u32,
    seconds: u64,
    seconds_at: Range<usize>,
    last_bucket: u32,
    last_count: u64,
    last_count_at: usize,
    end: usize,
}

impl KeyPlaces {
    /// `length` is that of the whole block.
    fn read(from: &mut Reader<'_>, length: usize) -> Option<Self> {
        let hash = from.raw_u64()?;
        let exponent = from.u64()?.min(17) as u32;
        let begin = length - from.0.len();
        let seconds = from.u64()?;
        let seconds_at = begin..length - from.0.len();
        let (mut last_bucket, mut last_count, mut last_count_at) = (0u32, 0, 0);
        for _ in 0..seconds {
            last_bucket = last_bucket.checked_add(u32::try_from(from.u64()?).ok()?)?;
            last_count_at = length - from.0.len();
            last_count = from.u64()?;
        }
        Some(KeyPlaces {
            hash,
            exponent,
            seconds,
            seconds_at,
            last_bucket,
            last_count,
            last_count_at,
            end: length - from.0.len(),
        })
    }
}

/// The values of one day (UTC), as bytes: their number, then each by its hash. 13 bytes for a
/// value that came once. Each value has a resolution of its own, the least power of two seconds
/// at which it has at most [`SERIES_KEY_SECONDS_PER_DAY_MAX`] of them.
#[derive(Clone, Debug, Default)]
pub struct KeyBlock {
    bytes: Vec<u8>,
    /// The last second with a value, known once something was added.
    last: Option<u32>,
}

impl PartialEq for KeyBlock {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for KeyBlock {}

impl KeyBlock {
    /// From stored bytes.
    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        KeyBlock {
            bytes: bytes.into(),
            last: None,
        }
    }

    /// To be stored.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Adds values of one second of the day; true when a value fell out. Without allocating when
    /// the second is none before the last of each value.
    pub fn add(&mut self, second: u32, hashes: impl Iterator<Item = u64>) -> bool {
        let last = self.last.or_else(|| self.find_last());
        let late: Vec<u64> = hashes
            .filter(|hash| self.add_at_end(second, *hash).is_none())
            .collect();
        let mut fell_out = false;
        if !late.is_empty() {
            let fresh = late.into_iter().map(|hash| KeySeconds {
                hash,
                exponent: 0,
                buckets: vec![(second, 1)],
            });
            let keys = fresh.chain(self.iter()).collect();
            fell_out = self.set(keys, self.is_sample());
        }
        // What fell out may have been the last: then the block is thought to go on a bit longer.
        self.last = last.max(Some(second));
        fell_out
    }

    /// Counts a value whose other seconds are not later; `None` when the block must be made anew.
    fn add_at_end(&mut self, second: u32, hash: u64) -> Option<()> {
        let mut reader = Reader(&self.bytes);
        let length = self.bytes.len();
        let head = reader.u64()?;
        let head_length = length - reader.0.len();
        let count = head >> 1;
        for _ in 0..count {
            let at = length - reader.0.len();
            let key = KeyPlaces::read(&mut reader, length)?;
            if key.hash < hash {
                continue;
            }
            if key.hash == hash {
                return self.count_at_end(second, &key);
            }
            return self.insert(at, (head, head_length), second, hash);
        }
        self.insert(length, (head, head_length), second, hash)
    }

    fn insert(&mut self, at: usize, head: (u64, usize), second: u32, hash: u64) -> Option<()> {
        let (head, head_length) = head;
        if head >> 1 >= SERIES_KEYS_PER_DAY_MAX as u64 || head & 1 == 1 {
            return None;
        }
        let mut entry = Vec::with_capacity(16);
        let key = KeySeconds {
            hash,
            exponent: 0,
            buckets: vec![(second, 1)],
        };
        key.write(&mut entry);
        self.bytes.splice(at..at, entry);
        let mut fresh = Vec::with_capacity(2);
        put_u64(&mut fresh, head + 2);
        self.bytes.splice(..head_length, fresh);
        Some(())
    }

    fn count_at_end(&mut self, second: u32, key: &KeyPlaces) -> Option<()> {
        let bucket = second >> key.exponent;
        let mut fresh = Vec::with_capacity(8);
        if bucket == key.last_bucket {
            put_u64(&mut fresh, key.last_count.saturating_add(1));
            self.bytes.splice(key.last_count_at..key.end, fresh);
            return Some(());
        }
        if bucket < key.last_bucket || key.seconds >= SERIES_KEY_SECONDS_PER_DAY_MAX as u64 {
            return None;
        }
        put_u64(&mut fresh, u64::from(bucket - key.last_bucket));
        put_u64(&mut fresh, 1);
        self.bytes.splice(key.end..key.end, fresh);
        let mut seconds = Vec::with_capacity(2);
        put_u64(&mut seconds, key.seconds + 1);
        self.bytes.splice(key.seconds_at.clone(), seconds);
        Some(())
    }

    fn find_last(&self) -> Option<u32> {
        let each = self.iter();
        each.filter_map(|key| key.iter().last().map(|(second, _)| second))
            .max()
    }

    /// True when it is known that no value came after this second of the day.
    pub fn is_over_by(&self, second: i64) -> bool {
        self.last.is_some_and(|last| i64::from(last) <= second)
    }

    /// Hashes of the values that came in these seconds of the day, ascending.
    pub fn hashes_within(&self, after: i64, until: i64) -> impl Iterator<Item = u64> {
        let mut reader = Reader(&self.bytes);
        let left = reader.u64().unwrap_or(0) >> 1;
        let holds = move |second: u32| after < i64::from(second) && i64::from(second) <= until;
        (0..left)
            .map_while(move |_| {
                let hash = reader.raw_u64()?;
                let exponent = reader.u64()?.min(17) as u32;
                let (mut bucket, mut found) = (0u32, false);
                for _ in 0..reader.u64()? {
                    bucket = bucket.checked_add(u32::try_from(reader.u64()?).ok()?)?;
                    reader.u64()?;
                    found |= holds(bucket << exponent);
                }
                Some((hash, found))
            })
            .filter_map(|(hash, found)| found.then_some(hash))
    }

    /// Adds another block of the same day; true when a value fell out.
    pub fn merge(&mut self, other: &KeyBlock) -> bool {
        let keys: Vec<KeySeconds> = self.iter().chain(other.iter()).collect();
        self.set(keys, self.is_sample() || other.is_sample())
    }

    /// The greatest hash up to which every value of the day is known; `None` when all are.
    pub fn threshold(&self) -> Option<u64> {
        if !self.is_sample() {
            return None;
        }
        self.iter().last().map(|key| key.hash)
    }

    /// By hash, ascending.
    pub fn iter(&self) -> impl Iterator<Item = KeySeconds> {
        let mut reader = Reader(&self.bytes);
        let left = reader.u64().unwrap_or(0) >> 1;
        (0..left).map_while(move |_| KeySeconds::read(&mut reader))
    }

    fn is_sample(&self) -> bool {
        Reader(&self.bytes).u64().is_some_and(|head| head & 1 == 1)
    }

    fn set(&mut self, keys: Vec<KeySeconds>, mut is_sample: bool) -> bool {
        let (joined, fell_out) = smallest(keys);
        is_sample |= fell_out;
        if joined.is_empty() {
            return false;
        }
        let mut out = Vec::with_capacity(2 + joined.len() * 13);
        put_u64(&mut out, (joined.len() as u64) << 1 | u64::from(is_sample));
        joined.iter().for_each(|key| key.write(&mut out));
        self.bytes = out;
        self.last = None;
        fell_out
    }
}
