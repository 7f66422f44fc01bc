//! Links of an event, and the persons that follow from them.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::{NodeId, PersonId, limits};
use kith_event::{Event, Identifier, Says};
use kith_identity::{Group, Link, LinkState, Node, Refusal, partition};

use super::regroup::Regrouped;
use crate::state::Error;
use crate::table::{self, LinkRow, VerdictRow};
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

/// Divides the component around a node, forgetting which identifiers were generic before: by
/// changed rules, or after an operator's word. Answers its nodes too.
pub(super) fn divide_anew(
    working: &mut Working<'_>,
    project: &Project,
    start: NodeId,
) -> Result<Option<(BTreeSet<NodeId>, Regrouped)>, Error> {
    let component = collect(working, project, &[start], true)?;
    let nodes = component.nodes.keys().copied().collect();
    let groups = divide_component(working, project, &component, &[start])?;
    Ok(groups.map(|groups| (nodes, groups)))
}

/// Everything reachable from `start`.
struct Component {
    nodes: BTreeMap<NodeId, Node>,
    leaders: BTreeMap<NodeId, NodeId>,
    links: BTreeMap<(NodeId, NodeId), LinkRow>,
    verdicts: BTreeMap<(NodeId, NodeId), VerdictRow>,
    /// Identifiers that became generic, or are so no longer.
    judged_anew: Vec<(Identifier, bool)>,
}

/// Divides the component around `start` into persons and writes what changed.
fn divide(
    working: &mut Working<'_>,
    project: &Project,
    start: &[NodeId],
) -> Result<Option<Regrouped>, Error> {
    let component = collect(working, project, start, false)?;
    divide_component(working, project, &component, start)
}

