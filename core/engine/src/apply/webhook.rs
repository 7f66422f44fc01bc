//! Webhooks: from where on they are told, what became of each delivery.

use kith_base::{Timestamp, limits};
use kith_event::{Attempt, ChangePlace, DefinitionChange, Deliveries, Outcome, Position, Resend};

use crate::state::Error;
use crate::table::{self, DeliveryRow, DeliveryState, Happening, MembershipChange, WebhookRow};
use crate::{Effect, Working};

/// A webhook that begins, or begins again, is told what happens from here on.
pub(super) fn defined(
    working: &mut Working<'_>,
    position: Position,
    change: &DefinitionChange,
) -> Result<(), Error> {
    let key = table::webhook(&change.id);
    if change.archived {
        return forget(working, &change.id);
    }
    let before: WebhookRow = table::read(working.tx(), &key)?.unwrap_or_default();
    let enabled = change.spec.value().path("enabled") != &kith_base::Value::Bool(false);
    let active = before.active && before.gone_at.is_none();
    let through = match active {
        true => before.through,
        false => (position, 0),
    };
    let row = WebhookRow {
        through,
        active: enabled,
        gone_at: None,
        ..before
    };
    working.tx().put(&key, table::encode(&row));
    Ok(())
}

/// What was kept of a webhook out of use is dropped.
fn forget(working: &mut Working<'_>, id: &str) -> Result<(), Error> {
    let tx = working.tx();
    tx.delete(&table::webhook(id));
    let (first, last) = table::retries_until(id, Timestamp::from_millis(i64::MAX));
    let mut ranges = vec![(first, last)];
    for state in DeliveryState::ALL {
        let prefix = table::deliveries_of(id, state);
        let end = table::end_of(&prefix);
        ranges.push((prefix, end));
    }
    for (start, end) in ranges {
        for (key, _) in tx.range(&start, &end, usize::MAX)? {
            tx.delete(&key);
        }
    }
    Ok(())
}

pub(super) fn apply(
    working: &mut Working<'_>,
    deliveries: &Deliveries,
) -> Result<Vec<Effect>, Error> {
    let key = table::webhook(&deliveries.webhook);
    // Archived while the delivery was under way.
    let Some(mut row): Option<WebhookRow> = table::read(working.tx(), &key)? else {
        return Ok(Vec::new());
    };
    for attempt in &deliveries.attempts {
        tried(
            working,
            &deliveries.webhook,
            &mut row,
            deliveries.at,
            attempt,
        )?;
    }
    row.through = row.through.max(deliveries.through);
    row.withheld += deliveries.withheld;
    if deliveries.gone {
        row.gone_at = Some(deliveries.at);
    }
    working.tx().put(&key, table::encode(&row));
    Ok(Vec::new())
}

fn tried(
    working: &mut Working<'_>,
    webhook: &str,
    row: &mut WebhookRow,
    at: Timestamp,
    attempt: &Attempt,
) -> Result<(), Error> {
    let place = attempt.change;
    let Some(mut delivery) = take(working, webhook, row, place)? else {
        return Ok(());
    };
    delivery.tries += 1;
    delivery.attempts.push((at, attempt.clone()));
    let most = limits::WEBHOOK_ATTEMPTS_KEPT_MAX;
    let excess = delivery.attempts.len().saturating_sub(most);
    delivery.attempts.drain(..excess);
    let state = match attempt.outcome {
        Outcome::Delivered => {
            row.delivered += 1;
            DeliveryState::Delivered
        }
        Outcome::Retry(next_at) => {
            delivery.next_at = Some(next_at);
            DeliveryState::Waiting
        }
        Outcome::Dead => DeliveryState::Dead,
    };
    keep(working, webhook, row, state, place, &delivery)
}

/// Takes a delivery from where it stands; one that was never tried is made from its change.
fn take(
    working: &mut Working<'_>,
    webhook: &str,
    row: &mut WebhookRow,
    place: ChangePlace,
) -> Result<Option<DeliveryRow>, Error> {
    for state in DeliveryState::ALL {
        let key = table::delivery(webhook, state, place);
        let Some(mut delivery): Option<DeliveryRow> = table::read(working.tx(), &key)? else {
            continue;
        };
        working.tx().delete(&key);
        if let Some(next_at) = delivery.next_at.take() {
            working.tx().delete(&table::retry(webhook, next_at, place));
        }
        *count(row, state) = count(row, state).saturating_sub(1);
        return Ok(Some(delivery));
    }
    let key = table::membership_change(place.0, place.1);
    let change: Option<MembershipChange> = table::read(working.tx(), &key)?;
    let change = match change {
        Some(change) => Some(Happening::Membership(change)),
        None => table::read(working.tx(), &table::trait_change(place))?.map(Happening::Trait),
    };
    Ok(change.map(|change| DeliveryRow {
        change,
        tries: 0,
        attempts: Vec::new(),
        next_at: None,
    }))
}

fn count(row: &mut WebhookRow, state: DeliveryState) -> &mut u64 {
    match state {
        DeliveryState::Delivered => &mut row.kept,
        DeliveryState::Waiting => &mut row.waiting,
        DeliveryState::Dead => &mut row.dead,
    }
}

/// Puts a delivery where it stands now; of those that are only kept, the oldest makes room.
fn keep(
    working: &mut Working<'_>,
    webhook: &str,
    row: &mut WebhookRow,
    state: DeliveryState,
    place: ChangePlace,
    delivery: &DeliveryRow,
) -> Result<(), Error> {
    let tx = working.tx();
    let key = table::delivery(webhook, state, place);
    tx.put(&key, table::encode(delivery));
    if let Some(next_at) = delivery.next_at {
        tx.put(&table::retry(webhook, next_at, place), Vec::new());
    }
    *count(row, state) += 1;
    let most = match state {
        DeliveryState::Delivered => limits::WEBHOOK_DELIVERED_MAX,
        DeliveryState::Dead => limits::WEBHOOK_DEAD_MAX,
        DeliveryState::Waiting => return Ok(()),
    };
    if *count(row, state) > most as u64 {
        let prefix = table::deliveries_of(webhook, state);
        for (oldest, _) in tx.range(&prefix, &table::end_of(&prefix), 1)? {
            tx.delete(&oldest);
            *count(row, state) -= 1;
        }
    }
    Ok(())
}

/// Dead letters wait again, to be tried at once.
pub(super) fn resend(working: &mut Working<'_>, resend: &Resend) -> Result<Vec<Effect>, Error> {
    let key = table::webhook(&resend.webhook);
    let Some(mut row): Option<WebhookRow> = table::read(working.tx(), &key)? else {
        return Ok(Vec::new());
    };
    for place in &resend.changes {
        let dead = table::delivery(&resend.webhook, DeliveryState::Dead, *place);
        if working.tx().get(&dead)?.is_none() {
            continue;
        }
        let Some(mut delivery) = take(working, &resend.webhook, &mut row, *place)? else {
            continue;
        };
        delivery.tries = 0;
        delivery.next_at = Some(resend.at);
        let waiting = DeliveryState::Waiting;
        keep(
            working,
            &resend.webhook,
            &mut row,
            waiting,
            *place,
            &delivery,
        )?;
    }
    working.tx().put(&key, table::encode(&row));
    Ok(Vec::new())
}
