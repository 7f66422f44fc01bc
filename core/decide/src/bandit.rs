//! Learning which offer works in which placement, for whom.
//!
//! A [`Bandit`] is a fold of the log: [`Bandit::fold`] takes the decisions, their rewards and the
//! passing of time, in the log's order, and gives the same state for the same facts. It does not
//! depend on a clock, and has no randomness: exploration is drawn from the decision's seed.
//!
//! [`Bandit::propose`] answers for one placement and person with which probability each eligible
//! offer should be shown, and [`Proposal::draw`] draws from them. **The propensities are exact**:
//! an offer is drawn from the very probabilities that are logged. What is computed with an error,
//! stated in [`Bandit::propose`], is only how close they are to Thompson sampling.
//!
//! - [`Features`] turns facts into terms of a linear model.
//! - The model: logistic, one per offer and placement, with pooled priors.
//! - Outcomes are learned when a decision's attribution window closes. Duplicates, rewards that
//!   come too late, of unknown decisions, or that are no numbers change nothing and say why
//!   ([`Ignored`]).
//! - The gate ([`GateVerdict`]): what was learned serves only while it is shown to earn more than
//!   the best fixed offer; until then that offer serves, and a small share goes on exploring.
//!
//! The state is not a sum: a step of the model depends on those before it, so replay must keep the
//! log's order.

mod features;
mod gate;
mod ledger;
mod model;
mod thompson;
mod verdict;

pub use features::{FeatureName, Features, NotFinite};
pub use gate::{Figure, Serves};
pub use ledger::Ignored;
pub use verdict::GateVerdict;

use std::collections::BTreeMap;

use kith_base::limits::{BANDIT_NAMES_MAX, BANDIT_OFFERS_MAX};
use kith_base::{Duration, Random, Timestamp};
use serde::{Deserialize, Serialize};

use gate::{Gate, Settled};
use ledger::{Ledger, Pending};
use model::Model;

/// How a bandit explores and waits.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Share of decisions that is spread equally over all candidates, always.
    pub floor: f64,
    /// Share of decisions that what was learned serves while the best fixed offer serves the rest.
    pub trial: f64,
    /// Share of decisions that the best fixed offer keeps while what was learned serves the rest,
    /// so that the lift stays known.
    pub holdout: f64,
    /// How long after a decision a reward may come.
    pub window: Duration,
}

impl Settings {
    fn bounded(self) -> Self {
        Settings {
            floor: self.floor.clamp(0.001, 1.0),
            trial: self.trial.clamp(0.0, 1.0),
            holdout: self.holdout.clamp(0.0, 1.0),
            window: self.window,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            floor: 0.02,
            trial: 0.2,
            holdout: 0.1,
            window: Duration::from_days(1),
        }
    }
}

/// What happened, in the log's order.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// A placement was filled.
    Decided(Decided),
    /// Something came of it.
    Rewarded {
        /// Of which decision.
        decision: String,
        /// From 0 to 1.
        reward: f64,
        /// When.
        at: Timestamp,
    },
    /// No outcome can follow any more, for a reason that does not depend on the outcome, such as
    /// the end of the visit.
    Closed {
        /// Of which decision.
        decision: String,
    },
    /// It is now this late.
    Passed(Timestamp),
}

/// A decision as it was logged.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    /// Its id.
    pub decision: String,
    /// Where.
    pub placement: String,
    /// What was known.
    pub features: Features,
    /// Everything that could have been shown.
    pub candidates: Vec<Considered>,
    /// Place of the one that was.
    pub chosen: usize,
    /// When.
    pub at: Timestamp,
    /// How long a reward may come; `None` for as long as the settings say.
    pub window: Option<Duration>,
}

/// One candidate of a logged decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Considered {
    /// Id of the offer.
    pub offer: String,
    /// What a reward of 1 is worth.
    pub value: f64,
    /// With which probability it was shown.
    pub propensity: f64,
    /// With which what was learned would have shown it: [`Proposal::learned`].
    pub learned: f64,
}

/// Something that may be shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arm<'a> {
    /// Id of the offer.
    pub offer: &'a str,
    /// What a reward of 1 is worth; above 0.
    pub value: f64,
}

/// With which probability each candidate should be shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// Propensities, in the order of the candidates; they add up to 1.
    pub propensities: Vec<f64>,
    /// What was learned alone, with the floor under it.
    pub learned: Vec<f64>,
    /// Expected probability of a reward.
    pub expected: Vec<f64>,
    /// Which policy serves.
    pub serves: Serves,
}

/// What is known of one offer in one placement.
#[derive(Clone, Debug, PartialEq)]
pub struct OfferFigures {
    /// Its id.
    pub offer: String,
    /// Times that it was shown and the outcome is known.
    pub shown: u64,
    /// What that earned.
    pub earned: f64,
    /// What it would earn per decision if it alone were shown.
    pub alone: Option<Figure>,
}

/// Learns and proposes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bandit {
    settings: Settings,
    names: BTreeMap<String, u32>,
    model: Model,
    gates: BTreeMap<u32, Gate>,
    ledger: Ledger,
    clock: Timestamp,
}

