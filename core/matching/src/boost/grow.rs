//! Growing one tree: the leaf that gains most is split first.

use super::bins::{BINS_MAX, Binned, MISSING};
use super::{Node, Settings, Tree, Trend};

/// Sums of first and second derivatives.
type Slopes = [f64; 2];

/// Sums per bin, feature after feature.
type Histogram = Vec<[Slopes; BINS_MAX + 1]>;

/// A leaf that may still be split.
struct Leaf {
    node: usize,
    depth: usize,
    /// Its rows, from and to, in the list of all.
    rows: (usize, usize),
    histogram: Histogram,
    total: Slopes,
    /// Least and greatest answer that its parents' trends allow.
    bounds: (f32, f32),
    best: Option<Split>,
}

#[derive(Clone, Copy)]
struct Split {
    gain: f64,
    feature: u16,
    /// The last bin that goes left.
    bin: u8,
    missing_left: bool,
    left: Slopes,
}

struct Grower<'a> {
    binned: &'a Binned,
    slopes: &'a [[f32; 2]],
    features: &'a [u32],
    settings: &'a Settings,
    rows: Vec<u32>,
    nodes: Vec<Node>,
}

/// A tree whose thresholds are bins.
pub(super) fn tree(
    binned: &Binned,
    slopes: &[[f32; 2]],
    rows: Vec<u32>,
    features: &[u32],
    settings: &Settings,
) -> Tree {
    let mut grower = Grower {
        binned,
        slopes,
        features,
        settings,
        rows,
        nodes: Vec::new(),
    };
    let all = (0, grower.rows.len());
    let histogram = grower.histogram(all);
    let total = sum(&histogram);
    let bounds = (f32::NEG_INFINITY, f32::INFINITY);
    grower.nodes.push(grower.node(total, bounds));
    let mut leaves = vec![Leaf {
        node: 0,
        depth: 0,
        rows: all,
        histogram,
        total,
        bounds,
        best: None,
    }];
    leaves[0].best = grower.best(&leaves[0]);
    while leaves.len() < settings.leaves {
        // Of equals, the earliest.
        let gain = |leaf: &Leaf| leaf.best.map_or(0.0, |split| split.gain);
        let Some(place) = (0..leaves.len())
            .rev()
            .max_by(|a, b| gain(&leaves[*a]).total_cmp(&gain(&leaves[*b])))
        else {
            break;
        };
        let Some(split) = leaves[place].best else {
            break;
        };
        let leaf = leaves.swap_remove(place);
        leaves.extend(grower.split(leaf, split));
    }
    Tree(grower.nodes)
}

