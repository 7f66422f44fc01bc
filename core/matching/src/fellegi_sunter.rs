//! Weights after Fellegi and Sunter (1969): bits for and against a match, by level.
//!
//! `u`, how often records that do not belong together reach a level, is counted on random pairs;
//! `m`, how often those that do reach it, and how many there are, by expectation maximisation
//! over the distinct vectors of the met pairs. Values missing say nothing.

use kith_base::Random;
use serde::{Deserialize, Serialize};

use crate::block::Pairs;
use crate::columns::Kind;
use crate::compare::{Comparator, Slot, Vector, rarity, slots};
use crate::evidence::Pair;
use crate::patterns::Patterns;
use crate::records::Records;

/// Random pairs compared for `u`.
const RANDOM_PAIRS: usize = 60_000;
/// Rounds of expectation maximisation.
const ROUNDS: usize = 30;
/// Matches that the expected shares count as, beside those found.
const PRIOR_MATCHES: f64 = 300.0;
/// Non-matches that the expected shares of `u` count as.
const PRIOR_RANDOM: f64 = 1.0;
/// Records that share an e-mail address, a phone or a document and are taken for one holder.
const ONE_HOLDER: f32 = 3.0;
/// Most bits for or against of one slot.
const SLOT_BITS_MAX: f32 = 24.0;

/// Weights in bits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Weights {
    /// The slots.
    pub slots: Vec<Slot>,
    /// Bits that a pair has before it is compared: the log-odds of a random pair.
    pub prior: f32,
    /// Bits of each level of each slot; level 0, missing, is 0.
    pub bits: Vec<[f32; 16]>,
    /// `m` of each level.
    pub m: Vec<[f64; 16]>,
    /// `u` of each level.
    pub u: Vec<[f64; 16]>,
    /// Records with a value, by slot.
    filled: Vec<f32>,
}

impl Weights {
    /// Learns from the vectors of the met pairs.
    pub fn learn(
        records: &Records,
        patterns: &Patterns,
        comparator: &mut Comparator,
        across: bool,
    ) -> Self {
        let slots = slots(records);
        let random = random_patterns(records, comparator, across);
        let all_pairs = pair_count(records, across);
        let mut weights = Weights {
            prior: (records.len() as f64 / 2.0 / all_pairs).log2() as f32,
            bits: vec![[0.0; 16]; slots.len()],
            m: slots.iter().map(prior_m).collect(),
            u: vec![[0.0; 16]; slots.len()],
            filled: filled(records, slots.len()),
            slots,
        };
        weights.count_u(&random, false);
        for slot in 0..weights.slots.len() {
            weights.m[slot] = weights.expected_m(slot);
        }
        weights.set_bits();
        for round in 0..ROUNDS {
            let matches = weights.maximise(patterns);
            weights.prior = (matches.max(1.0) / all_pairs).min(0.5).log2() as f32;
            if round % 5 == 4 {
                weights.count_u(&random, true);
            }
            weights.set_bits();
        }
        weights
    }

    /// Bits of a vector alone, without rarity.
    pub fn of_vector(&self, vector: Vector) -> f32 {
        let each = self.bits.iter().enumerate();
        self.prior
            + each
                .map(|(slot, bits)| bits[usize::from(vector.level(slot))])
                .sum::<f32>()
    }

    /// Bits that rarity adds to a slot's level: what two records share is rarer, or more common,
    /// than values are on average.
    pub fn of_rarity(
        &self,
        records: &Records,
        slot: usize,
        level: u8,
        one: u32,
        other: u32,
    ) -> f32 {
        let Some(count) = rarity(records, slot, level, one, other) else {
            return 0.0;
        };
        // A number or address held by a few records is most likely one holder's.
        let held = match self.slots[slot].kind {
            Kind::Email | Kind::Phone | Kind::Identifier => (count as f32 - ONE_HOLDER).max(0.1),
            _ => count.max(2) as f32,
        };
        let share = held / self.filled[slot];
        let level = usize::from(level);
        let bits = (self.m[slot][level] as f32 / share).log2();
        bits.clamp(-2.0, SLOT_BITS_MAX) - self.bits[slot][level]
    }

