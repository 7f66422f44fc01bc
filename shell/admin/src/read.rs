//! From the engine's rows and records to the wire: the only place that knows both.

use std::collections::BTreeMap;

use kith_base::{Json, NodeId, PersonId, Timestamp, Value};
use kith_engine::query::{self, Edge};
use kith_engine::state::{self, Read};
use kith_engine::table::{MembershipChange, VerdictRow};
use kith_event::{Event, Identifier, Position, Record, Refused, Says};
use kith_profile::{Profile, feature};
use kith_runtime::{AppendError, View, log};

use crate::computed::computed;
use crate::fate;
use crate::problem::{self, Problem};
use crate::wire;

impl From<state::Error> for Problem {
    fn from(error: state::Error) -> Self {
        Problem::new(problem::STORAGE_FAILED, error.to_string())
    }
}

impl From<log::Error> for Problem {
    fn from(error: log::Error) -> Self {
        Problem::new(problem::STORAGE_FAILED, error.to_string())
    }
}

impl From<AppendError> for Problem {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Overloaded { retry_after_s } => {
                Problem::new(problem::OVERLOADED, error.to_string()).retry_after_s(retry_after_s)
            }
            AppendError::Storage(_) | AppendError::Stopped => {
                Problem::new(problem::STORAGE_FAILED, error.to_string())
            }
        }
    }
}

/// An event that was folded, with its person.
pub fn event(view: &View, position: Position, event: &Event) -> Result<wire::Event, Problem> {
    let person = query::person_of(&*view.state, &view.project, &event.identifiers)?;
    event_of(view, position, event, person)
}

/// An event of a person who is known already.
pub fn event_of(
    view: &View,
    position: Position,
    event: &Event,
    person: Option<PersonId>,
) -> Result<wire::Event, Problem> {
    Ok(wire::Event {
        message_id: event.message_id.clone(),
        position,
        source: event.source.clone(),
        kind: event.kind.into(),
        name: event.label().to_owned(),
        occurred_at: event.occurred_at.into(),
        received_at: event.received_at.into(),
        original_at: event.original_at.map(Into::into),
        person_id: person.map(|person| person.to_string()),
        identifiers: event.identifiers.iter().map(identifier).collect(),
        properties: wire::JsonObject::of(&event.properties),
        traits: wire::JsonObject::of(&event.traits),
        context: wire::JsonObject::of(&event.context),
        enrichment: enrichment(event),
        fate: fate::of(view, position, event, person)?,
    })
}

pub fn identifier(identifier: &Identifier) -> wire::Identifier {
    wire::Identifier {
        namespace: identifier.namespace.clone(),
        value: identifier.value.clone(),
    }
}

fn enrichment(event: &Event) -> wire::Enrichment {
    let derived = &event.enrichment;
    let known = |text: &String| (!text.is_empty()).then(|| text.clone());
    wire::Enrichment {
        version: derived.version,
        browser: known(&derived.browser),
        browser_version: known(&derived.browser_version),
        os: known(&derived.os),
        os_version: known(&derived.os_version),
        device_type: known(&derived.device_type),
        bot: derived.bot,
        language: known(&derived.language),
        locale: known(&derived.locale),
        country: known(&derived.country),
        region: known(&derived.region),
        city: known(&derived.city),
        referrer_host: known(&derived.referrer_host),
        referrer_type: known(&derived.referrer_type),
        campaign: wire::Campaign {
            source: known(&derived.campaign.source),
            medium: known(&derived.campaign.medium),
            name: known(&derived.campaign.name),
            term: known(&derived.campaign.term),
            content: known(&derived.campaign.content),
        },
    }
}

/// An entry or exit.
pub fn membership_change(change: &MembershipChange) -> wire::MembershipChange {
    wire::MembershipChange {
        person_id: change.person.to_string(),
        audience_id: change.audience.clone(),
        entered: change.entered,
        at: change.at.into(),
    }
}

