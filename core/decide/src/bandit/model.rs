//! Bayesian logistic regression for every offer in every placement, with pooled priors.
//!
//! The logit of a reward is the sum of four linear models of the same features: one of everything,
//! one of the offer in all placements, one of the placement for all offers, and one of this offer
//! in this placement. Each weight has a normal prior around 0, so an offer that is new in a
//! placement starts from what the three coarser models know, and departs from it as far as its own
//! rewards say: a hierarchical model by replicated features (Daumé 2007; Finkel and Manning 2009).
//! How far weights of a level usually depart, the variance of their prior, is learned from them
//! (empirical Bayes by expectation-maximisation, every [`REFRESH_REWARDS`] outcomes).
//!
//! One outcome is one step of assumed density filtering with a diagonal covariance: a Laplace
//! approximation around the prediction (Spiegelhalter and Lauritzen 1990; Graepel et al. 2010).

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::features::{COMMON, Features};

/// Outcomes between two looks at how far weights depart.
const REFRESH_REWARDS: u64 = 256;
/// Weights that the first guess of a variance counts for.
const VARIANCE_WEIGHTS: f64 = 20.0;
/// Bounds of a learned variance.
const VARIANCE_RANGE: (f64, f64) = (1e-4, 4.0);
/// First guess of the variance of weights, and of that of the weight common to all decisions.
const VARIANCES_FIRST: [Variances; LEVELS] = [
    Variances::new(0.1, 9.0),
    Variances::new(0.05, 0.5),
    Variances::new(0.05, 0.5),
    Variances::new(0.02, 0.1),
];

/// The model of all offers in all placements.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    levels: [Level; LEVELS],
    learned: u64,
}

const LEVELS: usize = 4;
/// Levels in which candidates of one decision differ.
const OWN: [usize; 2] = [1, 3];

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Level {
    variances: Variances,
    /// Shared with what serves, until one changes.
    #[serde(with = "shared")]
    models: BTreeMap<(u32, u32), Arc<BTreeMap<u16, Weight>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Variances {
    specific: f64,
    common: f64,
}

/// What outcomes say of a weight. The prior is added when it is read, so that it may change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Weight {
    precision: f64,
    /// Mean times precision.
    information: f64,
}

/// The logit of a reward as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Its mean.
    pub mean: f64,
    /// Of what the offer adds, which differs between the candidates of one decision.
    pub variance_own: f64,
    /// Of all of it.
    pub variance: f64,
}

impl Variances {
    const fn new(specific: f64, common: f64) -> Self {
        Variances { specific, common }
    }

    fn of(&self, bucket: u16) -> f64 {
        if bucket == COMMON {
            self.common
        } else {
            self.specific
        }
    }
}

impl Weight {
    /// Mean and variance under a prior.
    fn posterior(&self, prior: f64) -> (f64, f64) {
        let variance = 1.0 / (self.precision + 1.0 / prior);
        (self.information * variance, variance)
    }
}

impl Default for Model {
    fn default() -> Self {
        let level = |variances| Level {
            variances,
            models: BTreeMap::new(),
        };
        Model {
            levels: VARIANCES_FIRST.map(level),
            learned: 0,
        }
    }
}

impl Model {
    /// What is known of an offer in a placement.
    pub fn score(&self, offer: u32, placement: u32, features: &Features) -> Score {
        let mut score = Score {
            mean: 0.0,
            variance_own: 0.0,
            variance: 0.0,
        };
        for (number, key) in keys(offer, placement).into_iter().enumerate() {
            let level = &self.levels[number];
            let weights = level.models.get(&key);
            let mut own = 0.0;
            for (bucket, share) in &features.0 {
                let weight = weights.and_then(|weights| weights.get(bucket));
                let prior = level.variances.of(*bucket);
                let (mean, variance) = weight.copied().unwrap_or_default().posterior(prior);
                let share = f64::from(*share);
                score.mean += share * mean;
                own += share * share * variance;
            }
            score.variance += own;
            if OWN.contains(&number) {
                score.variance_own += own;
            }
        }
        score
    }

    /// Learns one outcome, from 0 to 1.
    pub fn learn(&mut self, offer: u32, placement: u32, features: &Features, outcome: f64) {
        let score = self.score(offer, placement, features);
        let expected = score.probability();
        let curvature = expected * (1.0 - expected);
        let shrink = 1.0 / (1.0 + curvature * score.variance);
        let step = (outcome - expected) * shrink;
        for (level, key) in self.levels.iter_mut().zip(keys(offer, placement)) {
            let weights = Arc::make_mut(level.models.entry(key).or_default());
            for (bucket, share) in &features.0 {
                let (prior, share) = (level.variances.of(*bucket), f64::from(*share));
                let weight = weights.entry(*bucket).or_default();
                let (mean, variance) = weight.posterior(prior);
                let reach = variance * share;
                let precision = 1.0 / (variance - reach * reach * curvature * shrink);
                *weight = Weight {
                    precision: (precision - 1.0 / prior).max(0.0),
                    information: precision * (mean + reach * step),
                };
            }
        }
        self.learned += 1;
        if self.learned.is_multiple_of(REFRESH_REWARDS) {
            let first = VARIANCES_FIRST.iter();
            self.levels
                .iter_mut()
                .zip(first)
                .for_each(|(level, first)| level.refresh(first));
        }
    }
}

