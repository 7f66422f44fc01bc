//! What makes one offer go before another: terms, formulas, and the policies of a placement.
//!
//! `priority = propensity × context × value × lever`, unless the placement has a formula of its
//! own. The lever is the weight given by hand: the offer's `priority` times the placement's lever
//! for it.

use std::collections::BTreeMap;
use std::fmt;

use kith_definition::Floor;
use kith_rule::{CompiledFormula, Slots};
use serde::Serialize;

/// Terms that formulas of placements may name.
pub const TERMS: [&str; 5] = ["propensity", "context", "value", "lever", "offer."];

/// What the priority of an offer was made of.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Terms {
    /// How probable it is that it is taken.
    pub propensity: f64,
    /// Weights of this moment, multiplied.
    pub context: f64,
    /// What it is worth.
    pub value: f64,
    /// The weight given by hand.
    pub lever: f64,
}

impl Terms {
    pub(crate) fn product(&self) -> f64 {
        self.propensity * self.context * self.value * self.lever
    }
}

impl fmt::Display for Terms {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (propensity, context) = (Short(self.propensity), Short(self.context));
        let (value, lever) = (Short(self.value), Short(self.lever));
        write!(
            out,
            "propensity {propensity}, context {context}, value {value}, lever {lever}"
        )
    }
}

/// A number with at most four places, for people.
pub(crate) struct Short(pub f64);

impl fmt::Display for Short {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rounded = (self.0 * 10_000.0).round() / 10_000.0;
        if rounded == 0.0 && self.0 != 0.0 {
            write!(out, "{:.1e}", self.0)
        } else {
            write!(out, "{rounded}")
        }
    }
}

/// What an offer has beyond the plain: absent for most.
#[derive(Clone, Debug, Default)]
pub(crate) struct Refined {
    /// Indexes of rules.
    pub never: Option<usize>,
    pub applicable: Option<usize>,
    pub suitable: Option<usize>,
    pub context: Vec<(usize, f64)>,
    pub value: f64,
    pub propensity: f64,
    pub figures: BTreeMap<String, f64>,
}

/// What a placement demands of its offers: absent for most.
#[derive(Clone, Debug, Default)]
pub(crate) struct Policy {
    /// Index of the rule that silences promotions.
    pub silence: Option<usize>,
    pub formula: Option<CompiledFormula>,
    /// By index of the offer.
    pub levers: BTreeMap<usize, f64>,
    pub floors: Vec<CompiledFloor>,
    pub silence_below: Option<f64>,
}

#[derive(Clone, Debug)]
pub(crate) struct CompiledFloor {
    pub floor: Floor,
    /// `None` when it cannot be read: then nothing keeps to it.
    pub formula: Option<CompiledFormula>,
}

impl CompiledFloor {
    /// Why an offer does not keep to it; `None` when it does. What cannot be worked out is taken
    /// for too much.
    pub(crate) fn broken(
        &self,
        slots: &Slots<'_>,
        term: &dyn Fn(&str) -> Option<f64>,
    ) -> Option<String> {
        let Floor {
            name,
            at_least,
            at_most,
            ..
        } = &self.floor;
        let found = self
            .formula
            .as_ref()
            .and_then(|formula| formula.value(slots, term));
        let Some(found) = found else {
            return Some(format!("{name} is not known"));
        };
        let short = Short(found);
        match (at_least, at_most) {
            (Some(least), _) if found < *least => {
                Some(format!("{name} would be {short}, below {}", Short(*least)))
            }
            (_, Some(most)) if found > *most => {
                Some(format!("{name} would be {short}, above {}", Short(*most)))
            }
            _ => None,
        }
    }
}

/// What `offer.name` and the terms are for one offer.
pub(crate) fn term(terms: &Terms, refined: Option<&Refined>, name: &str) -> Option<f64> {
    match name {
        "propensity" => Some(terms.propensity),
        "context" => Some(terms.context),
        "value" => Some(terms.value),
        "lever" => Some(terms.lever),
        _ => refined?.figures.get(name.strip_prefix("offer.")?).copied(),
    }
}
