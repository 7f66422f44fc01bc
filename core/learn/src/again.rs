//! Reordering: what somebody touches again and again, the latest first.
//!
//! Baskets are touches of one time. An item scores the sum over its baskets of `decay` to the
//! power of the baskets since, times `2^(−age / half-life)`.

use serde::{Deserialize, Serialize};

use crate::model::Touch;
use crate::scores::Scores;

/// How soon earlier touches count less.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Again {
    /// Weight per basket back; 1 is none.
    pub decay: f32,
    /// Time in which a touch loses half its weight, in the unit of the touches; 0 is never.
    pub half_life: i64,
    /// Weights of what was viewed, saved, carted and bought.
    pub kinds: [f32; 4],
}

impl Again {
    /// Scores of the items of a history, which is in order of time.
    pub fn score(&self, to: &mut Scores, history: &[Touch], now: i64) {
        let (mut weight, mut last) = (1.0, None);
        for touch in history.iter().rev() {
            if last.is_some_and(|last| last != touch.at) {
                weight *= self.decay;
            }
            last = Some(touch.at);
            let age = now.saturating_sub(touch.at).max(0) as f32;
            let aged = match self.half_life {
                0 => 1.0,
                half_life => libm::exp2f(-age / half_life as f32),
            };
            if (touch.item as usize) < to.values().len() {
                to.add(touch.item, weight * aged * self.kinds[touch.kind as usize]);
            }
        }
    }

    /// Whether a read form holds together.
    pub fn is_sound(&self) -> bool {
        self.half_life >= 0
            && (0.0..=1.0).contains(&self.decay)
            && self.kinds.iter().all(|weight| weight.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;

    #[test]
    fn decays_by_basket_and_by_time() {
        let touch = |item, at| Touch {
            item,
            kind: Kind::Bought,
            at,
        };
        let history = [touch(0, 1), touch(1, 1), touch(1, 3), touch(2, 3)];
        let score = |again: Again| {
            let mut scores = Scores::new(3);
            again.score(&mut scores, &history, 5);
            scores.values().to_vec()
        };
        let kinds = [1.0, 1.0, 1.0, 2.0];
        let by_basket = score(Again {
            decay: 0.5,
            half_life: 0,
            kinds,
        });
        assert_eq!(by_basket, [1.0, 3.0, 2.0]);
        let by_time = score(Again {
            decay: 1.0,
            half_life: 2,
            kinds,
        });
        assert_eq!(by_time, [0.5, 1.5, 1.0]);
    }
}
