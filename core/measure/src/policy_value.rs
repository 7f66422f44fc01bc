//! Off-policy evaluation: what a policy would have earned, from decisions another policy took.
//!
//! [`Evaluator`] reads the log once, record by record, and keeps sums and the means of
//! rewards by arm; time is linear in the candidates of all records, memory in the different
//! (context, slot, arm), at most [`POLICY_CELLS_MAX`](kith_base::limits::POLICY_CELLS_MAX).
//! [`Evaluation`] holds how well the log covers the policy in question and either the
//! estimates or the [`Refusal`].
//!
//! Which interval may be believed depends on how the log was made, [`LogKind`]:
//!
//! | estimate | holds on logs of a fixed policy | and of one that learned meanwhile |
//! |---|---|---|
//! | [`Estimator::Ipw`], [`Estimator::Snipw`], [`Estimator::Dr`] | for many records | **no** |
//! | [`Estimator::StabilisedDr`] | for many records | for many records |
//! | [`Estimator::Sequence`] | always | always |
//! | [`Estimator::Dm`], [`Estimator::ClippedIpw`] | biased: none | biased: none |
//! | [`Estimator::SwitchDr`], [`Estimator::Dros`] | biased: none | biased: none |
//!
//! All of them need true propensities, and rewards that depend on the decision at hand only.

mod estimate;
mod log;
mod moments;
mod overlap;
mod reward_model;
mod sequence;
mod stabilised;

pub use estimate::{Estimate, Estimates, Estimator, Evaluation, Guarantee, Interval};
pub use log::{Candidate, Invalid, Logged};
pub use overlap::{Overlap, Refusal};

use moments::{RatioSums, Sums};
use overlap::Coverage;
use reward_model::{Expected, RewardModel};
use sequence::Bound;
use stabilised::Stabilised;

/// How the policy of the log came to its propensities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogKind {
    /// They follow from the context alone, by a rule that stayed the same.
    Fixed,
    /// They also follow from earlier rewards of the log: a bandit, a model trained anew, or a
    /// rule that people changed because of its figures.
    Adaptive,
}

/// What an evaluation goes by.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How the log was made. In doubt, adaptive.
    pub log: LogKind,
    /// Least and largest reward there can be.
    pub rewards: (f64, f64),
    /// With which probability an interval holds the truth.
    pub level: f64,
    /// Above this weight clipped IPW cuts and Switch-DR leaves the reward out.
    pub weight_max: f64,
    /// λ of DRos: a weight w counts as λ w / (w² + λ).
    pub shrinkage: f64,
}

impl Settings {
    /// For rewards from 0 to 1 and intervals of 95 %.
    pub fn new(log: LogKind) -> Self {
        Settings {
            log,
            rewards: (0.0, 1.0),
            level: 0.95,
            weight_max: 10.0,
            shrinkage: 100.0,
        }
    }
}

/// Reads a log.
#[derive(Clone, Debug)]
pub struct Evaluator {
    settings: Settings,
    model: RewardModel,
    expected: Vec<Expected>,
    coverage: Coverage,
    ratio: RatioSums,
    ipw: Sums,
    clipped: Sums,
    direct: Sums,
    robust: Sums,
    switch: Sums,
    dros: Sums,
    lift: Sums,
    rewards: Sums,
    stabilised: Option<Stabilised>,
    /// Of the reward from below, and of what is missing to the largest reward from below.
    bounds: [Bound; 2],
}

/// Evaluates a whole log; the first record that is not taken ends it.
pub fn evaluate<'a>(
    settings: Settings,
    records: impl IntoIterator<Item = Logged<'a>>,
) -> Result<Evaluation, Invalid> {
    let mut evaluator = Evaluator::new(settings);
    for record in records {
        evaluator.push(&record)?;
    }
    Ok(evaluator.finish())
}

impl Evaluator {
    /// Before the first record.
    pub fn new(settings: Settings) -> Self {
        let span = settings.rewards.1 - settings.rewards.0;
        Evaluator {
            settings,
            model: RewardModel::new(span * span / 4.0),
            expected: Vec::new(),
            coverage: Coverage::default(),
            ratio: RatioSums::default(),
            ipw: Sums::default(),
            clipped: Sums::default(),
            direct: Sums::default(),
            robust: Sums::default(),
            switch: Sums::default(),
            dros: Sums::default(),
            lift: Sums::default(),
            rewards: Sums::default(),
            stabilised: Some(Stabilised::default()),
            bounds: [Bound::new((1.0 - settings.level) / 2.0); 2],
        }
    }

