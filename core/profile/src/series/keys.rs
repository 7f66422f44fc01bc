//! Different values of a property: how many, and which is the most frequent.
//!
//! Where there are too many, those with the smallest hashes are kept, with everything about
//! them: a value that is kept was kept from its first event on, whatever the order.
//!
//! How many there are is exact up to 512 over a lifetime, and beyond that read from a
//! [`Sketch`], a HyperLogLog with a relative standard error of 1.6 %. A window to the second must
//! know when each value came, which a HyperLogLog does not: there the number is exact up to 64
//! values a day, and beyond that estimated from those kept (bottom-k or KMV: Bar-Yossef, Jayram,
//! Kumar, Sivakumar, Trevisan, *Counting distinct elements in a data stream*, RANDOM 2002; joins
//! of samples: Beyer and others, *On synopses for distinct-value estimation under multiset
//! operations*, SIGMOD 2007) with a relative standard error of 1/√(k − 2), 13 %.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::limits::SERIES_KEYS_LIFETIME_MAX;

use super::varint::{Reader, put_u64};
use super::{KeyBlock, Sketch};

/// Values and how often each came: at most 4.6 kB, and 3 kB for the sketch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    counts: BTreeMap<u64, u64>,
    /// Every value, once there were more than are kept.
    all: Option<Box<Sketch>>,
}

impl Keys {
    /// Counts a value by its hash.
    pub fn add(&mut self, hash: u64, count: u64) {
        if let Some(all) = &mut self.all {
            all.add(hash);
        }
        let held = self.counts.entry(hash).or_default();
        *held = held.saturating_add(count);
        self.cut();
    }

    /// Counts all of another.
    pub fn merge(&mut self, other: &Keys) {
        if let Some(theirs) = &other.all {
            self.sketch().merge(theirs);
        }
        other
            .counts
            .iter()
            .for_each(|(hash, count)| self.add(*hash, *count));
    }

    /// How many different ones, estimated beyond the limit.
    pub fn distinct(&self) -> u64 {
        match &self.all {
            None => self.counts.len() as u64,
            Some(all) => all.estimate(),
        }
    }

    /// Hashes with counts.
    pub fn counts(&self) -> &BTreeMap<u64, u64> {
        &self.counts
    }

    /// The greatest hash up to which every value is known; `None` when all are.
    pub fn threshold(&self) -> Option<u64> {
        self.all.as_ref()?;
        self.counts.last_key_value().map(|(hash, _)| *hash)
    }

    /// Hashes, ascending.
    pub fn hashes(&self) -> impl Iterator<Item = u64> {
        self.counts.keys().copied()
    }

    fn cut(&mut self) {
        if self.counts.len() > SERIES_KEYS_LIFETIME_MAX {
            self.sketch();
            self.counts.pop_last();
        }
    }

    /// The sketch of all values, begun with those that are kept if there is none.
    fn sketch(&mut self) -> &mut Sketch {
        let counts = &self.counts;
        self.all.get_or_insert_with(|| {
            let mut all = Sketch::default();
            counts.keys().for_each(|hash| all.add(*hash));
            Box::new(all)
        })
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        put_u64(
            out,
            (self.counts.len() as u64) << 1 | u64::from(self.all.is_some()),
        );
        for (hash, count) in &self.counts {
            out.extend(hash.to_be_bytes());
            put_u64(out, *count);
        }
        if let Some(all) = &self.all {
            all.write(out);
        }
    }

    pub(super) fn read(from: &mut Reader<'_>) -> Option<Self> {
        let head = from.u64()?;
        let mut counts = BTreeMap::new();
        for _ in 0..head >> 1 {
            counts.insert(from.raw_u64()?, from.u64()?);
        }
        let all = match head & 1 {
            1 => Some(Box::new(Sketch::read(from)?)),
            _ => None,
        };
        Some(Keys { counts, all })
    }
}

/// How many different hashes there are, when only those up to the threshold are all known.
pub fn estimate(hashes: impl Iterator<Item = u64>, threshold: Option<u64>) -> u64 {
    let Some(threshold) = threshold else {
        return hashes.count() as u64;
    };
    let below = hashes.filter(|hash| *hash < threshold).count();
    let share = (threshold as f64 + 1.0) / 18_446_744_073_709_551_616.0;
    (below as f64 / share).round() as u64
}

