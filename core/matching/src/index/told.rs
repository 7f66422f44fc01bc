//! What the index says about what it found.

use super::{Found, Index};
use crate::explain::Part;
use crate::matcher::{Match, surest};

impl Index {
    /// The probability that a record found with these bits is the one asked about.
    pub fn probability(&self, bits: f32) -> f32 {
        let learned = &self.fitted.learned;
        let known = learned.calibration.as_ref();
        let known = known.map_or(1.0, |known| known.probability(bits));
        known.min(surest(bits, learned.layer.is_some()))
    }

    /// Why a record that was put in was found to be another; the bits sum up to the pair's.
    pub fn explain(&self, record: u32, found: Found) -> Vec<Part> {
        let pair = Match {
            one: record,
            other: found.record,
            bits: found.bits,
            probability: self.probability(found.bits),
        };
        self.matcher.explain(&self.fitted, &pair)
    }
}
