//! Events as stored, with their fate; input that was refused.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Identifier, JsonObject, Time};

/// Something a person did.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Event {
    /// As the client sent it, or generated.
    pub message_id: String,
    /// Place in the log.
    pub position: u64,
    /// Id of the source it came from.
    pub source: String,
    /// Which call of the Segment spec.
    #[serde(rename = "type")]
    pub kind: EventKind,
    /// Name of a track event, name or title of a page or screen, else the type.
    pub name: String,
    /// When it happened, the client's clock error taken out.
    pub occurred_at: Time,
    /// When the server received it.
    pub received_at: Time,
    /// The client's own time, uncorrected.
    #[schema(required)]
    pub original_at: Option<Time>,
    /// The person it belongs to now.
    #[schema(required)]
    pub person_id: Option<String>,
    /// Every identifier it carries.
    pub identifiers: Vec<Identifier>,
    /// `properties` as sent.
    pub properties: JsonObject,
    /// `traits` and `context.traits`, joined.
    pub traits: JsonObject,
    /// `context` as sent.
    pub context: JsonObject,
    /// What the server derived from it.
    pub enrichment: Enrichment,
    /// What became of it, step by step.
    pub fate: Vec<Fate>,
}

/// Calls of the Segment spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// An action with a name.
    Track,
    /// Traits of a person.
    Identify,
    /// A page view.
    Page,
    /// An app screen view.
    Screen,
    /// Membership of an account.
    Group,
    /// Two ids are one person.
    Alias,
}

impl From<kith_event::Kind> for EventKind {
    fn from(kind: kith_event::Kind) -> Self {
        match kind {
            kith_event::Kind::Track => EventKind::Track,
            kith_event::Kind::Identify => EventKind::Identify,
            kith_event::Kind::Page => EventKind::Page,
            kith_event::Kind::Screen => EventKind::Screen,
            kith_event::Kind::Group => EventKind::Group,
            kith_event::Kind::Alias => EventKind::Alias,
        }
    }
}

/// What the server derived from the user agent, the referrer, the address and the page's URL.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Enrichment {
    /// Version of the rules that derived it; 0 when nothing was derived.
    pub version: u8,
    /// Such as `Firefox`.
    #[schema(required)]
    pub browser: Option<String>,
    /// Such as `128.0`.
    #[schema(required)]
    pub browser_version: Option<String>,
    /// Such as `Windows`.
    #[schema(required)]
    pub os: Option<String>,
    /// Such as `17.2`.
    #[schema(required)]
    pub os_version: Option<String>,
    /// `desktop`, `mobile`, `tablet`, `tv` or `console`.
    #[schema(required)]
    pub device_type: Option<String>,
    /// True when the user agent is a crawler's.
    pub bot: bool,
    /// Language alone: `zh`.
    #[schema(required)]
    pub language: Option<String>,
    /// Language, script and region: `zh-Hant-TW`.
    #[schema(required)]
    pub locale: Option<String>,
    /// ISO 3166 code, when a geographic database is configured.
    #[schema(required)]
    pub country: Option<String>,
    /// First subdivision, when a geographic database is configured.
    #[schema(required)]
    pub region: Option<String>,
    /// City, when a geographic database is configured.
    #[schema(required)]
    pub city: Option<String>,
    /// Host of the referring page.
    #[schema(required)]
    pub referrer_host: Option<String>,
    /// `search`, `social`, `mail`, `ai`, `internal`, `direct` or `other`
    #[schema(required)]
    pub referrer_type: Option<String>,
    /// The campaign that brought the visit.
    pub campaign: Campaign,
}

/// `utm_*` parameters of the page's URL, or `context.campaign`.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Campaign {
    /// `utm_source`.
    #[schema(required)]
    pub source: Option<String>,
    /// `utm_medium`.
    #[schema(required)]
    pub medium: Option<String>,
    /// `utm_campaign`.
    #[schema(required)]
    pub name: Option<String>,
    /// `utm_term`.
    #[schema(required)]
    pub term: Option<String>,
    /// `utm_content`.
    #[schema(required)]
    pub content: Option<String>,
}

/// One step an event has taken.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Fate {
    /// Which step.
    pub step: FateStep,
    /// When; `null` for a step that was not taken. Steps after receipt follow within
    /// milliseconds in the order of the log and carry the time of receipt.
    #[schema(required)]
    pub at: Option<Time>,
    /// What happened, in words.
    pub detail: String,
}

/// The steps an event takes, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FateStep {
    /// Its bytes arrived.
    Received,
    /// It was parsed, corrected, enriched and stored.
    Normalised,
    /// Its person was found.
    Resolved,
    /// The profile took it in.
    Folded,
    /// The audiences it moves were evaluated.
    Audiences,
    /// The messages it causes were handed over.
    Deliveries,
}

/// Input that could not become an event.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RejectedEvent {
    /// Id, for trying again.
    pub id: String,
    /// Source of the write key.
    pub source: String,
    /// When it came.
    pub received_at: Time,
    /// Machine-readable reason.
    pub code: String,
    /// The reason in words, with the fix.
    pub message: String,
    /// The member at fault; empty when the whole input is.
    pub field: String,
    /// What came, cut at 64 KiB.
    pub raw: String,
    /// Whether it has become an event since.
    pub state: RejectedState,
    /// When it became one.
    #[schema(required)]
    pub redriven_at: Option<Time>,
    /// Who tried it again then: a user's address, or `key NAME`.
    #[schema(required)]
    pub redriven_by: Option<String>,
    /// The text it was corrected to; `null` when it was taken as it came.
    #[schema(required)]
    pub redriven_raw: Option<String>,
    /// The event it became.
    #[schema(required)]
    pub message_id: Option<String>,
}

/// How refused input is tried again.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedriveInput {
    /// One event as corrected JSON text; left out, what came is tried as it is.
    pub raw: Option<String>,
}

/// Whether refused input still waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RejectedState {
    /// Not accepted so far.
    Open,
    /// Accepted on a later try.
    Redriven,
}

/// Refused input that was accepted now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Redriven {
    /// Always `redriven`.
    pub state: RejectedState,
    /// The event it became.
    pub message_id: String,
}
