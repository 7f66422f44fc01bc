//! How far the search for probable links is.

use kith_linkage::{Figures, RecordFigures, State, VisitorFigures};
use kith_matching::visitors::Point;
use serde::Serialize;
use utoipa::ToSchema;

use super::Time;

/// How far the search for probable links is, and how good its links are.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Matching {
    /// What it is doing.
    pub state: MatchingState,
    /// Comparing the traits of known persons; `null` while the identity rules do not ask for it.
    #[schema(required)]
    pub records: Option<MatchingRecords>,
    /// Comparing the visits of anonymous visitors; `null` while the rules do not ask for it.
    #[schema(required)]
    pub visitors: Option<MatchingVisitors>,
    /// Why the last step failed; it is tried again.
    #[schema(required)]
    pub error: Option<String>,
}

/// What the search for probable links is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MatchingState {
    /// The identity rules ask for nothing.
    Idle,
    /// It does not know enough yet to find all that it is asked for.
    Learning,
    /// It finds links as people come.
    Running,
}

/// Comparing the traits of known persons.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MatchingRecords {
    /// Persons compared: those who consented and whose traits say something.
    pub persons: u64,
    /// Persons beyond the limit, who are not compared.
    pub left_out: u64,
    /// Pairs looked at when everybody was compared last.
    pub pairs: u64,
    /// Links found then.
    pub links: u64,
    /// When that was; `null` when it has not been.
    #[schema(required)]
    pub last_batch_at: Option<Time>,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// When everybody is compared again, at the latest.
    #[schema(required)]
    pub next_batch_at: Option<Time>,
}

/// Comparing the visits of anonymous visitors.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MatchingVisitors {
    /// Sessions of those who consented.
    pub sessions: u64,
    /// Visitor ids among them.
    pub ids: u64,
    /// Sessions with a log-in: what it learns from.
    pub log_ins: u64,
    /// What links to a person are worth, as log-ins say that were held out; by falling confidence.
    pub person_quality: Vec<MatchingQuality>,
    /// The same of links within a household.
    pub household_quality: Vec<MatchingQuality>,
}

/// What links of at least a confidence are worth.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct MatchingQuality {
    /// The confidence, 0 to 1.
    pub confidence: f64,
    /// Share of them that are right.
    pub precision: f64,
    /// Share of the ids with a known earlier one that are linked rightly.
    pub recall: f64,
}

impl From<&Figures> for Matching {
    fn from(figures: &Figures) -> Self {
        Matching {
            state: match figures.state {
                State::Idle => MatchingState::Idle,
                State::Learning => MatchingState::Learning,
                State::Running => MatchingState::Running,
            },
            records: figures.records.as_ref().map(MatchingRecords::from),
            visitors: figures.visitors.as_ref().map(MatchingVisitors::from),
            error: figures.error.clone(),
        }
    }
}

impl From<&RecordFigures> for MatchingRecords {
    fn from(figures: &RecordFigures) -> Self {
        MatchingRecords {
            persons: figures.persons,
            left_out: figures.left_out,
            pairs: figures.pairs,
            links: figures.links,
            last_batch_at: figures.last_batch_at.map(Time),
            took_ms: figures.took_ms,
            next_batch_at: figures.next_batch_at.map(Time),
        }
    }
}

impl From<&VisitorFigures> for MatchingVisitors {
    fn from(figures: &VisitorFigures) -> Self {
        let quality = |points: &[Point]| points.iter().map(MatchingQuality::from).collect();
        MatchingVisitors {
            sessions: figures.sessions,
            ids: figures.ids,
            log_ins: figures.log_ins,
            person_quality: quality(&figures.person),
            household_quality: quality(&figures.household),
        }
    }
}

impl From<&Point> for MatchingQuality {
    fn from(point: &Point) -> Self {
        // Thousandths are as exact as log-ins tell.
        let rounded = |number: f32| (f64::from(number) * 1_000.0).round() / 1_000.0;
        MatchingQuality {
            confidence: rounded(point.confidence),
            precision: rounded(point.precision),
            recall: rounded(point.recall),
        }
    }
}
