//! The choice of one model to serve, within a bound of work: what a running server can afford.
//!
//! From a setting in the middle of what was best on published sets it walks over a grid, always
//! to a better neighbour, and stops at the top or when the bound is reached. What is judged is
//! what serves: a linear model cut to its strongest weights. The last item of each user is kept
//! out of all of it, and measured by at the end.

use kith_base::limits;
use serde::{Deserialize, Serialize};

use super::{Search, Spec};
use crate::evaluate::{self, Case, Figures, RANKED};
use crate::interactions::Interactions;
use crate::interval::{Estimate, Mean};
use crate::linear::Gram;
use crate::model::{Model, Part};
use crate::scores::Scores;
use crate::{Error, factors, linear, popular};

/// How well a setting does on items that it never saw, with intervals over users.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Users asked for.
    pub users: u64,
    /// NDCG at 10.
    pub ndcg_at_10: Estimate,
    /// Share of the wanted items among the first 10.
    pub recall_at_10: Estimate,
    /// NDCG at 10 of what is popular: what any model has to beat.
    pub popular_ndcg_at_10: Estimate,
}

/// What was chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// The setting to learn with.
    pub spec: Spec,
    /// Settings that were tried; none where too few users can be asked.
    pub tried: usize,
    /// Of the choice, on what it never saw.
    pub evaluation: Option<Evaluation>,
}

/// Users who can be asked below which the setting in the middle is taken: differences between
/// settings are smaller than what so few could tell.
pub const USERS_MIN: usize = 50;
/// Settings tried at most.
const TRIALS_MAX: u64 = 12;
const LAMBDAS: [f64; 6] = [30.0, 100.0, 300.0, 1_000.0, 3_000.0, 10_000.0];
const DROPOUTS: [f64; 4] = [0.0, 0.15, 0.3, 0.5];
const RIDGES: [f32; 4] = [3.0, 10.0, 30.0, 100.0];
const ALPHAS: [f32; 3] = [1.0, 4.0, 16.0];
/// Operations for one vector entry in one round: a few steps of conjugate gradients, twice.
const FACTOR_STEPS: u64 = 8;

/// What a choice may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Multiplications spent on trying settings, beyond one training.
    pub operations: u64,
    /// Bytes for dense matrices: where they do not fit, vectors are learned.
    pub bytes: u64,
}

/// Matrices of a dense linear model while it is solved, in single precision: counts, their inverse,
/// the weights, and what the solver needs.
const DENSE_BYTES_PER_PAIR: u64 = 16;

/// Chooses on histories within bounds; `tell` hears the share done.
pub fn within(
    histories: &Interactions,
    bounds: Bounds,
    tell: &mut dyn FnMut(f64),
) -> Result<Chosen, Error> {
    if histories.touches() == 0 {
        return Err(Error::Empty("no user touched an item"));
    }
    let grid = Grid::of(histories.items(), bounds.bytes);
    let split = evaluate::leave_last_out(histories);
    if split.validation.len() < USERS_MIN {
        return Ok(Chosen {
            spec: grid.spec(grid.middle()),
            tried: 0,
            evaluation: None,
        });
    }
    let judged = limits::LEARN_JUDGED_USERS_MAX;
    let mut walk = Walk {
        search: Search {
            fit: &split.fit,
            judged: evaluate::sample(&split.validation, judged),
            trials: Vec::new(),
            families: Vec::new(),
        },
        gram: None,
        room: (bounds.operations / grid.cost(&split.fit).max(1)).clamp(1, TRIALS_MAX) as usize,
        known: Vec::new(),
    };
    walk.climb(&grid, tell)?;
    let tried = walk.search.trials.len();
    let best = walk.search.families.pop().expect("one setting was tried");
    let asked = evaluate::sample(&split.test, judged);
    let popular = popular::fit(&split.fit);
    let popular = Model::of(Part::Popular(popular.clone()), popular);
    Ok(Chosen {
        spec: best.spec,
        tried,
        evaluation: evaluation(&best.model, &popular, &asked),
    })
}

