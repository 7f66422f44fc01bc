//! A connected component of links, divided into persons.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::{NodeId, PersonId, Timestamp, limits};

use crate::Rules;

/// One identifier of the component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its id.
    pub id: NodeId,
    /// Its namespace.
    pub namespace: String,
    /// Known to meet more unique ids than the component shows: it links nobody.
    pub generic: bool,
}

/// One link of the component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// Earliest event that made it.
    pub first_at: Timestamp,
    /// The smaller node id.
    pub a: NodeId,
    /// The greater node id.
    pub b: NodeId,
}

impl Link {
    /// With the ends in order.
    pub fn new(one: NodeId, other: NodeId, first_at: Timestamp) -> Self {
        Link {
            first_at,
            a: one.min(other),
            b: one.max(other),
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
    /// The device was used by several unique ids: it belongs to none.
    Contested,
    /// The identifier meets so many unique ids that it is a kiosk or a placeholder.
    Generic,
    /// Joining would give a person more values of a namespace than the rules allow.
    Limit,
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

/// Divides a component. Links are taken from the earliest on and join their ends unless a rule
/// forbids it: Kruskal's algorithm with a veto. The result depends on the sets of nodes and
/// links only. O((n + m) log (n + m)).
pub fn partition(rules: &Rules, nodes: &[Node], links: &[Link]) -> Partition {
    let namespaces: BTreeMap<NodeId, &str> = nodes
        .iter()
        .map(|node| (node.id, node.namespace.as_str()))
        .collect();
    let too_large = nodes.len() > limits::COMPONENT_NODES_MAX;
    let mut shared = shared_nodes(rules, &namespaces, links);
    for node in nodes.iter().filter(|node| node.generic) {
        shared.insert(node.id, (Refusal::Generic, BTreeSet::new()));
    }
    let mut forest = Forest::new(&namespaces);
    let mut states = vec![LinkState::Active; links.len()];
    let mut order: Vec<usize> = (0..links.len()).collect();
    order.sort_by_key(|index| links[*index]);
    for index in order {
        let link = links[index];
        states[index] = if too_large {
            LinkState::Refused(Refusal::TooLarge)
        } else if let Some(refusal) = refusal_of(&shared, link) {
            LinkState::Refused(refusal)
        } else if forest.join(rules, link.a, link.b) {
            LinkState::Active
        } else {
            LinkState::Refused(Refusal::Limit)
        };
    }
    Partition {
        groups: forest.into_groups(rules, &namespaces),
        states,
    }
}

/// Non-unique nodes next to several unique ids, with the refusal their links get.
fn shared_nodes(
    rules: &Rules,
    namespaces: &BTreeMap<NodeId, &str>,
    links: &[Link],
) -> BTreeMap<NodeId, (Refusal, BTreeSet<NodeId>)> {
    let mut neighbours: BTreeMap<NodeId, BTreeSet<NodeId>> = BTreeMap::new();
    let unique = |id: NodeId| {
        namespaces
            .get(&id)
            .is_some_and(|namespace| rules.namespace(namespace).is_unique())
    };
    for link in links {
        for (from, to) in [(link.a, link.b), (link.b, link.a)] {
            if !unique(from) && unique(to) {
                neighbours.entry(from).or_default().insert(to);
            }
        }
    }
    let judge = |(id, unique_ids): (NodeId, BTreeSet<NodeId>)| {
        let device = rules.namespace(namespaces.get(&id)?).is_device();
        let refusal = if unique_ids.len() > limits::GENERIC_NEIGHBOURS_MAX {
            Refusal::Generic
        } else if unique_ids.len() > 1 && device {
            Refusal::Contested
        } else {
            return None;
        };
        Some((id, (refusal, unique_ids)))
    };
    neighbours.into_iter().filter_map(judge).collect()
}

/// A generic node links nobody; a contested one keeps its links to other than unique ids.
fn refusal_of(
    shared: &BTreeMap<NodeId, (Refusal, BTreeSet<NodeId>)>,
    link: Link,
) -> Option<Refusal> {
    [(link.a, link.b), (link.b, link.a)]
        .into_iter()
        .find_map(|(from, to)| {
            let (refusal, unique_ids) = shared.get(&from)?;
            (*refusal == Refusal::Generic || unique_ids.contains(&to)).then_some(*refusal)
        })
}

/// Disjoint sets (Tarjan, *Efficiency of a Good But Not Linear Set Union Algorithm*, JACM 1975)
/// that count the values per namespace of each set.
struct Forest<'a> {
    parent: BTreeMap<NodeId, NodeId>,
    counts: BTreeMap<NodeId, BTreeMap<&'a str, u32>>,
}

impl<'a> Forest<'a> {
    fn new(namespaces: &BTreeMap<NodeId, &'a str>) -> Self {
        Forest {
            parent: namespaces.keys().map(|id| (*id, *id)).collect(),
            counts: namespaces
                .iter()
                .map(|(id, namespace)| (*id, BTreeMap::from([(*namespace, 1)])))
                .collect(),
        }
    }

    fn root(&mut self, id: NodeId) -> NodeId {
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

    /// Joins two sets, or answers false when a limit forbids it.
    fn join(&mut self, rules: &Rules, a: NodeId, b: NodeId) -> bool {
        let (a, b) = (self.root(a), self.root(b));
        if a == b {
            return true;
        }
        let (Some(left), Some(right)) = (self.counts.get(&a), self.counts.get(&b)) else {
            return false;
        };
        let mut joined = left.clone();
        for (namespace, count) in right {
            *joined.entry(namespace).or_default() += count;
        }
        let within = |(namespace, count): (&&str, &u32)| rules.namespace(namespace).limit >= *count;
        if !joined.iter().all(within) {
            return false;
        }
        self.parent.insert(b, a);
        self.counts.remove(&b);
        self.counts.insert(a, joined);
        true
    }

    fn into_groups(mut self, rules: &Rules, namespaces: &BTreeMap<NodeId, &'a str>) -> Vec<Group> {
        let mut members: BTreeMap<NodeId, Vec<NodeId>> = BTreeMap::new();
        for id in namespaces.keys() {
            members.entry(self.root(*id)).or_default().push(*id);
        }
        let strength = |id: &NodeId| {
            let priority = namespaces
                .get(id)
                .map_or(0, |name| rules.namespace(name).priority);
            (std::cmp::Reverse(priority), *id)
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn node(text: &str) -> Node {
        let (namespace, value) = text.split_once(':').expect("namespace:value");
        Node {
            id: NodeId::of(namespace, value),
            namespace: namespace.to_owned(),
            generic: false,
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
        let found = partition(&Rules::default(), &nodes, &links);
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
            let whole = partition(&rules, &nodes, &links);
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
            prop_assert_eq!(whole.groups, partition(&rules, &nodes, &shuffled).groups);
        }
    }
}
