//! Keys of audiences: members, sizes, changes, jobs and series.

use kith_base::{NodeId, PersonId};
use kith_event::Position;
use kith_profile::SeriesId;

use super::{JobRow, MembershipChange, SeriesRow, decode, end_of, key, mark};
use crate::state::{Error, Read};

/// Prefix of all memberships.
pub const MEMBERSHIPS: u8 = b'e';

/// Key of a person's memberships.
pub fn membership(person: PersonId) -> Vec<u8> {
    key(MEMBERSHIPS, &[&person.0])
}

/// Key of a member.
pub fn member(audience: &str, person: PersonId) -> Vec<u8> {
    key(b'g', &[audience.as_bytes(), &[0], &person.0])
}

/// Prefix of an audience's members.
pub fn members_of(audience: &str) -> Vec<u8> {
    key(b'g', &[audience.as_bytes(), &[0]])
}

/// The person of a member key.
pub fn member_person(member_key: &[u8]) -> Option<PersonId> {
    let at = member_key.len().checked_sub(16)?;
    Some(PersonId(member_key.get(at..)?.try_into().ok()?))
}

/// Key of a node on a list.
pub fn listed(audience: &str, node: NodeId) -> Vec<u8> {
    key(b'k', &[audience.as_bytes(), &[0], &node.0])
}

/// Prefix of the nodes on a list.
pub fn listed_of(audience: &str) -> Vec<u8> {
    key(b'k', &[audience.as_bytes(), &[0]])
}

/// Key of the number of an audience's members.
pub fn audience_size(audience: &str) -> Vec<u8> {
    mark(&format!("size/{audience}"))
}

/// Key of the number of members at the end of an hour.
pub fn audience_hour(audience: &str, hour: u64) -> Vec<u8> {
    key(b'G', &[audience.as_bytes(), &[0], &hour.to_be_bytes()])
}

/// Prefix of an audience's sizes.
pub fn audience_hours_of(audience: &str) -> Vec<u8> {
    key(b'G', &[audience.as_bytes(), &[0]])
}

/// Key of an entry or exit. `number` tells those of one record apart.
pub fn membership_change(position: Position, number: u32) -> Vec<u8> {
    key(b'u', &[&position.to_be_bytes(), &number.to_be_bytes()])
}

/// Entries and exits, newest first, at most `limit`.
pub fn membership_changes(state: &dyn Read, limit: usize) -> Result<Vec<MembershipChange>, Error> {
    let rows = state.range_back(b"u", &end_of(b"u"), limit)?;
    rows.iter().map(|(key, bytes)| decode(key, bytes)).collect()
}

/// Key of the job that finds an audience's members.
pub fn job(audience: &str) -> Vec<u8> {
    key(b'b', &[audience.as_bytes()])
}

/// Audiences whose members are being found, by id.
pub fn jobs(state: &dyn Read) -> Result<Vec<(String, JobRow)>, Error> {
    let most = kith_base::limits::DEFINITIONS_PER_KIND_MAX;
    let rows = state.range(b"b", &end_of(b"b"), most)?;
    rows.iter()
        .map(|(key, bytes)| {
            let id = String::from_utf8_lossy(&key[1..]).into_owned();
            Ok((id, decode(key, bytes)?))
        })
        .collect()
}

/// Key of a series.
pub fn series(id: SeriesId) -> Vec<u8> {
    key(b'f', &[&id.0.to_be_bytes()])
}

/// Every series that is kept.
pub fn series_rows(state: &dyn Read) -> Result<Vec<(SeriesId, SeriesRow)>, Error> {
    let rows = state.range(b"f", &end_of(b"f"), usize::MAX)?;
    rows.iter()
        .map(|(key, bytes)| Ok((SeriesId(super::number(&key[1..])), decode(key, bytes)?)))
        .collect()
}
