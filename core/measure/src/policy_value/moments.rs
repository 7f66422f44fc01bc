//! Sums from which an estimate and its variance follow, and the intervals around it.

use super::Interval;
use crate::normal;

/// The first three power sums of the terms whose mean is the estimate.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sums {
    count: f64,
    one: f64,
    two: f64,
    three: f64,
}

/// Weighted sums for a ratio: `weights[k]` is Σ wᵏ, `rewards[k][j]` is Σ wᵏ rʲ.
#[derive(Clone, Copy, Debug, Default)]
pub struct RatioSums {
    pub count: f64,
    pub weight_1: f64,
    pub weight_2: f64,
    weight_3: f64,
    w1_r1: f64,
    w2_r1: f64,
    w2_r2: f64,
    w3_r1: f64,
    w3_r2: f64,
    w3_r3: f64,
}

impl Sums {
    pub fn add(&mut self, term: f64) {
        self.count += 1.0;
        self.one += term;
        self.two += term * term;
        self.three += term * term * term;
    }

    pub fn mean(&self) -> f64 {
        self.one / self.count
    }

    /// The mean with its interval; none without any spread.
    pub fn interval(&self, level: f64) -> Option<Interval> {
        let mean = self.mean();
        let variance = self.two / self.count - mean * mean;
        let third =
            self.three / self.count - 3.0 * mean * self.two / self.count + 2.0 * mean * mean * mean;
        skewed(mean, variance, third, self.count, level)
    }
}

impl RatioSums {
    pub fn add(&mut self, weight: f64, reward: f64) {
        let (w2, w3) = (weight * weight, weight * weight * weight);
        let (r2, r3) = (reward * reward, reward * reward * reward);
        self.count += 1.0;
        self.weight_1 += weight;
        self.weight_2 += w2;
        self.weight_3 += w3;
        self.w1_r1 += weight * reward;
        self.w2_r1 += w2 * reward;
        self.w2_r2 += w2 * r2;
        self.w3_r1 += w3 * reward;
        self.w3_r2 += w3 * r2;
        self.w3_r3 += w3 * r3;
    }

    /// Σ w r / Σ w.
    pub fn ratio(&self) -> f64 {
        self.w1_r1 / self.weight_1
    }

    /// The ratio's interval, by the delta method: its terms are w (r − ratio) / mean(w).
    pub fn interval(&self, level: f64) -> Option<Interval> {
        let (v, n) = (self.ratio(), self.count);
        let weight = self.weight_1 / n;
        let two = self.w2_r2 - 2.0 * v * self.w2_r1 + v * v * self.weight_2;
        let three = self.w3_r3 - 3.0 * v * self.w3_r2 + 3.0 * v * v * self.w3_r1
            - v * v * v * self.weight_3;
        let (variance, third) = (
            two / n / (weight * weight),
            three / n / (weight * weight * weight),
        );
        skewed(v, variance, third, n, level)
    }
}

/// The interval of a mean of independent terms, corrected for their skewness by Hall's monotone
/// transformation (P. Hall, *On the removal of skewness by transformation*, JRSS B 54, 1992):
/// rewards are rare and weights unequal, so the plain normal interval is too low.
fn skewed(mean: f64, variance: f64, third: f64, count: f64, level: f64) -> Option<Interval> {
    if count < 2.0 || !variance.is_finite() || variance <= f64::EPSILON * mean * mean {
        return None;
    }
    let deviation = (variance * count / (count - 1.0)).sqrt();
    let error = deviation / count.sqrt();
    let skew = third / (variance * variance.sqrt()) / count.sqrt();
    let z = normal::quantile(0.5 + level / 2.0);
    let untransformed = |x: f64| {
        if skew.abs() < 1e-9 {
            return x;
        }
        3.0 / skew * (libm::cbrt(1.0 + skew * (x - skew / 6.0)) - 1.0)
    };
    let (low, high) = (
        mean - error * untransformed(z),
        mean - error * untransformed(-z),
    );
    Some(Interval {
        low,
        high,
        standard_error: Some(error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_skewness_the_interval_is_the_normal_one() {
        let mut sums = Sums::default();
        for term in [1.0, 2.0, 3.0, 4.0, 5.0] {
            sums.add(term);
        }
        let interval = sums.interval(0.95).unwrap();
        let error = (2.5f64 / 5.0).sqrt();
        assert!((interval.standard_error.unwrap() - error).abs() < 1e-12);
        assert!((interval.low - (3.0 - 1.959_963_984_540_054 * error)).abs() < 1e-9);
        assert!((interval.high - (3.0 + 1.959_963_984_540_054 * error)).abs() < 1e-9);
    }

    #[test]
    fn a_tail_to_the_right_moves_the_interval_to_the_right() {
        let mut sums = Sums::default();
        for number in 0..1_000 {
            sums.add(if number % 100 == 0 { 1.0 } else { 0.0 });
        }
        let interval = sums.interval(0.95).unwrap();
        assert!(interval.high - sums.mean() > sums.mean() - interval.low);
        assert!(interval.low > 0.0);
    }

    #[test]
    fn constant_terms_have_no_interval() {
        let mut sums = Sums::default();
        sums.add(0.25);
        assert_eq!(sums.interval(0.95), None);
        sums.add(0.25);
        assert_eq!(sums.interval(0.95), None);
    }

    #[test]
    fn a_ratio_of_equal_weights_is_a_mean() {
        let (mut sums, mut ratio) = (Sums::default(), RatioSums::default());
        for number in 0..50 {
            let reward = f64::from(number % 7) / 7.0;
            sums.add(reward);
            ratio.add(2.0, reward);
        }
        let (one, other) = (sums.interval(0.9).unwrap(), ratio.interval(0.9).unwrap());
        assert!((one.low - other.low).abs() < 1e-12 && (one.high - other.high).abs() < 1e-12);
    }
}
