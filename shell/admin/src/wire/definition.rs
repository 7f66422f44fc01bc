//! Definitions: the envelope around every versioned configuration object.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{JsonObject, Time};

/// Kinds of definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DefinitionKind {
    /// Where events come from; see `SourceSpec`.
    Source,
    /// A named slot where a decision is rendered; see `PlacementSpec`.
    Placement,
    /// Which items are recommended, and how they are found; see `RecipeSpec`.
    Recipe,
    /// Something that can be put in a placement; see `OfferSpec`.
    Offer,
    /// A named aggregate over events; see `FeatureSpec`.
    Feature,
    /// A group of people, kept true in real time; see `AudienceSpec`.
    Audience,
    /// An address that is told of audiences; see `WebhookSpec`.
    Webhook,
    /// The rules of recognition; id `default`; see `IdentitySpec`.
    Identity,
    /// The attributes of catalog items; id `default`; see `CatalogSpec`.
    Catalog,
}

impl DefinitionKind {
    /// Every kind that can be read and written by its route.
    pub const ALL: [DefinitionKind; 9] = [
        DefinitionKind::Source,
        DefinitionKind::Placement,
        DefinitionKind::Recipe,
        DefinitionKind::Offer,
        DefinitionKind::Feature,
        DefinitionKind::Audience,
        DefinitionKind::Webhook,
        DefinitionKind::Identity,
        DefinitionKind::Catalog,
    ];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            DefinitionKind::Source => "source",
            DefinitionKind::Placement => "placement",
            DefinitionKind::Recipe => "recipe",
            DefinitionKind::Offer => "offer",
            DefinitionKind::Feature => "feature",
            DefinitionKind::Audience => "audience",
            DefinitionKind::Webhook => "webhook",
            DefinitionKind::Identity => "identity",
            DefinitionKind::Catalog => "catalog",
        }
    }

    /// Reads the name.
    pub fn parse(text: &str) -> Option<Self> {
        DefinitionKind::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// One revision of a definition. Its ETag is the revision in quotes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Definition {
    /// Its kind.
    pub kind: DefinitionKind,
    /// Unique within the kind.
    #[schema(pattern = "^[a-z0-9_-]{1,64}$")]
    pub id: String,
    /// For people.
    pub name: String,
    /// 1 for the first.
    pub revision: u64,
    /// In use or not.
    pub status: DefinitionStatus,
    /// When this revision was written.
    pub updated_at: Time,
    /// Who wrote it.
    pub author: String,
    /// The document; its shape depends on the kind.
    pub spec: JsonObject,
}

/// In use or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DefinitionStatus {
    /// In use.
    Live,
    /// Out of use, kept for its history.
    Archived,
}

/// What a client writes.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DefinitionInput {
    /// For people.
    pub name: String,
    /// The document; its shape depends on the kind.
    pub spec: JsonObject,
}

/// Changes that are made together, or not at all.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DefinitionsInput {
    /// At most 10,000, each definition once.
    pub changes: Vec<DefinitionStep>,
}

/// One of the changes.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DefinitionStep {
    /// Its kind.
    pub kind: DefinitionKind,
    /// Unique within the kind.
    pub id: String,
    /// The live revision it was made from; absent when none was live.
    #[serde(default)]
    pub revision: Option<u64>,
    /// What it is to be; absent takes it out of use.
    #[serde(default)]
    pub definition: Option<DefinitionInput>,
}

/// What was written, in the order of the changes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DefinitionsWritten {
    /// Each with its new revision.
    pub items: Vec<DefinitionRevision>,
}

/// A definition's new revision.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DefinitionRevision {
    /// Its kind.
    pub kind: DefinitionKind,
    /// Unique within the kind.
    pub id: String,
    /// The revision.
    pub revision: u64,
    /// In use or not.
    pub status: DefinitionStatus,
}

/// A new write key. The key itself is shown this once.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WriteKey {
    /// The key: 25 characters, the first `c`.
    pub write_key: String,
    /// Its first characters, by which it is listed and revoked.
    pub prefix: String,
    /// When it was made.
    pub created_at: Time,
}
