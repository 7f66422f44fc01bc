//! Which of the open items, and in which order: the best first, unlike each other, with a share of
//! places drawn by lot.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::Random;
use kith_definition::Recipe;

use super::choice;
use crate::{Choice, Find};

/// An item that may be shown.
pub(super) struct Contender {
    pub find: Find,
    pub score: f64,
    pub reasons: Vec<String>,
}

/// What was chosen so far, by every recipe of the chain.
#[derive(Default)]
pub(super) struct Selection {
    pub choices: Vec<Choice>,
    /// Chosen items by category.
    per_category: BTreeMap<String, usize>,
    /// What the chosen items are like.
    alike: Vec<BTreeSet<String>>,
}

impl Selection {
    /// Fills what places are left. Answers the places of those not chosen, with the reason.
    pub fn choose(
        &mut self,
        recipe: &Recipe,
        open: &[Contender],
        limit: usize,
        random: &mut Random,
    ) -> Vec<(usize, String)> {
        let most = open.iter().map(|one| one.score).fold(0.0, f64::max);
        let mut left: Vec<usize> = (0..open.len()).collect();
        while self.choices.len() < limit {
            let fit: Vec<usize> = left
                .iter()
                .copied()
                .filter(|place| self.fits(recipe, &open[*place].find))
                .collect();
            let Some(best) = self.best(recipe, open, &fit, most) else {
                break;
            };
            let lot = recipe.exploration > 0.0 && random.chance(recipe.exploration);
            let drawn = if lot { random.choose(&fit) } else { None };
            let place = drawn.copied().unwrap_or(best);
            // Of this place, given those before it.
            let by_lot = recipe.exploration / fit.len() as f64;
            let by_score = if place == best {
                1.0 - recipe.exploration
            } else {
                0.0
            };
            self.take(&open[place], by_lot + by_score, place != best);
            left.retain(|other| *other != place);
        }
        let full = self.choices.len();
        let rest = left.into_iter().map(|place| {
            let why = if self.fits(recipe, &open[place].find) {
                format!("No place left after {full}")
            } else {
                "Enough of its category are shown".to_owned()
            };
            (place, why)
        });
        rest.collect()
    }

    fn take(&mut self, contender: &Contender, propensity: f64, drawn: bool) {
        let find = &contender.find;
        if let Some(category) = category(find) {
            *self.per_category.entry(category.to_owned()).or_default() += 1;
        }
        self.alike.push(find.alike.iter().cloned().collect());
        self.choices.push(choice(contender, propensity, drawn));
    }

    /// Whether its category has a place left.
    fn fits(&self, recipe: &Recipe, find: &Find) -> bool {
        match (recipe.diversity.per_category, category(find)) {
            (Some(most), Some(category)) => {
                self.per_category.get(category).copied().unwrap_or(0) < most
            }
            _ => true,
        }
    }

    /// The best by maximal marginal relevance; equal ones by their order.
    fn best(&self, recipe: &Recipe, open: &[Contender], fit: &[usize], most: f64) -> Option<usize> {
        let mmr = recipe.diversity.mmr;
        let mut best: Option<(usize, f64)> = None;
        for place in fit {
            let contender = &open[*place];
            let score = if most > 0.0 {
                contender.score / most
            } else {
                0.0
            };
            let value = if mmr == 0.0 {
                score
            } else {
                (1.0 - mmr) * score - mmr * self.likeness(&contender.find)
            };
            if best.is_none_or(|(_, most)| value > most) {
                best = Some((*place, value));
            }
        }
        best.map(|(place, _)| place)
    }

    /// The greatest share of categories and brands in common with an item chosen already.
    fn likeness(&self, find: &Find) -> f64 {
        let own: BTreeSet<&str> = find.alike.iter().map(String::as_str).collect();
        let of = |other: &BTreeSet<String>| {
            let common = other
                .iter()
                .filter(|one| own.contains(one.as_str()))
                .count();
            let all = own.len() + other.len() - common;
            if all == 0 {
                0.0
            } else {
                common as f64 / all as f64
            }
        };
        self.alike.iter().map(of).fold(0.0, f64::max)
    }
}

/// The first category of an item.
fn category(find: &Find) -> Option<&str> {
    let mut alike = find.alike.iter();
    alike.find_map(|one| one.strip_prefix("category:"))
}
