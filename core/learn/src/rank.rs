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
    let n = n.min(limits::LEARN_ROW_ITEMS_MAX.max(limits::LEARN_CHOSEN_MAX));
    if n == 0 {
        return Vec::new();
    }
    let room = (4 * n).max(64);
    let mut best: Vec<(u32, f32)> = Vec::with_capacity(room);
    let mut least: Option<(u32, f32)> = None;
    for scored in scores {
        if least.is_some_and(|least| order(&scored, &least) != Ordering::Less) {
            continue;
        }
        best.push(scored);
        if best.len() == room {
            best.select_nth_unstable_by(n - 1, order);
            best.truncate(n);
            least = best.last().copied();
        }
    }
    best.sort_unstable_by(order);
    best.truncate(n);
    best
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
