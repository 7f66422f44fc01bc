//! From scores to probabilities: isotonic regression.
//!
//! Pool adjacent violators (Ayer, Brunk, Ewing, Reid and Silverman, *An Empirical Distribution
//! Function for Sampling with Incomplete Information*, 1955) gives the rising steps that are
//! nearest to the outcomes in least squares. Between two steps the answer is interpolated,
//! outside of them it is that of the nearest.

use serde::{Deserialize, Serialize};

/// A rising function from scores to probabilities.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Scores, strictly rising.
    scores: Vec<f32>,
    /// The probability at each.
    probabilities: Vec<f32>,
}

/// One observed outcome.
#[derive(Clone, Copy, Debug)]
pub struct Observation {
    /// What the model said; must be a number.
    pub score: f32,
    /// What happened, from 0 to 1.
    pub outcome: f32,
    /// How much it counts, above 0.
    pub weight: f32,
}

struct Block {
    /// Least and greatest score.
    scores: (f32, f32),
    mean: f64,
    weight: f64,
}

impl Calibration {
    /// The nearest rising function; `None` without a usable observation.
    pub fn fit(observations: &[Observation]) -> Option<Self> {
        let mut sorted: Vec<Observation> = observations
            .iter()
            .copied()
            .filter(|seen| !seen.score.is_nan() && seen.weight > 0.0)
            .collect();
        sorted.sort_by(|a, b| a.score.total_cmp(&b.score));
        let mut blocks: Vec<Block> = Vec::new();
        for same in sorted.chunk_by(|a, b| a.score == b.score) {
            let weight: f64 = same.iter().map(|seen| f64::from(seen.weight)).sum();
            let sum: f64 = same
                .iter()
                .map(|seen| f64::from(seen.weight) * f64::from(seen.outcome))
                .sum();
            let scores = (same[0].score, same[0].score);
            let mut block = Block {
                scores,
                mean: sum / weight,
                weight,
            };
            while let Some(before) = blocks.pop_if(|before| before.mean >= block.mean) {
                let weight = before.weight + block.weight;
                block.mean = (before.mean * before.weight + block.mean * block.weight) / weight;
                block.weight = weight;
                block.scores.0 = before.scores.0;
            }
            blocks.push(block);
        }
        let mut calibration = Calibration {
            scores: Vec::new(),
            probabilities: Vec::new(),
        };
        for Block {
            scores: (least, greatest),
            mean,
            ..
        } in blocks
        {
            calibration.push(least, mean);
            if greatest > least {
                calibration.push(greatest, mean);
            }
        }
        (!calibration.scores.is_empty()).then_some(calibration)
    }

    fn push(&mut self, score: f32, mean: f64) {
        self.scores.push(score);
        self.probabilities.push(mean as f32);
    }

    /// The probability of a score; that of the least score when it is not a number.
    pub fn probability(&self, score: f32) -> f32 {
        let above = self.scores.partition_point(|known| *known <= score);
        let last = self.scores.len() - 1;
        if above == 0 {
            return self.probabilities[0];
        }
        if above > last {
            return self.probabilities[last];
        }
        let (low, high) = (self.scores[above - 1], self.scores[above]);
        let (from, to) = (self.probabilities[above - 1], self.probabilities[above]);
        let share = (f64::from(score) - f64::from(low)) / (f64::from(high) - f64::from(low));
        (f64::from(from) + share * (f64::from(to) - f64::from(from))) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fit(seen: &[(f32, f32, f32)]) -> Calibration {
        let observations: Vec<Observation> = seen
            .iter()
            .map(|(score, outcome, weight)| Observation {
                score: *score,
                outcome: *outcome,
                weight: *weight,
            })
            .collect();
        Calibration::fit(&observations).unwrap()
    }

    fn check(seen: &[(f32, f32, f32)], expect: &[(f32, f32)]) {
        let calibration = fit(seen);
        for (score, probability) in expect {
            let found = calibration.probability(*score);
            assert!(
                (found - probability).abs() < 1e-5,
                "{score}: {found}, expected {probability}"
            );
        }
    }

    /// The expected answers are those of `sklearn.isotonic.IsotonicRegression` (scikit-learn 1.9)
    /// with `out_of_bounds="clip"`.
    #[test]
    fn answers_as_the_reference_does() {
        check(
            &[
                (1.0, 0.0, 1.0),
                (2.0, 1.0, 1.0),
                (3.0, 0.0, 1.0),
                (4.0, 1.0, 1.0),
                (5.0, 0.0, 1.0),
                (6.0, 1.0, 1.0),
                (7.0, 1.0, 1.0),
            ],
            &[
                (0.0, 0.0),
                (1.5, 0.25),
                (2.0, 0.5),
                (3.5, 0.5),
                (5.5, 0.75),
                (6.0, 1.0),
                (9.0, 1.0),
            ],
        );
        check(
            &[
                (0.2, 0.0, 2.0),
                (0.4, 1.0, 1.0),
                (0.4, 0.0, 3.0),
                (0.6, 0.0, 1.0),
                (0.8, 1.0, 5.0),
                (0.8, 0.0, 1.0),
                (0.9, 0.5, 2.0),
            ],
            &[
                (0.1, 0.0),
                (0.3, 0.1),
                (0.4, 0.2),
                (0.6, 0.2),
                (0.7, 0.475),
                (0.8, 0.75),
                (1.0, 0.75),
            ],
        );
        check(
            &[(3.0, 1.0, 1.0), (2.0, 0.0, 1.0), (1.0, 1.0, 1.0)],
            &[(0.0, 0.5), (2.0, 0.5), (2.5, 0.75), (4.0, 1.0)],
        );
    }

    #[test]
    fn nothing_seen_is_no_calibration() {
        assert_eq!(Calibration::fit(&[]), None);
        let unusable = Observation {
            score: f32::NAN,
            outcome: 1.0,
            weight: 1.0,
        };
        assert_eq!(Calibration::fit(&[unusable]), None);
    }

    #[test]
    fn a_stored_calibration_answers_the_same() {
        let calibration = fit(&[(0.1, 0.0, 1.0), (0.3, 1.0, 1.0), (0.7, 0.5, 3.0)]);
        let stored = serde_json::to_string(&calibration).unwrap();
        assert_eq!(
            serde_json::from_str::<Calibration>(&stored).unwrap(),
            calibration
        );
    }

    proptest! {
        #[test]
        fn it_rises_and_keeps_the_mean(
            seen in prop::collection::vec((-5i8..5, any::<bool>(), 1u8..4), 1..40),
            scores in prop::collection::vec(-6.0f32..6.0, 2),
        ) {
            let seen: Vec<(f32, f32, f32)> = seen
                .into_iter()
                .map(|(score, yes, weight)| {
                    (f32::from(score), f32::from(u8::from(yes)), f32::from(weight))
                })
                .collect();
            let calibration = fit(&seen);
            let (low, high) = (scores[0].min(scores[1]), scores[0].max(scores[1]));
            prop_assert!(calibration.probability(low) <= calibration.probability(high));
            let (mut said, mut happened) = (0.0, 0.0);
            for (score, outcome, weight) in seen {
                said += calibration.probability(score) * weight;
                happened += outcome * weight;
            }
            prop_assert!((said - happened).abs() < 1e-2, "{} {}", said, happened);
        }
    }
}
