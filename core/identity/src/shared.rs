//! Identifiers that several people use: devices, kiosks, placeholders.

use std::collections::BTreeMap;

use kith_base::Timestamp;

use crate::component::{Component, Edge, Place};
use crate::rules::SharedDevice;

/// What is wrong with an identifier.
pub(crate) enum Shared {
    /// It links nobody.
    Generic,
    /// It was used by several.
    Contested {
        /// The unique ids, each with the name of its set.
        by: BTreeMap<Place, Place>,
        /// The set whose it stays.
        left_to: Option<Place>,
    },
}

/// Non-unique nodes next to several unique ids. `root_of` names the set of a unique id: ids that
/// an operator joined are one. O(m log m).
pub(crate) fn shared(
    component: &Component<'_>,
    edges: &[Edge],
    root_of: &mut dyn FnMut(Place) -> Place,
) -> BTreeMap<Place, Shared> {
    let unique = |place: Place| component.namespace(place).is_unique();
    // When each was first seen with each set of unique ids, and with which.
    let mut seen: BTreeMap<Place, BTreeMap<Place, Timestamp>> = BTreeMap::new();
    let mut ids: BTreeMap<Place, BTreeMap<Place, Place>> = BTreeMap::new();
    for edge in edges {
        for (from, to) in [(edge.a, edge.b), (edge.b, edge.a)] {
            if !unique(from) && unique(to) {
                let root = root_of(to);
                ids.entry(from).or_default().insert(to, root);
                let first = seen.entry(from).or_default();
                let known = first.entry(root).or_insert(edge.first_at);
                *known = (*known).min(edge.first_at);
            }
        }
    }
    let mut all: BTreeMap<Place, Shared> = BTreeMap::new();
    for place in 0..component.len() {
        let node = component.node(place);
        if node.generic && !node.pardoned {
            all.insert(place, Shared::Generic);
        }
    }
    let rules = component.rules;
    for (place, users) in seen {
        let pardoned = component.node(place).pardoned;
        if !pardoned && rules.generic.is_passed_by(users.values().copied()) {
            all.insert(place, Shared::Generic);
        } else if users.len() > 1 && component.namespace(place).is_device() {
            let first = users.iter().min_by_key(|(root, at)| (**at, **root));
            let left_to = match rules.shared_device {
                SharedDevice::Nobody => None,
                SharedDevice::First => first.map(|(root, _)| *root),
            };
            let by = ids.remove(&place).unwrap_or_default();
            all.entry(place)
                .or_insert(Shared::Contested { by, left_to });
        }
    }
    all
}
