//! What is old is forgotten: message ids past their window, membership changes past theirs.
//!
//! Message ids are rows in the order of their digests, so that old ones lie everywhere among the
//! others, and a sweep walks round the table for ever. It goes on with the log: for every record
//! it looks at four rows. Whatever the rate of events, a walk round the rows of `w` days then
//! takes `w / 4` days of that traffic, and the table comes to hold no more than 4/3 of the
//! window. The rows are looked at in steps small enough not to hold up the fold. Ticks
//! sweep too, so that a table fills and empties also when the traffic ebbs.

use kith_base::{Timestamp, limits};
use kith_event::Position;

use crate::Working;
use crate::state::{Error, Read};
use crate::table::{self, MembershipChange, RegroupRow, SeenRow, WebhookRow};

/// Records between two sweeps.
const RECORDS: u64 = (limits::SWEEP_ROWS_MAX / 4) as u64;

/// Sweeps when the record at `position` is the turn of it.
pub(super) fn after(working: &mut Working<'_>, position: Position) -> Result<(), Error> {
    match (position + 1).is_multiple_of(RECORDS) {
        true => sweep(working),
        false => Ok(()),
    }
}

/// One step in each table.
pub(super) fn sweep(working: &mut Working<'_>) -> Result<(), Error> {
    let now = working.clock()?;
    message_ids(working, now)?;
    membership_changes(working, now)?;
    regroupings(working, now)
}

fn message_ids(working: &mut Working<'_>, now: Timestamp) -> Result<(), Error> {
    let mark = table::mark(table::SWEEP);
    let start = working.tx().get(&mark)?.unwrap_or_else(|| vec![b's']);
    let most = limits::SWEEP_ROWS_MAX;
    let rows = Read::range(working.tx(), &start, &table::end_of(b"s"), most)?;
    let full = rows.len() == most;
    let mut next = vec![b's'];
    for (key, bytes) in rows {
        let expired = SeenRow::from_bytes(&bytes).is_none_or(|seen| {
            !seen.permanent && now.day() - i64::from(seen.day) > limits::DEDUPLICATION_DAYS
        });
        if expired {
            working.tx().delete(&key);
        }
        next = key;
        next.push(0);
    }
    let next = if full { next } else { vec![b's'] };
    working.tx().put(&mark, next);
    Ok(())
}

/// A change that a webhook has still to be told stays, and all behind it.
fn membership_changes(working: &mut Working<'_>, now: Timestamp) -> Result<(), Error> {
    let end = untold(working)?.unwrap_or_else(|| table::end_of(b"u"));
    let is_old = |key: &[u8], bytes: &[u8]| {
        let change: MembershipChange = table::decode(key, bytes)?;
        Ok(now.day() - change.at.day() > limits::MEMBERSHIP_CHANGES_DAYS)
    };
    front(working, (table::CHANGES_FROM, b'u'), &end, is_old)
}

fn regroupings(working: &mut Working<'_>, now: Timestamp) -> Result<(), Error> {
    let is_old = |key: &[u8], bytes: &[u8]| {
        let row: RegroupRow = table::decode(key, bytes)?;
        Ok(now.day() - row.at.day() > limits::IDENTITY_CHANGES_DAYS)
    };
    let list = (table::REGROUPINGS_FROM, b'K');
    front(working, list, &table::end_of(b"K"), is_old)
}

/// A list is in the order of the log: what is old stands in front.
fn front(
    working: &mut Working<'_>,
    (mark, prefix): (&str, u8),
    end: &[u8],
    is_old: impl Fn(&[u8], &[u8]) -> Result<bool, Error>,
) -> Result<(), Error> {
    let mark = table::mark(mark);
    let start = working.tx().get(&mark)?.unwrap_or_else(|| vec![prefix]);
    let mut next = None;
    // One row mostly: only when it goes are the others looked at.
    for most in [1, limits::SWEEP_ROWS_MAX - 1] {
        let from = next.clone().unwrap_or_else(|| start.clone());
        for (mut key, bytes) in Read::range(working.tx(), &from, end, most)? {
            if !is_old(&key, &bytes)? {
                return keep_mark(working, &mark, next);
            }
            working.tx().delete(&key);
            key.push(0);
            next = Some(key);
        }
        if next.is_none() {
            break;
        }
    }
    keep_mark(working, &mark, next)
}

/// So that no sweep reads over what the earlier ones deleted.
fn keep_mark(working: &mut Working<'_>, mark: &[u8], next: Option<Vec<u8>>) -> Result<(), Error> {
    if let Some(next) = next {
        working.tx().put(mark, next);
    }
    Ok(())
}

/// Key of the first change that an active webhook has not passed.
fn untold(working: &mut Working<'_>) -> Result<Option<Vec<u8>>, Error> {
    let most = limits::DEFINITIONS_PER_KIND_MAX;
    let rows = Read::range(working.tx(), b"W", &table::end_of(b"W"), most)?;
    let mut first = None;
    for (key, bytes) in rows {
        let webhook: WebhookRow = table::decode(&key, &bytes)?;
        if webhook.active && webhook.gone_at.is_none() {
            first = Some(first.map_or(webhook.through, |place| webhook.through.min(place)));
        }
    }
    Ok(first.map(|place| table::membership_change(place.0, place.1)))
}
