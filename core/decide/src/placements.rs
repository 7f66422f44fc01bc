//! The placements of a project with their offers, compiled once and shared by every call.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kith_base::{Json, Timestamp, digest, limits};
use kith_definition::{Kind, Offer, OfferKind, Placement, Problem, Recipe, Revisioned, Severity};
use kith_rule::{
    CompiledFormula, Expr, FactKey, FactSet, Facts, Formula, Rule, Schema, Slot, Slots,
};

use crate::Session;
use crate::arbitration::{CompiledFloor, Policy, Refined, TERMS};
use crate::drawing::CompiledLearning;
use crate::recipes::{Asked, CompiledRecipe};

/// Compiled placements and offers.
#[derive(Clone, Debug, Default)]
pub struct Placements {
    pub(crate) facts: FactSet,
    /// One per distinct text.
    pub(crate) rules: Vec<Eligibility>,
    pub(crate) offers: Vec<CompiledOffer>,
    pub(crate) placements: BTreeMap<String, CompiledPlacement>,
    pub(crate) recipes: BTreeMap<String, CompiledRecipe>,
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
    pub kind: OfferKind,
    pub priority: u32,
    pub starts_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
    pub content: Json,
    /// Index of the rule; `None` is for everybody.
    pub rule: Option<usize>,
    /// Mixed with the seed it draws the lot.
    pub lot: u64,
    /// It has to be granted before it is shown.
    pub limited: bool,
    pub refined: Option<Box<Refined>>,
}

/// A fact that a rule or formula asks for.
#[derive(Clone, Debug)]
pub(crate) struct AskedFact {
    pub slot: Slot,
    /// As it is written.
    pub written: String,
    /// What it stands for, when it is a feature of the project or a trait that one is published as.
    pub meant: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct CompiledPlacement {
    pub definition: Revisioned<Placement>,
    /// Indexes of its offers, the highest priority first, then by id.
    pub offers: Vec<usize>,
    /// The same, as they are recorded.
    pub revisions: Arc<[(String, u64)]>,
    /// Every fact its offers may ask for.
    pub facts: Vec<AskedFact>,
    pub policy: Option<Box<Policy>>,
    pub learning: Option<Box<CompiledLearning>>,
    /// Indexes of those that have to be granted.
    pub limited: Vec<usize>,
    /// The recipe that finds its items, then those it falls back on.
    pub recipes: Vec<String>,
    /// What their rules ask of an item.
    pub item_facts: Vec<FactKey>,
}

impl Placements {
    /// Compiles live definitions. Rules that cannot be used and offers beyond the limit are
    /// reported; an offer whose rule cannot be read is never eligible.
    pub fn compile<'a>(
        placements: impl IntoIterator<Item = &'a Revisioned<Placement>>,
        offers: impl IntoIterator<Item = &'a Revisioned<Offer>>,
        schema: &Schema,
    ) -> (Self, Vec<Problem>) {
        Placements::compile_with(placements, offers, [], schema)
    }

    /// The same with recipes.
    pub fn compile_with<'a>(
        placements: impl IntoIterator<Item = &'a Revisioned<Placement>>,
        offers: impl IntoIterator<Item = &'a Revisioned<Offer>>,
        recipes: impl IntoIterator<Item = &'a Revisioned<Recipe>>,
        schema: &Schema,
    ) -> (Self, Vec<Problem>) {
        let mut offers: Vec<_> = offers.into_iter().collect();
        offers.sort_by(|a, b| (b.spec.priority, &a.id).cmp(&(a.spec.priority, &b.id)));
        let mut compiler = Compiler::new(schema);
        recipes
            .into_iter()
            .for_each(|recipe| compiler.recipe(recipe));
        offers.iter().for_each(|offer| compiler.offer(offer));
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

    /// The offers with limits that a placement, or one it falls back on, may show.
    pub fn limited<'a>(&'a self, placement: &str) -> Vec<&'a str> {
        let mut ids: Vec<&str> = Vec::new();
        for placement in self.chain(placement) {
            let offers = placement.limited.iter();
            ids.extend(offers.map(|index| &*self.offers[*index].id));
        }
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// A placement and those it falls back on, as far as there are any and not around.
    pub(crate) fn chain(&self, placement: &str) -> Vec<&CompiledPlacement> {
        let mut chain: Vec<&CompiledPlacement> = Vec::new();
        let mut next = Some(placement);
        while let Some(found) = next.and_then(|id| self.placements.get(id)) {
            let id = &found.definition.id;
            let known = chain.iter().any(|one| one.definition.id == *id);
            if known || chain.len() > limits::FALLBACKS_MAX {
                break;
            }
            chain.push(found);
            next = found.definition.spec.fallback.placement.as_deref();
        }
        chain
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
    /// The facts of each rule, as it names them.
    asked: Vec<BTreeSet<FactKey>>,
    problems: Vec<Problem>,
    /// What the rules of each recipe ask for.
    asked_by: BTreeMap<&'a str, Asked>,
}

