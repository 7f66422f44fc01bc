//! Webhooks: how they stand, what was delivered, what was not.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Time;

/// A webhook with its numbers. Its document is the definition of the kind `webhook`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Webhook {
    /// Id of its definition.
    pub webhook_id: String,
    /// For people.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Where deliveries go.
    pub url: String,
    /// Ids of the audiences it is told about.
    pub audiences: Vec<String>,
    /// Computed traits whose changes it is told of.
    pub trait_changes: Vec<String>,
    /// Whether deliveries are made.
    pub state: WebhookState,
    /// When the endpoint answered 410.
    #[schema(required)]
    pub gone_at: Option<Time>,
    /// Deliveries made, ever.
    pub delivered: u64,
    /// Deliveries that are tried again.
    pub waiting: u64,
    /// Dead letters.
    pub dead: u64,
    /// Changes not sent for want of consent, ever.
    pub withheld: u64,
    /// What signs deliveries, the newest last.
    pub secrets: Vec<WebhookSecret>,
}

/// Whether deliveries are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WebhookState {
    /// They are.
    Active,
    /// It is not enabled.
    Off,
    /// The endpoint answered 410 Gone. Writing the definition begins anew.
    Gone,
    /// There is no secret to sign with.
    NoSecret,
}

/// A secret, without what it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WebhookSecret {
    /// Its id.
    pub secret_id: String,
    /// When it was made.
    pub created_at: Time,
    /// When it stops signing; `null` for the newest.
    #[schema(required)]
    pub expires_at: Option<Time>,
}

/// A new secret, shown this once.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WebhookSecretCreated {
    /// Its id.
    pub secret_id: String,
    /// The secret, `whsec_…`.
    pub secret: String,
    /// When the ones before stop signing; `null` when there are none.
    #[schema(required)]
    pub others_expire_at: Option<Time>,
}

/// What an endpoint answered to a test.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WebhookTest {
    /// Whether it took the message.
    pub delivered: bool,
    /// Status; `null` when it did not answer.
    #[schema(required)]
    pub status: Option<u16>,
    /// What it answered, or why it could not be reached.
    pub detail: String,
    /// How long it took.
    pub took_ms: u32,
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryState {
    /// The endpoint took it.
    Delivered,
    /// It is tried again.
    Waiting,
    /// It is not tried again by itself.
    Dead,
}

/// What a delivery tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryEvent {
    /// Somebody entered an audience.
    Entered,
    /// Somebody left an audience.
    Left,
    /// A computed trait changed.
    TraitChanged,
}

/// One entry, exit or change of a trait on its way to one webhook.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Delivery {
    /// Its id.
    pub delivery_id: String,
    /// What the endpoint sees as `webhook-id`, in every try.
    pub message_id: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// What it tells.
    pub event: DeliveryEvent,
    /// Which audience; `null` for a trait.
    #[schema(required)]
    pub audience_id: Option<String>,
    /// The trait that changed; `null` for an audience.
    #[schema(required)]
    pub changed: Option<DeliveredTrait>,
    /// Who.
    pub person_id: String,
    /// Name, else e-mail, else the strongest identifier.
    pub display_name: String,
    /// When it happened.
    pub at: Time,
    /// When it is tried again.
    #[schema(required)]
    pub next_at: Option<Time>,
    /// Tries, oldest first, at most the newest 20.
    pub attempts: Vec<DeliveryAttempt>,
}

/// A computed trait that changed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeliveredTrait {
    /// Its name.
    pub name: String,
    /// What was told before, as JSON text.
    pub old_value: String,
    /// What it became, as JSON text.
    pub new_value: String,
}

/// One try.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeliveryAttempt {
    /// When.
    pub at: Time,
    /// Status; `null` when the endpoint did not answer.
    #[schema(required)]
    pub status: Option<u16>,
    /// What it answered, or why it could not be reached; empty for success.
    pub detail: String,
    /// How long it took.
    pub took_ms: u32,
}

/// Which dead letters to send again.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResendInput {
    /// Their ids; all of them when absent.
    #[serde(default)]
    pub delivery_ids: Option<Vec<String>>,
}

/// How many are sent again.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Resent {
    /// Dead letters that are tried again now.
    pub resent: u64,
}
