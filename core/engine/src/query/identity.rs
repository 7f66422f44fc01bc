//! The identity graph as a whole: what other rules would make of it, what is shared and refused,
//! and what operators said.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::{NodeId, PersonId, Timestamp, limits};
use kith_event::{Identifier, Says};
use kith_identity::{Group, Link, LinkState, Node, Partition, Refusal, Rules, partition};
use kith_profile::Parts;

use crate::apply::refusal_code;
use crate::state::{Error, Read};
use crate::table::{self, LinkRow, RegroupRow, VerdictRow};

/// Rows read at once.
const PAGE: usize = 4_096;

/// Every node that is linked, and every link.
pub struct WholeGraph {
    nodes: BTreeMap<NodeId, Known>,
    links: Vec<((NodeId, NodeId), LinkRow)>,
    verdicts: Vec<((NodeId, NodeId), VerdictRow)>,
    persons: u64,
}

struct Known {
    identifier: Identifier,
    generic: bool,
    pardoned: bool,
}

/// What rules make of the graph.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Persons, those of a single identifier among them.
    pub persons: u64,
    /// Identifiers of the largest person.
    pub largest: usize,
    /// Links that join nobody, by reason.
    pub refused: BTreeMap<&'static str, u64>,
}

/// Persons whom a change of rules makes others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// As it is.
    pub before: Shape,
    /// As it would be.
    pub after: Shape,
    /// Persons that would become one with others.
    pub merged: u64,
    /// Persons that would fall apart.
    pub split: u64,
    /// Some of both: identifiers of each person before, and after.
    pub samples: Vec<Sample>,
}

/// One component that would be divided in another way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Identifiers of each person as it is.
    pub before: Vec<Vec<Identifier>>,
    /// As it would be.
    pub after: Vec<Vec<Identifier>>,
}

/// An identifier that many use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedIdentifier {
    /// Which.
    pub identifier: Identifier,
    /// How many unique ids it met.
    pub met: usize,
    /// It links nobody.
    pub generic: bool,
    /// An operator lets it link whom it meets.
    pub pardoned: bool,
}

/// A component: places of its links and verdicts.
#[derive(Default)]
struct Component {
    nodes: Vec<NodeId>,
    links: Vec<usize>,
    verdicts: Vec<usize>,
}

impl WholeGraph {
    /// Reads it. O(nodes and links) time, and memory for those that are linked.
    pub fn read(state: &dyn Read) -> Result<Self, Error> {
        let mut links = Vec::new();
        let pair = |key: &[u8]| {
            let from = NodeId(key.get(1..17)?.try_into().ok()?);
            let to = table::link_target(key)?;
            (from < to).then_some((from, to))
        };
        each(state, b"l", |key, bytes| {
            if let Some(pair) = pair(key) {
                links.push((pair, table::decode(key, bytes)?));
            }
            Ok(())
        })?;
        let mut verdicts: Vec<((NodeId, NodeId), VerdictRow)> = Vec::new();
        each(state, b"L", |key, bytes| {
            let row: VerdictRow = table::decode(key, bytes)?;
            let pair = pair(key).filter(|_| row.says != Says::Withdrawn);
            verdicts.extend(pair.map(|pair| (pair, row)));
            Ok(())
        })?;
        let ends = links.iter().map(|(pair, _)| *pair);
        let ends = ends.chain(verdicts.iter().map(|(pair, _)| *pair));
        let linked: BTreeSet<NodeId> = ends.flat_map(|(a, b)| [a, b]).collect();
        let (mut nodes, parts) = (BTreeMap::new(), Parts::default());
        each(state, b"n", |key, bytes| {
            if let Some(id) = table::node_id(key).filter(|id| linked.contains(id)) {
                let row = table::decode_parts(&parts, key, bytes)?;
                let known = Known {
                    identifier: row.identifier(),
                    generic: row.generic,
                    pardoned: row.pardoned,
                };
                nodes.insert(id, known);
            }
            Ok(())
        })?;
        Ok(WholeGraph {
            nodes,
            links,
            verdicts,
            persons: table::read_number(state, &table::mark(table::PERSONS))?,
        })
    }

