//! Keys and rows of grants and coupon codes.

use kith_base::{Amount, NodeId, Timestamp, limits};
use kith_event::{Code, Position};
use serde::{Deserialize, Serialize};

use super::{decode, end_of, key};
use crate::state::{Error, Read};

/// What of an offer is granted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferRow {
    /// Grants, ever.
    pub granted: u64,
    /// Money they took.
    #[serde(default)]
    pub spent: Amount,
    /// Codes that were uploaded.
    #[serde(default)]
    pub uploaded: u64,
    /// How many of these are given out.
    #[serde(default)]
    pub given: u64,
    /// Grants that were used up.
    #[serde(default)]
    pub used: u64,
}

/// One offer granted to one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantRow {
    /// Id of the grant.
    pub grant_id: NodeId,
    /// When.
    pub granted_at: Timestamp,
    /// First instant at which they no longer have it.
    pub expires_at: Timestamp,
    /// What they redeem.
    #[serde(default)]
    pub code: Option<Code>,
    /// When it was used up.
    #[serde(default)]
    pub used_at: Option<Timestamp>,
}

impl GrantRow {
    /// True while the person has it.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.used_at.is_none() && now < self.expires_at
    }
}

/// Key of what of an offer is granted.
pub fn offer(id: &str) -> Vec<u8> {
    key(b'O', &[id.as_bytes()])
}

/// Key of a grant, the latest of an offer first.
pub fn grant(node: NodeId, offer: &str, position: Position) -> Vec<u8> {
    let mut key = grants_of(node, offer);
    key.extend_from_slice(&(!position).to_be_bytes());
    key
}

/// Prefix of a node's grants of an offer.
pub fn grants_of(node: NodeId, offer: &str) -> Vec<u8> {
    key(b'R', &[&node.0, offer.as_bytes(), &[0]])
}

/// A node's grants of an offer with their keys, the latest first.
pub fn grants(
    state: &dyn Read,
    node: NodeId,
    offer: &str,
) -> Result<Vec<(Vec<u8>, GrantRow)>, Error> {
    let prefix = grants_of(node, offer);
    let rows = state.range(&prefix, &end_of(&prefix), limits::GRANTS_PER_NODE_MAX)?;
    let read = |(key, bytes): (Vec<u8>, Vec<u8>)| {
        let row = decode(&key, &bytes)?;
        Ok((key, row))
    };
    rows.into_iter().map(read).collect()
}

/// Key of a code of an offer, by the order in which codes are given out.
pub fn coupon(offer: &str, number: u64) -> Vec<u8> {
    key(b'T', &[offer.as_bytes(), &[0], &number.to_be_bytes()])
}

/// Key that says that an offer has a code, or had it.
pub fn coupon_known(offer: &str, code: &Code) -> Vec<u8> {
    key(b'V', &[offer.as_bytes(), &[0], code.0.as_bytes()])
}
