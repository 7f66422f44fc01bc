//! Factors of users and items from implicit feedback, by alternating least squares.
//!
//! Y. Hu, Y. Koren, C. Volinsky, *Collaborative Filtering for Implicit Feedback Datasets*, ICDM
//! 2008, with the confidence of the library implicit: a touch weighs `alpha`, everything else 1.
//! Rows are solved by conjugate gradients (Takács, Pilászy, Tikk, RecSys 2011), preconditioned by
//! the inverse that all rows share; with `alpha` 1 that inverse is the whole answer.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::{factor, inverse};
use faer::{Mat, Par};
use kith_base::Random;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::interactions::{Interactions, Sets};

/// How factors are trained.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Length of a vector.
    pub factors: u32,
    /// Added to the diagonal.
    pub lambda: f32,
    /// Weight of a touch against none, at least 1.
    pub alpha: f32,
    /// Rounds over users and items.
    pub rounds: u32,
    /// Where the first vectors come from.
    pub seed: u64,
}

/// Longest vector.
pub const FACTORS_MAX: u32 = 512;
/// Most rounds.
const ROUNDS_MAX: u32 = 100;
/// Steps of conjugate gradients per row and round; the row of the round before is the start.
const TRAINING_STEPS: usize = 3;
/// Steps for a person who is asked about, from nothing.
const SERVING_STEPS: usize = 8;

/// Vectors of items, with what is needed to place a person among them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Factors {
    size: u32,
    alpha: f32,
    vectors: Vec<f32>,
    shared: Vec<f32>,
    shared_inverse: Vec<f32>,
}

/// Trains.
pub fn fit(interactions: &Interactions, settings: Settings) -> Result<Factors, Error> {
    check(&settings)?;
    let size = settings.factors as usize;
    let sets = interactions.distinct();
    let by_item = sets.transposed(interactions.items());
    let mut random = Random::new(settings.seed);
    let mut items: Vec<f32> = (0..interactions.items() * size)
        .map(|_| random.unit() as f32 * 0.01)
        .collect();
    let mut users = vec![0f32; sets.len() * size];
    for _ in 0..settings.rounds {
        Side::new(&items, &settings)?.solve_all(&sets, &mut users);
        Side::new(&users, &settings)?.solve_all(&by_item, &mut items);
    }
    let Side {
        shared, inverse, ..
    } = Side::new(&items, &settings)?;
    Ok(Factors {
        size: settings.factors,
        alpha: settings.alpha,
        vectors: items,
        shared,
        shared_inverse: inverse,
    })
}

fn check(settings: &Settings) -> Result<(), Error> {
    let refuse = |name, value: f64, hint| Err(Error::Setting { name, value, hint });
    if !(1..=FACTORS_MAX).contains(&settings.factors) {
        return refuse("factors", f64::from(settings.factors), "from 1 to 512");
    }
    if !(settings.lambda.is_finite() && settings.lambda > 0.0) {
        return refuse("lambda", f64::from(settings.lambda), "above 0");
    }
    if !(settings.alpha.is_finite() && settings.alpha >= 1.0) {
        return refuse("alpha", f64::from(settings.alpha), "at least 1");
    }
    if settings.rounds > ROUNDS_MAX {
        return refuse("rounds", f64::from(settings.rounds), "at most 100");
    }
    Ok(())
}

/// Everything that is the same for all rows of one half of a round.
struct Side<'a> {
    size: usize,
    alpha: f32,
    vectors: &'a [f32],
    shared: Vec<f32>,
    inverse: Vec<f32>,
}

impl<'a> Side<'a> {
    fn new(vectors: &'a [f32], settings: &Settings) -> Result<Self, Error> {
        let size = settings.factors as usize;
        let mut shared = squared(vectors, size);
        for index in 0..size {
            shared[index * size + index] += settings.lambda;
        }
        let lambda = f64::from(settings.lambda);
        let inverse = invert(&shared, size).ok_or(Error::Singular {
            items: size,
            lambda,
        })?;
        Ok(Side {
            size,
            alpha: settings.alpha,
            vectors,
            shared,
            inverse,
        })
    }

