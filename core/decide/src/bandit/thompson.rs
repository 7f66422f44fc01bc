//! With which probability each candidate is the best, as far as is known.
//!
//! Thompson sampling draws a value for every candidate and shows the highest. Here its
//! probabilities are computed first, by a sum over a grid, and one candidate is drawn from them. So
//! what is logged is exactly what was drawn from; the grid only decides how close that is to
//! Thompson sampling.

use std::sync::LazyLock;

use kith_base::Random;

use super::model::{Score, logistic};

/// Cells of the grid before any is divided.
const CELLS: usize = 40;
/// Parts of a cell that is divided, and how often that is done.
const PARTS: usize = 4;
const DEPTH: usize = 5;
/// Probability above which a cell is divided.
const HEAVY: f64 = 0.05;
/// Deviations around a mean that the grid covers.
const REACH: f64 = 5.0;

/// Probabilities of being the best, which add up to 1. A candidate's worth is its value times the
/// probability of a reward.
pub fn probabilities(scores: &[(Score, f64)]) -> Vec<f64> {
    let all = scores.iter().enumerate();
    let mut curves: Vec<Curve> = all.map(|(arm, one)| Curve::new(arm, one)).collect();
    let ends = |reach: f64| curves.iter().map(move |curve| curve.worth(reach));
    let from = ends(-REACH).fold(f64::NEG_INFINITY, f64::max);
    let to = ends(REACH).fold(f64::NEG_INFINITY, f64::max);
    // The best is above `from`, and so are all that may be it.
    curves.retain(|curve| curve.worth(REACH) >= from);
    // Equal values stand together: what follows from them is found once.
    curves.sort_by(|a, b| a.ln_value.total_cmp(&b.ln_value).then(a.arm.cmp(&b.arm)));
    let mut best = vec![0.0; curves.len()];
    let lower = vec![0.0; curves.len()];
    divide(&curves, (from, &lower), to, (CELLS, DEPTH), &mut best);
    let mut shares = vec![0.0; scores.len()];
    for (curve, best) in curves.iter().zip(best) {
        shares[curve.arm] = best;
    }
    normalised(shares)
}

/// How probable it is that a candidate's worth is below something.
struct Curve {
    arm: usize,
    mean: f64,
    deviation: f64,
    ln_value: f64,
}

impl Curve {
    fn new(arm: usize, (score, value): &(Score, f64)) -> Self {
        Curve {
            arm,
            mean: score.mean,
            deviation: score.variance_own.max(1e-12).sqrt(),
            ln_value: libm::log(*value),
        }
    }

    /// The logarithm of the worth so many deviations from the mean.
    fn worth(&self, deviations: f64) -> f64 {
        self.ln_value + ln_logistic(self.mean + deviations * self.deviation)
    }
}

/// For each candidate the probability that its worth is below one.
fn below(curves: &[Curve], worth: f64) -> Vec<f64> {
    let (mut ln_value, mut logit) = (f64::NAN, 0.0);
    let one = |curve: &Curve| {
        if curve.ln_value != ln_value {
            ln_value = curve.ln_value;
            let probability = libm::exp(worth - ln_value);
            logit = if probability < 1.0 {
                libm::log(probability) - libm::log1p(-probability)
            } else {
                f64::INFINITY
            };
        }
        normal((logit - curve.mean) / curve.deviation)
    };
    curves.iter().map(one).collect()
}

/// The cumulative normal distribution, from a table to 1e-5.
fn normal(z: f64) -> f64 {
    const STEPS: usize = 1_024;
    const END: f64 = 6.0;
    static TABLE: LazyLock<Vec<f64>> = LazyLock::new(|| {
        let z = |step: usize| (step as f64 / STEPS as f64 * 2.0 - 1.0) * END;
        let cumulative = |z: f64| 0.5 * libm::erfc(-z / std::f64::consts::SQRT_2);
        (0..=STEPS).map(|step| cumulative(z(step))).collect()
    });
    let at = (z / END + 1.0) / 2.0 * STEPS as f64;
    if at <= 0.0 {
        return 0.0;
    }
    let step = at as usize;
    if step >= STEPS {
        return 1.0;
    }
    let share = at - step as f64;
    TABLE[step] * (1.0 - share) + TABLE[step + 1] * share
}

