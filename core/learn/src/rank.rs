//! The best of many scores: highest first, equal ones by the lower number.

use std::cmp::Ordering;

use kith_base::limits;

/// Highest score first, then the lower item; a score that is no number comes last.
pub fn order(one: &(u32, f32), other: &(u32, f32)) -> Ordering {
    let score = |value: f32| {
        if value.is_nan() {
            f32::NEG_INFINITY
        } else {
            value
        }
    };
    let scores = score(other.1).partial_cmp(&score(one.1));
    let scores = scores.expect("what is no number was replaced");
    scores.then(one.0.cmp(&other.0))
}

/// The first `n` in [`order`]. One pass; holds at most a few times `n`.
pub fn top(scores: impl IntoIterator<Item = (u32, f32)>, n: usize) -> Vec<(u32, f32)> {
    let mut best = Best::new(n);
    for scored in scores {
        best.add(scored);
    }
    best.into_sorted()
}

/// The first `n` of what was added so far.
pub(crate) struct Best {
    n: usize,
    room: usize,
    found: Vec<(u32, f32)>,
    least: Option<(u32, f32)>,
}

impl Best {
    pub fn new(n: usize) -> Self {
        let n = n.min(limits::LEARN_ROW_ITEMS_MAX.max(limits::LEARN_CHOSEN_MAX));
        let room = (4 * n).max(64);
        Best {
            n,
            room,
            found: Vec::with_capacity(room),
            least: None,
        }
    }

    pub fn add(&mut self, scored: (u32, f32)) {
        let is_less = |least| order(&scored, &least) != Ordering::Less;
        if self.n == 0 || self.least.is_some_and(is_less) {
            return;
        }
        self.found.push(scored);
        if self.found.len() == self.room {
            self.found.select_nth_unstable_by(self.n - 1, order);
            self.found.truncate(self.n);
            self.least = self.found.last().copied();
        }
    }

    /// A score that nothing below can be among them; `None` while anything can.
    pub fn least(&self) -> Option<f32> {
        self.least.map(|(_, score)| score)
    }

    pub fn into_sorted(mut self) -> Vec<(u32, f32)> {
        self.found.sort_unstable_by(order);
        self.found.truncate(self.n);
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_a_full_sort(
            scores in proptest::collection::vec(0u8..20, 0..400),
            n in 0usize..30,
        ) {
            let scores = scores.iter().map(|score| f32::from(*score));
            let scores: Vec<(u32, f32)> = (0..).zip(scores).collect();
            let mut sorted = scores.clone();
            sorted.sort_by(order);
            sorted.truncate(n);
            prop_assert_eq!(top(scores, n), sorted);
        }
    }

    #[test]
    fn what_is_no_number_is_last() {
        let ranked = top([(0, f32::NAN), (1, -1.0)], 2);
        assert_eq!((ranked[0].0, ranked[1].0), (1, 0));
    }
}
