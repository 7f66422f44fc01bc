//! A limit on attempts to sign in, per address and per account.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use kith_base::{Duration, Timestamp};

/// Attempts counted together.
const WINDOW: Duration = Duration::from_secs(15 * 60);
/// Counters kept; beyond it the oldest goes.
const COUNTERS_MAX: usize = 10_000;

/// How many attempts one window takes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From one address. Higher than the other: an office shares an address.
    pub per_address: u32,
    /// At one account.
    pub per_account: u32,
}

impl Limits {
    /// Ten guesses in 15 minutes are about a thousand a day: far too few to find a password.
    pub const STANDARD: Limits = Limits {
        per_address: 50,
        per_account: 10,
    };
}

/// Counts attempts.
#[derive(Default)]
pub struct Attempts(Mutex<BTreeMap<String, Counter>>);

struct Counter {
    since: Timestamp,
    count: u32,
}

impl Attempts {
    /// Counts one attempt; when the limit is passed, answers the seconds to wait.
    pub fn admit(&self, who: &str, limit: u32, now: Timestamp) -> Result<(), u32> {
        let mut counters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let over = |counter: &Counter| now.since(counter.since) >= WINDOW;
        if counters.get(who).is_some_and(over) {
            counters.remove(who);
        }
        if counters.len() >= COUNTERS_MAX && !counters.contains_key(who) {
            counters.retain(|_, counter| !over(counter));
        }
        if counters.len() >= COUNTERS_MAX && !counters.contains_key(who) {
            let oldest = counters.iter().min_by_key(|(_, counter)| counter.since);
            if let Some(oldest) = oldest.map(|(who, _)| who.clone()) {
                counters.remove(&oldest);
            }
        }
        let counter = counters.entry(who.to_owned()).or_insert(Counter {
            since: now,
            count: 0,
        });
        counter.count = counter.count.saturating_add(1);
        if counter.count <= limit {
            return Ok(());
        }
        let left = counter.since.plus(WINDOW).since(now);
        Err(u32::try_from(left.as_millis() / 1_000 + 1).unwrap_or(1))
    }

    /// Forgets the attempts of somebody who has proved who they are.
    pub fn forget(&self, who: &str) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(who);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admits_up_to_the_limit_and_again_after_the_window() {
        let attempts = Attempts::default();
        let at = |seconds| Timestamp::ZERO.plus(Duration::from_secs(seconds));
        assert_eq!(attempts.admit("a", 2, at(0)), Ok(()));
        assert_eq!(attempts.admit("a", 2, at(1)), Ok(()));
        assert_eq!(attempts.admit("a", 2, at(2)), Err(899));
        assert_eq!(attempts.admit("b", 2, at(2)), Ok(()));
        assert_eq!(attempts.admit("a", 2, at(900)), Ok(()));
    }

    #[test]
    fn forgets_and_stays_bounded() {
        let attempts = Attempts::default();
        assert_eq!(attempts.admit("a", 1, Timestamp::ZERO), Ok(()));
        attempts.forget("a");
        assert_eq!(attempts.admit("a", 1, Timestamp::ZERO), Ok(()));
        for n in 0..COUNTERS_MAX + 5 {
            attempts.admit(&n.to_string(), 1, Timestamp::ZERO).unwrap();
        }
        assert_eq!(attempts.0.lock().unwrap().len(), COUNTERS_MAX);
    }
}