    /// Takes the next record of the log.
    pub fn push(&mut self, record: &Logged<'_>) -> Result<(), Invalid> {
        self.settings.check_rewards()?;
        record.check(self.settings.rewards)?;
        let (weight, reward) = (record.weight(), record.reward);
        self.model.predict(record, &mut self.expected);
        let predicted = self.expected[record.chosen].reward;
        let pairs = || record.candidates.iter().zip(&self.expected);
        let direct: f64 = pairs()
            .map(|(c, expected)| c.target * expected.reward)
            .sum();
        let surprise = reward - predicted;
        let robust = direct + weight * surprise;
        self.coverage.add(record, weight);
        self.ratio.add(weight, reward);
        self.ipw.add(weight * reward);
        self.clipped
            .add(weight.min(self.settings.weight_max) * reward);
        self.direct.add(direct);
        self.robust.add(robust);
        let switched = if weight <= self.settings.weight_max {
            weight * surprise
        } else {
            0.0
        };
        self.switch.add(direct + switched);
        let shrunk = self.settings.shrinkage * weight / (weight * weight + self.settings.shrinkage);
        self.dros.add(direct + shrunk * surprise);
        self.lift.add(robust - reward);
        self.rewards.add(reward);
        let noise = noise(record, &self.expected);
        match (&mut self.stabilised, noise) {
            (Some(stabilised), Some(noise)) => stabilised.add(robust, noise, direct),
            _ => self.stabilised = None,
        }
        let (least, most) = self.settings.rewards;
        let scaled = (reward - least) / (most - least);
        self.bounds[0].add(weight * scaled);
        self.bounds[1].add(weight * (1.0 - scaled));
        self.model.learn(record, predicted);
        Ok(())
    }

    /// What the log says of the policy in question.
    pub fn finish(&self) -> Evaluation {
        let overlap = self.coverage.overlap(&self.ratio);
        let answer = match overlap.refusal() {
            Some(refusal) => Err(refusal),
            None => Ok(self.estimates()),
        };
        Evaluation { overlap, answer }
    }

    fn estimates(&self) -> Estimates {
        let level = self.settings.level;
        let only_fixed = |interval: Option<Interval>| match self.settings.log {
            LogKind::Fixed => interval,
            LogKind::Adaptive => None,
        };
        let fixed = |interval| only_fixed(interval).map(|interval| self.within_rewards(interval));
        let biased = |estimator, sums: &Sums| Estimate::new(estimator, sums.mean(), None);
        let mut all = vec![
            Estimate::new(
                Estimator::Ipw,
                self.ipw.mean(),
                fixed(self.ipw.interval(level)),
            ),
            Estimate::new(
                Estimator::Snipw,
                self.ratio.ratio(),
                fixed(self.ratio.interval(level)),
            ),
            biased(Estimator::Dm, &self.direct),
            Estimate::new(
                Estimator::Dr,
                self.robust.mean(),
                fixed(self.robust.interval(level)),
            ),
            biased(Estimator::ClippedIpw, &self.clipped),
            biased(Estimator::SwitchDr, &self.switch),
            biased(Estimator::Dros, &self.dros),
        ];
        if let Some(stabilised) = &self.stabilised
            && let Some(value) = stabilised.value()
        {
            let interval = stabilised.interval(level);
            let interval = interval.map(|interval| self.within_rewards(interval));
            all.push(Estimate::new(Estimator::StabilisedDr, value, interval));
        }
        all.push(Estimate::new(
            Estimator::Sequence,
            self.ipw.mean(),
            Some(self.sequence()),
        ));
        let lift = self.lift.mean();
        Estimates {
            log: self.settings.log,
            all,
            logged: self.rewards.mean(),
            lift: Estimate::new(Estimator::Dr, lift, only_fixed(self.lift.interval(level))),
        }
    }

    /// No value is outside of what rewards can be.
    fn within_rewards(&self, interval: Interval) -> Interval {
        let (least, most) = self.settings.rewards;
        Interval {
            low: interval.low.max(least),
            high: interval.high.min(most),
            ..interval
        }
    }

    fn sequence(&self) -> Interval {
        let (least, most) = self.settings.rewards;
        let [low, high] = [self.bounds[0].lower(), 1.0 - self.bounds[1].lower()];
        Interval {
            low: least + low * (most - least),
            high: least + high * (most - least),
            standard_error: None,
        }
    }
}

impl Settings {
    fn check_rewards(&self) -> Result<(), Invalid> {
        let (least, most) = self.rewards;
        if least.is_finite() && most.is_finite() && least < most {
            return Ok(());
        }
        Err(Invalid::RewardRange {
            reward: f64::NAN,
            least,
            most,
        })
    }
}

/// Σ π²/e σ² over the candidates: the variance of the record's term given its context. `None`
/// when the log does not say the propensity of each candidate that matters.
fn noise(record: &Logged<'_>, expected: &[Expected]) -> Option<f64> {
    let mut sum = 0.0;
    for (candidate, expected) in record.candidates.iter().zip(expected) {
        if candidate.target > 0.0 {
            let propensity = candidate.propensity.filter(|p| *p > 0.0)?;
            sum += candidate.target * candidate.target / propensity * expected.variance;
        }
    }
    Some(sum)
}

#[cfg(test)]
mod tests;
