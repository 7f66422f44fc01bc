//! Does the log say anything about the policy in question? If not, there is no estimate.

use super::log::Logged;
use super::moments::RatioSums;

/// Least effective sample size: below it neither intervals nor their errors are normal.
pub const EFFECTIVE_RECORDS_MIN: f64 = 100.0;
/// Largest mean probability of candidates that the log never shows.
pub const UNSUPPORTED_MAX: f64 = 0.001;
/// Largest share of all weight that one record may have.
pub const WEIGHT_SHARE_MAX: f64 = 0.1;
/// How many standard errors the mean weight may be from 1.
pub const WEIGHT_ERRORS_MAX: f64 = 5.0;

/// How much of a log speaks about a policy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Overlap {
    /// Decisions read.
    pub records: u64,
    /// (Σ w)² / Σ w²: how many decisions of the policy itself would say as much (Kish 1965).
    pub effective_records: f64,
    /// Largest weight.
    pub weight_max: f64,
    /// Mean weight; 1 but for chance, if the propensities are true and nothing is missing.
    pub weight_mean: f64,
    /// Standard error of the mean weight.
    pub weight_error: f64,
    /// Mean probability, under the policy in question, of candidates with propensity 0.
    pub unsupported: f64,
    /// The arm with most of it.
    pub unsupported_arm: Option<u64>,
}

/// Why there is no estimate.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// There is no record.
    #[error("the log has no decisions")]
    Empty,
    /// The policy would show what the log never shows.
    #[error(
        "support is missing: the policy gives {unsupported:.4} of its choices to what the log's \
         policy never showed; allowed are {UNSUPPORTED_MAX}"
    )]
    SupportMissing {
        /// Mean probability of such candidates.
        unsupported: f64,
        /// The arm with most of it.
        arm: Option<u64>,
    },
    /// Weights that do not average 1: propensities are wrong, or candidates were not logged.
    #[error(
        "the weights average {mean:.4} ± {error:.4} where true propensities average 1: \
         propensities are wrong, or the policy chooses what the log never shows"
    )]
    WeightsOff {
        /// Mean weight.
        mean: f64,
        /// Its standard error.
        error: f64,
    },
    /// Too few records speak about the policy.
    #[error(
        "the effective sample size is {effective_records:.1}; at least {EFFECTIVE_RECORDS_MIN} are \
         needed"
    )]
    TooFew {
        /// The effective sample size.
        effective_records: f64,
    },
    /// One record decides.
    #[error("one decision has {share:.3} of all weight; allowed are {WEIGHT_SHARE_MAX}")]
    OneDecides {
        /// Its share.
        share: f64,
    },
}

impl Refusal {
    /// For machines.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Empty => "empty",
            Refusal::SupportMissing { .. } => "support-missing",
            Refusal::WeightsOff { .. } => "weights-off",
            Refusal::TooFew { .. } => "too-few-effective-records",
            Refusal::OneDecides { .. } => "one-record-decides",
        }
    }
}

/// Gathers an [`Overlap`].
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    weight_max: f64,
    unsupported: f64,
    /// The arm with the largest probability so far among those without support.
    worst: Option<(f64, u64)>,
}

impl Coverage {
    pub fn add(&mut self, record: &Logged<'_>, weight: f64) {
        self.weight_max = self.weight_max.max(weight);
        for candidate in record.candidates {
            if candidate.propensity == Some(0.0) && candidate.target > 0.0 {
                self.unsupported += candidate.target;
                if self
                    .worst
                    .is_none_or(|(target, _)| target < candidate.target)
                {
                    self.worst = Some((candidate.target, candidate.arm));
                }
            }
        }
    }

    pub fn overlap(&self, sums: &RatioSums) -> Overlap {
        let n = sums.count;
        let (mean, square) = (sums.weight_1 / n, sums.weight_2 / n);
        let spread = (square - mean * mean).max(0.0);
        Overlap {
            records: n as u64,
            effective_records: if sums.weight_2 > 0.0 {
                sums.weight_1 * sums.weight_1 / sums.weight_2
            } else {
                0.0
            },
            weight_max: self.weight_max,
            weight_mean: if n > 0.0 { mean } else { 0.0 },
            weight_error: if n > 1.0 {
                (spread / (n - 1.0)).sqrt()
            } else {
                0.0
            },
            unsupported: if n > 0.0 { self.unsupported / n } else { 0.0 },
            unsupported_arm: self.worst.map(|(_, arm)| arm),
        }
    }
}

impl Overlap {
    /// Why there is no estimate, if so.
    pub fn refusal(&self) -> Option<Refusal> {
        if self.records == 0 {
            return Some(Refusal::Empty);
        }
        if self.unsupported > UNSUPPORTED_MAX {
            return Some(Refusal::SupportMissing {
                unsupported: self.unsupported,
                arm: self.unsupported_arm,
            });
        }
        if self.effective_records < EFFECTIVE_RECORDS_MIN {
            return Some(Refusal::TooFew {
                effective_records: self.effective_records,
            });
        }
        let share = self.weight_max / (self.weight_mean * self.records as f64);
        if share > WEIGHT_SHARE_MAX {
            return Some(Refusal::OneDecides { share });
        }
        let off = (self.weight_mean - 1.0).abs();
        // A table of probabilities that is rounded to five digits is off by as much.
        if off > WEIGHT_ERRORS_MAX * self.weight_error + UNSUPPORTED_MAX {
            return Some(Refusal::WeightsOff {
                mean: self.weight_mean,
                error: self.weight_error,
            });
        }
        None
    }
}
