//! What a definition would do, without storing it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Decision, DefinitionKind, JsonObject, Loser, PersonRow, Time};

/// A definition to try without storing it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewRequest {
    /// Id it has, or would have.
    pub id: String,
    /// The document.
    pub spec: JsonObject,
    /// For an offer: the placement to try it in; its first one when absent.
    #[serde(default)]
    pub placement: Option<String>,
    /// Try it as this person.
    #[serde(default)]
    pub person_id: Option<String>,
    /// Or as whoever has these identifiers.
    #[serde(default)]
    pub identifiers: std::collections::BTreeMap<String, String>,
    /// Context of the call, as in `POST /v1/decide`.
    #[serde(default)]
    pub context: JsonObject,
    /// For an audience: look at everybody instead of a sample, however long that takes.
    #[serde(default)]
    pub exact: bool,
}

/// A page to see a definition, or a person's view, on.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewLinkRequest {
    /// Address of the page, with `https://` or `http://`.
    pub url: String,
    /// A placement, an offer or a recipe.
    pub kind: DefinitionKind,
    /// Its id.
    pub id: String,
    /// The document as it is edited, not saved; what is in force when absent.
    #[serde(default)]
    pub spec: Option<JsonObject>,
    /// For an offer: the placement that shows it, whoever it is for; its first one when absent.
    #[serde(default)]
    pub placement: Option<String>,
    /// Decide for this person instead of whoever opens the page.
    #[serde(default)]
    pub person_id: Option<String>,
}

/// A link of preview. Whoever opens it sees the page so; nothing is granted, recorded or learned.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PreviewLink {
    /// The page's address with the signed member `kith_preview`.
    pub url: String,
    /// When it ends. With a document that is not saved it ends when the server stops, too.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Time,
}

/// What a definition would do.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Preview {
    /// What it would show; `null` for kinds that show nothing, and when it cannot be compiled.
    #[schema(required, value_type = Option<Decision>)]
    pub decision: Option<JsonObject>,
    /// What was considered and not shown.
    #[schema(value_type = Vec<Loser>)]
    pub losers: Vec<JsonObject>,
    /// Every fact that was read, with its value.
    pub facts: JsonObject,
    /// What is wrong or doubtful.
    pub warnings: Vec<Warning>,
    /// How many would be in the audience.
    #[schema(required)]
    pub size: Option<SizeEstimate>,
    /// Up to ten people who would be in the audience.
    pub sample: Vec<PersonRow>,
    /// What the rule or the value asks for, in words.
    #[schema(required)]
    pub in_words: Option<String>,
    /// The rule as a tree.
    #[schema(required)]
    pub tree: Option<serde_json::Value>,
    /// Audiences that share most members with it, the most first.
    pub overlap: Vec<Overlap>,
    /// Up to ten people with their value of the feature.
    pub values: Vec<FeatureValue>,
}

/// A number of people, estimated from a sample of them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct SizeEstimate {
    /// The likeliest number.
    pub estimate: u64,
    /// Lower end of the 95 % interval (Wilson).
    pub low: u64,
    /// Upper end.
    pub high: u64,
    /// Everybody was looked at: it is the number.
    pub exact: bool,
    /// People looked at.
    pub sampled: u64,
    /// People there are.
    pub of: u64,
}

/// Members that an audience has in common with the one tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Overlap {
    /// The other audience.
    pub audience_id: String,
    /// For people.
    pub name: String,
    /// People who are in both; estimated like the size.
    pub both: u64,
}

/// A person with a value of a feature.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FeatureValue {
    /// Who.
    #[serde(flatten)]
    pub person: PersonRow,
    /// The value; `null` when there is none.
    #[schema(required)]
    pub value: Option<serde_json::Value>,
}

/// Something wrong or doubtful in a definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Warning {
    /// Dotted path of the member, such as `spec.when`.
    pub field: String,
    /// What is wrong with it, with the position for a rule.
    pub message: String,
}
