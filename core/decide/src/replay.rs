//! Takes a stored decision again.

use std::collections::BTreeMap;

use kith_base::{Digest, Value, digest, limits};
use kith_definition::{Kind, Offer, Placement, Recipe, Reference, Revisioned};
use kith_rule::{Aggregate, Schema};

use crate::{Inputs, Outcome, Placements, Policy, Request};

/// Past revisions of definitions.
pub trait Specs {
    /// A revision of a placement.
    fn placement(&self, id: &str, revision: u64) -> Option<Placement>;

    /// A revision of an offer.
    fn offer(&self, id: &str, revision: u64) -> Option<Offer>;

    /// A revision of a recipe.
    fn recipe(&self, id: &str, revision: u64) -> Option<Recipe>;
}

/// Why a decision cannot be taken again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// A revision it used is not kept.
    #[error("revision {} of {} {} is not kept", .0.revision, .0.kind, .0.id)]
    Missing(Reference),
}

/// Takes the decision again. With the revisions that were in force the outcome is the same, to
/// the byte.
pub fn replay(inputs: &Inputs, specs: &dyn Specs) -> Result<Outcome, ReplayError> {
    let compiled = named(inputs, specs)?.compile(&schema(inputs));
    let facts = meant(inputs);
    let outcome = compiled.session(&facts, inputs.now).decide(Request {
        placement: &inputs.placement.0,
        decision_id: &inputs.decision_id,
        seed: inputs.seed,
        profile: inputs.profile,
        items: inputs.items.clone(),
        standing: inputs.standing.clone(),
        policy: match &inputs.drawing {
            Some(drawing) => Policy::Drawn(drawing),
            None => Policy::Unlearned,
        },
        nodes: &[],
    });
    Ok(outcome.expect("the placement was compiled a moment ago"))
}

/// What a placement that ranks would have shown first in past decisions. Definitions are compiled
/// once for all decisions that used the same.
#[derive(Debug, Default)]
pub struct Reranker {
    /// What is ranked by; `None` for what was in force.
    candidate: Option<Placement>,
    compiled: BTreeMap<Digest, Placements>,
}

/// What another policy would have shown first.
#[derive(Clone, Debug, PartialEq)]
pub struct Reranked {
    /// Promotions with their probabilities; none when there is nothing to show.
    pub shares: Vec<(String, f64)>,
    /// Facts that it asks for and the decision did not look at.
    pub unknown: Vec<String>,
}

impl Reranker {
    /// By a placement in the place of the one that decided; by `None`, as that one ranks.
    pub fn new(candidate: Option<Placement>) -> Self {
        Reranker {
            candidate,
            compiled: BTreeMap::new(),
        }
    }

    /// Ranks the promotions of one past decision.
    pub fn rank(&mut self, inputs: &Inputs, specs: &dyn Specs) -> Result<Reranked, ReplayError> {
        let names = (
            &inputs.placement,
            &inputs.offers,
            &inputs.fallbacks,
            &inputs.meant,
        );
        let key = digest("reranker", &[format!("{names:?}").as_bytes()]);
        if !self.compiled.contains_key(&key) {
            let mut named = named(inputs, specs)?;
            let placement = &mut named.placements[0].spec;
            if let Some(candidate) = &self.candidate {
                *placement = candidate.clone();
            }
            placement.learning = None;
            let compiled = named.compile(&schema(inputs));
            if self.compiled.len() >= limits::RERANKED_PROJECTS_MAX {
                self.compiled.clear();
            }
            self.compiled.insert(key, compiled);
        }
        let compiled = &self.compiled[&key];
        let facts = meant(inputs);
        let mut session = compiled.session(&facts, inputs.now);
        let ranked = session.shares(&inputs.placement.0, inputs);
        Ok(ranked.expect("the placement was compiled a moment ago"))
    }
}

/// The revisions that a decision used.
struct Named {
    placements: Vec<Revisioned<Placement>>,
    offers: Vec<Revisioned<Offer>>,
    recipes: Vec<Revisioned<Recipe>>,
}

impl Named {
    fn compile(&self, schema: &Schema) -> Placements {
        let Named {
            placements,
            offers,
            recipes,
        } = self;
        let (compiled, _) = Placements::compile_with(placements, offers, recipes, schema);
        compiled
    }
}

/// The revisions that a decision used, the placement first.
fn named(inputs: &Inputs, specs: &dyn Specs) -> Result<Named, ReplayError> {
    let missing = |kind, (id, revision): &(String, u64)| {
        ReplayError::Missing(Reference {
            kind,
            id: id.clone(),
            revision: *revision,
        })
    };
    let mut placements = Vec::with_capacity(1 + inputs.fallbacks.len());
    for named in std::iter::once(&inputs.placement).chain(&inputs.fallbacks) {
        let (id, revision) = named;
        let spec = specs.placement(id, *revision);
        let spec = spec.ok_or_else(|| missing(Kind::Placement, named))?;
        placements.push(revisioned(id, *revision, spec));
    }
    let mut offers = Vec::with_capacity(inputs.offers.len());
    for named in inputs.offers.iter() {
        let (id, revision) = named;
        let spec = specs
            .offer(id, *revision)
            .ok_or_else(|| missing(Kind::Offer, named))?;
        offers.push(revisioned(id, *revision, spec));
    }
    let mut recipes = Vec::with_capacity(inputs.recipes.len());
    for named in &inputs.recipes {
        let (id, revision) = named;
        let spec = specs
            .recipe(id, *revision)
            .ok_or_else(|| missing(Kind::Recipe, named))?;
        recipes.push(revisioned(id, *revision, spec));
    }
    Ok(Named {
        placements,
        offers,
        recipes,
    })
}

/// The facts of a decision. Rules ask for what a feature stands for.
fn meant(inputs: &Inputs) -> BTreeMap<String, Value> {
    let mut facts = inputs.facts.clone();
    for (written, meant) in &inputs.meant {
        let value = inputs.facts.get(written).cloned().unwrap_or_default();
        facts.insert(meant.clone(), value);
    }
    facts
}

/// The features that the decision asked for, as they were.
fn schema(inputs: &Inputs) -> Schema {
    let mut schema = Schema::default();
    for (written, meant) in &inputs.meant {
        let Ok(aggregate) = Aggregate::parse(meant) else {
            continue;
        };
        let kind = aggregate.kind();
        if let Some(name) = written.strip_prefix("features.") {
            schema.add_feature(name, kind, Some(aggregate));
        } else if let Some(name) = written.strip_prefix("traits.") {
            // No feature has such a name of its own.
            schema.add_feature(written, kind, Some(aggregate));
            schema.publish(name, written);
        }
    }
    schema
}

fn revisioned<T>(id: &str, revision: u64, spec: T) -> Revisioned<T> {
    Revisioned {
        id: id.to_owned(),
        name: String::new(),
        revision,
        spec,
    }
}
