//! The merged view of a person.

use std::collections::BTreeMap;

use kith_base::{NodeId, PersonId, Timestamp, Value};
use kith_event::Identifier;

use crate::Fold;
use crate::view::View;

/// One node of a person, with the part of the fold that people ask about.
#[derive(Clone, Debug, PartialEq)]
pub struct ProfileNode {
    /// Its id.
    pub id: NodeId,
    /// Its identifier.
    pub identifier: Identifier,
    /// First event of its own.
    pub first_seen_at: Option<Timestamp>,
    /// Last event of its own.
    pub last_seen_at: Option<Timestamp>,
    /// Events of its own.
    pub event_count: u64,
}

/// A person: their nodes and the merge of the nodes' folds.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Canonical id.
    pub person: PersonId,
    /// Nodes, strongest first.
    pub nodes: Vec<ProfileNode>,
    /// The merge.
    pub fold: Fold,
}

impl Profile {
    /// A trait; `Null` when it was never set or was removed. A dotted name goes into objects.
    pub fn trait_value(&self, name: &str) -> &Value {
        const NULL: &Value = &Value::Null;
        let held = |name: &str| self.fold.traits.get(name).map(|latest| &latest.value.value);
        match (held(name), name.split_once('.')) {
            (Some(value), _) => value,
            (None, Some((first, rest))) => held(first).map_or(NULL, |value| value.path(rest)),
            (None, None) => NULL,
        }
    }

    /// Whether a consent category is granted; `None` when never asked.
    pub fn consent(&self, category: &str) -> Option<bool> {
        self.fold
            .consents
            .get(category)
            .map(|latest| latest.value.granted)
    }

    /// The share of interest, 0 to 1, that a key has within its dimension.
    pub fn affinity(&self, dimension: &str, key: &str, now: Timestamp) -> Option<f64> {
        self.affinities(dimension, now).get(key).copied()
    }

    /// All shares of a dimension; empty when nothing is known.
    pub fn affinities(&self, dimension: &str, now: Timestamp) -> BTreeMap<String, f64> {
        View(&[&self.fold]).affinities(dimension, now)
    }

    /// The first identifier of a namespace.
    pub fn identifier(&self, namespace: &str) -> Option<&str> {
        self.nodes
            .iter()
            .find(|node| node.identifier.namespace == namespace)
            .map(|node| node.identifier.value.as_str())
    }

    /// What to call the person: name, e-mail, strongest identifier.
    pub fn display_name(&self) -> String {
        let text = |name: &str| self.trait_value(name).as_text().map(str::to_owned);
        let joined = |first: &str, last: &str| match (text(first), text(last)) {
            (Some(first), Some(last)) => Some(format!("{first} {last}")),
            (first, last) => first.or(last),
        };
        text("name")
            .or_else(|| joined("first_name", "last_name"))
            .or_else(|| joined("firstName", "lastName"))
            .or_else(|| text("email"))
            .or_else(|| self.identifier("email").map(str::to_owned))
            .or_else(|| self.identifier("user_id").map(str::to_owned))
            .or_else(|| {
                let first = self.nodes.first()?;
                let short: String = first.identifier.value.chars().take(8).collect();
                Some(format!("Visitor {short}"))
            })
            .unwrap_or_else(|| "Unknown".to_owned())
    }
}
