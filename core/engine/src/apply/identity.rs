//! Links of an event, and the persons that follow from them.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::{NodeId, PersonId, limits};
use kith_event::{Event, Says};
use kith_identity::{Group, Link, LinkState, Node, Refusal, partition};

use super::component::Component;
use super::regroup::Regrouped;
use crate::state::Error;
use crate::table::{self, LinkHead, LinkRow};
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
        if known.is_some_and(|head| head.first_at < event.occurred_at) {
            continue;
        }
        if known.is_some_and(|head| head.first_at == event.occurred_at) {
            let row = working.link_row(*owner, *other)?;
            if row.is_some_and(|row| *row.message_id <= *event.message_id) {
                continue;
            }
        }
        let head = LinkHead {
            first_at: event.occurred_at,
            refusal: known.and_then(|head| head.refusal),
        };
        let row = LinkRow {
            first_at: event.occurred_at,
            kind: event.kind,
            source: event.source.clone(),
            message_id: event.message_id.clone(),
        };
        working.put_link((*owner, *other), head, &row)?;
        changed.push(*other);
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
    let component = Component::collect(working, project, &[start], true)?;
    let nodes = component.nodes.keys().copied().collect();
    let groups = divide_component(working, project, component, &[start])?;
    Ok(groups.map(|groups| (nodes, groups)))
}

/// Divides the component around `start` into persons and writes what changed.
fn divide(
    working: &mut Working<'_>,
    project: &Project,
    start: &[NodeId],
) -> Result<Option<Regrouped>, Error> {
    let component = Component::collect(working, project, start, false)?;
    divide_component(working, project, component, start)
}

fn divide_component(
    working: &mut Working<'_>,
    project: &Project,
    mut component: Component,
    start: &[NodeId],
) -> Result<Option<Regrouped>, Error> {
    if component.nodes.len() > limits::COMPONENT_NODES_MAX {
        refuse(working, &component, start)?;
        return Ok(None);
    }
    let nodes: Vec<Node> = std::mem::take(&mut component.nodes).into_values().collect();
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
    let fates = component.links.iter().zip(&found.states);
    let changed = fates.filter_map(|((pair, held), state)| {
        let refusal = match state {
            LinkState::Active => None,
            LinkState::Refused(refusal) => Some(*refusal),
        };
        (held.refusal != refusal).then_some((*pair, LinkHead { refusal, ..*held }))
    });
    working.put_heads(&changed.collect::<Vec<_>>())?;
    let alarm_after = project.identity.alarm_after;
    write_groups(working, component, &found.groups, alarm_after).map(Some)
}

/// Beyond the limit nothing is divided anew: what `start` brought stays apart.
fn refuse(working: &mut Working<'_>, component: &Component, start: &[NodeId]) -> Result<(), Error> {
    let refusal = Some(Refusal::TooLarge);
    let joins = |(a, b): &(NodeId, NodeId)| start.contains(a) && start.contains(b);
    let brought = component.links.iter().filter(|(pair, _)| joins(pair));
    let refused = brought.map(|(pair, held)| (*pair, LinkHead { refusal, ..*held }));
    working.put_heads(&refused.collect::<Vec<_>>())
}

fn write_groups(
    working: &mut Working<'_>,
    component: Component,
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
            working.lead(*id, group.leader)?;
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
        judged_anew: component.judged_anew,
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
