//! Identifiers that several people use: devices, kiosks, placeholders.

use std::collections::BTreeMap;

use kith_base::{NodeId, Timestamp};

use crate::rules::SharedDevice;
use crate::{Link, Node, Rules};

/// What is wrong with an identifier.
pub(crate) enum Shared {
    /// It links nobody.
    Generic,
    /// It was used by several.
    Contested {
        /// The unique ids, each with the name of its set.
        by: BTreeMap<NodeId, NodeId>,
        /// The set whose it stays.
        left_to: Option<NodeId>,
    },
}

/// Non-unique nodes next to several unique ids. `root_of` names the set of a unique id: ids that
/// an operator joined are one. O(m log m).
pub(crate) fn shared(
    rules: &Rules,
    nodes: &[Node],
    links: &[Link],
    root_of: &mut dyn FnMut(NodeId) -> NodeId,
) -> BTreeMap<NodeId, Shared> {
    let by_id: BTreeMap<NodeId, &Node> = nodes.iter().map(|node| (node.id, node)).collect();
    let namespace = |id: NodeId| Some(rules.namespace(&by_id.get(&id)?.namespace));
    let unique = |id: NodeId| namespace(id).is_some_and(|namespace| namespace.is_unique());
    // When each was first seen with each set of unique ids, and with which.
    let mut seen: BTreeMap<NodeId, BTreeMap<NodeId, Timestamp>> = BTreeMap::new();
    let mut ids: BTreeMap<NodeId, BTreeMap<NodeId, NodeId>> = BTreeMap::new();
    for link in links {
        for (from, to) in [(link.a, link.b), (link.b, link.a)] {
            if !unique(from) && unique(to) {
                let root = root_of(to);
                ids.entry(from).or_default().insert(to, root);
                let first = seen.entry(from).or_default();
                let known = first.entry(root).or_insert(link.first_at);
                *known = (*known).min(link.first_at);
            }
        }
    }
    let mut all: BTreeMap<NodeId, Shared> = BTreeMap::new();
    for node in nodes.iter().filter(|node| node.generic && !node.pardoned) {
        all.insert(node.id, Shared::Generic);
    }
    for (id, users) in seen {
        let pardoned = by_id.get(&id).is_some_and(|node| node.pardoned);
        if !pardoned && rules.generic.is_passed_by(users.values().copied()) {
            all.insert(id, Shared::Generic);
        } else if users.len() > 1 && namespace(id).is_some_and(|namespace| namespace.is_device()) {
            let first = users.iter().min_by_key(|(root, at)| (**at, **root));
            let left_to = match rules.shared_device {
                SharedDevice::Nobody => None,
                SharedDevice::First => first.map(|(root, _)| *root),
            };
            let by = ids.remove(&id).unwrap_or_default();
            all.entry(id).or_insert(Shared::Contested { by, left_to });
        }
    }
    all
}
