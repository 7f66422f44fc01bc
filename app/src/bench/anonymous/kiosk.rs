//! The fault of three kiosks: many persons log in on one browser, and the graph of deterministic
//! links must not make them one.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::limits::COMPONENT_NODES_MAX;
use kith_base::{NodeId, Random, Timestamp};
use kith_identity::{Link, Node, Rules, partition};
use serde_json::{Value, json};

use super::rounded;
use super::sessions::Row;

const KIOSKS: u64 = 3;
const LOGINS: usize = 600;

/// The log-ins of a set as a graph, with and without the fault.
pub fn run(rows: &[Row]) -> Value {
    let told = |pairs: Pairs| {
        json!({
            "precision": rounded(pairs.precision()),
            "recall": rounded(pairs.recall()),
            "largest_person_nodes": pairs.largest,
        })
    };
    json!({
        "unit": "a pair of log-ins or visitor ids, the kiosks among them",
        "population": "log-ins and visitor ids of sessions with a log-in; default rules",
        "faults": {"kiosks": KIOSKS, "log_ins": LOGINS},
        "without": told(pairs(rows, 0)),
        "with": told(pairs(rows, LOGINS)),
    })
}

/// Pairs that the graph joins, against those of one person.
#[derive(Debug, Default)]
pub struct Pairs {
    joined: u64,
    right: u64,
    there: u64,
    /// Nodes of the largest person found.
    pub largest: usize,
}

impl Pairs {
    /// Share of the joined pairs that are one person.
    pub fn precision(&self) -> f64 {
        self.right as f64 / self.joined.max(1) as f64
    }

    /// Share of the pairs of one person that are joined.
    pub fn recall(&self) -> f64 {
        self.right as f64 / self.there.max(1) as f64
    }
}

#[derive(Default)]
struct Graph {
    nodes: BTreeMap<NodeId, &'static str>,
    links: BTreeMap<NodeId, BTreeMap<NodeId, Timestamp>>,
    /// Who is behind a node; nobody is behind a kiosk.
    persons: BTreeMap<NodeId, u32>,
}

/// The graph of the set's log-ins and of so many more on the kiosks.
pub fn pairs(rows: &[Row], faults: usize) -> Pairs {
    let mut graph = Graph::default();
    let logins: Vec<(&Row, u64)> = rows
        .iter()
        .filter_map(|row| Some((row, row.session.login?)))
        .collect();
    for (row, login) in &logins {
        let visitor = NodeId::of("anonymous_id", &row.session.visitor.to_string());
        graph.persons.entry(visitor).or_insert(row.person);
        graph.link(*login, row.person, visitor, row.session.at_s);
    }
    let mut random = Random::new(3);
    for _ in 0..faults {
        if let Some((row, login)) = random.choose(&logins) {
            let kiosk = NodeId::of("anonymous_id", &format!("kiosk {}", random.below(KIOSKS)));
            graph.link(*login, row.person, kiosk, row.session.at_s);
        }
    }
    graph.pairs(&Rules::default())
}

impl Graph {
    fn link(&mut self, login: u64, person: u32, visitor: NodeId, at_s: i64) {
        let login = NodeId::of("user_id", &login.to_string());
        self.nodes.insert(login, "user_id");
        self.nodes.insert(visitor, "anonymous_id");
        self.persons.insert(login, person);
        let at = Timestamp::from_millis(at_s * 1_000);
        for (from, to) in [(login, visitor), (visitor, login)] {
            let first = self.links.entry(from).or_default().entry(to).or_insert(at);
            *first = (*first).min(at);
        }
    }

    fn pairs(&self, rules: &Rules) -> Pairs {
        let mut pairs = Pairs::default();
        let mut person_nodes: BTreeMap<u32, u64> = BTreeMap::new();
        for person in self.persons.values() {
            *person_nodes.entry(*person).or_default() += 1;
        }
        pairs.there = person_nodes
            .values()
            .map(|nodes| nodes * (nodes - 1) / 2)
            .sum();
        let mut done = BTreeSet::new();
        for start in self.nodes.keys() {
            if done.contains(start) || self.is_generic(rules, *start) {
                continue;
            }
            let (nodes, links) = self.component(rules, *start);
            for group in partition(rules, &nodes, &links, &[]).groups {
                pairs.add(&group.nodes, &self.persons);
            }
            done.extend(nodes.iter().map(|node| node.id));
        }
        pairs
    }

    /// As the engine walks it: nothing is reached through a generic node.
    fn component(&self, rules: &Rules, start: NodeId) -> (Vec<Node>, Vec<Link>) {
        let mut nodes: BTreeMap<NodeId, Node> = BTreeMap::new();
        let mut links = BTreeSet::new();
        let mut open = vec![start];
        while let Some(id) = open.pop() {
            if nodes.contains_key(&id) || nodes.len() > COMPONENT_NODES_MAX {
                continue;
            }
            let generic = self.is_generic(rules, id);
            nodes.insert(
                id,
                Node {
                    id,
                    namespace: self.nodes[&id].to_owned(),
                    generic,
                    pardoned: false,
                },
            );
            for (other, at) in &self.links[&id] {
                links.insert(Link::new(id, *other, *at));
                if !generic {
                    open.push(*other);
                }
            }
        }
        let inside = |link: &Link| nodes.contains_key(&link.a) && nodes.contains_key(&link.b);
        (
            nodes.values().cloned().collect(),
            links.into_iter().filter(inside).collect(),
        )
    }

    fn is_generic(&self, rules: &Rules, id: NodeId) -> bool {
        let unique = |id: &NodeId| rules.namespace(self.nodes[id]).is_unique();
        let met = self.links[&id].iter().filter(|(other, _)| unique(other));
        !unique(&id) && rules.generic.is_passed_by(met.map(|(_, at)| *at))
    }
}

impl Pairs {
    fn add(&mut self, nodes: &[NodeId], persons: &BTreeMap<NodeId, u32>) {
        self.largest = self.largest.max(nodes.len());
        for (place, one) in nodes.iter().enumerate() {
            for other in &nodes[place + 1..] {
                self.joined += 1;
                let one = persons.get(one);
                self.right += u64::from(one.is_some() && one == persons.get(other));
            }
        }
    }
}
