//! What every live aggregate wants of an event, compiled: which series there are, and what one
//! event adds to them.
//!
//! Aggregates with the same filter and property share a [`Series`](crate::Series), kept for the
//! union of what they need. Series are found by the kind and name of an event; the properties
//! of an event are parsed only when a filter that names it asks for some, and then only those.
//! Affinities that are learnt alike share a series of their own.

mod event;
#[cfg(test)]
mod tests;
mod touch;

pub use event::takes;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kith_base::{Value, digest, limits};
use kith_definition::Affinity;
use kith_event::{Commerce, Event, Kind};
use kith_rule::{Aggregate, Events, FactKey, FactSet, Filter, Path, Rule, Sequence, Slots};
use memchr::memmem::Finder;
use serde::{Deserialize, Serialize};

use crate::series::{Contribution, Needs};

/// Names a series: a prefix of the digest of its filter and property as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SeriesId(pub u64);

impl SeriesId {
    /// Of the events of a filter and one of their properties.
    pub fn of(filter: &Filter, of: Option<&Path>) -> Self {
        let filter = filter.to_string();
        let of = of.map(Path::to_string).unwrap_or_default();
        SeriesId(digest("series", &[filter.as_bytes(), of.as_bytes()]).prefix())
    }

    /// The same, by the values of a property apart.
    pub fn of_keyed(filter: &Filter, of: Option<&Path>, by: Option<&Path>) -> Self {
        let Some(by) = by else {
            return SeriesId::of(filter, of);
        };
        let (filter, by) = (filter.to_string(), by.to_string());
        let of = of.map(Path::to_string).unwrap_or_default();
        let parts = [filter.as_bytes(), of.as_bytes(), by.as_bytes()];
        SeriesId(digest("series/keyed", &parts).prefix())
    }

    /// Of an affinity, whatever a purchase does to it.
    pub fn of_affinity(affinity: &Affinity) -> Self {
        let text = serde_json::to_string(&affinity.kept());
        let text = text.expect("an affinity has no member without a JSON form");
        SeriesId(digest("series/affinity", &[text.as_bytes()]).prefix())
    }

    /// The one a fact reads, when it reads one.
    pub fn of_fact(key: &FactKey) -> Option<Self> {
        match key {
            FactKey::Aggregate(aggregate) => Some(SeriesId::of_aggregate(aggregate)),
            FactKey::Interest { of, .. } => Some(SeriesId::of_affinity(of)),
            _ => None,
        }
    }

    /// The id under which one generation of the series is kept.
    pub fn in_generation(self, number: u64) -> Self {
        let parts = [self.0.to_be_bytes(), number.to_be_bytes()];
        SeriesId(digest("series/generation", &[&parts[0], &parts[1]]).prefix())
    }

    /// The one an aggregate reads.
    pub fn of_aggregate(aggregate: &Aggregate) -> Self {
        let (of, by) = (aggregate.series_of(), aggregate.series_by());
        SeriesId::of_keyed(&aggregate.events, of, by)
    }
}

/// One series: its events, and what is kept of them.
#[derive(Clone, Debug)]
pub struct SeriesSpec {
    /// Its id, whatever it is kept under.
    pub id: SeriesId,
    /// Which events.
    pub filter: Filter,
    /// Which property.
    pub of: Option<Path>,
    /// By the values of which property its numbers are kept.
    pub by: Option<Path>,
    /// What is learnt from them; `None` for aggregates.
    pub affinity: Option<Arc<Affinity>>,
    /// The affinities that share it.
    affinities: BTreeSet<Affinity>,
    /// What is kept.
    pub needs: Needs,
    /// What of an event is looked at.
    reads: Reads,
}

/// What of an event is looked at.
#[derive(Clone, Debug, Default)]
struct Reads {
    /// Members of the properties.
    members: BTreeSet<String>,
    context: bool,
}

impl Reads {
    fn join(&mut self, other: &Reads) {
        self.members.extend(other.members.iter().cloned());
        self.context |= other.context;
    }
}

/// Which series events of one kind and name may add to, and what these look at.
#[derive(Clone, Debug, Default)]
struct Interested {
    /// Places in [`FeatureSet::specs`].
    places: Vec<usize>,
    reads: Reads,
    /// What the stored form of each of their events holds one of; `None` when nothing is known.
    texts: Option<Vec<Finder<'static>>>,
}

