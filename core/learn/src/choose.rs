//! The choice of models and their settings, on training data only.
//!
//! Every family is tried over a small grid and judged by NDCG at 10 on what was left out of the
//! training data; then the best of each family are blended, one after the other, as long as the
//! blend is better by more than noise.

use kith_base::limits;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::evaluate::{self, Case, Figures};
use crate::interactions::Interactions;
use crate::linear::Gram;
use crate::model::{Context, Mask, Model, Part};
use crate::rank;
use crate::scores::Scores;
use crate::{factors, linear, neighbours, popular};

mod within;

pub use within::{Bounds, Chosen, Evaluation, USERS_MIN, within};

/// A model before it has learned.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Spec {
    /// How many users touched an item.
    Popular,
    /// Item to item.
    Neighbours(neighbours::Settings),
    /// EASE^R, or EDLAE when something is dropped.
    Linear(linear::Settings),
    /// Alternating least squares.
    Factors(factors::Settings),
}

/// One setting and how well it did.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// Parts with weights.
    pub parts: Vec<(f32, Spec)>,
    /// NDCG at 10 on what was left out.
    pub ndcg_at_10: f64,
}

/// What was chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// The model to serve.
    pub parts: Vec<(f32, Spec)>,
    /// The best of each family, by name.
    pub families: Vec<(&'static str, Spec)>,
    /// Everything that was tried, in order.
    pub trials: Vec<Trial>,
}

const DECAYS: [f32; 4] = [1.0, 0.8, 0.6, 0.4];
const FOLLOWING: [f32; 4] = [0.0, 1.0, 2.0, 4.0];
const LAMBDAS: [f64; 7] = [50.0, 100.0, 200.0, 500.0, 1_000.0, 2_000.0, 5_000.0];
const DROPOUTS: [f64; 3] = [0.2, 0.4, 0.5];
const RIDGES: [f32; 4] = [3.0, 10.0, 30.0, 100.0];
const ALPHAS: [f32; 2] = [4.0, 16.0];
const BLEND_WEIGHTS: [f32; 5] = [0.1, 0.25, 0.5, 1.0, 2.0];
/// A blend is taken when it is better by more than this share.
const BLEND_GAIN_MIN: f64 = 0.003;
/// Touches up to which factors are tried; each trial takes seconds per million.
const FACTORS_TOUCHES_MAX: usize = 5_000_000;
/// Vectors while settings are tried, and the longer ones tried last.
const FACTORS_TRIED: [u32; 2] = [64, 128];
const FACTORS_ROUNDS: u32 = 15;

/// Tries and chooses.
pub fn choose(fit: &Interactions, cases: &[Case], seed: u64) -> Result<Choice, Error> {
    if fit.touches() == 0 {
        return Err(Error::Empty("no user touched an item"));
    }
    let judged = evaluate::sample(cases, limits::LEARN_JUDGED_USERS_MAX);
    let mut search = Search {
        fit,
        judged,
        trials: Vec::new(),
        families: Vec::new(),
    };
    search.popular();
    search.neighbours();
    if fit.items() <= limits::LEARN_LINEAR_TRIED_ITEMS_MAX {
        search.linear()?;
    }
    if fit.touches() <= FACTORS_TOUCHES_MAX {
        search.factors(seed)?;
    }
    search.blend();
    let first = search.trials.first().expect("popularity was tried");
    // Of equal ones the first, which is the simplest.
    let best = search.trials.iter().fold(first, |best, trial| {
        if trial.ndcg_at_10 > best.ndcg_at_10 {
            trial
        } else {
            best
        }
    });
    let parts = best.parts.clone();
    let families = search
        .families
        .iter()
        .map(|family| (family.name, family.spec))
        .collect();
    Ok(Choice {
        parts,
        families,
        trials: search.trials,
    })
}

