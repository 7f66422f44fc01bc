//! Links of an event, and the persons that follow from them.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::{NodeId, PersonId, limits};
use kith_event::{Event, Says};
use kith_identity::{Group, Link, LinkState, Node, Refusal, partition};

use super::component::Component;
use super::regroup::Regrouped;
use crate::state::Error;
use crate::table::{self, LinkRow};
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
        let since = (event.occurred_at, &*event.message_id);
        let known = working.link(*owner, *other)?;
        if known.is_none_or(|row| since < (row.first_at, &*row.message_id)) {
            let fresh = LinkRow {
                first_at: event.occurred_at,
                kind: event.kind,
                source: event.source.clone(),
                message_id: event.message_id.clone(),
                refusal: known.and_then(|row| row.refusal.clone()),
            };
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
    let component = Component::collect(working, project, &[start], true)?;
    let nodes = component.nodes.keys().copied().collect();
    let groups = divide_component(working, project, &component, &[start])?;
    Ok(groups.map(|groups| (nodes, groups)))
}

/// Divides the component around `start` into persons and writes what changed.
fn divide(
    working: &mut Working<'_>,
    project: &Project,
    start: &[NodeId],
) -> Result<Option<Regrouped>, Error> {
    let component = Component::collect(working, project, start, false)?;
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
    for (((a, b), held), state) in component.links.iter().zip(&found.states) {
        let refusal = match state {
            LinkState::Active => None,
            LinkState::Refused(refusal) => Some(refusal_code(*refusal)),
        };
        if held.refusal.as_deref() != refusal {
            refuse_link(working, *a, *b, refusal)?;
        }
    }
    let alarm_after = project.identity.alarm_after;
    write_groups(working, component, &found.groups, alarm_after).map(Some)
}

/// Beyond the limit nothing is divided anew: what `start` brought stays apart.
fn refuse(working: &mut Working<'_>, component: &Component, start: &[NodeId]) -> Result<(), Error> {
    let refusal = Some(refusal_code(Refusal::TooLarge));
    let joins = |a: &NodeId, b: &NodeId| start.contains(a) && start.contains(b);
    for ((a, b), _) in component.links.iter().filter(|((a, b), _)| joins(a, b)) {
        refuse_link(working, *a, *b, refusal)?;
    }
    Ok(())
}

/// Writes why a known link joins nobody, or that it does.
fn refuse_link(
    working: &mut Working<'_>,
    a: NodeId,
    b: NodeId,
    refusal: Option<&str>,
) -> Result<(), Error> {
    let Some(row) = working.link(a, b)?.cloned() else {
        return Ok(());
    };
    let refusal = refusal.map(str::to_owned);
    working.put_link(a, b, &LinkRow { refusal, ..row })
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
