//! The links that the state holds.

use std::collections::BTreeMap;

use kith_base::{NodeId, Timestamp};
use kith_engine::state::{self, Read};
use kith_engine::table::{self, ProbableRow};
use kith_event::Basis;

/// Rows read at once.
const PAGE: usize = 1_000;

/// Two nodes, the smaller first.
pub(crate) type Pair = (NodeId, NodeId);

/// Two nodes, the smaller first.
pub(crate) fn pair(a: NodeId, b: NodeId) -> Pair {
    (a.min(b), a.max(b))
}

/// Every link, in the order of confidence.
pub(crate) fn each(
    state: &dyn Read,
    mut see: impl FnMut(Pair, ProbableRow),
) -> Result<(), state::Error> {
    let end = table::probable_ranks_end();
    let mut start = table::probable_ranks_from(u16::MAX);
    loop {
        let page = state.range(&start, &end, PAGE)?;
        for (key, _) in &page {
            let Some((a, b)) = table::probable_ends(key) else {
                continue;
            };
            if let Some(row) = between(state, (a, b))? {
                see((a, b), row);
            }
        }
        match page.last() {
            Some((last, _)) if page.len() == PAGE => start = [&last[..], &[0]].concat(),
            _ => return Ok(()),
        }
    }
}

/// The link between two nodes.
pub(crate) fn between(state: &dyn Read, (a, b): Pair) -> Result<Option<ProbableRow>, state::Error> {
    table::read(state, &table::probable(a, b))
}

/// Links that follow from traits, and what else there is.
#[derive(Default)]
pub(crate) struct Held {
    /// With the confidence of each.
    pub links: BTreeMap<Pair, u16>,
    /// How many other links each node has.
    pub others: BTreeMap<NodeId, usize>,
}

/// Every link, by what it follows from.
pub(crate) fn of_records(state: &dyn Read) -> Result<Held, state::Error> {
    let mut held = Held::default();
    each(state, |pair, row| match row.basis {
        Basis::Records => {
            held.links.insert(pair, row.confidence);
        }
        Basis::Visitors | Basis::Household => {
            for node in [pair.0, pair.1] {
                *held.others.entry(node).or_default() += 1;
            }
        }
    })?;
    Ok(held)
}

/// When the newest link that follows from visits was found.
pub(crate) fn newest_of_visits(state: &dyn Read) -> Result<Option<Timestamp>, state::Error> {
    let mut newest = None;
    each(state, |_, row| {
        if row.basis != Basis::Records {
            newest = newest.max(Some(row.at));
        }
    })?;
    Ok(newest)
}
