//! Whom a node is linked with, packed: all that dividing a component reads of its links, in as few
//! rows as possible.
//!
//! A row holds neighbours by id, at 25 bytes each. A node begins with one row; a full row is
//! cut in half, as a leaf of a B-tree is, so that a link of a kiosk with a million others costs
//! no more than one row.

use kith_base::{NodeId, Timestamp};
use kith_identity::Refusal;

use super::{VERSION, end_of, key, ordered};
use crate::state::{Error, Read, Tx};

/// Most neighbours in one row: 6.4 KB. A component of 1,000 nodes with 200 neighbours each is
/// read with as many reads as it has nodes.
const ROW_MAX: usize = 256;
const ENTRY_LEN: usize = 25;
const HEADER_LEN: usize = 2;

/// What a link is as far as dividing a component looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkHead {
    /// When the earliest event that made it occurred.
    pub first_at: Timestamp,
    /// Why it joins nobody; `None` when it does.
    pub refusal: Option<Refusal>,
}

/// The far end of a link, and the link.
pub type Neighbour = (NodeId, LinkHead);

/// The stored forms of why a link joins nobody are the places in this list, from 1 on.
const REFUSALS: [Refusal; 6] = [
    Refusal::Contested,
    Refusal::Generic,
    Refusal::Limit,
    Refusal::Apart,
    Refusal::Noted,
    Refusal::TooLarge,
];

/// Neighbours of one row.
struct Leaf {
    key: Vec<u8>,
    /// Rows of the same node follow; said by its first row.
    goes_on: bool,
    neighbours: Vec<Neighbour>,
}

/// Key of the first row of a node's neighbours, and prefix of all of them.
pub fn neighbours_of(node: NodeId) -> Vec<u8> {
    key(b'M', &[&node.0])
}

fn later(node: NodeId, first: NodeId) -> Vec<u8> {
    key(b'M', &[&node.0, &first.0])
}

/// The neighbours of a node by id, at least the first `limit` of them when there are more.
pub fn neighbours(state: &dyn Read, node: NodeId, limit: usize) -> Result<Vec<Neighbour>, Error> {
    let Some(Leaf {
        goes_on,
        neighbours: mut found,
        ..
    }) = Leaf::read(state, neighbours_of(node))?
    else {
        return Ok(Vec::new());
    };
    if goes_on && found.len() < limit {
        // No row is less than half full.
        let rows = (limit - found.len()).div_ceil(ROW_MAX / 2);
        let prefix = neighbours_of(node);
        let start = later(node, NodeId([0; 16]));
        for (key, bytes) in state.range(&start, &end_of(&prefix), rows)? {
            found.extend(Leaf::decode(key, &bytes)?.neighbours);
        }
    }
    Ok(found)
}

/// The neighbours of a node when they are no more than one row holds.
pub(crate) fn few_neighbours(
    state: &dyn Read,
    node: NodeId,
) -> Result<Option<Vec<Neighbour>>, Error> {
    Ok(match Leaf::read(state, neighbours_of(node))? {
        Some(leaf) if leaf.goes_on => None,
        Some(leaf) => Some(leaf.neighbours),
        None => Some(Vec::new()),
    })
}

/// The link to one neighbour.
pub(crate) fn neighbour(
    state: &dyn Read,
    node: NodeId,
    other: NodeId,
) -> Result<Option<LinkHead>, Error> {
    let leaf = Leaf::of(state, node, other)?;
    let found = leaf.neighbours.binary_search_by_key(&other, |(id, _)| *id);
    Ok(found.ok().map(|at| leaf.neighbours[at].1))
}

/// Writes all neighbours of a node that has no more than fit into one row.
pub(crate) fn put_few_neighbours(
    tx: &mut dyn Tx,
    node: NodeId,
    neighbours: &[Neighbour],
    bytes: &mut Vec<u8>,
) {
    debug_assert!(neighbours.len() <= ROW_MAX, "they are few");
    encode(false, neighbours, bytes);
    tx.put(&neighbours_of(node), bytes.clone());
}

