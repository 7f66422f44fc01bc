//! What is known of a person apart from what they did: nodes, traits, one consent.

use std::cmp::Reverse;

use kith_base::{NodeId, PersonId, Timestamp};
use kith_event::Identifier;
use kith_profile::{Fold, Parts};
use kith_rule::{FactKey, Path};

use crate::Project;
use crate::state::{Error, Read};
use crate::table::{self, PersonRow};

/// What is known of a person.
#[derive(Clone, Debug)]
pub struct Known {
    /// Whose.
    pub person: PersonId,
    /// Nodes, the one that the person is called after first.
    pub nodes: Vec<(NodeId, Identifier)>,
    /// When the person last said that probable links may be looked for; `None` unless that is
    /// what they said last.
    pub consented_at: Option<Timestamp>,
    /// Traits, consents and nothing else.
    pub fold: Fold,
}

/// What is known of a person; `None` when there is nobody of this id. O(nodes) reads, which leave
/// out most of each fold.
pub fn known(
    state: &dyn Read,
    project: &Project,
    person: PersonId,
) -> Result<Option<Known>, Error> {
    let row: Option<PersonRow> = table::read(state, &table::person(person))?;
    let Some(row) = row else {
        return Ok(None);
    };
    let category = &project.identity.probabilistic.consent;
    // One trait stands for all of them.
    let looked_at = [
        FactKey::Consent(category.clone()),
        FactKey::Trait(Path::dotted("name")),
    ];
    let parts = Parts::of(&looked_at, &project.features);
    let mut found = Known {
        person,
        nodes: Vec::with_capacity(row.nodes.len()),
        consented_at: None,
        fold: Fold::default(),
    };
    for id in row.nodes {
        let Some(node) = table::read_node_parts(state, id, &parts)? else {
            continue;
        };
        found.nodes.push((id, node.identifier()));
        match found.nodes.len() {
            1 => found.fold = node.fold,
            _ => found.fold.merge(&node.fold),
        }
    }
    found.nodes.sort_by_key(|(id, identifier)| {
        let priority = project.identity.namespace(&identifier.namespace).priority;
        (Reverse(*id == person.node()), Reverse(priority), *id)
    });
    let said = found.fold.consents.get(category);
    let granted = said.filter(|said| said.value.granted);
    found.consented_at = granted.map(|said| said.stamp.at);
    Ok(Some(found))
}
