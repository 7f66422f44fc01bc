//! Precision and recall, as held-out log-ins state them and as a known truth tells.

use serde::{Deserialize, Serialize};

/// One held-out id with its best candidate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judged {
    pub margin: f32,
    pub outcome: Outcome,
    /// A candidate that is known to be right was there.
    pub findable: bool,
    /// The candidate has one session only.
    pub single: bool,
    pub probability: f32,
}

/// What log-ins tell of a best candidate.
#[derive(Clone, Copy, Debug)]
pub(super) enum Outcome {
    /// The same person logged in under it.
    Confirmed,
    /// Nobody or somebody else did; with the chance that a right one were confirmed by now.
    Unconfirmed { chance: f32 },
}

impl Judged {
    /// The probability of being right given what is known.
    pub fn expected(&self) -> f32 {
        match self.outcome {
            Outcome::Confirmed => 1.0,
            Outcome::Unconfirmed { chance } => {
                let right = self.probability * (1.0 - chance);
                right / (right + 1.0 - self.probability).max(1e-6)
            }
        }
    }
}

/// What links above a threshold are worth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Links with at least this confidence.
    pub confidence: f32,
    /// Share of them that are right.
    pub precision: f32,
    /// Share of the ids with a known earlier one that are linked rightly.
    pub recall: f32,
}

/// Precision and recall at rising confidence, over held-out log-ins.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// Ids judged.
    pub ids: usize,
    /// Falling confidence.
    pub points: Vec<Point>,
}

const POINTS: usize = 40;

impl Quality {
    pub(super) fn of(judged: &[Judged]) -> Self {
        let mut sorted = judged.to_vec();
        sorted.sort_by(|a, b| b.margin.total_cmp(&a.margin));
        let findable: f32 = sorted.iter().filter(|one| one.findable).count() as f32;
        let (mut right, mut all, mut found) = (0.0, 0.0, 0.0);
        let mut points = Vec::new();
        for (place, one) in sorted.iter().enumerate() {
            let expected = one.expected();
            right += expected;
            all += 1.0;
            found += if one.findable { expected } else { 0.0 };
            if (place + 1) % sorted.len().div_ceil(POINTS) == 0 {
                points.push(Point {
                    confidence: one.probability,
                    precision: right / all,
                    recall: found / findable.max(1e-6),
                });
            }
        }
        Quality {
            ids: judged.len(),
            points,
        }
    }

    /// What links of at least a confidence are worth; the nearest point below it.
    pub fn at(&self, confidence: f32) -> Option<Point> {
        self.points
            .iter()
            .rev()
            .find(|point| point.confidence >= confidence)
            .copied()
    }
}
