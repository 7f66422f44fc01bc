//! Probable links as people see them: those of one person, and those that wait for a decision.

use std::collections::BTreeMap;

use kith_base::{NodeId, PersonId, limits};
use kith_event::{Basis, Identifier, Says};
use kith_identity::MergePolicy;

use super::linked::{Hindrance, hindrance};
use crate::Project;
use crate::state::{Error, Read};
use crate::table::{self, PersonRow, ProbableRow, VerdictRow};

/// One end of a probable link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// The node.
    pub node: NodeId,
    /// What it is called.
    pub identifier: Identifier,
    /// Whose it is.
    pub person: PersonId,
}

/// A probable link with both ends named.
#[derive(Clone, Debug, PartialEq)]
pub struct Probable {
    /// One end.
    pub from: End,
    /// The other.
    pub to: End,
    /// How probable it is, and why.
    pub row: ProbableRow,
    /// Why it counts under no policy.
    pub hindrance: Option<Hindrance>,
    /// The most careful policy under which it counts.
    pub policy: Option<MergePolicy>,
}

impl Probable {
    /// Stable id: the two nodes, smaller first.
    pub fn id(&self) -> String {
        let (a, b) = (self.from.node, self.to.node);
        format!("{}.{}", a.min(b), a.max(b))
    }
}

/// How often operators agreed with links of about this confidence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// One person, they said.
    pub same: u64,
    /// Two.
    pub different: u64,
}

/// The probable links of a person's nodes to other persons, the most probable first.
pub fn probable_of(
    state: &dyn Read,
    project: &Project,
    person: PersonId,
) -> Result<Vec<Probable>, Error> {
    let row: Option<PersonRow> = table::read(state, &table::person(person))?;
    let mut found = Vec::new();
    for node in row.map(|row| row.nodes).unwrap_or_default() {
        for (other, row) in table::probables(state, node)? {
            found.extend(named(state, project, (node, other), row)?);
        }
    }
    found.retain(|link| link.from.person != link.to.person);
    found.sort_by(|a, b| (b.row.confidence, a.id()).cmp(&(a.row.confidence, b.id())));
    Ok(found)
}

/// The probable link between two nodes; `None` when there is none.
pub fn probable_between(
    state: &dyn Read,
    project: &Project,
    (a, b): (NodeId, NodeId),
) -> Result<Option<Probable>, Error> {
    let row: Option<ProbableRow> = table::read(state, &table::probable(a, b))?;
    row.map_or(Ok(None), |row| named(state, project, (a, b), row))
}

/// Links that an operator should look at, the most probable first: those that are probable but
/// count under no careful policy, and those that would, were both not customers with numbers of
/// their own. At most `limit` of them, found among the first [`limits::REVIEW_ROWS_MAX`].
pub fn reviews(state: &dyn Read, project: &Project, limit: usize) -> Result<Vec<Probable>, Error> {
    let rules = &project.identity;
    let least = u16::try_from(rules.probabilistic.review_percent * 10).unwrap_or(u16::MAX);
    let (start, end) = (
        table::probable_ranks_from(u16::MAX),
        table::probable_ranks_from(least.saturating_sub(1)),
    );
    let mut found = Vec::new();
    for (key, _) in state.range(&start, &end, limits::REVIEW_ROWS_MAX)? {
        let Some(ends) = table::probable_ends(&key) else {
            continue;
        };
        let Some(link) = probable_between(state, project, ends)? else {
            continue;
        };
        let is_open = link.from.person != link.to.person && link.row.basis != Basis::Household;
        let waits = match link.hindrance {
            None => link
                .policy
                .is_none_or(|policy| policy > MergePolicy::Strict),
            Some(Hindrance::Unique) => true,
            Some(_) => false,
        };
        if is_open && waits {
            found.push(link);
        }
        if found.len() == limit {
            break;
        }
    }
    Ok(found)
}

/// What operators said of pairs that are probable links, by tens of percent of confidence.
pub fn agreement(
    state: &dyn Read,
    verdicts: impl IntoIterator<Item = ((NodeId, NodeId), Says)>,
) -> Result<BTreeMap<u8, Agreement>, Error> {
    let mut found: BTreeMap<u8, Agreement> = BTreeMap::new();
    for ((a, b), says) in verdicts {
        let row: Option<ProbableRow> = table::read(state, &table::probable(a, b))?;
        let Some(row) = row else {
            continue;
        };
        let tens = u8::try_from(row.confidence.min(999) / 100 * 10).unwrap_or(90);
        let agreement = found.entry(tens).or_default();
        match says {
            Says::Same => agreement.same += 1,
            Says::Different => agreement.different += 1,
            _ => {}
        }
    }
    Ok(found)
}

fn named(
    state: &dyn Read,
    project: &Project,
    (from, to): (NodeId, NodeId),
    row: ProbableRow,
) -> Result<Option<Probable>, Error> {
    let (Some(from), Some(to)) = (end(state, from)?, end(state, to)?) else {
        return Ok(None);
    };
    let said: Option<VerdictRow> = table::read(state, &table::verdict(from.node, to.node))?;
    let is_apart = said.is_some_and(|row| row.says == Says::Different);
    let hindrance = match is_apart {
        true => Some(Hindrance::Apart),
        false => hindrance(state, project, from.person, to.person)?,
    };
    let counts = |policy: &MergePolicy| {
        let least = project.identity.least_confidence(*policy);
        least.is_some_and(|least| row.confidence >= least)
    };
    let policies = [MergePolicy::Strict, MergePolicy::Loose];
    let policy = policies.into_iter().find(counts);
    let policy = policy.filter(|_| hindrance.is_none() && row.basis != Basis::Household);
    Ok(Some(Probable {
        from,
        to,
        row,
        hindrance,
        policy,
    }))
}

fn end(state: &dyn Read, node: NodeId) -> Result<Option<End>, Error> {
    let row = table::read_node(state, node)?;
    Ok(row.map(|row| End {
        node,
        identifier: row.identifier(),
        person: row.leader.person(),
    }))
}
