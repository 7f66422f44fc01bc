//! One call: one person, one moment, any number of placements.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kith_definition::{PlacementType, Recipe, Revisioned};
use kith_rule::Slots;

use crate::items;
use crate::offers::{Filling, Luck};
use crate::placements::{CompiledPlacement, Eligibility};
use crate::recipes::{self, Chain, rerank};
use crate::{
    Choice, ChoiceKind, Entry, Inputs, Items, Loser, Outcome, Placements, Policy, Request,
    Reranked, Standing,
};

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
    /// Offers that are shown and still have to be granted.
    pub wanted: Vec<Arc<str>>,
    /// Why the fallback is shown, when there is no choice.
    pub nothing: &'static str,
    /// The choices are what the caller named, as the caller named it.
    pub as_it_came: bool,
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
        let placements = self.placements;
        let placement = placements.placements.get(request.placement)?;
        let definition = &placement.definition;
        let mut inputs = Inputs {
            decision_id: request.decision_id.to_owned(),
            now: self.slots.now(),
            seed: request.seed,
            profile: request.profile,
            placement: (definition.id.clone(), definition.revision),
            offers: Arc::from([]),
            facts: BTreeMap::new(),
            meant: BTreeMap::new(),
            items: Items::default(),
            fallbacks: Vec::new(),
            recipes: Vec::new(),
            standing: BTreeMap::new(),
            drawing: None,
        };
        let filled = if let Some(nothing) = request.profile.reason() {
            inputs.items.named = request.items.named;
            rerank::as_it_came(&inputs.items.named, nothing)
        } else if definition.spec.kind == PlacementType::Offers {
            inputs.offers = Arc::clone(&placement.revisions);
            self.note_facts(placement, &mut inputs);
            let luck = Luck {
                seed: request.seed,
                policy: request.policy,
                nodes: request.nodes,
            };
            self.offers(placement, &mut inputs, request.standing, luck)
        } else if definition.spec.recipe.is_some() {
            inputs.items = request.items;
            self.note_facts(placement, &mut inputs);
            let chain = self.recipes(request.placement)?;
            self.recipe(&chain, &mut inputs)
        } else {
            inputs.items = request.items;
            items::fill(&definition.spec, &mut inputs.items, inputs.now)
        };
        Some(Self::outcome(placement, filled, inputs))
    }

    /// The recipe of a placement and those it may fall back on, for this person at this moment;
    /// `None` when there is no such placement.
    pub fn recipes(&self, placement: &str) -> Option<Chain<'a>> {
        let placement = self.placements.placements.get(placement)?;
        let known = placement.recipes.iter();
        // What rules ask for is what a feature stands for, in a replay too.
        let mut person = BTreeMap::new();
        for fact in &placement.facts {
            let value = self.slots.value(fact.slot);
            let names = std::iter::once(&fact.written).chain(&fact.meant);
            person.extend(names.map(|name| (name.clone(), value.clone())));
        }
        Some(Chain {
            placement: &placement.definition.spec,
            recipes: known
                .filter_map(|id| self.placements.recipes.get(id))
                .collect(),
            person,
            now: self.slots.now(),
        })
    }

    /// Fills from what the models of the placement's recipe found, or orders what was named.
    fn recipe(&self, chain: &Chain<'_>, inputs: &mut Inputs) -> Filled {
        let named = |definition: &Revisioned<Recipe>| (definition.id.clone(), definition.revision);
        let recipes = chain.recipes.iter();
        inputs.recipes = recipes.map(|one| named(&one.definition)).collect();
        if inputs.items.named.is_empty() {
            recipes::fill(chain, inputs.seed, &mut inputs.items)
        } else {
            rerank::order(chain, &inputs.items)
        }
    }

    /// Fills from the placement's offers or, when none is left, from those it falls back on.
    fn offers(
        &mut self,
        placement: &'a CompiledPlacement,
        inputs: &mut Inputs,
        mut standing: BTreeMap<String, Standing>,
        luck: Luck<'_>,
    ) -> Filled {
        let filling = self.filling(placement, inputs, &standing, luck);
        let (filled, drawing) = filling.finish();
        inputs.drawing = drawing;
        if !standing.is_empty() {
            let considered: BTreeSet<&str> = inputs.offers.iter().map(|(id, _)| &**id).collect();
            standing.retain(|id, _| considered.contains(&**id));
        }
        inputs.standing = standing;
        filled
    }

    /// Considers the offers of the placement and, when none is left, those it falls back on.
    fn filling<'s>(
        &'s mut self,
        placement: &'a CompiledPlacement,
        inputs: &mut Inputs,
        standing: &'s BTreeMap<String, Standing>,
        luck: Luck<'s>,
    ) -> Filling<'s, 'a> {
        let falls_back = placement.definition.spec.fallback.placement.is_some();
        let mut filling = Filling::new(self, placement, luck, standing);
        filling.consider(placement);
        if falls_back && filling.is_empty() {
            let chain = filling.session.placements.chain(&placement.definition.id);
            for next in chain.into_iter().skip(1) {
                let definition = &next.definition;
                let known: BTreeSet<&(String, u64)> = inputs.offers.iter().collect();
                let fresh = next.revisions.iter().filter(|one| !known.contains(one));
                inputs.offers = inputs.offers.iter().chain(fresh).cloned().collect();
                inputs
                    .fallbacks
                    .push((definition.id.clone(), definition.revision));
                filling.session.note_facts(next, inputs);
                filling.consider(next);
                if !filling.is_empty() {
                    break;
                }
            }
        }
        filling
    }

    /// With which probability each promotion would be the first of a placement that ranks them, had
    /// it decided from these inputs; and the facts it asks for that they do not hold.
    pub(crate) fn shares(&mut self, placement: &str, inputs: &Inputs) -> Option<Reranked> {
        let placement = self.placements.placements.get(placement)?;
        let mut again = inputs.clone();
        again.fallbacks = Vec::new();
        again.offers = Arc::clone(&placement.revisions);
        again.facts = BTreeMap::new();
        self.note_facts(placement, &mut again);
        let luck = Luck {
            seed: inputs.seed,
            policy: Policy::Unlearned,
            nodes: &[],
        };
        let shares = self
            .filling(placement, &mut again, &inputs.standing, luck)
            .shares();
        let asked = again.facts.into_keys();
        let unknown = asked.filter(|name| !inputs.facts.contains_key(name));
        Some(Reranked {
            shares,
            unknown: unknown.collect(),
        })
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

    /// Why the rule holds or not, after a word about what follows from it.
    pub(crate) fn because(&self, word: &str, rule: usize) -> Arc<str> {
        let mut sentence = String::with_capacity(SENTENCE_BYTES_USUAL);
        sentence.push_str(word);
        match &self.placements.rules[rule] {
            Eligibility::Broken(_) => sentence.push_str("its rule cannot be read"),
            Eligibility::Rule(rule) => rule.write_reason(&self.slots, &mut sentence),
        }
        sentence.into()
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

    /// Notes every fact that is asked for, and what it stands for.
    fn note_facts(&self, placement: &CompiledPlacement, inputs: &mut Inputs) {
        for fact in &placement.facts {
            let value = self.slots.value(fact.slot).clone();
            inputs.facts.insert(fact.written.clone(), value);
            if let Some(meant) = &fact.meant {
                inputs.meant.insert(fact.written.clone(), meant.clone());
            }
        }
    }

    fn outcome(placement: &CompiledPlacement, filled: Filled, inputs: Inputs) -> Outcome {
        let nothing = filled.choices.is_empty();
        let choices = if nothing {
            Self::fall_back(placement, filled.nothing)
        } else {
            filled.choices
        };
        let entry = Entry {
            placement: placement.definition.id.clone(),
            decision_id: inputs.decision_id.clone(),
            choices,
            fallback: nothing || filled.as_it_came || !inputs.fallbacks.is_empty(),
            experiments: Vec::new(),
        };
        Outcome {
            entry,
            losers: filled.losers,
            losers_cut: filled.losers_cut,
            wanted: filled.wanted,
            inputs,
        }
    }

    fn fall_back(placement: &CompiledPlacement, why: &str) -> Vec<Choice> {
        let own = placement.definition.spec.fallback.content.clone();
        let choice = |content| Choice {
            kind: ChoiceKind::Offer,
            id: "fallback".to_owned(),
            content,
            score: 0.0,
            propensity: 1.0,
            reasons: vec![Arc::from(why)],
            terms: None,
            granted: None,
        };
        own.map(choice).into_iter().collect()
    }
}