/// Parts in words, such as `EDLAE λ 300, p 0.3 + 0.1 × iALS …`.
pub fn describe(parts: &[(f32, Spec)]) -> String {
    let each = parts.iter().map(|(weight, spec)| {
        let spec = match spec {
            Spec::Popular => "popular".to_owned(),
            Spec::Neighbours(told) => {
                let (following, decay) = (told.following, told.decay);
                format!("cosine + {following} following, decay {decay}")
            }
            Spec::Linear(told) if told.dropout == 0.0 => format!("EASE λ {}", told.lambda),
            Spec::Linear(told) => format!("EDLAE λ {}, p {}", told.lambda, told.dropout),
            Spec::Factors(told) => {
                let (factors, lambda, alpha) = (told.factors, told.lambda, told.alpha);
                format!("iALS {factors} factors, λ {lambda}, α {alpha}")
            }
        };
        match *weight {
            1.0 => spec,
            weight => format!("{weight} × {spec}"),
        }
    });
    each.collect::<Vec<_>>().join(" + ")
}

/// Learns what was chosen.
pub fn fit(parts: &[(f32, Spec)], interactions: &Interactions) -> Result<Model, Error> {
    let mut gram = None;
    let mut made = Vec::new();
    // Vectors cannot say why; what is touched together can, and counts for nothing else.
    if parts
        .iter()
        .all(|(_, spec)| matches!(spec, Spec::Factors(_)))
    {
        let settings = neighbours::Settings {
            following: 2.0,
            decay: 1.0,
        };
        let neighbours = neighbours::fit(interactions, settings);
        made.push((0.0, Part::Neighbours(neighbours)));
    }
    for (weight, spec) in parts {
        made.push((*weight, fit_part(spec, interactions, &mut gram)?));
    }
    Ok(Model {
        parts: made,
        popular: popular::fit(interactions),
    })
}

fn fit_part(
    spec: &Spec,
    interactions: &Interactions,
    gram: &mut Option<Gram>,
) -> Result<Part, Error> {
    Ok(match spec {
        Spec::Popular => Part::Popular(popular::fit(interactions)),
        Spec::Neighbours(settings) => Part::Neighbours(neighbours::fit(interactions, *settings)),
        Spec::Linear(settings) => {
            if gram.is_none() {
                *gram = Some(Gram::of(interactions)?);
            }
            let gram = gram.as_ref().expect("it was just counted");
            Part::Linear(linear::fit(gram, *settings)?)
        }
        Spec::Factors(settings) => Part::Factors(factors::fit(interactions, *settings)?),
    })
}

struct Family {
    name: &'static str,
    spec: Spec,
    model: Model,
    ndcg_at_10: f64,
}

struct Search<'a> {
    fit: &'a Interactions,
    judged: Vec<&'a Case>,
    trials: Vec<Trial>,
    families: Vec<Family>,
}

