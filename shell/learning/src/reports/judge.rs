//! How well recipes find what people turned to next.
//!
//! Of a sample of persons the last item they turned to for the first time is hidden, with all that
//! came after: from the person's profile, and from the models, which are made again from the log
//! without it. Then the recipe decides as of that moment, by the code that serves. Nothing here
//! holds a decision up.

mod cases;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kith_base::{Json, Timestamp, Value, digest, limits};
use kith_definition::{Goal, Kind, Placement, Recipe, RecipeModel, Spec};
use kith_engine::decide::{Request, Sources, decide_profile};
use kith_engine::{Learned, Project, Recommenders, Stream, Trained, query, state};
use kith_event::Position;
use kith_learn::choose;
use kith_learn::evaluate::Figures;
use kith_learn::interval::{Estimate, Mean};
use kith_runtime::{Handle, View, log};

use super::Judgement;
use crate::recommenders;
use crate::registry::Registry;
use cases::{Case, Found};

/// How many items are asked for.
const RANKED: usize = 10;
/// Fewer persons tell nothing.
const PERSONS_MIN: usize = 10;
/// Records read in one step.
const RECORDS_PER_STEP: usize = 1_000;
/// The placement that asks; no definition can have this id.
const PLACEMENT: &str = "(report)";

/// How well a recipe does on what was hidden.
#[derive(Clone, Debug, PartialEq)]
pub struct Offline {
    /// Persons of whom something was hidden.
    pub persons: u64,
    /// How it was measured, in words.
    pub protocol: String,
    /// NDCG at 10.
    pub ndcg_at_10: Estimate,
    /// Share of the hidden items among the first 10.
    pub recall_at_10: Estimate,
    /// NDCG at 10 of what is popular, for the same persons.
    pub popular_ndcg_at_10: Estimate,
    /// Different items among all answers.
    pub different_items: u64,
    /// How surprising the answers are on average, in bits; `None` of empty ones.
    pub novelty_bits: Option<f64>,
}

