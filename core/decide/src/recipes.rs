//! Which items a recipe shows: what its models found, without what is left out, boosted, made
//! various, now and then drawn by lot; then its fallbacks, under the same exclusions.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::{Random, Timestamp, Value, limits};
use kith_definition::{Kind, Problem, Recipe, RecipeModel, Revisioned, Severity};
use kith_rule::{Expr, FactKey, FactSet, Facts, Rule, Schema, Slots};

use crate::items::reason;
use crate::session::Filled;
use crate::{Choice, ChoiceKind, Find, Found, Items, Loser, LoserCode, Placements};

mod chain;
pub(crate) mod rerank;
mod select;

pub use chain::Chain;
use select::{Contender, Selection};

impl Placements {
    /// The recipe of a placement and those it may fall back on, in order; empty for one without.
    pub fn recipes(&self, placement: &str) -> impl Iterator<Item = &Revisioned<Recipe>> {
        let of = self.placements.get(placement).into_iter();
        let chain = of.flat_map(|placement| &placement.recipes);
        chain.filter_map(|id| self.recipes.get(id).map(|recipe| &recipe.definition))
    }

    /// What the rules of a placement's recipes ask of an item.
    pub fn item_facts(&self, placement: &str) -> &[FactKey] {
        self.placements
            .get(placement)
            .map_or(&[], |placement| &placement.item_facts)
    }

    /// Whether any recipe asks for a model.
    pub fn asks_for(&self, model: RecipeModel) -> bool {
        let mut recipes = self.recipes.values();
        recipes.any(|recipe| {
            let ingredients = &recipe.definition.spec.ingredients;
            ingredients.iter().any(|one| one.model == model)
        })
    }

    /// Whether any recipe is defined: without one nobody asks for models.
    pub fn has_recipes(&self) -> bool {
        !self.recipes.is_empty()
    }
}

/// A recipe with its rules compiled.
#[derive(Clone, Debug)]
pub(crate) struct CompiledRecipe {
    pub definition: Revisioned<Recipe>,
    include: Option<ItemRule>,
    exclude: Option<ItemRule>,
    boosts: Vec<(ItemRule, f64)>,
}

/// A rule that is asked of one item at a time.
#[derive(Clone, Debug)]
enum ItemRule {
    Rule(Box<(Rule, FactSet)>),
    /// The text cannot be read; why.
    Broken(String),
}

/// What the rules of a recipe ask for: facts of the person, and of the item.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub person: BTreeSet<FactKey>,
    pub item: BTreeSet<FactKey>,
}

impl CompiledRecipe {
    /// Compiles a recipe; mistakes of its rules are reported, and such a rule leaves out whatever
    /// it is asked of.
    pub fn of(
        recipe: &Revisioned<Recipe>,
        schema: &Schema,
        asked: &mut Asked,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let schema = schema.with_items();
        for (field, text) in recipe.spec.rules() {
            if text.trim().is_empty() {
                continue;
            }
            problems.extend(
                Expr::errors(text, &schema)
                    .into_iter()
                    .map(|error| Problem {
                        severity: Severity::Error,
                        kind: Kind::Recipe,
                        id: recipe.id.clone(),
                        field: field.clone(),
                        message: error.to_string(),
                    }),
            );
        }
        let spec = &recipe.spec;
        let mut rule = |text: &str| ItemRule::of(text, &schema, asked);
        let include = rule(&spec.include_when);
        let exclude = rule(&spec.exclude_when);
        let boosts = spec.boosts.iter();
        let boosts = boosts.filter_map(|boost| Some((rule(&boost.when)?, boost.factor)));
        let boosts = boosts.collect();
        CompiledRecipe {
            definition: recipe.clone(),
            include,
            exclude,
            boosts,
        }
    }

