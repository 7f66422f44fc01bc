//! One checked, compiled snapshot of all live definitions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use kith_base::NodeId;
use kith_decide::Placements;
use kith_definition::{
    Audience, Catalog, Feature, Kind, Offer, Placement, Problem, Recipe, Revisioned, Severity,
    Source, SourceType, Spec, Webhook,
};
use kith_event::Identifier;
use kith_identity::Rules;
use kith_profile::series::Needs;
use kith_profile::{FeatureSet, SeriesId};
use kith_rule::{Aggregate, FactKey, Schema};
use sha2::{Digest, Sha256};

use crate::accounts::Questions;
use crate::audience::Audiences;
use crate::grants::Limited;
use crate::state::{Error, Read};
use crate::{query, table};

/// Hash under which a write key or secret key is kept: SHA-256, hexadecimal. Keys are random,
/// so a fast hash does not help to guess them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WriteKeyHash(String);

impl WriteKeyHash {
    /// Of a key in clear.
    pub fn of(key: &str) -> Self {
        let bytes = Sha256::digest(key.as_bytes());
        // Computed for every request.
        let digit = |half: u8| char::from_digit(u32::from(half), 16).expect("below sixteen");
        let digits = bytes
            .iter()
            .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
        let mut text = String::with_capacity(64);
        text.extend(digits);
        WriteKeyHash(text)
    }
}

impl fmt::Display for WriteKeyHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// A feature that is published as a trait.
#[derive(Clone, Debug)]
pub struct ComputedTrait {
    /// Id of the feature.
    pub feature: String,
    /// What it is read from, unless that is kept of everybody.
    pub series: Option<SeriesId>,
    /// What is asked.
    pub key: FactKey,
}

/// A live definition.
pub type Live<T> = Revisioned<T>;

/// Everything configured, ready for use. What a stored revision gets wrong is left out and named
/// in `problems`; the rest works on.
pub struct Project {
    /// Sources by id.
    pub sources: BTreeMap<String, Live<Source>>,
    /// Placements with the offers that may fill them, rules compiled.
    pub placements: Placements,
    /// Offers that are granted before they are shown, by id.
    pub(crate) limited: BTreeMap<String, Limited>,
    /// Those of them that an event uses up, by its name.
    pub(crate) used_by: BTreeMap<String, Vec<String>>,
    /// How identifiers are cleaned, ranked and joined.
    pub identity: Rules,
    /// Catalog attributes that affinities are kept for, besides category and brand.
    pub affinity_attributes: Vec<String>,
    /// Addresses that are told of audiences, by id.
    pub webhooks: BTreeMap<String, Live<Webhook>>,
    /// Features that are published as traits, by the name of the trait.
    pub computed: BTreeMap<String, ComputedTrait>,
    /// Those of them whose changes an enabled webhook is told of.
    pub watched: BTreeMap<String, ComputedTrait>,
    /// Who is in which group of people.
    pub audiences: Audiences,
    /// Series that live features and audiences need.
    pub features: FeatureSet,
    /// Those of them that are needed whatever becomes of an audience.
    pub read_apart: BTreeSet<SeriesId>,
    /// What the rules may ask for.
    pub schema: Schema,
    /// What the rules of audiences and offers ask of accounts.
    pub(crate) questions: Questions,
    /// What is wrong with stored definitions.
    pub problems: Vec<Problem>,
    keys: BTreeMap<String, String>,
}

impl Project {
    /// Compiles the live definitions of a state.
    pub fn load(state: &dyn Read) -> Result<Self, Error> {
        let mut specs = Vec::new();
        let mut problems = Vec::new();
        for kind in Kind::ALL {
            load_kind(state, kind, &mut specs, &mut problems)?;
        }
        let generations = generations(state)?;
        Ok(Project::compile(specs, problems, &generations))
    }

    /// The project with one definition put in place of its live revision, for previews.
    pub fn with(state: &dyn Read, id: &str, spec: Spec) -> Result<Self, Error> {
        Project::with_all(state, vec![(id.to_owned(), spec)])
    }

