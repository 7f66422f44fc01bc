//! An event: seen before? → whose is it? → fold → item counts.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::{NodeId, PersonId, Value, limits};
use kith_event::{Commerce, Event, Identifier, Kind, Position};
use kith_profile::series::{Contribution, Moment};
use kith_profile::{Attributes, Fold, Latest, SeriesId};

use super::regroup::Regrouped;
use super::{account, audience, grant, identity, items, job, probable, regroup, traits};
use crate::audience::Change;
use crate::site::SiteSums;
use crate::state::{Error, Read};
use crate::table::{self, Entry, NodeRow, SeenRow, SourceHour};
use crate::{Effect, Project, Working};

pub(super) fn apply(
    working: &mut Working<'_>,
    project: &Project,
    position: Position,
    event: &Event,
) -> Result<Vec<Effect>, Error> {
    if let Some(first) = repeats(working, project, position, event)? {
        working.tx().put(&table::repeat(position), Vec::new());
        return Ok(vec![Effect::Duplicate { position, first }]);
    }
    working.advance_clock(event.received_at)?;
    let identifiers = resolve(project, event);
    let Touched { nodes, made } = touch_nodes(working, &identifiers)?;
    let owner = nodes[0];
    let mut effects = Vec::new();
    if project.is_reactive() {
        let person = working.person_of(owner)?;
        before(working, project, position, person, &mut effects)?;
    }
    let regrouped = identity::link(working, project, event, &nodes)?;

    let commerce = Commerce::read(&event.properties);
    let attributes = attributes_of(working.read(), project, event, &commerce)?;
    if event.kind == Kind::Track {
        items::count(working, owner, event, &commerce)?;
    }
    let contributions = contributions(working, project, event, &commerce)?;
    let row = working.node_mut(owner, || new_node(&identifiers[0]))?;
    let by_zone = project.audiences.ask_for(&Change::Zone);
    let zone = by_zone.then(|| row.fold.timezone.clone()).flatten();
    let dropped = row.fold.add(event, &commerce, &attributes);
    let may_move = by_zone && row.fold.timezone != zone;
    row.fold
        .add_series(&project.features, &contributions, Moment::of(event));
    let person = row.leader.person();
    index_names(working, owner, event)?;
    grant::use_up(working, project, person, event)?;
    account::after(working, project, event, owner, (&made, regrouped.as_ref()))?;
    if let Some(groups) = &regrouped {
        regroup::tell(working, position, groups, &made, "")?;
    }
    probable::after(working, project, event, person, regrouped.as_ref())?;
    let mut site = SiteSums::default();
    site.add(&project.features, &contributions, event.occurred_at);
    site.write(working.tx())?;

    let entry = table::timeline(owner, event.occurred_at, position);
    working.tx().put(&entry, Entry::Event.to_bytes());
    count(working, event)?;
    effects.push(Effect::Folded {
        position,
        node: owner,
        person,
    });
    if project.is_reactive() {
        let nodes = working.load_person(person)?;
        let whose = (&*nodes, owner);
        let mut changes =
            audience::changes(working, project, whose, event, &attributes, &contributions);
        let moved = may_move && zone_moved(working, &nodes, owner, zone.as_ref());
        changes.extend(moved.then_some(Change::Zone));
        changes.extend(audience::dropped(dropped));
        let people = (person, &*made, regrouped.as_ref());
        after(working, project, position, people, &changes, &mut effects)?;
    }
    Ok(effects)
}

/// What follows for the people concerned: the person of the event, those who are new, those who
/// were regrouped.
fn after(
    working: &mut Working<'_>,
    project: &Project,
    position: Position,
    (person, made, regrouped): (PersonId, &[NodeId], Option<&Regrouped>),
    changes: &[Change],
    effects: &mut Vec<Effect>,
) -> Result<(), Error> {
    let mut newcomers = newcomers(working, made, regrouped)?;
    match regrouped {
        Some(groups) => {
            regroup::after(working, project, position, groups, effects)?;
        }
        None => {
            let is_new = newcomers.remove(&person);
            let told = (person, is_new);
            audience::after(working, project, position, told, changes, effects)?;
            traits::after(working, project, position, person)?;
        }
    }
    for newcomer in newcomers {
        let told = (newcomer, true);
        audience::after(working, project, position, told, &[], effects)?;
    }
    Ok(())
}

