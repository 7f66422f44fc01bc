//! The empirical-Bernstein confidence sequence of a policy's value: valid on adaptive logs, at any
//! time, for any number of records, without a bound on the weights.
//!
//! Waudby-Smith, Wu, Ramdas, Karampatziakis and Mineiro, *Anytime-valid off-policy inference for
//! contextual bandits* (ACM/IMS J. Data Science 1, 2024), after Howard et al. (2021) and Fan et al.
//! (2015). Let ξ = w r with r in 0 to 1, so ξ ≥ 0 with conditional mean ν, whatever came before.
//! With any prediction ξ̂ ≤ 1 and bet 0 ≤ λ < 1 that follow from earlier records, Π exp(λ (ξ − ν) −
//! (ξ − ξ̂)² (−ln(1−λ) − λ)) is a supermartingale; it stays below 1/α for ever with probability 1 −
//! α, which bounds ν from below. The bound from above is 1 minus that of 1 − r.

/// Largest bet: with more, the penalty on surprises grows without end.
const BET_MAX: f64 = 0.5;
/// Variance assumed before the first record, and its weight in records.
const VARIANCE_FIRST: f64 = 0.25;

/// One side.
#[derive(Clone, Copy, Debug)]
pub struct Bound {
    log_one_over_alpha: f64,
    count: f64,
    sum: f64,
    squared_errors: f64,
    bets: f64,
    bets_terms: f64,
    penalty: f64,
}

impl Bound {
    /// For a probability of error of `alpha` over all times together.
    pub fn new(alpha: f64) -> Self {
        Bound {
            log_one_over_alpha: -libm::log(alpha),
            count: 0.0,
            sum: 0.0,
            squared_errors: 0.0,
            bets: 0.0,
            bets_terms: 0.0,
            penalty: 0.0,
        }
    }

    /// Adds a term that is at least 0 and has a conditional mean of at most 1.
    pub fn add(&mut self, term: f64) {
        let before = self.count + 1.0;
        let predicted = ((self.sum + 0.5) / before).min(1.0);
        let variance = (self.squared_errors + VARIANCE_FIRST) / before;
        let bet = (2.0 * self.log_one_over_alpha / (variance * before * libm::log(before + 1.0)))
            .sqrt()
            .min(BET_MAX);
        let error = (term - predicted) * (term - predicted);
        self.bets += bet;
        self.bets_terms += bet * term;
        self.penalty += error * (-libm::log1p(-bet) - bet);
        self.count += 1.0;
        self.sum += term;
        self.squared_errors += error;
    }

    /// The mean is at least this.
    pub fn lower(&self) -> f64 {
        if self.bets <= 0.0 {
            return 0.0;
        }
        ((self.bets_terms - self.penalty - self.log_one_over_alpha) / self.bets).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_closes_in_on_the_mean_from_below() {
        let mut bound = Bound::new(0.025);
        assert_eq!(bound.lower(), 0.0);
        let mut last = 0.0;
        for block in 0..4 {
            for number in 0..10_000 {
                bound.add(if number % 4 == 0 { 1.0 } else { 0.0 });
            }
            assert!(bound.lower() > last && bound.lower() < 0.25, "{block}");
            last = bound.lower();
        }
        assert!(last > 0.235, "{last}");
    }
}