    /// The project with definitions put in place of their live revisions, for previews.
    pub fn with_all(state: &dyn Read, tried: Vec<(String, Spec)>) -> Result<Self, Error> {
        let mut specs = Vec::new();
        let mut problems = Vec::new();
        for kind in Kind::ALL {
            load_kind(state, kind, &mut specs, &mut problems)?;
        }
        for (id, spec) in tried {
            specs.retain(|live| live.spec.kind() != spec.kind() || live.id != id);
            specs.push(Live {
                name: id.clone(),
                id,
                revision: 0,
                spec,
            });
        }
        let generations = generations(state)?;
        Ok(Project::compile(specs, problems, &generations))
    }

    fn compile(
        specs: Vec<Live<Spec>>,
        mut problems: Vec<Problem>,
        generations: &BTreeMap<SeriesId, (u64, Needs)>,
    ) -> Self {
        let Sorted {
            sources,
            webhooks,
            placements,
            recipes,
            offers,
            features,
            audiences,
            identity,
            catalog,
        } = Sorted::of(specs);
        let affinity_attributes: Vec<String> = catalog
            .iter()
            .flat_map(|catalog| catalog.affinity_dimensions().map(str::to_owned))
            .filter(|name| name != "category" && name != "brand")
            .collect();
        let own = affinity_attributes.iter().map(String::as_str);
        let mut schema = Schema::with_dimensions(["category", "brand"].into_iter().chain(own));
        problems.extend(define_features(&features, &mut schema));
        let ids = audiences.iter().map(|live| live.id.as_str());
        ids.for_each(|id| schema.add_audience(id));
        let (audiences, audience_problems) = Audiences::compile(&audiences, &schema);
        problems.extend(audience_problems);
        let limited = limited_of(&offers);
        let (placements, rule_problems) =
            Placements::compile_with(&placements, &offers, &recipes, &schema);
        problems.extend(rule_problems);
        let keys = keys_of(&sources);
        let defined = features.iter().map(|live| &live.id);
        let defined: Vec<FactKey> = defined
            .map(|id| schema.resolve(&FactKey::Feature(id.clone())))
            .collect();
        let asked = audiences.facts().keys().iter();
        let apart = placements.facts().keys().iter().chain(&defined);
        let read_apart = series_of(apart.clone())
            .series()
            .map(|(_, spec)| spec.id)
            .collect();
        let asked = asked.chain(apart);
        let questions = Questions::of(asked.clone());
        let computed = computed_traits(&features, &schema);
        // A series that is kept in more detail than is asked now stays so: folded sometimes with it
        // and sometimes without, it would not answer whoever asks for it again.
        let features = series_of(asked)
            .keeping(|id| generations.get(&id).map(|(_, needs)| *needs))
            .in_generations(|id| generations.get(&id).map(|(generation, _)| *generation));
        Project {
            audiences,
            features,
            read_apart,
            watched: watched_traits(&webhooks, &computed),
            computed,
            webhooks,
            sources,
            placements,
            used_by: used_by(&limited),
            limited,
            identity,
            affinity_attributes,
            schema,
            questions,
            problems,
            keys,
        }
    }

    /// The enabled source that owns a write key.
    pub fn source_of_key(&self, write_key: &str) -> Option<&Live<Source>> {
        let id = self.keys.get(&WriteKeyHash::of(write_key).0)?;
        self.sources.get(id).filter(|source| source.spec.enabled)
    }

    /// True when clients can send events at all.
    pub fn has_write_keys(&self) -> bool {
        !self.keys.is_empty()
    }

    /// True when something follows from what is known of a person, now or as time passes.
    pub fn is_reactive(&self) -> bool {
        !self.audiences.is_empty() || !self.watched.is_empty()
    }

    /// True for a source whose message ids are never forgotten.
    pub fn is_import(&self, source: &str) -> bool {
        self.sources
            .get(source)
            .is_some_and(|live| live.spec.kind == SourceType::Import)
    }

