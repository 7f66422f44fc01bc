//! Links that are probable only: they join nobody, and count for whom a merge policy says.

use std::cmp::Reverse;

use kith_base::{NodeId, PersonId, limits};
use kith_event::{Event, Identifier, ProbableLink, ProbableLinks};

use super::regroup::Regrouped;
use crate::state::Error;
use crate::table::{self, ProbableRow};
use crate::{Effect, Project, Working};

/// Keeps what was found between persons who consented to be found.
pub(super) fn apply(
    working: &mut Working<'_>,
    project: &Project,
    found: &ProbableLinks,
) -> Result<Vec<Effect>, Error> {
    working.advance_clock(found.at)?;
    for (a, b) in &found.gone {
        drop_link(working, node(project, a), node(project, b))?;
    }
    for link in &found.links {
        let (a, b) = (node(project, &link.a), node(project, &link.b));
        let known = working.node(a)?.is_some() && working.node(b)?.is_some();
        if a != b && known && consents(working, project, a)? && consents(working, project, b)? {
            keep(working, (a, b), link, found)?;
        }
    }
    Ok(Vec::new())
}

/// After an event of a person: who takes consent back has no probable link any more, nor has who
/// became one with, or was parted to be, somebody who does not consent.
pub(super) fn after(
    working: &mut Working<'_>,
    project: &Project,
    event: &Event,
    person: PersonId,
    regrouped: Option<&Regrouped>,
) -> Result<(), Error> {
    match regrouped {
        Some(groups) => check(working, project, &groups.after),
        None if kith_profile::tells_consent(event) => check(working, project, [&person]),
        None => Ok(()),
    }
}

/// Drops the links of those persons who do not consent to them.
pub(super) fn check<'a>(
    working: &mut Working<'_>,
    project: &Project,
    persons: impl IntoIterator<Item = &'a PersonId>,
) -> Result<(), Error> {
    for person in persons {
        let nodes = working.load_person(*person)?;
        let is_probable = |id: &NodeId| working.loaded(*id).is_some_and(|row| row.probable);
        let probable: Vec<NodeId> = nodes.iter().copied().filter(is_probable).collect();
        if probable.is_empty() || consents(working, project, person.node())? {
            continue;
        }
        for id in probable {
            for (other, _) in table::probables(working.read(), id)? {
                drop_link(working, id, other)?;
            }
            working.known_node_mut(id)?.probable = false;
        }
    }
    Ok(())
}

fn node(project: &Project, identifier: &Identifier) -> NodeId {
    let normal = project.identity.normalise(identifier);
    let named = normal.as_ref().unwrap_or(identifier);
    NodeId::of(&named.namespace, &named.value)
}

/// True when the node's person granted the category that links need.
fn consents(working: &mut Working<'_>, project: &Project, id: NodeId) -> Result<bool, Error> {
    let category = &*project.identity.probabilistic.consent;
    let person = working.person_of(id)?;
    let nodes = working.load_person(person)?;
    let said = nodes.iter().filter_map(|id| {
        let fold = &working.loaded(*id)?.fold;
        fold.consents.get(category)
    });
    let latest = said.max_by_key(|latest| latest.stamp);
    Ok(latest.is_some_and(|latest| latest.value.granted))
}

/// Writes a link; of the links of a node beyond the limit the least probable goes.
fn keep(
    working: &mut Working<'_>,
    (a, b): (NodeId, NodeId),
    link: &ProbableLink,
    found: &ProbableLinks,
) -> Result<(), Error> {
    drop_link(working, a, b)?;
    for (from, to) in [(a, b), (b, a)] {
        let mut held = table::probables(working.read(), from)?;
        if held.len() >= limits::PROBABLE_PER_NODE_MAX {
            held.sort_by_key(|(other, row)| (Reverse(row.confidence), *other));
            let Some((least, row)) = held
                .pop()
                .filter(|(_, row)| row.confidence < link.confidence)
            else {
                return Ok(());
            };
            debug_assert!(row.confidence < link.confidence && least != to);
            drop_link(working, from, least)?;
        }
    }
    let mut reasons = link.reasons.clone();
    reasons.truncate(limits::PROBABLE_REASONS_MAX);
    let row = table::encode(&ProbableRow {
        basis: link.basis,
        confidence: link.confidence.min(1_000),
        at: found.at,
        reasons,
    });
    for (from, to) in [(a, b), (b, a)] {
        working.tx().put(&table::probable(from, to), row.clone());
        working.known_node_mut(from)?.probable = true;
    }
    let rank = table::probable_rank(link.confidence.min(1_000), a, b);
    working.tx().put(&rank, Vec::new());
    Ok(())
}

fn drop_link(working: &mut Working<'_>, a: NodeId, b: NodeId) -> Result<(), Error> {
    let key = table::probable(a, b);
    let Some(row): Option<ProbableRow> = table::read(working.read(), &key)? else {
        return Ok(());
    };
    working.tx().delete(&key);
    working.tx().delete(&table::probable(b, a));
    let rank = table::probable_rank(row.confidence, a, b);
    working.tx().delete(&rank);
    Ok(())
}