/// First of all when something happens to a person: what was due, and what they are compared with.
fn before(
    working: &mut Working<'_>,
    project: &Project,
    position: Position,
    person: PersonId,
    effects: &mut Vec<Effect>,
) -> Result<(), Error> {
    job::look_first(working, project, person)?;
    traits::note(working, project, person)?;
    audience::catch_up(working, project, position, person, effects)
}

/// True when a person's days go by another calendar since the zone of one of their nodes, which
/// was `before`, is another one or newer.
fn zone_moved(
    working: &Working<'_>,
    nodes: &[NodeId],
    owner: NodeId,
    before: Option<&Latest<String>>,
) -> bool {
    let held = |id: NodeId| working.loaded(id)?.fold.timezone.as_ref();
    let others = nodes.iter().copied().filter(|id| *id != owner);
    let newest = others.filter_map(held).max_by_key(|held| held.stamp);
    let with = |own: Option<&Latest<String>>| {
        let both = own.into_iter().chain(newest);
        both.max_by_key(|held| held.stamp)
            .map(|held| held.value.clone())
    };
    with(before) != with(held(owner))
}

/// The position of an earlier event with the same source, kind and message id, within the
/// window; otherwise notes this one.
fn repeats(
    working: &mut Working<'_>,
    project: &Project,
    position: Position,
    event: &Event,
) -> Result<Option<Position>, Error> {
    let key = event.deduplication_key();
    let day = event.received_at.day();
    if let Some(seen) = working.seen(key)?
        && (seen.permanent || day - i64::from(seen.day) <= limits::DEDUPLICATION_DAYS)
    {
        return Ok(Some(seen.position));
    }
    let permanent = project.is_import(&event.source);
    let row = SeenRow {
        position,
        day: u32::try_from(day).unwrap_or(0),
        permanent,
    };
    working.tx().put(&table::seen(key), row.to_bytes());
    Ok(None)
}

/// The identifiers that count, strongest first, never empty: an event that names nobody stands
/// alone under its message id.
pub(crate) fn resolve(project: &Project, event: &Event) -> Vec<Identifier> {
    let rules = &project.identity;
    let mut found: Vec<Identifier> = event
        .identifiers
        .iter()
        .filter_map(|raw| rules.normalise(raw).ok())
        .collect();
    found.sort_by(|a, b| {
        let strength = |identifier: &Identifier| {
            std::cmp::Reverse(rules.namespace(&identifier.namespace).priority)
        };
        (strength(a), a).cmp(&(strength(b), b))
    });
    found.dedup();
    found.truncate(limits::IDENTIFIERS_PER_EVENT_MAX);
    if found.is_empty() {
        let alone = format!("{}/{}", event.source, event.message_id);
        found.push(Identifier::new("message_id", alone));
    }
    found
}

fn new_node(identifier: &Identifier) -> NodeRow {
    NodeRow {
        namespace: identifier.namespace.clone(),
        value: identifier.value.clone(),
        leader: NodeId::of(&identifier.namespace, &identifier.value),
        generic: false,
        pardoned: false,
        judged: false,
        probable: false,
        fold: Fold::default(),
    }
}

/// The nodes of an event.
pub(super) struct Touched {
    /// In the order of the identifiers.
    pub nodes: Vec<NodeId>,
    /// Those that are new.
    pub made: Vec<NodeId>,
}

/// Makes the nodes that are new, each a person of its own.
pub(super) fn touch_nodes(
    working: &mut Working<'_>,
    identifiers: &[Identifier],
) -> Result<Touched, Error> {
    let mut nodes = Vec::with_capacity(identifiers.len());
    let mut made = Vec::new();
    for identifier in identifiers {
        let id = NodeId::of(&identifier.namespace, &identifier.value);
        // What the strongest is linked with is known: whoever comes back costs no other row.
        let is_linked = match nodes.first() {
            Some(owner) => working.link(*owner, id)?.is_some(),
            None => false,
        };
        if !is_linked && working.node(id)?.is_none() {
            working.add_node(id, new_node(identifier))?;
            working.put_person(id.person(), vec![id])?;
            working.add(&table::mark(table::PERSONS), 1)?;
            let key = table::search(&identifier.value, &identifier.namespace, id);
            working.tx().put(&key, Vec::new());
            made.push(id);
        }
        nodes.push(id);
    }
    Ok(Touched { nodes, made })
}

