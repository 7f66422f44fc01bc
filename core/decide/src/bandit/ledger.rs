//! Decisions whose outcome is awaited, and what became of rewards.
//!
//! An outcome is learned when the decision's attribution window closes, reward or none: rewards
//! come before their window closes and "nothing" only when it does, so learning a reward at once
//! would make every new offer look taken by all.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use kith_base::limits::{BANDIT_CLOSED_MAX, BANDIT_PENDING_MAX, CLOCK_AHEAD_MAX_S};
use kith_base::{Duration, Timestamp};
use serde::{Deserialize, Serialize};

use super::features::Features;

/// Why a fact changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Ignored {
    /// The bandit knows no such decision.
    #[error("no such decision is known")]
    UnknownDecision,
    /// The decision was told before.
    #[error("the decision was told before")]
    DuplicateDecision,
    /// The decision has a reward already.
    #[error("the decision has a reward already")]
    DuplicateReward,
    /// The decision's window had closed.
    #[error("the attribution window had closed")]
    TooLate,
    /// The reward is older than the decision, by more than clocks disagree.
    #[error("the reward is older than the decision")]
    BeforeDecision,
    /// The reward is no finite number.
    #[error("the reward is no finite number")]
    NotFinite,
    /// The reward is not between 0 and 1.
    #[error("the reward is not between 0 and 1")]
    OutOfRange,
    /// Nothing could have been shown, or too much, or what was shown is none of it.
    #[error("the candidates do not hold what was shown")]
    Candidates,
    /// The propensity of what was shown, or a probability, is none.
    #[error("a propensity is not above 0 and at most 1")]
    Propensity,
    /// A value is not above zero, or not finite.
    #[error("a value is not a finite number above 0")]
    Value,
    /// Too many decisions wait for their outcome; this one is not learned from.
    #[error("too many decisions wait for their outcome")]
    TooManyPending,
    /// Too many different offers and placements; this decision is not learned from.
    #[error("too many different offers and placements")]
    TooManyNames,
}

impl Ignored {
    /// For machines.
    pub fn code(self) -> &'static str {
        match self {
            Ignored::UnknownDecision => "unknown-decision",
            Ignored::DuplicateDecision => "duplicate-decision",
            Ignored::DuplicateReward => "duplicate-reward",
            Ignored::TooLate => "too-late",
            Ignored::BeforeDecision => "before-decision",
            Ignored::NotFinite => "not-finite",
            Ignored::OutOfRange => "out-of-range",
            Ignored::Candidates => "candidates",
            Ignored::Propensity => "propensity",
            Ignored::Value => "value",
            Ignored::TooManyPending => "too-many-pending",
            Ignored::TooManyNames => "too-many-names",
        }
    }
}

/// A decision without its outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pending {
    pub placement: u32,
    pub features: Features,
    /// Candidates with the probability that the learned policy gave them.
    pub candidates: Vec<(u32, f32)>,
    pub chosen: u32,
    pub propensity: f64,
    /// What a reward of 1 is worth.
    pub value: f64,
    pub at: Timestamp,
    pub closes_at: Timestamp,
    pub reward: Option<f64>,
}

/// What waits, and what was closed lately.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    pending: BTreeMap<String, Pending>,
    due: BTreeSet<(Timestamp, String)>,
    closed: BTreeSet<String>,
    closed_order: VecDeque<String>,
}

impl Ledger {
    /// Decisions that wait.
    pub fn len(&self) -> usize {
        self.pending.len()
    }

    /// When the next window closes.
    pub fn next_close(&self) -> Option<Timestamp> {
        self.due.first().map(|(at, _)| *at)
    }

    pub fn check_new(&self, decision: &str) -> Result<(), Ignored> {
        if self.pending.contains_key(decision) || self.closed.contains(decision) {
            return Err(Ignored::DuplicateDecision);
        }
        if self.pending.len() >= BANDIT_PENDING_MAX {
            return Err(Ignored::TooManyPending);
        }
        Ok(())
    }

    pub fn open(&mut self, decision: String, pending: Pending) {
        self.due.insert((pending.closes_at, decision.clone()));
        self.pending.insert(decision, pending);
    }

    pub fn reward(&mut self, decision: &str, reward: f64, at: Timestamp) -> Result<(), Ignored> {
        if !reward.is_finite() {
            return Err(Ignored::NotFinite);
        }
        if !(0.0..=1.0).contains(&reward) {
            return Err(Ignored::OutOfRange);
        }
        let Some(pending) = self.pending.get_mut(decision) else {
            let known = self.closed.contains(decision);
            return Err(if known {
                Ignored::TooLate
            } else {
                Ignored::UnknownDecision
            });
        };
        if pending.reward.is_some() {
            return Err(Ignored::DuplicateReward);
        }
        if at >= pending.closes_at {
            return Err(Ignored::TooLate);
        }
        if at < pending.at.minus(Duration::from_secs(CLOCK_AHEAD_MAX_S)) {
            return Err(Ignored::BeforeDecision);
        }
        pending.reward = Some(reward);
        Ok(())
    }

    /// Takes out one decision whatever its window.
    pub fn close(&mut self, decision: &str) -> Result<Pending, Ignored> {
        let Some(pending) = self.pending.remove(decision) else {
            let known = self.closed.contains(decision);
            return Err(if known {
                Ignored::TooLate
            } else {
                Ignored::UnknownDecision
            });
        };
        self.due.remove(&(pending.closes_at, decision.to_owned()));
        self.closed.insert(decision.to_owned());
        self.closed_order.push_back(decision.to_owned());
        if self.closed_order.len() > BANDIT_CLOSED_MAX
            && let Some(oldest) = self.closed_order.pop_front()
        {
            self.closed.remove(&oldest);
        }
        Ok(pending)
    }

    /// Takes out the decision whose window closed first, if it has by then.
    pub fn next_closed(&mut self, now: Timestamp) -> Option<Pending> {
        let (closes_at, decision) = self.due.first()?;
        if *closes_at > now {
            return None;
        }
        let decision = decision.clone();
        Some(self.close(&decision).expect("what is due is pending"))
    }
}
