//! Scores of items while a person is answered; the memory is used again.

use std::sync::{Mutex, MutexGuard, PoisonError};

use kith_base::limits;

/// A score for each item that anything was said of.
#[derive(Clone, Debug, Default)]
pub struct Scores {
    values: Vec<f32>,
    told: Vec<u32>,
    marks: Vec<bool>,
    all: bool,
}

impl Scores {
    /// Room for this many items.
    pub fn new(items: usize) -> Self {
        let mut scores = Scores::default();
        scores.begin(items);
        scores
    }

    /// Forgets everything.
    pub fn begin(&mut self, items: usize) {
        if self.all || self.values.len() != items || self.told.len() > items / 4 {
            self.values.clear();
            self.values.resize(items, 0.0);
            self.marks.clear();
            self.marks.resize(items, false);
        } else {
            for item in &self.told {
                self.values[*item as usize] = 0.0;
                self.marks[*item as usize] = false;
            }
        }
        self.told.clear();
        self.all = false;
    }

    /// Adds to one item.
    pub fn add(&mut self, item: u32, value: f32) {
        self.values[item as usize] += value;
        if !self.all && !std::mem::replace(&mut self.marks[item as usize], true) {
            self.told.push(item);
        }
    }

    /// Adds to every item that the row reaches.
    pub fn add_row(&mut self, weight: f32, row: &[f32]) {
        if row.is_empty() {
            return;
        }
        self.all = true;
        for (to, value) in self.values.iter_mut().zip(row) {
            *to += weight * value;
        }
    }

    /// Adds other scores, divided by their standard deviation over all items: a z-score, whose
    /// mean moves every item alike and is left out.
    pub fn add_scaled(&mut self, other: &Scores, weight: f32) {
        let spread = other.spread();
        if spread <= 0.0 {
            return;
        }
        let weight = weight / spread;
        if other.all {
            self.add_row(weight, &other.values);
            return;
        }
        for item in &other.told {
            self.add(*item, weight * other.values[*item as usize]);
        }
    }

    /// Multiplies everything.
    pub fn scale(&mut self, factor: f32) {
        if self.all {
            self.values.iter_mut().for_each(|value| *value *= factor);
            return;
        }
        for item in &self.told {
            self.values[*item as usize] *= factor;
        }
    }

    /// The standard deviation over all items.
    pub fn spread(&self) -> f32 {
        let count = self.values.len().max(1) as f64;
        let (mut sum, mut squares) = (0f64, 0f64);
        for (_, value) in self.told() {
            sum += f64::from(value);
            squares += f64::from(value) * f64::from(value);
        }
        let mean = sum / count;
        (squares / count - mean * mean).max(0.0).sqrt() as f32
    }

    /// Items that anything was said of, with their scores.
    pub fn told(&self) -> impl Iterator<Item = (u32, f32)> + '_ {
        let all = self.all.then_some(0..self.values.len() as u32);
        let some = (!self.all).then(|| self.told.iter().copied());
        let items = all.into_iter().flatten().chain(some.into_iter().flatten());
        items.map(|item| (item, self.values[item as usize]))
    }

    /// All values.
    pub fn values(&self) -> &[f32] {
        &self.values
    }
}

/// Scores that are lent and come back, so that an answer over many items clears what the one
/// before it touched and no more.
#[derive(Debug, Default)]
pub struct Pool(Mutex<Vec<Scores>>);

impl Pool {
    /// Calls with scores of which nothing is to be expected: they begin with [`Scores::begin`].
    pub fn lend<T>(&self, with: impl FnOnce(&mut Scores) -> T) -> T {
        let mut scores = self.held().pop().unwrap_or_default();
        let answer = with(&mut scores);
        let mut held = self.held();
        if held.len() < limits::LEARN_SCORES_POOLED_MAX {
            held.push(scores);
        }
        answer
    }

    fn held(&self) -> MutexGuard<'_, Vec<Scores>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_back_is_lent_again() {
        let pool = Pool::default();
        let first = pool.lend(|scores| {
            scores.begin(8);
            scores.add(3, 1.0);
            let second = pool.lend(|scores| {
                scores.begin(4);
                scores.values().as_ptr()
            });
            (second, scores.values().as_ptr())
        });
        let again = pool.lend(|scores| {
            scores.begin(8);
            (scores.told().count(), scores.values().as_ptr())
        });
        assert_eq!(again, (0, first.1));
        assert_ne!(first.0, first.1);
    }

    #[test]
    fn no_more_are_kept_than_stated() {
        fn nest(pool: &Pool, deep: usize) {
            pool.lend(|_| (deep > 1).then(|| nest(pool, deep - 1)));
        }
        let (pool, most) = (Pool::default(), limits::LEARN_SCORES_POOLED_MAX);
        nest(&pool, most);
        assert_eq!(pool.held().len(), most);
        nest(&pool, most + 1);
        assert_eq!(pool.held().len(), most);
    }

    #[test]
    fn begins_anew_and_scales() {
        let mut scores = Scores::new(8);
        scores.add(3, 2.0);
        scores.add(3, 1.0);
        assert_eq!(scores.told().collect::<Vec<_>>(), [(3, 3.0)]);
        scores.begin(8);
        assert_eq!(scores.told().count(), 0);
        let mut other = Scores::new(8);
        other.add_row(1.0, &[0.0, 2.0, 0.0, 2.0, 0.0, 2.0, 0.0, 2.0]);
        assert_eq!(other.spread(), 1.0);
        scores.add(0, 1.0);
        scores.add_scaled(&other, 0.5);
        assert_eq!(&scores.values()[..2], [1.0, 1.0]);
        assert_eq!(scores.told().count(), 8);
        scores.begin(8);
        assert_eq!(scores.told().count(), 0);
    }
}
