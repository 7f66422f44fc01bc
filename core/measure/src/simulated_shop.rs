//! A shop with a known truth: two segments of visitors, three offers, and logs of a fixed policy or
//! of one that learns while it serves. All of it follows from a seed.
//!
//! The offers are close to each other, which is the hard case for a log that was collected
//! adaptively: in some runs an offer has bad luck at the beginning and is then rarely shown.

use kith_base::Random;

use crate::policy_value::{
    Candidate, Estimator, Evaluation, Evaluator, Interval, LogKind, Logged, Settings,
};

/// Offers of the shop.
pub const ARMS: usize = 3;
/// Segments of visitors, equally large.
pub const SEGMENTS: usize = 2;
/// Draws from the posterior from which a batch's propensities are counted.
const POSTERIOR_DRAWS: usize = 60;

/// How the shop chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collector {
    /// By unequal probabilities that stay the same.
    Fixed,
    /// By Thompson sampling per segment, with a floor below every propensity.
    Thompson,
}

/// The shop and how long it is watched.
#[derive(Clone, Copy, Debug)]
pub struct Shop {
    /// Probability of a reward by segment and arm.
    pub rates: [[f64; ARMS]; SEGMENTS],
    /// How it chooses.
    pub collector: Collector,
    /// Decisions in one log.
    pub decisions: usize,
    /// Decisions between two looks at the rewards.
    pub batch: usize,
    /// Least probability of every arm under Thompson sampling.
    pub floor: f64,
}

/// A policy whose value is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// What it is called in figures.
    pub name: &'static str,
    /// Its probabilities by segment and arm.
    pub probabilities: [[f64; ARMS]; SEGMENTS],
}

/// The policies that are evaluated.
pub const TARGETS: [Target; 2] = [
    Target {
        name: "one offer for all",
        probabilities: [[1.0, 0.0, 0.0]; SEGMENTS],
    },
    Target {
        name: "by segment",
        probabilities: [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    },
];

/// Probabilities of [`Collector::Fixed`].
const FIXED: [[f64; ARMS]; SEGMENTS] = [[0.5, 0.3, 0.2]; SEGMENTS];

/// One decision of a log.
#[derive(Clone, Copy, Debug)]
pub struct Play {
    /// Of the visitor.
    pub segment: usize,
    /// Of each arm.
    pub propensities: [f64; ARMS],
    /// What was shown.
    pub chosen: usize,
    /// 1 or 0.
    pub reward: f64,
}

impl Shop {
    /// The shop of the published figures.
    pub fn new(collector: Collector) -> Self {
        Shop {
            rates: [[0.4, 0.45, 0.4], [0.15, 0.15, 0.2]],
            collector,
            decisions: 3_000,
            batch: 50,
            floor: 0.03,
        }
    }

    /// What a policy truly earns per decision.
    pub fn truth(&self, target: &Target) -> f64 {
        let pairs = self.rates.iter().zip(&target.probabilities);
        let earned = |(rates, chances): (&[f64; ARMS], &[f64; ARMS])| -> f64 {
            rates.iter().zip(chances).map(|(rate, p)| rate * p).sum()
        };
        pairs.map(earned).sum::<f64>() / SEGMENTS as f64
    }

    /// One log.
    pub fn play(&self, seed: u64, mut each: impl FnMut(&Play)) {
        let mut random = Random::new(seed);
        let mut posterior = [[(1.0, 1.0); ARMS]; SEGMENTS];
        let mut propensities = FIXED;
        for number in 0..self.decisions {
            if self.collector == Collector::Thompson && number % self.batch == 0 {
                for (segment, p) in propensities.iter_mut().enumerate() {
                    *p = thompson(&posterior[segment], self.floor, &mut random);
                }
            }
            let segment = random.below(SEGMENTS as u64) as usize;
            let chosen = draw(&propensities[segment], random.unit());
            let rewarded = random.chance(self.rates[segment][chosen]);
            let (successes, failures) = &mut posterior[segment][chosen];
            *if rewarded { successes } else { failures } += 1.0;
            each(&Play {
                segment,
                propensities: propensities[segment],
                chosen,
                reward: f64::from(u8::from(rewarded)),
            });
        }
    }

    /// Evaluates a policy on one log.
    pub fn evaluate(&self, target: &Target, log: LogKind, seed: u64) -> Run {
        let mut evaluator = Evaluator::new(Settings::new(log));
        let mut matched = (0.0, 0.0);
        self.play(seed, |play| {
            let targets = &target.probabilities[play.segment];
            let candidate = |arm: usize| Candidate {
                arm: arm as u64,
                propensity: Some(play.propensities[arm]),
                target: targets[arm],
            };
            let candidates: [Candidate; ARMS] = std::array::from_fn(candidate);
            let taken = evaluator.push(&Logged {
                context: play.segment as u64,
                slot: 0,
                candidates: &candidates,
                chosen: play.chosen,
                reward: play.reward,
            });
            taken.expect("the shop's records are well-formed");
            matched.0 += targets[play.chosen];
            matched.1 += targets[play.chosen] * play.reward;
        });
        Run {
            evaluation: evaluator.finish(),
            matched,
        }
    }

    /// How often the intervals of many logs hold the truth. `log` says what the evaluation is told
    /// of the log; told a falsehood, it shows what would go wrong.
    pub fn coverage(&self, target: &Target, log: LogKind, seeds: std::ops::Range<u64>) -> Coverage {
        let truth = self.truth(target);
        let mut coverage = Coverage {
            truth,
            runs: 0,
            refused: 0,
            rows: Vec::new(),
        };
        let mut rows = std::collections::BTreeMap::<&'static str, Row>::new();
        for seed in seeds {
            let run = self.evaluate(target, log, seed);
            coverage.runs += 1;
            let Ok(estimates) = &run.evaluation.answer else {
                coverage.refused += 1;
                continue;
            };
            let valued = estimates.all().iter().filter_map(|estimate| {
                Some((
                    estimate.estimator.name(),
                    estimate.value,
                    estimate.interval?,
                ))
            });
            for (name, value, interval) in valued.chain(run.matched()) {
                rows.entry(name)
                    .or_insert_with(|| Row::new(name))
                    .add(value, interval, truth);
            }
        }
        let order = Estimator::ALL.map(Estimator::name);
        coverage.rows = order.iter().filter_map(|name| rows.remove(name)).collect();
        coverage.rows.extend(rows.into_values());
        coverage
    }
}

/// One evaluated log.
#[derive(Clone, Debug)]
pub struct Run {
    /// Of the policy in question.
    pub evaluation: Evaluation,
    /// Decisions as the policy would have taken them, and their rewards.
    matched: (f64, f64),
}

impl Run {
    /// The mean reward of the decisions that the policy would have taken too, with a normal
    /// interval: what a dashboard shows, and wrong wherever the log was not made at random.
    fn matched(&self) -> Option<(&'static str, f64, Interval)> {
        let (shown, rewards) = self.matched;
        let mean = rewards / shown;
        let error = (mean * (1.0 - mean) / shown).sqrt();
        let half = crate::normal::quantile(0.975) * error;
        let interval = Interval {
            low: mean - half,
            high: mean + half,
            standard_error: Some(error),
        };
        (shown > 0.0).then_some(("matched_mean", mean, interval))
    }
}

/// How often intervals held the truth.
#[derive(Clone, Debug)]
pub struct Coverage {
    /// The policy's value.
    pub truth: f64,
    /// Logs played.
    pub runs: u32,
    /// Of which so many had no overlap.
    pub refused: u32,
    /// One for each estimator with an interval, and `matched_mean`.
    pub rows: Vec<Row>,
}

/// Of one estimator.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// Intervals made.
    pub intervals: u32,
    /// Of which so many held the truth.
    pub held: u32,
    errors: f64,
    squared_errors: f64,
    widths: f64,
}