    /// A score with every boost, and each boost's reason.
    fn boosted(&self, score: f64, facts: &OfItem<'_>, now: Timestamp) -> (f64, Vec<String>) {
        let (mut score, mut reasons) = (score, Vec::new());
        for (rule, factor) in &self.boosts {
            if rule.holds(facts, now, false) {
                score *= factor;
                let words = rule.words(facts, now);
                reasons.push(format!("Counts {factor} times, because {words}"));
            }
        }
        (if score.is_finite() { score } else { 0.0 }, reasons)
    }
}

impl ItemRule {
    fn of(text: &str, schema: &Schema, asked: &mut Asked) -> Option<Self> {
        if text.trim().is_empty() {
            return None;
        }
        let expr = match Expr::parse(text) {
            Ok(expr) => expr,
            Err(error) => return Some(ItemRule::Broken(error.to_string())),
        };
        for key in expr.facts() {
            let of_item = matches!(key, FactKey::Item(_));
            let to = if of_item {
                &mut asked.item
            } else {
                &mut asked.person
            };
            to.insert(key.clone());
        }
        let mut facts = FactSet::default();
        let rule = Rule::compile_with(&expr, schema, &mut facts);
        Some(ItemRule::Rule(Box::new((rule, facts))))
    }

    /// Whether it holds; a rule that cannot be read answers `broken`.
    fn holds(&self, facts: &dyn Facts, now: Timestamp, broken: bool) -> bool {
        match self {
            ItemRule::Broken(_) => broken,
            ItemRule::Rule(compiled) => {
                let (rule, set) = &**compiled;
                rule.holds(&Slots::new(set, facts, now))
            }
        }
    }

    /// Why it holds or not.
    fn words(&self, facts: &dyn Facts, now: Timestamp) -> String {
        match self {
            ItemRule::Broken(error) => format!("its rule cannot be read, {error}"),
            ItemRule::Rule(compiled) => {
                let (rule, set) = &**compiled;
                let mut words = String::new();
                rule.write_reason(&Slots::new(set, facts, now), &mut words);
                words
            }
        }
    }
}

/// The facts of an item before those of the person.
struct OfItem<'a> {
    person: &'a BTreeMap<String, Value>,
    item: &'a BTreeMap<String, Value>,
}

impl Facts for OfItem<'_> {
    fn fact(&self, key: &FactKey, now: Timestamp) -> Value {
        match key {
            FactKey::Item(_) => self.item.fact(key, now),
            _ => self.person.fact(key, now),
        }
    }
}

/// Fills the placement, and cuts `items` down to what the outcome depends on.
pub(crate) fn fill(chain: &Chain<'_>, seed: u64, items: &mut Items) -> Filled {
    let mut filling = Filling {
        chain,
        random: Random::from_parts("recipe", &[&seed.to_be_bytes()]),
        seen: BTreeSet::new(),
        selection: Selection::default(),
        losers: Vec::new(),
        losers_cut: 0,
    };
    let mut given = std::mem::take(&mut items.recipes);
    for (stage, recipe) in chain.recipes.iter().enumerate() {
        if filling.selection.choices.len() >= chain.placement.limit {
            break;
        }
        let id = &recipe.definition.id;
        let Some(found) = given.iter_mut().find(|found| found.recipe == *id) else {
            continue;
        };
        let looked_at = filling.stage(stage, std::mem::take(&mut found.items), items);
        items.recipes.push(Found {
            recipe: id.clone(),
            items: looked_at,
        });
    }
    let told: BTreeSet<&str> = items
        .recipes
        .iter()
        .flat_map(|found| &found.items)
        .map(|find| find.candidate.item_id.as_str())
        .collect();
    items
        .purchases
        .retain(|item, _| told.contains(item.as_str()));
    items.cart.retain(|item| told.contains(item.as_str()));
    Filled {
        choices: filling.selection.choices,
        losers: filling.losers,
        losers_cut: filling.losers_cut,
        wanted: Vec::new(),
        nothing: "Shown because no item was found",
        as_it_came: false,
    }
}

