//! What clusters found so far teach: how rare a value is among persons rather than among records,
//! and which different values go together.

use crate::compare::slots;
use crate::dictionary::{MISSING, mix};
use crate::records::Records;

/// Most different values of one slot in one cluster that are paired.
const VALUES_PER_CLUSTER_MAX: usize = 12;

/// Counted over clusters.
pub struct Evidence {
    /// Clusters with any value, by slot.
    filled: Vec<f32>,
    /// Clusters that hold each value, by slot.
    holders: Vec<Vec<u32>>,
    /// Bits by which each value is rarer than one in one, by slot: how few persons have it.
    rarity: Vec<Vec<f32>>,
    /// Clusters that hold two values, by slot.
    links: Links,
}

impl Evidence {
    /// Counts. `cluster` is the number of each record's cluster.
    pub fn learn(records: &Records, cluster: &[u32]) -> Self {
        let slots = slots(records);
        let mut members: Vec<u32> = (0..records.len() as u32).collect();
        members.sort_by_key(|record| cluster[*record as usize]);
        let mut evidence = Evidence {
            filled: vec![0.0; slots.len()],
            holders: (0..slots.len())
                .map(|slot| vec![0; records.codes(slot)])
                .collect(),
            rarity: Vec::new(),
            links: Links::default(),
        };
        let mut values: Vec<u32> = Vec::new();
        for group in
            members.chunk_by(|one, other| cluster[*one as usize] == cluster[*other as usize])
        {
            for slot in 0..slots.len() {
                values.clear();
                values.extend(group.iter().map(|record| records.code(slot, *record)));
                values.sort_unstable();
                values.dedup();
                values.retain(|code| *code != MISSING);
                evidence.count(slot, &values);
            }
        }
        evidence.rate();
        evidence
    }

    fn rate(&mut self) {
        let rate = |(holders, filled): (&Vec<u32>, &f32)| {
            let rarity = |holders: &u32| (filled.max(1.0) / (*holders).max(1) as f32).log2();
            holders.iter().map(rarity).collect()
        };
        self.rarity = self.holders.iter().zip(&self.filled).map(rate).collect();
    }

    fn count(&mut self, slot: usize, values: &[u32]) {
        if !values.is_empty() {
            self.filled[slot] += 1.0;
        }
        for value in values {
            self.holders[slot][*value as usize] += 1;
        }
        let paired = &values[..values.len().min(VALUES_PER_CLUSTER_MAX)];
        for (at, one) in paired.iter().enumerate() {
            for other in &paired[at + 1..] {
                self.links.add(slot, *one, *other);
            }
        }
    }

    /// Bits by which a value is rarer than one in one; a value not seen yet is as rare as can be.
    fn rarity(&self, slot: usize, value: u32) -> f32 {
        let known = self.rarity[slot].get(value as usize).copied();
        known.unwrap_or_else(|| self.filled[slot].max(1.0).log2())
    }

    /// Bits by which two different values are together more often than by chance, in clusters
    /// other than that of the pair; `None` when too few say so.
    pub fn together(&self, slot: usize, one: u32, other: u32, same_cluster: bool) -> Option<f32> {
        let found = self.links.count(slot, one, other);
        let elsewhere = found.saturating_sub(u32::from(same_cluster));
        if elsewhere < 2 {
            return None;
        }
        let holders = |value: u32| {
            self.holders[slot]
                .get(value as usize)
                .map_or(1, |held| (*held).max(1)) as f32
        };
        let expected = holders(one) * holders(other) / self.filled[slot].max(1.0);
        Some((elsewhere as f32 / expected).log2())
    }

    /// Rarity where two records agree exactly, togetherness where they do not; NaN for neither.
    pub fn of_slot(&self, records: &Records, slot: usize, level: u8, pair: Pair) -> (f32, f32) {
        if level == 0 {
            return (f32::NAN, f32::NAN);
        }
        let (one, other) = (records.code(slot, pair.one), records.code(slot, pair.other));
        if one == MISSING || other == MISSING {
            (f32::NAN, f32::NAN)
        } else if one == other {
            (self.rarity(slot, one), f32::NAN)
        } else {
            (
                f32::NAN,
                self.together(slot, one, other, pair.same_cluster)
                    .unwrap_or(f32::NAN),
            )
        }
    }
}

/// Two records, and whether they are in one cluster.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// The later record.
    pub one: u32,
    /// The earlier record.
    pub other: u32,
    /// Whether both are in one cluster.
    pub same_cluster: bool,
}

/// Counts of pairs of values: open addressing.
struct Links {
    keys: Vec<u64>,
    counts: Vec<u32>,
    used: usize,
}

impl Default for Links {
    fn default() -> Self {
        Links {
            keys: vec![0; 1 << 12],
            counts: vec![0; 1 << 12],
            used: 0,
        }
    }
}

impl Links {
    fn key(slot: usize, one: u32, other: u32) -> u64 {
        let (low, high) = (one.min(other), one.max(other));
        (u64::from(low) << 36 | u64::from(high) << 8) + slot as u64 + 1
    }

    fn place(&self, key: u64) -> usize {
        let mask = self.keys.len() - 1;
        let mut place = mix(key, 0x11) as usize & mask;
        while self.keys[place] != 0 && self.keys[place] != key {
            place = (place + 1) & mask;
        }
        place
    }

    fn add(&mut self, slot: usize, one: u32, other: u32) {
        if self.used * 2 >= self.keys.len() {
            let size = self.keys.len() * 4;
            let keys = std::mem::replace(&mut self.keys, vec![0; size]);
            let counts = std::mem::replace(&mut self.counts, vec![0; size]);
            for (key, count) in keys.into_iter().zip(counts).filter(|(key, _)| *key != 0) {
                let place = self.place(key);
                (self.keys[place], self.counts[place]) = (key, count);
            }
        }
        let key = Self::key(slot, one, other);
        let place = self.place(key);
        self.used += usize::from(self.keys[place] == 0);
        self.keys[place] = key;
        self.counts[place] += 1;
    }

    fn count(&self, slot: usize, one: u32, other: u32) -> u32 {
        self.counts[self.place(Self::key(slot, one, other))]
    }
}
