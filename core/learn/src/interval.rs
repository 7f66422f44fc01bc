//! Figures with the interval that holds the truth in 95 of 100 cases.

use serde::{Deserialize, Serialize};

/// The quantile of the normal distribution that leaves 2.5 % on either side.
const Z: f64 = 1.959_963_984_540_054;

/// A figure and its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// As measured.
    pub value: f64,
    /// Lower end.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
}

/// A mean of figures from 0 to 1 and their spread, in one pass (Welford, *Technometrics* 1962).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Mean {
    count: u64,
    mean: f64,
    squares: f64,
}

impl Mean {
    /// Adds one figure.
    pub fn add(&mut self, figure: f64) {
        self.count += 1;
        let before = figure - self.mean;
        self.mean += before / self.count as f64;
        self.squares += before * (figure - self.mean);
    }

    /// How many were added.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The mean with the interval of the normal approximation: by the central limit theorem the
    /// mean of many independent figures is nearly normal, with their spread over √n (Student,
    /// *Biometrika* 1908, shows what few cost). `None` of fewer than two.
    pub fn estimate(&self) -> Option<Estimate> {
        if self.count < 2 {
            return None;
        }
        let variance = self.squares / (self.count - 1) as f64;
        let reach = Z * libm::sqrt(variance / self.count as f64);
        Some(Estimate {
            value: self.mean,
            lower: (self.mean - reach).clamp(0.0, 1.0),
            upper: (self.mean + reach).clamp(0.0, 1.0),
        })
    }
}

/// A share with its score interval (Wilson, *JASA* 1927), which holds for few and for rare cases
/// too. `None` of nothing.
pub fn wilson(count: u64, of: u64) -> Option<Estimate> {
    if of == 0 {
        return None;
    }
    let (count, of) = (count.min(of) as f64, of as f64);
    let share = count / of;
    let scale = 1.0 + Z * Z / of;
    let middle = (share + Z * Z / (2.0 * of)) / scale;
    let inner = share * (1.0 - share) / of + Z * Z / (4.0 * of * of);
    let reach = Z * libm::sqrt(inner) / scale;
    Some(Estimate {
        value: share,
        lower: (middle - reach).clamp(0.0, share),
        upper: (middle + reach).clamp(share, 1.0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(one: f64, other: f64) {
        assert!((one - other).abs() < 1e-6, "{one} {other}");
    }

    #[test]
    fn a_mean_has_the_interval_of_its_spread() {
        let mut mean = Mean::default();
        assert_eq!(mean.estimate(), None);
        // A mean of 0.5; the variance of 100 such figures is 25/99.
        (0..100).for_each(|n| mean.add(f64::from(n % 2)));
        let told = mean.estimate().unwrap();
        near(told.value, 0.5);
        near(told.upper - 0.5, Z * (25.0f64 / 99.0 / 100.0).sqrt());
        near(0.5 - told.lower, told.upper - 0.5);
    }

    #[test]
    fn a_share_has_the_interval_of_wilson() {
        // 10 of 100, from the closed form.
        let told = wilson(10, 100).unwrap();
        assert!((told.lower - 0.055_229).abs() < 1e-5, "{told:?}");
        assert!((told.upper - 0.174_366).abs() < 1e-5, "{told:?}");
        assert_eq!(wilson(0, 0), None);
        assert_eq!(wilson(0, 9).unwrap().lower, 0.0);
        assert_eq!(wilson(9, 9).unwrap().upper, 1.0);
    }
}
