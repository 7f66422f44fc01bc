//! Linear models of items by items, solved in closed form.
//!
//! EASE^R: H. Steck, *Embarrassingly Shallow Autoencoders for Sparse Data*, WWW 2019. EDLAE with
//! full rank: H. Steck, *Autoencoders that don't overfit towards the identity*, NeurIPS 2020,
//! which adds p/(1−p) of the diagonal to the regularization. `B = I − P · diag(1 / diag P)` with
//! `P = (XᵀX + Λ)⁻¹`; the diagonal of B is 0.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::{factor, inverse};
use faer::traits::RealField;
use faer::{Mat, Par};
use kith_base::limits;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::interactions::Interactions;
use crate::matrix::Rows;

/// How a linear model is solved.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Added to the diagonal.
    pub lambda: f64,
    /// Share of entries as if dropped in training, below 1; 0 is EASE^R.
    pub dropout: f64,
}

/// A dense matrix of weights: row `a` is what having touched `a` says of every item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Linear {
    items: u32,
    weights: Vec<f32>,
}

/// How many users touched each pair of items; the whole square.
pub struct Gram {
    items: usize,
    counts: Vec<f32>,
}

impl Gram {
    /// Counts. Refuses more items than a dense matrix is made for.
    pub fn of(interactions: &Interactions) -> Result<Self, Error> {
        let items = interactions.items();
        if items > limits::LEARN_LINEAR_ITEMS_MAX {
            let most = limits::LEARN_LINEAR_ITEMS_MAX;
            return Err(Error::TooMany {
                what: "items of a linear model",
                most,
            });
        }
        let sets = interactions.distinct();
        let users = sets.transposed(items);
        let mut counts = vec![0f32; items * items];
        for (item, row) in counts.chunks_exact_mut(items.max(1)).enumerate() {
            for user in users.get(item) {
                for other in sets.get(*user as usize) {
                    row[*other as usize] += 1.0;
                }
            }
        }
        Ok(Gram { items, counts })
    }

    fn at(&self, one: usize, other: usize) -> f64 {
        f64::from(self.counts[one * self.items + other])
    }
}

/// Solves for one setting.
pub fn fit(gram: &Gram, settings: Settings) -> Result<Linear, Error> {
    let Settings { lambda, dropout } = settings;
    if !(lambda.is_finite() && lambda > 0.0) {
        let hint = "the regularization is above 0";
        return Err(Error::Setting {
            name: "lambda",
            value: lambda,
            hint,
        });
    }
    if !(0.0..1.0).contains(&dropout) {
        let hint = "a share is from 0 to below 1";
        return Err(Error::Setting {
            name: "dropout",
            value: dropout,
            hint,
        });
    }
    let factor = dropout / (1.0 - dropout);
    let entry = |row: usize, column: usize| {
        let count = gram.at(row, column);
        let more = if row == column {
            lambda + factor * count
        } else {
            0.0
        };
        count + more
    };
    let singular = Error::Singular {
        items: gram.items,
        lambda,
    };
    let weights = if gram.items <= limits::LEARN_LINEAR_DOUBLE_ITEMS_MAX {
        let inverse = inverted(gram.items, entry).ok_or(singular)?;
        weights(gram.items, |row, column| inverse[(row, column)])
    } else {
        let inverse = inverted(gram.items, |row, column| entry(row, column) as f32);
        let inverse = inverse.ok_or(singular)?;
        weights(gram.items, |row, column| f64::from(inverse[(row, column)]))
    };
    Ok(Linear {
        items: gram.items as u32,
        weights,
    })
}

/// The inverse of a symmetric positive definite matrix; only its lower half is filled.
fn inverted<T: RealField>(size: usize, entry: impl Fn(usize, usize) -> T) -> Option<Mat<T>> {
    let mut matrix = Mat::from_fn(size, size, |row, column| {
        if row >= column {
            entry(row, column)
        } else {
            T::zero_impl()
        }
    });
    let scratch = factor::cholesky_in_place_scratch::<T>(size, Par::Seq, Default::default())
        .or(inverse::inverse_scratch::<T>(size, Par::Seq));
    let mut memory = MemBuffer::new(scratch);
    let stack = MemStack::new(&mut memory);
    let parameters = Default::default();
    factor::cholesky_in_place(
        matrix.as_mut(),
        Default::default(),
        Par::Seq,
        stack,
        parameters,
    )
    .ok()?;
    let mut made = Mat::zeros(size, size);
    inverse::inverse(made.as_mut(), matrix.as_ref(), Par::Seq, stack);
    Some(made)
}

