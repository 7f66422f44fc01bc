//! A person's timeline: the merge of the nodes' timelines, newest first.

use std::mem::discriminant;

use kith_base::{PersonId, Timestamp};
use kith_event::Position;

use crate::state::{Error, Read};
use crate::table::{self, Entry, PersonRow};

/// One entry; its record is in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineEntry {
    /// When it happened.
    pub at: Timestamp,
    /// Where its record stands.
    pub position: Position,
    /// What it is.
    pub entry: Entry,
}

/// At most `limit` entries before (`at`, `position`), newest first; of one kind when asked.
/// O(nodes · limit).
pub fn timeline(
    state: &dyn Read,
    person: PersonId,
    before: Option<(Timestamp, Position)>,
    only: Option<Entry>,
    limit: usize,
) -> Result<Vec<TimelineEntry>, Error> {
    let Some(row): Option<PersonRow> = table::read(state, &table::person(person))? else {
        return Ok(Vec::new());
    };
    let mut entries = Vec::new();
    for node in row.nodes {
        let prefix = table::timeline_of(node);
        let mut end = match before {
            Some((at, position)) => table::timeline(node, at, position),
            None => table::end_of(&prefix),
        };
        let mut wanted = limit;
        while wanted > 0 {
            let rows = state.range_back(&prefix, &end, wanted)?;
            let last = rows.len() < wanted;
            for (key, bytes) in rows {
                let Some((at, position)) = table::timeline_place(&key) else {
                    continue;
                };
                let entry = Entry::from_bytes(&bytes);
                let alike = |only: &Entry| discriminant(only) == discriminant(&entry);
                if only.as_ref().is_none_or(alike) {
                    entries.push(TimelineEntry {
                        at,
                        position,
                        entry,
                    });
                    wanted -= 1;
                }
                end = key;
            }
            if last {
                break;
            }
        }
    }
    entries.sort_by_key(|entry| std::cmp::Reverse((entry.at, entry.position)));
    entries.truncate(limit);
    Ok(entries)
}

/// Where a decision stands in the log.
pub fn decision_position(state: &dyn Read, decision_id: &str) -> Result<Option<Position>, Error> {
    Ok(state
        .get(&table::decision(decision_id))?
        .map(|bytes| table::number(&bytes)))
}
