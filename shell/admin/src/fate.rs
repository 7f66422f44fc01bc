//! What became of an event, step by step, from what is recorded.

use kith_base::{PersonId, limits};
use kith_definition::{Kind, Webhook};
use kith_engine::query;
use kith_engine::table::{DeliveryState, Happening, WebhookRow};
use kith_event::{ChangePlace, Event, Position};
use kith_runtime::View;

use crate::problem::Problem;
use crate::wire::{Fate, FateStep};

/// Most entries and exits that are named.
const CHANGES_MAX: usize = 100;

/// The steps an event went through, in order.
pub fn of(
    view: &View,
    position: Position,
    event: &Event,
    person: Option<PersonId>,
) -> Result<Vec<Fate>, Problem> {
    let mut fate = before_audiences(position, event, person);
    let changes = query::changes_at(&*view.state, position, CHANGES_MAX)?;
    let clock = query::clock(&*view.state)?;
    let past = clock.day() - event.received_at.day() > limits::MEMBERSHIP_CHANGES_DAYS;
    let flips = changes
        .iter()
        .filter(|(_, one)| matches!(one, Happening::Membership(_)));
    let flips: Vec<String> = flips.map(|(_, one)| in_person(one, person)).collect();
    let audiences = match flips.is_empty() {
        false => flips.join("; "),
        true if past => "entries and exits of that day are no longer listed".to_owned(),
        true => "nobody entered or left an audience by it".to_owned(),
    };
    fate.push(taken(FateStep::Audiences, event, audiences));
    fate.push(deliveries(view, &changes, person)?);
    Ok(fate)
}

fn taken(step: FateStep, event: &Event, detail: String) -> Fate {
    Fate {
        step,
        at: Some(event.received_at.into()),
        detail,
    }
}

fn before_audiences(position: Position, event: &Event, person: Option<PersonId>) -> Vec<Fate> {
    let clock_ms = event
        .original_at
        .map_or(0, |at| event.occurred_at.since(at).as_millis());
    let clock = match clock_ms {
        0 => "the client's time was taken as it is".to_owned(),
        off => format!("the client's clock was corrected by {off} ms"),
    };
    let resolved = match person {
        Some(person) => format!("belongs to person {person}"),
        None => "no person is known by its identifiers".to_owned(),
    };
    let received = format!("sent with a write key of the source {}", event.source);
    let stored = format!("stored at log position {position}; {clock}");
    let folded = "the profile and the catalog's counts include it".to_owned();
    vec![
        taken(FateStep::Received, event, received),
        taken(FateStep::Normalised, event, stored),
        taken(FateStep::Resolved, event, resolved),
        taken(FateStep::Folded, event, folded),
    ]
}

/// In words; whoever it is not about is named.
fn in_person(change: &Happening, person: Option<PersonId>) -> String {
    let what = match change {
        Happening::Membership(one) if one.entered => format!("entered {}", one.audience),
        Happening::Membership(one) => format!("left {}", one.audience),
        Happening::Trait(one) => format!("has another {}", one.name),
    };
    match Some(change.person()) == person {
        true => what,
        false => format!("person {} {what}", change.person()),
    }
}

/// What webhooks were told of the changes, or are going to be.
fn deliveries(
    view: &View,
    changes: &[(ChangePlace, Happening)],
    person: Option<PersonId>,
) -> Result<Fate, Problem> {
    let mut fate = Fate {
        step: FateStep::Deliveries,
        at: None,
        detail: "it causes no message".to_owned(),
    };
    if changes.is_empty() {
        return Ok(fate);
    }
    let mut told = Vec::new();
    let mut open = false;
    let limit = limits::DEFINITIONS_PER_KIND_MAX;
    let kind = Kind::Webhook.as_str();
    for found in query::live_definitions(&*view.state, kind, limit)? {
        let webhook = Webhook::parse(&found.row.spec).ok();
        let row = query::webhook(&*view.state, &found.id)?;
        let (Some(webhook), Some(row)) = (webhook, row) else {
            continue;
        };
        for (place, change) in changes.iter().filter(|(_, one)| one.concerns(&webhook)) {
            let delivery = query::delivery(&*view.state, &found.id, *place)?;
            let (standing, at) = match delivery {
                Some((state, delivery)) => {
                    let at = delivery.attempts.last().map(|(at, _)| *at);
                    fate.at = fate.at.max(at.map(Into::into));
                    open |= state == DeliveryState::Waiting;
                    (in_words(state, delivery.tries), at)
                }
                None => {
                    open |= is_ahead(&row, *place);
                    (without_delivery(&row, *place), None)
                }
            };
            let at = at.map(|at| format!(" at {at}")).unwrap_or_default();
            told.push(format!(
                "{}: {}, {standing}{at}",
                found.id,
                in_person(change, person)
            ));
        }
    }
    if !told.is_empty() {
        fate.detail = told.join("; ");
    }
    if open {
        fate.at = None;
    }
    Ok(fate)
}

fn in_words(state: DeliveryState, tries: u32) -> String {
    let tried = match tries {
        1 => "tried once".to_owned(),
        tries => format!("tried {tries} times"),
    };
    match state {
        DeliveryState::Delivered => "delivered".to_owned(),
        DeliveryState::Waiting => format!("to be tried again, {tried}, last"),
        DeliveryState::Dead => format!("a dead letter, {tried}, last"),
    }
}

/// Not looked at yet, and to be told.
fn is_ahead(row: &WebhookRow, place: ChangePlace) -> bool {
    row.active && row.gone_at.is_none() && place >= row.through
}

fn without_delivery(row: &WebhookRow, place: ChangePlace) -> String {
    if is_ahead(row, place) {
        return "to be sent".to_owned();
    }
    if place >= row.through {
        return "not sent: the webhook is off".to_owned();
    }
    "nothing is kept of it: consent was missing, the webhook was set up later, or it is long ago"
        .to_owned()
}
