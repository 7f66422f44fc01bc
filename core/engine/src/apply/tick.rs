//! Time passed: due timers fire, jobs take a step, message ids past the window are forgotten.

use kith_base::{Timestamp, limits};
use kith_event::Position;

use super::{audience, job};
use crate::state::{Error, Read};
use crate::table::{self, SeenRow};
use crate::{Effect, Project, Working};

/// Rows looked at per sweep. With one every ten seconds the whole table of 30 days at 50
/// events/s is walked once a week.
const SLICE: usize = 2_000;
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
        sweep(working, now)?;
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

fn sweep(working: &mut Working<'_>, now: Timestamp) -> Result<(), Error> {
    let mark = table::mark(table::SWEEP);
    let start = working.tx().get(&mark)?.unwrap_or_else(|| vec![b's']);
    let rows = Read::range(working.tx(), &start, &table::end_of(b"s"), SLICE)?;
    let full = rows.len() == SLICE;
    let mut next = vec![b's'];
    for (key, bytes) in rows {
        let expired = SeenRow::from_bytes(&bytes).is_none_or(|seen| {
            !seen.permanent && now.day() - i64::from(seen.day) > limits::DEDUPLICATION_DAYS
        });
        if expired {
            working.tx().delete(&key);
        }
        next = key;
        next.push(0);
    }
    working
        .tx()
        .put(&mark, if full { next } else { vec![b's'] });
    Ok(())
}
