//! One call: one person, one moment, any number of placements.

use std::collections::BTreeMap;
use std::sync::Arc;

use kith_base::Value;
use kith_definition::PlacementType;
use kith_rule::Slots;

use crate::placements::{CompiledPlacement, Eligibility};
use crate::{Choice, ChoiceKind, Entry, Inputs, Items, Loser, Outcome, Placements, Request};
use crate::{items, offers};

/// Decides placements for one person. Facts are fetched and rules evaluated at most once.
pub struct Session<'a> {
    pub(crate) placements: &'a Placements,
    pub(crate) slots: Slots<'a>,
    verdicts: Vec<Verdict>,
    reasons: Vec<Option<Arc<str>>>,
}

#[derive(Clone, Copy)]
enum Verdict {
    Unknown,
    Holds,
    Fails,
}

/// Room for most sentences, so that writing one allocates once.
const SENTENCE_BYTES_USUAL: usize = 128;

/// What filling a placement gave.
pub(crate) struct Filled {
    pub choices: Vec<Choice>,
    pub losers: Vec<Loser>,
    pub losers_cut: usize,
    /// Why the fallback is shown, when there is no choice.
    pub nothing: &'static str,
}

impl<'a> Session<'a> {
    pub(crate) fn new(placements: &'a Placements, slots: Slots<'a>) -> Self {
        let verdicts = vec![Verdict::Unknown; placements.rules.len()];
        let reasons = vec![None; placements.rules.len()];
        Session {
            placements,
            slots,
            verdicts,
            reasons,
        }
    }

    /// Fills one placement; `None` when there is no such placement.
    pub fn decide(&mut self, request: Request<'_>) -> Option<Outcome> {
        let placement = self.placements.placements.get(request.placement)?;
        let definition = &placement.definition;
        let mut inputs = Inputs {
            decision_id: request.decision_id.to_owned(),
            now: self.slots.now(),
            seed: request.seed,
            profile: request.profile,
            placement: (definition.id.clone(), definition.revision),
            offers: Arc::from([]),
            facts: BTreeMap::new(),
            items: Items::default(),
        };
        let filled = if let Some(nothing) = request.profile.reason() {
            Filled {
                choices: Vec::new(),
                losers: Vec::new(),
                losers_cut: 0,
                nothing,
            }
        } else if definition.spec.kind == PlacementType::Offers {
            inputs.offers = Arc::clone(&placement.revisions);
            inputs.facts = self.facts(placement);
            offers::fill(self, placement, request.seed)
        } else {
            inputs.items = request.items;
            items::fill(&definition.spec, &mut inputs.items, inputs.now)
        };
        Some(outcome(placement, filled, inputs))
    }

    /// True when the rule holds; evaluated once.
    pub(crate) fn holds(&mut self, rule: usize) -> bool {
        if let Verdict::Unknown = self.verdicts[rule] {
            let holds = match &self.placements.rules[rule] {
                Eligibility::Rule(rule) => rule.holds(&self.slots),
                Eligibility::Broken(_) => false,
            };
            self.verdicts[rule] = if holds {
                Verdict::Holds
            } else {
                Verdict::Fails
            };
        }
        matches!(self.verdicts[rule], Verdict::Holds)
    }

    /// Why the rule holds or not; put into words once.
    pub(crate) fn reason(&mut self, rule: usize) -> Arc<str> {
        let holds = self.holds(rule);
        let (rules, slots) = (&self.placements.rules, &self.slots);
        let write = || match &rules[rule] {
            Eligibility::Broken(reason) => Arc::clone(reason),
            Eligibility::Rule(rule) => {
                let mut sentence = String::with_capacity(SENTENCE_BYTES_USUAL);
                sentence.push_str(if holds { "Because " } else { "Not eligible: " });
                rule.write_reason(slots, &mut sentence);
                sentence.into()
            }
        };
        Arc::clone(self.reasons[rule].get_or_insert_with(write))
    }

    fn facts(&self, placement: &CompiledPlacement) -> BTreeMap<String, Value> {
        let value = |slot| self.slots.value(slot).clone();
        placement
            .facts
            .iter()
            .map(|(slot, text)| (text.clone(), value(*slot)))
            .collect()
    }
}

fn outcome(placement: &CompiledPlacement, filled: Filled, inputs: Inputs) -> Outcome {
    let fallback = filled.choices.is_empty();
    let choices = if fallback {
        fall_back(placement, filled.nothing)
    } else {
        filled.choices
    };
    let entry = Entry {
        placement: placement.definition.id.clone(),
        decision_id: inputs.decision_id.clone(),
        choices,
        fallback,
        experiments: Vec::new(),
    };
    Outcome {
        entry,
        losers: filled.losers,
        losers_cut: filled.losers_cut,
        inputs,
    }
}

fn fall_back(placement: &CompiledPlacement, why: &str) -> Vec<Choice> {
    let content = placement.definition.spec.fallback.content.clone();
    let choice = |content| Choice {
        kind: ChoiceKind::Offer,
        id: "fallback".to_owned(),
        content,
        score: 0.0,
        propensity: 1.0,
        reasons: vec![Arc::from(why)],
    };
    content.map(choice).into_iter().collect()
}
