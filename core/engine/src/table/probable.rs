//! Probable links, from both ends and in the order of their confidence.

use kith_base::{NodeId, Timestamp, limits};
use kith_event::Basis;
use serde::{Deserialize, Serialize};

use super::{decode, end_of, key, link_target};
use crate::state::{Error, Read};

/// A link that is probable only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProbableRow {
    /// From what it follows.
    pub basis: Basis,
    /// How probable it is, in thousandths.
    pub confidence: u16,
    /// When it was found.
    pub at: Timestamp,
    /// What speaks for it and against it, in bits.
    pub reasons: Vec<(String, f32)>,
}

/// Key of a probable link as seen from `from`.
pub fn probable(from: NodeId, to: NodeId) -> Vec<u8> {
    key(b'J', &[&from.0, &to.0])
}

/// The probable links of a node, by the others' ids.
pub fn probables(state: &dyn Read, of: NodeId) -> Result<Vec<(NodeId, ProbableRow)>, Error> {
    let prefix = key(b'J', &[&of.0]);
    let rows = state.range(&prefix, &end_of(&prefix), limits::PROBABLE_PER_NODE_MAX)?;
    let read = |(key, bytes): &(Vec<u8>, Vec<u8>)| {
        let target = link_target(key);
        target.map(|target| Ok((target, decode(key, bytes)?)))
    };
    rows.iter().filter_map(read).collect()
}

/// Key of a probable link in the order of falling confidence.
pub fn probable_rank(confidence: u16, a: NodeId, b: NodeId) -> Vec<u8> {
    let falling = u16::MAX - confidence;
    let (a, b) = (a.min(b), a.max(b));
    key(b'j', &[&falling.to_be_bytes(), &a.0, &b.0])
}

/// The first key of links of at most this confidence.
pub fn probable_ranks_from(confidence: u16) -> Vec<u8> {
    key(b'j', &[&(u16::MAX - confidence).to_be_bytes()])
}

/// Where the links in the order of confidence end.
pub fn probable_ranks_end() -> Vec<u8> {
    end_of(b"j")
}

/// The ends that a key in the order of confidence names.
pub fn probable_ends(rank_key: &[u8]) -> Option<(NodeId, NodeId)> {
    let end = |from: usize| Some(NodeId(rank_key.get(from..from + 16)?.try_into().ok()?));
    Some((end(3)?, end(19)?))
}
