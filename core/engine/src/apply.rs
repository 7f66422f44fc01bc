//! One record applied: dispatch to one handler file per kind of record.

use std::sync::Arc;

use kith_event::{Position, Record};

use crate::state::Error;
use crate::{Effect, Project, Working, table};

mod account;
mod audience;
mod catalog;
mod caught_up;
mod component;
mod decision;
mod definition;
mod event;
mod grant;
mod identity;
mod items;
mod job;
mod judge;
mod list;
mod many;
mod probable;
mod refused;
mod regroup;
mod sweep;
mod tick;
mod traits;
mod verdict;
mod webhook;

pub(crate) use catalog::{item_words, words_of_item};
pub(crate) use event::{attributes_of, resolve};
pub(crate) use identity::refusal_code;
pub use items::{ALSO_VIEWED_HALF_LIFE, HEAT_HALF_LIFE};
pub(crate) use job::reconcile;

/// Applies the record at `position`. Pure but for `working`; the same records in the same order
/// give the same state. Cost of an event: about six point reads when cold, none when hot. After a
/// record of definitions, `project` is what they have left, compiled from all of them.
///
/// # Errors
///
/// Only when the store fails; the batch must then be dropped together with its cache.
pub fn apply(
    working: &mut Working<'_>,
    project: &mut Arc<Project>,
    position: Position,
    record: &Record,
) -> Result<Vec<Effect>, Error> {
    let effects = dispatch(working, project, position, record)?;
    sweep::after(working, position)?;
    if matches!(record, Record::Definition(_) | Record::Definitions(_)) {
        // At once, not after a run of them: what is written must follow from the log, not from
        // how its records fell into batches.
        *project = Arc::new(working.project(position + 1)?);
    }
    Ok(effects)
}

fn dispatch(
    working: &mut Working<'_>,
    project: &Project,
    position: Position,
    record: &Record,
) -> Result<Vec<Effect>, Error> {
    match record {
        Record::Event(event) => event::apply(working, project, position, event),
        Record::Refused(_) => refused::apply(working, position),
        Record::Redriven(redriven) => refused::apply_redriven(working, position, redriven),
        Record::Definition(change) => {
            definition::apply(working, position, std::slice::from_ref(change))
        }
        Record::Definitions(changes) => definition::apply(working, position, changes),
        Record::Catalog(change) => catalog::apply(working, position, change),
        Record::Decision(taken) => decision::apply(working, project, position, taken),
        Record::Grant(asked) => grant::apply(working, project, position, asked),
        Record::Coupons(added) => grant::add_coupons(working, added),
        Record::List(change) => list::apply(working, project, position, change),
        Record::CaughtUp(series) => caught_up::apply(working, series),
        Record::Reached(places) => caught_up::reached(working, places),
        Record::Verdict(verdict) => verdict::apply(working, project, position, verdict),
        Record::Probable(found) => probable::apply(working, project, found),
        Record::Job(change) => job::change(working, project, change),
        Record::Deliveries(deliveries) => webhook::apply(working, deliveries),
        Record::Resend(resend) => webhook::resend(working, resend),
        Record::Export(export) => {
            let key = table::export(&export.export_id);
            working.tx().put(&key, table::encode(export));
            Ok(Vec::new())
        }
        Record::Tick(now) => tick::apply(working, project, position, *now),
    }
}