/// Persons that there were not before and that no regrouping looks at.
fn newcomers(
    working: &mut Working<'_>,
    made: &[NodeId],
    regrouped: Option<&Regrouped>,
) -> Result<BTreeSet<PersonId>, Error> {
    let mut found = BTreeSet::new();
    for id in made {
        let person = working.person_of(*id)?;
        let is_own = person == id.person();
        if is_own && regrouped.is_none_or(|groups| !groups.after.contains(&person)) {
            found.insert(person);
        }
    }
    Ok(found)
}

/// For each line, what affinities are kept for: the event's own category and brand, then the
/// catalog's, then the catalog attributes marked for it.
pub(crate) fn attributes_of(
    state: &dyn Read,
    project: &Project,
    event: &Event,
    commerce: &Commerce,
) -> Result<Vec<Attributes>, Error> {
    if event.kind != Kind::Track || kith_profile::Weights::of(&event.name).is_none() {
        return Ok(Vec::new());
    }
    let mut all = Vec::with_capacity(commerce.lines().len());
    for line in commerce.lines() {
        let mut attributes: Attributes = BTreeMap::new();
        let mut own = |dimension: &str, value: &Option<String>| {
            if let Some(value) = value {
                attributes.insert(dimension.to_owned(), vec![value.clone()]);
            }
        };
        own("category", &line.category);
        own("brand", &line.brand);
        let needs_catalog = attributes.len() < 2 || !project.affinity_attributes.is_empty();
        if needs_catalog
            && let Some(item_id) = &line.item_id
            && let Some(bytes) = state.get(&table::item(item_id))?
        {
            items::add_attributes(&bytes, &project.affinity_attributes, &mut attributes);
        }
        all.push(attributes);
    }
    Ok(all)
}

/// What the event adds to series; what it leaves out of its items comes from the catalog.
fn contributions(
    working: &mut Working<'_>,
    project: &Project,
    event: &Event,
    commerce: &Commerce,
) -> Result<Vec<(SeriesId, Contribution)>, Error> {
    let mut failed = None;
    let mut item = |item_id: &str| match working.tx().get(&table::item(item_id)) {
        Ok(Some(bytes)) => serde_json::from_slice(&bytes).unwrap_or_default(),
        Ok(None) => Value::Null,
        Err(error) => {
            failed = Some(error);
            Value::Null
        }
    };
    let contributions = project.features.contributions(event, commerce, &mut item);
    failed.map_or(Ok(contributions), Err)
}

/// Makes a person findable by the words of their name.
fn index_names(working: &mut Working<'_>, owner: NodeId, event: &Event) -> Result<(), Error> {
    if event.kind != Kind::Identify || event.traits.is_empty() {
        return Ok(());
    }
    let traits = event.traits.value();
    for name in ["name", "first_name", "firstName", "last_name", "lastName"] {
        let Some(text) = traits.path(name).as_text() else {
            continue;
        };
        for word in text.split_whitespace().take(8) {
            working
                .tx()
                .put(&table::search(word, "name", owner), Vec::new());
        }
    }
    Ok(())
}

/// Counts for the overview: by minute and by hour of receipt.
fn count(working: &mut Working<'_>, event: &Event) -> Result<(), Error> {
    const NAMES_MAX: usize = 200;
    working.add(&table::mark(table::EVENTS), 1)?;
    let minutes = u64::try_from(event.received_at.as_millis() / 60_000).unwrap_or(0);
    working.add(&table::minute(minutes), 1)?;
    let hour = working.hour_mut(minutes / 60)?;
    let label = event.label();
    if let Some(count) = hour.names.get_mut(label) {
        *count += 1;
    } else if hour.names.len() < NAMES_MAX {
        hour.names.insert(label.to_owned(), 1);
    }
    if event.kind != Kind::Group && !event.traits.is_empty() {
        note_traits(&mut hour.traits, event);
    }
    if !hour.sources.contains_key(&event.source) {
        hour.sources
            .insert(event.source.clone(), SourceHour::default());
    }
    if let Some(source) = hour.sources.get_mut(&event.source) {
        source.events += 1;
        source.last_at = source.last_at.max(event.received_at);
    }
    Ok(())
}

/// Notes which traits there are, as far as there is room in an hour.
fn note_traits(noted: &mut BTreeSet<String>, event: &Event) {
    let Value::Map(traits) = event.traits.value() else {
        return;
    };
    for name in traits.into_keys() {
        if noted.len() < limits::TRAITS_PER_NODE_MAX {
            noted.insert(name);
        }
    }
}
