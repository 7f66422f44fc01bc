//! The record of a decision, as the API shows it and as it is replayed.

use kith_base::{Json, PersonId, Value};
use kith_decide::bandit::Serves;
use kith_decide::{Drawable, Drawing, Entry, Inputs, Loser, Outcome};
use kith_event::{DecisionTaken, Identifier, Position};
use serde::{Deserialize, Serialize, Serializer};

/// What one definition, one loser and one offer of the inputs usually take, so that writing a
/// record seldom moves it.
const DEFINITION_BYTES: usize = 64;
const LOSER_BYTES: usize = 224;
const STORED_OFFER_BYTES: usize = 32;

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
#[derive(Debug, Deserialize)]
pub(super) struct Stored {
    pub person: Option<PersonId>,
    pub position: Position,
    pub context: Value,
    pub inputs: Inputs,
}

/// The same while it is written.
#[derive(Serialize)]
struct ToStore<'a> {
    person: Option<PersonId>,
    position: Position,
    context: &'a Value,
    inputs: &'a Inputs,
}

#[derive(Serialize)]
struct Wire<'a> {
    decision_id: &'a str,
    placement: &'a str,
    person_id: Option<String>,
    decided_at: String,
    position: Position,
    seed: String,
    definitions: Definitions<'a>,
    request: WireRequest<'a>,
    facts: &'a std::collections::BTreeMap<String, Value>,
    decision: &'a Entry,
    losers: &'a [Loser],
    losers_cut: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    learning: Option<WireDrawing<'a>>,
}

/// What a draw depended on, with plain numbers.
#[derive(Serialize)]
struct WireDrawing<'a> {
    serves: Serves,
    floor: f64,
    features: &'a [String],
    candidates: Vec<WireDrawable<'a>>,
}

#[derive(Serialize)]
struct WireDrawable<'a> {
    offer: &'a str,
    worth: f64,
    propensity: f64,
    learned: f64,
    expected: f64,
    refused: bool,
}

impl<'a> WireDrawing<'a> {
    fn of(drawing: &'a Drawing) -> Self {
        let candidate = |one: &'a Drawable| WireDrawable {
            offer: &one.offer,
            worth: one.worth,
            propensity: one.propensity,
            learned: one.learned,
            expected: one.expected,
            refused: one.refused,
        };
        WireDrawing {
            serves: drawing.serves,
            floor: drawing.floor,
            features: &drawing.features,
            candidates: drawing.candidates.iter().map(candidate).collect(),
        }
    }
}

/// The definitions used, placement first.
struct Definitions<'a>(&'a Inputs);

impl Serialize for Definitions<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.definitions())
    }
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
            definitions: Definitions(inputs),
            request: WireRequest {
                identifiers: self.identifiers,
                context: self.context,
            },
            facts: &inputs.facts,
            decision: &outcome.entry,
            losers: &outcome.losers,
            losers_cut: outcome.losers_cut,
            learning: inputs.drawing.as_deref().map(WireDrawing::of),
        };
        let stored = ToStore {
            person: self.person,
            position: self.position,
            context: self.context,
            inputs,
        };
        let rows = inputs.offers.len();
        let wire_bytes = 1_024 + rows * DEFINITION_BYTES + outcome.losers.len() * LOSER_BYTES;
        let stored_bytes = 1_024 + rows * STORED_OFFER_BYTES;
        DecisionTaken {
            decision_id: inputs.decision_id.clone(),
            placement: inputs.placement.0.clone(),
            identifiers: self.identifiers.to_vec(),
            at: inputs.now,
            record: json(&wire, wire_bytes),
            inputs: json(&stored, stored_bytes),
        }
    }
}

fn json<T: Serialize>(value: &T, bytes_usual: usize) -> Json {
    Json::with_capacity(value, bytes_usual).expect("every member of a decision has a JSON form")
}