impl Search<'_> {
    fn popular(&mut self) {
        self.consider(
            "popular",
            Spec::Popular,
            Part::Popular(popular::fit(self.fit)),
        );
    }

    fn neighbours(&mut self) {
        for following in FOLLOWING {
            let settings = neighbours::Settings {
                following,
                decay: 1.0,
            };
            let made = neighbours::fit(self.fit, settings);
            let name = if following == 0.0 {
                "cosine"
            } else {
                "cosine-following"
            };
            for decay in DECAYS {
                let settings = neighbours::Settings { decay, ..settings };
                let part = neighbours::Neighbours {
                    decay,
                    rows: made.rows.clone(),
                };
                self.consider(name, Spec::Neighbours(settings), Part::Neighbours(part));
            }
        }
    }

    fn linear(&mut self) -> Result<(), Error> {
        let gram = Gram::of(self.fit)?;
        let consider = |search: &mut Self, name, settings| -> Result<f64, Error> {
            let part = Part::Linear(linear::fit(&gram, settings)?);
            Ok(search.consider(name, Spec::Linear(settings), part))
        };
        let dropout = 0.0;
        let mut best = (LAMBDAS[0], f64::MIN);
        for lambda in LAMBDAS {
            let told = consider(self, "ease", linear::Settings { lambda, dropout })?;
            if told > best.1 {
                best = (lambda, told);
            } else if told < best.1 * 0.99 {
                // Beyond the best it only falls.
                break;
            }
        }
        let place = LAMBDAS
            .iter()
            .position(|lambda| *lambda == best.0)
            .unwrap_or(0);
        for lambda in LAMBDAS[place.saturating_sub(2)..=place].iter().rev() {
            for dropout in DROPOUTS {
                consider(
                    self,
                    "edlae",
                    linear::Settings {
                        lambda: *lambda,
                        dropout,
                    },
                )?;
            }
        }
        Ok(())
    }

    fn factors(&mut self, seed: u64) -> Result<(), Error> {
        let consider = |search: &mut Self, settings| -> Result<f64, Error> {
            let part = Part::Factors(factors::fit(search.fit, settings)?);
            Ok(search.consider("ials", Spec::Factors(settings), part))
        };
        let (factors, rounds) = (FACTORS_TRIED[0], FACTORS_ROUNDS);
        let mut best = factors::Settings {
            factors,
            lambda: RIDGES[0],
            alpha: 1.0,
            rounds,
            seed,
        };
        let mut told = f64::MIN;
        let grid = RIDGES.iter().map(|lambda| (*lambda, 1.0));
        for (lambda, alpha) in grid.chain(ALPHAS.iter().map(|alpha| (RIDGES[2], *alpha))) {
            let settings = factors::Settings {
                lambda,
                alpha,
                ..best
            };
            let now = consider(self, settings)?;
            if now > told {
                (best, told) = (settings, now);
            }
        }
        consider(
            self,
            factors::Settings {
                factors: FACTORS_TRIED[1],
                ..best
            },
        )?;
        Ok(())
    }

    /// Judges a model and keeps it when it is the best of its family.
    fn consider(&mut self, name: &'static str, spec: Spec, part: Part) -> f64 {
        let model = Model::of(part, popular::fit(self.fit));
        let ndcg_at_10 = evaluate::measure(&model, self.judged.iter().copied()).ndcg_at_10;
        self.trials.push(Trial {
            parts: vec![(1.0, spec)],
            ndcg_at_10,
        });
        let family = Family {
            name,
            spec,
            model,
            ndcg_at_10,
        };
        match self.families.iter_mut().find(|family| family.name == name) {
            Some(known) if known.ndcg_at_10 >= ndcg_at_10 => {}
            Some(known) => *known = family,
            None => self.families.push(family),
        }
        ndcg_at_10
    }

    fn blend(&mut self) {
        let room = limits::LEARN_BLEND_SCORES_MAX / self.fit.items().max(1);
        let step = self.judged.len().div_ceil(room.max(1)).max(1);
        let cases: Vec<&Case> = self.judged.iter().copied().step_by(step).collect();
        let tables: Vec<Vec<f32>> = self
            .families
            .iter()
            .map(|family| standardised(&family.model, &cases))
            .collect();
        let alone = |index: usize| judge(&[(1.0, &tables[index])], &cases, self.fit.items());
        let starts: Vec<f64> = (0..tables.len()).map(alone).collect();
        let Some(start) = (0..starts.len()).reduce(|best, index| {
            if starts[index] > starts[best] {
                index
            } else {
                best
            }
        }) else {
            return;
        };
        let mut taken = vec![(1.0, start)];
        let mut reached = starts[start];
        while taken.len() < limits::LEARN_BLEND_PARTS_MAX {
            let free = (0..tables.len()).filter(|index| taken.iter().all(|(_, t)| t != index));
            let tries = free.flat_map(|index| BLEND_WEIGHTS.map(|weight| (weight, index)));
            let mut best: Option<((f32, usize), f64)> = None;
            for next in tries {
                let parts = taken.iter().chain([&next]);
                let parts: Vec<(f32, &Vec<f32>)> = parts
                    .map(|(weight, index)| (*weight, &tables[*index]))
                    .collect();
                let told = judge(&parts, &cases, self.fit.items());
                if best.is_none_or(|(_, best)| told > best) {
                    best = Some((next, told));
                }
            }
            match best {
                Some((next, told)) if told > reached * (1.0 + BLEND_GAIN_MIN) => {
                    taken.push(next);
                    reached = told;
                }
                _ => break,
            }
        }
        if taken.len() > 1 {
            let parts = taken
                .iter()
                .map(|(weight, index)| (*weight, self.families[*index].spec));
            // On the scale of all judged users, so that it is held against the single models.
            let alone = self.families[start].ndcg_at_10;
            let ndcg_at_10 = alone * reached / starts[start].max(f64::MIN_POSITIVE);
            self.trials.push(Trial {
                parts: parts.collect(),
                ndcg_at_10,
            });
        }
    }
}