impl Interested {
    fn push(&mut self, place: usize, spec: &SeriesSpec) {
        self.places.push(place);
        self.reads.join(&spec.reads);
    }

    /// Notes what the stored forms hold, of which `of` tells it series by series.
    fn require(&mut self, of: &[Option<Vec<String>>]) {
        let texts = self.places.iter().map(|at| of[*at].as_deref());
        let texts: Option<Vec<&[String]>> = texts.collect();
        let texts = texts.map(|texts| texts.concat());
        let texts = texts.filter(|texts| texts.len() <= limits::PASSED_BY_TEXTS_MAX);
        let finder = |text: &String| Finder::new(text).into_owned();
        self.texts = texts.map(|texts| texts.iter().map(finder).collect());
    }

    /// What JSON escapes is not found as it is written: behind a backslash there may be anything.
    fn may_take(&self, stored: &[u8]) -> bool {
        let holds = |texts: &Vec<Finder<'_>>| {
            texts.iter().any(|text| text.find(stored).is_some())
                || memchr::memchr(b'\\', stored).is_some()
        };
        !self.places.is_empty() && self.texts.as_ref().is_none_or(holds)
    }
}

/// What a series keeps, of which property and by which, and its id.
type Kept = (Option<Path>, Option<Path>, SeriesId);

/// Every series that live definitions want.
#[derive(Clone, Debug, Default)]
pub struct FeatureSet {
    /// Ascending.
    specs: Vec<(SeriesId, SeriesSpec)>,
    /// The condition of each, if it has one, over `facts`.
    conditions: Vec<Option<Rule>>,
    facts: FactSet,
    /// By the digest of their filter.
    ids: BTreeMap<u64, Vec<Kept>>,
    affinities: BTreeMap<Affinity, SeriesId>,
    by_kind: BTreeMap<Kind, Interested>,
    /// Those of the kind among them.
    by_name: BTreeMap<Kind, BTreeMap<String, Interested>>,
    is_part: bool,
}