    fn solve_all(&self, rows: &Sets, to: &mut [f32]) {
        for (row, to) in to.chunks_exact_mut(self.size).enumerate() {
            self.solve(rows.get(row), to, TRAINING_STEPS);
        }
    }

    fn solve(&self, row: &[u32], to: &mut [f32], steps: usize) {
        let mut wanted = vec![0f32; self.size];
        for member in row {
            add(
                &mut wanted,
                self.alpha,
                vector(self.vectors, *member, self.size),
            );
        }
        if self.alpha == 1.0 || row.is_empty() {
            multiply(&self.inverse, &wanted, to);
            return;
        }
        let mut product = vec![0f32; self.size];
        self.apply(row, to, &mut product);
        let mut rest: Vec<f32> = wanted.iter().zip(&product).map(|(w, p)| w - p).collect();
        let mut scaled = vec![0f32; self.size];
        multiply(&self.inverse, &rest, &mut scaled);
        let mut along = scaled.clone();
        let mut size = dot(&rest, &scaled);
        for _ in 0..steps {
            if size <= 1e-12 {
                break;
            }
            self.apply(row, &along, &mut product);
            let step = size / dot(&along, &product);
            add(to, step, &along);
            add(&mut rest, -step, &product);
            multiply(&self.inverse, &rest, &mut scaled);
            let next = dot(&rest, &scaled);
            for (along, scaled) in along.iter_mut().zip(&scaled) {
                *along = scaled + next / size * *along;
            }
            size = next;
        }
    }

    /// (shared + Σ (alpha − 1) v vᵀ) x
    fn apply(&self, row: &[u32], x: &[f32], product: &mut [f32]) {
        multiply(&self.shared, x, product);
        for member in row {
            let vector = vector(self.vectors, *member, self.size);
            add(product, (self.alpha - 1.0) * dot(vector, x), vector);
        }
    }
}

impl Factors {
    /// How many items have a vector.
    pub fn items(&self) -> usize {
        self.vectors.len() / (self.size as usize).max(1)
    }

    /// The vector of somebody who touched these items; items that came later do not count.
    pub fn person(&self, history: &[u32]) -> Vec<f32> {
        let mut known: Vec<u32> = history.to_vec();
        known.retain(|item| (*item as usize) < self.items());
        known.sort_unstable();
        known.dedup();
        let side = Side {
            size: self.size as usize,
            alpha: self.alpha,
            vectors: &self.vectors,
            shared: self.shared.clone(),
            inverse: self.shared_inverse.clone(),
        };
        let mut person = vec![0f32; side.size];
        side.solve(&known, &mut person, SERVING_STEPS);
        person
    }

    /// Score of an item for a person's vector.
    pub fn score(&self, person: &[f32], item: u32) -> f32 {
        dot(person, vector(&self.vectors, item, self.size as usize))
    }

    /// Whether a read form holds together.
    pub fn is_sound(&self) -> bool {
        let size = self.size as usize;
        (1..=FACTORS_MAX).contains(&self.size)
            && self.vectors.len().is_multiple_of(size)
            && [&self.shared, &self.shared_inverse]
                .iter()
                .all(|matrix| matrix.len() == size * size)
            && [&self.vectors, &self.shared, &self.shared_inverse]
                .iter()
                .all(|values| values.iter().all(|value| value.is_finite()))
    }
}

fn vector(vectors: &[f32], index: u32, size: usize) -> &[f32] {
    &vectors[index as usize * size..(index as usize + 1) * size]
}

/// Vᵀ V
fn squared(vectors: &[f32], size: usize) -> Vec<f32> {
    let rows = vectors.len() / size;
    let matrix = faer::MatRef::from_row_major_slice(vectors, rows, size);
    let mut product = Mat::<f32>::zeros(size, size);
    faer::linalg::matmul::matmul(
        product.as_mut(),
        faer::Accum::Replace,
        matrix.transpose(),
        matrix,
        1.0,
        Par::Seq,
    );
    let entries = (0..size * size).map(|index| product[(index / size, index % size)]);
    entries.collect()
}

