//! Nodes, those of a person side by side.
//!
//! A node is kept under its person's leader, so that whoever looks at everybody reads the nodes of
//! one person after those of another, in the order of persons. One that leads nobody is found
//! through a row that names its leader.

use kith_base::NodeId;
use kith_base::members::{Members, content, flag, text};
use kith_profile::{Fold, Parts, Unreadable};

use super::{NodeRow, damaged, decode, end_of, key, of_version};
use crate::state::{Error, Read};

/// Prefix of all nodes.
pub const NODES: u8 = b'n';

/// Key of a node whose person is led by `leader`.
pub fn node(leader: NodeId, id: NodeId) -> Vec<u8> {
    key(NODES, &[&leader.0, &id.0])
}

/// Prefix of the nodes of the person that `leader` leads.
pub fn nodes_of(leader: NodeId) -> Vec<u8> {
    key(NODES, &[&leader.0])
}

/// The leader of a key of [`node`].
pub fn leader_of(key: &[u8]) -> Option<NodeId> {
    Some(NodeId(key.get(1..17)?.try_into().ok()?))
}

/// The node of a key of [`node`].
pub fn node_id(key: &[u8]) -> Option<NodeId> {
    Some(NodeId(key.get(17..33)?.try_into().ok()?))
}

/// Key of the leader of a node that leads nobody.
pub fn leader(id: NodeId) -> Vec<u8> {
    key(b'F', &[&id.0])
}

/// The row of a node. O(1) reads: one for a node that leads its person, three for another.
pub fn read_node(state: &dyn Read, id: NodeId) -> Result<Option<NodeRow>, Error> {
    read_node_with(state, id, decode)
}

/// The same, as far as some facts look at it.
pub(crate) fn read_node_parts(
    state: &dyn Read,
    id: NodeId,
    parts: &Parts,
) -> Result<Option<NodeRow>, Error> {
    read_node_with(state, id, |key, bytes| decode_parts(parts, key, bytes))
}

fn read_node_with(
    state: &dyn Read,
    id: NodeId,
    read: impl Fn(&[u8], &[u8]) -> Result<NodeRow, Error>,
) -> Result<Option<NodeRow>, Error> {
    let under = |leader: NodeId| {
        let key = node(leader, id);
        let bytes = state.get(&key)?;
        bytes.map(|bytes| read(&key, &bytes)).transpose()
    };
    if let Some(row) = under(id)? {
        return Ok(Some(row));
    }
    let key = leader(id);
    let Some(bytes) = state.get(&key)? else {
        return Ok(None);
    };
    match bytes.try_into() {
        Ok(leader) => under(NodeId(leader)),
        Err(_) => Err(damaged(&key, "a leader is not an id of 16 bytes")),
    }
}

/// The nodes whose ids begin with `start`, at most two.
pub fn nodes_from(state: &dyn Read, start: &[u8]) -> Result<Vec<NodeId>, Error> {
    let mut found = Vec::new();
    let mut from = key(NODES, &[start]);
    let end = end_of(&from);
    while found.len() < 2 {
        let first = state.range(&from, &end, 1)?;
        let Some(led) = first.first().and_then(|(key, _)| key.get(..17)) else {
            break;
        };
        found.extend(led[1..].try_into().map(NodeId));
        from = end_of(led);
    }
    let from = key(b'F', &[start]);
    let others = state.range(&from, &end_of(&from), 2)?;
    let others = others
        .iter()
        .filter_map(|(key, _)| key[1..].try_into().ok());
    found.extend(others.map(NodeId));
    found.truncate(2);
    Ok(found)
}

/// A node's row as far as some facts look at it.
pub(crate) fn decode_parts(parts: &Parts, key: &[u8], bytes: &[u8]) -> Result<NodeRow, Error> {
    let stored = of_version(key, bytes)?;
    let read = || -> Result<NodeRow, Unreadable> {
        let mut row = NodeRow {
            namespace: String::new(),
            value: String::new(),
            leader: NodeId([0; 16]),
            generic: false,
            pardoned: false,
            judged: false,
            probable: false,
            fold: Fold::default(),
        };
        for member in Members::of(stored)? {
            let (name, value) = member?;
            match content(name)? {
                b"namespace" => row.namespace = text(value)?.to_owned(),
                b"value" => row.value = text(value)?.to_owned(),
                b"leader" => row.leader = rmp_serde::from_slice(value)?,
                b"generic" => row.generic = flag(value)?,
                b"pardoned" => row.pardoned = flag(value)?,
                b"judged" => row.judged = flag(value)?,
                b"probable" => row.probable = flag(value)?,
                b"fold" => row.fold = parts.read(value)?,
                _ => {}
            }
        }
        Ok(row)
    };
    read().map_err(|error| damaged(key, &error.to_string()))
}
