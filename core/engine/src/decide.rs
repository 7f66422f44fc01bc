//! Deciding for one person: read the profile and the item lists, choose, write it down.
//!
//! [`decide`] is a pure function of a state, a project, a request, the time and the ids given.
//! What it answers is a [`Decided`] per placement; [`Answer::records`] writes them down for the
//! log, which nobody needs to wait for. [`replay`] takes a logged decision again from its stored
//! inputs and the revisions it names.

use std::collections::BTreeMap;

use kith_base::{Digest, PersonId, Timestamp, Value, digest};
use kith_decide::{Items, ProfileUse};
use kith_definition::PlacementType;
use kith_event::{DecisionTaken, Identifier, Position};
use kith_identity::MergePolicy;
use kith_profile::{PersonFacts, Profile};
use kith_rule::FactKey;

use crate::accounts::{PersonAccounts, accounts_by_rules, as_counted};
use crate::state::{Error, Read};
use crate::{Project, query, table};

mod candidates;
mod record;
mod replay;

pub use kith_decide::Outcome;
pub use record::DecisionRecord;
pub use replay::{ReplayError, replay};

/// What a caller asks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// Placements to fill, by id.
    pub placements: Vec<String>,
    /// Who it is for.
    pub identifiers: Vec<Identifier>,
    /// What the caller says about this moment.
    pub context: Value,
}

/// One placement's answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Decided {
    /// It was filled: what was chosen and what lost.
    Taken(Box<Outcome>),
    /// There is no such placement.
    UnknownPlacement(String),
}

/// Everything about one call.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The person, when the identifiers name one.
    pub person: Option<PersonId>,
    /// Position applied when it was given.
    pub position: Position,
    /// In the order asked.
    pub decided: Vec<Decided>,
}

impl Answer {
    /// The records of its decisions for the log, in order. `request` is the one it answers.
    pub fn records(&self, request: &Request) -> impl Iterator<Item = DecisionTaken> {
        let written = DecisionRecord {
            person: self.person,
            position: self.position,
            identifiers: &request.identifiers,
            context: &request.context,
        };
        self.outcomes().map(move |outcome| written.write(outcome))
    }

    /// The placements that were filled.
    pub fn outcomes(&self) -> impl Iterator<Item = &Outcome> {
        self.decided.iter().filter_map(|decided| match decided {
            Decided::Taken(outcome) => Some(&**outcome),
            Decided::UnknownPlacement(_) => None,
        })
    }
}

/// Decides for the person the identifiers name. `call` is a random number that makes the ids
/// and seeds of this call's decisions.
pub fn decide(
    state: &dyn Read,
    project: &Project,
    request: &Request,
    now: Timestamp,
    call: Digest,
) -> Result<Answer, Error> {
    let person = query::person_of(state, project, &request.identifiers)?;
    decide_for(state, project, request, person, now, call)
}

/// Decides for a person known by id.
pub fn decide_for(
    state: &dyn Read,
    project: &Project,
    request: &Request,
    person: Option<PersonId>,
    now: Timestamp,
    call: Digest,
) -> Result<Answer, Error> {
    let position = table::read_number(state, &table::mark(table::APPLIED))?;
    let policies = project.identity.policies;
    let mut decided = BTreeMap::new();
    let mut asked: BTreeMap<MergePolicy, Vec<usize>> = BTreeMap::new();
    for (index, placement) in request.placements.iter().enumerate() {
        let Some(found) = project.placements.get(placement) else {
            decided.insert(index, Decided::UnknownPlacement(placement.clone()));
            continue;
        };
        let policy = match found.spec.kind {
            PlacementType::Offers => policies.offers,
            PlacementType::Items => policies.items,
        };
        asked.entry(policy).or_default().push(index);
    }
    for (policy, places) in asked {
        let profile = match person {
            Some(person) => query::profile_under(state, project, person, policy)?,
            None => None,
        };
        fill(
            state,
            project,
            (request, &places),
            profile,
            (now, call),
            &mut decided,
        )?;
    }
    Ok(Answer {
        person,
        position,
        decided: decided.into_values().collect(),
    })
}

/// Fills the placements at these places of a request, for one profile.
fn fill(
    state: &dyn Read,
    project: &Project,
    (request, places): (&Request, &[usize]),
    profile: Option<Profile>,
    (now, call): (Timestamp, Digest),
    decided: &mut BTreeMap<usize, Decided>,
) -> Result<(), Error> {
    let (profile, allowed) = consented(profile);
    let member = match &profile {
        Some(profile) => query::memberships(state, profile.person)?.audiences,
        None => BTreeMap::new(),
    };
    let in_audience = |id: &str| {
        let lives = project.audiences.get(id).is_some();
        lives.then(|| member.contains_key(id))
    };
    let number = |key: &[u8]| table::read_number(state, key);
    let held = || {
        let folds = profile.iter().map(|profile| &profile.fold);
        let nodes = profile.iter().flat_map(|profile| &profile.nodes);
        let names = nodes.map(|node| (&*node.identifier.namespace, &*node.identifier.value));
        accounts_by_rules(&project.identity, folds, names)
    };
    let accounts = PersonAccounts::read(state, &number, &project.questions, held)?;
    let of_accounts = |key: &FactKey| {
        let accounts = accounts.as_ref();
        accounts.map_or(Value::Null, |known| known.answer(key, &as_counted))
    };
    let facts = facts_of(profile.as_ref(), project, &request.context, &in_audience);
    let facts = facts.with_accounts(Some(&of_accounts));
    let mut session = project.placements.session(&facts, now);
    let mut lists = candidates::Lists::new(state, now);
    for index in places {
        let placement = &request.placements[*index];
        let Some(spec) = project.placements.get(placement) else {
            continue;
        };
        let id = digest("decision", &[&call.0, &(*index as u64).to_be_bytes()]);
        let decision_id = kith_base::NodeId(id.0).to_string();
        let seed = id.prefix();
        let items = match spec.spec.kind {
            PlacementType::Offers => Items::default(),
            PlacementType::Items => lists.items(&spec.spec, profile.as_ref(), &request.context)?,
        };
        let asked = kith_decide::Request {
            placement,
            decision_id: &decision_id,
            seed,
            profile: allowed,
            items,
        };
        let outcome = match session.decide(asked) {
            Some(outcome) => Decided::Taken(Box::new(outcome)),
            None => Decided::UnknownPlacement(placement.clone()),
        };
        decided.insert(*index, outcome);
    }
    Ok(())
}

/// What rules may know of a profile and of this moment.
fn facts_of<'a>(
    profile: Option<&'a Profile>,
    project: &'a Project,
    context: &'a Value,
    in_audience: &'a dyn Fn(&str) -> Option<bool>,
) -> PersonFacts<'a> {
    let folds = profile.iter().map(|profile| &profile.fold).collect();
    let nodes = profile.iter().flat_map(|profile| &profile.nodes);
    let identifiers = nodes.map(|node| &node.identifier).collect();
    PersonFacts::new(folds, identifiers, &project.features, context, in_audience)
}

/// The consent category under which profiles are read to decide.
const PERSONALIZATION: &str = "personalization";

/// The profile, unless its person refused that it is used.
fn consented(profile: Option<Profile>) -> (Option<Profile>, ProfileUse) {
    match profile {
        None => (None, ProfileUse::Unknown),
        Some(profile) if profile.consent(PERSONALIZATION) == Some(false) => {
            (None, ProfileUse::Refused)
        }
        Some(profile) => (Some(profile), ProfileUse::Used),
    }
}
