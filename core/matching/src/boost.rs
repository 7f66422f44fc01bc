//! Gradient boosted trees for yes-or-no outcomes.
//!
//! Trees are fitted one after the other to the gradient of the logistic loss (Friedman, *Greedy
//! Function Approximation*, 2001), with splits and leaves by first and second derivative (Chen and
//! Guestrin, *XGBoost*, 2016) over histograms of at most [`Settings::bins`] bins. The leaf with
//! the largest gain is split first. The same rows and [`Settings`] always give the same model.
//!
//! [`train`] takes columns and answers a [`Model`], which can be stored, asked and explained.

mod bins;
mod grow;

use kith_base::Random;
use serde::{Deserialize, Serialize};

use bins::Binned;

/// Marks a missing value in [`Column::Levels`]; in [`Column::Numbers`] that is NaN.
pub const LEVEL_MISSING: u8 = u8::MAX;

/// One feature of every row.
#[derive(Clone, Copy, Debug)]
pub enum Column<'a> {
    /// Numbers in any range; NaN is missing.
    Numbers(&'a [f32]),
    /// Small whole numbers; [`LEVEL_MISSING`] is missing.
    Levels(&'a [u8]),
}

/// How an answer may change when a feature grows and all others stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trend {
    /// In any way.
    Any,
    /// It may not fall.
    Rising,
    /// It may not rise.
    Falling,
}

/// How a model is trained.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Number of trees.
    pub trees: usize,
    /// Most leaves of one tree.
    pub leaves: usize,
    /// Most splits from the root to a leaf.
    pub depth: usize,
    /// Share of each tree's answer that is taken.
    pub shrinkage: f32,
    /// Added to the second derivative of each leaf: pulls its answer to zero.
    pub l2: f32,
    /// Least sum of second derivatives on each side of a split.
    pub child_weight_min: f32,
    /// Most bins of one feature, from 2 to 64.
    pub bins: usize,
    /// Share of the rows that each tree sees.
    pub row_share: f32,
    /// Share of the features that each tree sees.
    pub feature_share: f32,
    /// Per feature; empty stands for [`Trend::Any`] everywhere.
    pub trends: Vec<Trend>,
    /// Draws the rows and features.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            trees: 150,
            leaves: 16,
            depth: 6,
            shrinkage: 0.08,
            l2: 1.0,
            child_weight_min: 5.0,
            bins: 48,
            row_share: 0.8,
            feature_share: 0.8,
            trends: Vec::new(),
            seed: 1,
        }
    }
}

/// A trained model. Answers are log-odds, called margins, or probabilities.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// Number of features a row must have.
    width: usize,
    /// Margin before any tree.
    start: f32,
    trees: Vec<Tree>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Tree(Vec<Node>);

/// The children of a node stand beside each other, behind it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Node {
    feature: u16,
    missing_left: bool,
    /// The left child; 0 marks a leaf.
    left: u32,
    /// Values up to this go left.
    threshold: f32,
    /// The answer if the tree ended here; of leaves, the answer.
    margin: f32,
}

/// Why a margin is what it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// What every row starts from.
    pub start: f32,
    /// What each feature added: on the path of the row through each tree, the change of the node's
    /// answer at each split on the feature. Start and features sum up to the margin.
    pub features: Vec<f32>,
}

/// Why there is no model.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A column, the outcomes or the weights have another length than the first column.
    #[error("{what} has {found} rows, expected {expected}")]
    Length {
        /// Which input.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The length of the outcomes.
        expected: usize,
    },
    /// Without both outcomes there is nothing to learn.
    #[error("training needs rows of both outcomes with a weight above zero")]
    OneOutcome,
    /// More features than a node can name.
    #[error("{0} features, at most 65535 are possible")]
    Features(usize),
}

