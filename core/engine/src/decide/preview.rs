//! What a page would show: decided as always, granted and recorded nowhere.

use kith_base::{Digest, PersonId, Timestamp};

use super::{Answer, Decided, Request, Sources, decide, decide_for};
use crate::query;
use crate::state::Error;

/// The id of every decision of a preview: what becomes of it is attributed to nothing.
pub const PREVIEW_DECISION_ID: &str = "preview";

/// What a preview changes about a decision.
#[derive(Clone, Copy, Debug, Default)]
pub struct Preview<'a> {
    /// Decide for this person, not for whom the identifiers name.
    pub person: Option<PersonId>,
    /// Show this offer in this placement, whoever it is for.
    pub offer: Option<(&'a str, &'a str)>,
}

/// Decides as [`decide`] does, but for what the preview says. An offer with limits that is open is
/// shown ungranted.
pub fn preview(
    sources: Sources<'_>,
    request: &Request,
    preview: Preview<'_>,
    now: Timestamp,
    call: Digest,
) -> Result<Answer, Error> {
    let mut answer = match preview.person {
        Some(person) => {
            let person = query::resolve_person(sources.state, person)?;
            decide_for(sources, request, person, now, call)?
        }
        None => decide(sources, request, now, call)?,
    };
    for decided in &mut answer.decided {
        let Decided::Taken(outcome) = decided else {
            continue;
        };
        let entry = &mut outcome.entry;
        entry.decision_id = PREVIEW_DECISION_ID.to_owned();
        let Some((_, offer)) = preview.offer.filter(|(place, _)| *place == entry.placement) else {
            continue;
        };
        let why = "A preview shows it, whoever it is for";
        if let Some(choice) = sources
            .project
            .placements
            .shown(&entry.placement, offer, why)
        {
            entry.choices = vec![choice];
            entry.fallback = false;
        }
    }
    Ok(answer)
}
