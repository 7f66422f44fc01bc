//! Columns as bins: every value becomes the number of the interval it lies in.

use super::{Column, LEVEL_MISSING, Tree};

/// Most bins of a feature, without the one of missing values.
pub(super) const BINS_MAX: usize = 64;
/// The bin of missing values.
pub(super) const MISSING: u8 = 0;

/// All rows as bins, row after row.
pub(super) struct Binned {
    pub(super) width: usize,
    bins: Vec<u8>,
    /// Per feature, the greatest value of each bin, rising. Bin `n` has `bounds[n - 1]`; the last
    /// bin has none.
    bounds: Vec<Vec<f32>>,
}

impl Binned {
    pub(super) fn new(columns: &[Column], bins_max: usize) -> Self {
        let width = columns.len();
        let rows = columns.first().map_or(0, |column| match column {
            Column::Numbers(numbers) => numbers.len(),
            Column::Levels(levels) => levels.len(),
        });
        let mut bins = vec![MISSING; rows * width];
        let mut bounds = Vec::with_capacity(width);
        for (feature, column) in columns.iter().enumerate() {
            let cells = bins.iter_mut().skip(feature).step_by(width.max(1));
            bounds.push(match column {
                Column::Numbers(numbers) => {
                    let bounds = bounds_of(numbers, bins_max);
                    for (cell, number) in cells.zip(*numbers) {
                        *cell = bin_of(&bounds, *number);
                    }
                    bounds
                }
                Column::Levels(levels) => {
                    let bounds = bounds_of_levels(levels, bins_max);
                    let bin = |level: u8| match level {
                        LEVEL_MISSING => MISSING,
                        _ => bin_of(&bounds, f32::from(level)),
                    };
                    let table: Vec<u8> = (0..=u8::MAX).map(bin).collect();
                    for (cell, level) in cells.zip(*levels) {
                        *cell = table[usize::from(*level)];
                    }
                    bounds
                }
            });
        }
        Binned {
            width,
            bins,
            bounds,
        }
    }

    /// The bins of one row.
    pub(super) fn row(&self, row: u32) -> &[u8] {
        &self.bins[row as usize * self.width..][..self.width]
    }

    /// The bin of a feature, as a value for the nodes of a tree that splits bins.
    pub(super) fn value(&self, row: usize, feature: usize) -> f32 {
        match self.bins[row * self.width + feature] {
            MISSING => f32::NAN,
            bin => f32::from(bin),
        }
    }

    /// Number of bins of a feature with the one of missing values.
    pub(super) fn count(&self, feature: usize) -> usize {
        self.bounds[feature].len() + 2
    }

    /// The same tree, splitting values instead of bins.
    pub(super) fn with_thresholds(&self, mut tree: Tree) -> Tree {
        for node in tree.0.iter_mut().filter(|node| node.left != 0) {
            let bin = node.threshold as usize;
            let bounds = &self.bounds[usize::from(node.feature)];
            // A split after the last bin parts present from missing values.
            node.threshold = bounds.get(bin - 1).copied().unwrap_or(f32::MAX);
        }
        tree
    }
}

fn bin_of(bounds: &[f32], number: f32) -> u8 {
    if number.is_nan() {
        return MISSING;
    }
    1 + bounds.partition_point(|bound| *bound < number) as u8
}

/// Bounds midway between neighbours among the values, at equal shares of the rows where there are
/// more different values than bins. At most 20,000 rows are looked at, evenly spread.
fn bounds_of(numbers: &[f32], bins_max: usize) -> Vec<f32> {
    let step = numbers.len().div_ceil(20_000).max(1);
    let mut sample: Vec<f32> = numbers
        .iter()
        .step_by(step)
        .copied()
        .filter(|number| !number.is_nan())
        .collect();
    sample.sort_unstable_by(f32::total_cmp);
    let mut counts: Vec<(f32, usize)> = Vec::new();
    for number in sample {
        match counts.last_mut() {
            Some((last, count)) if *last == number => *count += 1,
            _ => counts.push((number, 1)),
        }
    }
    bounds_of_counts(&counts, bins_max)
}

fn bounds_of_levels(levels: &[u8], bins_max: usize) -> Vec<f32> {
    let mut counts = [0usize; 256];
    for level in levels {
        counts[usize::from(*level)] += 1;
    }
    let counts: Vec<(f32, usize)> = (0..LEVEL_MISSING)
        .map(|level| (f32::from(level), counts[usize::from(level)]))
        .filter(|(_, count)| *count > 0)
        .collect();
    bounds_of_counts(&counts, bins_max)
}

/// Closes a bin as soon as it has its share of the rows that are left: a value that many rows
/// have gets a bin of its own and does not widen the others.
fn bounds_of_counts(counts: &[(f32, usize)], bins_max: usize) -> Vec<f32> {
    let between = |low: f32, high: f32| {
        let middle = low + (high - low) / 2.0;
        if middle < high && middle.is_finite() {
            middle
        } else {
            low
        }
    };
    if counts.len() <= bins_max {
        return counts
            .windows(2)
            .map(|pair| between(pair[0].0, pair[1].0))
            .collect();
    }
    let mut left: usize = counts.iter().map(|(_, count)| count).sum();
    let mut bounds: Vec<f32> = Vec::with_capacity(bins_max);
    let mut filled = 0;
    for pair in counts.windows(2) {
        filled += pair[0].1;
        let bins_left = bins_max - bounds.len();
        if bins_left > 1 && filled * bins_left >= left {
            bounds.push(between(pair[0].0, pair[1].0));
            left -= filled;
            filled = 0;
        }
    }
    bounds
}
