//! A logged decision, taken again.

use kith_base::Json;
use kith_definition::{Kind, Offer, Placement, Revisioned};
use kith_event::DecisionTaken;

use super::record::{DecisionRecord, Stored};
use crate::query;
use crate::state::{self, Read};

/// Why a decision cannot be taken again.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The state failed.
    #[error(transparent)]
    State(#[from] state::Error),
    /// The stored inputs cannot be read.
    #[error("the inputs of decision {decision_id} cannot be read: {reason}")]
    Inputs {
        /// Which decision.
        decision_id: String,
        /// Why.
        reason: String,
    },
    /// A revision the decision names is gone or cannot be read.
    #[error("revision {revision} of {kind} {id} cannot be read: {reason}")]
    Revision {
        /// Kind of definition.
        kind: &'static str,
        /// Its id.
        id: String,
        /// The revision.
        revision: u64,
        /// Why.
        reason: String,
    },
}

/// Decides again from the inputs stored with the decision and the revisions it names; the bytes
/// are those of [`DecisionTaken::record`], or the program decides differently than it did.
pub fn replay(state: &dyn Read, taken: &DecisionTaken) -> Result<Json, ReplayError> {
    let stored: Stored = taken.inputs.read().map_err(|error| ReplayError::Inputs {
        decision_id: taken.decision_id.clone(),
        reason: error.to_string(),
    })?;
    let (id, revision) = &stored.inputs.placement;
    let placement = load(state, Kind::Placement, id, *revision, Placement::parse)?;
    let mut offers = Vec::with_capacity(stored.inputs.offers.len());
    for (id, revision) in &stored.inputs.offers {
        offers.push(load(state, Kind::Offer, id, *revision, Offer::parse)?);
    }
    let outcome = kith_decide::replay(&stored.inputs, placement, offers);
    let record = DecisionRecord {
        person: stored.person,
        position: stored.position,
        identifiers: &taken.identifiers,
        context: &stored.context,
    };
    Ok(record.write(&outcome).record)
}

fn load<T>(
    state: &dyn Read,
    kind: Kind,
    id: &str,
    revision: u64,
    parse: fn(&Json) -> Result<T, Vec<kith_definition::FieldError>>,
) -> Result<Revisioned<T>, ReplayError> {
    let error = |reason: String| ReplayError::Revision {
        kind: kind.as_str(),
        id: id.to_owned(),
        revision,
        reason,
    };
    let row = query::revision(state, kind.as_str(), id, revision)?
        .ok_or_else(|| error("it is not in the state".to_owned()))?;
    let spec = parse(&row.spec).map_err(|errors| {
        error(errors.iter().map(|one| format!("{}: {}", one.field, one.message)).collect())
    })?;
    Ok(Revisioned { id: id.to_owned(), name: row.name, revision, spec })
}