impl FeatureSet {
    /// The series of all live aggregates and sequences.
    pub fn compile<'a>(
        aggregates: impl IntoIterator<Item = &'a Aggregate>,
        sequences: impl IntoIterator<Item = &'a Sequence>,
    ) -> Self {
        let mut specs = BTreeMap::new();
        for aggregate in aggregates {
            let needs = Needs::of(aggregate);
            let of = (aggregate.series_of(), aggregate.series_by());
            want(&mut specs, &aggregate.events, of, needs);
        }
        for sequence in sequences {
            let steps = sequence.steps.iter().map(|(filter, _)| filter);
            let absent = sequence.absent.iter().map(|(filter, _)| filter);
            for filter in steps.chain(absent) {
                want(
                    &mut specs,
                    filter,
                    (None, None),
                    Needs::detail(sequence.window),
                );
            }
        }
        FeatureSet::index(specs, false)
    }

    /// The same with the series of affinities.
    pub fn with_affinities<'a>(self, affinities: impl IntoIterator<Item = &'a Affinity>) -> Self {
        let mut specs: BTreeMap<SeriesId, SeriesSpec> = self.specs.into_iter().collect();
        for affinity in affinities {
            let id = SeriesId::of_affinity(affinity);
            let spec = specs
                .entry(id)
                .or_insert_with(|| SeriesSpec::of_affinity(id, affinity));
            spec.affinities.insert(affinity.clone());
        }
        FeatureSet::index(specs, self.is_part)
    }

    /// Every series by id.
    pub fn series(&self) -> impl Iterator<Item = (SeriesId, &SeriesSpec)> {
        self.specs.iter().map(|(id, spec)| (*id, spec))
    }

    /// One series.
    pub fn get(&self, id: SeriesId) -> Option<&SeriesSpec> {
        let found = self.specs.binary_search_by_key(&id, |(known, _)| *known);
        found.ok().map(|at| &self.specs[at].1)
    }

    /// True when all of these are in the set. They come ascending. O(series).
    pub fn holds_all(&self, ids: impl IntoIterator<Item = SeriesId>) -> bool {
        let mut known = self.specs.iter().map(|(known, _)| *known);
        ids.into_iter().all(|id| known.any(|known| known == id))
    }

    /// The id of the series of a filter's events; spelling it out costs a digest when it is not
    /// in the set.
    pub fn id_of(&self, filter: &Filter) -> SeriesId {
        self.find_id(filter, None, None)
    }

    /// The id of the series that an aggregate reads.
    pub fn id_of_aggregate(&self, aggregate: &Aggregate) -> SeriesId {
        let (of, by) = (aggregate.series_of(), aggregate.series_by());
        self.find_id(&aggregate.events, of, by)
    }

    fn find_id(&self, filter: &Filter, of: Option<&Path>, by: Option<&Path>) -> SeriesId {
        let mut known = self.ids.get(&filter.digest()).into_iter().flatten();
        let found = known.find(|known| known.0.as_ref() == of && known.1.as_ref() == by);
        found.map_or_else(|| SeriesId::of_keyed(filter, of, by), |(.., id)| *id)
    }

    /// The id of an affinity's series.
    pub fn id_of_affinity(&self, affinity: &Affinity) -> SeriesId {
        let known = self.affinities.get(affinity);
        known
            .copied()
            .unwrap_or_else(|| SeriesId::of_affinity(affinity))
    }

    /// How many series.
    pub fn len(&self) -> usize {
        self.specs.len()
    }

    /// True when nothing is wanted.
    pub fn is_empty(&self) -> bool {
        self.specs.is_empty()
    }

    /// Series to be built from history when this set takes the place of `before`: new ones, and
    /// those of which more is wanted than was kept.
    pub fn wanting(&self, before: &FeatureSet) -> Vec<SeriesId> {
        let is_covered = |id: SeriesId, spec: &SeriesSpec| {
            let held = before.get(id);
            held.is_some_and(|held| held.needs.cover(spec.needs))
        };
        let wanting = self.series().filter(|(id, spec)| !is_covered(*id, spec));
        wanting.map(|(id, _)| id).collect()
    }

    /// The same set with each series kept under the id of one generation: what an earlier one
    /// left in a fold, wanting less or long out of use, is then never taken for it.
    pub fn in_generations(&self, generation: impl Fn(SeriesId) -> Option<u64>) -> Self {
        let specs = self.specs.iter().map(|(_, spec)| {
            let kept = match generation(spec.id) {
                None => spec.id,
                Some(number) => spec.id.in_generation(number),
            };
            (kept, spec.clone())
        });
        FeatureSet::index(specs.collect(), self.is_part)
    }

    /// The same set with each series kept in as much detail as it was, if it was in more.
    pub fn keeping(&self, kept: impl Fn(SeriesId) -> Option<Needs>) -> Self {
        let specs = self.specs.iter().map(|(id, spec)| {
            let mut spec = spec.clone();
            spec.needs = kept(spec.id).map_or(spec.needs, |kept| spec.needs.join(kept));
            (*id, spec)
        });
        FeatureSet::index(specs.collect(), self.is_part)
    }

    /// These series alone. A part of a set never drops the others from a fold.
    pub fn only(&self, ids: &[SeriesId]) -> Self {
        self.part(|id| ids.contains(&id))
    }

    /// True when the set is all there is.
    pub fn is_whole(&self) -> bool {
        !self.is_part
    }

    /// What an event adds, by series. `commerce` is read from the event's properties; `item`
    /// looks up in the catalog what the event does not say, `Null` when there is nothing.
    /// O(log n) when no filter names the event.
    pub fn contributions(
        &self,
        event: &Event,
        commerce: &Commerce,
        item: &mut dyn FnMut(&str) -> Value,
    ) -> Vec<(SeriesId, Contribution)> {
        let Some(interested) = self.interested(event.kind, &event.name) else {
            return Vec::new();
        };
        let reader = event::Reader::new(event, commerce, &interested.reads);
        let cases = reader.cases();
        let slots = |facts| Slots::new(&self.facts, facts, event.occurred_at);
        let slots: Vec<Slots> = cases.iter().map(|facts| slots(facts)).collect();
        let places = interested.places.iter();
        let contribution = |at: &usize| {
            let ((id, spec), condition) = (&self.specs[*at], self.conditions[*at].as_ref());
            Some((*id, reader.contribution(spec, condition, &slots, item)?))
        };
        places.filter_map(contribution).collect()
    }

    /// False when the stored form of an event of this kind and name tells, unread, that it adds
    /// nothing to any series.
    pub fn may_take(&self, kind: Kind, name: &str, stored: &[u8]) -> bool {
        let interested = self.interested(kind, name);
        interested.is_some_and(|interested| interested.may_take(stored))
    }

    fn interested(&self, kind: Kind, name: &str) -> Option<&Interested> {
        let named = self.by_name.get(&kind).and_then(|names| names.get(name));
        named.or_else(|| self.by_kind.get(&kind))
    }

    fn part(&self, keep: impl Fn(SeriesId) -> bool) -> Self {
        let specs = self.specs.iter().filter(|(id, _)| keep(*id));
        FeatureSet::index(specs.cloned().collect(), true)
    }

    fn index(specs: BTreeMap<SeriesId, SeriesSpec>, is_part: bool) -> Self {
        let mut set = FeatureSet {
            specs: specs.into_iter().collect(),
            is_part,
            ..FeatureSet::default()
        };
        let condition = |(_, spec): &(SeriesId, SeriesSpec)| {
            let condition = spec.filter.condition.as_ref();
            condition.map(|condition| Rule::compile(condition.expr(), &mut set.facts))
        };
        set.conditions = set.specs.iter().map(condition).collect();
        let mut named: Vec<(Kind, String, usize)> = Vec::new();
        for kind in Kind::ALL {
            set.by_kind.insert(kind, Interested::default());
        }
        for (at, (id, spec)) in set.specs.iter().enumerate() {
            if let Some(affinity) = &spec.affinity {
                let shared = spec.affinities.iter();
                set.affinities.extend(shared.map(|of| (of.clone(), *id)));
                let names = affinity.events().into_iter();
                named.extend(names.map(|name| (Kind::Track, name.to_owned(), at)));
                continue;
            }
            let ids = set.ids.entry(spec.filter.digest()).or_default();
            ids.push((spec.of.clone(), spec.by.clone(), *id));
            let all = set.by_kind.iter_mut();
            match &spec.filter.events {
                Events::Any => all.for_each(|(_, interested)| interested.push(at, spec)),
                Events::Kind(kind) => all
                    .filter(|(known, _)| *known == kind)
                    .for_each(|(_, interested)| interested.push(at, spec)),
                Events::Named(kind, name) => named.push((*kind, name.clone(), at)),
            }
        }
        for (kind, name, at) in named {
            let names = set.by_name.entry(kind).or_default();
            let of_kind = || set.by_kind.get(&kind).cloned().unwrap_or_default();
            let interested = names.entry(name).or_insert_with(of_kind);
            interested.push(at, &set.specs[at].1);
        }
        let texts = |condition: &Option<Rule>| condition.as_ref()?.texts_in(&set.facts);
        let texts: Vec<_> = set.conditions.iter().map(texts).collect();
        let named = set.by_name.values_mut().flat_map(BTreeMap::values_mut);
        let all = set.by_kind.values_mut().chain(named);
        all.for_each(|interested| interested.require(&texts));
        set
    }
}

