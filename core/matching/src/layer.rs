//! The learned layer: boosted trees over the same comparison, taught by the first clusters.
//!
//! Fellegi and Sunter's weights add up as if fields agreed independently of each other. A
//! cluster is held together by many pairs, so whether two records are in one is a better answer
//! than their own pair gives; the trees learn that answer from the pair alone, and with it which
//! agreements go together.

use serde::{Deserialize, Serialize};

use crate::boost::{self, Column, Trend};
use crate::compare::Vector;
use crate::evidence::{Evidence, Pair};
use crate::fellegi_sunter::Weights;
use crate::records::Records;

/// Pairs that the trees are trained on, about.
const TRAINED_PAIRS: usize = 20_000;
/// Fewest pairs in clusters to learn from.
const MATCHES_MIN: usize = 1_500;
/// Features beside two for each slot.
const SUMS: usize = 3;

/// The trained layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    trees: boost::Model,
}

/// A pair to learn from or to judge.
#[derive(Clone, Copy)]
pub struct Seen {
    /// The records.
    pub pair: Pair,
    /// How they compare.
    pub vector: Vector,
    /// Fellegi and Sunter's bits.
    pub bits: f32,
}

impl Layer {
    /// Learns whether a pair is in one cluster; `None` when there is too little to learn from.
    pub fn learn(
        records: &Records,
        weights: &Weights,
        evidence: &Evidence,
        pairs: &[Seen],
    ) -> Option<Self> {
        let matches = pairs.iter().filter(|seen| seen.pair.same_cluster).count();
        if matches < MATCHES_MIN || pairs.len() < matches + MATCHES_MIN / 3 {
            return None;
        }
        let width = width(weights);
        let step = pairs.len().div_ceil(TRAINED_PAIRS);
        let sample: Vec<Seen> = pairs.iter().copied().step_by(step).collect();
        let mut columns = vec![Vec::with_capacity(sample.len()); width];
        let mut row = Vec::with_capacity(width);
        for seen in &sample {
            features(records, weights, evidence, seen, &mut row);
            for (column, feature) in columns.iter_mut().zip(&row) {
                column.push(*feature);
            }
        }
        let columns: Vec<Column> = columns
            .iter()
            .map(|column| Column::Numbers(column))
            .collect();
        let outcome = |seen: &Seen| f32::from(u8::from(seen.pair.same_cluster));
        let outcomes: Vec<f32> = sample.iter().map(outcome).collect();
        let few = sample.len() < TRAINED_PAIRS / 2;
        let settings = boost::Settings {
            trees: if few { 80 } else { 20 },
            leaves: 10,
            depth: 4,
            shrinkage: if few { 0.1 } else { 0.4 },
            bins: 32,
            child_weight_min: 10.0,
            trends: trends(weights),
            ..boost::Settings::default()
        };
        let trees = boost::train(&columns, &outcomes, &[], &settings).ok()?;
        Some(Layer { trees })
    }

    /// Bits of a pair. `row` is scratch.
    pub fn bits(
        &self,
        records: &Records,
        fitted: (&Weights, &Evidence),
        seen: &Seen,
        row: &mut Vec<f32>,
    ) -> f32 {
        features(records, fitted.0, fitted.1, seen, row);
        self.trees.margin(row) / std::f32::consts::LN_2
    }

    /// What each slot, and then rarity, togetherness and the sum of weights, add to the bits.
    pub fn explain(
        &self,
        records: &Records,
        weights: &Weights,
        evidence: &Evidence,
        seen: &Seen,
    ) -> (f32, Vec<f32>) {
        let mut row = Vec::new();
        features(records, weights, evidence, seen, &mut row);
        let told = self.trees.explain(&row);
        let bits = |margin: f32| margin / std::f32::consts::LN_2;
        let slots = weights.slots.len() * 2;
        let mut parts: Vec<f32> = told.features[..slots]
            .chunks(2)
            .map(|two| bits(two.iter().sum()))
            .collect();
        parts.extend(told.features[slots..].iter().copied().map(bits));
        (bits(told.start), parts)
    }
}

fn width(weights: &Weights) -> usize {
    weights.slots.len() * 2 + SUMS
}

/// A weaker level never speaks more for a match; more rarity and more togetherness never less.
fn trends(weights: &Weights) -> Vec<Trend> {
    let mut trends = Vec::with_capacity(width(weights));
    for _ in &weights.slots {
        trends.extend([Trend::Falling, Trend::Any]);
    }
    trends.extend([Trend::Rising; SUMS]);
    trends
}

fn features(
    records: &Records,
    weights: &Weights,
    evidence: &Evidence,
    seen: &Seen,
    row: &mut Vec<f32>,
) {
    /// Togetherness is told apart from rarity in one feature: it is moved below it.
    const BELOW: f32 = 30.0;
    row.clear();
    let (mut rarity, mut together) = (0.0, 0.0);
    for slot in 0..weights.slots.len() {
        let level = seen.vector.level(slot);
        row.push(if level == 0 {
            f32::NAN
        } else {
            f32::from(level)
        });
        let (rare, with) = evidence.of_slot(records, slot, level, seen.pair);
        if !rare.is_nan() {
            rarity += rare;
            row.push(rare);
        } else {
            together += if with.is_nan() { 0.0 } else { with };
            row.push(with - BELOW);
        }
    }
    row.extend([rarity, together, seen.bits]);
}
