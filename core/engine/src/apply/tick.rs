//! Time passed: due timers fire, jobs take a step, what is old is forgotten.

use kith_base::{Timestamp, limits};
use kith_event::Position;

use super::{audience, job, sweep};
use crate::state::{Error, Read};
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
    fire(working, project, position, &mut effects)?;
    job::step(working, project)?;
    let slot = |time: Timestamp| time.as_millis().div_euclid(SWEEP_INTERVAL_MS);
    if slot(before) != slot(now) {
        sweep::sweep(working)?;
    }
    Ok(effects)
}

/// Settles what is due, the longest overdue first, up to a limit; the next tick goes on.
fn fire(
    working: &mut Working<'_>,
    project: &Project,
    position: Position,
    effects: &mut Vec<Effect>,
) -> Result<(), Error> {
    let now = working.clock()?;
    let end = table::timer(Timestamp::from_millis(now.as_millis() + 1), "");
    let due = Read::range(working.tx(), b"q", &end, limits::TIMERS_PER_TICK_MAX)?;
    let mut fired = 0;
    for (key, _) in due {
        let place = table::timer_place(&key);
        let named = place.and_then(|(at, what)| Some((at, audience::timer_person(what)?)));
        match named {
            Some((at, person)) if working.membership(person)?.due == Some(at) => {
                audience::catch_up(working, project, position, person, effects)?;
                fired += 1;
            }
            // Its person is no more, or it never named one: left alone it would stay due.
            _ => working.tx().delete(&key),
        }
    }
    if fired > 0 {
        effects.push(Effect::TimersFired(fired));
    }
    Ok(())
}
