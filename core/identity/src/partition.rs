//! A connected component of links, divided into persons.

use std::collections::BTreeMap;

use kith_base::{NodeId, PersonId, Timestamp, limits};

use crate::Rules;
use crate::component::{Component, Edge, Place};
use crate::forest::Forest;
use crate::shared::{Shared, shared};

/// One identifier of the component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its id.
    pub id: NodeId,
    /// Its namespace.
    pub namespace: String,
    /// Known to meet more unique ids than the component shows: it links nobody.
    pub generic: bool,
    /// An operator says that it names people, however many it meets.
    pub pardoned: bool,
}

/// What a link rests on; the stronger first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// An operator says that both are one person.
    Operator,
    /// An event named both.
    Event,
}

/// One link of the component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// What it rests on.
    pub basis: Basis,
    /// When the earliest event that made it occurred, or the operator said so.
    pub first_at: Timestamp,
    /// The smaller node id.
    pub a: NodeId,
    /// The greater node id.
    pub b: NodeId,
}

impl Link {
    /// Of an event, with the ends in order.
    pub fn new(one: NodeId, other: NodeId, first_at: Timestamp) -> Self {
        Link {
            basis: Basis::Event,
            first_at,
            a: one.min(other),
            b: one.max(other),
        }
    }

    /// The same on an operator's word.
    pub fn by_operator(self) -> Self {
        Link {
            basis: Basis::Operator,
            ..self
        }
    }
}

/// Whether a link joins its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkState {
    /// It does.
    Active,
    /// It does not.
    Refused(Refusal),
}

/// Why a link joins nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// The device was used by several unique ids: it belongs to none, or to another one.
    Contested,
    /// The identifier meets so many unique ids that it is a kiosk or a placeholder.
    Generic,
    /// Joining would give a person more values of a namespace than the rules allow.
    Limit,
    /// Joining would make those one person of whom an operator said that they are two.
    Apart,
    /// Identifiers of this kind are noted and join nobody.
    Noted,
    /// The component is beyond the size considered together.
    TooLarge,
}

/// Nodes that are one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Strongest namespace first, then smallest id.
    pub leader: NodeId,
    /// All nodes, by id.
    pub nodes: Vec<NodeId>,
}

impl Group {
    /// The person's id.
    pub fn person(&self) -> PersonId {
        self.leader.person()
    }
}

/// The persons of a component and the fate of each link, in the order of the links given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// Persons by leader.
    pub groups: Vec<Group>,
    /// One per link.
    pub states: Vec<LinkState>,
}

/// Divides a component, of which both ends of every link are nodes. Links are taken an operator's
/// first, then from the earliest on, and join their ends unless a rule, or one of `apart`, forbids
/// it on any path: Kruskal's algorithm with vetoes. The result depends
/// on the sets of nodes, links and vetoes only.
/// O((n + m) log (n + m)), and for each union as much as the vetoes of its two sides.
pub fn partition(
    rules: &Rules,
    nodes: &[Node],
    links: &[Link],
    apart: &[(NodeId, NodeId)],
) -> Partition {
    let component = Component::new(rules, nodes);
    let too_large = nodes.len() > limits::COMPONENT_NODES_MAX;
    let edges = component.edges(links);
    let place = |id: &NodeId| component.place(*id);
    let apart = apart
        .iter()
        .filter_map(|(a, b)| Some((place(a)?, place(b)?)));
    let apart: Vec<(Place, Place)> = apart.collect();
    let mut forest = Forest::new(&component, &edges, &apart);
    let mut states = vec![LinkState::Active; links.len()];
    let order = order(&edges);
    let is_operators = |index: &usize| edges[*index].basis == Basis::Operator;
    let by_events = order.partition_point(is_operators);
    let (by_operator, by_events) = order.split_at(by_events);
    let state = |joined: Result<(), Refusal>| match joined {
        Ok(()) => LinkState::Active,
        Err(refusal) => LinkState::Refused(refusal),
    };
    for index in by_operator {
        states[*index] = match too_large {
            true => LinkState::Refused(Refusal::TooLarge),
            false => state(forest.join(&edges[*index])),
        };
    }
    // Ids that an operator joined are one to the devices they use.
    let shared = shared(&component, &edges, &mut |place| forest.root(place));
    let joins = |place: Place| component.namespace(place).joins;
    for index in by_events {
        let edge = &edges[*index];
        let noted = (!joins(edge.a) || !joins(edge.b)).then_some(Refusal::Noted);
        let refused = too_large.then_some(Refusal::TooLarge).or(noted);
        let refused = refused.or_else(|| refusal_of(&shared, edge));
        states[*index] = state(refused.map_or_else(|| forest.join(edge), Err));
    }
    Partition {
        groups: forest.into_groups(),
        states,
    }
}

/// The places of the edges in the order in which they are taken. What is compared lies side by
/// side: looking it up by index took three times as long.
fn order(edges: &[Edge]) -> Vec<usize> {
    let mut order: Vec<(Basis, Timestamp, u32, u32, u32)> = edges
        .iter()
        .zip(0..)
        .map(|(edge, index)| {
            let (a, b) = (edge.a as u32, edge.b as u32);
            (edge.basis, edge.first_at, a, b, index)
        })
        .collect();
    order.sort_unstable();
    let places = order.into_iter();
    places.map(|(.., index)| index as usize).collect()
}

