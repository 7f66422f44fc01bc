//! May what was learned serve? Only while it is shown to earn more than the best fixed offer.
//!
//! Every settled decision says, by its propensities, what the learned policy would have earned and
//! what each offer alone would have, doubly robust with means of earlier outcomes. The learned
//! policy's probabilities are those of the moment of the decision, before its outcome was known.
//! The lift over an offer is the mean of the paired differences where that offer was a candidate.
//! Its lower bound is an asymptotic confidence sequence (Waudby-Smith, Arbour, Sinha, Kennedy,
//! Ramdas, *Time-uniform central limit theory and asymptotic confidence sequences*, Annals of
//! Statistics 2024), so that looking after every outcome does not open the gate by chance. It must
//! be above zero against every offer, which needs no correction for their number.
//!
//! A model improves, so old outcomes speak of an older one: they are counted in epochs, each twice
//! as long as the one before, and the last two are looked at.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Outcomes of a placement before which offers take turns.
pub const TURNS_OUTCOMES: u64 = 200;
/// Times that an offer must have been shown before it is compared.
pub const SHOWN_MIN: u64 = 20;
/// Probability that the gate of an epoch ever opens for a policy that is not better.
pub const ALPHA: f64 = 0.05;
/// Outcomes at which the bound is tightest.
const TIGHTEST_AT: f64 = 5_000.0;
/// Length of the first epoch.
const EPOCH_FIRST: u64 = 2_000;
/// Outcomes that the mean of all offers counts for in the mean of one.
const SHRINKAGE: f64 = 20.0;

/// What outcomes in one placement say.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    outcomes: u64,
    all: Mean,
    offers: BTreeMap<u32, Mean>,
    before: Epoch,
    now: Epoch,
}

/// What one settled decision says of the policies.
pub struct Settled<'a> {
    /// Candidates with the probability that the learned policy gave them.
    pub candidates: &'a [(u32, f32)],
    /// Place of the one that was shown.
    pub chosen: usize,
    /// With which probability.
    pub propensity: f64,
    /// What it earned.
    pub earned: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Mean {
    shown: u64,
    /// As it was, not weighted.
    got: f64,
    weight: f64,
    earned: f64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Epoch {
    outcomes: u64,
    learned: Sums,
    offers: BTreeMap<u32, (Sums, Sums)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Sums {
    count: f64,
    one: f64,
    two: f64,
}

/// Which policy serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Serves {
    /// Too few outcomes: offers take turns at random.
    Turns,
    /// The best fixed offer.
    Fixed,
    /// What was learned.
    Learned,
}

/// The gate's word and its figures, with offers by number.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Which policy serves.
    pub serves: Serves,
    /// Outcomes in this placement.
    pub outcomes: u64,
    /// The best fixed offer and its value.
    pub best: Option<(u32, Figure)>,
    /// Value of the learned policy.
    pub learned: Option<Figure>,
    /// How much more the learned policy earns than the best fixed offer.
    pub lift: Option<Figure>,
    /// The offer over which the lift is least certain, and its lower bound.
    pub hardest: Option<(u32, f64)>,
}

/// A mean per decision.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// The mean.
    pub value: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Its lower bound, at all times together.
    pub lower: f64,
    /// Outcomes that say so.
    pub outcomes: u64,
}