fn evaluation(model: &Model, popular: &Model, asked: &[&Case]) -> Option<Evaluation> {
    let (ndcg, recall) = measured(model, asked);
    let (baseline, _) = measured(popular, asked);
    Some(Evaluation {
        users: ndcg.count(),
        ndcg_at_10: ndcg.estimate()?,
        recall_at_10: recall.estimate()?,
        popular_ndcg_at_10: baseline.estimate()?,
    })
}

/// NDCG at 10 and recall at 10 over users.
fn measured(model: &Model, asked: &[&Case]) -> (Mean, Mean) {
    let (mut ndcg, mut recall) = (Mean::default(), Mean::default());
    let mut scores = Scores::new(model.items());
    for case in asked {
        let mut figures = Figures::default();
        let ranked = evaluate::ranked(model, &mut scores, case, RANKED);
        figures.add(&ranked, &case.wanted);
        ndcg.add(figures.ndcg_at_10);
        recall.add(figures.recall_at_10);
    }
    (ndcg, recall)
}

/// Settings of one family along two directions.
enum Grid {
    Linear,
    Factors,
}

type Place = (usize, usize);

impl Grid {
    /// Dense linear models where their matrix is small enough, else vectors.
    fn of(items: usize, bytes: u64) -> Self {
        let needed = DENSE_BYTES_PER_PAIR * (items as u64).pow(2);
        match items {
            0..=limits::LEARN_LINEAR_ITEMS_MAX if needed <= bytes => Grid::Linear,
            _ => Grid::Factors,
        }
    }

    fn size(&self) -> Place {
        match self {
            Grid::Linear => (LAMBDAS.len(), DROPOUTS.len()),
            Grid::Factors => (RIDGES.len(), ALPHAS.len()),
        }
    }

    fn middle(&self) -> Place {
        match self {
            Grid::Linear => (2, 2),
            Grid::Factors => (2, 1),
        }
    }

    fn spec(&self, (one, other): Place) -> Spec {
        match self {
            Grid::Linear => Spec::Linear(linear::Settings {
                lambda: LAMBDAS[one],
                dropout: DROPOUTS[other],
            }),
            Grid::Factors => Spec::Factors(factors::Settings {
                factors: super::FACTORS_TRIED[0],
                lambda: RIDGES[one],
                alpha: ALPHAS[other],
                rounds: super::FACTORS_ROUNDS,
                seed: 1,
            }),
        }
    }

    /// Multiplications of one training, roughly.
    fn cost(&self, fit: &Interactions) -> u64 {
        let items = fit.items() as u64;
        match self {
            Grid::Linear => items * items * items,
            Grid::Factors => {
                let factors = u64::from(super::FACTORS_TRIED[0]);
                let rounds = u64::from(super::FACTORS_ROUNDS);
                let steps = fit.touches() as u64 * factors * FACTOR_STEPS;
                let shared = (items + fit.users() as u64) * factors * factors;
                rounds * (steps + shared)
            }
        }
    }

    /// The places beside one, the first direction first.
    fn beside(&self, (one, other): Place) -> Vec<Place> {
        let (width, height) = self.size();
        let found = [
            (one + 1, other),
            (one.wrapping_sub(1), other),
            (one, other + 1),
            (one, other.wrapping_sub(1)),
        ];
        let inside = |place: &Place| place.0 < width && place.1 < height;
        found.into_iter().filter(inside).collect()
    }
}

/// A walk over a grid.
struct Walk<'a> {
    search: Search<'a>,
    gram: Option<Gram>,
    /// Settings that may still be tried.
    room: usize,
    known: Vec<Place>,
}