    /// What `after` would make other than `before`, with at most `samples` components.
    pub fn compare(&self, before: &Rules, after: &Rules, samples: usize) -> Difference {
        let mut found = Difference::default();
        let mut linked_before = 0;
        let (generic, generic_after) = (self.generic(before), self.generic(after));
        let ends: BTreeSet<NodeId> = generic.intersection(&generic_after).copied().collect();
        let (components, cut) = self.components(&ends);
        for shape in [&mut found.before, &mut found.after] {
            shape.refused.insert(refusal_code(Refusal::Generic), cut);
        }
        for component in components {
            let was = self.divide(before, &generic, &component);
            let is = self.divide(after, &generic_after, &component);
            linked_before += was.groups.len() as u64;
            note(&mut found.before, &was);
            note(&mut found.after, &is);
            let groups = |of: &Partition| -> BTreeSet<Vec<NodeId>> {
                of.groups.iter().map(|group| group.nodes.clone()).collect()
            };
            let (was_in, is_in) = (groups(&was), groups(&is));
            if was_in == is_in {
                continue;
            }
            // Each person before has a node in so many after, and the other way round.
            found.split += spread(&was.groups, &is.groups);
            found.merged += joined(&was.groups, &is.groups);
            if found.samples.len() < samples {
                found.samples.push(Sample {
                    before: self.named(&was.groups),
                    after: self.named(&is.groups),
                });
            }
        }
        // Whoever has one identifier and no link is one person by all rules.
        let alone = self.persons.saturating_sub(linked_before);
        found.before.persons += alone;
        found.after.persons += alone;
        found
    }

    /// Identifiers that met several unique ids, those that met most first.
    pub fn shared(&self, rules: &Rules, limit: usize) -> Vec<SharedIdentifier> {
        let unique = |id: &NodeId| self.is_unique(rules, id);
        let mut met: BTreeMap<NodeId, usize> = BTreeMap::new();
        for ((a, b), _) in &self.links {
            for (from, to) in [(a, b), (b, a)] {
                if !unique(from) && unique(to) {
                    *met.entry(*from).or_default() += 1;
                }
            }
        }
        let shared = met.into_iter().filter_map(|(id, met)| {
            let known = self.nodes.get(&id)?;
            let shared = SharedIdentifier {
                identifier: known.identifier.clone(),
                met,
                generic: known.generic,
                pardoned: known.pardoned,
            };
            (met > 1 || known.generic || known.pardoned).then_some(shared)
        });
        let mut shared: Vec<SharedIdentifier> = shared.collect();
        shared.sort_by(|a, b| (b.met, &a.identifier).cmp(&(a.met, &b.identifier)));
        shared.truncate(limit);
        shared
    }

    /// What operators said, newest first.
    pub fn verdicts(&self, limit: usize) -> Vec<(Identifier, Identifier, &VerdictRow)> {
        let name = |id: &NodeId| Some(self.nodes.get(id)?.identifier.clone());
        let mut order: Vec<usize> = (0..self.verdicts.len()).collect();
        order.sort_by_key(|at| std::cmp::Reverse(self.verdicts[*at].1.at));
        let rows = order.into_iter().map(|at| &self.verdicts[at]);
        let rows = rows.filter_map(|row| {
            let ((a, b), verdict) = row;
            Some((name(a)?, name(b)?, verdict))
        });
        rows.take(limit).collect()
    }

