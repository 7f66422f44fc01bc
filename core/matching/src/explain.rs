//! Why a pair has its bits: a waterfall that sums up to them.

use crate::compare::{Comparator, Slot, Vector};
use crate::evidence::Pair;
use crate::layer::Seen;
use crate::matcher::{Fitted, Match, Matcher};

/// One step of the waterfall.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// A field, or what else counts.
    pub name: String,
    /// How far the two agree on it.
    pub level: &'static str,
    /// Bits for a match, or against it.
    pub bits: f32,
}

impl Matcher {
    /// The steps to the bits of a judged pair; they sum up to them.
    pub fn explain(&self, fitted: &Fitted, found: &Match) -> Vec<Part> {
        let record = |row: u32| {
            let at = self.order.iter().position(|known| *known == row);
            at.expect("a match names rows of the table") as u32
        };
        let (one, other) = (record(found.one), record(found.other));
        let (one, other) = (one.max(other), one.min(other));
        let seen = fitted.seen(one, other).unwrap_or_else(|| {
            let vector = Comparator::new(&self.records).compare(one, other);
            let bits = fitted
                .learned
                .weights
                .of_pair(&self.records, vector, one, other);
            Seen {
                pair: Pair {
                    one,
                    other,
                    same_cluster: false,
                },
                vector,
                bits,
            }
        });
        let mut parts = self.own_parts(fitted, &seen);
        let own: f32 = parts.iter().map(|part| part.bits).sum();
        let (name, level) = if self.is_vetoed(one, other) {
            (
                "veto",
                "generations or numbers that one person does not have two of",
            )
        } else {
            ("companions", "how both agree with each other's cluster")
        };
        parts.push(Part {
            name: name.to_owned(),
            level,
            bits: found.bits - own,
        });
        parts
    }

    fn own_parts(&self, fitted: &Fitted, seen: &Seen) -> Vec<Part> {
        let weights = &fitted.learned.weights;
        let part = |name: &str, level, bits| Part {
            name: name.to_owned(),
            level,
            bits,
        };
        let mut parts = Vec::new();
        let Some(layer) = &fitted.learned.layer else {
            parts.push(part("start", "two records taken at random", weights.prior));
            let (of_slots, rest) = match &fitted.careful {
                Some(careful) => careful.parts(&self.records, weights, seen.vector, seen.pair),
                None => (weights.of_slots(&self.records, seen.vector, seen.pair), 0.0),
            };
            for (at, slot) in weights.slots.iter().enumerate() {
                if seen.vector.level(at) != 0 {
                    let level = level_name(slot, at, seen.vector);
                    parts.push(part(&slot.name, level, of_slots[at]));
                }
            }
            if rest != 0.0 {
                parts.push(part(
                    "name alone",
                    "nothing else says that they are one",
                    rest,
                ));
            }
            return parts;
        };
        let (start, of_slots) = layer.explain(&self.records, weights, &fitted.evidence, seen);
        parts.push(part("start", "two records that were met", start));
        for (at, slot) in weights.slots.iter().enumerate() {
            parts.push(part(
                &slot.name,
                level_name(slot, at, seen.vector),
                of_slots[at],
            ));
        }
        let sums = [
            ("rarity", "how rare what they share is"),
            (
                "togetherness",
                "different values that go together elsewhere",
            ),
            ("weights", "the fields' weights added up"),
        ];
        for ((name, level), bits) in sums.into_iter().zip(&of_slots[weights.slots.len()..]) {
            parts.push(part(name, level, *bits));
        }
        parts
    }
}

fn level_name(slot: &Slot, at: usize, vector: Vector) -> &'static str {
    match vector.level(at) {
        0 => "missing",
        level => slot.levels()[usize::from(level) - 1].name,
    }
}
