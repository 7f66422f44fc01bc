//! The placements of a project with their offers, compiled once and shared by every call.

use std::collections::BTreeMap;
use std::sync::Arc;

use kith_base::{Json, Timestamp, digest, limits};
use kith_definition::{Kind, Offer, Placement, Problem, Revisioned, Severity};
use kith_rule::{Expr, FactSet, Facts, Rule, Schema, Slot, Slots};

use crate::Session;

/// Compiled placements and offers.
#[derive(Clone, Debug, Default)]
pub struct Placements {
    pub(crate) facts: FactSet,
    /// One per distinct text.
    pub(crate) rules: Vec<Eligibility>,
    pub(crate) offers: Vec<CompiledOffer>,
    pub(crate) placements: BTreeMap<String, CompiledPlacement>,
}

/// Who is eligible.
#[derive(Clone, Debug)]
pub(crate) enum Eligibility {
    Rule(Rule),
    /// The text cannot be read; nobody is eligible, and this says why.
    Broken(Arc<str>),
}

#[derive(Clone, Debug)]
pub(crate) struct CompiledOffer {
    pub id: Arc<str>,
    pub priority: u32,
    pub starts_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
    pub content: Json,
    /// Index of the rule; `None` is for everybody.
    pub rule: Option<usize>,
    /// Mixed with the seed it draws the lot.
    pub lot: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct CompiledPlacement {
    pub definition: Revisioned<Placement>,
    /// Indexes of its offers, the highest priority first, then by id.
    pub offers: Vec<usize>,
    /// The same, as they are recorded.
    pub revisions: Arc<[(String, u64)]>,
    /// Every fact its offers may ask for, with its text.
    pub facts: Vec<(Slot, String)>,
}

impl Placements {
    /// Compiles live definitions. Rules that cannot be used and offers beyond the limit are
    /// reported; an offer whose rule cannot be read is never eligible.
    pub fn compile<'a>(
        placements: impl IntoIterator<Item = &'a Revisioned<Placement>>,
        offers: impl IntoIterator<Item = &'a Revisioned<Offer>>,
        schema: &Schema,
    ) -> (Self, Vec<Problem>) {
        let mut offers: Vec<_> = offers.into_iter().collect();
        offers.sort_by(|a, b| (b.spec.priority, &a.id).cmp(&(a.spec.priority, &b.id)));
        let mut compiler = Compiler::new(schema);
        for offer in &offers {
            compiler.offer(offer);
        }
        for placement in placements {
            compiler.placement(placement, &offers);
        }
        (compiler.compiled, compiler.problems)
    }

    /// A placement by id.
    pub fn get(&self, id: &str) -> Option<&Revisioned<Placement>> {
        self.placements
            .get(id)
            .map(|placement| &placement.definition)
    }

    /// Ids of all placements.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.placements.keys().map(String::as_str)
    }

    /// Every fact that the rules of offers may ask for.
    pub fn facts(&self) -> &FactSet {
        &self.facts
    }

    /// Opens a call for one person at one moment.
    pub fn session<'a>(&'a self, facts: &'a dyn Facts, now: Timestamp) -> Session<'a> {
        Session::new(self, Slots::new(&self.facts, facts, now))
    }
}

struct Compiler<'a> {
    schema: &'a Schema,
    compiled: Placements,
    /// Rules by their text.
    texts: BTreeMap<&'a str, usize>,
    problems: Vec<Problem>,
}

impl<'a> Compiler<'a> {
    fn new(schema: &'a Schema) -> Self {
        let (compiled, texts) = (Placements::default(), BTreeMap::new());
        Compiler {
            schema,
            compiled,
            texts,
            problems: Vec::new(),
        }
    }

    fn offer(&mut self, offer: &'a Revisioned<Offer>) {
        let rule = self.rule(offer);
        self.compiled.offers.push(CompiledOffer {
            id: Arc::from(offer.id.as_str()),
            priority: offer.spec.priority,
            starts_at: offer.spec.starts_at,
            ends_at: offer.spec.ends_at,
            content: offer.spec.content.clone(),
            rule,
            lot: digest("lot", &[offer.id.as_bytes()]).prefix(),
        });
    }

    fn rule(&mut self, offer: &'a Revisioned<Offer>) -> Option<usize> {
        let text = offer.spec.when.trim();
        if text.is_empty() {
            return None;
        }
        for error in Expr::errors(text, self.schema) {
            self.problem(Kind::Offer, &offer.id, "spec.when", error.to_string());
        }
        if let Some(known) = self.texts.get(text) {
            return Some(*known);
        }
        let eligibility = match Expr::parse(text) {
            Ok(expr) => Eligibility::Rule(Rule::compile_with(
                &expr,
                self.schema,
                &mut self.compiled.facts,
            )),
            Err(error) => Eligibility::Broken(
                format!("Not eligible: its rule cannot be read, {error}").into(),
            ),
        };
        self.compiled.rules.push(eligibility);
        let index = self.compiled.rules.len() - 1;
        self.texts.insert(text, index);
        Some(index)
    }

    fn placement(&mut self, placement: &Revisioned<Placement>, offers: &[&Revisioned<Offer>]) {
        let id = &placement.id;
        let names = |index: &usize| offers[*index].spec.placements.contains(id);
        let mut mine: Vec<usize> = (0..offers.len()).filter(names).collect();
        if mine.len() > limits::OFFERS_PER_PLACEMENT_MAX {
            let (count, most) = (mine.len(), limits::OFFERS_PER_PLACEMENT_MAX);
            let message = format!(
                "{count} offers name it; only the {most} of highest priority are considered"
            );
            self.problem(Kind::Placement, id, "spec.type", message);
            mine.truncate(most);
        }
        let revision = |index: &usize| (offers[*index].id.clone(), offers[*index].revision);
        let revisions = mine.iter().map(revision).collect();
        let facts = self.facts_of(&mine);
        let definition = placement.clone();
        let compiled = CompiledPlacement {
            definition,
            offers: mine,
            revisions,
            facts,
        };
        self.compiled.placements.insert(id.clone(), compiled);
    }

    fn facts_of(&self, offers: &[usize]) -> Vec<(Slot, String)> {
        let mut slots = Vec::new();
        for offer in offers {
            let rule = self.compiled.offers[*offer].rule;
            if let Some(Eligibility::Rule(rule)) = rule.map(|rule| &self.compiled.rules[rule]) {
                slots.extend_from_slice(rule.slots());
            }
        }
        slots.sort_unstable();
        slots.dedup();
        let text = |slot| (slot, self.compiled.facts.key(slot).to_string());
        slots.into_iter().map(text).collect()
    }

    fn problem(&mut self, kind: Kind, id: &str, field: &str, message: String) {
        let (id, field) = (id.to_owned(), field.to_owned());
        self.problems.push(Problem {
            severity: Severity::Error,
            kind,
            id,
            field,
            message,
        });
    }
}
