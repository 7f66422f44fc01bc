//! A logged decision, taken again.

use kith_base::Json;
use kith_decide::{Inputs, Reranked, Reranker, Specs};
use kith_definition::{Kind, Offer, Placement, Recipe};
use kith_event::DecisionTaken;

use super::record::{DecisionRecord, Stored};
use crate::query;
use crate::state::Read;

/// Why a decision cannot be taken again.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The stored inputs cannot be read.
    #[error("the inputs of decision {decision_id} cannot be read: {reason}")]
    Inputs {
        /// Which decision.
        decision_id: String,
        /// Why.
        reason: String,
    },
    /// A revision the decision names is gone or cannot be read.
    #[error(transparent)]
    Decide(#[from] kith_decide::ReplayError),
}

/// Decides again from the inputs stored with the decision and the revisions it names; the bytes
/// are those of [`DecisionTaken::record`], or the program decides differently than it did.
pub fn replay(state: &dyn Read, taken: &DecisionTaken) -> Result<Json, ReplayError> {
    let stored: Stored = taken.inputs.read().map_err(|error| ReplayError::Inputs {
        decision_id: taken.decision_id.clone(),
        reason: error.to_string(),
    })?;
    let outcome = kith_decide::replay(&stored.inputs, &Revisions { state })?;
    let record = DecisionRecord {
        person: stored.person,
        position: stored.position,
        identifiers: &taken.identifiers,
        context: &stored.context,
    };
    Ok(record.write(&outcome).record)
}

/// What a placement that ranks would have shown first in a logged decision.
pub fn rerank(
    reranker: &mut Reranker,
    state: &dyn Read,
    inputs: &Inputs,
) -> Result<Reranked, ReplayError> {
    Ok(reranker.rank(inputs, &Revisions { state })?)
}

/// Past revisions in the state.
struct Revisions<'a> {
    state: &'a dyn Read,
}

impl Revisions<'_> {
    fn spec(&self, kind: Kind, id: &str, revision: u64) -> Option<Json> {
        let row = query::revision(self.state, kind.as_str(), id, revision).ok()??;
        Some(row.spec)
    }
}

impl Specs for Revisions<'_> {
    fn placement(&self, id: &str, revision: u64) -> Option<Placement> {
        Placement::parse(&self.spec(Kind::Placement, id, revision)?).ok()
    }

    fn recipe(&self, id: &str, revision: u64) -> Option<Recipe> {
        Recipe::parse(&self.spec(Kind::Recipe, id, revision)?).ok()
    }

    fn offer(&self, id: &str, revision: u64) -> Option<Offer> {
        Offer::parse(&self.spec(Kind::Offer, id, revision)?).ok()
    }
}