fn weights(items: usize, inverse: impl Fn(usize, usize) -> f64) -> Vec<f32> {
    let diagonal: Vec<f64> = (0..items).map(|item| inverse(item, item)).collect();
    let mut weights = vec![0f32; items * items];
    for (row, to) in weights.chunks_exact_mut(items.max(1)).enumerate() {
        for (column, to) in to
            .iter_mut()
            .enumerate()
            .filter(|(column, _)| *column != row)
        {
            let (low, high) = (row.min(column), row.max(column));
            *to = (-inverse(high, low) / diagonal[column]) as f32;
        }
    }
    weights
}

impl Linear {
    /// How many items there are.
    pub fn items(&self) -> usize {
        self.items as usize
    }

    /// What having touched `item` says of each item; nothing of one that came later.
    pub fn row(&self, item: u32) -> &[f32] {
        let (item, items) = (item as usize, self.items as usize);
        if item >= items {
            return &[];
        }
        &self.weights[item * items..(item + 1) * items]
    }

    /// The served form: for each predicted item the 200 items that say most for it, told by the
    /// item of the history. The diagonal is 0 before, so that no item stands for itself.
    pub fn truncated(&self) -> Rows {
        let items = self.items();
        let mut kept: Vec<Vec<(u32, f32)>> = vec![Vec::new(); items];
        for column in 0..items {
            let weights = (0..items).map(|row| self.weights[row * items + column]);
            let sizes = weights
                .clone()
                .enumerate()
                .map(|(row, weight)| (row as u32, weight.abs()));
            let best = crate::rank::top(
                sizes.filter(|(_, size)| *size > 0.0),
                limits::LEARN_ROW_ITEMS_MAX,
            );
            for (row, _) in best {
                kept[row as usize]
                    .push((column as u32, self.weights[row as usize * items + column]));
            }
        }
        Rows::from_sorted(kept)
    }

    /// Whether a read form holds together.
    pub fn is_sound(&self) -> bool {
        self.items().checked_mul(self.items()) == Some(self.weights.len())
            && self.weights.iter().all(|weight| weight.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gram() -> Gram {
        let rows: [&[u32]; 4] = [&[0, 1], &[0, 1, 2], &[2], &[0, 2]];
        Gram::of(&Interactions::from_lists(3, rows)).unwrap()
    }

    /// B minimises |X − XB|² + λ|B|² with a diagonal of 0: off the diagonal the gradient
    /// (G + λ) B − G is 0.
    #[test]
    fn the_gradient_is_nought_off_the_diagonal() {
        let (gram, lambda, dropout) = (gram(), 0.7, 0.25);
        let made = fit(&gram, Settings { lambda, dropout }).unwrap();
        for row in 0..3 {
            assert_eq!(made.row(row as u32)[row], 0.0);
            for column in (0..3).filter(|column| *column != row) {
                let ridge = lambda + dropout / (1.0 - dropout) * gram.at(row, row);
                let product: f64 = (0..3)
                    .map(|k| {
                        let more = if k == row { ridge } else { 0.0 };
                        (gram.at(row, k) + more) * f64::from(made.row(k as u32)[column])
                    })
                    .sum();
                assert!(
                    (product - gram.at(row, column)).abs() < 1e-5,
                    "{row} {column}"
                );
            }
        }
    }

    #[test]
    fn truncated_keeps_all_of_a_small_matrix() {
        let made = fit(
            &gram(),
            Settings {
                lambda: 1.0,
                dropout: 0.0,
            },
        )
        .unwrap();
        let rows = made.truncated();
        for row in 0..3 {
            for column in 0..3 {
                assert_eq!(rows.weight(row, column), made.row(row)[column as usize]);
            }
        }
    }

    #[test]
    fn refuses_settings_without_meaning() {
        for (lambda, dropout) in [(0.0, 0.0), (f64::NAN, 0.0), (1.0, 1.0), (1.0, -0.1)] {
            assert!(fit(&gram(), Settings { lambda, dropout }).is_err());
        }
    }
}
