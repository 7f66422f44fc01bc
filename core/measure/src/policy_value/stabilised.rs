//! The doubly robust estimate whose terms are weighted to equal variance: valid on adaptive logs.
//!
//! Terms of an adaptive log have a conditional variance that depends on what the policy has learned
//! so far, so their plain mean need not become normal. Each term is divided by an estimate of its
//! conditional deviation made from earlier records alone; the weighted sum then is a martingale
//! with steps of about equal variance and obeys the central limit theorem: Bibaut, Dimakopoulou,
//! Kallus, Chambaz, van der Laan, *Post-contextual-bandit inference* (NeurIPS 2021); Hadad,
//! Hirshberg, Zhan, Wager, Athey, *Confidence intervals for policy evaluation in adaptive
//! experiments* (PNAS 2021); Zhan et al. (KDD 2021). Theirs look at all earlier contexts for every
//! record. Here the deviation is the moving average of what earlier records say of themselves, Σ
//! π²/e σ² + (q̄ − mean)², which takes one pass; it is right where the log's policy changes little
//! within [`MEMORY_RECORDS`].

use super::Interval;
use crate::normal;

/// Records over which the variance is averaged.
const MEMORY_RECORDS: f64 = 64.0;
/// Records at the beginning that teach the variance and do not count.
const UNUSED_RECORDS: f64 = 16.0;

/// Sums over the weighted terms.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stabilised {
    seen: f64,
    /// Of the next term, as far as is known.
    variance: f64,
    expected: f64,
    h1: f64,
    h2: f64,
    h1_term: f64,
    h2_term: f64,
    h2_term2: f64,
}

impl Stabilised {
    /// Adds a term. `noise` is what its record says of the variance within its context, and
    /// `expected` what the policy in question was expected to earn there.
    pub fn add(&mut self, term: f64, noise: f64, expected: f64) {
        if self.seen >= UNUSED_RECORDS && self.variance > 0.0 {
            let squared = 1.0 / self.variance;
            let h = squared.sqrt();
            self.h1 += h;
            self.h2 += squared;
            self.h1_term += h * term;
            self.h2_term += squared * term;
            self.h2_term2 += squared * term * term;
        }
        self.seen += 1.0;
        let share = 1.0 / self.seen.min(MEMORY_RECORDS);
        let apart = expected - self.expected;
        self.expected += apart / self.seen;
        self.variance += share * (noise + apart * apart - self.variance);
    }

    /// The estimate; `None` before anything counted.
    pub fn value(&self) -> Option<f64> {
        (self.h1 > 0.0).then(|| self.h1_term / self.h1)
    }

    /// The normal interval around it.
    pub fn interval(&self, level: f64) -> Option<Interval> {
        let value = self.value()?;
        let squares = self.h2_term2 - 2.0 * value * self.h2_term + value * value * self.h2;
        if !squares.is_finite() || squares <= f64::EPSILON * self.h2_term2 {
            return None;
        }
        let error = squares.sqrt() / self.h1;
        let z = normal::quantile(0.5 + level / 2.0);
        Some(Interval {
            low: value - z * error,
            high: value + z * error,
            standard_error: Some(error),
        })
    }
}