    /// The components, not reached through `ends`, and how many links these have.
    fn components(&self, ends: &BTreeSet<NodeId>) -> (Vec<Component>, u64) {
        let is_cut = |(a, b): (NodeId, NodeId)| ends.contains(&a) || ends.contains(&b);
        let mut parent: BTreeMap<NodeId, NodeId> = self.nodes.keys().map(|id| (*id, *id)).collect();
        fn root(parent: &mut BTreeMap<NodeId, NodeId>, mut id: NodeId) -> NodeId {
            while let Some(next) = parent.get(&id).copied().filter(|next| *next != id) {
                let above = parent.get(&next).copied().unwrap_or(next);
                parent.insert(id, above);
                id = next;
            }
            id
        }
        let kept_apart = |row: &VerdictRow| row.says == Says::Different;
        let pairs = self.links.iter().map(|(pair, _)| *pair);
        let pairs = pairs.filter(|pair| !is_cut(*pair));
        let same = self.verdicts.iter().filter(|(_, row)| !kept_apart(row));
        for (a, b) in pairs.chain(same.map(|(pair, _)| *pair)) {
            let (a, b) = (root(&mut parent, a), root(&mut parent, b));
            parent.insert(a.max(b), a.min(b));
        }
        let mut all: BTreeMap<NodeId, Component> = BTreeMap::new();
        for id in self.nodes.keys() {
            let root = root(&mut parent, *id);
            all.entry(root).or_default().nodes.push(*id);
        }
        let mut cut = 0;
        for (at, (pair, _)) in self.links.iter().enumerate() {
            if is_cut(*pair) {
                cut += 1;
                continue;
            }
            let root = root(&mut parent, pair.0);
            all.entry(root).or_default().links.push(at);
        }
        for (at, ((a, b), _)) in self.verdicts.iter().enumerate() {
            let (a, b) = (root(&mut parent, *a), root(&mut parent, *b));
            if a == b {
                all.entry(a).or_default().verdicts.push(at);
            }
        }
        (all.into_values().collect(), cut)
    }

    fn divide(
        &self,
        rules: &Rules,
        generic: &BTreeSet<NodeId>,
        component: &Component,
    ) -> Partition {
        let node = |id: &NodeId| {
            let known = self.nodes.get(id)?;
            Some(Node {
                id: *id,
                namespace: known.identifier.namespace.clone(),
                generic: generic.contains(id),
                pardoned: known.pardoned,
            })
        };
        let nodes: Vec<Node> = component.nodes.iter().filter_map(node).collect();
        let links = component.links.iter().map(|at| {
            let ((a, b), row) = &self.links[*at];
            Link::new(*a, *b, row.first_at)
        });
        let verdicts = component.verdicts.iter().map(|at| &self.verdicts[*at]);
        let (same, apart): (Vec<_>, Vec<_>) = verdicts.partition(|(_, row)| row.says == Says::Same);
        let same = same
            .iter()
            .map(|((a, b), row)| Link::new(*a, *b, row.at).by_operator());
        let links: Vec<Link> = links.chain(same).collect();
        let apart: Vec<(NodeId, NodeId)> = apart.iter().map(|(pair, _)| *pair).collect();
        partition(rules, &nodes, &links, &apart)
    }

    /// Nodes that link nobody: they met too many, or the rules block them.
    fn generic(&self, rules: &Rules) -> BTreeSet<NodeId> {
        let mut met: BTreeMap<NodeId, Vec<Timestamp>> = BTreeMap::new();
        for ((a, b), row) in &self.links {
            for (from, to) in [(a, b), (b, a)] {
                if !self.is_unique(rules, from) && self.is_unique(rules, to) {
                    met.entry(*from).or_default().push(row.first_at);
                }
            }
        }
        let nodes = self.nodes.iter().filter(|(id, known)| {
            let met = met.get(id).into_iter().flatten().copied();
            let too_many = !known.pardoned && rules.generic.is_passed_by(met);
            too_many || rules.blocks(&known.identifier)
        });
        nodes.map(|(id, _)| *id).collect()
    }

    fn is_unique(&self, rules: &Rules, id: &NodeId) -> bool {
        let known = self.nodes.get(id);
        known.is_some_and(|known| rules.namespace(&known.identifier.namespace).is_unique())
    }

