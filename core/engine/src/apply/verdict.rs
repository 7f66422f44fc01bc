//! What an operator says of identifiers: that two are one person, that they are not, or nothing
//! any more. What follows is divided anew at once; taken back, it is as if nobody had said it.

use std::collections::BTreeSet;

use kith_base::NodeId;
use kith_event::{Identifier, Position, Says, Verdict};

use super::{account, identity, probable, regroup};
use crate::state::Error;
use crate::table::{self, VerdictRow};
use crate::{Effect, Project, Working};

pub(super) fn apply(
    working: &mut Working<'_>,
    project: &Project,
    position: Position,
    verdict: &Verdict,
) -> Result<Vec<Effect>, Error> {
    working.advance_clock(verdict.at)?;
    let mut start = BTreeSet::new();
    for (a, b) in &verdict.pairs {
        let (a, b) = (node(project, a), node(project, b));
        if working.node(a)?.is_none() || working.node(b)?.is_none() {
            // The API answered an error; a record of it changes nothing.
            continue;
        }
        note(working, verdict, a, b)?;
        start.extend([a, b]);
    }
    let mut effects = Vec::new();
    while let Some(id) = start.pop_first() {
        let divided = divide(working, project, position, id, &verdict.by, &mut effects)?;
        start.retain(|id| !divided.contains(id));
    }
    Ok(effects)
}

/// Divides the component around a node anew, with all that follows for the persons. Answers its
/// nodes.
pub(super) fn divide(
    working: &mut Working<'_>,
    project: &Project,
    position: Position,
    start: NodeId,
    by: &str,
    effects: &mut Vec<Effect>,
) -> Result<BTreeSet<NodeId>, Error> {
    let Some((nodes, groups)) = identity::divide_anew(working, project, start)? else {
        return Ok(BTreeSet::new());
    };
    if groups.changes_nobody() {
        regroup::tell(working, position, &groups, &[], by)?;
        return Ok(nodes);
    }
    account::regroup(working, project, &groups)?;
    probable::check(working, project, &groups.after)?;
    if project.is_reactive() {
        regroup::after(working, project, position, &groups, effects)?;
    }
    regroup::tell(working, position, &groups, &[], by)?;
    Ok(nodes)
}

fn node(project: &Project, identifier: &Identifier) -> NodeId {
    let normal = project.identity.normalise(identifier);
    let named = normal.as_ref().unwrap_or(identifier);
    NodeId::of(&named.namespace, &named.value)
}

/// The latest word about a pair counts, in whatever order words arrive: one that takes back stays
/// too.
fn note(working: &mut Working<'_>, verdict: &Verdict, a: NodeId, b: NodeId) -> Result<(), Error> {
    if matches!(verdict.says, Says::Pardoned | Says::Unpardoned) {
        working.known_node_mut(a)?.pardoned = verdict.says == Says::Pardoned;
        return Ok(());
    }
    let key = table::verdict(a, b);
    let known: Option<VerdictRow> = table::read(working.tx(), &key)?;
    let is_later = |row: VerdictRow| (row.at, row.says) > (verdict.at, verdict.says);
    // Nobody is another person than themselves, nor needs to be told to be one.
    if a == b || known.is_some_and(is_later) {
        return Ok(());
    }
    let row = table::encode(&VerdictRow {
        says: verdict.says,
        at: verdict.at,
        by: verdict.by.clone(),
        reason: verdict.reason.clone(),
    });
    for (from, to) in [(a, b), (b, a)] {
        working.tx().put(&table::verdict(from, to), row.clone());
        working.known_node_mut(from)?.judged = true;
    }
    Ok(())
}
