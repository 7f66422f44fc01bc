//! Distinct vectors with how many pairs have each: a few thousand stand for millions.

use crate::compare::Vector;
use crate::dictionary::mix;

/// Counts vectors; each has a number in order of first appearance.
pub struct Patterns {
    vectors: Vec<Vector>,
    counts: Vec<u32>,
    slots: Vec<u32>,
}

impl Default for Patterns {
    fn default() -> Self {
        Patterns {
            vectors: Vec::new(),
            counts: Vec::new(),
            slots: vec![0; 1 << 12],
        }
    }
}

impl Patterns {
    /// Counts one more and answers its number.
    pub fn add(&mut self, vector: Vector) -> u32 {
        let mut slot = self.slot(vector);
        if self.slots[slot] == 0 {
            if self.vectors.len() * 2 >= self.slots.len() {
                self.grow();
                slot = self.slot(vector);
            }
            self.vectors.push(vector);
            self.counts.push(0);
            self.slots[slot] = self.vectors.len() as u32;
        }
        let number = self.slots[slot] - 1;
        self.counts[number as usize] += 1;
        number
    }

    /// The vector of a number.
    pub fn vector(&self, number: u32) -> Vector {
        self.vectors[number as usize]
    }

    /// How many different vectors.
    pub fn len(&self) -> usize {
        self.vectors.len()
    }

    /// Whether none was counted.
    pub fn is_empty(&self) -> bool {
        self.vectors.is_empty()
    }

    /// Each vector with its count.
    pub fn iter(&self) -> impl Iterator<Item = (Vector, u32)> + '_ {
        self.vectors
            .iter()
            .copied()
            .zip(self.counts.iter().copied())
    }

    fn slot(&self, vector: Vector) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = mix(vector.0 as u64, (vector.0 >> 64) as u64 ^ 0x7a) as usize & mask;
        while self.slots[slot] != 0 && self.vectors[self.slots[slot] as usize - 1] != vector {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn grow(&mut self) {
        self.slots = vec![0; self.slots.len() * 4];
        for number in 0..self.vectors.len() {
            let slot = self.slot(self.vectors[number]);
            self.slots[slot] = number as u32 + 1;
        }
    }
}