/// Writes links of a node, by the other ends, beside those it has: O(rows touched).
pub fn put_neighbours(tx: &mut dyn Tx, node: NodeId, mut links: &[Neighbour]) -> Result<(), Error> {
    debug_assert!(links.is_sorted_by_key(|(id, _)| *id), "they come in order");
    while let Some((first, _)) = links.first() {
        let mut leaf = Leaf::of(tx, node, *first)?;
        let last = leaf.neighbours.last().map_or(*first, |(id, _)| *id);
        let here = links.partition_point(|(id, _)| *id <= last).max(1);
        let (now, rest) = links.split_at(here);
        for (id, head) in now {
            match leaf.neighbours.binary_search_by_key(id, |(id, _)| *id) {
                Ok(at) => leaf.neighbours[at].1 = *head,
                Err(at) => leaf.neighbours.insert(at, (*id, *head)),
            }
        }
        leaf.write(tx, node);
        links = rest;
    }
    Ok(())
}

impl Leaf {
    fn read(state: &dyn Read, key: Vec<u8>) -> Result<Option<Self>, Error> {
        let bytes = state.get(&key)?;
        bytes.map(|bytes| Leaf::decode(key, &bytes)).transpose()
    }

    /// The row where a neighbour is, or would be.
    fn of(state: &dyn Read, node: NodeId, other: NodeId) -> Result<Self, Error> {
        let first = neighbours_of(node);
        let Some(leaf) = Leaf::read(state, first.clone())? else {
            return Ok(Leaf {
                key: first,
                goes_on: false,
                neighbours: Vec::new(),
            });
        };
        if !leaf.goes_on || leaf.neighbours.last().is_some_and(|(id, _)| other <= *id) {
            return Ok(leaf);
        }
        let mut end = later(node, other);
        end.push(0);
        let start = later(node, NodeId([0; 16]));
        match state.range_back(&start, &end, 1)?.pop() {
            Some((key, bytes)) => Leaf::decode(key, &bytes),
            None => Ok(leaf),
        }
    }

    fn write(mut self, tx: &mut dyn Tx, node: NodeId) {
        // What came in at once may be more than two rows hold.
        while self.neighbours.len() > ROW_MAX {
            let half = self
                .neighbours
                .split_off(self.neighbours.len() - ROW_MAX / 2);
            let mut bytes = Vec::new();
            encode(false, &half, &mut bytes);
            tx.put(&later(node, half[0].0), bytes);
            self.goes_on = self.key.len() == neighbours_of(node).len();
        }
        let mut bytes = Vec::new();
        encode(self.goes_on, &self.neighbours, &mut bytes);
        tx.put(&self.key, bytes);
    }

    fn decode(key: Vec<u8>, bytes: &[u8]) -> Result<Self, Error> {
        let damaged = |key: &[u8], reason: &str| Error::Damaged {
            key: key.escape_ascii().to_string(),
            reason: reason.to_owned(),
        };
        let (header, entries) = bytes.split_at_checked(HEADER_LEN).unwrap_or_default();
        if header.first() != Some(&VERSION) || !entries.len().is_multiple_of(ENTRY_LEN) {
            return Err(damaged(&key, "it is no row of neighbours"));
        }
        let read = entries.chunks_exact(ENTRY_LEN).map(read_entry);
        match read.collect() {
            Some(neighbours) => Ok(Leaf {
                key,
                goes_on: header[1] != 0,
                neighbours,
            }),
            None => Err(damaged(&key, "a link is refused for no known reason")),
        }
    }
}

fn encode(goes_on: bool, neighbours: &[Neighbour], bytes: &mut Vec<u8>) {
    bytes.clear();
    bytes.reserve(HEADER_LEN + neighbours.len() * ENTRY_LEN);
    bytes.extend_from_slice(&[VERSION, u8::from(goes_on)]);
    for (id, head) in neighbours {
        bytes.extend_from_slice(&id.0);
        bytes.extend_from_slice(&ordered(head.first_at));
        let place = REFUSALS.iter().position(|one| Some(*one) == head.refusal);
        bytes.push(place.map_or(0, |place| place as u8 + 1));
    }
}

