//! People: rows of a search, profiles, the identity graph.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{DecisionRecord, Event, JsonObject, Time};

/// `namespace:value`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Identifier {
    /// Such as `user_id`, `email`, `anonymous_id`.
    pub namespace: String,
    /// The value, normalised.
    pub value: String,
}

/// A person in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PersonRow {
    /// Canonical id.
    pub person_id: String,
    /// Name, else e-mail, else the strongest identifier.
    pub display_name: String,
    /// Every identifier, strongest first.
    pub identifiers: Vec<Identifier>,
    /// Events of this person.
    pub event_count: u64,
    /// Time of the first event.
    #[schema(required)]
    pub first_seen_at: Option<Time>,
    /// Time of the last event.
    #[schema(required)]
    pub last_seen_at: Option<Time>,
}

/// The fold of a person's events.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Person {
    /// Canonical id.
    pub person_id: String,
    /// Whom the policy asked for takes for the same person besides. Audiences are those of the
    /// person alone.
    pub linked_person_ids: Vec<String>,
    /// Name, else e-mail, else the strongest identifier.
    pub display_name: String,
    /// Every identifier, strongest first.
    pub identifiers: Vec<PersonIdentifier>,
    /// Attributes, the last writer's value; computed traits among them.
    pub traits: JsonObject,
    /// Where each trait came from.
    pub trait_details: BTreeMap<String, TraitDetail>,
    /// Every feature, built in or defined; what is unknown, or still being computed, is `null`.
    pub features: JsonObject,
    /// Share of interest (0 to 1) per catalog attribute and value.
    pub affinities: BTreeMap<String, BTreeMap<String, f64>>,
    /// Features that are affinities, beside the site's base rate; none whose past is still read.
    pub interests: Vec<Interests>,
    /// Audiences this person is in, by id.
    pub audiences: Vec<PersonAudience>,
    /// Consent per category.
    pub consents: BTreeMap<String, Consent>,
    /// Accounts this person belongs to, the one named last first.
    pub accounts: Vec<PersonAccount>,
    /// Time of the first event.
    #[schema(required)]
    pub first_seen_at: Option<Time>,
    /// Time of the last event.
    #[schema(required)]
    pub last_seen_at: Option<Time>,
    /// Events of this person.
    pub event_count: u64,
    /// What ties the identifiers together, and what was kept apart.
    pub links: Vec<Link>,
}

/// What a person is drawn to, as one feature sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Interests {
    /// Id of the feature.
    pub feature_id: String,
    /// For people.
    pub name: String,
    /// The greatest shares, at most 50.
    pub keys: Vec<Interest>,
    /// How many keys there are.
    pub key_count: u64,
}

/// The interest in one key.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Interest {
    /// Such as a category.
    pub key: String,
    /// Of this person's interest, 0 to 1.
    pub share: f64,
    /// The same of everybody together; `null` while it is not known.
    #[schema(required)]
    pub site_share: Option<f64>,
    /// How many times as great the share is as the site's, drawn to 1 for whoever little is known
    /// of; `null` while the site's is not known.
    #[schema(required)]
    pub lift: Option<f64>,
    /// When a purchase last satisfied it.
    #[schema(required)]
    pub bought_at: Option<Time>,
}

/// An identifier with its share of the events.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PersonIdentifier {
    /// Such as `user_id`, `email`, `anonymous_id`.
    pub namespace: String,
    /// The value, normalised.
    pub value: String,
    /// Time of the first event that names it as its strongest identifier.
    #[schema(required)]
    pub first_seen_at: Option<Time>,
    /// Time of the last such event.
    #[schema(required)]
    pub last_seen_at: Option<Time>,
    /// Number of such events.
    pub event_count: u64,
}

/// Where a trait came from.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TraitDetail {
    /// Source that wrote it last; of a computed trait `feature:` and the feature's id.
    pub source: String,
    /// Time of the event that wrote it; of a computed trait, when it was read.
    pub at: Time,
}

/// An audience a person is in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PersonAudience {
    /// Which.
    pub audience_id: String,
    /// For people.
    pub name: String,
    /// When the person entered.
    pub since: Time,
}

/// An account a person belongs to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PersonAccount {
    /// The `groupId` of group events.
    pub account_id: String,
    /// When an event of the person last named it.
    pub named_at: Time,
    /// How many persons belong to it.
    pub person_count: u64,
    /// What group events said of it, the last writer's value.
    pub traits: JsonObject,
}

/// The last word on one consent category.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Consent {
    /// Given or refused.
    pub granted: bool,
    /// Time of the event that said so.
    pub at: Time,
    /// Source that said so.
    pub source: String,
}

/// A link between two identifiers.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Link {
    /// Id, for undoing it.
    pub edge_id: String,
    /// One end.
    pub from: Identifier,
    /// The other end.
    pub to: Identifier,
    /// How sure.
    pub kind: LinkKind,
    /// Why, in a sentence.
    pub reason: String,
    /// The event that caused it.
    pub message_id: String,
    /// When.
    pub linked_at: Time,
    /// Whether it counts.
    pub state: LinkState,
}

/// How sure a link is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LinkKind {
    /// One event carried both identifiers.
    Deterministic,
    /// An operator said so.
    Operator,
    /// A model holds it likely.
    Probabilistic,
}

/// Whether a link counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LinkState {
    /// It joins its two ends.
    Active,
    /// It was seen, but a rule keeps its ends apart.
    Refused,
}

/// A person's part of the identity graph.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Graph {
    /// One per identifier.
    pub nodes: Vec<Node>,
    /// What ties them together, and what was kept apart.
    pub edges: Vec<Link>,
}

/// One identifier in the identity graph.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Node {
    /// Id of the node.
    pub node_id: String,
    /// Such as `user_id`, `email`, `anonymous_id`.
    pub namespace: String,
    /// The value, normalised.
    pub value: String,
    /// Time of its first event.
    #[schema(required)]
    pub first_seen_at: Option<Time>,
    /// Time of its last event.
    #[schema(required)]
    pub last_seen_at: Option<Time>,
    /// Events that name it as their strongest identifier.
    pub event_count: u64,
}

/// Everything stored about one person, for a data subject's request.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PersonExport {
    /// When it was put together.
    pub exported_at: Time,
    /// The profile.
    pub person: Person,
    /// The identity graph.
    pub graph: Graph,
    /// Every event, newest first.
    pub events: Vec<Event>,
    /// Every decision that was taken for this person, newest first.
    #[schema(value_type = Vec<DecisionRecord>)]
    pub decisions: Vec<JsonObject>,
}