/// Refused input with what became of it.
pub fn rejected(
    position: Position,
    refused: &Refused,
    redriven: Option<kith_event::Redriven>,
) -> wire::RejectedEvent {
    use wire::RejectedState::{Open, Redriven};
    wire::RejectedEvent {
        id: position.to_string(),
        source: refused.source.clone(),
        received_at: refused.received_at.into(),
        code: refused.code.clone(),
        message: refused.message.clone(),
        field: refused.field.clone(),
        raw: refused.raw.clone(),
        state: if redriven.is_some() { Redriven } else { Open },
        redriven_at: redriven.as_ref().map(|redriven| redriven.at.into()),
        redriven_by: redriven
            .as_ref()
            .map(|redriven| redriven.by.clone())
            .filter(|by| !by.is_empty()),
        redriven_raw: redriven.as_ref().and_then(|redriven| redriven.raw.clone()),
        message_id: redriven.map(|redriven| redriven.message_id),
    }
}

/// A person's row in a list.
pub fn person_row(profile: &Profile) -> wire::PersonRow {
    wire::PersonRow {
        person_id: profile.person.to_string(),
        display_name: profile.display_name(),
        identifiers: profile
            .nodes
            .iter()
            .map(|node| identifier(&node.identifier))
            .collect(),
        event_count: profile.fold.event_count,
        first_seen_at: profile.fold.first_seen_at.map(Into::into),
        last_seen_at: profile.fold.last_seen_at.map(Into::into),
    }
}

/// A whole profile.
pub fn person(view: &View, profile: &Profile, now: Timestamp) -> Result<wire::Person, Problem> {
    let fold = &profile.fold;
    let held = || {
        fold.traits
            .iter()
            .filter(|(_, held)| !held.value.value.is_null())
    };
    let computed = computed(view, profile, now)?;
    let mut traits: BTreeMap<&str, &Value> = held()
        .map(|(name, held)| (name, &held.value.value))
        .collect();
    let mut trait_details: BTreeMap<String, wire::TraitDetail> = held()
        .map(|(name, held)| {
            let (source, at) = (held.value.source.clone(), held.stamp.at.into());
            (name.to_owned(), wire::TraitDetail { source, at })
        })
        .collect();
    for (name, (feature, value)) in &computed.traits {
        traits.insert(name, value);
        let (source, at) = (format!("feature:{feature}"), now.into());
        trait_details.insert(name.clone(), wire::TraitDetail { source, at });
    }
    let mut features = computed.features;
    for feature in feature::ALL {
        features.insert(feature.name.to_owned(), feature.value(profile, now));
    }
    let affinities = fold
        .affinities
        .keys()
        .map(|dimension| (dimension.clone(), profile.affinities(dimension, now)));
    let consents = fold.consents.iter().map(|(category, held)| {
        let consent = wire::Consent {
            granted: held.value.granted,
            at: held.stamp.at.into(),
            source: held.value.source.clone(),
        };
        (category.to_owned(), consent)
    });
    let row = person_row(profile);
    Ok(wire::Person {
        person_id: row.person_id,
        linked_person_ids: Vec::new(),
        display_name: row.display_name,
        identifiers: profile.nodes.iter().map(person_identifier).collect(),
        traits: wire::JsonObject::from_serialize(&traits),
        trait_details,
        features: wire::JsonObject::from_serialize(&features),
        affinities: affinities.collect(),
        interests: computed.interests,
        audiences: computed.audiences,
        consents: consents.collect(),
        accounts: accounts(view, profile)?,
        first_seen_at: row.first_seen_at,
        last_seen_at: row.last_seen_at,
        event_count: row.event_count,
        links: links(&*view.state, profile.person)?,
    })
}

fn accounts(view: &View, profile: &Profile) -> Result<Vec<wire::PersonAccount>, Problem> {
    let of_person = query::accounts(&*view.state, &view.project, profile)?;
    let wire = |found: query::PersonAccount| {
        let traits = found.account.traits.iter();
        let known = traits.filter(|(_, held)| !held.value.value.is_null());
        let traits: BTreeMap<&str, &Value> = known
            .map(|(name, held)| (name, &held.value.value))
            .collect();
        wire::PersonAccount {
            account_id: found.id,
            named_at: found.named_at.into(),
            person_count: found.persons,
            traits: wire::JsonObject::from_serialize(&traits),
        }
    };
    Ok(of_person.into_iter().map(wire).collect())
}

fn person_identifier(node: &kith_profile::ProfileNode) -> wire::PersonIdentifier {
    wire::PersonIdentifier {
        namespace: node.identifier.namespace.clone(),
        value: node.identifier.value.clone(),
        first_seen_at: node.first_seen_at.map(Into::into),
        last_seen_at: node.last_seen_at.map(Into::into),
        event_count: node.event_count,
    }
}