impl Gate {
    /// Counts a settled decision.
    pub fn settle(&mut self, settled: &Settled<'_>) {
        let (chosen, _) = settled.candidates[settled.chosen];
        let expected: Vec<f64> = settled
            .candidates
            .iter()
            .map(|(o, _)| self.expected(*o))
            .collect();
        let inverse = 1.0 / settled.propensity;
        let surprise = (settled.earned - expected[settled.chosen]) * inverse;
        let pairs = settled.candidates.iter().zip(&expected);
        let direct: f64 = pairs
            .clone()
            .map(|((_, p), expected)| f64::from(*p) * expected)
            .sum();
        let learned = direct + f64::from(settled.candidates[settled.chosen].1) * surprise;
        self.now.outcomes += 1;
        self.now.learned.add(learned);
        for ((offer, _), expected) in pairs {
            let alone = expected + if *offer == chosen { surprise } else { 0.0 };
            let (value, lift) = self.now.offers.entry(*offer).or_default();
            value.add(alone);
            lift.add(learned - alone);
        }
        for mean in [&mut self.all, self.offers.entry(chosen).or_default()] {
            mean.shown += 1;
            mean.got += settled.earned;
            mean.weight += inverse;
            mean.earned += settled.earned * inverse;
        }
        self.outcomes += 1;
        if self.now.outcomes >= EPOCH_FIRST.max(2 * self.before.outcomes) {
            self.before = std::mem::take(&mut self.now);
        }
    }

    fn expected(&self, offer: u32) -> f64 {
        let all = self.all.earned / self.all.weight.max(1.0);
        match self.offers.get(&offer) {
            // The weights of an offer add up to about as many as there were outcomes.
            Some(mean) if mean.weight > 0.0 => {
                let share = mean.shown as f64 / (mean.shown as f64 + SHRINKAGE);
                share * mean.earned / mean.weight + (1.0 - share) * all
            }
            _ => all,
        }
    }

    /// The one of these offers with the highest mean, as far as any was shown often enough.
    pub fn best(&self, offers: impl IntoIterator<Item = u32>) -> Option<u32> {
        let known = |offer: &u32| {
            self.offers
                .get(offer)
                .is_some_and(|mean| mean.shown >= SHOWN_MIN)
        };
        let valued = offers
            .into_iter()
            .filter(known)
            .map(|offer| (self.expected(offer), offer));
        let best = valued.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        best.map(|(_, offer)| offer)
    }

    /// What is known of each offer: how often it was shown, what that earned, and what it would
    /// earn alone per decision.
    pub fn offers(&self) -> Vec<(u32, u64, f64, Option<Figure>)> {
        let figure = |offer: &u32| {
            let mut sums = Sums::default();
            for epoch in [&self.before, &self.now] {
                if let Some((value, _)) = epoch.offers.get(offer) {
                    sums.merge(value);
                }
            }
            sums.figure()
        };
        let offers = self.offers.iter();
        offers
            .map(|(offer, mean)| (*offer, mean.shown, mean.got, figure(offer)))
            .collect()
    }

    /// Which policy serves, and why.
    pub fn verdict(&self) -> Verdict {
        let mut learned = self.before.learned;
        learned.merge(&self.now.learned);
        let mut offers = self.before.offers.clone();
        for (offer, (value, lift)) in &self.now.offers {
            let entry = offers.entry(*offer).or_default();
            entry.0.merge(value);
            entry.1.merge(lift);
        }
        let best = self.best(self.offers.keys().copied());
        let figures = best.and_then(|best| Some((best, offers.get(&best)?)));
        let shown = |offer: &u32| {
            self.offers
                .get(offer)
                .is_some_and(|mean| mean.shown >= SHOWN_MIN)
        };
        let bounds = offers.iter().filter(|(offer, _)| shown(offer));
        let bounds = bounds.filter_map(|(offer, (_, lift))| Some((*offer, lift.figure()?.lower)));
        let hardest = bounds.min_by(|a, b| a.1.total_cmp(&b.1));
        let serves = if self.outcomes < TURNS_OUTCOMES || best.is_none() {
            Serves::Turns
        } else if hardest.is_some_and(|(_, lower)| lower > 0.0) {
            Serves::Learned
        } else {
            Serves::Fixed
        };
        Verdict {
            serves,
            outcomes: self.outcomes,
            best: figures.and_then(|(best, (value, _))| Some((best, value.figure()?))),
            learned: learned.figure(),
            lift: figures.and_then(|(_, (_, lift))| lift.figure()),
            hardest,
        }
    }
}

impl Sums {
    fn add(&mut self, term: f64) {
        self.count += 1.0;
        self.one += term;
        self.two += term * term;
    }

