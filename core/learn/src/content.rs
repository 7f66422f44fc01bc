//! Items alike by their own words and attributes: for items that nobody has touched yet.
//!
//! Each item is a vector of terms, weighted `(1 + ln count) · ln(1 + items / items with it)`
//! (Salton and Buckley, *Term-weighting approaches in automatic text retrieval*, 1988); alike is
//! the cosine of two vectors. Terms of most items say nothing and are left out.

use std::collections::BTreeMap;

use kith_base::limits;
use serde::{Deserialize, Serialize};

use crate::matrix::Rows;
use crate::model::Touch;
use crate::scores::Scores;

/// What is alike to each item.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// Cosines between items.
    pub rows: Rows,
}

/// What an item says of itself.
#[derive(Clone, Debug, Default)]
pub struct Description<'a> {
    /// Names and values of attributes; equal only as a whole.
    pub attributes: &'a [(&'a str, &'a str)],
    /// Free text, such as title and description.
    pub text: &'a str,
}

/// Weight of an attribute against one word.
const ATTRIBUTE_WEIGHT: f32 = 2.0;

/// Builds the rows of all items, in the order of their numbers.
pub fn fit<'a>(items: impl IntoIterator<Item = Description<'a>>) -> Content {
    let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
    let mut vectors: Vec<Vec<(u32, f32)>> = Vec::new();
    for item in items.into_iter().take(limits::LEARN_ITEMS_MAX) {
        let mut counts: BTreeMap<u32, f32> = BTreeMap::new();
        let next = |numbers: &mut BTreeMap<String, u32>, term: String| {
            let free = numbers.len() as u32;
            *numbers.entry(term).or_insert(free)
        };
        for (name, value) in item
            .attributes
            .iter()
            .take(limits::LEARN_TERMS_PER_ITEM_MAX)
        {
            let term = next(&mut numbers, format!("{name}\u{0}{}", value.to_lowercase()));
            *counts.entry(term).or_default() += ATTRIBUTE_WEIGHT;
        }
        for word in words(item.text).take(limits::LEARN_TERMS_PER_ITEM_MAX) {
            *counts.entry(next(&mut numbers, word)).or_default() += 1.0;
        }
        vectors.push(counts.into_iter().collect());
    }
    let holders = weigh(&mut vectors, numbers.len());
    let mut sums = Scores::new(vectors.len());
    let mut rows = Rows::new();
    for (item, vector) in vectors.iter().enumerate() {
        sums.begin(vectors.len());
        for (term, weight) in vector {
            for (other, theirs) in &holders[*term as usize] {
                sums.add(*other, weight * theirs);
            }
        }
        rows.push(sums.told().filter(|(other, _)| *other as usize != item));
    }
    Content { rows }
}

/// Turns counts into vectors of length one, and lists the items of each term.
fn weigh(vectors: &mut [Vec<(u32, f32)>], terms: usize) -> Vec<Vec<(u32, f32)>> {
    let mut counts = vec![0usize; terms];
    for (term, _) in vectors.iter().flatten() {
        counts[*term as usize] += 1;
    }
    let items = vectors.len() as f64;
    let mut holders: Vec<Vec<(u32, f32)>> = vec![Vec::new(); terms];
    for (item, vector) in vectors.iter_mut().enumerate() {
        vector.retain(|(term, _)| {
            let count = counts[*term as usize];
            count > 1 && count <= limits::LEARN_ITEMS_PER_TERM_MAX
        });
        for (term, weight) in vector.iter_mut() {
            let rarity = libm::log1p(items / counts[*term as usize] as f64);
            *weight = ((1.0 + libm::log(f64::from(*weight))) * rarity) as f32;
        }
        let length = vector
            .iter()
            .map(|(_, weight)| weight * weight)
            .sum::<f32>()
            .sqrt();
        for (term, weight) in vector.iter_mut() {
            *weight /= length.max(f32::MIN_POSITIVE);
            holders[*term as usize].push((item as u32, *weight));
        }
    }
    holders
}

/// Words in lower case; scripts without spaces give pairs of characters.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    let pieces = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|piece| !piece.is_empty());
    pieces.flat_map(|piece| {
        let spaced = piece.chars().all(|c| (c as u32) < 0x2E80);
        let chars: Vec<char> = piece.chars().flat_map(char::to_lowercase).collect();
        if spaced || chars.len() < 2 {
            return vec![chars.into_iter().collect::<String>()];
        }
        chars.windows(2).map(|pair| pair.iter().collect()).collect()
    })
}

impl Content {
    /// Adds what is alike to the items of a history.
    pub fn score(&self, to: &mut Scores, history: &[Touch]) {
        for touch in history {
            for (column, weight) in self.rows.row(touch.item) {
                to.add(column, weight);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alike_by_words_and_attributes() {
        let text = |text| Description {
            text,
            ..Description::default()
        };
        let red = [("colour", "Red")];
        let made = fit([
            text("Wireless Mouse"),
            text("wireless keyboard"),
            Description {
                attributes: &red,
                text: "apron",
            },
            Description {
                attributes: &[("colour", "red")],
                text: "mug",
            },
            text("red"),
            text("無線滑鼠"),
            text("靜音無線滑鼠"),
        ]);
        let alike = |item| {
            made.rows
                .row(item)
                .map(|(other, _)| other)
                .collect::<Vec<_>>()
        };
        assert_eq!((alike(0), alike(2), alike(4)), (vec![1], vec![3], vec![]));
        assert_eq!(alike(5), [6]);
        assert!((made.rows.weight(2, 3) - 1.0).abs() < 1e-6);
    }
}