/// A person's part of the identity graph.
pub fn graph(state: &dyn Read, profile: &Profile) -> Result<wire::Graph, Problem> {
    let node = |node: &kith_profile::ProfileNode| wire::Node {
        node_id: node.id.to_string(),
        namespace: node.identifier.namespace.clone(),
        value: node.identifier.value.clone(),
        first_seen_at: node.first_seen_at.map(Into::into),
        last_seen_at: node.last_seen_at.map(Into::into),
        event_count: node.event_count,
    };
    let nodes = profile.nodes.iter().map(node).collect();
    Ok(wire::Graph {
        nodes,
        edges: links(state, profile.person)?,
    })
}

fn links(state: &dyn Read, person: PersonId) -> Result<Vec<wire::Link>, Problem> {
    let edges = query::edges(state, person)?;
    let said = query::verdicts_of(state, person)?;
    let said = said.iter().map(|(from, to, row)| wire::Link {
        edge_id: verdict_id(from.0, to.0),
        from: identifier(&from.1),
        to: identifier(&to.1),
        kind: wire::LinkKind::Operator,
        reason: operator_reason(row),
        message_id: String::new(),
        linked_at: row.at.into(),
        state: match row.says {
            Says::Same => wire::LinkState::Active,
            _ => wire::LinkState::Refused,
        },
    });
    Ok(edges.iter().map(link).chain(said).collect())
}

/// Id of what an operator said of two nodes.
pub fn verdict_id(a: NodeId, b: NodeId) -> String {
    format!("{}.{}.operator", a.min(b), a.max(b))
}

fn operator_reason(row: &VerdictRow) -> String {
    let says = match row.says {
        Says::Same => "one person",
        _ => "two persons",
    };
    match row.reason.as_str() {
        "" => format!("{} says that they are {says}", row.by),
        reason => format!("{} says that they are {says}: {reason}", row.by),
    }
}

/// Why a link joins nobody, in words.
fn refusal(code: &str) -> &str {
    match code {
        "contested" => "several people use this device, so it belongs to none of them",
        "generic" => "one of them meets so many people that it names nobody",
        "limit" => "one person may not have that many values of this kind",
        "apart" => "an operator says that they are two persons",
        "noted" => "identifiers of this kind are noted and join nobody",
        "too-large" => "too many identifiers hang together to be looked at at once",
        other => other,
    }
}

fn link(edge: &Edge) -> wire::Link {
    let kind = match edge.link.kind {
        kith_event::Kind::Alias => "an alias event of",
        kith_event::Kind::Identify => "an identify event of",
        _ => "an event of",
    };
    let seen = format!("{kind} the source {} carried both", edge.link.source);
    let (reason, state) = match edge.refusal {
        None => (seen, wire::LinkState::Active),
        Some(code) => {
            let reason = format!("{seen}, but {}", refusal(code));
            (reason, wire::LinkState::Refused)
        }
    };
    wire::Link {
        edge_id: edge.id(),
        from: identifier(&edge.from.1),
        to: identifier(&edge.to.1),
        kind: wire::LinkKind::Deterministic,
        reason,
        message_id: edge.link.message_id.clone(),
        linked_at: edge.link.first_at.into(),
        state,
    }
}

/// Whether a definition is in use.
pub fn status(found: &query::Definition) -> wire::DefinitionStatus {
    match found.row.archived {
        true => wire::DefinitionStatus::Archived,
        false => wire::DefinitionStatus::Live,
    }
}

/// A definition of a public kind.
pub fn definition(kind: wire::DefinitionKind, found: &query::Definition) -> wire::Definition {
    let row = &found.row;
    wire::Definition {
        kind,
        id: found.id.clone(),
        name: row.name.clone(),
        revision: row.revision,
        status: status(found),
        updated_at: row.at.into(),
        author: row.author.clone(),
        spec: wire::JsonObject::of(&row.spec),
    }
}

/// The API's form of a recorded decision.
pub fn decision(record: Option<Record>) -> Option<Json> {
    match record {
        Some(Record::Decision(taken)) => Some(taken.record),
        _ => None,
    }
}