    fn named(&self, groups: &[Group]) -> Vec<Vec<Identifier>> {
        let name = |id: &NodeId| Some(self.nodes.get(id)?.identifier.clone());
        let groups = groups.iter().take(limits::REGROUPED_SHOWN_MAX);
        groups
            .map(|group| {
                group
                    .nodes
                    .iter()
                    .take(limits::REGROUPED_SHOWN_MAX)
                    .filter_map(name)
                    .collect()
            })
            .collect()
    }
}

fn note(shape: &mut Shape, found: &Partition) {
    shape.persons += found.groups.len() as u64;
    let largest = found.groups.iter().map(|group| group.nodes.len()).max();
    shape.largest = shape.largest.max(largest.unwrap_or(0));
    for state in &found.states {
        if let LinkState::Refused(refusal) = state {
            *shape.refused.entry(refusal_code(*refusal)).or_default() += 1;
        }
    }
}

fn place_of(groups: &[Group]) -> BTreeMap<NodeId, usize> {
    let each = groups.iter().enumerate();
    each.flat_map(|(at, group)| group.nodes.iter().map(move |id| (*id, at)))
        .collect()
}

/// How many of `was` have nodes in several of `is`.
fn spread(was: &[Group], is: &[Group]) -> u64 {
    let place = place_of(is);
    let parts = |group: &&Group| {
        let places: BTreeSet<Option<&usize>> = group.nodes.iter().map(|id| place.get(id)).collect();
        places.len() > 1
    };
    was.iter().filter(parts).count() as u64
}

/// How many of `was` are together with others of `was` in one of `is`.
fn joined(was: &[Group], is: &[Group]) -> u64 {
    let place = place_of(was);
    let mut all = BTreeSet::new();
    for group in is {
        let from: BTreeSet<usize> = group
            .nodes
            .iter()
            .filter_map(|id| place.get(id).copied())
            .collect();
        if from.len() > 1 {
            all.extend(from);
        }
    }
    all.len() as u64
}

fn each(
    state: &dyn Read,
    prefix: &[u8],
    mut see: impl FnMut(&[u8], &[u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    let (mut start, end) = (prefix.to_vec(), table::end_of(prefix));
    loop {
        let rows = state.range(&start, &end, PAGE)?;
        let Some((last, _)) = rows.last() else {
            return Ok(());
        };
        start.clone_from(last);
        start.push(0);
        let full = rows.len() == PAGE;
        for (key, bytes) in &rows {
            see(key, bytes)?;
        }
        if !full {
            return Ok(());
        }
    }
}

/// Merges and splits, newest first, at most `limit`.
pub fn regroupings(state: &dyn Read, limit: usize) -> Result<Vec<RegroupRow>, Error> {
    let rows = state.range_back(b"K", &table::end_of(b"K"), limit)?;
    rows.iter()
        .map(|(key, bytes)| table::decode(key, bytes))
        .collect()
}

/// Two nodes, and what an operator said of them.
pub type Said = ((NodeId, Identifier), (NodeId, Identifier), VerdictRow);

/// What operators said of a person's nodes, each pair once.
pub fn verdicts_of(state: &dyn Read, person: PersonId) -> Result<Vec<Said>, Error> {
    let row: Option<table::PersonRow> = table::read(state, &table::person(person))?;
    let nodes = row.map(|row| row.nodes).unwrap_or_default();
    let mut found = Vec::new();
    for from in &nodes {
        for (to, verdict) in table::verdicts(state, *from)? {
            if nodes.contains(&to) && to < *from {
                continue;
            }
            let near = table::read_node(state, *from)?;
            let far = table::read_node(state, to)?;
            if let (Some(near), Some(far)) = (near, far) {
                found.push(((*from, near.identifier()), (to, far.identifier()), verdict));
            }
        }
    }
    Ok(found)
}