fn read_entry(entry: &[u8]) -> Option<Neighbour> {
    let (id, rest) = entry.split_first_chunk::<16>()?;
    let (at, refusal) = rest.split_first_chunk::<8>()?;
    let refusal = match refusal {
        [0] => None,
        [place] => Some(*REFUSALS.get(usize::from(*place) - 1)?),
        _ => return None,
    };
    let first_at = Timestamp::from_millis((u64::from_be_bytes(*at) ^ (1 << 63)).cast_signed());
    Some((NodeId(*id), LinkHead { first_at, refusal }))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use kith_base::Random;

    use super::*;
    use crate::draft::Draft;
    use crate::state::Row;

    struct Nothing;

    impl Read for Nothing {
        fn get(&self, _: &[u8]) -> Result<Option<Vec<u8>>, Error> {
            Ok(None)
        }

        fn range(&self, _: &[u8], _: &[u8], _: usize) -> Result<Vec<Row>, Error> {
            Ok(Vec::new())
        }

        fn range_back(&self, _: &[u8], _: &[u8], _: usize) -> Result<Vec<Row>, Error> {
            Ok(Vec::new())
        }
    }

    fn link(random: &mut Random, ids: u64) -> Neighbour {
        let id = NodeId::of("user_id", &random.below(ids).to_string());
        let refused = random.below(REFUSALS.len() as u64 + 1) as usize;
        let head = LinkHead {
            first_at: Timestamp::from_millis(random.below(1_000) as i64 - 500),
            refusal: REFUSALS.get(refused).copied(),
        };
        (id, head)
    }

    #[test]
    fn holds_what_was_put_last_in_rows_that_are_half_full() {
        let mut random = Random::new(7);
        let node = NodeId::of("anonymous_id", "kiosk");
        for (most, ids) in [(1, 2_000), (40, 5_000), (1_500, 20_000)] {
            let mut draft = Draft::over(&Nothing);
            let mut model: BTreeMap<NodeId, LinkHead> = BTreeMap::new();
            for _ in 0..6_000 / most {
                let links = (0..=random.below(most)).map(|_| link(&mut random, ids));
                let links: BTreeMap<NodeId, LinkHead> = links.collect();
                model.extend(links.clone());
                let links: Vec<Neighbour> = links.into_iter().collect();
                put_neighbours(&mut draft, node, &links).unwrap();
            }
            let expect: Vec<Neighbour> = model.clone().into_iter().collect();
            assert!(expect.len() > 4 * ROW_MAX);
            assert_eq!(neighbours(&draft, node, usize::MAX).unwrap(), expect);
            for limit in [0, 1, ROW_MAX, 2 * ROW_MAX + 1, expect.len()] {
                let found = neighbours(&draft, node, limit).unwrap();
                assert!(found.len() >= limit && expect.starts_with(&found));
            }
            for _ in 0..500 {
                let (id, _) = link(&mut random, 2 * ids);
                let found = neighbour(&draft, node, id).unwrap();
                assert_eq!(found.as_ref(), model.get(&id));
            }
            assert_eq!(few_neighbours(&draft, node).unwrap(), None);
            let prefix = neighbours_of(node);
            let rows = draft.range(&prefix, &end_of(&prefix), usize::MAX).unwrap();
            for (key, bytes) in rows {
                let held = Leaf::decode(key, &bytes).unwrap().neighbours.len();
                assert!((ROW_MAX / 2..=ROW_MAX).contains(&held), "{held}");
            }
        }
    }

    #[test]
    fn damage_is_told() {
        let node = NodeId([1; 16]);
        let mut entry = vec![VERSION, 0];
        entry.extend([0; ENTRY_LEN - 1]);
        let with = |last: u8| [&*entry, &[last]].concat();
        for (bytes, expect) in [
            (with(6), None),
            (with(7), Some("no known reason")),
            (entry.clone(), Some("no row of neighbours")),
            (Vec::new(), Some("no row of neighbours")),
            (vec![VERSION + 1, 0], Some("no row of neighbours")),
        ] {
            let mut draft = Draft::over(&Nothing);
            draft.put(&neighbours_of(node), bytes);
            let error = neighbours(&draft, node, 1)
                .err()
                .map(|error| error.to_string());
            match expect {
                None => assert_eq!(error, None),
                Some(text) => assert!(error.expect("it is damaged").contains(text)),
            }
        }
    }
}