impl Bandit {
    /// Knows nothing.
    pub fn new(settings: Settings) -> Self {
        Bandit {
            settings: settings.bounded(),
            names: BTreeMap::new(),
            model: Model::default(),
            gates: BTreeMap::new(),
            ledger: Ledger::default(),
            clock: Timestamp::ZERO,
        }
    }

    /// Takes the next fact of the log. An ignored one changes nothing, but that time passed.
    pub fn fold(&mut self, fact: Fact) -> Result<(), Ignored> {
        match fact {
            Fact::Decided(decided) => {
                self.pass(decided.at);
                self.open(decided)
            }
            Fact::Rewarded {
                decision,
                reward,
                at,
            } => self.ledger.reward(&decision, reward, at),
            Fact::Closed { decision } => {
                let pending = self.ledger.close(&decision)?;
                self.settle(&pending);
                Ok(())
            }
            Fact::Passed(now) => {
                self.pass(now);
                Ok(())
            }
        }
    }

    /// The probabilities for the eligible offers of a placement, which are at most
    /// [`BANDIT_OFFERS_MAX`]; none of no offer. Those of what was learned are within 0.01 of
    /// Thompson sampling's over the model. Takes time linear in offers, a hundred points of a grid
    /// each.
    pub fn propose(&self, placement: &str, features: &Features, arms: &[Arm<'_>]) -> Proposal {
        self.propose_under(&self.settings, placement, features, arms)
    }

    /// The same with the settings of the placement.
    pub fn propose_under(
        &self,
        settings: &Settings,
        placement: &str,
        features: &Features,
        arms: &[Arm<'_>],
    ) -> Proposal {
        let settings = settings.bounded();
        let arms = &arms[..arms.len().min(BANDIT_OFFERS_MAX)];
        let (place, numbers) = (self.number(placement), self.numbers(arms));
        let score = |number: &u32| self.model.score(*number, place, features);
        let scores: Vec<_> = numbers.iter().map(score).collect();
        let valued = scores
            .iter()
            .zip(arms)
            .map(|(score, arm)| (*score, usable(arm.value)));
        let thompson = thompson::probabilities(&valued.collect::<Vec<_>>());
        let mix = |shares: &[(&[f64], f64)]| -> Vec<f64> {
            let equal = settings.floor / arms.len() as f64;
            let mixed = |arm: usize| shares.iter().map(|(p, share)| p[arm] * share).sum::<f64>();
            let kept = 1.0 - settings.floor;
            (0..arms.len())
                .map(|arm| equal + kept * mixed(arm))
                .collect()
        };
        let learned = mix(&[(&thompson, 1.0)]);
        let gate = self.gates.get(&place);
        let serves = gate.map_or(Serves::Turns, |gate| gate.verdict().serves);
        let best = gate.and_then(|gate| gate.best(numbers.iter().copied()));
        let best = best.and_then(|best| numbers.iter().position(|number| *number == best));
        let propensities = match (best, serves) {
            (Some(best), Serves::Fixed | Serves::Learned) => {
                let mut alone = vec![0.0; arms.len()];
                alone[best] = 1.0;
                let share = match serves {
                    Serves::Learned => 1.0 - settings.holdout,
                    _ => settings.trial,
                };
                mix(&[(&alone, 1.0 - share), (&thompson, share)])
            }
            // Nothing is known of any of these offers.
            _ => vec![1.0 / arms.len() as f64; arms.len()],
        };
        Proposal {
            propensities,
            learned,
            expected: scores.iter().map(model::Score::probability).collect(),
            serves,
        }
    }

    /// Which policy serves in a placement, in figures and words.
    pub fn gate(&self, placement: &str) -> GateVerdict {
        let gate = self.gates.get(&self.number(placement));
        let verdict = gate.map_or_else(|| Gate::default().verdict(), Gate::verdict);
        let name = |number: u32| {
            let found = self.names.iter().find(|(_, known)| **known == number);
            found.map_or_else(String::new, |(name, _)| name.clone())
        };
        GateVerdict::new(verdict, name)
    }

    /// What is known of the offers of a placement whose outcomes are known, by id.
    pub fn offers(&self, placement: &str) -> Vec<OfferFigures> {
        let Some(gate) = self.gates.get(&self.number(placement)) else {
            return Vec::new();
        };
        let names: BTreeMap<u32, &String> = self
            .names
            .iter()
            .map(|(name, number)| (*number, name))
            .collect();
        let figures = gate.offers().into_iter();
        let mut figures: Vec<OfferFigures> = figures
            .filter_map(|(number, shown, earned, alone)| {
                let offer = (*names.get(&number)?).clone();
                Some(OfferFigures {
                    offer,
                    shown,
                    earned,
                    alone,
                })
            })
            .collect();
        figures.sort_by(|a, b| a.offer.cmp(&b.offer));
        figures
    }

    /// The same without what waits for its outcome: it proposes and judges alike.
    pub fn served(&self) -> Bandit {
        Bandit {
            settings: self.settings,
            names: self.names.clone(),
            model: self.model.clone(),
            gates: self.gates.clone(),
            ledger: Ledger::default(),
            clock: self.clock,
        }
    }

    /// Decisions whose outcome is awaited.
    pub fn pending(&self) -> usize {
        self.ledger.len()
    }

    /// When the next attribution window closes: a [`Fact::Passed`] of then teaches something.
    pub fn next_close(&self) -> Option<Timestamp> {
        self.ledger.next_close()
    }

    fn open(&mut self, decided: Decided) -> Result<(), Ignored> {
        self.ledger.check_new(&decided.decision)?;
        check(&decided)?;
        let names = decided.candidates.len() + 1;
        if self.names.len() + names > BANDIT_NAMES_MAX {
            let known = |name: &String| self.names.contains_key(name);
            let offers = decided.candidates.iter().map(|candidate| &candidate.offer);
            if !offers.chain([&decided.placement]).all(known) {
                return Err(Ignored::TooManyNames);
            }
        }
        let placement = self.intern(decided.placement);
        let chosen = &decided.candidates[decided.chosen];
        let (propensity, value) = (chosen.propensity, chosen.value);
        let candidates = decided.candidates.into_iter();
        let candidates = candidates.map(|one| (self.intern(one.offer), one.learned as f32));
        let pending = Pending {
            placement,
            features: decided.features,
            candidates: candidates.collect(),
            chosen: decided.chosen as u32,
            propensity,
            value,
            at: decided.at,
            closes_at: decided
                .at
                .plus(decided.window.unwrap_or(self.settings.window)),
            reward: None,
        };
        self.ledger.open(decided.decision, pending);
        Ok(())
    }

    fn pass(&mut self, now: Timestamp) {
        self.clock = self.clock.max(now);
        while let Some(pending) = self.ledger.next_closed(self.clock) {
            self.settle(&pending);
        }
    }

    fn settle(&mut self, pending: &Pending) {
        let reward = pending.reward.unwrap_or(0.0);
        let chosen = pending.chosen as usize;
        let (offer, _) = pending.candidates[chosen];
        self.gates
            .entry(pending.placement)
            .or_default()
            .settle(&Settled {
                candidates: &pending.candidates,
                chosen,
                propensity: pending.propensity,
                earned: pending.value * reward,
            });
        self.model
            .learn(offer, pending.placement, &pending.features, reward);
    }

    fn number(&self, name: &str) -> u32 {
        self.names.get(name).copied().unwrap_or(UNKNOWN)
    }

    /// Offers that were never logged get numbers of their own, after all others.
    fn numbers(&self, arms: &[Arm<'_>]) -> Vec<u32> {
        let unknown = (self.names.len() as u32..).take(arms.len());
        let pairs = arms.iter().zip(unknown);
        pairs
            .map(|(arm, unknown)| self.names.get(arm.offer).copied().unwrap_or(unknown))
            .collect()
    }

    fn intern(&mut self, name: String) -> u32 {
        let next = self.names.len() as u32;
        *self.names.entry(name).or_insert(next)
    }
}

/// The number of a placement that was never logged.
const UNKNOWN: u32 = u32::MAX - 1;

impl Proposal {
    /// Draws one candidate from the decision's seed: its place and propensity. `None` of no
    /// candidates.
    pub fn draw(&self, seed: u64) -> Option<(usize, f64)> {
        self.draw_many(seed, 1).first().copied()
    }

    /// Draws several without repeats, best place first. Each propensity is that of being drawn
    /// after the ones before it.
    pub fn draw_many(&self, seed: u64, count: usize) -> Vec<(usize, f64)> {
        let mut random = Random::from_parts("bandit", &[&seed.to_be_bytes()]);
        let mut left = self.propensities.clone();
        let mut drawn = Vec::new();
        while drawn.len() < count.min(self.propensities.len()) {
            let sum: f64 = left.iter().sum();
            let arm = thompson::draw(&left, &mut random);
            drawn.push((arm, left[arm] / sum));
            left[arm] = 0.0;
        }
        drawn
    }
}

/// A value that may be multiplied with: what is not above zero is next to nothing.
fn usable(value: f64) -> f64 {
    const LEAST: f64 = 1e-9;
    if value.is_finite() {
        value.max(LEAST)
    } else {
        LEAST
    }
}

fn check(decided: &Decided) -> Result<(), Ignored> {
    let candidates = &decided.candidates;
    if candidates.len() > BANDIT_OFFERS_MAX {
        return Err(Ignored::Candidates);
    }
    let chosen = candidates.get(decided.chosen).ok_or(Ignored::Candidates)?;
    let is_probability = |p: f64| (0.0..=1.0).contains(&p);
    let are_probabilities =
        |one: &Considered| is_probability(one.propensity) && is_probability(one.learned);
    if !candidates.iter().all(are_probabilities) || chosen.propensity <= 0.0 {
        return Err(Ignored::Propensity);
    }
    if !candidates
        .iter()
        .all(|one| one.value.is_finite() && one.value > 0.0)
    {
        return Err(Ignored::Value);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
