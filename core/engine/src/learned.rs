//! What was learned from the log, as decisions use it. Nothing of it is state: it follows from the
//! log, is made by `kith-learning`, and a decision writes down what it took from here, so that it
//! can be taken again without it.

use std::sync::Arc;

use kith_decide::bandit::{Bandit, Settings};

/// Everything learned, as of one moment. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Learned {
    /// What to recommend.
    pub recommenders: Arc<Recommenders>,
    /// Which offer works, in placements that learn.
    pub policies: Arc<Bandit>,
}

impl Default for Learned {
    /// Nothing learned yet.
    fn default() -> Self {
        Learned {
            recommenders: Arc::default(),
            policies: Arc::new(Bandit::new(Settings::default())),
        }
    }
}

/// Models of items.
#[derive(Clone, Debug, Default)]
pub struct Recommenders {}