    /// Bits of a pair: vector and rarity.
    pub fn of_pair(&self, records: &Records, vector: Vector, one: u32, other: u32) -> f32 {
        self.of_vector(vector) + self.rarity_of_pair(records, vector, one, other)
    }

    /// Bits of one slot of a pair, rarity with it.
    pub fn of_slot(&self, records: &Records, slot: usize, vector: Vector, pair: Pair) -> f32 {
        let level = vector.level(slot);
        let mut bits = self.bits[slot][usize::from(level)];
        if level == 1 || level == 2 && slot == 2 {
            bits += self.of_rarity(records, slot, level, pair.one, pair.other);
        }
        bits
    }

    /// Bits of every slot of a pair, rarity with them.
    pub fn of_slots(&self, records: &Records, vector: Vector, pair: Pair) -> Vec<f32> {
        let slots = 0..self.slots.len();
        slots
            .map(|slot| self.of_slot(records, slot, vector, pair))
            .collect()
    }

    /// Bits that rarity adds to a pair.
    pub fn rarity_of_pair(&self, records: &Records, vector: Vector, one: u32, other: u32) -> f32 {
        let mut bits = 0.0;
        for slot in 0..self.slots.len() {
            let level = vector.level(slot);
            if level == 1 || level == 2 && slot == 2 {
                bits += self.of_rarity(records, slot, level, one, other);
            }
        }
        bits
    }

    /// The levels expected of matches before anything is learned. Of a column whose meaning is not
    /// known, mostly what any two records have: whether it tells anything is for the data to say.
    fn expected_m(&self, slot: usize) -> [f64; 16] {
        let mut expected = prior_m(&self.slots[slot]);
        if self.slots[slot].kind == Kind::Category {
            for (m, u) in expected.iter_mut().zip(&self.u[slot]) {
                *m = 0.2 * *m + 0.8 * u;
            }
        }
        expected
    }

    fn maximise(&mut self, patterns: &Patterns) -> f64 {
        let mut found = vec![[0.0f64; 16]; self.slots.len()];
        let mut matches = 0.0;
        for (vector, count) in patterns.iter() {
            let probability = probability(self.of_vector(vector)) * f64::from(count);
            matches += probability;
            for (slot, found) in found.iter_mut().enumerate() {
                found[usize::from(vector.level(slot))] += probability;
            }
        }
        for (slot, found) in found.iter().enumerate() {
            let prior = self.expected_m(slot);
            let there: f64 = found[1..].iter().sum();
            for level in 1..16 {
                self.m[slot][level] =
                    (found[level] + prior[level] * PRIOR_MATCHES) / (there + PRIOR_MATCHES);
            }
        }
        matches
    }

    fn count_u(&mut self, random: &Patterns, weighted: bool) {
        let mut found = vec![[0.0f64; 16]; self.slots.len()];
        for (vector, count) in random.iter() {
            let apart = if weighted {
                1.0 - probability(self.of_vector(vector))
            } else {
                1.0
            };
            for (slot, found) in found.iter_mut().enumerate() {
                found[usize::from(vector.level(slot))] += apart * f64::from(count);
            }
        }
        for (slot, found) in found.iter().enumerate() {
            let levels = self.slots[slot].levels().len();
            let there: f64 = found[1..].iter().sum();
            let both = self.u[slot].iter_mut().zip(found).enumerate();
            for (level, (u, found)) in both.skip(1).take(levels) {
                let expected = if level == levels {
                    0.8
                } else {
                    0.2 / levels as f64
                };
                *u = (found + expected * PRIOR_RANDOM) / (there + PRIOR_RANDOM);
            }
        }
    }