/// The hashes of several days and the threshold up to which all are known.
#[derive(Debug, Default)]
pub struct Sample {
    hashes: BTreeSet<u64>,
    threshold: Option<u64>,
}

impl Sample {
    /// Takes a day of which `hashes` are wanted.
    pub fn join(&mut self, block: &KeyBlock, hashes: impl Iterator<Item = u64>) {
        self.hashes.extend(hashes);
        let thresholds = [self.threshold, block.threshold()];
        self.threshold = thresholds.into_iter().flatten().min();
    }

    /// How many different ones.
    pub fn distinct(&self) -> u64 {
        estimate(self.hashes.iter().copied(), self.threshold)
    }
}

#[cfg(test)]
mod tests {
    use kith_base::digest;
    use proptest::prelude::*;

    use super::*;

    fn hash(key: u32) -> u64 {
        digest("test", &[&key.to_be_bytes()]).prefix()
    }

    fn build(keys: &[(u32, u32)]) -> (Keys, KeyBlock) {
        let (mut all, mut block) = (Keys::default(), KeyBlock::default());
        for (key, second) in keys {
            all.add(hash(*key), 1);
            block.add(*second, std::iter::once(hash(*key)));
        }
        (all, block)
    }

    #[test]
    fn exact_up_to_the_limit_and_close_beyond_it() {
        let mut keys = Keys::default();
        for key in 0..512 {
            keys.add(hash(key), 1);
            keys.add(hash(key), 1);
        }
        assert_eq!(keys.distinct(), 512);
        for key in 512..20_000 {
            keys.add(hash(key), 1);
        }
        let error = keys.distinct() as f64 / 20_000.0 - 1.0;
        assert!(error.abs() < 3.0 * 0.01625, "{error}");
        assert_eq!(keys.counts().len(), 512);
        let mut out = Vec::new();
        keys.write(&mut out);
        assert!(out.len() <= 3_072 + 512 * 10 + 2, "{}", out.len());
        assert_eq!(Keys::read(&mut Reader(&out)), Some(keys));
    }

    #[test]
    fn beyond_the_limit_order_and_grouping_do_not_matter() {
        let build = |keys: &mut dyn Iterator<Item = u32>| {
            let mut all = Keys::default();
            keys.for_each(|key| all.add(hash(key), 1));
            all
        };
        let whole = build(&mut (0..1_500));
        assert_eq!(build(&mut (0..1_500).rev()), whole);
        for cut in [1, 400, 512, 513, 900, 1_499] {
            let (mut first, second) = (build(&mut (0..cut)), build(&mut (cut..1_500)));
            let mut other = second.clone();
            other.merge(&first);
            first.merge(&second);
            assert_eq!((&first, &other), (&whole, &whole), "{cut}");
        }
    }

    #[test]
    fn days_join_to_one_estimate() {
        let mut sample = Sample::default();
        for day in 0..4 {
            let mut block = KeyBlock::default();
            for key in day * 500..day * 500 + 1_000 {
                block.add(5, std::iter::once(hash(key)));
            }
            sample.join(&block, block.iter().map(|key| key.hash));
        }
        let error = sample.distinct() as f64 / 2_500.0 - 1.0;
        assert!(error.abs() < 3.0 * 0.127, "{error}");
    }

    #[test]
    fn a_value_that_came_once_takes_thirteen_bytes() {
        let (_, block) = build(&[(1, 70_000)]);
        assert!(block.as_bytes().len() <= 1 + 14);
    }

    #[test]
    fn damaged_bytes_end_early() {
        let block = KeyBlock::from_bytes(&[255, 255, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(block.iter().count(), 0);
    }

    proptest! {
        #[test]
        fn order_and_grouping_do_not_matter(
            mut keys in prop_oneof![
                prop::collection::vec((0u32..90, 0u32..86_400), 0..200),
                prop::collection::vec((0u32..3, 0u32..300), 0..200),
            ],
            cut in 0usize..200,
        ) {
            let whole = build(&keys);
            let cut = cut.min(keys.len());
            let (mut all, mut block) = build(&keys[cut..]);
            let (other, other_block) = build(&keys[..cut]);
            all.merge(&other);
            block.merge(&other_block);
            prop_assert_eq!(&whole, &(all, block));
            keys.reverse();
            prop_assert_eq!(&whole, &build(&keys));
        }
    }
}
