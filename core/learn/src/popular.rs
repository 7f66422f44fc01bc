//! What many people touch: over all time, and lately, also per category.

use kith_base::limits;
use serde::{Deserialize, Serialize};

use crate::interactions::Interactions;
use crate::model::{Context, Reason};
use crate::rank;

/// Scores of items that are the same for everybody.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Popular {
    /// One per item.
    pub scores: Vec<f32>,
    /// Whether recent touches count more.
    pub trending: bool,
    /// The best items, first first: what a longer calculation looks at.
    pub best: Vec<u32>,
}

/// Counts distinct users per item.
pub fn fit(interactions: &Interactions) -> Popular {
    let scores = interactions.degrees();
    Popular::of(scores.iter().map(|count| *count as f32).collect(), false)
}

/// Sums touches that halve every `half_life`, in the unit of the times, as of `now`. Touches
/// later than `now` count as if made then, so that a clock that runs ahead gains nothing.
pub fn fit_trending(interactions: &Interactions, half_life: i64, now: i64) -> Popular {
    let mut sums = vec![0f64; interactions.items()];
    for user in 0..interactions.users() {
        for (item, at) in interactions.row(user).iter().zip(interactions.times(user)) {
            let age = now.saturating_sub(*at).max(0) as f64;
            sums[*item as usize] += libm::exp2(-age / half_life.max(1) as f64);
        }
    }
    Popular::of(sums.iter().map(|sum| *sum as f32).collect(), true)
}

impl Popular {
    fn of(scores: Vec<f32>, trending: bool) -> Self {
        let all = scores
            .iter()
            .enumerate()
            .map(|(item, score)| (item as u32, *score));
        let best = rank::top(all, limits::LEARN_CHOSEN_MAX);
        let best = best.into_iter().map(|(item, _)| item).collect();
        Popular {
            scores,
            trending,
            best,
        }
    }

    /// Why an item was chosen for its score here.
    pub(crate) fn reason(&self, context: &Context<'_>) -> Reason {
        match context.category {
            Some((category, _)) => Reason::PopularIn { category },
            None if self.trending => Reason::Trending,
            None => Reason::Popular,
        }
    }

    /// Whether a read form holds together.
    pub(crate) fn is_sound(&self, items: usize) -> bool {
        self.scores.len() == items
            && self.scores.iter().all(|score| score.is_finite())
            && self.best.iter().all(|item| (*item as usize) < items)
    }

    /// Items of one category with their scores.
    pub fn within<'a>(
        &'a self,
        categories: &'a [u32],
        category: u32,
    ) -> impl Iterator<Item = (u32, f32)> + 'a {
        let scores = self.scores.iter().zip(categories).enumerate();
        scores
            .filter(move |(_, (_, of))| **of == category)
            .map(|(item, (score, _))| (item as u32, *score))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_users_and_recent_touches() {
        let rows: [&[(u32, i64)]; 2] = [&[(0, 0), (0, 0), (1, 10)], &[(0, 0)]];
        let interactions = Interactions::from_rows(2, rows);
        assert_eq!(fit(&interactions).scores, [2.0, 1.0]);
        let trending = fit_trending(&interactions, 5, 10);
        assert_eq!(trending.scores, [0.75, 1.0]);
        let late = fit_trending(&interactions, 5, 0);
        assert_eq!(late.scores, [3.0, 1.0]);
        let within: Vec<_> = trending.within(&[7, 8], 8).collect();
        assert_eq!(within, [(1, 1.0)]);
    }
}
