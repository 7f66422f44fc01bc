//! What affinities are learnt from: the site's interests, and items as they were.

use kith_base::DecayedSum;
use kith_event::Position;
use kith_profile::SeriesId;
use serde::{Deserialize, Serialize};

use super::{end_of, key};
use crate::state::{Error, Read};

/// Key of all interest of the site in a series; the prefix of the interest in each key.
pub fn site(id: SeriesId) -> Vec<u8> {
    key(b'B', &[&id.0.to_be_bytes()])
}

/// Key of the site's interest in one key.
pub fn site_key(id: SeriesId, hash: u64, of: &str) -> Vec<u8> {
    key(
        b'B',
        &[&id.0.to_be_bytes(), &hash.to_be_bytes(), of.as_bytes()],
    )
}

/// Key of what an item became at a position.
pub fn item_version(item_id: &str, position: Position) -> Vec<u8> {
    key(
        b'C',
        &[item_id.as_bytes(), &[0], &(!position).to_be_bytes()],
    )
}

/// What an item was before the record at a position; empty when it was not there.
pub fn item_at(state: &dyn Read, item_id: &str, position: Position) -> Result<Vec<u8>, Error> {
    let first = item_version(item_id, position.saturating_sub(1));
    let end = end_of(&key(b'C', &[item_id.as_bytes(), &[0]]));
    let found = match position {
        0 => Vec::new(),
        _ => state.range(&first, &end, 1)?,
    };
    Ok(found.into_iter().next().map_or_else(Vec::new, |row| row.1))
}

/// What the whole site is drawn to, in one series of an affinity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteRow {
    /// All interest.
    #[serde(default)]
    pub total: DecayedSum,
    /// Keys with a row of their own.
    #[serde(default)]
    pub keys: u64,
    /// How often the space of hashes was halved so that they fit.
    #[serde(default)]
    pub halvings: u32,
}

impl SiteRow {
    /// The greatest hash of a key that is kept.
    pub fn greatest(&self) -> u64 {
        u64::MAX.checked_shr(self.halvings).unwrap_or(0)
    }
}
