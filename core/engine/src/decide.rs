//! Deciding for one person: read the profile and the item lists, choose, write it down.
//!
//! [`decide`] is a pure function of a state, a project, a request, the time and the ids given.
//! What it answers is a [`Decided`] per placement; [`Answer::records`] writes them down for the
//! log, which nobody needs to wait for. An offer with limits is shown only once the one writer has
//! granted it: [`Answer::wanted`] says what to ask for, [`decide_granted`] goes on with what it
//! said. [`replay`] takes a logged decision again from its stored
//! inputs and the revisions it names.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::{Digest, NodeId, PersonId, Timestamp, Value, digest};
use kith_decide::{Chain, Closed, Items, ProfileUse, Standing};
use kith_definition::{Placement, PlacementType, Revisioned};
use kith_event::{DecisionTaken, GrantAsked, Identifier, Position};
use kith_identity::MergePolicy;
use kith_profile::{PersonFacts, Profile};
use kith_rule::FactKey;

use crate::accounts::{PersonAccounts, accounts_by_rules, as_counted};
use crate::state::{Error, Read};
use crate::{Learned, Project, grants, query, table};

mod anchors;
mod candidates;
mod logged;
mod preview;
mod recipes;
mod record;
mod replay;
mod shown;

pub use candidates::groups_of;
pub use kith_decide::Outcome;
pub use logged::{Logged, slot_name};
pub use preview::{PREVIEW_DECISION_ID, Preview, preview};
pub use record::DecisionRecord;
pub use replay::{ReplayError, replay, rerank};
pub use shown::Shown;

/// What a caller asks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// Placements to fill, by id.
    pub placements: Vec<String>,
    /// Who it is for.
    pub identifiers: Vec<Identifier>,
    /// What the caller says about this moment.
    pub context: Value,
    /// Items to put in the person's order by the placement's recipe, instead of finding some;
    /// empty for most.
    pub items: Vec<String>,
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
    /// Their strongest node.
    pub node: Option<NodeId>,
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

    /// What has to be granted before this can be answered; empty for most. The ids follow from
    /// the call, so that the same call never asks for two grants of one offer.
    pub fn wanted(&self, now: Timestamp, call: Digest) -> Vec<GrantAsked> {
        let offers = self.outcomes().flat_map(|outcome| &outcome.wanted);
        let offers: BTreeSet<&str> = offers.map(|id| &**id).collect();
        let asked = |(offer, node): (&str, NodeId)| GrantAsked {
            offer: offer.to_owned(),
            node,
            at: now,
            grant_id: NodeId(digest("grant", &[&call.0, offer.as_bytes()]).0),
            seed: digest("grant-seed", &[&call.0, offer.as_bytes()]),
        };
        let named = offers
            .into_iter()
            .filter_map(|offer| Some((offer, self.node?)));
        named.map(asked).collect()
    }

    /// The placements that were filled.
    pub fn outcomes(&self) -> impl Iterator<Item = &Outcome> {
        self.decided.iter().filter_map(|decided| match decided {
            Decided::Taken(outcome) => Some(&**outcome),
            Decided::UnknownPlacement(_) => None,
        })
    }
}

/// What the writer said of offers with limits that this call wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grants {
    /// By id of the offer.
    pub said: BTreeMap<String, Standing>,
    /// Nothing more can be granted in this call.
    pub closed: bool,
}

impl Grants {
    /// Where the person stands after what the writer said.
    fn settle(&self, offer: &str, standing: Standing) -> Standing {
        match (self.said.get(offer), standing) {
            (Some(Standing::Closed(closed)), _) => Standing::Refused(*closed),
            (Some(said), _) => said.clone(),
            (None, Standing::Open) if self.closed => Standing::Refused(Closed::NotAsked),
            (None, standing) => standing,
        }
    }
}

/// What decisions are taken from.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// The state, as of one position.
    pub state: &'a dyn Read,
    /// The live definitions.
    pub project: &'a Project,
    /// What was learned so far.
    pub learned: &'a Learned,
}

/// Decides for the person the identifiers name. `call` is a random number that makes the ids
/// and seeds of this call's decisions.
pub fn decide(
    sources: Sources<'_>,
    request: &Request,
    now: Timestamp,
    call: Digest,
) -> Result<Answer, Error> {
    decide_granted(sources, request, now, call, &Grants::default())
}

/// The same once the writer has said something of offers with limits.
pub fn decide_granted(
    sources: Sources<'_>,
    request: &Request,
    now: Timestamp,
    call: Digest,
    grants: &Grants,
) -> Result<Answer, Error> {
    let Sources { state, project, .. } = sources;
    let person = query::person_of(state, project, &request.identifiers)?;
    decide_with(sources, request, person, (now, call, grants))
}

/// Decides for a person known by id; nothing is granted.
pub fn decide_for(
    sources: Sources<'_>,
    request: &Request,
    person: Option<PersonId>,
    now: Timestamp,
    call: Digest,
) -> Result<Answer, Error> {
    let grants = Grants::default();
    decide_with(sources, request, person, (now, call, &grants))
}