    /// The series that a feature is read from; `None` for what is kept of everybody.
    pub fn series_of_feature(&self, id: &str) -> Option<SeriesId> {
        match self.schema.resolve(&FactKey::Feature(id.to_owned())) {
            FactKey::Aggregate(aggregate) => Some(SeriesId::of_aggregate(&aggregate)),
            _ => None,
        }
    }

    /// The node of the strongest identifier that names somebody.
    pub fn strongest_node(&self, identifiers: &[Identifier]) -> Option<NodeId> {
        identifiers
            .iter()
            .filter_map(|identifier| self.identity.normalise(identifier).ok())
            .max_by_key(|found| {
                let priority = self.identity.namespace(&found.namespace).priority;
                (
                    priority,
                    std::cmp::Reverse((found.namespace.clone(), found.value.clone())),
                )
            })
            .map(|found| NodeId::of(&found.namespace, &found.value))
    }
}

/// Offers that are granted before they are shown.
fn limited_of(offers: &[Live<Offer>]) -> BTreeMap<String, Limited> {
    let limited = |live: &Live<Offer>| Some((live.id.clone(), Limited::of(&live.spec)?));
    offers.iter().filter_map(limited).collect()
}

/// Offers by the event that uses their grants up.
fn used_by(limited: &BTreeMap<String, Limited>) -> BTreeMap<String, Vec<String>> {
    let mut by_event: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (id, offer) in limited {
        let event = offer.limits.used_by.trim();
        if !event.is_empty() {
            by_event
                .entry(event.to_owned())
                .or_default()
                .push(id.clone());
        }
    }
    by_event
}

fn keys_of(sources: &BTreeMap<String, Live<Source>>) -> BTreeMap<String, String> {
    let of = |live: &Live<Source>| {
        let id = live.id.clone();
        let hashes: Vec<String> = live.spec.keys.iter().map(|key| key.hash.clone()).collect();
        hashes.into_iter().map(move |hash| (hash, id.clone()))
    };
    sources.values().flat_map(of).collect()
}

fn load_kind(
    state: &dyn Read,
    kind: Kind,
    specs: &mut Vec<Live<Spec>>,
    problems: &mut Vec<Problem>,
) -> Result<(), Error> {
    let limit = kith_base::limits::DEFINITIONS_PER_KIND_MAX;
    for found in query::live_definitions(state, kind.as_str(), limit)? {
        match Spec::parse(kind, &found.row.spec) {
            Ok(spec) => specs.push(Live {
                id: found.id,
                name: found.row.name,
                revision: found.row.revision,
                spec,
            }),
            Err(errors) => problems.extend(errors.into_iter().map(|error| Problem {
                severity: Severity::Error,
                kind,
                id: found.id.clone(),
                field: error.field,
                message: error.message,
            })),
        }
    }
    Ok(())
}

/// Live specs by kind.
#[derive(Default)]
struct Sorted {
    sources: BTreeMap<String, Live<Source>>,
    webhooks: BTreeMap<String, Live<Webhook>>,
    placements: Vec<Live<Placement>>,
    recipes: Vec<Live<Recipe>>,
    offers: Vec<Live<Offer>>,
    features: Vec<Live<Feature>>,
    audiences: Vec<Live<Audience>>,
    identity: Rules,
    catalog: Option<Catalog>,
}

