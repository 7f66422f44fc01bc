//! The nodes of a component by their place in the order of ids, so that sets over them are arrays.

use kith_base::{NodeId, Timestamp};

use crate::{Basis, Link, Namespace, Node, Rules};

/// The place of a node among those of its component.
pub(crate) type Place = usize;

/// A link between places.
pub(crate) struct Edge {
    pub basis: Basis,
    pub first_at: Timestamp,
    pub a: Place,
    pub b: Place,
}

pub(crate) struct Component<'a> {
    pub rules: &'a Rules,
    nodes: Vec<&'a Node>,
    namespaces: Vec<&'a Namespace>,
    ids: Vec<NodeId>,
}

impl<'a> Component<'a> {
    pub fn new(rules: &'a Rules, nodes: &'a [Node]) -> Self {
        let mut nodes: Vec<&Node> = nodes.iter().collect();
        nodes.sort_by_key(|node| node.id);
        nodes.dedup_by_key(|node| node.id);
        Component {
            rules,
            namespaces: nodes
                .iter()
                .map(|node| rules.namespace(&node.namespace))
                .collect(),
            ids: nodes.iter().map(|node| node.id).collect(),
            nodes,
        }
    }

    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn place(&self, id: NodeId) -> Option<Place> {
        self.ids.binary_search(&id).ok()
    }

    pub fn id(&self, place: Place) -> NodeId {
        self.ids[place]
    }

    pub fn node(&self, place: Place) -> &'a Node {
        self.nodes[place]
    }

    pub fn name(&self, place: Place) -> &'a str {
        &self.nodes[place].namespace
    }

    pub fn namespace(&self, place: Place) -> &'a Namespace {
        self.namespaces[place]
    }

    /// Links between these nodes. Those that follow each other often share an end, which is looked
    /// for once.
    pub fn edges(&self, links: &[Link]) -> Vec<Edge> {
        let mut last: [Option<(NodeId, Place)>; 2] = [None; 2];
        let mut place = |id: NodeId, end: usize| {
            let known = last.iter().flatten().find(|(known, _)| *known == id);
            let place = known.map_or_else(
                || {
                    self.place(id)
                        .expect("both ends of a link are in its component")
                },
                |(_, place)| *place,
            );
            last[end] = Some((id, place));
            place
        };
        let edge = |link: &Link| Edge {
            basis: link.basis,
            first_at: link.first_at,
            a: place(link.a, 0),
            b: place(link.b, 1),
        };
        links.iter().map(edge).collect()
    }
}
