//! What hangs together by links, gathered from the rows.

use std::collections::BTreeMap;

use kith_base::{Index, NodeId, Timestamp, limits};
use kith_event::{Identifier, Says};
use kith_identity::Node;

use crate::state::Error;
use crate::table::{LinkHead, VerdictRow};
use crate::{Project, Working};

/// Everything reachable from some nodes.
#[derive(Default)]
pub(super) struct Component {
    pub nodes: BTreeMap<NodeId, Node>,
    pub leaders: BTreeMap<NodeId, NodeId>,
    /// The smaller id first, each once.
    pub links: Vec<((NodeId, NodeId), LinkHead)>,
    pub verdicts: BTreeMap<(NodeId, NodeId), VerdictRow>,
    /// Identifiers that became generic, or are so no longer.
    pub judged_anew: Vec<(Identifier, bool)>,
}

impl Component {
    /// Walks the links from `start`. A generic identifier is an end: nothing is reached through
    /// it, so a kiosk does not make every visitor's component as large as its own. `anew` asks
    /// again which are generic, and begins with whoever is one person now.
    pub fn collect(
        working: &mut Working<'_>,
        project: &Project,
        start: &[NodeId],
        anew: bool,
    ) -> Result<Component, Error> {
        let mut walk = Walk {
            project,
            anew,
            found: Component::default(),
            open: start.to_vec(),
            places: Index::default(),
            met: Vec::new(),
        };
        while let Some(id) = walk.open.pop() {
            if !walk.known(id).visited {
                walk.visit(working, id)?;
            }
        }
        let mut found = std::mem::take(&mut walk.found);
        let within = |(a, b): &(NodeId, NodeId)| walk.known(*a).visited && walk.known(*b).visited;
        found.links.retain(|(pair, _)| within(pair));
        found.verdicts.retain(|pair, _| within(pair));
        Ok(found)
    }
}

struct Walk<'a> {
    project: &'a Project,
    anew: bool,
    found: Component,
    open: Vec<NodeId>,
    /// Where each node that was met stands in `met`.
    places: Index<NodeId>,
    met: Vec<Met>,
}

/// What the walk knows of a node.
#[derive(Clone, Copy, Default)]
struct Met {
    /// It is in the component.
    visited: bool,
    /// All its links are gathered: from the other end they are known.
    gathered: bool,
    /// Whether it is of a unique kind, once that was asked.
    unique: Option<bool>,
}

impl Walk<'_> {
    fn known(&self, id: NodeId) -> Met {
        let place = self.places.find(&id);
        place.map_or_else(Met::default, |place| self.met[place])
    }

    fn met(&mut self, id: NodeId) -> &mut Met {
        let place = self.places.find(&id).unwrap_or_else(|| {
            self.places.insert(id, self.met.len());
            self.met.push(Met::default());
            self.met.len() - 1
        });
        &mut self.met[place]
    }

    fn visit(&mut self, working: &mut Working<'_>, id: NodeId) -> Result<(), Error> {
        let Some(row) = working.node(id)? else {
            return Ok(());
        };
        let mut node = Node {
            id,
            namespace: row.namespace.clone(),
            generic: row.generic,
            pardoned: row.pardoned,
        };
        let (leader, judged) = (row.leader, row.judged);
        let names_nobody = self.anew && self.project.identity.blocks(&row.identifier());
        self.found.leaders.insert(id, leader);
        if self.anew && id == leader {
            // What held them together may be no more.
            self.open.extend(working.load_person(leader.person())?);
        } else if self.anew {
            self.open.push(leader);
        }
        self.met(id).visited = true;
        if node.generic && !self.anew {
            self.found.nodes.insert(id, node);
            return Ok(());
        }
        let neighbours = self.neighbours(working, &node)?;
        let was_generic = node.generic;
        node.generic = names_nobody || self.is_generic(working, &node, &neighbours)?;
        if node.generic != was_generic {
            let row = working.known_node_mut(id)?;
            row.generic = node.generic;
            let judged = (row.identifier(), node.generic);
            self.found.judged_anew.push(judged);
        }
        let ends_here = node.generic && self.anew;
        self.found.nodes.insert(id, node);
        let goes_on = self.found.nodes.len() <= limits::COMPONENT_NODES_MAX && !ends_here;
        if !ends_here {
            self.gather(id, neighbours, goes_on);
        }
        if judged {
            for (other, row) in working.verdicts_of(id)? {
                let is_followed = goes_on && row.says == Says::Same;
                self.open.extend(is_followed.then_some(other));
                let pair = (id.min(other), id.max(other));
                self.found.verdicts.insert(pair, row);
            }
        }
        Ok(())
    }

    fn may_be_generic(&self, node: &Node) -> bool {
        !node.pardoned && !self.project.identity.namespace(&node.namespace).is_unique()
    }

    /// The neighbours of a node, with the links that are not known from the other end, or that
    /// may tell that it is generic.
    fn neighbours(
        &self,
        working: &mut Working<'_>,
        node: &Node,
    ) -> Result<Vec<(NodeId, Option<LinkHead>)>, Error> {
        let may_be_generic = self.may_be_generic(node);
        let wanted = |other: NodeId| {
            let known = self.known(other);
            (may_be_generic && known.unique != Some(false)) || !known.gathered
        };
        working.links_of(node.id, limits::COMPONENT_NODES_MAX + 1, &wanted)
    }

    fn gather(&mut self, id: NodeId, links: Vec<(NodeId, Option<LinkHead>)>, goes_on: bool) {
        for (other, link) in links {
            let known = self.known(other);
            let link = link.filter(|_| !known.gathered);
            let pair = (id.min(other), id.max(other));
            self.found.links.extend(link.map(|link| (pair, link)));
            self.open
                .extend((goes_on && !known.visited).then_some(other));
        }
        self.met(id).gathered = true;
    }

    /// True when it met more unique ids than the rules allow; a pardoned one never did.
    fn is_generic(
        &mut self,
        working: &mut Working<'_>,
        node: &Node,
        neighbours: &[(NodeId, Option<LinkHead>)],
    ) -> Result<bool, Error> {
        if !self.may_be_generic(node) {
            return Ok(false);
        }
        let rules = &self.project.identity;
        let mut met: Vec<Timestamp> = Vec::new();
        for (id, link) in neighbours {
            let is_unique = match self.known(*id).unique {
                Some(known) => known,
                None => {
                    let row = working.node(*id)?;
                    let found = row.is_some_and(|row| rules.namespace(&row.namespace).is_unique());
                    self.met(*id).unique = Some(found);
                    found
                }
            };
            let link = link.as_ref().filter(|_| is_unique);
            met.extend(link.map(|link| link.first_at));
        }
        Ok(rules.generic.is_passed_by(met))
    }
}