    fn set_bits(&mut self) {
        for (slot, bits) in self.bits.iter_mut().enumerate() {
            let levels = self.slots[slot].levels().len();
            let shares = self.m[slot].iter().zip(&self.u[slot]);
            for (bits, (m, u)) in bits.iter_mut().zip(shares).skip(1).take(levels) {
                *bits = ((m / u).log2() as f32).clamp(-SLOT_BITS_MAX, SLOT_BITS_MAX);
            }
            monotone(&mut bits[1..=levels], &self.u[slot][1..=levels]);
        }
    }
}

/// Makes weights fall from level to level: neighbours that do not are put together.
fn monotone(bits: &mut [f32], shares: &[f64]) {
    let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
    for (bits, share) in bits.iter().zip(shares) {
        blocks.push((f64::from(*bits) * share, *share, 1));
        while let [.., one, other] = blocks.as_slice()
            && one.0 / one.1 < other.0 / other.1
        {
            let joined = (one.0 + other.0, one.1 + other.1, one.2 + other.2);
            blocks.truncate(blocks.len() - 2);
            blocks.push(joined);
        }
    }
    let mut at = 0;
    for (sum, share, count) in blocks {
        bits[at..at + count].fill((sum / share) as f32);
        at += count;
    }
}

/// The probability that bits stand for.
pub fn probability(bits: f32) -> f64 {
    1.0 / (1.0 + (-f64::from(bits)).exp2())
}

fn prior_m(slot: &Slot) -> [f64; 16] {
    let mut m = [0.0; 16];
    for (m, level) in m[1..].iter_mut().zip(slot.levels()) {
        *m = f64::from(level.prior);
    }
    m
}

fn filled(records: &Records, slots: usize) -> Vec<f32> {
    let mut filled = Vec::with_capacity(slots);
    let count = |there: usize| there.max(1) as f32;
    if records.named {
        filled.push(count(
            records.names.iter().filter(|name| name.given != 0).count(),
        ));
        filled.push(count(
            records
                .names
                .iter()
                .filter(|name| name.surname != 0)
                .count(),
        ));
        filled.push(count(
            records
                .names
                .iter()
                .filter(|name| name.others[0] != 0)
                .count(),
        ));
    }
    for field in &records.fields {
        filled.push(count(field.codes.iter().filter(|code| **code != 0).count()));
    }
    filled
}

fn pair_count(records: &Records, across: bool) -> f64 {
    let all = records.len() as f64 * (records.len() as f64 - 1.0) / 2.0;
    if !across {
        return all.max(1.0);
    }
    let mut sizes = std::collections::BTreeMap::<u16, f64>::new();
    for source in &records.source {
        *sizes.entry(*source).or_default() += 1.0;
    }
    let within: f64 = sizes.values().map(|size| size * (size - 1.0) / 2.0).sum();
    (all - within).max(1.0)
}

fn random_patterns(records: &Records, comparator: &mut Comparator, across: bool) -> Patterns {
    let mut random = Random::new(0x6b69_7468);
    let mut patterns = Patterns::default();
    let rows = records.len() as u64;
    if rows * (rows.saturating_sub(1)) / 2 <= RANDOM_PAIRS as u64 {
        for one in 0..rows as u32 {
            for other in 0..one {
                if !across || records.source[one as usize] != records.source[other as usize] {
                    patterns.add(comparator.compare(one, other));
                }
            }
        }
        return patterns;
    }
    for _ in 0..RANDOM_PAIRS {
        let (one, other) = (random.below(rows) as u32, random.below(rows) as u32);
        let apart = !across || records.source[one as usize] != records.source[other as usize];
        if one != other && apart {
            patterns.add(comparator.compare(one, other));
        }
    }
    patterns
}

/// The pairs' vectors, and which pair has which.
pub fn patterns_of(comparator: &mut Comparator, pairs: &Pairs) -> (Patterns, Vec<u32>) {
    let mut patterns = Patterns::default();
    let of_each = pairs
        .pairs
        .iter()
        .map(|(one, other)| patterns.add(comparator.compare(*one, *other)));
    let of_each = of_each.collect();
    (patterns, of_each)
}
