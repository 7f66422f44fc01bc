//! Disjoint sets that keep to the rules: who may be one person with whom.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use kith_base::{NodeId, Timestamp};

use crate::{Basis, Group, Link, Refusal, Rules};

/// Disjoint sets (Tarjan, *Efficiency of a Good But Not Linear Set Union Algorithm*, JACM 1975)
/// that know the values per namespace of each set, and whom each is kept apart from.
pub(crate) struct Forest<'a> {
    rules: &'a Rules,
    namespaces: &'a BTreeMap<NodeId, &'a str>,
    parent: BTreeMap<NodeId, NodeId>,
    /// By root: when each value of each namespace was first linked, ascending.
    values: BTreeMap<NodeId, BTreeMap<&'a str, Vec<Timestamp>>>,
    /// By root: nodes that may not join it.
    apart: BTreeMap<NodeId, BTreeSet<NodeId>>,
}

impl<'a> Forest<'a> {
    pub fn new(
        rules: &'a Rules,
        namespaces: &'a BTreeMap<NodeId, &'a str>,
        links: &[Link],
        apart: &[(NodeId, NodeId)],
    ) -> Self {
        let mut first: BTreeMap<NodeId, Timestamp> = BTreeMap::new();
        for link in links {
            for id in [link.a, link.b] {
                let at = first.entry(id).or_insert(link.first_at);
                *at = (*at).min(link.first_at);
            }
        }
        let values = |(id, namespace): (&NodeId, &&'a str)| {
            let at = first.get(id).copied().unwrap_or(Timestamp::ZERO);
            (*id, BTreeMap::from([(*namespace, vec![at])]))
        };
        let mut kept: BTreeMap<NodeId, BTreeSet<NodeId>> = BTreeMap::new();
        for (a, b) in apart {
            if namespaces.contains_key(a) && namespaces.contains_key(b) {
                kept.entry(*a).or_default().insert(*b);
                kept.entry(*b).or_default().insert(*a);
            }
        }
        Forest {
            rules,
            namespaces,
            parent: namespaces.keys().map(|id| (*id, *id)).collect(),
            values: namespaces.iter().map(values).collect(),
            apart: kept,
        }
    }

    pub fn root(&mut self, id: NodeId) -> NodeId {
        let mut root = id;
        while let Some(parent) = self.parent.get(&root).copied()
            && parent != root
        {
            root = parent;
        }
        let mut here = id;
        while let Some(parent) = self.parent.insert(here, root)
            && parent != root
            && parent != here
        {
            here = parent;
        }
        root
    }

    /// Joins the sets of both ends, or tells why not.
    pub fn join(&mut self, link: &Link) -> Result<(), Refusal> {
        let (a, b) = (self.root(link.a), self.root(link.b));
        if a == b {
            return Ok(());
        }
        if self.are_apart(a, b) || self.are_apart(b, a) {
            return Err(Refusal::Apart);
        }
        let joined = self.joined(a, b, link.basis).ok_or(Refusal::Limit)?;
        self.parent.insert(b, a);
        self.values.remove(&b);
        self.values.insert(a, joined);
        let others = self.apart.remove(&b).unwrap_or_default();
        if !others.is_empty() {
            self.apart.entry(a).or_default().extend(others);
        }
        Ok(())
    }

    /// True when a node that is kept apart from the set of `a` is in that of `b`.
    fn are_apart(&mut self, a: NodeId, b: NodeId) -> bool {
        let Some(kept) = self.apart.get(&a).cloned() else {
            return false;
        };
        kept.into_iter().any(|id| self.root(id) == b)
    }

    /// The values of both sets; `None` when they are more than a limit. An operator may go beyond
    /// it, but for values that never change; and what an operator brought together does not keep
    /// out others that bring no more of it.
    fn joined(
        &self,
        a: NodeId,
        b: NodeId,
        basis: Basis,
    ) -> Option<BTreeMap<&'a str, Vec<Timestamp>>> {
        let mut joined = self.values.get(&a)?.clone();
        for (name, more) in self.values.get(&b)? {
            let Some(values) = joined.get_mut(name) else {
                joined.insert(name, more.clone());
                continue;
            };
            values.extend(more);
            values.sort_unstable();
            let namespace = self.rules.namespace(name);
            if namespace.forbids(values) && (basis != Basis::Operator || namespace.immutable) {
                return None;
            }
        }
        Some(joined)
    }

    pub fn into_groups(mut self) -> Vec<Group> {
        let namespaces = self.namespaces;
        let mut members: BTreeMap<NodeId, Vec<NodeId>> = BTreeMap::new();
        for id in namespaces.keys() {
            members.entry(self.root(*id)).or_default().push(*id);
        }
        let rules = self.rules;
        let strength = |id: &NodeId| {
            let name = namespaces.get(id);
            let priority = name.map_or(0, |name| rules.namespace(name).priority);
            (Reverse(priority), *id)
        };
        let group = |nodes: Vec<NodeId>| {
            let leader = nodes.iter().copied().min_by_key(strength)?;
            Some(Group { leader, nodes })
        };
        let mut groups: Vec<Group> = members.into_values().filter_map(group).collect();
        groups.sort_by_key(|group| group.leader);
        groups
    }
}
