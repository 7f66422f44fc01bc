//! Links of an event, and the persons that follow from them.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::{NodeId, PersonId, limits};
use kith_event::Event;
use kith_identity::{Group, Link, LinkState, Node, Refusal, partition};

use super::regroup::Regrouped;
use crate::state::Error;
use crate::table::{self, LinkRow, NodeRow};
use crate::{Project, Working};

/// Links the strongest identifier to each other one and divides their component anew when a
/// link is new, or older than known. Answers who was and who is, when that was done.
pub(super) fn link(
    working: &mut Working<'_>,
    project: &Project,
    event: &Event,
    nodes: &[NodeId],
) -> Result<Option<Regrouped>, Error> {
    let Some((owner, others)) = nodes.split_first() else {
        return Ok(None);
    };
    let mut changed = Vec::new();
    for other in others {
        let known = working.link(*owner, *other)?;
        let order = |row: &LinkRow| (row.first_at, row.message_id.clone());
        let fresh = LinkRow {
            first_at: event.occurred_at,
            kind: event.kind,
            source: event.source.clone(),
            message_id: event.message_id.clone(),
            refusal: known.and_then(|row| row.refusal.clone()),
        };
        if known.is_none_or(|row| order(&fresh) < order(row)) {
            working.put_link(*owner, *other, &fresh)?;
            changed.push(*other);
        }
    }
    if changed.is_empty() {
        return Ok(None);
    }
    changed.push(*owner);
    divide(working, project, &changed)
}

/// Everything reachable from `start`.
struct Component {
    nodes: BTreeMap<NodeId, Node>,
    leaders: BTreeSet<NodeId>,
    links: BTreeMap<(NodeId, NodeId), LinkRow>,
}

/// Divides the component around `start` into persons and writes what changed.
fn divide(
    working: &mut Working<'_>,
    project: &Project,
    start: &[NodeId],
) -> Result<Option<Regrouped>, Error> {
    let component = collect(working, project, start)?;
    if component.nodes.len() > limits::COMPONENT_NODES_MAX {
        refuse(working, &component, start)?;
        return Ok(None);
    }
    let nodes: Vec<Node> = component.nodes.values().cloned().collect();
    let keys: Vec<(NodeId, NodeId)> = component.links.keys().copied().collect();
    let links: Vec<Link> = component
        .links
        .iter()
        .map(|((a, b), row)| Link::new(*a, *b, row.first_at))
        .collect();
    let found = partition(&project.identity, &nodes, &links);
    for ((a, b), state) in keys.iter().zip(&found.states) {
        let refusal = match state {
            LinkState::Active => None,
            LinkState::Refused(refusal) => Some(refusal_code(*refusal).to_owned()),
        };
        let row = &component.links[&(*a, *b)];
        if row.refusal != refusal {
            working.put_link(
                *a,
                *b,
                &LinkRow {
                    refusal,
                    ..row.clone()
                },
            )?;
        }
    }
    write_groups(working, &component, &found.groups).map(Some)
}

/// Beyond the limit nothing is divided anew: what `start` brought stays apart.
fn refuse(working: &mut Working<'_>, component: &Component, start: &[NodeId]) -> Result<(), Error> {
    let refusal = Some(refusal_code(Refusal::TooLarge).to_owned());
    let joins = |a: &NodeId, b: &NodeId| start.contains(a) && start.contains(b);
    for ((a, b), row) in component.links.iter().filter(|((a, b), _)| joins(a, b)) {
        working.put_link(
            *a,
            *b,
            &LinkRow {
                refusal: refusal.clone(),
                ..row.clone()
            },
        )?;
    }
    Ok(())
}

/// Walks the links from `start`. A generic identifier is an end: nothing is reached through it,
/// so a kiosk does not make every visitor's component as large as its own.
fn collect(
    working: &mut Working<'_>,
    project: &Project,
    start: &[NodeId],
) -> Result<Component, Error> {
    let mut component = Component {
        nodes: BTreeMap::new(),
        leaders: BTreeSet::new(),
        links: BTreeMap::new(),
    };
    let mut open: Vec<NodeId> = start.to_vec();
    while let Some(id) = open.pop() {
        if component.nodes.contains_key(&id) {
            continue;
        }
        let Some(row) = working.node(id)? else {
            continue;
        };
        let (namespace, was_generic) = (row.namespace.clone(), row.generic);
        component.leaders.insert(row.leader);
        if was_generic {
            component.nodes.insert(
                id,
                Node {
                    id,
                    namespace,
                    generic: true,
                },
            );
            continue;
        }
        let neighbours = working.links_of(id, limits::COMPONENT_NODES_MAX + 1)?;
        let generic = !project.identity.namespace(&namespace).is_unique()
            && count_unique(working, project, &neighbours)? > limits::GENERIC_NEIGHBOURS_MAX;
        if generic {
            working.node_mut(id, || unreachable_node(id))?.generic = true;
        }
        component.nodes.insert(
            id,
            Node {
                id,
                namespace,
                generic,
            },
        );
        let wide_enough = component.nodes.len() <= limits::COMPONENT_NODES_MAX;
        for (other, link) in neighbours {
            component.links.insert((id.min(other), id.max(other)), link);
            if wide_enough {
                open.push(other);
            }
        }
    }
    component
        .links
        .retain(|(a, b), _| component.nodes.contains_key(a) && component.nodes.contains_key(b));
    Ok(component)
}

fn unreachable_node(id: NodeId) -> NodeRow {
    unreachable!("node {id} was read just before")
}

fn count_unique(
    working: &mut Working<'_>,
    project: &Project,
    neighbours: &[(NodeId, LinkRow)],
) -> Result<usize, Error> {
    let mut count = 0;
    for (id, _) in neighbours {
        let namespace = working.node(*id)?.map(|row| row.namespace.clone());
        let unique = namespace.is_some_and(|name| project.identity.namespace(&name).is_unique());
        count += usize::from(unique);
    }
    Ok(count)
}

fn write_groups(
    working: &mut Working<'_>,
    component: &Component,
    groups: &[Group],
) -> Result<Regrouped, Error> {
    let before: BTreeSet<PersonId> = component.leaders.iter().map(|id| id.person()).collect();
    let after: BTreeSet<PersonId> = groups.iter().map(Group::person).collect();
    for group in groups {
        working.put_person(group.person(), group.nodes.clone())?;
        for id in &group.nodes {
            if working
                .node(*id)?
                .is_some_and(|row| row.leader != group.leader)
            {
                working.node_mut(*id, || unreachable_node(*id))?.leader = group.leader;
            }
        }
    }
    for gone in before.difference(&after) {
        working.delete_person(*gone)?;
    }
    let grown = after.len() as i64 - before.len() as i64;
    working.add(&table::mark(table::PERSONS), grown)?;
    Ok(Regrouped { before, after })
}

/// The code stored with a refused link.
pub(crate) fn refusal_code(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Contested => "contested",
        Refusal::Generic => "generic",
        Refusal::Limit => "limit",
        Refusal::TooLarge => "too-large",
    }
}