/// Where a text stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    kind: Kind,
    id: &'a str,
    field: &'a str,
}

impl<'a> Compiler<'a> {
    fn new(schema: &'a Schema) -> Self {
        let (compiled, texts) = (Placements::default(), BTreeMap::new());
        Compiler {
            schema,
            compiled,
            texts,
            asked: Vec::new(),
            problems: Vec::new(),
            asked_by: BTreeMap::new(),
        }
    }

    fn recipe(&mut self, recipe: &'a Revisioned<Recipe>) {
        let mut asked = Asked::default();
        let compiled = CompiledRecipe::of(recipe, self.schema, &mut asked, &mut self.problems);
        self.compiled.recipes.insert(recipe.id.clone(), compiled);
        self.asked_by.insert(&recipe.id, asked);
    }

    /// A recipe and what it falls back on, each once, the nearest first.
    fn chain_of(&self, recipe: Option<&String>) -> Vec<String> {
        let mut chain: Vec<String> = Vec::new();
        let mut waiting: Vec<&String> = recipe.into_iter().collect();
        let mut next = 0;
        while let Some(id) = waiting.get(next).copied() {
            next += 1;
            let Some(found) = self.compiled.recipes.get(id) else {
                continue;
            };
            if chain.contains(id) || chain.len() > limits::FALLBACKS_MAX {
                continue;
            }
            chain.push(id.clone());
            waiting.extend(&found.definition.spec.fallbacks);
        }
        chain
    }

