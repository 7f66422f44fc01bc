//! Audiences: how large they are, who is in them, who came and went, and why.

use serde::Serialize;
use utoipa::ToSchema;

use super::{PersonRow, Time};

/// An audience with its numbers.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Audience {
    /// Id of its definition.
    pub audience_id: String,
    /// For people.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// By a rule or one by one.
    #[serde(rename = "type")]
    pub kind: AudienceKind,
    /// Members now; exact.
    pub size: u64,
    /// Whether everybody who belongs to it is found.
    pub state: AudienceState,
    /// Share done of finding its members, 0 to 1.
    pub progress: f64,
    /// When its definition was written.
    pub updated_at: Time,
    /// Members at the end of the hours in which the number changed, oldest first, at most 168.
    pub size_history: Vec<SizeAt>,
    /// Definitions whose rules name it.
    pub used_by: Vec<UsedBy>,
    /// Entries in the last 24 hours, among the newest 200,000 changes of all audiences.
    pub entered_24h: u64,
    /// Exits in the last 24 hours, among the same.
    pub left_24h: u64,
}

/// How the members of an audience are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AudienceKind {
    /// By a rule.
    Rule,
    /// One by one.
    List,
}

/// Whether the members of an audience are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AudienceState {
    /// Those who were there before its definition was written are still being looked at.
    Computing,
    /// Somebody cancelled finding them: only those looked at so far enter and leave.
    Cancelled,
    /// Everybody is found.
    Ready,
}

/// A size at an instant.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct SizeAt {
    /// Beginning of the hour.
    pub at: Time,
    /// Members at its end.
    pub size: u64,
}

/// A definition that names another.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UsedBy {
    /// Its kind.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// For people.
    pub name: String,
}

/// The size of an audience now.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct AudienceSize {
    /// Members.
    pub size: u64,
    /// Always true: members are counted as they come and go.
    pub exact: bool,
    /// When it was read.
    pub at: Time,
}

/// A member of an audience.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Member {
    /// Who.
    #[serde(flatten)]
    pub person: PersonRow,
    /// When the person entered; for those found in the past, when the audience was written.
    pub since: Time,
}

/// An entry or exit, for a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AudienceChange {
    /// Who.
    pub person_id: String,
    /// Name, else e-mail, else the strongest identifier.
    pub display_name: String,
    /// Entered or left.
    pub entered: bool,
    /// When, exactly; for what time alone brought, the instant it was due.
    pub at: Time,
}

/// A person entered an audience, or left it, on a live stream.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MembershipChange {
    /// Who.
    pub person_id: String,
    /// Which audience.
    pub audience_id: String,
    /// Entered or left.
    pub entered: bool,
    /// When, exactly; for what time alone brought, the instant it was due.
    pub at: Time,
}

/// What became of a batch of members. Good ones are taken whatever the others are.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MembersAccepted {
    /// Identifiers put on the list, or taken off it.
    pub accepted: u64,
    /// Rows at fault.
    pub rejected: Vec<MemberProblem>,
}

/// A row that names nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MemberProblem {
    /// Place in the batch, from 0; the head of a table does not count.
    pub index: u64,
    /// What is wrong with it.
    pub message: String,
}

/// Why a person is in an audience, or not.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Explanation {
    /// In it or not.
    pub member: bool,
    /// When the person entered.
    #[schema(required)]
    pub since: Option<Time>,
    /// Why, in a sentence.
    pub in_words: String,
    /// Every test of the rule, in the order written.
    pub tests: Vec<ExplainedTest>,
    /// When that changes if nothing happens; `null` when it does not, or nobody can tell yet.
    #[schema(required)]
    pub next_change_at: Option<Time>,
}

/// One test of a rule, for one person.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExplainedTest {
    /// As written.
    pub text: String,
    /// Whether it holds.
    pub holds: bool,
    /// Why, in words.
    pub reason: String,
    /// When its answer changes if nothing happens.
    #[schema(required)]
    pub changes_at: Option<Time>,
}
