//! The one place that asks the machine what time it is, and what is said when a record told a
//! later one.
//!
//! The engine's clock is the latest instant that a record told, and never goes back. A machine
//! whose clock was ahead and is set right lives in that clock's past for a while: nothing moves by
//! time alone until its own time has come there.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use kith_base::{Duration, Timestamp, limits};
use kith_engine::query;
use kith_engine::state::{self, Read};

/// The present, in UTC milliseconds.
pub fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The log tells of a later instant than the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ahead {
    /// The latest instant that a record told.
    pub told: Timestamp,
    /// How long it is until then.
    pub by: Duration,
}

impl Ahead {
    /// By more than clocks differ that are set by the network.
    pub fn of(state: &dyn Read, now: Timestamp) -> Result<Option<Self>, state::Error> {
        Ok(Ahead::between(query::clock(state)?, now))
    }

    fn between(told: Timestamp, now: Timestamp) -> Option<Self> {
        let by = told.since(now);
        let most = Duration::from_millis(limits::CLOCK_AHEAD_MAX_S * 1_000);
        (by > most).then_some(Ahead { told, by })
    }
}

impl fmt::Display for Ahead {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.by.as_millis() / 60_000;
        let (days, hours, minutes) = (minutes / 1_440, minutes / 60 % 24, minutes % 60);
        write!(
            out,
            "the log's clock stands at {}, {days} d {hours} h {minutes} min ahead of this \
             machine's: rules are asked as of then, and until then nobody enters or leaves by time \
             alone; if this machine's clock is wrong, set it (timedatectl); if it is right, it was \
             ahead before: wait until then, or restore a backup from before it was",
            self.told
        )
    }
}

/// Tells when the log's clock comes to be ahead, and when it no longer is, once each.
#[derive(Debug, Default)]
pub(crate) struct Watch(AtomicBool);

impl Watch {
    /// What the clocks say now; answers whether that is new.
    pub fn look(&self, told: Timestamp, now: Timestamp) -> bool {
        let ahead = Ahead::between(told, now);
        let was = self.0.swap(ahead.is_some(), Ordering::Relaxed);
        match ahead {
            Some(ahead) if !was => tracing::warn!("{ahead}"),
            None if was => tracing::info!("the machine's time has come to where the log's was"),
            _ => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST_MS: i64 = limits::CLOCK_AHEAD_MAX_S * 1_000;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn a_log_that_is_further_ahead_than_the_limit_is_told_of_once() {
        let watch = Watch::default();
        let told = at(10 * MOST_MS);
        let looks = [9, 9, 8, 8, 10, 10, 11, 0].map(|now| watch.look(told, at(now * MOST_MS)));
        assert_eq!(
            looks,
            [false, false, true, false, true, false, false, true],
            "at the limit, and more than it"
        );
        assert!(Watch::default().look(told, at(9 * MOST_MS - 1)));
    }

    #[test]
    fn how_far_ahead_is_told_with_what_to_do() {
        let now = at(1_772_438_400_000);
        let by =
            |seconds: i64| Ahead::between(now.plus(Duration::from_millis(seconds * 1_000)), now);
        assert_eq!(by(300), None);
        let told = by(2 * 86_400 + 3_600 + 61).expect("ahead").to_string();
        let begins = "the log's clock stands at 2026-03-04T09:01:01.000Z, 2 d 1 h 1 min ahead";
        assert!(told.starts_with(begins), "{told}");
        assert!(told.contains("restore a backup"), "{told}");
    }
}