impl Row {
    fn new(name: &'static str) -> Self {
        Row {
            name,
            intervals: 0,
            held: 0,
            errors: 0.0,
            squared_errors: 0.0,
            widths: 0.0,
        }
    }

    fn add(&mut self, value: f64, interval: Interval, truth: f64) {
        self.intervals += 1;
        self.held += u32::from(interval.holds(truth));
        self.errors += value - truth;
        self.squared_errors += (value - truth) * (value - truth);
        self.widths += interval.high - interval.low;
    }

    /// Share of intervals that held the truth.
    pub fn share(&self) -> f64 {
        f64::from(self.held) / f64::from(self.intervals)
    }

    /// Mean of estimate minus truth.
    pub fn bias(&self) -> f64 {
        self.errors / f64::from(self.intervals)
    }

    /// Root of the mean squared error.
    pub fn error(&self) -> f64 {
        (self.squared_errors / f64::from(self.intervals)).sqrt()
    }

    /// Mean width of the intervals.
    pub fn width(&self) -> f64 {
        self.widths / f64::from(self.intervals)
    }
}

impl Coverage {
    /// The row of an estimator.
    pub fn row(&self, name: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.name == name)
    }
}

/// How often each arm is best among draws from normal posteriors, above the floor. Arms are then
/// drawn by exactly these probabilities, so they are true propensities.
fn thompson(posterior: &[(f64, f64); ARMS], floor: f64, random: &mut Random) -> [f64; ARMS] {
    let mut best = [0.0; ARMS];
    for _ in 0..POSTERIOR_DRAWS {
        let (mut top, mut highest) = (0, f64::NEG_INFINITY);
        for (arm, (successes, failures)) in posterior.iter().enumerate() {
            let total = successes + failures;
            let mean = successes / total;
            let deviation = (mean * (1.0 - mean) / (total + 1.0)).sqrt();
            let value = mean + deviation * normal(random);
            if value > highest {
                (top, highest) = (arm, value);
            }
        }
        best[top] += 1.0 / POSTERIOR_DRAWS as f64;
    }
    best.map(|p| floor + (1.0 - floor * ARMS as f64) * p)
}

/// A standard normal (Box and Muller 1958).
fn normal(random: &mut Random) -> f64 {
    let radius = (-2.0 * libm::log(1.0 - random.unit())).sqrt();
    radius * libm::cos(std::f64::consts::TAU * random.unit())
}

fn draw(probabilities: &[f64; ARMS], mut at: f64) -> usize {
    for (arm, p) in probabilities.iter().enumerate() {
        if at < *p {
            return arm;
        }
        at -= p;
    }
    ARMS - 1
}
