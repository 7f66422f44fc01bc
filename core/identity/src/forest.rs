//! Disjoint sets that keep to the rules: who may be one person with whom.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use kith_base::Timestamp;

use crate::component::{Component, Edge, Place};
use crate::{Basis, Group, Refusal};

/// Disjoint sets (Tarjan, *Efficiency of a Good But Not Linear Set Union Algorithm*, JACM 1975)
/// that know the values per namespace of each set, and whom each is kept apart from.
pub(crate) struct Forest<'a> {
    component: &'a Component<'a>,
    parent: Vec<Place>,
    /// By root: when each value of each namespace was first linked.
    values: Vec<BTreeMap<&'a str, Vec<Timestamp>>>,
    /// By root: nodes that may not join it.
    apart: BTreeMap<Place, BTreeSet<Place>>,
}

impl<'a> Forest<'a> {
    pub fn new(component: &'a Component<'a>, edges: &[Edge], apart: &[(Place, Place)]) -> Self {
        let mut first: Vec<Option<Timestamp>> = vec![None; component.len()];
        for edge in edges {
            for place in [edge.a, edge.b] {
                let at = first[place].get_or_insert(edge.first_at);
                *at = (*at).min(edge.first_at);
            }
        }
        let values = first.iter().enumerate().map(|(place, at)| {
            let at = at.unwrap_or(Timestamp::ZERO);
            BTreeMap::from([(component.name(place), vec![at])])
        });
        let mut kept: BTreeMap<Place, BTreeSet<Place>> = BTreeMap::new();
        for (a, b) in apart {
            kept.entry(*a).or_default().insert(*b);
            kept.entry(*b).or_default().insert(*a);
        }
        Forest {
            component,
            parent: (0..component.len()).collect(),
            values: values.collect(),
            apart: kept,
        }
    }

    pub fn root(&mut self, place: Place) -> Place {
        let mut root = place;
        while self.parent[root] != root {
            root = self.parent[root];
        }
        let mut here = place;
        while here != root {
            here = std::mem::replace(&mut self.parent[here], root);
        }
        root
    }

    /// Joins the sets of both ends, or tells why not.
    pub fn join(&mut self, edge: &Edge) -> Result<(), Refusal> {
        let (a, b) = (self.root(edge.a), self.root(edge.b));
        if a == b {
            return Ok(());
        }
        if self.are_apart(a, b) || self.are_apart(b, a) {
            return Err(Refusal::Apart);
        }
        let joined = self.joined(a, b, edge.basis).ok_or(Refusal::Limit)?;
        self.parent[b] = a;
        self.values[b] = BTreeMap::new();
        self.values[a] = joined;
        let others = self.apart.remove(&b).unwrap_or_default();
        if !others.is_empty() {
            self.apart.entry(a).or_default().extend(others);
        }
        Ok(())
    }

    /// True when a node that is kept apart from the set of `a` is in that of `b`.
    fn are_apart(&mut self, a: Place, b: Place) -> bool {
        let Some(kept) = self.apart.get(&a).cloned() else {
            return false;
        };
        kept.into_iter().any(|place| self.root(place) == b)
    }

    /// The values of both sets; `None` when they are more than a limit. An operator may go beyond
    /// it, but for values that never change; and what an operator brought together does not keep
    /// out others that bring no more of it.
    fn joined(
        &self,
        a: Place,
        b: Place,
        basis: Basis,
    ) -> Option<BTreeMap<&'a str, Vec<Timestamp>>> {
        let mut joined = self.values[a].clone();
        for (name, more) in &self.values[b] {
            let Some(values) = joined.get_mut(name) else {
                joined.insert(name, more.clone());
                continue;
            };
            values.extend(more);
            let namespace = self.component.rules.namespace(name);
            if namespace.forbids(values) && (basis != Basis::Operator || namespace.immutable) {
                return None;
            }
        }
        Some(joined)
    }

    pub fn into_groups(mut self) -> Vec<Group> {
        let component = self.component;
        let mut members: BTreeMap<Place, Vec<Place>> = BTreeMap::new();
        for place in 0..component.len() {
            members.entry(self.root(place)).or_default().push(place);
        }
        let strength = |place: &Place| {
            let priority = component.namespace(*place).priority;
            (Reverse(priority), *place)
        };
        let group = |places: Vec<Place>| {
            let leader = places.iter().copied().min_by_key(strength)?;
            Some(Group {
                leader: component.id(leader),
                nodes: places
                    .into_iter()
                    .map(|place| component.id(place))
                    .collect(),
            })
        };
        let mut groups: Vec<Group> = members.into_values().filter_map(group).collect();
        groups.sort_by_key(|group| group.leader);
        groups
    }
}
