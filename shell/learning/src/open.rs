//! Decisions that wait for what comes of them, found by id or by who they were for.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::limits::{BANDIT_PENDING_MAX, LEARNING_NODES_MAX};
use kith_base::{Json, NodeId, Timestamp};
use kith_event::Identifier;
use kith_identity::Rules;
use serde::{Deserialize, Serialize};

/// A decision whose attribution window is open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct OpenDecision {
    pub decision_id: String,
    /// Where it was taken: the placement, or the recipe in reports on recipes.
    pub placement: String,
    pub at: Timestamp,
    pub closes_at: Timestamp,
    /// What was drawn or shown, in order.
    pub offers: Vec<String>,
    /// What came of it already, by place among them, where that counts once.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub came: BTreeSet<(u32, Came)>,
    /// Whose it is: identifiers of the person then, and those that were linked with them since.
    nodes: Vec<NodeId>,
}

/// What may come of an item that was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Came {
    Clicked,
    Bought,
}

/// All of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Open {
    next: u64,
    decisions: BTreeMap<u64, OpenDecision>,
    by_id: BTreeMap<String, u64>,
    by_node: BTreeMap<NodeId, BTreeSet<u64>>,
    due: BTreeSet<(Timestamp, u64)>,
    /// How many by placement.
    waiting: BTreeMap<String, u64>,
}

impl Open {
    /// How many wait, by placement.
    pub fn waiting(&self) -> &BTreeMap<String, u64> {
        &self.waiting
    }

    /// By its id.
    pub fn get(&self, decision_id: &str) -> Option<&OpenDecision> {
        self.decisions.get(self.by_id.get(decision_id)?)
    }

    /// The same, to note what came of it.
    pub fn get_mut(&mut self, decision_id: &str) -> Option<&mut OpenDecision> {
        self.decisions.get_mut(self.by_id.get(decision_id)?)
    }

    /// All of these nodes, the latest first.
    pub fn of_nodes(&self, nodes: &[NodeId]) -> Vec<&OpenDecision> {
        let numbers = nodes.iter().filter_map(|node| self.by_node.get(node));
        let numbers: BTreeSet<u64> = numbers.flatten().copied().collect();
        let found = numbers.iter().rev();
        found
            .filter_map(|number| self.decisions.get(number))
            .collect()
    }

    /// Forgets what closes first until there are no more than so many.
    pub fn keep(&mut self, most: usize) {
        while self.decisions.len() > most
            && let Some((closes_at, _)) = self.due.first().copied()
        {
            self.close(closes_at);
        }
    }

    /// The latest one of these nodes in a placement that was taken by then.
    pub fn latest(
        &self,
        nodes: &[NodeId],
        placement: &str,
        by: Timestamp,
    ) -> Option<&OpenDecision> {
        let numbers = nodes.iter().filter_map(|node| self.by_node.get(node));
        let found = numbers.flatten().filter_map(|number| {
            let open = self.decisions.get(number)?;
            (open.placement == placement && open.at <= by).then_some((open.at, number, open))
        });
        let latest = found.max_by_key(|(at, number, _)| (*at, **number));
        latest.map(|(_, _, open)| open)
    }

    /// Puts one in; one too many is left out.
    pub fn open(&mut self, mut decision: OpenDecision, nodes: &[NodeId]) {
        if self.decisions.len() >= BANDIT_PENDING_MAX {
            return;
        }
        let number = self.next;
        self.next += 1;
        decision.nodes = nodes.iter().take(LEARNING_NODES_MAX).copied().collect();
        for node in &decision.nodes {
            self.by_node.entry(*node).or_default().insert(number);
        }
        self.by_id.insert(decision.decision_id.clone(), number);
        self.due.insert((decision.closes_at, number));
        *self.waiting.entry(decision.placement.clone()).or_default() += 1;
        self.decisions.insert(number, decision);
    }

    /// An event names these nodes together: what waits of one waits of all.
    pub fn link(&mut self, nodes: &[NodeId]) {
        if nodes.len() < 2 {
            return;
        }
        let found = nodes.iter().filter_map(|node| self.by_node.get(node));
        let numbers: BTreeSet<u64> = found.flatten().copied().collect();
        for number in numbers {
            let Some(open) = self.decisions.get_mut(&number) else {
                continue;
            };
            for node in nodes {
                if open.nodes.len() < LEARNING_NODES_MAX && !open.nodes.contains(node) {
                    open.nodes.push(*node);
                    self.by_node.entry(*node).or_default().insert(number);
                }
            }
        }
    }

    /// Takes out those whose window closed by then.
    pub fn close(&mut self, now: Timestamp) {
        while let Some((closes_at, number)) = self.due.first().copied() {
            if closes_at > now {
                return;
            }
            self.due.remove(&(closes_at, number));
            let Some(open) = self.decisions.remove(&number) else {
                continue;
            };
            self.by_id.remove(&open.decision_id);
            for node in &open.nodes {
                if let Some(numbers) = self.by_node.get_mut(node) {
                    numbers.remove(&number);
                    if numbers.is_empty() {
                        self.by_node.remove(node);
                    }
                }
            }
            if let Some(count) = self.waiting.get_mut(&open.placement) {
                *count -= 1;
                if *count == 0 {
                    self.waiting.remove(&open.placement);
                }
            }
        }
    }
}

impl OpenDecision {
    /// Without anybody yet.
    pub fn new(
        decision_id: &str,
        placement: &str,
        (at, closes_at): (Timestamp, Timestamp),
        offers: Vec<String>,
    ) -> Self {
        OpenDecision {
            decision_id: decision_id.to_owned(),
            placement: placement.to_owned(),
            at,
            closes_at,
            offers,
            came: BTreeSet::new(),
            nodes: Vec::new(),
        }
    }
}

/// The nodes that identifiers name.
pub(crate) fn nodes(rules: &Rules, identifiers: &[Identifier]) -> Vec<NodeId> {
    let normal = identifiers
        .iter()
        .filter_map(|identifier| rules.normalise(identifier).ok());
    normal
        .map(|found| NodeId::of(&found.namespace, &found.value))
        .collect()
}

/// Identity rules as a definition says them.
pub(crate) fn rules(text: &str) -> Option<Rules> {
    let spec = kith_definition::Identity::parse(&Json::parse(text).ok()?).ok()?;
    Some(Rules::from(&spec))
}