fn divide_component(
    working: &mut Working<'_>,
    project: &Project,
    component: &Component,
    start: &[NodeId],
) -> Result<Option<Regrouped>, Error> {
    if component.nodes.len() > limits::COMPONENT_NODES_MAX {
        refuse(working, component, start)?;
        return Ok(None);
    }
    let nodes: Vec<Node> = component.nodes.values().cloned().collect();
    let keys: Vec<(NodeId, NodeId)> = component.links.keys().copied().collect();
    let links = component.links.iter();
    let mut links: Vec<Link> = links
        .map(|((a, b), row)| Link::new(*a, *b, row.first_at))
        .collect();
    let said = |says: Says| {
        let verdicts = component.verdicts.iter();
        verdicts.filter(move |(_, row)| row.says == says)
    };
    let same = said(Says::Same);
    links.extend(same.map(|((a, b), row)| Link::new(*a, *b, row.at).by_operator()));
    let apart: Vec<(NodeId, NodeId)> = said(Says::Different).map(|(pair, _)| *pair).collect();
    let found = partition(&project.identity, &nodes, &links, &apart);
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
    let alarm_after = project.identity.alarm_after;
    write_groups(working, component, &found.groups, alarm_after).map(Some)
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
/// so a kiosk does not make every visitor's component as large as its own. `anew` asks again
/// which are generic.
fn collect(
    working: &mut Working<'_>,
    project: &Project,
    start: &[NodeId],
    anew: bool,
) -> Result<Component, Error> {
    let mut component = Component {
        nodes: BTreeMap::new(),
        leaders: BTreeMap::new(),
        links: BTreeMap::new(),
        verdicts: BTreeMap::new(),
        judged_anew: Vec::new(),
    };
    let mut open: Vec<NodeId> = start.to_vec();
    while let Some(id) = open.pop() {
        if component.nodes.contains_key(&id) {
            continue;
        }
        let Some(row) = working.node(id)? else {
            continue;
        };
        let mut node = Node {
            id,
            namespace: row.namespace.clone(),
            generic: row.generic,
            pardoned: row.pardoned,
        };
        let leader = row.leader;
        component.leaders.insert(id, leader);
        let (was_generic, judged) = (row.generic, row.judged);
        let names_nobody = anew && project.identity.blocks(&row.identifier());
        if anew && id == leader {
            // What held them together may be no more.
            open.extend(working.load_person(leader.person())?);
        } else if anew {
            open.push(leader);
        }
        if was_generic && !anew {
            component.nodes.insert(id, node);
            continue;
        }
        let neighbours = working.links_of(id, limits::COMPONENT_NODES_MAX + 1)?;
        node.generic = names_nobody || is_generic(working, project, &node, &neighbours)?;
        if node.generic != was_generic {
            let row = working.known_node_mut(id)?;
            row.generic = node.generic;
            let judged = (row.identifier(), node.generic);
            component.judged_anew.push(judged);
        }
        let ends_here = node.generic && anew;
        component.nodes.insert(id, node);
        let goes_on = component.nodes.len() <= limits::COMPONENT_NODES_MAX && !ends_here;
        for (other, link) in neighbours {
            if !ends_here {
                component.links.insert((id.min(other), id.max(other)), link);
            }
            open.extend(goes_on.then_some(other));
        }
        if judged {
            for (other, row) in working.verdicts_of(id)? {
                open.extend((goes_on && row.says == Says::Same).then_some(other));
                component
                    .verdicts
                    .insert((id.min(other), id.max(other)), row);
            }
        }
    }
    let within =
        |a: &NodeId, b: &NodeId| component.nodes.contains_key(a) && component.nodes.contains_key(b);
    component.links.retain(|(a, b), _| within(a, b));
    component.verdicts.retain(|(a, b), _| within(a, b));
    Ok(component)
}

/// True when it met more unique ids than the rules allow; a pardoned one never did.
fn is_generic(
    working: &mut Working<'_>,
    project: &Project,
    node: &Node,
    neighbours: &[(NodeId, LinkRow)],
) -> Result<bool, Error> {
    let rules = &project.identity;
    if node.pardoned || rules.namespace(&node.namespace).is_unique() {
        return Ok(false);
    }
    let mut met = Vec::new();
    for (id, link) in neighbours {
        let row = working.node(*id)?;
        let unique = row.is_some_and(|row| rules.namespace(&row.namespace).is_unique());
        met.extend(unique.then_some(link.first_at));
    }
    Ok(rules.generic.is_passed_by(met))
}

fn write_groups(
    working: &mut Working<'_>,
    component: &Component,
    groups: &[Group],
    alarm_after: usize,
) -> Result<Regrouped, Error> {
    let leaders = &component.leaders;
    let before: BTreeSet<PersonId> = leaders.values().map(|id| id.person()).collect();
    let origins = groups.iter().map(|group| {
        let whose = group.nodes.iter().filter_map(|id| leaders.get(id));
        (group.person(), whose.map(|id| id.person()).collect())
    });
    let origins: BTreeMap<PersonId, BTreeSet<PersonId>> = origins.collect();
    let after: BTreeSet<PersonId> = groups.iter().map(Group::person).collect();
    for group in groups {
        working.put_person(group.person(), group.nodes.clone())?;
        for id in &group.nodes {
            if working
                .node(*id)?
                .is_some_and(|row| row.leader != group.leader)
            {
                working.known_node_mut(*id)?.leader = group.leader;
            }
        }
    }
    for gone in before.difference(&after) {
        working.delete_person(*gone)?;
    }
    let grown = after.len() as i64 - before.len() as i64;
    working.add(&table::mark(table::PERSONS), grown)?;
    let mut sizes: BTreeMap<NodeId, usize> = BTreeMap::new();
    for leader in leaders.values() {
        *sizes.entry(*leader).or_default() += 1;
    }
    let was_large = |id: &NodeId| leaders.get(id).is_some_and(|of| sizes[of] > alarm_after);
    let grown = groups.iter().filter(|group| {
        let size = group.nodes.len();
        size > alarm_after && !group.nodes.iter().any(was_large)
    });
    let large = grown.map(|group| (group.person(), group.nodes.len()));
    Ok(Regrouped {
        before,
        after,
        origins,
        large: large.collect(),
        judged_anew: component.judged_anew.clone(),
    })
}

/// The code stored with a refused link.
pub(crate) fn refusal_code(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Contested => "contested",
        Refusal::Generic => "generic",
        Refusal::Limit => "limit",
        Refusal::Apart => "apart",
        Refusal::Noted => "noted",
        Refusal::TooLarge => "too-large",
    }
}