impl SeriesSpec {
    fn of_affinity(id: SeriesId, affinity: &Affinity) -> Self {
        let filter = Filter::new(Events::Any, None);
        SeriesSpec {
            id,
            filter,
            of: None,
            by: None,
            needs: Needs::of_affinity(affinity),
            reads: Reads {
                members: touch::members(affinity)
                    .into_iter()
                    .map(str::to_owned)
                    .collect(),
                context: false,
            },
            affinity: Some(Arc::new(affinity.kept())),
            affinities: BTreeSet::new(),
        }
    }
}

fn want(
    specs: &mut BTreeMap<SeriesId, SeriesSpec>,
    filter: &Filter,
    (of, by): (Option<&Path>, Option<&Path>),
    needs: Needs,
) {
    let id = SeriesId::of_keyed(filter, of, by);
    let make = || {
        let mut reads = Reads {
            members: of
                .iter()
                .chain(&by)
                .map(|of| of.first().to_owned())
                .collect(),
            context: false,
        };
        for key in filter.compile().facts() {
            match key {
                FactKey::Property(path) => {
                    reads.members.insert(path.first().to_owned());
                }
                FactKey::Context(_) => reads.context = true,
                _ => {}
            }
        }
        SeriesSpec {
            id,
            filter: filter.clone(),
            of: of.cloned(),
            by: by.cloned(),
            affinity: None,
            affinities: BTreeSet::new(),
            needs: Needs::default(),
            reads,
        }
    };
    let spec = specs.entry(id).or_insert_with(make);
    spec.needs = spec.needs.join(needs);
}