/// Why recipes could not be judged.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    State(#[from] state::Error),
    #[error(transparent)]
    Log(#[from] log::Error),
    #[error(transparent)]
    Learn(#[from] kith_learn::Error),
}

/// Judges those of the recipes that are live.
pub(crate) fn judge(
    handle: &Handle,
    registry: &Registry,
    recipes: &[String],
    at: Timestamp,
) -> Result<BTreeMap<String, Judgement>, Error> {
    let view = handle.view();
    let most = limits::DEFINITIONS_PER_KIND_MAX;
    let mut by_goal: BTreeMap<bool, Vec<(String, u64)>> = BTreeMap::new();
    for live in query::live_definitions(&*view.state, Kind::Recipe.as_str(), most)? {
        if let Some(recipe) = Recipe::parse(&live.row.spec)
            .ok()
            .filter(|_| recipes.contains(&live.id))
        {
            let reorders = recipe.goal == Goal::Reorder;
            by_goal
                .entry(reorders)
                .or_default()
                .push((live.id, live.row.revision));
        }
    }
    let mut judged = BTreeMap::new();
    for (reorders, recipes) in by_goal {
        let goal = if reorders {
            Goal::Reorder
        } else {
            Goal::Discover
        };
        let found = cases::find(handle, &view, goal)?;
        let there = found.cases.len();
        let models = match there >= PERSONS_MIN {
            true => Some(models_without(handle, &view, registry, &found)?),
            false => None,
        };
        for (id, revision) in recipes {
            let found = match &models {
                Some(models) => measure(&view, models, &id, &found)?,
                None => Err(too_few(goal, there)),
            };
            judged.insert(
                id,
                Judgement {
                    revision,
                    at,
                    found,
                },
            );
        }
    }
    Ok(judged)
}

fn too_few(goal: Goal, there: usize) -> String {
    let more = PERSONS_MIN - there;
    match goal {
        Goal::Discover => format!("{more} more persons who turned to a second item are needed"),
        Goal::Reorder => format!("{more} more persons who bought an item again are needed"),
    }
}

/// The models as they would be without what is hidden.
struct Models {
    learned: Learned,
    /// Whether the log was read from its beginning.
    whole: bool,
}

fn models_without(
    handle: &Handle,
    view: &View,
    registry: &Registry,
    found: &Found,
) -> Result<Models, Error> {
    let end = handle.status().end;
    let mut next: Position = end.saturating_sub(limits::RECIPE_JUDGED_RECORDS_MAX);
    let whole = next == 0;
    let mut stream = Stream::default();
    while next < end {
        let records = handle.read_log(next, RECORDS_PER_STEP)?;
        let Some((last, _)) = records.last() else {
            break;
        };
        next = last + 1;
        for (position, record) in &records {
            if let Ok(record) = record
                && !found.hidden.contains(position)
            {
                let tell = &mut |told: recommenders::Told| told.tell(&mut stream);
                recommenders::told(&view.project, record, tell);
            }
        }
    }
    stream.settle();
    let in_force = &view.learned.recommenders;
    let about = registry
        .about(RecipeModel::Linear)
        .filter(|_| in_force.linear.is_some());
    let parts = about.map(|about| about.parts).unwrap_or_default();
    let asked = view.project.placements.asks_for(RecipeModel::Linear);
    let linear = match asked && !parts.is_empty() {
        true => {
            let mut model = choose::fit(&parts, &stream.histories())?;
            let parts = model.parts.into_iter();
            model.parts = parts
                .map(|(weight, part)| (weight, part.served()))
                .collect();
            let ids = stream.ids().map(str::to_owned).collect();
            Some(Arc::new(Trained::new(0, Timestamp::ZERO, ids, model)))
        }
        false => None,
    };
    let recommenders = Recommenders {
        stream: Arc::new(stream),
        linear,
        content: in_force.content.clone(),
        scores: Arc::clone(&in_force.scores),
    };
    let learned = Learned {
        recommenders: Arc::new(recommenders),
        ..Learned::default()
    };
    Ok(Models { learned, whole })
}

/// Asks a recipe for every case.
fn measure(
    view: &View,
    models: &Models,
    recipe: &str,
    found: &Found,
) -> Result<Result<Offline, String>, Error> {
    let project = match project(view, recipe)? {
        Ok(project) => project,
        Err(words) => return Ok(Err(words)),
    };
    let sources = Sources {
        state: &*view.state,
        project: &project,
        learned: &models.learned,
    };
    let stream = &models.learned.recommenders.stream;
    let (mut ndcg, mut recall, mut popular) = (Mean::default(), Mean::default(), Mean::default());
    let mut different: BTreeSet<String> = BTreeSet::new();
    let (mut bits, mut told) = (0.0, 0u64);
    for case in &found.cases {
        let ranked = answer(sources, case)?;
        let figures = figures(&ranked, case);
        ndcg.add(figures.ndcg_at_10);
        recall.add(figures.recall_at_10);
        popular.add(self::figures(&what_is_popular(stream, case, found.goal), case).ndcg_at_10);
        for item in ranked {
            bits += stream.surprise_bits(&item).unwrap_or_default();
            told += 1;
            different.insert(item);
        }
    }
    let three = (ndcg.estimate(), recall.estimate(), popular.estimate());
    let (Some(ndcg_at_10), Some(recall_at_10), Some(popular_ndcg_at_10)) = three else {
        return Ok(Err(too_few(found.goal, found.cases.len())));
    };
    Ok(Ok(Offline {
        persons: ndcg.count(),
        protocol: protocol(found, models.whole),
        ndcg_at_10,
        recall_at_10,
        popular_ndcg_at_10,
        different_items: different.len() as u64,
        novelty_bits: (told > 0).then(|| bits / told as f64),
    }))
}

/// The live definitions with a placement that asks this recipe.
fn project(view: &View, recipe: &str) -> Result<Result<Project, String>, Error> {
    let spec = asking(recipe);
    let Ok(placement) = Placement::parse(&spec) else {
        return Ok(Err(format!("no placement can ask the recipe {recipe:?}")));
    };
    let spec = Spec::Placement(placement);
    Ok(Ok(Project::with(&*view.state, PLACEMENT, spec)?))
}

fn asking(recipe: &str) -> Json {
    let mut spec: BTreeMap<&str, Value> = BTreeMap::new();
    spec.insert("type", Value::from("items"));
    spec.insert("limit", Value::Int(RANKED as i64));
    // What is bought now and then is left out by the recipe's goal, or not.
    spec.insert("exclude_purchased_days", Value::Int(0));
    spec.insert("recipe", Value::from(recipe));
    Json::from_serialize(&spec).expect("texts and numbers have a JSON form")
}

/// What the recipe shows, first first; nothing where the fallback is shown.
fn answer(sources: Sources<'_>, case: &Case) -> Result<Vec<String>, Error> {
    let request = Request {
        placements: vec![PLACEMENT.to_owned()],
        ..Request::default()
    };
    let profile = case.profile.clone();
    let call = digest("report", &[&profile.person.0]);
    let answer = decide_profile(sources, &request, profile, case.at, call)?;
    let outcomes = answer.outcomes().filter(|outcome| !outcome.entry.fallback);
    let choices = outcomes.flat_map(|outcome| &outcome.entry.choices);
    Ok(choices.map(|choice| choice.id.clone()).collect())
}

/// What is popular, without what the person knows; to reorder, of what they bought.
fn what_is_popular(stream: &Stream, case: &Case, goal: Goal) -> Vec<String> {
    let open = |id: &&str| match goal {
        Goal::Discover => !case.touched.contains(*id),
        Goal::Reorder => case.bought.contains(*id),
    };
    let popular = stream.popular(limits::LEARN_CHOSEN_MAX);
    let popular = popular.filter_map(|(item, _)| stream.id(item));
    popular
        .filter(open)
        .take(RANKED)
        .map(str::to_owned)
        .collect()
}

/// The measures of one answer: items stand by their places in it, hidden ones that it lacks
/// behind it.
fn figures(ranked: &[String], case: &Case) -> Figures {
    let places: Vec<u32> = (0..ranked.len() as u32).collect();
    let mut wanted: Vec<u32> = case
        .wanted
        .iter()
        .zip(ranked.len() as u32..)
        .map(|(item, behind)| {
            let place = ranked.iter().position(|one| one == item);
            place.map_or(behind, |place| place as u32)
        })
        .collect();
    wanted.sort_unstable();
    let mut figures = Figures::default();
    figures.add(&places, &wanted);
    figures
}

fn protocol(found: &Found, whole: bool) -> String {
    let (persons, looked_at) = (found.cases.len(), found.looked_at);
    let hidden = match found.goal {
        Goal::Discover => "the last item that they turned to for the first time",
        Goal::Reorder => "the last order with something that they had bought before",
    };
    let models = match whole {
        true => "from the models too".to_owned(),
        false => {
            let most = limits::RECIPE_JUDGED_RECORDS_MAX;
            format!("from the models too, which are made from the newest {most} records")
        }
    };
    format!(
        "Of {persons} persons, found among {looked_at} drawn by id, {hidden} is hidden with all \
         they did after it, {models}. The recipe answers as of that moment, with no item at hand, \
         by the code that serves. NDCG and recall over its first {RANKED} items; intervals by the \
         normal approximation over persons. What is popular leaves out what they know."
    )
}
