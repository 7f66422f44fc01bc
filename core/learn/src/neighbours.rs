//! Item to item: how often two items are touched by the same people, and in which order.
//!
//! `cos` is the cosine of two items' columns of users, `n_ab / √(n_a n_b)`. The directed part,
//! after the sequential rules of Ludewig and Jannach (*Evaluation of session-based
//! recommendation algorithms*, UMUAI 2018), counts each touch of b within ten steps after a with
//! weight 1/step, over the same normalisation. A row holds `cos + weight · directed`.

use kith_base::limits;
use serde::{Deserialize, Serialize};

use crate::interactions::Interactions;
use crate::matrix::Rows;

/// How rows of neighbours are made and read.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Weight of the directed part against the cosine; 0 leaves it out.
    pub following: f32,
    /// Weight of an item of a history, to the power of the steps back from its end; 1 is none.
    pub decay: f32,
}

/// A fitted item-to-item model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Neighbours {
    /// Weights between items.
    pub rows: Rows,
    /// Weight of an item of a history per step back.
    pub decay: f32,
}

/// Counts all pairs and keeps the best of each row.
pub fn fit(interactions: &Interactions, settings: Settings) -> Neighbours {
    let items = interactions.items();
    let sets = interactions.distinct();
    let users = sets.transposed(items);
    let degrees: Vec<f32> = (0..items)
        .map(|item| users.get(item).len() as f32)
        .collect();
    let following = Following::of(interactions, settings.following);
    let mut together = vec![0f32; items];
    let mut met: Vec<u32> = Vec::new();
    let mut rows = Rows::new();
    for item in 0..items {
        let mut add = |other: u32, weight: f32| {
            if together[other as usize] == 0.0 {
                met.push(other);
            }
            together[other as usize] += weight;
        };
        for user in users.get(item) {
            for other in sets.get(*user as usize) {
                add(*other, 1.0);
            }
        }
        for (other, weight) in following.of_item(item as u32) {
            add(*other, settings.following * weight);
        }
        let scaled = met
            .iter()
            .filter(|other| **other as usize != item)
            .map(|other| {
                let scale = (degrees[item] * degrees[*other as usize]).sqrt();
                (*other, together[*other as usize] / scale.max(1.0))
            });
        rows.push(scaled);
        for other in met.drain(..) {
            together[other as usize] = 0.0;
        }
    }
    Neighbours {
        rows,
        decay: settings.decay,
    }
}

/// What followed each item, with 1/step.
struct Following {
    starts: Vec<usize>,
    others: Vec<(u32, f32)>,
}

impl Following {
    fn of(interactions: &Interactions, weight: f32) -> Self {
        let items = interactions.items();
        let mut starts = vec![0usize; items + 1];
        if weight == 0.0 {
            return Following {
                starts,
                others: Vec::new(),
            };
        }
        each_following(interactions, |first, _, _| starts[first as usize + 1] += 1);
        for item in 0..items {
            starts[item + 1] += starts[item];
        }
        let mut next = starts.clone();
        let mut others = vec![(0, 0.0); starts[items]];
        each_following(interactions, |first, second, step| {
            let place = &mut next[first as usize];
            others[*place] = (second, 1.0 / step as f32);
            *place += 1;
        });
        Following { starts, others }
    }

    fn of_item(&self, item: u32) -> &[(u32, f32)] {
        &self.others[self.starts[item as usize]..self.starts[item as usize + 1]]
    }
}

fn each_following(interactions: &Interactions, mut tell: impl FnMut(u32, u32, usize)) {
    for user in 0..interactions.users() {
        let row = interactions.row(user);
        for (place, first) in row.iter().enumerate() {
            let next = row[place + 1..]
                .iter()
                .take(limits::LEARN_FOLLOWING_STEPS_MAX);
            for (step, second) in next.enumerate().filter(|(_, second)| *second != first) {
                tell(*first, *second, step + 1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cosine_and_order() {
        let rows: [&[u32]; 3] = [&[0, 1, 2], &[0, 1], &[1]];
        let interactions = Interactions::from_lists(3, rows);
        let made = fit(
            &interactions,
            Settings {
                following: 0.0,
                decay: 1.0,
            },
        );
        let near = |one: f32, other: f32| assert!((one - other).abs() < 1e-6, "{one} {other}");
        near(made.rows.weight(0, 1), 2.0 / 6f32.sqrt());
        near(made.rows.weight(1, 0), 2.0 / 6f32.sqrt());
        assert_eq!(made.rows.weight(1, 1), 0.0);
        let made = fit(
            &interactions,
            Settings {
                following: 2.0,
                decay: 1.0,
            },
        );
        near(made.rows.weight(0, 1), (2.0 + 2.0 * 2.0) / 6f32.sqrt());
        near(made.rows.weight(0, 2), (1.0 + 2.0 * 0.5) / 2f32.sqrt());
        near(made.rows.weight(1, 0), 2.0 / 6f32.sqrt());
    }
}
