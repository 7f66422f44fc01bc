//! A logged decision of a placement that learns, as learning and evaluation read it.

use std::collections::BTreeMap;

use kith_base::Duration;
use kith_decide::bandit::{Considered, Decided};
use kith_decide::{Drawing, Inputs};
use kith_event::DecisionTaken;

use super::record::Stored;

/// What was drawn, with everything the decision depended on.
#[derive(Clone, Debug, PartialEq)]
pub struct Logged {
    /// What the decision depended on.
    pub inputs: Inputs,
    /// What was drawn.
    pub drawing: Drawing,
}

impl Logged {
    /// `None` of a decision in which nothing was drawn, or whose inputs cannot be read.
    pub fn read(taken: &DecisionTaken) -> Option<Self> {
        let mut stored: Stored = taken.inputs.read().ok()?;
        let drawing = *stored.inputs.drawing.take()?;
        Some(Logged {
            inputs: stored.inputs,
            drawing,
        })
    }

    /// Offers that were drawn, in order: the names under which [`Logged::slots`] tells them.
    pub fn drawn(&self) -> impl Iterator<Item = &str> {
        let candidates = &self.drawing.candidates;
        let places = self.drawing.drawn.iter();
        places.filter_map(|place| Some(candidates.get(*place as usize)?.offer.as_str()))
    }

    /// One fact for a bandit of each slot that was drawn.
    pub fn slots(&self, window: Duration) -> Vec<Decided> {
        let facts: &BTreeMap<_, _> = &self.inputs.facts;
        let values = self
            .drawing
            .features
            .iter()
            .map(|name| (name, facts.get(name).cloned().unwrap_or_default()));
        let features = kith_decide::features(values);
        let slots = self.drawing.slots().into_iter().enumerate();
        slots
            .map(|(number, slot)| Decided {
                decision: slot_name(&self.inputs.decision_id, number),
                placement: self.inputs.placement.0.clone(),
                features: features.clone(),
                candidates: slot
                    .candidates
                    .iter()
                    .map(|(place, propensity, learned)| {
                        let one = &self.drawing.candidates[*place];
                        Considered {
                            offer: one.offer.clone(),
                            value: one.worth.max(LEAST_WORTH),
                            propensity: *propensity,
                            learned: *learned,
                        }
                    })
                    .collect(),
                chosen: slot.chosen,
                at: self.inputs.now,
                window: Some(window),
            })
            .collect()
    }
}

/// What is worth nothing counts for next to nothing.
const LEAST_WORTH: f64 = 1e-9;

/// The name of one slot of a decision; the first has that of the decision.
pub fn slot_name(decision_id: &str, number: usize) -> String {
    match number {
        0 => decision_id.to_owned(),
        _ => format!("{decision_id}#{number}"),
    }
}