/// Adds, cell by cell, the probability that a candidate is in the cell and all others below it.
fn divide(
    curves: &[Curve],
    (from, lower): (f64, &[f64]),
    to: f64,
    (parts, depth): (usize, usize),
    best: &mut [f64],
) {
    let step = (to - from) / parts as f64;
    let mut before = lower.to_vec();
    for part in 0..parts {
        let (start, end) = (from + step * part as f64, from + step * (part + 1) as f64);
        let now = below(curves, end);
        let all = |at: &[f64]| at.iter().product::<f64>();
        if depth > 0 && all(&now) - all(&before) > HEAVY {
            divide(curves, (start, &before), end, (PARTS, depth - 1), best);
        } else {
            let middle = |arm: usize| (now[arm] + before[arm]) / 2.0;
            let product: f64 = (0..curves.len()).map(middle).product();
            for (arm, best) in best.iter_mut().enumerate() {
                let gain = now[arm] - before[arm];
                if gain > 0.0 {
                    *best += gain * product / middle(arm);
                }
            }
        }
        before = now;
    }
}

fn normalised(mut shares: Vec<f64>) -> Vec<f64> {
    let sum: f64 = shares.iter().sum();
    let equal = 1.0 / shares.len() as f64;
    let is_usable = sum.is_finite() && sum > 0.0;
    for share in &mut shares {
        *share = if is_usable { *share / sum } else { equal };
    }
    shares
}

fn ln_logistic(logit: f64) -> f64 {
    if logit < -30.0 {
        logit
    } else {
        libm::log(logistic(logit))
    }
}

/// One candidate by its probability. Only what has a probability above 0 is drawn.
pub fn draw(probabilities: &[f64], random: &mut Random) -> usize {
    let sum: f64 = probabilities.iter().sum();
    let mut at = random.unit() * sum;
    let mut last = 0;
    for (arm, probability) in probabilities.iter().enumerate() {
        if *probability > 0.0 {
            last = arm;
            if at < *probability {
                return arm;
            }
            at -= probability;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(mean: f64, deviation: f64) -> Score {
        Score {
            mean,
            variance_own: deviation * deviation,
            variance: deviation * deviation,
        }
    }

    /// Thompson sampling itself.
    fn sampled(scores: &[(Score, f64)], draws: u32) -> Vec<f64> {
        let mut random = Random::new(5);
        let mut shares = vec![0.0; scores.len()];
        for _ in 0..draws {
            let worth = |(score, value): &(Score, f64)| {
                let radius = (-2.0 * libm::log(1.0 - random.unit())).sqrt();
                let normal = radius * libm::cos(std::f64::consts::TAU * random.unit());
                value * logistic(score.mean + score.variance_own.sqrt() * normal)
            };
            let worths: Vec<f64> = scores.iter().map(worth).collect();
            let best = (0..worths.len()).max_by(|a, b| worths[*a].total_cmp(&worths[*b]));
            shares[best.unwrap()] += 1.0 / f64::from(draws);
        }
        shares
    }

    fn check(scores: &[(Score, f64)]) {
        let (computed, sampled) = (probabilities(scores), sampled(scores, 40_000));
        assert!((computed.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        for (computed, sampled) in computed.iter().zip(&sampled) {
            assert!(
                (computed - sampled).abs() < 0.01,
                "{computed} {sampled} of {scores:?}"
            );
        }
    }

    #[test]
    fn probabilities_are_those_of_thompson_sampling() {
        check(&[(score(0.0, 1.0), 1.0)]);
        check(&[(score(0.0, 1.0), 1.0), (score(0.0, 1.0), 1.0)]);
        check(&[
            (score(-2.0, 0.1), 1.0),
            (score(-2.1, 0.3), 1.0),
            (score(-3.0, 1.0), 1.0),
        ]);
        check(&[(score(-2.0, 0.1), 1.0), (score(-3.0, 0.1), 2.5)]);
        check(&[(score(-4.0, 0.01), 1.0), (score(-4.0, 2.0), 1.0)]);
        check(&[
            (score(-1.0, 0.002), 1.0),
            (score(-1.001, 0.002), 1.0),
            (score(-1.2, 0.5), 1.0),
        ]);
        let many: Vec<(Score, f64)> = (0..30)
            .map(|arm| {
                (
                    score(-3.0 + f64::from(arm) / 30.0, 0.4),
                    1.0 + f64::from(arm % 5),
                )
            })
            .collect();
        check(&many);
    }

    #[test]
    fn draws_follow_the_probabilities() {
        let probabilities = [0.2, 0.0, 0.5, 0.3];
        let mut counts = [0u32; 4];
        for seed in 0..20_000u64 {
            let mut random = Random::from_parts("test", &[&seed.to_be_bytes()]);
            counts[draw(&probabilities, &mut random)] += 1;
        }
        assert_eq!(counts[1], 0);
        for (count, expect) in counts.iter().zip(probabilities) {
            assert!((f64::from(*count) / 20_000.0 - expect).abs() < 0.015);
        }
    }
}
