//! Persons: by identifier, by id, by search.

use std::cmp::Reverse;

use kith_base::{NodeId, PersonId, limits};
use kith_event::Identifier;
use kith_profile::{Fold, Profile, ProfileNode};

use crate::Project;
use crate::state::{Error, Read};
use crate::table::{self, NodeRow, PersonRow};

/// The node of an identifier; `None` when the rules block it or nobody was ever called so.
pub fn node_of(
    state: &dyn Read,
    project: &Project,
    identifier: &Identifier,
) -> Result<Option<(NodeId, NodeRow)>, Error> {
    let Ok(normal) = project.identity.normalise(identifier) else {
        return Ok(None);
    };
    let id = NodeId::of(&normal.namespace, &normal.value);
    Ok(table::read_node(state, id)?.map(|row| (id, row)))
}

/// The person of the strongest identifier that is known.
pub fn person_of(
    state: &dyn Read,
    project: &Project,
    identifiers: &[Identifier],
) -> Result<Option<PersonId>, Error> {
    let mut order: Vec<&Identifier> = identifiers.iter().collect();
    order.sort_by_key(|identifier| {
        Reverse(project.identity.namespace(&identifier.namespace).priority)
    });
    for identifier in order {
        if let Some((_, row)) = node_of(state, project, identifier)? {
            return Ok(Some(row.leader.person()));
        }
    }
    Ok(None)
}

/// The current person behind an id that is or once was somebody's.
pub fn resolve_person(state: &dyn Read, person: PersonId) -> Result<Option<PersonId>, Error> {
    if state.get(&table::person(person))?.is_some() {
        return Ok(Some(person));
    }
    let row = table::read_node(state, person.node())?;
    Ok(row.map(|row| row.leader.person()))
}

/// The merged profile of a person. O(nodes) reads.
pub fn profile(
    state: &dyn Read,
    project: &Project,
    person: PersonId,
) -> Result<Option<Profile>, Error> {
    let Some(person) = resolve_person(state, person)? else {
        return Ok(None);
    };
    let row: Option<PersonRow> = table::read(state, &table::person(person))?;
    let mut fold = Fold::default();
    let mut nodes = Vec::new();
    for id in row.map(|row| row.nodes).unwrap_or_default() {
        let Some(node) = table::read_node(state, id)? else {
            continue;
        };
        nodes.push(ProfileNode {
            id,
            identifier: Identifier::new(node.namespace, node.value),
            first_seen_at: node.fold.first_seen_at,
            last_seen_at: node.fold.last_seen_at,
            event_count: node.fold.event_count,
        });
        if fold.event_count == 0 && fold == Fold::default() {
            fold = node.fold;
        } else {
            fold.merge(&node.fold);
        }
    }
    nodes.sort_by_key(|node| {
        let priority = project
            .identity
            .namespace(&node.identifier.namespace)
            .priority;
        (Reverse(priority), node.identifier.value.clone())
    });
    Ok(Some(Profile {
        person,
        nodes,
        fold,
    }))
}

/// Persons an identifier or a word of whose name begins with `text`, at most `limit`.
pub fn search(state: &dyn Read, text: &str, limit: usize) -> Result<Vec<PersonId>, Error> {
    let prefix = table::search_prefix(text.trim());
    let rows_max = limit.saturating_mul(4).min(limits::PAGE_MAX * 4);
    let mut found = Vec::new();
    for (key, _) in state.range(&prefix, &table::end_of(&prefix), rows_max)? {
        let node = key
            .len()
            .checked_sub(16)
            .and_then(|at| key.get(at..)?.try_into().ok());
        let Some(node) = node.map(NodeId) else {
            continue;
        };
        let Some(row) = table::read_node(state, node)? else {
            continue;
        };
        let person = row.leader.person();
        if !found.contains(&person) {
            found.push(person);
        }
        if found.len() >= limit {
            break;
        }
    }
    Ok(found)
}
