//! What was learned from the log, as decisions use it. Nothing of it is state: it follows from the
//! log, is made by `kith-learning`, and a decision writes down what it took from here, so that it
//! can be taken again without it.

use std::collections::BTreeMap;
use std::sync::Arc;

use kith_base::Timestamp;
use kith_decide::bandit::{Bandit, Settings};
use kith_event::Position;
use kith_learn::Model;
use kith_learn::scores::Pool;

mod stream;

pub use stream::{Heard, Stream, VISIT_GAP_MILLIS};

/// Everything learned, as of one moment. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Learned {
    /// What to recommend.
    pub recommenders: Arc<Recommenders>,
    /// Which offer works, in placements that learn.
    pub policies: Arc<Policies>,
}

/// Which offer works.
#[derive(Clone, Debug)]
pub struct Policies {
    /// Proposes and judges.
    pub bandit: Bandit,
    /// Facts that changed nothing, by placement and the reason why; those of no known placement
    /// stand under the empty name.
    pub ignored: BTreeMap<String, BTreeMap<String, u64>>,
    /// Decisions that wait for their outcome, by placement.
    pub waiting: BTreeMap<String, u64>,
    /// Position up to which the log was read.
    pub read: Position,
    /// The latest instant that it told.
    pub at: Timestamp,
}

impl Default for Policies {
    /// Nothing learned yet.
    fn default() -> Self {
        Policies {
            bandit: Bandit::new(Settings::default()),
            ignored: BTreeMap::new(),
            waiting: BTreeMap::new(),
            read: 0,
            at: Timestamp::ZERO,
        }
    }
}

/// Models of items.
#[derive(Clone, Debug, Default)]
pub struct Recommenders {
    /// What every event changes; empty while no recipe asks for it.
    pub stream: Arc<Stream>,
    /// What people with like histories touch.
    pub linear: Option<Arc<Trained>>,
    /// What is alike by its own words and attributes.
    pub content: Option<Arc<Trained>>,
    /// Memory to score items in.
    pub scores: Arc<Pool>,
}

/// A model that was trained, with the ids that its numbers stand for.
#[derive(Clone, Debug)]
pub struct Trained {
    /// Counts up with each training.
    pub version: u64,
    /// When its training began.
    pub trained_at: Timestamp,
    /// Ids by number.
    pub items: Vec<String>,
    /// Scores items.
    pub model: Model,
    numbers: BTreeMap<String, u32>,
}

impl Trained {
    /// Of a model and the ids of its items.
    pub fn new(version: u64, trained_at: Timestamp, items: Vec<String>, model: Model) -> Self {
        let numbers = items.iter().zip(0..);
        let numbers = numbers.map(|(id, number)| (id.clone(), number)).collect();
        Trained {
            version,
            trained_at,
            items,
            model,
            numbers,
        }
    }

    /// The number of an item; `None` when it was not there yet.
    pub fn number(&self, item: &str) -> Option<u32> {
        self.numbers.get(item).copied()
    }
}