/// Scores of all items for each case, divided by their spread.
fn standardised(model: &Model, cases: &[&Case]) -> Vec<f32> {
    let mut table = Vec::with_capacity(cases.len() * model.items());
    let mut scores = Scores::new(model.items());
    for case in cases {
        model.score(&mut scores, &case.history, &Context::default());
        let spread = scores.spread();
        let scale = if spread > 0.0 { 1.0 / spread } else { 0.0 };
        table.extend(scores.values().iter().map(|value| value * scale));
    }
    table
}

fn judge(parts: &[(f32, &Vec<f32>)], cases: &[&Case], items: usize) -> f64 {
    let mut figures = Figures::default();
    let mut sums = vec![0f32; items];
    for (place, case) in cases.iter().enumerate() {
        sums.fill(0.0);
        for (weight, table) in parts {
            let row = &table[place * items..(place + 1) * items];
            for (sum, value) in sums.iter_mut().zip(row) {
                *sum += weight * value;
            }
        }
        let mask = Mask::seen(&case.history);
        let open = sums
            .iter()
            .enumerate()
            .map(|(item, score)| (item as u32, *score));
        let best = rank::top(open.filter(|(item, _)| !mask.holds(*item)), 10);
        let ranked: Vec<u32> = best.into_iter().map(|(item, _)| item).collect();
        figures.add(&ranked, &case.wanted);
    }
    figures.mean().ndcg_at_10
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Items come in pairs: whoever touched 2k touches 2k+1. Popularity knows nothing of it.
    #[test]
    fn chooses_a_model_that_knows_pairs() {
        let mut random = kith_base::Random::new(3);
        let rows: Vec<Vec<u32>> = (0..300)
            .map(|_| {
                let pairs = (0..6).map(|_| random.below(20) as u32);
                pairs.flat_map(|pair| [2 * pair, 2 * pair + 1]).collect()
            })
            .collect();
        let all = Interactions::from_lists(40, rows.iter().map(Vec::as_slice)).first_touches();
        let (rest, cases) = evaluate::leave_tenth_out(&all, 42);
        let choice = choose(&rest, &cases, 1).unwrap();
        assert!(
            choice.parts.iter().all(|(_, spec)| *spec != Spec::Popular),
            "{:?}",
            choice.parts
        );
        let figures = evaluate::measure(&fit(&choice.parts, &rest).unwrap(), &cases);
        assert!(figures.ndcg_at_10 > 0.8, "{figures:?}");
        assert_eq!(choice, choose(&rest, &cases, 1).unwrap());
    }

    #[test]
    fn one_user_or_nobody_is_no_failure() {
        let one = Interactions::from_lists(3, [&[0u32, 1, 2][..]]);
        let (rest, cases) = evaluate::leave_tenth_out(&one, 42);
        assert!(choose(&rest, &cases, 1).is_ok());
        let none = Interactions::from_lists(0, []);
        assert!(matches!(choose(&none, &[], 1), Err(Error::Empty(_))));
    }
}
