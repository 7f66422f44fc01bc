//! Files that leave: what was taken out, by whom, and who was left out.

use serde::Serialize;
use utoipa::ToSchema;

use super::Time;

/// A file that somebody took out.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Export {
    /// Its id.
    pub export_id: String,
    /// When it was begun.
    pub at: Time,
    /// Who took it.
    pub by: String,
    /// Whose: id of an audience; `null` for everybody.
    #[schema(required)]
    pub audience_id: Option<String>,
    /// `csv`, `ndjson`, `parquet`, `google`, `meta` or `tiktok`.
    pub format: String,
    /// When it was finished; `null` while it is under way, or when the server stopped meanwhile.
    #[schema(required)]
    pub finished_at: Option<Time>,
    /// Whether everything was written.
    pub complete: bool,
    /// Rows written.
    pub rows: u64,
    /// Persons left out, by reason.
    pub withheld: Vec<Withheld>,
}

/// Persons left out for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Withheld {
    /// `no-consent`: never asked; `consent-refused`; `no-contact`: neither e-mail nor phone.
    pub reason: String,
    /// How many.
    pub persons: u64,
}

/// Who would be on a list for an ad platform.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExportPreview {
    /// Persons on it.
    pub rows: u64,
    /// Persons left out, by reason.
    pub withheld: Vec<Withheld>,
}