/// Trains a model. `outcomes` are between 0 and 1; `weights` is empty or has one per row.
pub fn train(
    columns: &[Column],
    outcomes: &[f32],
    weights: &[f32],
    settings: &Settings,
) -> Result<Model, Error> {
    check(columns, outcomes, weights)?;
    let weight = |row: usize| weights.get(row).copied().unwrap_or(1.0);
    let (mut yes, mut all) = (0.0f64, 0.0f64);
    for (row, outcome) in outcomes.iter().enumerate() {
        yes += f64::from(outcome * weight(row));
        all += f64::from(weight(row));
    }
    if !(yes > 0.0 && yes < all) {
        return Err(Error::OneOutcome);
    }
    let binned = Binned::new(columns, settings.bins.clamp(2, bins::BINS_MAX));
    let start = libm::log(yes / (all - yes)) as f32;
    let mut margins = vec![start; outcomes.len()];
    let mut slopes = vec![[0.0f32; 2]; outcomes.len()];
    let mut random = Random::new(settings.seed);
    let mut trees = Vec::with_capacity(settings.trees);
    for _ in 0..settings.trees {
        for (row, slope) in slopes.iter_mut().enumerate() {
            let probability = logistic(margins[row]);
            let curve = (probability * (1.0 - probability)).max(1e-6);
            *slope = [
                (probability - outcomes[row]) * weight(row),
                curve * weight(row),
            ];
        }
        let rows = draw(outcomes.len(), settings.row_share, &mut random);
        let features = draw(columns.len(), settings.feature_share, &mut random);
        let tree = grow::tree(&binned, &slopes, rows, &features, settings);
        for (row, margin) in margins.iter_mut().enumerate() {
            *margin += tree.leaf_margin(&|feature| binned.value(row, feature));
        }
        trees.push(binned.with_thresholds(tree));
    }
    Ok(Model {
        width: columns.len(),
        start,
        trees,
    })
}

fn check(columns: &[Column], outcomes: &[f32], weights: &[f32]) -> Result<(), Error> {
    let expected = outcomes.len();
    let same = |what, found| {
        if found == expected {
            Ok(())
        } else {
            Err(Error::Length {
                what,
                found,
                expected,
            })
        }
    };
    for column in columns {
        same(
            "a column",
            match column {
                Column::Numbers(numbers) => numbers.len(),
                Column::Levels(levels) => levels.len(),
            },
        )?;
    }
    if !weights.is_empty() {
        same("weights", weights.len())?;
    }
    if columns.len() > usize::from(u16::MAX) {
        return Err(Error::Features(columns.len()));
    }
    Ok(())
}

/// Which of `count` things one tree sees, in order; never none.
fn draw(count: usize, share: f32, random: &mut Random) -> Vec<u32> {
    let share = f64::from(share);
    let drawn: Vec<u32> = (0..count as u32)
        .filter(|_| share >= 1.0 || random.chance(share))
        .collect();
    if drawn.is_empty() {
        (0..count as u32).collect()
    } else {
        drawn
    }
}

/// The probability of a margin.
pub fn logistic(margin: f32) -> f32 {
    1.0 / (1.0 + libm::expf(-margin))
}

impl Model {
    /// Number of features a row must have.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The log-odds of a row.
    pub fn margin(&self, row: &[f32]) -> f32 {
        self.margin_of(&|feature| row[feature])
    }

    /// The log-odds of a row of levels, see [`Column::Levels`].
    pub fn margin_of_levels(&self, row: &[u8]) -> f32 {
        self.margin_of(&|feature| match row[feature] {
            LEVEL_MISSING => f32::NAN,
            level => f32::from(level),
        })
    }

    /// The probability of a row.
    pub fn probability(&self, row: &[f32]) -> f32 {
        logistic(self.margin(row))
    }

    /// The log-odds of many rows: each tree is read once for all of them.
    pub fn margins(&self, rows: &[&[f32]]) -> Vec<f32> {
        let mut margins = vec![self.start; rows.len()];
        for tree in &self.trees {
            for (margin, row) in margins.iter_mut().zip(rows) {
                *margin += tree.leaf_margin(&|feature| row[feature]);
            }
        }
        margins
    }

    fn margin_of(&self, value: &impl Fn(usize) -> f32) -> f32 {
        let add = |margin: f32, tree: &Tree| margin + tree.leaf_margin(value);
        self.trees.iter().fold(self.start, add)
    }

    /// What each feature added to the margin of a row.
    pub fn explain(&self, row: &[f32]) -> Explanation {
        let mut explanation = Explanation {
            start: self.start,
            features: vec![0.0; self.width],
        };
        for Tree(nodes) in &self.trees {
            let mut node = nodes[0];
            explanation.start += node.margin;
            while node.left != 0 {
                let next = nodes[node.next(row[usize::from(node.feature)])];
                explanation.features[usize::from(node.feature)] += next.margin - node.margin;
                node = next;
            }
        }
        explanation
    }
}

impl Tree {
    fn leaf_margin(&self, value: &impl Fn(usize) -> f32) -> f32 {
        let mut node = &self.0[0];
        while node.left != 0 {
            node = &self.0[node.next(value(usize::from(node.feature)))];
        }
        node.margin
    }
}

impl Node {
    fn next(&self, value: f32) -> usize {
        let left = if value.is_nan() {
            self.missing_left
        } else {
            value <= self.threshold
        };
        self.left as usize + usize::from(!left)
    }
}

#[cfg(test)]
mod tests;
