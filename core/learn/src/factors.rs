//! Factors of users and items from implicit feedback, by alternating least squares.
//!
//! Y. Hu, Y. Koren, C. Volinsky, *Collaborative Filtering for Implicit Feedback Datasets*, ICDM
//! 2008, with the confidence of the library implicit: a touch weighs `alpha`, everything else 1.
//! Rows are solved by conjugate gradients (Takács, Pilászy, Tikk, RecSys 2011), preconditioned by
//! the inverse that all rows share; with `alpha` 1 that inverse is the whole answer.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::{factor, inverse};
use faer::{Mat, Par};
use kith_base::{Random, limits};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::interactions::{Interactions, Sets};
use crate::rank::Best;

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

/// Vectors of items, with what is needed to place a person among them. They lie by length, the
/// longest first: none can score more than its length times that of the person, so that a search
/// for the best ends early (LEMP: C. Teflioudi, R. Gemulla, O. Mykytiuk, SIGMOD 2015).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Factors {
    size: u32,
    alpha: f32,
    /// By place.
    vectors: Vec<f32>,
    /// Length of the vector and item, by place.
    items: Vec<(f32, u32)>,
    /// Places by item.
    places: Vec<u32>,
    shared: Vec<f32>,
    shared_inverse: Vec<f32>,
}

/// As it is written: vectors in the order of the items.
#[derive(Serialize, Deserialize)]
struct Stored {
    size: u32,
    alpha: f32,
    vectors: Vec<f32>,
    shared: Vec<f32>,
    shared_inverse: Vec<f32>,
}

impl From<Stored> for Factors {
    fn from(stored: Stored) -> Self {
        let size = (stored.size as usize).max(1);
        let all = stored.vectors.chunks_exact(size);
        let mut items: Vec<(f32, u32)> = all.map(|one| dot(one, one).sqrt()).zip(0..).collect();
        items.sort_unstable_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        let mut places = vec![0; items.len()];
        let mut vectors = Vec::with_capacity(stored.vectors.len());
        for (place, (_, item)) in items.iter().enumerate() {
            places[*item as usize] = place as u32;
            vectors.extend_from_slice(vector(&stored.vectors, *item, size));
        }
        // Numbers without a vector are found by `is_sound`.
        let rest = stored.vectors.chunks_exact(size).remainder();
        vectors.extend_from_slice(rest);
        Factors {
            size: stored.size,
            alpha: stored.alpha,
            vectors,
            items,
            places,
            shared: stored.shared,
            shared_inverse: stored.shared_inverse,
        }
    }
}

impl From<Factors> for Stored {
    fn from(factors: Factors) -> Self {
        let size = (factors.size as usize).max(1);
        let by_item = factors.places.iter();
        let vectors = by_item.flat_map(|place| vector(&factors.vectors, *place, size));
        Stored {
            size: factors.size,
            alpha: factors.alpha,
            vectors: vectors.copied().collect(),
            shared: factors.shared,
            shared_inverse: factors.shared_inverse,
        }
    }
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
    Ok(Factors::from(Stored {
        size: settings.factors,
        alpha: settings.alpha,
        vectors: items,
        shared,
        shared_inverse: inverse,
    }))
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
        self.items.len()
    }

    /// The vector of somebody who touched these items; items that came later do not count.
    pub fn person(&self, history: &[u32]) -> Vec<f32> {
        let places = history.iter().filter_map(|item| self.place(*item));
        let mut known: Vec<u32> = places.collect();
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

    fn place(&self, item: u32) -> Option<u32> {
        self.places.get(item as usize).copied()
    }

    /// Scores for a person's vector, of the items with the longest vectors, at most
    /// [`limits::LEARN_CANDIDATES_MAX`] of them.
    pub fn scores(&self, person: &[f32]) -> impl Iterator<Item = (u32, f32)> {
        let vectors = self.vectors.chunks_exact(self.size as usize);
        let longest = vectors.zip(&self.items).take(limits::LEARN_CANDIDATES_MAX);
        longest.map(|(vector, (_, item))| (*item, dot(person, vector)))
    }

    /// The best `n` of them that are open, the same as by looking at each.
    pub fn best(&self, person: &[f32], open: impl Fn(u32) -> bool, n: usize) -> Vec<(u32, f32)> {
        /// Sums are rounded; a bound may be missed by so much.
        const ROUNDING: f32 = 1.0 + 1e-4;
        let length = dot(person, person).sqrt() * ROUNDING;
        let mut best = Best::new(n);
        for ((item, score), (own, _)) in self.scores(person).zip(&self.items) {
            if best.least().is_some_and(|least| own * length < least) {
                break;
            }
            if open(item) {
                best.add((item, score));
            }
        }
        best.into_sorted()
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
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::rank;

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
            let scores: BTreeMap<u32, f32> = made.scores(&person).collect();
            assert!(scores[&1] > scores[&4] + 0.1);
            assert_eq!(made, fit(&two_tastes(), settings).unwrap());
            assert!(made.is_sound());
        }
    }

    proptest! {
        /// A search that ends early finds what looking at every item finds, also when it was
        /// written and read between.
        #[test]
        fn the_best_are_those_of_all(
            vectors in proptest::collection::vec(
                (0u8..40, proptest::collection::vec(-3i8..=3, 3)), 1..400),
            person in proptest::collection::vec(-3i8..=3, 3),
            (n, closed) in (1usize..30, 0u32..5),
        ) {
            let size = 3usize;
            let vectors = vectors.iter().flat_map(|(length, vector)| {
                vector.iter().map(|value| f32::from(*value) * f32::from(*length))
            });
            let made = Factors::from(Stored {
                size: 3,
                alpha: 1.0,
                vectors: vectors.collect(),
                shared: vec![0.0; size * size],
                shared_inverse: vec![0.0; size * size],
            });
            let read = Factors::from(Stored::from(made.clone()));
            prop_assert_eq!(&read, &made);
            let person: Vec<f32> = person.iter().map(|value| f32::from(*value)).collect();
            let open = |item: u32| closed == 0 || !item.is_multiple_of(closed);
            let all = made.scores(&person).filter(|(item, _)| open(*item));
            prop_assert_eq!(made.best(&person, open, n), rank::top(all, n));
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
        let items = [1, 3];
        let (row, mut product) = (items.map(|item| made.place(item).unwrap()), vec![0.0; 4]);
        side.apply(&row, &made.person(&items), &mut product);
        for (lane, product) in product.iter().enumerate() {
            let of = |item: &u32| vector(&made.vectors, *item, 4)[lane];
            let wanted: f32 = row.iter().map(|place| 5.0 * of(place)).sum();
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
