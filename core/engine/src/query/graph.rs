//! Links around a person, with the reason of each.

use kith_base::{NodeId, PersonId, limits};
use kith_event::Identifier;

use crate::apply::refusal_code;
use crate::state::{Error, Read};
use crate::table::{self, LinkRow, PersonRow};

/// A link with both ends named. Refused links lead out of the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The end that is one of the person's nodes.
    pub from: (NodeId, Identifier),
    /// The other end.
    pub to: (NodeId, Identifier),
    /// Why and when.
    pub link: LinkRow,
    /// The code of why it joins nobody; `None` when it does.
    pub refusal: Option<&'static str>,
}

impl Edge {
    /// Stable id: the two nodes, smaller first.
    pub fn id(&self) -> String {
        let (a, b) = (self.from.0.min(self.to.0), self.from.0.max(self.to.0));
        format!("{a}.{b}")
    }
}

/// Every link of a person's nodes, each once, at most
/// [`COMPONENT_NODES_MAX`](limits::COMPONENT_NODES_MAX) per node.
pub fn edges(state: &dyn Read, person: PersonId) -> Result<Vec<Edge>, Error> {
    let Some(row): Option<PersonRow> = table::read(state, &table::person(person))? else {
        return Ok(Vec::new());
    };
    let mut edges: Vec<Edge> = Vec::new();
    for from in &row.nodes {
        let most = limits::COMPONENT_NODES_MAX;
        for (to, head) in table::neighbours(state, *from, most)?
            .into_iter()
            .take(most)
        {
            if row.nodes.contains(&to) && to < *from {
                continue;
            }
            let (Some(near), Some(far)) = (name(state, *from)?, name(state, to)?) else {
                continue;
            };
            let Some(link): Option<LinkRow> = table::read(state, &table::link(*from, to))? else {
                continue;
            };
            edges.push(Edge {
                from: (*from, near),
                to: (to, far),
                link,
                refusal: head.refusal.map(refusal_code),
            });
        }
    }
    edges.sort_by_key(|edge| (edge.link.first_at, edge.id()));
    Ok(edges)
}

fn name(state: &dyn Read, node: NodeId) -> Result<Option<Identifier>, Error> {
    let row = table::read_node(state, node)?;
    Ok(row.map(|row| Identifier::new(row.namespace, row.value)))
}