/// A generic node links nobody; a contested one keeps its links to other than unique ids, and to
/// the one it is left to.
fn refusal_of(shared: &BTreeMap<Place, Shared>, edge: &Edge) -> Option<Refusal> {
    if shared.is_empty() {
        return None;
    }
    [(edge.a, edge.b), (edge.b, edge.a)]
        .into_iter()
        .find_map(|(from, to)| match shared.get(&from)? {
            Shared::Generic => Some(Refusal::Generic),
            Shared::Contested { by, left_to } => {
                let root = by.get(&to)?;
                (*left_to != Some(*root)).then_some(Refusal::Contested)
            }
        })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn node(text: &str) -> Node {
        let (namespace, value) = text.split_once(':').expect("namespace:value");
        Node {
            id: NodeId::of(namespace, value),
            namespace: namespace.to_owned(),
            generic: false,
            pardoned: false,
        }
    }

    /// Links in order of time, as `a—b`; answers the persons as sorted sets of names.
    fn persons(links: &[(&str, &str)]) -> Vec<Vec<String>> {
        let names: BTreeSet<&str> = links.iter().flat_map(|(a, b)| [*a, *b]).collect();
        let nodes: Vec<Node> = names.iter().map(|name| node(name)).collect();
        let link = |(at, (a, b)): (usize, &(&str, &str))| {
            Link::new(node(a).id, node(b).id, Timestamp::from_millis(at as i64))
        };
        let links: Vec<Link> = links.iter().enumerate().map(link).collect();
        let found = partition(&Rules::default(), &nodes, &links, &[]);
        let name_of = |id: &NodeId| {
            let name = names
                .iter()
                .find(|name| node(name).id == *id)
                .expect("known");
            (*name).to_owned()
        };
        let mut groups: Vec<Vec<String>> = found
            .groups
            .iter()
            .map(|group| {
                let mut names: Vec<String> = group.nodes.iter().map(name_of).collect();
                names.sort();
                names
            })
            .collect();
        groups.sort();
        groups
    }

    #[test]
    fn two_devices_meet_at_log_in() {
        assert_eq!(
            persons(&[
                ("user_id:1", "anonymous_id:a"),
                ("user_id:1", "anonymous_id:b")
            ]),
            [["anonymous_id:a", "anonymous_id:b", "user_id:1"]],
        );
    }

    #[test]
    fn a_shared_device_belongs_to_neither() {
        assert_eq!(
            persons(&[
                ("user_id:alice", "anonymous_id:p"),
                ("user_id:bob", "anonymous_id:p")
            ]),
            [["anonymous_id:p"], ["user_id:alice"], ["user_id:bob"]],
        );
    }

    #[test]
    fn a_second_user_id_does_not_take_the_email() {
        // Segment's published example: the second profile stands alone.
        assert_eq!(
            persons(&[
                ("user_id:abc123", "email:jane@x.y"),
                ("user_id:abc456", "email:jane@x.y")
            ]),
            [
                vec!["email:jane@x.y", "user_id:abc123"],
                vec!["user_id:abc456"]
            ],
        );
    }

    #[test]
    fn user_ids_stay_apart_across_a_chain() {
        let groups = persons(&[
            ("user_id:1", "anonymous_id:a"),
            ("anonymous_id:a", "anonymous_id:b"),
            ("anonymous_id:b", "user_id:2"),
        ]);
        assert!(groups.iter().all(|group| {
            group
                .iter()
                .filter(|name| name.starts_with("user_id"))
                .count()
                <= 1
        }));
    }

    #[test]
    fn a_shared_device_belongs_to_neither_however_much_each_is_linked() {
        assert_eq!(
            persons(&[
                ("user_id:alice", "email:a@x.y"),
                ("user_id:alice", "anonymous_id:a"),
                ("user_id:bob", "anonymous_id:b"),
                ("user_id:alice", "anonymous_id:p"),
                ("user_id:bob", "anonymous_id:p"),
            ]),
            [
                vec!["anonymous_id:a", "email:a@x.y", "user_id:alice"],
                vec!["anonymous_id:b", "user_id:bob"],
                vec!["anonymous_id:p"],
            ],
        );
    }

    #[test]
    fn a_kiosk_links_nobody() {
        let users: Vec<String> = (0..11).map(|user| format!("user_id:{user}")).collect();
        let links: Vec<(&str, &str)> = users
            .iter()
            .map(|user| (user.as_str(), "anonymous_id:kiosk"))
            .collect();
        assert_eq!(persons(&links).len(), 12);
    }

    proptest! {
        #[test]
        fn no_person_breaks_a_limit_and_order_does_not_matter(
            pairs in prop::collection::vec((0u8..6, 0u8..8, 0i64..50), 1..40),
            seed in any::<u64>(),
        ) {
            let name = |kind: u8, value: u8| match kind % 3 {
                0 => format!("user_id:{}", value % 4),
                1 => format!("email:{}@x.y", value % 6),
                _ => format!("anonymous_id:{value}"),
            };
            let mut links = Vec::new();
            let mut nodes = BTreeMap::new();
            for (kind, value, at) in pairs {
                let (a, b) = (node(&name(kind, value)), node(&name(kind / 2 + 1, value / 2)));
                if a.id != b.id {
                    links.push(Link::new(a.id, b.id, Timestamp::from_millis(at)));
                    nodes.insert(a.id, a);
                    nodes.insert(b.id, b);
                }
            }
            let nodes: Vec<Node> = nodes.into_values().collect();
            let rules = Rules::default();
            let whole = partition(&rules, &nodes, &links, &[]);
            for group in &whole.groups {
                let users = group.nodes.iter().filter(|id| {
                    nodes.iter().any(|node| node.id == **id && node.namespace == "user_id")
                });
                prop_assert!(users.count() <= 1);
            }
            let mut random = kith_base::Random::new(seed);
            let mut shuffled = links.clone();
            for index in (1..shuffled.len()).rev() {
                shuffled.swap(index, random.below(index as u64 + 1) as usize);
            }
            prop_assert_eq!(whole.groups, partition(&rules, &nodes, &shuffled, &[]).groups);
        }
    }
}
