//! Sparse rows of weights between items: the served form of every item-to-item model.

use kith_base::limits;
use serde::{Deserialize, Serialize};

use crate::rank;

/// For each item the items it speaks for, with weights; at most 200 a row.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rows {
    starts: Vec<u32>,
    /// Ascending within a row, so that one weight is found by bisection.
    columns: Vec<u32>,
    weights: Vec<f32>,
}

impl Rows {
    /// No rows yet.
    pub fn new() -> Self {
        Rows {
            starts: vec![0],
            ..Rows::default()
        }
    }

    /// Adds a row: the greatest of the weights, without those that are 0 or no number.
    pub fn push(&mut self, row: impl IntoIterator<Item = (u32, f32)>) {
        let told = row
            .into_iter()
            .filter(|(_, weight)| weight.is_finite() && *weight != 0.0);
        let mut best = rank::top(told, limits::LEARN_ROW_ITEMS_MAX);
        best.sort_unstable_by_key(|(column, _)| *column);
        self.columns.extend(best.iter().map(|(column, _)| column));
        self.weights.extend(best.iter().map(|(_, weight)| weight));
        self.starts.push(self.columns.len() as u32);
    }

    /// From rows whose columns ascend, as they are.
    pub(crate) fn from_sorted(rows: Vec<Vec<(u32, f32)>>) -> Self {
        let mut made = Rows::new();
        for row in rows {
            debug_assert!(
                row.is_sorted_by_key(|(column, _)| *column),
                "columns ascend"
            );
            made.columns.extend(row.iter().map(|(column, _)| column));
            made.weights.extend(row.iter().map(|(_, weight)| weight));
            made.starts.push(made.columns.len() as u32);
        }
        made
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Columns and weights of a row; none of an item that came later.
    pub fn row(&self, item: u32) -> impl Iterator<Item = (u32, f32)> + '_ {
        let (from, to) = self.span(item);
        let weights = &self.weights[from..to];
        self.columns[from..to]
            .iter()
            .copied()
            .zip(weights.iter().copied())
    }

    /// One weight, 0 when there is none.
    pub fn weight(&self, item: u32, column: u32) -> f32 {
        let (from, to) = self.span(item);
        let found = self.columns[from..to].binary_search(&column);
        found.map_or(0.0, |place| self.weights[from + place])
    }

    /// Whether a read form holds together: rows in order, columns and weights in range.
    pub fn is_sound(&self, items: usize) -> bool {
        let ends = self.starts.last().map_or(0, |end| *end as usize);
        self.starts.first() == Some(&0)
            && self.starts.is_sorted()
            && self.columns.len() == ends
            && self.weights.len() == ends
            && self.columns.iter().all(|column| (*column as usize) < items)
            && self.weights.iter().all(|weight| weight.is_finite())
    }

    fn span(&self, item: u32) -> (usize, usize) {
        let item = item as usize;
        match (self.starts.get(item), self.starts.get(item + 1)) {
            (Some(from), Some(to)) => (*from as usize, *to as usize),
            _ => (0, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_greatest_and_finds_them() {
        let mut rows = Rows::new();
        rows.push((0..300).map(|item| (item, item as f32)));
        rows.push([(1, f32::NAN), (2, 0.5)]);
        assert_eq!((rows.row(0).count(), rows.row(1).count()), (200, 1));
        assert_eq!((rows.weight(0, 299), rows.weight(0, 99)), (299.0, 0.0));
        assert_eq!((rows.weight(1, 2), rows.row(7).count()), (0.5, 0));
        assert!(rows.is_sound(300) && !rows.is_sound(299));
    }
}
