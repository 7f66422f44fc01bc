//! Every shape the control plane reads and writes. The OpenAPI document is generated from these
//! types, and the console's types from that document.
//!
//! An answer always carries all of its members: what is unknown is `null`, never absent.

mod audience;
mod catalog;
mod decision;
mod definition;
mod event;
mod export;
mod identity;
mod job;
mod matching;
mod model;
mod offer;
mod overview;
mod person;
mod policy;
mod preview;
mod probable;
mod report;
mod rule;
mod session;
pub mod spec;
mod webhook;

use kith_base::{Json, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::openapi::schema::{AdditionalProperties, SchemaType};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

pub use audience::{
    Audience, AudienceChange, AudienceKind, AudienceSize, AudienceState, ExplainedTest,
    Explanation, Member, MemberProblem, MembersAccepted, MembershipChange, SizeAt, UsedBy,
};
pub use catalog::{Item, ItemInput, ItemProblem, ItemsAccepted};
pub use decision::{
    Choice, ChoiceKind, Decision, DecisionError, DecisionExplanation, DecisionRecord,
    DecisionRequest, DefinitionRef, Experiment, Granted, Loser, LoserCode, ScoreTerms, Serves,
};
pub use definition::{
    Definition, DefinitionInput, DefinitionKind, DefinitionRevision, DefinitionStatus,
    DefinitionStep, DefinitionsInput, DefinitionsWritten, WriteKey,
};
pub use event::{
    Campaign, Enrichment, Event, EventKind, Fate, FateStep, RedriveInput, Redriven, RejectedEvent,
    RejectedState,
};
pub use export::{Export, ExportPreview, Withheld};
pub use identity::{
    IdentityChange, IdentityDifference, IdentityHappening, IdentityQuality, IdentitySample,
    IdentityShape, IdentityTrial, MergeInput, PardonInput, Regrouping, SharedIdentifier,
    SplitInput, Verdict, VerdictKind,
};
pub use job::{Job, JobKind, JobState};
pub use matching::{Matching, MatchingQuality, MatchingRecords, MatchingState, MatchingVisitors};
pub use model::{
    ModelEvaluation, ModelPin, ModelTraining, ModelVersion, Models, ServeInput, StreamModels,
    TrainedModel,
};
pub use offer::{CouponsAccepted, CouponsInput, OfferFunnel, OfferState, PlacementFunnel};
pub use overview::{MinuteCount, NameCount, Overview, SourceActivity};
pub use person::{
    Consent, Graph, Identifier, Interest, Interests, Link, LinkKind, LinkState, Node, Person,
    PersonAccount, PersonAudience, PersonExport, PersonIdentifier, PersonRow, TraitDetail,
};
pub use policy::{
    PlacementPolicy, PolicyEstimate, PolicyFigure, PolicyKind, PolicyOffer, PolicyValue,
    PolicyValueRequest,
};
pub use preview::{
    FeatureValue, Overlap, Preview, PreviewLink, PreviewLinkRequest, PreviewRequest, SizeEstimate,
    Warning,
};
pub use probable::{
    LinkBasis, LinkPolicy, LinkReason, ProbableEnd, ProbableLink, ReviewAgreement, ReviewInput,
};
pub use report::{Estimate, RecipeDay, RecipeOffline, RecipeOnline, RecipeReport};
pub use rule::{RuleError, RuleForms, RuleInput, RuleKind, RuleLint, RuleLintKind};
pub use session::{
    Scope, SecretKey, SecretKeyCreated, SecretKeyInput, Session, Setup, SignIn, User,
};

pub use webhook::{
    DeliveredTrait, Delivery, DeliveryAttempt, DeliveryEvent, DeliveryState, ResendInput, Resent,
    Webhook, WebhookSecret, WebhookSecretCreated, WebhookState, WebhookTest,
};

/// An instant, on the wire RFC 3339 in UTC with milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ToSchema)]
#[schema(value_type = String, format = DateTime, examples("2026-11-21T08:00:00.123Z"))]
pub struct Time(pub Timestamp);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Timestamp::parse(&text)
            .map(Time)
            .map_err(serde::de::Error::custom)
    }
}

impl From<Timestamp> for Time {
    fn from(time: Timestamp) -> Self {
        Time(time)
    }
}

/// A JSON object of any members, kept exactly as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JsonObject(pub Json);

impl JsonObject {
    /// The object a text holds; the empty one when it holds anything else.
    pub fn of(json: &Json) -> Self {
        if json.as_str().starts_with('{') {
            JsonObject(json.clone())
        } else {
            Self::default()
        }
    }

    /// Writes any map or struct.
    pub fn from_serialize<T: Serialize>(value: &T) -> Self {
        JsonObject(Json::from_serialize(value).expect("values of the core have string keys"))
    }
}

impl Serialize for JsonObject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue =
            serde_json::from_str(self.0.as_str()).expect("a checked JSON text stays valid");
        raw.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for JsonObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        if !raw.get().starts_with('{') {
            return Err(serde::de::Error::custom("expected an object"));
        }
        Ok(JsonObject(Json::from_raw(&raw)))
    }
}

impl PartialSchema for JsonObject {
    fn schema() -> RefOr<Schema> {
        let any = AdditionalProperties::RefOr(RefOr::T(Schema::Object(
            ObjectBuilder::new()
                .schema_type(SchemaType::AnyValue)
                .build(),
        )));
        ObjectBuilder::new()
            .description(Some("A JSON object of any members."))
            .additional_properties(Some(any))
            .into()
    }
}

impl ToSchema for JsonObject {}

/// One page of a list. Pass `next_cursor` as `cursor` to get the next; `null` at the end.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page begins.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

/// A member at fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Dotted path of the member; empty when the whole body is at fault.
    pub field: String,
    /// What is wrong with it and what would be right.
    pub message: String,
}