impl Sorted {
    fn of(specs: Vec<Live<Spec>>) -> Self {
        let mut sorted = Sorted::default();
        for live in specs {
            let (id, name, revision) = (live.id, live.name, live.revision);
            match live.spec {
                Spec::Source(spec) => {
                    let source = named(id.clone(), name, revision, spec);
                    sorted.sources.insert(id, source);
                }
                Spec::Webhook(spec) => {
                    let webhook = named(id.clone(), name, revision, spec);
                    sorted.webhooks.insert(id, webhook);
                }
                Spec::Placement(spec) => sorted.placements.push(named(id, name, revision, spec)),
                Spec::Recipe(spec) => sorted.recipes.push(named(id, name, revision, spec)),
                Spec::Offer(spec) => sorted.offers.push(named(id, name, revision, spec)),
                Spec::Feature(spec) => sorted.features.push(named(id, name, revision, spec)),
                Spec::Audience(spec) => sorted.audiences.push(named(id, name, revision, spec)),
                Spec::Identity(spec) => sorted.identity = Rules::from(&spec),
                Spec::Catalog(spec) => sorted.catalog = Some(spec),
                Spec::Key(_) | Spec::User(_) => {}
            }
        }
        sorted
    }
}

fn named<T>(id: String, name: String, revision: u64, spec: T) -> Live<T> {
    Live {
        id,
        name,
        revision,
        spec,
    }
}

/// Makes features known to rules. What cannot be read is left out and told.
fn define_features(live: &[Live<Feature>], schema: &mut Schema) -> Vec<Problem> {
    let mut problems = Vec::new();
    for feature in live {
        if let Some(affinity) = &feature.spec.affinity {
            schema.add_affinity(&feature.id, Arc::new(affinity.clone()));
            publish(feature, schema);
            continue;
        }
        match Aggregate::parse(&feature.spec.value) {
            Ok(aggregate) => {
                schema.add_feature(&feature.id, aggregate.kind(), Some(aggregate));
                publish(feature, schema);
            }
            Err(error) => problems.push(Problem {
                severity: Severity::Error,
                kind: Kind::Feature,
                id: feature.id.clone(),
                field: "spec.value".to_owned(),
                message: error.to_string(),
            }),
        }
    }
    problems
}

fn publish(feature: &Live<Feature>, schema: &mut Schema) {
    if !feature.spec.published_as.is_empty() {
        schema.publish(&feature.spec.published_as, &feature.id);
    }
}

/// The features that say under which trait they are published.
fn computed_traits(live: &[Live<Feature>], schema: &Schema) -> BTreeMap<String, ComputedTrait> {
    let published = live.iter().filter(|one| !one.spec.published_as.is_empty());
    let with_key = published.map(|feature| {
        let key = schema.resolve(&FactKey::Feature(feature.id.clone()));
        let series = SeriesId::of_fact(&key);
        let computed = ComputedTrait {
            feature: feature.id.clone(),
            series,
            key,
        };
        (feature.spec.published_as.clone(), computed)
    });
    with_key.collect()
}

fn watched_traits(
    webhooks: &BTreeMap<String, Live<Webhook>>,
    computed: &BTreeMap<String, ComputedTrait>,
) -> BTreeMap<String, ComputedTrait> {
    let enabled = webhooks.values().filter(|live| live.spec.enabled);
    let names = enabled.flat_map(|live| &live.spec.trait_changes);
    let known = names.filter_map(|name| Some((name.clone(), computed.get(name)?.clone())));
    known.collect()
}

fn generations(state: &dyn Read) -> Result<BTreeMap<SeriesId, (u64, Needs)>, Error> {
    let rows = table::series_rows(state)?;
    Ok(rows
        .into_iter()
        .map(|(id, row)| (id, (row.generation, row.needs)))
        .collect())
}

/// The series that these facts are read from.
fn series_of<'a>(facts: impl Iterator<Item = &'a FactKey> + Clone) -> FeatureSet {
    let aggregates = facts.clone().filter_map(|key| match key {
        FactKey::Aggregate(aggregate) => Some(aggregate),
        _ => None,
    });
    let sequences = facts.clone().filter_map(|key| match key {
        FactKey::Sequence(sequence) => Some(sequence),
        _ => None,
    });
    let affinities = facts.filter_map(|key| match key {
        FactKey::Interest { of, .. } => Some(&**of),
        _ => None,
    });
    FeatureSet::compile(aggregates, sequences).with_affinities(affinities)
}