impl Walk<'_> {
    fn climb(&mut self, grid: &Grid, tell: &mut dyn FnMut(f64)) -> Result<(), Error> {
        let most = self.room as f64;
        let mut best = (grid.middle(), self.judge(grid, grid.middle())?);
        loop {
            let mut moved = false;
            for place in grid.beside(best.0) {
                if self.room == 0 || self.known.contains(&place) {
                    continue;
                }
                tell(self.search.trials.len() as f64 / most);
                let told = self.judge(grid, place)?;
                if told > best.1 {
                    (best, moved) = ((place, told), true);
                    break;
                }
            }
            if !moved {
                return Ok(());
            }
        }
    }

    /// Trains and judges one setting.
    fn judge(&mut self, grid: &Grid, place: Place) -> Result<f64, Error> {
        self.room = self.room.saturating_sub(1);
        self.known.push(place);
        let spec = grid.spec(place);
        let part = super::fit_part(&spec, self.search.fit, &mut self.gram)?.served();
        Ok(self.search.consider("served", spec, part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kith_base::Random;

    const FREE: Bounds = Bounds {
        operations: u64::MAX,
        bytes: u64::MAX,
    };

    /// Users with a taste for one of four groups of ten items; a tenth of their touches is noise.
    fn histories(users: usize) -> Interactions {
        let mut random = Random::new(7);
        let rows: Vec<Vec<u32>> = (0..users)
            .map(|user| {
                let mut row = Vec::new();
                while row.len() < 8 {
                    let item = match random.chance(0.1) {
                        true => random.below(40),
                        false => (user as u64 % 4) * 10 + random.below(10),
                    };
                    if !row.contains(&(item as u32)) {
                        row.push(item as u32);
                    }
                }
                row
            })
            .collect();
        Interactions::from_lists(40, rows.iter().map(Vec::as_slice))
    }

    #[test]
    fn a_choice_is_measured_on_what_it_never_saw() {
        let histories = histories(400);
        let mut shares = Vec::new();
        let chosen = within(&histories, FREE, &mut |share| shares.push(share)).unwrap();
        assert!((3..=12).contains(&chosen.tried), "{chosen:?}");
        assert!(shares.is_sorted() && shares.iter().all(|share| *share < 1.0));
        let told = chosen.evaluation.unwrap();
        assert_eq!(told.users, 400);
        // Of ten items of a taste seven are seen: three are left to guess among.
        let (model, popular) = (told.ndcg_at_10, told.popular_ndcg_at_10);
        assert!(model.lower > popular.upper, "{told:?}");
        assert!(model.lower < model.value && model.value < model.upper);
        let again = within(&histories, FREE, &mut |_| ()).unwrap();
        assert_eq!(again, chosen, "the same histories give the same choice");
    }

    #[test]
    fn the_bound_holds_and_few_users_choose_nothing() {
        let scarce = Bounds {
            operations: 1,
            ..FREE
        };
        let few_operations = within(&histories(400), scarce, &mut |_| ()).unwrap();
        assert_eq!(few_operations.tried, 1);
        assert!(few_operations.evaluation.is_some());
        let few_users = within(&histories(USERS_MIN - 1), FREE, &mut |_| ()).unwrap();
        assert_eq!((few_users.tried, few_users.evaluation), (0, None));
        let middle = linear::Settings {
            lambda: 300.0,
            dropout: 0.3,
        };
        assert_eq!(few_users.spec, Spec::Linear(middle));
        let none = Interactions::from_lists(3, []);
        assert!(within(&none, FREE, &mut |_| ()).is_err());
    }

    #[test]
    fn dense_matrices_must_fit_in_memory() {
        let most = limits::LEARN_LINEAR_ITEMS_MAX;
        assert!(matches!(Grid::of(most, u64::MAX), Grid::Linear));
        assert!(matches!(Grid::of(most + 1, u64::MAX), Grid::Factors));
        // A hundred items have ten thousand pairs.
        assert!(matches!(Grid::of(100, 160_000), Grid::Linear));
        assert!(matches!(Grid::of(100, 159_999), Grid::Factors));
        let tight = Bounds {
            bytes: 16 * 40 * 40 - 1,
            ..FREE
        };
        let chosen = within(&histories(400), tight, &mut |_| ()).unwrap();
        assert!(matches!(chosen.spec, Spec::Factors(_)), "{chosen:?}");
    }
}
