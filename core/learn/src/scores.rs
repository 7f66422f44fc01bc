//! Scores of items while a person is answered; the memory is used again.

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

    /// Whether anything was said of the item.
    pub fn is_told(&self, item: u32) -> bool {
        self.all || self.marks[item as usize]
    }

    /// All values.
    pub fn values(&self) -> &[f32] {
        &self.values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert!(scores.is_told(7));
        scores.begin(8);
        assert!(!scores.is_told(7));
    }
}
