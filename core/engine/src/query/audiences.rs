//! Audiences: sizes, members, entries and exits, and what is still being computed.

use kith_base::{PersonId, Timestamp};

use crate::state::{Error, Read};
use crate::table::{self, JobRow, MembershipChange, MembershipRow};

/// How large an audience is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AudienceState {
    /// Members now; exact.
    pub size: u64,
    /// How far finding its members has come; `None` when they are found.
    pub job: Option<JobRow>,
    /// Members at the end of each hour in which the number changed, oldest first.
    pub hours: Vec<(Timestamp, u64)>,
}

/// The size of an audience and its last `hours` changes.
pub fn audience(state: &dyn Read, id: &str, hours: usize) -> Result<AudienceState, Error> {
    let prefix = table::audience_hours_of(id);
    let rows = state.range_back(&prefix, &table::end_of(&prefix), hours)?;
    let hours = rows.into_iter().rev().map(|(key, bytes)| {
        let hour = table::number(&key[prefix.len()..]).cast_signed();
        let at = Timestamp::from_millis(hour.saturating_mul(3_600_000));
        (at, table::number(&bytes))
    });
    Ok(AudienceState {
        size: table::read_number(state, &table::audience_size(id))?,
        job: table::read(state, &table::job(id))?,
        hours: hours.collect(),
    })
}

/// Members by id after `after`, at most `limit`, with the instant of entry.
pub fn members(
    state: &dyn Read,
    id: &str,
    after: Option<PersonId>,
    limit: usize,
) -> Result<Vec<(PersonId, Timestamp)>, Error> {
    let prefix = table::members_of(id);
    let start = after.map_or_else(
        || prefix.clone(),
        |person| {
            let mut start = table::member(id, person);
            start.push(0);
            start
        },
    );
    let rows = state.range(&start, &table::end_of(&prefix), limit)?;
    let member = |(key, bytes): (Vec<u8>, Vec<u8>)| {
        let since = Timestamp::from_millis(table::number(&bytes).cast_signed());
        Some((table::member_person(&key)?, since))
    };
    Ok(rows.into_iter().filter_map(member).collect())
}

/// Where a person is a member, with the instants of entry.
pub fn memberships(state: &dyn Read, person: PersonId) -> Result<MembershipRow, Error> {
    Ok(table::read(state, &table::membership(person))?.unwrap_or_default())
}

/// Entries and exits of one audience, or of all, newest first, at most `limit`. Looks at the
/// newest `scan` changes.
pub fn membership_changes(
    state: &dyn Read,
    id: Option<&str>,
    scan: usize,
    limit: usize,
) -> Result<Vec<MembershipChange>, Error> {
    let all = table::membership_changes(state, scan)?;
    let wanted = |change: &MembershipChange| id.is_none_or(|id| id == change.audience);
    Ok(all.into_iter().filter(wanted).take(limit).collect())
}
