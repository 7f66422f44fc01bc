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
            links: Vec::new(),
            open: Vec::new(),
            places: Index::default(),
            met: Vec::new(),
        };
        walk.follow(start);
        while let Some(place) = walk.open.pop() {
            if !walk.met[place].visited {
                walk.visit(working, place)?;
            }
        }
        let mut found = std::mem::take(&mut walk.found);
        let met = |place: usize| &walk.met[place];
        let within = |(a, b, _): &&(usize, usize, LinkHead)| met(*a).visited && met(*b).visited;
        let links = walk.links.iter().filter(within).map(|(a, b, head)| {
            let (a, b) = (met(*a).id, met(*b).id);
            ((a.min(b), a.max(b)), *head)
        });
        found.links = links.collect();
        let nodes = &found.nodes;
        let within = |(a, b): &(NodeId, NodeId)| nodes.contains_key(a) && nodes.contains_key(b);
        found.verdicts.retain(|pair, _| within(pair));
        Ok(found)
    }
}

struct Walk<'a> {
    project: &'a Project,
    anew: bool,
    found: Component,
    /// Links found, by the places of their ends.
    links: Vec<(usize, usize, LinkHead)>,
    open: Vec<usize>,
    /// Where each node that was met stands in `met`.
    places: Index<NodeId>,
    met: Vec<Met>,
}

/// What the walk knows of a node.
struct Met {
    id: NodeId,
    /// It is in the component.
    visited: bool,
    /// All its links are gathered: from the other end they are known.
    gathered: bool,
    /// Whether it is of a unique kind, once that was asked.
    unique: Option<bool>,
}

impl Walk<'_> {
    fn place(&mut self, id: NodeId) -> usize {
        let next = self.met.len();
        let place = self.places.find_or_insert(id, next);
        if place == next {
            self.met.push(Met {
                id,
                visited: false,
                gathered: false,
                unique: None,
            });
        }
        place
    }

    fn follow(&mut self, ids: &[NodeId]) {
        for id in ids {
            let place = self.place(*id);
            self.open.push(place);
        }
    }

    fn visit(&mut self, working: &mut Working<'_>, place: usize) -> Result<(), Error> {
        let id = self.met[place].id;
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
            let nodes = working.load_person(leader.person())?;
            self.follow(&nodes);
        } else if self.anew {
            self.follow(&[leader]);
        }
        self.met[place].visited = true;
        if node.generic && !self.anew {
            self.found.nodes.insert(id, node);
            return Ok(());
        }
        let most = limits::COMPONENT_NODES_MAX + 1;
        let neighbours = working.neighbours(id, most)?.into_iter().take(most);
        let neighbours: Vec<(usize, LinkHead)> = neighbours
            .map(|(other, head)| (self.place(other), head))
            .collect();
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
            self.gather(place, &neighbours, goes_on);
        }
        if judged {
            for (other, row) in working.verdicts_of(id)? {
                if goes_on && row.says == Says::Same {
                    self.follow(&[other]);
                }
                let pair = (id.min(other), id.max(other));
                self.found.verdicts.insert(pair, row);
            }
        }
        Ok(())
    }

    fn may_be_generic(&self, node: &Node) -> bool {
        !node.pardoned && !self.project.identity.namespace(&node.namespace).is_unique()
    }

    fn gather(&mut self, place: usize, links: &[(usize, LinkHead)], goes_on: bool) {
        for (other, link) in links {
            let known = &self.met[*other];
            if !known.gathered {
                self.links.push((place, *other, *link));
            }
            if goes_on && !known.visited {
                self.open.push(*other);
            }
        }
        self.met[place].gathered = true;
    }

    /// True when it met more unique ids than the rules allow; a pardoned one never did.
    fn is_generic(
        &mut self,
        working: &mut Working<'_>,
        node: &Node,
        neighbours: &[(usize, LinkHead)],
    ) -> Result<bool, Error> {
        if !self.may_be_generic(node) {
            return Ok(false);
        }
        let rules = &self.project.identity;
        let mut met: Vec<Timestamp> = Vec::new();
        for (other, link) in neighbours {
            let Met { id, unique, .. } = &mut self.met[*other];
            let is_unique = match *unique {
                Some(known) => known,
                None => {
                    let row = working.node(*id)?;
                    let found = row.is_some_and(|row| rules.namespace(&row.namespace).is_unique());
                    *unique.insert(found)
                }
            };
            met.extend(is_unique.then_some(link.first_at));
        }
        Ok(rules.generic.is_passed_by(met))
    }
}
