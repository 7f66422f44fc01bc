//! Time passed: due timers fire, jobs take a step, what is old is forgotten.

use std::collections::BTreeSet;

use kith_base::{PersonId, Timestamp, limits};
use kith_event::Position;

use super::{account, audience, job, sweep};
use crate::state::Error;
use crate::{Effect, Project, Working, table};

/// Least time between two sweeps, in milliseconds.
const SWEEP_INTERVAL_MS: i64 = 10_000;

pub(super) fn apply(
    working: &mut Working<'_>,
    project: &Project,
    position: Position,
    now: Timestamp,
) -> Result<Vec<Effect>, Error> {
    let before = working.clock()?;
    working.advance_clock(now)?;
    let mut effects = Vec::new();
    let mut timers = Timers {
        left: limits::TIMERS_PER_TICK_MAX,
        caught_up: BTreeSet::new(),
    };
    timers.fire(working, project, position, &mut effects)?;
    job::step(working, project, position, &mut effects)?;
    // Who was found to be a member may matter to the others of an account.
    timers.fire(working, project, position, &mut effects)?;
    if !timers.caught_up.is_empty() {
        effects.push(Effect::TimersFired(timers.caught_up.len() as u64));
    }
    let slot = |time: Timestamp| time.as_millis().div_euclid(SWEEP_INTERVAL_MS);
    if slot(before) != slot(now) {
        sweep::sweep(working)?;
    }
    Ok(effects)
}

/// The timers of one tick.
struct Timers {
    /// How many persons may yet be looked at.
    left: usize,
    /// Whose own timers fired.
    caught_up: BTreeSet<PersonId>,
}

impl Timers {
    /// Settles what is due, the longest overdue first, up to a limit; the next tick goes on.
    fn fire(
        &mut self,
        working: &mut Working<'_>,
        project: &Project,
        position: Position,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Error> {
        let now = working.clock()?;
        let mut goes_on = true;
        while goes_on && self.left > 0 {
            goes_on = false;
            for (key, _) in working.timers_due(now, self.left)? {
                let place = table::timer_place(&key);
                let person = place.and_then(|(at, what)| Some((at, audience::timer_person(what)?)));
                let account =
                    place.and_then(|(at, what)| Some((account::timer_account(what)?, at)));
                let mut cost = 1;
                if let Some(account) = account {
                    let most = self.left;
                    cost = account::walk(working, project, position, account, most, effects)?;
                } else if let Some((at, person)) = person
                    && working.membership(person)?.due == Some(at)
                {
                    // Still due when it has more to settle than one tick may.
                    if !self.caught_up.insert(person) {
                        continue;
                    }
                    audience::catch_up(working, project, position, person, effects)?;
                } else {
                    // Its person is no more, or it never named one: left alone it would stay due.
                    working.tx().delete(&key);
                }
                goes_on = true;
                self.left = self.left.saturating_sub(cost.max(1));
                if self.left == 0 {
                    break;
                }
            }
        }
        Ok(())
    }
}