fn invert(matrix: &[f32], size: usize) -> Option<Vec<f32>> {
    let mut lower = Mat::from_fn(size, size, |row, column| {
        f64::from(matrix[row * size + column])
    });
    let scratch = factor::cholesky_in_place_scratch::<f64>(size, Par::Seq, Default::default())
        .or(inverse::inverse_scratch::<f64>(size, Par::Seq));
    let mut memory = MemBuffer::new(scratch);
    let stack = MemStack::new(&mut memory);
    factor::cholesky_in_place(
        lower.as_mut(),
        Default::default(),
        Par::Seq,
        stack,
        Default::default(),
    )
    .ok()?;
    let mut made = Mat::<f64>::zeros(size, size);
    inverse::inverse(made.as_mut(), lower.as_ref(), Par::Seq, stack);
    let entry = |row: usize, column: usize| made[(row.max(column), row.min(column))] as f32;
    Some(
        (0..size * size)
            .map(|index| entry(index / size, index % size))
            .collect(),
    )
}

fn multiply(matrix: &[f32], x: &[f32], to: &mut [f32]) {
    for (row, to) in matrix.chunks_exact(x.len()).zip(to) {
        *to = dot(row, x);
    }
}

fn add(to: &mut [f32], weight: f32, vector: &[f32]) {
    for (to, value) in to.iter_mut().zip(vector) {
        *to += weight * value;
    }
}

/// Eight sums side by side, so that the compiler may use wide registers.
fn dot(one: &[f32], other: &[f32]) -> f32 {
    let mut sums = [0f32; 8];
    let (ones, others) = (one.chunks_exact(8), other.chunks_exact(8));
    let rest = ones.remainder().iter().zip(others.remainder());
    let rest: f32 = rest.map(|(one, other)| one * other).sum();
    for (one, other) in ones.zip(others) {
        for lane in 0..8 {
            sums[lane] += one[lane] * other[lane];
        }
    }
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: Settings = Settings {
        factors: 4,
        lambda: 0.1,
        alpha: 1.0,
        rounds: 10,
        seed: 1,
    };

    fn two_tastes() -> Interactions {
        let rows: [&[u32]; 6] = [&[0, 1, 2], &[0, 1], &[1, 2], &[3, 4, 5], &[4, 5], &[3, 4]];
        Interactions::from_lists(6, rows)
    }

    #[test]
    fn finds_tastes_and_is_the_same_each_time() {
        for alpha in [1.0, 10.0] {
            let settings = Settings { alpha, ..SETTINGS };
            let made = fit(&two_tastes(), settings).unwrap();
            let person = made.person(&[0, 99]);
            assert!(made.score(&person, 1) > made.score(&person, 4) + 0.1);
            assert_eq!(made, fit(&two_tastes(), settings).unwrap());
            assert!(made.is_sound());
        }
    }

    /// What conjugate gradients find solves the system.
    #[test]
    fn a_person_solves_the_normal_equations() {
        let settings = Settings {
            alpha: 5.0,
            ..SETTINGS
        };
        let made = fit(&two_tastes(), settings).unwrap();
        let side = Side::new(&made.vectors, &settings).unwrap();
        let (row, mut product) = ([1, 3], vec![0.0; 4]);
        side.apply(&row, &made.person(&row), &mut product);
        for (lane, product) in product.iter().enumerate() {
            let wanted: f32 = row
                .iter()
                .map(|item| 5.0 * vector(&made.vectors, *item, 4)[lane])
                .sum();
            assert!((product - wanted).abs() < 1e-4);
        }
    }

    #[test]
    fn refuses_settings_without_meaning() {
        let bad = [
            Settings {
                factors: 0,
                ..SETTINGS
            },
            Settings {
                lambda: f32::NAN,
                ..SETTINGS
            },
            Settings {
                alpha: 0.5,
                ..SETTINGS
            },
            Settings {
                rounds: 1_000,
                ..SETTINGS
            },
        ];
        assert!(
            bad.iter()
                .all(|settings| fit(&two_tastes(), *settings).is_err())
        );
    }
}
