//! Keys and rows of webhooks and exports.

use std::collections::BTreeMap;

use kith_base::{PersonId, Timestamp};
use kith_definition::{Webhook, WebhookEvent};
use kith_event::{Attempt, ChangePlace, Position};
use serde::{Deserialize, Serialize};

use super::{MembershipChange, end_of, key, mark, number, ordered};

/// How far a webhook has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookRow {
    /// Changes before this place were tried, or do not concern the webhook.
    pub through: ChangePlace,
    /// Deliveries are made.
    pub active: bool,
    /// When the endpoint said that it wants no more.
    #[serde(default)]
    pub gone_at: Option<Timestamp>,
    /// Deliveries that wait to be tried again.
    #[serde(default)]
    pub waiting: u64,
    /// Dead letters kept.
    #[serde(default)]
    pub dead: u64,
    /// Delivered ones kept.
    #[serde(default)]
    pub kept: u64,
    /// Deliveries made, ever.
    #[serde(default)]
    pub delivered: u64,
    /// Changes not sent for want of consent, ever.
    #[serde(default)]
    pub withheld: u64,
}

/// Where a delivery stands; the sign in its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeliveryState {
    /// The endpoint took it.
    Delivered,
    /// It is tried again.
    Waiting,
    /// It is not tried again by itself.
    Dead,
}

impl DeliveryState {
    /// Every state.
    pub const ALL: [DeliveryState; 3] = [
        DeliveryState::Delivered,
        DeliveryState::Waiting,
        DeliveryState::Dead,
    ];

    const fn sign(self) -> u8 {
        match self {
            DeliveryState::Delivered => b'd',
            DeliveryState::Waiting => b'w',
            DeliveryState::Dead => b'x',
        }
    }
}

/// What webhooks are told of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Happening {
    /// Somebody entered an audience, or left it.
    Membership(MembershipChange),
    /// A computed trait of somebody changed.
    Trait(TraitChange),
}

impl Happening {
    /// True when a webhook is to be told of it.
    pub fn concerns(&self, webhook: &Webhook) -> bool {
        let change = match self {
            Happening::Membership(change) => change,
            Happening::Trait(change) => return webhook.trait_changes.contains(&change.name),
        };
        let event = match change.entered {
            true => WebhookEvent::Entered,
            false => WebhookEvent::Left,
        };
        webhook.events.contains(&event) && webhook.audiences.contains(&change.audience)
    }

    /// Whose.
    pub fn person(&self) -> PersonId {
        match self {
            Happening::Membership(change) => change.person,
            Happening::Trait(change) => change.person,
        }
    }

    /// When.
    pub fn at(&self) -> Timestamp {
        match self {
            Happening::Membership(change) => change.at,
            Happening::Trait(change) => change.at,
        }
    }
}

/// A computed trait of a person has another value than was told before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraitChange {
    /// Who.
    pub person: PersonId,
    /// Name of the trait.
    pub name: String,
    /// What was told before, as JSON text.
    pub old: String,
    /// What it is, as JSON text.
    pub new: String,
    /// When it became that; of changes told together, when they are told.
    pub at: Timestamp,
}

/// The values of a person's computed traits that webhooks were told, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraitsRow {
    /// By name of the trait.
    pub told: BTreeMap<String, ToldTrait>,
}

/// A value as it was told, or as it was when telling began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldTrait {
    /// As JSON text.
    pub value: String,
    /// When it was last told.
    #[serde(default)]
    pub at: Option<Timestamp>,
    /// Since when changes of the trait are told at all.
    pub watched_from: Position,
}

/// One happening on its way to one webhook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeliveryRow {
    /// What is delivered.
    pub change: Happening,
    /// Tries since it was first tried, or last asked to be sent again.
    pub tries: u32,
    /// The newest tries, oldest first.
    pub attempts: Vec<(Timestamp, Attempt)>,
    /// When it is tried again.
    #[serde(default)]
    pub next_at: Option<Timestamp>,
}

/// Key of a change of a trait; its place is that of no change of membership.
pub fn trait_change(place: ChangePlace) -> Vec<u8> {
    key(b'U', &[&place_bytes(place)])
}

/// Key of the values told of a person.
pub fn told_traits(person: PersonId) -> Vec<u8> {
    key(b'z', &[&person.0])
}

/// Key of what says since when changes of a trait are told.
pub fn watched(name: &str) -> Vec<u8> {
    mark(&format!("{WATCHED}{name}"))
}

/// Beginning of the mark of a trait whose changes are told.
pub const WATCHED: &str = "watched/";

/// Key of a webhook's row.
pub fn webhook(id: &str) -> Vec<u8> {
    key(b'W', &[id.as_bytes()])
}

/// Key of a delivery.
pub fn delivery(webhook: &str, state: DeliveryState, place: ChangePlace) -> Vec<u8> {
    let mut key = deliveries_of(webhook, state);
    key.extend_from_slice(&place_bytes(place));
    key
}

/// Prefix of the deliveries of a webhook that are in one state.
pub fn deliveries_of(webhook: &str, state: DeliveryState) -> Vec<u8> {
    key(b'y', &[webhook.as_bytes(), &[0, state.sign()]])
}

/// Key in the index of what is tried again, by the instant.
pub fn retry(webhook: &str, at: Timestamp, place: ChangePlace) -> Vec<u8> {
    let at = ordered(at);
    key(b'Y', &[webhook.as_bytes(), &[0], &at, &place_bytes(place)])
}

/// Everything of a webhook in that index up to an instant, both ends of the range.
pub fn retries_until(webhook: &str, until: Timestamp) -> (Vec<u8>, Vec<u8>) {
    let start = key(b'Y', &[webhook.as_bytes(), &[0]]);
    let mut last = start.clone();
    last.extend_from_slice(&ordered(until));
    (start, end_of(&last))
}

/// The change at the end of a key of a delivery, of a retry or of the change itself.
pub fn place_of(any_key: &[u8]) -> Option<ChangePlace> {
    let at = any_key.len().checked_sub(12)?;
    let count = any_key.get(at + 8..)?.try_into().ok()?;
    Some((number(&any_key[at..]), u32::from_be_bytes(count)))
}

fn place_bytes((position, number): ChangePlace) -> [u8; 12] {
    let mut bytes = [0; 12];
    bytes[..8].copy_from_slice(&position.to_be_bytes());
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    bytes
}

/// Key of an export. Ids begin with the instant, so that their order is that of time.
pub fn export(export_id: &str) -> Vec<u8> {
    key(b'X', &[export_id.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_instants_are_read_back_from_keys() {
        let at = Timestamp::from_millis(1_700_000_000_000);
        let retry_key = retry("crm", at, (7, 3));
        assert_eq!(place_of(&retry_key), Some((7, 3)));
        let (start, end) = retries_until("crm", at);
        assert!(start < retry_key && retry_key < end);
        let later = retry("crm", Timestamp::from_millis(1_700_000_000_001), (0, 0));
        assert!(later >= end);
        let key = delivery("crm", DeliveryState::Dead, (9, 1));
        assert_eq!(place_of(&key), Some((9, 1)));
    }
}