    fn offer(&mut self, offer: &'a Revisioned<Offer>) {
        let (id, spec) = (&*offer.id, &offer.spec);
        let of = |field: &'static str| Place {
            kind: Kind::Offer,
            id,
            field,
        };
        let rule = self.rule(&spec.when, of("spec.when"));
        let refined = self.refined(offer);
        self.compiled.offers.push(CompiledOffer {
            id: Arc::from(id),
            kind: spec.kind,
            priority: spec.priority,
            starts_at: spec.starts_at,
            ends_at: spec.ends_at,
            content: spec.content.clone(),
            rule,
            lot: digest("lot", &[id.as_bytes()]).prefix(),
            limited: spec.limits.any(),
            refined,
        });
    }

    fn refined(&mut self, offer: &'a Revisioned<Offer>) -> Option<Box<Refined>> {
        let (id, spec) = (&*offer.id, &offer.spec);
        let of = |field: &'static str| Place {
            kind: Kind::Offer,
            id,
            field,
        };
        let never = self.rule(&spec.never_when, of("spec.never_when"));
        let applicable = self.rule(&spec.applicable_when, of("spec.applicable_when"));
        let suitable = self.rule(&spec.suitable_when, of("spec.suitable_when"));
        let mut context = Vec::with_capacity(spec.context.len());
        for (n, one) in spec.context.iter().enumerate() {
            let field = format!("spec.context[{n}].when");
            let at = Place {
                field: &field,
                ..of("")
            };
            match self.rule(&one.when, at) {
                Some(rule) => context.push((rule, one.weight)),
                None => {
                    let message = "is empty; write at which moments the weight counts".to_owned();
                    self.problem(at, message);
                }
            }
        }
        let rules = [never, applicable, suitable].iter().all(Option::is_none);
        let plain = rules && context.is_empty() && spec.figures.is_empty();
        if plain && spec.value == 1.0 && spec.propensity == 1.0 {
            return None;
        }
        let figures = spec.figures.iter();
        Some(Box::new(Refined {
            never,
            applicable,
            suitable,
            context,
            value: spec.value,
            propensity: spec.propensity,
            figures: figures.map(|one| (one.name.clone(), one.value)).collect(),
        }))
    }

    fn rule(&mut self, text: &'a str, place: Place<'_>) -> Option<usize> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        for error in Expr::errors(text, self.schema) {
            self.problem(place, error.to_string());
        }
        if let Some(known) = self.texts.get(text) {
            return Some(*known);
        }
        let (eligibility, asked) = match Expr::parse(text) {
            Ok(expr) => {
                let facts = &mut self.compiled.facts;
                let rule = Rule::compile_with(&expr, self.schema, facts);
                (Eligibility::Rule(rule), expr.facts().cloned().collect())
            }
            Err(error) => {
                let reason = format!("Not eligible: its rule cannot be read, {error}");
                (Eligibility::Broken(reason.into()), BTreeSet::new())
            }
        };
        self.compiled.rules.push(eligibility);
        self.asked.push(asked);
        let index = self.compiled.rules.len() - 1;
        self.texts.insert(text, index);
        Some(index)
    }

    /// A formula, and the facts it names added to `asked`; `None` when it cannot be read.
    fn formula(
        &mut self,
        text: &str,
        place: Place<'_>,
        asked: &mut BTreeSet<FactKey>,
    ) -> Option<CompiledFormula> {
        for error in Formula::errors(text, &TERMS, self.schema) {
            self.problem(place, error.to_string());
        }
        let formula = Formula::parse(text).ok()?;
        asked.extend(formula.facts().into_iter().cloned());
        Some(formula.compile(self.schema, &mut self.compiled.facts))
    }

    fn policy(
        &mut self,
        placement: &'a Revisioned<Placement>,
        asked: &mut BTreeSet<FactKey>,
    ) -> Option<Box<Policy>> {
        let (id, spec) = (&*placement.id, &placement.spec);
        let of = |field: &'static str| Place {
            kind: Kind::Placement,
            id,
            field,
        };
        let field = "spec.silence_promotions_when";
        let silence = self.rule(&spec.silence_promotions_when, of(field));
        let text = spec.formula.trim();
        let formula = match text {
            "" => None,
            text => self.formula(text, of("spec.formula"), asked),
        };
        let mut floors = Vec::with_capacity(spec.floors.len());
        for (n, floor) in spec.floors.iter().enumerate() {
            let field = format!("spec.floors[{n}].formula");
            let at = Place {
                field: &field,
                ..of("")
            };
            let formula = self.formula(&floor.formula, at, asked);
            floors.push(CompiledFloor {
                floor: floor.clone(),
                formula,
            });
        }
        let offers = &self.compiled.offers;
        let index = |id: &str| offers.iter().position(|offer| &*offer.id == id);
        let levers = spec.levers.iter();
        let levers: BTreeMap<usize, f64> = levers
            .filter_map(|lever| Some((index(&lever.offer)?, lever.lever)))
            .collect();
        let silence_below = spec.silence_below;
        // By what is written, not by which offers there are: a replay knows fewer.
        let plain = silence.is_none() && text.is_empty() && spec.levers.is_empty();
        if plain && floors.is_empty() && silence_below.is_none() {
            return None;
        }
        Some(Box::new(Policy {
            silence,
            formula,
            levers,
            floors,
            silence_below,
        }))
    }

    /// How a placement learns, and the facts it learns from added to `asked`.
    fn learning(
        &mut self,
        placement: &'a Revisioned<Placement>,
        asked: &mut BTreeSet<FactKey>,
    ) -> Option<Box<CompiledLearning>> {
        let learning = placement.spec.learning.as_ref()?;
        let mut features = Vec::with_capacity(learning.features.len());
        for (n, text) in learning.features.iter().enumerate() {
            match FactKey::parse(text) {
                Ok(key) => {
                    let slot = self.compiled.facts.slot(&self.schema.resolve(&key));
                    features.push((key.to_string(), slot));
                    asked.insert(key);
                }
                Err(error) => {
                    let field = format!("spec.learning.features[{n}]");
                    let (kind, id) = (Kind::Placement, placement.id.as_str());
                    let field = field.as_str();
                    self.problem(Place { kind, id, field }, error.to_string());
                }
            }
        }
        Some(Box::new(CompiledLearning::new(learning, features)))
    }

    fn placement(&mut self, placement: &'a Revisioned<Placement>, offers: &[&Revisioned<Offer>]) {
        let id = &placement.id;
        let names = |index: &usize| offers[*index].spec.placements.contains(id);
        let mut mine: Vec<usize> = (0..offers.len()).filter(names).collect();
        if mine.len() > limits::OFFERS_PER_PLACEMENT_MAX {
            let (count, most) = (mine.len(), limits::OFFERS_PER_PLACEMENT_MAX);
            let message = format!(
                "{count} offers name it; only the {most} of highest priority are considered"
            );
            let (kind, field) = (Kind::Placement, "spec.type");
            self.problem(Place { kind, id, field }, message);
            mine.truncate(most);
        }
        let revision = |index: &usize| (offers[*index].id.clone(), offers[*index].revision);
        let revisions = mine.iter().map(revision).collect();
        let mut asked = BTreeSet::new();
        let policy = self.policy(placement, &mut asked);
        let learning = self.learning(placement, &mut asked);
        let recipes = self.chain_of(placement.spec.recipe.as_ref());
        let mut item_facts = BTreeSet::new();
        for recipe in recipes.iter().filter_map(|id| self.asked_by.get(&**id)) {
            asked.extend(recipe.person.iter().cloned());
            item_facts.extend(recipe.item.iter().cloned());
        }
        let facts = self.facts_of(&mine, policy.as_deref(), asked);
        let definition = placement.clone();
        let limited = |index: &usize| self.compiled.offers[*index].limited;
        let compiled = CompiledPlacement {
            limited: mine.iter().copied().filter(limited).collect(),
            definition,
            offers: mine,
            revisions,
            facts,
            policy,
            learning,
            recipes,
            item_facts: item_facts.into_iter().collect(),
        };
        self.compiled.placements.insert(id.clone(), compiled);
    }

    /// Each fact under the name by which it is asked for, so that a replay, which knows of no
    /// features, finds it.
    fn facts_of(
        &mut self,
        offers: &[usize],
        policy: Option<&Policy>,
        mut asked: BTreeSet<FactKey>,
    ) -> Vec<AskedFact> {
        let mut rules: BTreeSet<usize> = policy
            .and_then(|policy| policy.silence)
            .into_iter()
            .collect();
        for offer in offers.iter().map(|index| &self.compiled.offers[*index]) {
            rules.extend(offer.rule);
            if let Some(refined) = &offer.refined {
                rules.extend(
                    [refined.never, refined.applicable, refined.suitable]
                        .iter()
                        .flatten(),
                );
                rules.extend(refined.context.iter().map(|(rule, _)| *rule));
            }
        }
        for rule in rules {
            asked.extend(self.asked[rule].iter().cloned());
        }
        let facts = &mut self.compiled.facts;
        let fact = |key: &FactKey| {
            let meant = self.schema.resolve(key);
            let (written, text) = (key.to_string(), meant.to_string());
            AskedFact {
                slot: facts.slot(&meant),
                meant: (text != written).then_some(text),
                written,
            }
        };
        asked.iter().map(fact).collect()
    }

    fn problem(&mut self, place: Place<'_>, message: String) {
        self.problems.push(Problem {
            severity: Severity::Error,
            kind: place.kind,
            id: place.id.to_owned(),
            field: place.field.to_owned(),
            message,
        });
    }
}
