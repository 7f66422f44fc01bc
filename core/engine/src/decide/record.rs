//! The record of a decision, as the API shows it and as it is replayed.

use kith_base::{Json, PersonId, Value};
use kith_decide::{Entry, Inputs, Loser, Outcome};
use kith_definition::Reference;
use kith_event::{DecisionTaken, Identifier, Position};
use serde::{Deserialize, Serialize};

/// What a record says besides the outcome.
pub struct DecisionRecord<'a> {
    /// The person, when one was known.
    pub person: Option<PersonId>,
    /// Position applied when the decision was taken.
    pub position: Position,
    /// Who it was asked for.
    pub identifiers: &'a [Identifier],
    /// The caller's context.
    pub context: &'a Value,
}

/// The stored inputs: enough to write the same record again.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Stored {
    pub person: Option<PersonId>,
    pub position: Position,
    pub context: Value,
    pub inputs: Inputs,
}

#[derive(Serialize)]
struct Wire<'a> {
    decision_id: &'a str,
    placement: &'a str,
    person_id: Option<String>,
    decided_at: String,
    position: Position,
    seed: String,
    definitions: Vec<Reference>,
    request: WireRequest<'a>,
    facts: &'a std::collections::BTreeMap<String, Value>,
    decision: &'a Entry,
    losers: &'a [Loser],
    losers_cut: usize,
}

#[derive(Serialize)]
struct WireRequest<'a> {
    identifiers: &'a [Identifier],
    context: &'a Value,
}

impl DecisionRecord<'_> {
    /// Writes the record for the log. Equal outcomes give equal bytes.
    pub fn write(&self, outcome: &Outcome) -> DecisionTaken {
        let inputs = &outcome.inputs;
        let wire = Wire {
            decision_id: &inputs.decision_id,
            placement: &inputs.placement.0,
            person_id: self.person.map(|person| person.to_string()),
            decided_at: inputs.now.to_string(),
            position: self.position,
            seed: inputs.seed.to_string(),
            definitions: inputs.definitions().collect(),
            request: WireRequest {
                identifiers: self.identifiers,
                context: self.context,
            },
            facts: &inputs.facts,
            decision: &outcome.entry,
            losers: &outcome.losers,
            losers_cut: outcome.losers_cut,
        };
        let stored = Stored {
            person: self.person,
            position: self.position,
            context: self.context.clone(),
            inputs: inputs.clone(),
        };
        let json = |written: Result<Json, serde_json::Error>| {
            written.expect("every member of a decision has a JSON form")
        };
        DecisionTaken {
            decision_id: inputs.decision_id.clone(),
            placement: inputs.placement.0.clone(),
            identifiers: self.identifiers.to_vec(),
            at: inputs.now,
            record: json(Json::from_serialize(&wire)),
            inputs: json(Json::from_serialize(&stored)),
        }
    }
}