struct Filling<'a> {
    chain: &'a Chain<'a>,
    random: Random,
    seen: BTreeSet<String>,
    selection: Selection,
    losers: Vec<Loser>,
    losers_cut: usize,
}

impl Filling<'_> {
    /// Fills from one recipe. Returns what the outcome depends on, with content only where it was
    /// chosen.
    fn stage(&mut self, stage: usize, found: Vec<Find>, items: &Items) -> Vec<Find> {
        let recipe = self.chain.recipes[stage];
        let (mut open, mut left_out) = (Vec::new(), Vec::new());
        for mut find in found {
            if !self.seen.insert(find.candidate.item_id.clone()) {
                continue;
            }
            match self.chain.left_out(stage, &find, items) {
                None => {
                    let evidence = &find.candidate.evidence;
                    let mut reasons = vec![reason(evidence, self.chain.now)];
                    let facts = self.chain.facts(&find);
                    let boosted = recipe.boosted(find.candidate.score, &facts, self.chain.now);
                    reasons.extend(boosted.1);
                    open.push(Contender {
                        find,
                        score: boosted.0,
                        reasons,
                    });
                }
                Some((code, words)) => {
                    if left_out.len() < limits::RECIPE_LEFT_OUT_MAX {
                        self.lose(&find.candidate.item_id, code, words, None);
                        find.held |= find.candidate.content.take().is_some();
                        left_out.push(find);
                    }
                }
            }
        }
        open.sort_by(|one, other| {
            let ids = (&one.find.candidate.item_id, &other.find.candidate.item_id);
            other
                .score
                .total_cmp(&one.score)
                .then_with(|| ids.0.cmp(ids.1))
        });
        let limit = self.chain.placement.limit;
        // What is not looked at here may be found by a fallback.
        for rest in open.drain(open.len().min(limit + limits::RECIPE_SPARE_MAX)..) {
            self.seen.remove(&rest.find.candidate.item_id);
        }
        let spec = &recipe.definition.spec;
        let rest = self.selection.choose(spec, &open, limit, &mut self.random);
        for (place, why) in rest {
            let score = Some(open[place].score);
            let id = open[place].find.candidate.item_id.clone();
            self.lose(&id, LoserCode::OverLimit, why, score);
        }
        let chosen = self.selection.choices.iter();
        let chosen: BTreeSet<&str> = chosen.map(|choice| choice.id.as_str()).collect();
        let mut told: Vec<Find> = open.into_iter().map(|one| one.find).collect();
        for find in &mut told {
            if !chosen.contains(find.candidate.item_id.as_str()) {
                find.held |= find.candidate.content.take().is_some();
            }
        }
        told.extend(left_out);
        told
    }

    fn lose(&mut self, id: &str, code: LoserCode, reason: String, score: Option<f64>) {
        if self.losers.len() >= limits::LOSERS_PER_DECISION_MAX {
            self.losers_cut += 1;
            return;
        }
        self.losers.push(Loser {
            kind: ChoiceKind::Item,
            id: id.into(),
            code,
            reason: reason.into(),
            score,
            terms: None,
        });
    }
}

/// The choice of an item at a place.
fn choice(contender: &Contender, propensity: f64, drawn: bool) -> Choice {
    let mut reasons: Vec<std::sync::Arc<str>> = Vec::with_capacity(contender.reasons.len() + 1);
    reasons.extend(
        contender
            .reasons
            .iter()
            .map(|reason| reason.as_str().into()),
    );
    if drawn {
        reasons.push("Drawn by lot, so that other items are seen too".into());
    }
    Choice {
        kind: ChoiceKind::Item,
        id: contender.find.candidate.item_id.clone(),
        content: contender.find.candidate.content.clone().unwrap_or_default(),
        score: contender.score,
        propensity,
        reasons,
        terms: None,
        granted: None,
    }
}
