//! The nodes of a component by their place in the order of ids, so that sets over them are arrays.

use std::collections::BTreeMap;

use kith_base::{Index, NodeId, Timestamp};

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
    places: Index<NodeId>,
}

impl<'a> Component<'a> {
    pub fn new(rules: &'a Rules, nodes: &'a [Node]) -> Self {
        let by_id: BTreeMap<NodeId, &Node> = nodes.iter().map(|node| (node.id, node)).collect();
        let nodes: Vec<&Node> = by_id.into_values().collect();
        let mut places = Index::default();
        for (place, node) in nodes.iter().enumerate() {
            places.insert(node.id, place);
        }
        Component {
            rules,
            namespaces: nodes
                .iter()
                .map(|node| rules.namespace(&node.namespace))
                .collect(),
            ids: nodes.iter().map(|node| node.id).collect(),
            nodes,
            places,
        }
    }

    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn place(&self, id: NodeId) -> Option<Place> {
        self.places.find(&id)
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

    /// A link between two of these nodes.
    pub fn edge(&self, link: &Link) -> Edge {
        let place = |id| {
            self.place(id)
                .expect("both ends of a link are in its component")
        };
        Edge {
            basis: link.basis,
            first_at: link.first_at,
            a: place(link.a),
            b: place(link.b),
        }
    }
}
