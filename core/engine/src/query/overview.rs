//! Counts for the overview, refused inputs, and where an event stands.

use std::collections::BTreeMap;

use kith_base::Timestamp;
use kith_event::{Event, Kind, Position};

use crate::state::{Error, Read};
use crate::table::{self, HourRow, RefusedRow, SeenRow, SourceHour};

/// What the state holds, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overview {
    /// Events applied, repeats left out.
    pub events: u64,
    /// Persons.
    pub persons: u64,
    /// Catalog items.
    pub items: u64,
    /// Refused inputs still open.
    pub refused_open: u64,
    /// Events of the current and the last hour by label, most first.
    pub names: Vec<(String, u64)>,
    /// Sources in the current and the last hour.
    pub sources: BTreeMap<String, SourceHour>,
}

/// The numbers as of `now`.
pub fn overview(state: &dyn Read, now: Timestamp) -> Result<Overview, Error> {
    let number = |name| table::read_number(state, &table::mark(name));
    let mut overview = Overview {
        events: number(table::EVENTS)?,
        persons: number(table::PERSONS)?,
        items: number(table::ITEMS)?,
        refused_open: number(table::REFUSED_OPEN)?,
        ..Overview::default()
    };
    let mut names: BTreeMap<String, u64> = BTreeMap::new();
    let hour = u64::try_from(now.as_millis() / 3_600_000).unwrap_or(0);
    for hour in [hour.saturating_sub(1), hour] {
        let Some(row): Option<HourRow> = table::read(state, &table::hour(hour))? else {
            continue;
        };
        for (name, count) in row.names {
            *names.entry(name).or_default() += count;
        }
        for (id, seen) in row.sources {
            let source = overview.sources.entry(id).or_default();
            source.events += seen.events;
            source.last_at = source.last_at.max(seen.last_at);
        }
    }
    overview.names = names.into_iter().collect();
    overview
        .names
        .sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Ok(overview)
}

/// Events received in each of the last `count` minutes, oldest first.
pub fn minutes(
    state: &dyn Read,
    now: Timestamp,
    count: u64,
) -> Result<Vec<(Timestamp, u64)>, Error> {
    let last = u64::try_from(now.as_millis() / 60_000).unwrap_or(0);
    let first = last.saturating_sub(count.saturating_sub(1));
    let read = |minute: u64| {
        let at = Timestamp::from_millis((minute * 60_000).cast_signed());
        Ok((at, table::read_number(state, &table::minute(minute))?))
    };
    (first..=last).map(read).collect()
}

/// A refused input; its text is in the log at `position`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedEntry {
    /// Where it stands: its id.
    pub position: Position,
    /// What became of it.
    pub row: RefusedRow,
}

/// One refused input.
pub fn refused(state: &dyn Read, position: Position) -> Result<Option<RefusedEntry>, Error> {
    let row: Option<RefusedRow> = table::read(state, &table::refused(position))?;
    Ok(row.map(|row| RefusedEntry { position, row }))
}

/// Refused inputs before `before`, newest first.
pub fn refusals(
    state: &dyn Read,
    before: Option<Position>,
    limit: usize,
) -> Result<Vec<RefusedEntry>, Error> {
    let end = before.map_or_else(|| table::end_of(b"x"), table::refused);
    let read = |(key, bytes): (Vec<u8>, Vec<u8>)| {
        let row = table::decode(&key, &bytes)?;
        Ok(RefusedEntry {
            position: table::number(&key[1..]),
            row,
        })
    };
    state
        .range_back(b"x", &end, limit)?
        .into_iter()
        .map(read)
        .collect()
}

/// Where the event of a message id stands, for any kind of any of the sources.
pub fn event_position<'a>(
    state: &dyn Read,
    sources: impl Iterator<Item = &'a str>,
    message_id: &str,
) -> Result<Option<Position>, Error> {
    for source in sources {
        for kind in Kind::ALL {
            let key = Event::deduplication_key_of(source, kind, message_id);
            let row = state.get(&table::seen(key))?;
            if let Some(seen) = row.and_then(|bytes| SeenRow::from_bytes(&bytes)) {
                return Ok(Some(seen.position));
            }
        }
    }
    Ok(None)
}