impl Level {
    /// The variance of the prior is the mean square of the weights, those of the first guess among
    /// them.
    fn refresh(&mut self, first: &Variances) {
        let mut sums = [(0.0, 0.0); 2];
        for weights in self.models.values() {
            for (bucket, weight) in weights.iter() {
                let (mean, variance) = weight.posterior(self.variances.of(*bucket));
                let (sum, count) = &mut sums[usize::from(*bucket == COMMON)];
                *sum += mean * mean + variance;
                *count += 1.0;
            }
        }
        let [specific, common] = sums;
        let learned = |(sum, count): (f64, f64), first: f64| {
            let mean = (sum + VARIANCE_WEIGHTS * first) / (count + VARIANCE_WEIGHTS);
            mean.clamp(VARIANCE_RANGE.0, VARIANCE_RANGE.1.max(first))
        };
        self.variances = Variances {
            specific: learned(specific, first.specific),
            common: learned(common, first.common),
        };
    }
}

/// Shared weights are stored as if they were not.
mod shared {
    use super::{Arc, BTreeMap, Weight};
    use serde::{Deserialize, Deserializer, Serializer};

    type Models<T> = BTreeMap<(u32, u32), T>;

    pub fn serialize<S: Serializer>(
        models: &Models<Arc<BTreeMap<u16, Weight>>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(models.iter().map(|(key, weights)| (key, &**weights)))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Models<Arc<BTreeMap<u16, Weight>>>, D::Error> {
        let models = Models::<BTreeMap<u16, Weight>>::deserialize(deserializer)?;
        let shared = models.into_iter();
        Ok(shared
            .map(|(key, weights)| (key, Arc::new(weights)))
            .collect())
    }
}

impl Score {
    /// The probability of a reward, with what is not known of the logit averaged over (MacKay
    /// 1992).
    pub fn probability(&self) -> f64 {
        let scale = (1.0 + std::f64::consts::PI * self.variance / 8.0).sqrt();
        logistic(self.mean / scale)
    }
}

/// The probability of a logit.
pub(super) fn logistic(logit: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-logit))
}

/// Where the models of each level are kept.
fn keys(offer: u32, placement: u32) -> [(u32, u32); LEVELS] {
    const ANY: u32 = u32::MAX;
    [
        (ANY, ANY),
        (offer, ANY),
        (ANY, placement),
        (offer, placement),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use kith_base::{Random, Value};

    fn features(value: &str) -> Features {
        Features::encode(&[("x".into(), Value::from(value))]).unwrap()
    }

    #[test]
    fn it_learns_what_depends_on_a_fact() {
        let (mut model, mut random) = (Model::default(), Random::new(1));
        for _ in 0..4_000 {
            let offer = random.below(2) as u32;
            let value = random.below(2) as usize;
            let rate = [[0.3, 0.1], [0.1, 0.3]][offer as usize][value];
            let outcome = f64::from(u8::from(random.chance(rate)));
            model.learn(offer, 0, &features(["a", "b"][value]), outcome);
        }
        let rate = |offer, value| model.score(offer, 0, &features(value)).probability();
        for (offer, value, expect) in [(0, "a", 0.3), (0, "b", 0.1), (1, "a", 0.1), (1, "b", 0.3)] {
            let rate = rate(offer, value);
            assert!((rate - expect).abs() < 0.05, "{offer} {value}: {rate}");
        }
    }

    #[test]
    fn a_new_placement_starts_from_what_the_offer_did_elsewhere() {
        let (mut model, mut random) = (Model::default(), Random::new(2));
        for _ in 0..3_000 {
            let offer = random.below(2) as u32;
            let rate = [0.05, 0.3][offer as usize];
            let outcome = f64::from(u8::from(random.chance(rate)));
            model.learn(offer, random.below(3) as u32, &Features::none(), outcome);
        }
        let new = |offer| model.score(offer, 9, &Features::none());
        assert!(new(1).probability() > new(0).probability() + 0.1);
        let known = model.score(1, 0, &Features::none());
        assert!(
            new(1).variance > known.variance,
            "it is less certain of a new placement"
        );
        let unseen = model.score(7, 9, &Features::none());
        assert!((0.08..0.3).contains(&unseen.probability()), "{unseen:?}");
    }

    #[test]
    fn certainty_grows_and_stays_finite() {
        let mut model = Model::default();
        let mut last = f64::INFINITY;
        for number in 0..2_000 {
            model.learn(
                0,
                0,
                &features("a"),
                if number % 10 == 0 { 1.0 } else { 0.0 },
            );
            let score = model.score(0, 0, &features("a"));
            assert!(score.mean.is_finite() && score.variance > 0.0);
            if number % 500 == 499 {
                assert!(score.variance < last);
                last = score.variance;
            }
        }
        let rate = model.score(0, 0, &features("a")).probability();
        assert!((rate - 0.1).abs() < 0.03, "{rate}");
    }
}
