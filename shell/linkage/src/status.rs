//! How far it is, for others to read.

use std::sync::Arc;

use arc_swap::ArcSwap;
use kith_base::Timestamp;
use kith_matching::visitors::Point;

/// What the linker is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// The rules ask for nothing.
    #[default]
    Idle,
    /// It does not know enough yet to find all that it is asked for.
    Learning,
    /// It finds links as people come.
    Running,
}

/// Comparing the traits of known persons.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecordFigures {
    /// Persons compared: those who consented and whose traits say something.
    pub persons: u64,
    /// Persons beyond the limit, who are not compared.
    pub left_out: u64,
    /// Pairs looked at by the last comparison of everybody.
    pub pairs: u64,
    /// Links it found.
    pub links: u64,
    /// When it was done; `None` when it has not been.
    pub last_batch_at: Option<Timestamp>,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// When it is done again at the latest.
    pub next_batch_at: Option<Timestamp>,
}

/// Comparing the visits of anonymous visitors.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VisitorFigures {
    /// Sessions of those who consented, since the start of the history that is looked at.
    pub sessions: u64,
    /// Visitor ids among them.
    pub ids: u64,
    /// Sessions with a log-in.
    pub log_ins: u64,
    /// What links of a confidence are worth, as held-out log-ins say.
    pub person: Vec<Point>,
    /// The same of links within a household.
    pub household: Vec<Point>,
}

/// Everything that is told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// What it is doing.
    pub state: State,
    /// `None` while the rules do not ask for it.
    pub records: Option<RecordFigures>,
    /// `None` while the rules do not ask for it.
    pub visitors: Option<VisitorFigures>,
    /// Why the last step failed; it is tried again.
    pub error: Option<String>,
}

/// A handle to read the figures by; the linker writes them.
#[derive(Debug, Default)]
pub struct Status(ArcSwap<Figures>);

impl Status {
    /// The figures now.
    pub fn figures(&self) -> Arc<Figures> {
        self.0.load_full()
    }

    pub(crate) fn tell(&self, figures: Figures) {
        if **self.0.load() != figures {
            self.0.store(Arc::new(figures));
        }
    }

    pub(crate) fn tell_error(&self, error: String) {
        let mut figures = (*self.figures()).clone();
        figures.error = Some(error);
        self.tell(figures);
    }
}