impl Grower<'_> {
    fn node(&self, total: Slopes, bounds: (f32, f32)) -> Node {
        let margin = self.answer(total, bounds) * self.settings.shrinkage;
        Node {
            feature: 0,
            missing_left: false,
            left: 0,
            threshold: 0.0,
            margin,
        }
    }

    fn answer(&self, [first, second]: Slopes, (low, high): (f32, f32)) -> f32 {
        let answer = -first / (second + f64::from(self.settings.l2)).max(1e-9);
        (answer as f32).clamp(low, high)
    }

    fn histogram(&self, (from, to): (usize, usize)) -> Histogram {
        let mut histogram = vec![[[0.0; 2]; BINS_MAX + 1]; self.features.len()];
        for row in &self.rows[from..to] {
            let [first, second] = self.slopes[*row as usize].map(f64::from);
            let bins = self.binned.row(*row);
            for (sums, feature) in histogram.iter_mut().zip(self.features) {
                let sum = &mut sums[usize::from(bins[*feature as usize])];
                sum[0] += first;
                sum[1] += second;
            }
        }
        histogram
    }

    /// The split with the largest gain, if any is worth it.
    fn best(&self, leaf: &Leaf) -> Option<Split> {
        if leaf.depth >= self.settings.depth {
            return None;
        }
        let mut best: Option<Split> = None;
        for (sums, feature) in leaf.histogram.iter().zip(self.features) {
            let missing = sums[usize::from(MISSING)];
            let bins = self.binned.count(*feature as usize);
            let trend = self.settings.trends.get(*feature as usize).copied();
            let directions: &[bool] = if missing[1] > 0.0 {
                &[true, false]
            } else {
                &[true]
            };
            for missing_left in directions.iter().copied() {
                let mut left = if missing_left { missing } else { [0.0; 2] };
                // Present values may all go left only where missing ones go right.
                let last = if missing_left { bins - 1 } else { bins };
                for (bin, sum) in sums.iter().enumerate().take(last).skip(1) {
                    left = [left[0] + sum[0], left[1] + sum[1]];
                    let gain = self.gain(leaf, left, trend.unwrap_or(Trend::Any));
                    if gain > best.map_or(1e-6, |best| best.gain) {
                        let (feature, bin) = (*feature as u16, bin as u8);
                        best = Some(Split {
                            gain,
                            feature,
                            bin,
                            missing_left,
                            left,
                        });
                    }
                }
            }
        }
        best
    }

    fn gain(&self, leaf: &Leaf, left: Slopes, trend: Trend) -> f64 {
        let right = [leaf.total[0] - left[0], leaf.total[1] - left[1]];
        let least = f64::from(self.settings.child_weight_min);
        if left[1] < least || right[1] < least {
            return 0.0;
        }
        let (low, high) = (
            self.answer(left, leaf.bounds),
            self.answer(right, leaf.bounds),
        );
        match trend {
            Trend::Rising if low > high => return 0.0,
            Trend::Falling if low < high => return 0.0,
            _ => {}
        }
        // The fall of the loss, to second order, when a side answers `answer`.
        let fall = |[first, second]: Slopes, answer: f32| {
            let answer = f64::from(answer);
            -(first * answer + 0.5 * (second + f64::from(self.settings.l2)) * answer * answer)
        };
        fall(left, low) + fall(right, high) - fall(leaf.total, self.answer(leaf.total, leaf.bounds))
    }

    fn split(&mut self, leaf: Leaf, split: Split) -> [Leaf; 2] {
        let (from, to) = leaf.rows;
        let feature = usize::from(split.feature);
        let goes_left = |row: &u32| match self.binned.row(*row)[feature] {
            MISSING => split.missing_left,
            bin => bin <= split.bin,
        };
        let (left, right): (Vec<u32>, Vec<u32>) =
            self.rows[from..to].iter().copied().partition(goes_left);
        let middle = from + left.len();
        self.rows[from..middle].copy_from_slice(&left);
        self.rows[middle..to].copy_from_slice(&right);

        let totals = [
            split.left,
            [leaf.total[0] - split.left[0], leaf.total[1] - split.left[1]],
        ];
        let bounds = self.child_bounds(&leaf, totals, feature);
        let child = self.nodes.len();
        self.nodes.push(self.node(totals[0], bounds[0]));
        self.nodes.push(self.node(totals[1], bounds[1]));
        let parent = &mut self.nodes[leaf.node];
        parent.feature = split.feature;
        parent.missing_left = split.missing_left;
        parent.threshold = f32::from(split.bin);
        parent.left = child as u32;

        // The smaller side is counted; the other is what is left of the parent.
        let parts = [(from, middle), (middle, to)];
        let small = usize::from(right.len() < left.len());
        let counted = self.histogram(parts[small]);
        let mut other = leaf.histogram;
        for (sums, counted) in other.iter_mut().zip(&counted) {
            for (sum, counted) in sums.iter_mut().zip(counted) {
                *sum = [sum[0] - counted[0], sum[1] - counted[1]];
            }
        }
        let mut histograms = [counted, other];
        histograms.rotate_left(small);
        let [left, right] = histograms;
        let depth = leaf.depth + 1;
        [(left, 0), (right, 1)].map(|(histogram, side)| {
            let (rows, total, bounds) = (parts[side], totals[side], bounds[side]);
            let node = child + side;
            let mut leaf = Leaf {
                node,
                depth,
                rows,
                histogram,
                total,
                bounds,
                best: None,
            };
            leaf.best = self.best(&leaf);
            leaf
        })
    }

    /// Where a feature has a trend, the children's answers stay on their sides of the middle.
    fn child_bounds(&self, leaf: &Leaf, totals: [Slopes; 2], feature: usize) -> [(f32, f32); 2] {
        let (low, high) = leaf.bounds;
        let [left, right] = totals.map(|total| self.answer(total, leaf.bounds));
        let middle = left + (right - left) / 2.0;
        match self.settings.trends.get(feature) {
            Some(Trend::Rising) => [(low, middle), (middle, high)],
            Some(Trend::Falling) => [(middle, high), (low, middle)],
            _ => [leaf.bounds; 2],
        }
    }
}

fn sum(histogram: &Histogram) -> Slopes {
    let sums = histogram.first().map_or(&[][..], |sums| &sums[..]);
    sums.iter()
        .fold([0.0; 2], |all, sum| [all[0] + sum[0], all[1] + sum[1]])
}
