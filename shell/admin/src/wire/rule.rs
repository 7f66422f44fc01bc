//! Rules: as text, as a tree, in words.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A rule in one of its forms.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleInput {
    /// As text; give either this or `tree`.
    #[serde(default)]
    pub text: Option<String>,
    /// As a tree, for builders.
    #[serde(default)]
    pub tree: Option<serde_json::Value>,
    /// Whose rule it is: that of an audience may not ask for `context`. An offer's when not given.
    #[serde(default)]
    pub kind: RuleKind,
}

/// What a rule is for.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RuleKind {
    /// Who is in an audience.
    Audience,
    /// Who may be shown an offer.
    #[default]
    Offer,
}

/// A rule in all of its forms. What cannot be told while it has errors is `null`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RuleForms {
    /// As text: the one given, or the one of the tree.
    #[schema(required)]
    pub text: Option<String>,
    /// As a tree.
    #[schema(required)]
    pub tree: Option<serde_json::Value>,
    /// In words.
    #[schema(required)]
    pub in_words: Option<String>,
    /// Why it cannot be used.
    pub errors: Vec<RuleError>,
    /// What it hardly means.
    pub lint: Vec<RuleLint>,
}

/// A mistake in a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RuleError {
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub fix: String,
    /// Bytes of `text` before it.
    pub offset: u32,
    /// Line, from 1; 0 in a tree that has no text.
    pub line: u32,
    /// Character of the line, from 1; 0 in a tree that has no text.
    pub column: u32,
}

/// Something odd about a rule that can be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RuleLint {
    /// What kind of oddity.
    pub kind: RuleLintKind,
    /// The part of the rule it is about.
    pub part: String,
    /// What is odd.
    pub message: String,
    /// What to write instead.
    pub fix: String,
    /// Bytes of `text` before it.
    pub offset: u32,
    /// Line, from 1.
    pub line: u32,
    /// Character of the line, from 1.
    pub column: u32,
}

/// Kinds of oddities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RuleLintKind {
    /// It holds for everybody.
    AlwaysTrue,
    /// It holds for nobody.
    NeverTrue,
    /// It changes nothing beside another part.
    Shadowed,
    /// No such event was ever received.
    EventNeverSeen,
    /// Nobody was ever told to have such a trait.
    TraitNeverSeen,
}
