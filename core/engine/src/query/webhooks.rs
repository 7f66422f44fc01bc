//! Webhooks and exports: what is to be sent, what was.

use kith_base::{PersonId, Timestamp};
use kith_event::{ChangePlace, Export, Position};

use crate::state::{Error, Read};
use crate::table::{self, DeliveryRow, DeliveryState, Happening, WebhookRow};

/// How far a webhook has come; `None` before it was ever live.
pub fn webhook(state: &dyn Read, id: &str) -> Result<Option<WebhookRow>, Error> {
    table::read(state, &table::webhook(id))
}

/// Deliveries in one state before a place, newest change first, at most `limit`.
pub fn deliveries(
    state: &dyn Read,
    webhook: &str,
    standing: DeliveryState,
    before: Option<ChangePlace>,
    limit: usize,
) -> Result<Vec<(ChangePlace, DeliveryRow)>, Error> {
    let prefix = table::deliveries_of(webhook, standing);
    let end = match before {
        Some(place) => table::delivery(webhook, standing, place),
        None => table::end_of(&prefix),
    };
    let rows = state.range_back(&prefix, &end, limit)?;
    rows.iter()
        .filter_map(|(key, bytes)| Some((table::place_of(key)?, table::decode(key, bytes))))
        .map(|(place, row)| Ok((place, row?)))
        .collect()
}

/// One delivery with where it stands.
pub fn delivery(
    state: &dyn Read,
    webhook: &str,
    place: ChangePlace,
) -> Result<Option<(DeliveryState, DeliveryRow)>, Error> {
    for standing in DeliveryState::ALL {
        let key = table::delivery(webhook, standing, place);
        if let Some(row) = table::read(state, &key)? {
            return Ok(Some((standing, row)));
        }
    }
    Ok(None)
}

/// Deliveries to be tried again that are due, the longest due first.
pub fn due(
    state: &dyn Read,
    webhook: &str,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<(ChangePlace, DeliveryRow)>, Error> {
    let (start, end) = table::retries_until(webhook, now);
    let mut found = Vec::new();
    for (key, _) in state.range(&start, &end, limit)? {
        let place = table::place_of(&key).unwrap_or_default();
        let row = table::delivery(webhook, DeliveryState::Waiting, place);
        if let Some(row) = table::read(state, &row)? {
            found.push((place, row));
        }
    }
    Ok(found)
}

/// Changes of membership and of traits from a place on, in order, at most `limit`.
pub fn changes_from(
    state: &dyn Read,
    from: ChangePlace,
    limit: usize,
) -> Result<Vec<(ChangePlace, Happening)>, Error> {
    let mut found: Vec<(ChangePlace, Happening)> = Vec::new();
    let start = table::membership_change(from.0, from.1);
    for (key, bytes) in state.range(&start, &table::end_of(b"u"), limit)? {
        let change = Happening::Membership(table::decode(&key, &bytes)?);
        found.extend(table::place_of(&key).map(|place| (place, change)));
    }
    for (key, bytes) in state.range(&table::trait_change(from), &table::end_of(b"U"), limit)? {
        let change = Happening::Trait(table::decode(&key, &bytes)?);
        found.extend(table::place_of(&key).map(|place| (place, change)));
    }
    found.sort_by_key(|(place, _)| *place);
    found.truncate(limit);
    Ok(found)
}

/// Changes of membership that one record caused, at most `limit`.
pub fn changes_at(
    state: &dyn Read,
    position: Position,
    limit: usize,
) -> Result<Vec<(ChangePlace, Happening)>, Error> {
    let mut changes = changes_from(state, (position, 0), limit)?;
    changes.retain(|(place, _)| place.0 == position);
    Ok(changes)
}

/// Exports before one, newest first, at most `limit`.
pub fn exports(state: &dyn Read, before: Option<&str>, limit: usize) -> Result<Vec<Export>, Error> {
    let end = match before {
        Some(id) => table::export(id),
        None => table::end_of(b"X"),
    };
    let rows = state.range_back(b"X", &end, limit)?;
    rows.iter()
        .map(|(key, bytes)| table::decode(key, bytes))
        .collect()
}

/// One export.
pub fn export(state: &dyn Read, export_id: &str) -> Result<Option<Export>, Error> {
    table::read(state, &table::export(export_id))
}

/// Persons by id after `after`, at most `limit`.
pub fn persons(
    state: &dyn Read,
    after: Option<PersonId>,
    limit: usize,
) -> Result<Vec<PersonId>, Error> {
    let start = match after {
        Some(person) => [table::person(person), vec![0]].concat(),
        None => b"p".to_vec(),
    };
    let rows = state.range(&start, &table::end_of(b"p"), limit)?;
    let id = |key: &[u8]| Some(PersonId(key.get(1..17)?.try_into().ok()?));
    Ok(rows.iter().filter_map(|(key, _)| id(key)).collect())
}
