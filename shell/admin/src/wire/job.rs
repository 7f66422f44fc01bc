//! Long work in the background.

use serde::Serialize;
use utoipa::ToSchema;

use super::Time;

/// One piece of long work.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Job {
    /// Id of the job.
    pub job_id: String,
    /// What kind of work.
    pub kind: JobKind,
    /// For people.
    pub name: String,
    /// How it stands.
    pub state: JobState,
    /// Share done, 0 to 1.
    pub progress: f64,
    /// When it will probably be done; `null` while nobody can tell.
    #[schema(required)]
    pub eta_at: Option<Time>,
    /// What went wrong.
    #[schema(required)]
    pub error: Option<String>,
    /// When it began.
    pub started_at: Time,
    /// When it ended.
    #[schema(required)]
    pub finished_at: Option<Time>,
}

/// Kinds of long work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum JobKind {
    /// Events or items are being read in.
    Import,
    /// State is being rebuilt from the log.
    Rebuild,
    /// The members of an audience are being found.
    Audience,
    /// The past events of a feature are being counted.
    Feature,
    /// Everybody is divided into persons anew by changed identity rules.
    Identity,
    /// A file is being written.
    Export,
    /// Models of items are being trained.
    Training,
}

/// How a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum JobState {
    /// At work.
    Running,
    /// Ended well.
    Done,
    /// Ended with an error.
    Failed,
    /// Somebody cancelled it; it stands where it is until somebody resumes it.
    Cancelled,
}