    fn merge(&mut self, other: &Sums) {
        self.count += other.count;
        self.one += other.one;
        self.two += other.two;
    }

    fn figure(&self) -> Option<Figure> {
        if self.count < 2.0 {
            return None;
        }
        let value = self.one / self.count;
        let variance = (self.two / self.count - value * value).max(0.0);
        let deviation = (variance * self.count / (self.count - 1.0)).sqrt();
        Some(Figure {
            value,
            standard_error: deviation / self.count.sqrt(),
            lower: value - deviation * margin(self.count),
            outcomes: self.count as u64,
        })
    }
}

/// By how many deviations a mean of so many terms may ever be above the truth: the one-sided normal
/// mixture.
fn margin(count: f64) -> f64 {
    let log = -2.0 * libm::log(2.0 * ALPHA);
    let rho = (log + libm::log(log + 1.0)) / TIGHTEST_AT;
    let mixed = count * rho + 1.0;
    let bound = libm::log1p(mixed.sqrt() / (2.0 * ALPHA));
    (2.0 * mixed / (count * count * rho) * bound).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use kith_base::Random;

    const BY_KIND: [[f32; 2]; 2] = [[0.9, 0.1], [0.1, 0.9]];

    /// Two offers at random to two kinds of visitors. The learned policy has fixed probabilities by
    /// kind. Says whether the gate was ever open, too.
    fn play(
        rates: [[f64; 2]; 2],
        learned: [[f32; 2]; 2],
        outcomes: u64,
        seed: u64,
    ) -> (Gate, bool) {
        let (mut gate, mut random, mut ever) = (Gate::default(), Random::new(seed), false);
        for number in 0..outcomes {
            let kind = random.below(2) as usize;
            let chosen = random.below(2) as usize;
            let learned = learned[kind];
            let earned = f64::from(u8::from(random.chance(rates[kind][chosen])));
            gate.settle(&Settled {
                candidates: &[(0, learned[0]), (1, learned[1])],
                chosen,
                propensity: 0.5,
                earned,
            });
            ever |= number % 50 == 0 && gate.verdict().serves == Serves::Learned;
        }
        (gate, ever)
    }

    #[test]
    fn it_opens_for_a_policy_that_is_better() {
        let (gate, _) = play([[0.3, 0.1], [0.1, 0.3]], BY_KIND, 3_000, 1);
        let verdict = gate.verdict();
        assert_eq!(verdict.serves, Serves::Learned);
        let lift = verdict.lift.unwrap();
        assert!((lift.value - 0.08).abs() < 0.03, "{lift:?}");
        assert!(verdict.hardest.unwrap().1 > 0.0);
    }

    #[test]
    fn it_stays_shut_though_it_is_looked_at_all_the_time() {
        // The first offer alone earns as much as the policy, and the second less than both.
        let (rates, learned) = ([[0.2, 0.1], [0.2, 0.2]], [[1.0, 0.0], [0.0, 1.0]]);
        let opened = (0..200)
            .filter(|seed| play(rates, learned, 4_000, *seed).1)
            .count();
        assert!(opened <= 10, "it opened by chance in {opened} of 200 shops");
    }

    #[test]
    fn the_best_fixed_offer_serves_else() {
        let (gate, _) = play([[0.1, 0.3], [0.1, 0.3]], BY_KIND, 3_000, 3);
        let verdict = gate.verdict();
        assert_eq!(verdict.serves, Serves::Fixed);
        assert_eq!(verdict.best.unwrap().0, 1);
        assert_eq!(gate.best([0]), Some(0));
        assert_eq!(gate.best([7]), None);
    }

    #[test]
    fn offers_take_turns_at_the_beginning() {
        assert_eq!(Gate::default().verdict().serves, Serves::Turns);
        let (gate, _) = play([[0.9, 0.0], [0.0, 0.9]], BY_KIND, TURNS_OUTCOMES - 1, 4);
        assert_eq!(gate.verdict().serves, Serves::Turns);
    }
}
