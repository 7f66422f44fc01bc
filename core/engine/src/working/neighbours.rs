//! Links of nodes: those of one node are held while they are few.

use kith_base::NodeId;

use super::Working;
use crate::state::{Error, Read};
use crate::table::{self, LinkHead, LinkRow, Neighbour};

/// All links of a node.
#[derive(Debug)]
pub(super) enum Neighbours {
    /// Each of them, by the far end; written when the batch ends.
    Few(Vec<Neighbour>),
    /// More than are held; written at once.
    Many,
}

impl Neighbours {
    /// Most links held: a device or a person has a handful, and what has more is read each time.
    pub const HELD_MAX: usize = 16;

    fn read(tx: &dyn Read, node: NodeId) -> Result<Self, Error> {
        let few = table::few_neighbours(tx, node)?;
        let few = few.filter(|few| few.len() <= Neighbours::HELD_MAX);
        Ok(few.map_or(Neighbours::Many, Neighbours::Few))
    }

    /// Sets links, by the far ends. `None` when they have become many: those before are answered.
    fn put(&mut self, links: &[Neighbour]) -> Option<Vec<Neighbour>> {
        let Neighbours::Few(held) = self else {
            return None;
        };
        for (other, head) in links {
            match held.binary_search_by_key(other, |(id, _)| *id) {
                Ok(at) => held[at].1 = *head,
                Err(at) => held.insert(at, (*other, *head)),
            }
        }
        if held.len() <= Neighbours::HELD_MAX {
            return None;
        }
        let all = std::mem::take(held);
        *self = Neighbours::Many;
        Some(all)
    }
}

impl Working<'_> {
    /// The node is new: the store has no links of it.
    pub(super) fn knows_no_neighbours(&mut self, node: NodeId) -> Result<(), Error> {
        let none = || Ok(Neighbours::Few(Vec::new()));
        self.cache.neighbours.get(&node, none)?;
        Ok(())
    }

    /// The link between two nodes.
    pub(crate) fn link(&mut self, from: NodeId, to: NodeId) -> Result<Option<LinkHead>, Error> {
        let tx: &dyn Read = self.tx;
        let load = || Neighbours::read(tx, from);
        match self.cache.neighbours.get(&from, load)? {
            Neighbours::Few(held) => {
                let found = held.binary_search_by_key(&to, |(id, _)| *id);
                Ok(found.ok().map(|at| held[at].1))
            }
            Neighbours::Many => {
                let load = || table::neighbour(tx, from, to);
                Ok(*self.cache.links.get(&(from, to), load)?)
            }
        }
    }

    /// What a link rests on.
    pub(crate) fn link_row(&self, a: NodeId, b: NodeId) -> Result<Option<LinkRow>, Error> {
        table::read(&*self.tx, &table::link(a, b))
    }

    /// Writes a link and what it rests on.
    pub(crate) fn put_link(
        &mut self,
        (a, b): (NodeId, NodeId),
        head: LinkHead,
        row: &LinkRow,
    ) -> Result<(), Error> {
        self.tx.put(&table::link(a, b), table::encode(row));
        self.put_heads(&[((a, b), head)])
    }

    /// Writes links from both ends, each node's together.
    pub(crate) fn put_heads(
        &mut self,
        links: &[((NodeId, NodeId), LinkHead)],
    ) -> Result<(), Error> {
        let ends = links.iter();
        let ends = ends.flat_map(|((a, b), head)| [(*a, (*b, *head)), (*b, (*a, *head))]);
        let mut ends: Vec<(NodeId, Neighbour)> = ends.collect();
        ends.sort_unstable_by_key(|(from, (to, _))| (*from, *to));
        for of_one in ends.chunk_by(|(one, _), (other, _)| one == other) {
            let node = of_one[0].0;
            let links: Vec<Neighbour> = of_one.iter().map(|(_, link)| *link).collect();
            self.put_neighbours(node, &links)?;
        }
        Ok(())
    }

    fn put_neighbours(&mut self, node: NodeId, links: &[Neighbour]) -> Result<(), Error> {
        let tx: &dyn Read = self.tx;
        let load = || Neighbours::read(tx, node);
        let held = self.cache.neighbours.change(&node, load)?;
        if let Neighbours::Few(_) = held {
            return match held.put(links) {
                Some(all) => table::put_neighbours(self.tx, node, &all),
                None => Ok(()),
            };
        }
        for (other, head) in links {
            if let Some(known) = self.cache.links.find(&(node, *other)) {
                *known = Some(*head);
            }
        }
        table::put_neighbours(self.tx, node, links)
    }

    /// The neighbours of a node, by id, or the first of them, at least `limit`.
    pub(crate) fn neighbours(
        &mut self,
        node: NodeId,
        limit: usize,
    ) -> Result<Vec<Neighbour>, Error> {
        let tx: &dyn Read = self.tx;
        let load = || Neighbours::read(tx, node);
        match self.cache.neighbours.get(&node, load)? {
            Neighbours::Few(held) => Ok(held.clone()),
            Neighbours::Many => table::neighbours(tx, node, limit),
        }
    }
}

#[cfg(test)]
mod tests {
    use kith_base::Timestamp;

    use super::*;

    #[test]
    fn holds_a_few_in_order() {
        let link = |id: u8, at| {
            let first_at = Timestamp::from_millis(at);
            let refusal = None;
            (NodeId([id; 16]), LinkHead { first_at, refusal })
        };
        let mut neighbours = Neighbours::Few(Vec::new());
        for (id, at) in [(3, 5), (1, 6), (3, 7)] {
            assert_eq!(neighbours.put(&[link(id, at)]), None);
        }
        let Neighbours::Few(held) = &neighbours else {
            panic!("two are few");
        };
        assert_eq!(*held, [link(1, 6), link(3, 7)]);
        let more: Vec<Neighbour> = (10..10 + Neighbours::HELD_MAX as u8)
            .map(|id| link(id, 8))
            .collect();
        let all = neighbours.put(&more).expect("now they are many");
        assert_eq!(all.len(), Neighbours::HELD_MAX + 2);
        assert!(matches!(neighbours, Neighbours::Many));
        assert_eq!(neighbours.put(&more), None);
    }
}