/// Decides for a profile that is given, such as one that knows less than the state; nothing is
/// granted.
pub fn decide_profile(
    sources: Sources<'_>,
    request: &Request,
    profile: Profile,
    now: Timestamp,
    call: Digest,
) -> Result<Answer, Error> {
    let position = table::read_number(sources.state, &table::mark(table::APPLIED))?;
    let person = profile.person;
    let node = profile.nodes.first().map(|node| node.id);
    let (profile, allowed) = consented(Some(profile));
    let places: Vec<usize> = (0..request.placements.len()).collect();
    let whose = (profile.as_ref(), allowed);
    let mut decided = BTreeMap::new();
    let when = (now, call, &Grants::default());
    fill(sources, (request, &places), whose, when, &mut decided)?;
    Ok(Answer {
        person: Some(person),
        node,
        position,
        decided: decided.into_values().collect(),
    })
}

fn decide_with(
    sources: Sources<'_>,
    request: &Request,
    person: Option<PersonId>,
    (now, call, grants): (Timestamp, Digest, &Grants),
) -> Result<Answer, Error> {
    let Sources { state, project, .. } = sources;
    let position = table::read_number(state, &table::mark(table::APPLIED))?;
    let policies = project.identity.policies;
    let (mut decided, mut node) = (BTreeMap::new(), None);
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
        let (profile, allowed) = consented(profile);
        // Under every policy the first node is the person's own.
        let nodes = profile.iter().flat_map(|profile| &profile.nodes);
        node = node.or(nodes.map(|node| node.id).next());
        let whose = (profile.as_ref(), allowed);
        let when = (now, call, grants);
        fill(sources, (request, &places), whose, when, &mut decided)?;
    }
    Ok(Answer {
        person,
        node,
        position,
        decided: decided.into_values().collect(),
    })
}

/// Fills the placements at these places of a request, for one profile.
fn fill(
    sources: Sources<'_>,
    (request, places): (&Request, &[usize]),
    (profile, allowed): (Option<&Profile>, ProfileUse),
    (now, call, grants): (Timestamp, Digest, &Grants),
    decided: &mut BTreeMap<usize, Decided>,
) -> Result<(), Error> {
    let Sources {
        state,
        project,
        learned,
    } = sources;
    let nodes = profile.iter().flat_map(|profile| &profile.nodes);
    let nodes: Vec<NodeId> = nodes.map(|node| node.id).collect();
    let member = match profile {
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
    let facts = facts_of(profile, project, &request.context, &in_audience);
    let facts = facts.with_accounts(Some(&of_accounts));
    let mut session = project.placements.session(&facts, now);
    let mut lists = candidates::Lists::new(state, now);
    for index in places {
        let placement = &request.placements[*index];
        let Some(spec) = project.placements.get(placement) else {
            continue;
        };
        let id = digest("decision", &[&call.0, &(*index as u64).to_be_bytes()]);
        let decision_id = NodeId(id.0).to_string();
        let seed = id.prefix();
        let chain = session.recipes(placement);
        let found = (profile, chain.as_ref());
        let items = items(&mut lists, sources, spec, found, request)?;
        let standing = standings(state, project, profile, placement, (now, grants))?;
        let asked = kith_decide::Request {
            placement,
            decision_id: &decision_id,
            seed,
            profile: allowed,
            items,
            standing,
            policy: kith_decide::Policy::Learned(&learned.policies.bandit),
            nodes: &nodes,
        };
        let outcome = match session.decide(asked) {
            Some(outcome) => Decided::Taken(Box::new(outcome)),
            None => Decided::UnknownPlacement(placement.clone()),
        };
        decided.insert(*index, outcome);
    }
    Ok(())
}

/// What a placement of items may show, as its strategies or its recipe found it.
fn items(
    lists: &mut candidates::Lists<'_>,
    sources: Sources<'_>,
    placement: &Revisioned<Placement>,
    (profile, chain): (Option<&Profile>, Option<&Chain<'_>>),
    request: &Request,
) -> Result<Items, Error> {
    let (id, spec) = (&placement.id, &placement.spec);
    let placements = &sources.project.placements;
    let (context, named) = (&request.context, &request.items);
    match (spec.kind, chain.filter(|_| spec.recipe.is_some()), profile) {
        (PlacementType::Offers, _, _) => Ok(Items::default()),
        (PlacementType::Items, None, _) => lists.items(spec, profile, context),
        (PlacementType::Items, Some(_), None) => Ok(Items {
            named: named.clone(),
            ..Items::default()
        }),
        (PlacementType::Items, Some(chain), Some(profile)) => {
            let mut recipes = placements.recipes(id);
            let facts = placements.item_facts(id);
            let models = &sources.learned.recommenders;
            if named.is_empty() {
                lists.recipes((recipes, chain), facts, models, (profile, context))
            } else {
                let whose = (profile, context);
                lists.named(recipes.next(), facts, models, whose, named)
            }
        }
    }
}

/// Where the person stands with each offer of a placement that has limits.
fn standings(
    state: &dyn Read,
    project: &Project,
    profile: Option<&Profile>,
    placement: &str,
    (now, grants): (Timestamp, &Grants),
) -> Result<BTreeMap<String, Standing>, Error> {
    let limited = project.placements.limited(placement);
    let Some(profile) = profile.filter(|_| !limited.is_empty()) else {
        return Ok(BTreeMap::new());
    };
    let nodes: Vec<NodeId> = profile.nodes.iter().map(|node| node.id).collect();
    let mut standings = BTreeMap::new();
    for offer in limited {
        if let Some(found) = grants::standing(state, project, &nodes, offer, now)? {
            standings.insert(offer.to_owned(), grants.settle(offer, found));
        }
    }
    Ok(standings)
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
