//! The steps every event goes through, in order. Each may refuse it, with a reason.

use std::borrow::Cow;

use kith_base::number::{self, OutOfRange};
use kith_base::{Json, Timestamp, digest, limits};
use serde_json::value::{RawValue, to_raw_value};

use super::body::Body;
use super::context::Context;
use super::identifiers::{Collector, account_id, is_placeholder};
use super::raw::{self, Members, Raw};
use super::wire::Wire;
use super::{Enrich, IpPolicy, Reason, Request, Route, payload, scan, times};
use crate::enrich::Enrichment;
use crate::{Event, Identifier, Kind};

/// One step: a name for people, and what it does to the draft of an event.
pub struct Step {
    /// What it looks at.
    pub name: &'static str,
    run: fn(&mut Draft<'_>, &Request<'_>) -> Result<(), Reason>,
}

/// All steps. What a later one needs, an earlier one has set.
pub const STEPS: [Step; 9] = [
    Step {
        name: "size",
        run: size,
    },
    Step {
        name: "depth",
        run: depth,
    },
    Step {
        name: "numbers",
        run: numbers,
    },
    Step {
        name: "kind",
        run: kind,
    },
    Step {
        name: "name",
        run: name,
    },
    Step {
        name: "message-id",
        run: message_id,
    },
    Step {
        name: "identifiers",
        run: identifiers,
    },
    Step {
        name: "times",
        run: times_of,
    },
    Step {
        name: "payload",
        run: payload_of,
    },
];

/// An event in the making.
pub(super) struct Draft<'a> {
    wire: &'a Wire<'a>,
    text: &'a str,
    index: usize,
    sent_at: Raw<'a>,
    integrations: Raw<'a>,
    /// The event's context joined with the batch's, where either is an object.
    context_raw: Raw<'a>,
    /// The context beside the batch.
    shared_context: Raw<'a>,
    context: Context<'a>,
    /// Members kept apart because their place holds something else.
    aside: Vec<(Cow<'a, str>, &'a RawValue)>,
    reasons: Vec<Reason>,
    is_merge: bool,
    kind: Kind,
    name: String,
    message_id: String,
    identifiers: Vec<Identifier>,
    occurred_at: Timestamp,
    original_at: Option<Timestamp>,
    payload: Payload,
}

/// The parts that stay JSON; `None` where there is nothing.
#[derive(Default)]
struct Payload {
    properties: Option<Json>,
    traits: Option<Json>,
    context: Option<Json>,
    extra: Option<Json>,
}

/// Runs all steps over one event. Answers it with the reasons why parts of it were left out.
pub(super) fn run(
    (wire, text, index): (&Wire<'_>, &str, usize),
    batch: &Body<'_>,
    request: &Request<'_>,
    enrich: &mut Enrich<'_>,
) -> Result<(Event, Vec<Reason>), Reason> {
    let (own, shared) = (raw::object(wire.context), raw::object(batch.context));
    let joined = match (own, shared) {
        (Some(own), Some(shared)) => {
            let members = Members::read(own.get()).fill_from(Members::read(shared.get()));
            to_raw_value(&members).ok()
        }
        _ => None,
    };
    let context_raw = joined.as_deref().or(own).or(shared);
    let mut draft = Draft {
        wire,
        text,
        index,
        sent_at: wire.sent_at.or(batch.sent_at),
        integrations: wire.integrations.or(batch.integrations),
        context_raw,
        shared_context: shared,
        context: Context::read(context_raw.map_or("{}", RawValue::get), &request.client),
        aside: Vec::new(),
        reasons: Vec::new(),
        is_merge: request.route == Route::Merge,
        kind: Kind::Track,
        name: String::new(),
        message_id: String::new(),
        identifiers: Vec::new(),
        occurred_at: request.received_at,
        original_at: None,
        payload: Payload::default(),
    };
    for step in &STEPS {
        (step.run)(&mut draft, request)?;
    }
    let enrichment = enrich(&draft.context.facts);
    Ok(draft.into_event(request, enrichment))
}

impl Draft<'_> {
    fn into_event(self, request: &Request<'_>, enrichment: Enrichment) -> (Event, Vec<Reason>) {
        let event = Event {
            source: request.source.to_owned(),
            message_id: self.message_id,
            kind: self.kind,
            name: self.name,
            identifiers: self.identifiers,
            received_at: request.received_at,
            occurred_at: self.occurred_at,
            original_at: self.original_at,
            properties: self.payload.properties.unwrap_or_default(),
            traits: self.payload.traits.unwrap_or_default(),
            context: self.payload.context.unwrap_or_default(),
            extra: self.payload.extra.unwrap_or_default(),
            enrichment,
        };
        (event, self.reasons)
    }
}

fn size(draft: &mut Draft<'_>, request: &Request<'_>) -> Result<(), Reason> {
    let (size_bytes, max) = (draft.text.len(), request.limits.event_size_max_bytes);
    if size_bytes > max {
        Err(Reason::TooLarge { size_bytes, max })
    } else {
        Ok(())
    }
}

fn depth(draft: &mut Draft<'_>, _: &Request<'_>) -> Result<(), Reason> {
    let max = limits::JSON_DEPTH_MAX;
    let depth = scan::depth(draft.text, max);
    if depth > max {
        Err(Reason::TooDeep { depth, max })
    } else {
        Ok(())
    }
}

/// A number that no float holds makes the whole object around it unreadable, whoever asks for it.
fn numbers(draft: &mut Draft<'_>, _: &Request<'_>) -> Result<(), Reason> {
    let own = || number::out_of_range(draft.text);
    let shared = || {
        let context = draft.shared_context?;
        let mut found = number::out_of_range(context.get())?;
        found.path.insert_str(0, "context.");
        Some(found)
    };
    match own().or_else(shared) {
        Some(OutOfRange { path, value }) => Err(Reason::NumberOutOfRange { field: path, value }),
        None => Ok(()),
    }
}

/// The body's word on its type goes before the path's, unless nobody knows it.
fn kind(draft: &mut Draft<'_>, request: &Request<'_>) -> Result<(), Reason> {
    let said = raw::text_or_empty(draft.wire.kind);
    let from_path = match request.route {
        Route::Any => None,
        Route::Kind(kind) => Some(kind),
        Route::Merge => Some(Kind::Alias),
    };
    draft.is_merge |= said == "merge";
    draft.kind = match Kind::parse(said.trim()).or(from_path) {
        Some(kind) => kind,
        None if draft.is_merge => Kind::Alias,
        None if said.is_empty() => return Err(Reason::MissingType),
        None => {
            return Err(Reason::UnknownType {
                value: said.chars().take(40).collect(),
            });
        }
    };
    if draft.kind == Kind::Group {
        account_id(draft.wire.group_id)?;
    }
    Ok(())
}

fn name(draft: &mut Draft<'_>, _: &Request<'_>) -> Result<(), Reason> {
    let wire = draft.wire;
    let (field, raw) = match draft.kind {
        Kind::Track => ("event", wire.event),
        Kind::Page | Kind::Screen => ("name", wire.name.or_else(|| name_in(wire.properties))),
        _ => return Ok(()),
    };
    let text = raw::text_or_empty(raw);
    let name = text.trim();
    match raw {
        Some(raw) if raw::text(Some(raw)).is_none() => Err(Reason::NameNotText {
            field,
            found: raw::found(raw),
        }),
        _ if name.is_empty() && draft.kind == Kind::Track => Err(Reason::MissingName),
        _ if name.len() > limits::EVENT_NAME_MAX_CHARS
            && name.chars().count() > limits::EVENT_NAME_MAX_CHARS =>
        {
            let (chars, max) = (name.chars().count(), limits::EVENT_NAME_MAX_CHARS);
            Err(Reason::NameTooLong { field, chars, max })
        }
        _ => {
            draft.name = name.to_owned();
            Ok(())
        }
    }
}

fn name_in(properties: Raw<'_>) -> Raw<'_> {
    let properties = properties.filter(|raw| raw.get().contains("\"name\""))?;
    Members::read(properties.get())
        .get("name")
        .filter(|raw| raw.get() != "null")
}

/// Kept as sent. One that is too long becomes its own digest, so that a resend gets the same
/// id; a missing one is made of the content, the instant, the place in the batch and the seed.
fn message_id(draft: &mut Draft<'_>, request: &Request<'_>) -> Result<(), Reason> {
    let sent = raw::text_or_empty(draft.wire.message_id);
    let sent = sent.trim();
    draft.message_id = if sent.is_empty() || is_placeholder(sent) {
        let (at, index) = (request.received_at.as_millis(), draft.index as u64);
        let parts: [&[u8]; 5] = [
            request.source.as_bytes(),
            &at.to_be_bytes(),
            &request.seed.to_be_bytes(),
            &index.to_be_bytes(),
            draft.text.as_bytes(),
        ];
        format!("made-{:?}", digest("message", &parts))
    } else if sent.len() > limits::MESSAGE_ID_MAX_CHARS
        && sent.chars().count() > limits::MESSAGE_ID_MAX_CHARS
    {
        format!("long-{:?}", digest("message", &[sent.as_bytes()]))
    } else {
        sent.to_owned()
    };
    Ok(())
}

fn identifiers(draft: &mut Draft<'_>, _: &Request<'_>) -> Result<(), Reason> {
    let wire = draft.wire;
    let mut collector = Collector::default();
    // Two user ids are never one person, so an alias links an id from before the log-in.
    let previous_id = wire.previous_id.filter(|_| draft.kind == Kind::Alias);
    for (namespace, field, raw) in [
        ("user_id", "userId", wire.user_id),
        ("anonymous_id", "previousId", previous_id),
        ("anonymous_id", "anonymousId", wire.anonymous_id),
    ] {
        if !collector.take(namespace, field, raw) {
            draft
                .aside
                .extend(raw.map(|raw| (Cow::Borrowed(field), raw)));
        }
    }
    if draft.is_merge {
        for end in raw::elements(wire.merge_properties) {
            collector.take_merge_end(end);
        }
    }
    if draft.kind != Kind::Group {
        contacts(
            &mut collector,
            ["traits.email", "traits.phone"],
            wire.traits,
        );
    }
    let fields = ["context.traits.email", "context.traits.phone"];
    contacts(&mut collector, fields, draft.context.traits);
    for element in std::mem::take(&mut draft.context.external_ids) {
        collector.take_external(element);
    }
    let Collector { taken, mut reasons } = collector;
    if taken.is_empty() {
        return Err(reasons.drain(..).next().unwrap_or(Reason::NoIdentifier));
    }
    if draft.kind == Kind::Alias && taken.len() < 2 {
        return Err(reasons.drain(..).next().unwrap_or(Reason::IncompleteAlias));
    }
    draft.identifiers = taken;
    draft.reasons.append(&mut reasons);
    Ok(())
}

fn contacts(collector: &mut Collector, [email, phone]: [&str; 2], traits: Raw<'_>) {
    raw::each(
        traits.map_or("", RawValue::get),
        &mut |key, value| match &*key {
            "email" => collector.take_contact("email", email, Some(value)),
            "phone" => collector.take_contact("phone", phone, Some(value)),
            _ => {}
        },
    );
}

fn times_of(draft: &mut Draft<'_>, request: &Request<'_>) -> Result<(), Reason> {
    let (wire, received_at) = (draft.wire, request.received_at);
    let times = times::read(
        wire.original_timestamp,
        wire.timestamp,
        draft.sent_at,
        received_at,
    );
    draft.occurred_at = times.occurred_at;
    draft.original_at = times.original_at;
    if let Some(reason) = times.warning {
        if times.original_at.is_none() {
            for (field, raw) in [
                ("originalTimestamp", wire.original_timestamp),
                ("timestamp", wire.timestamp),
            ] {
                draft
                    .aside
                    .extend(raw.map(|raw| (Cow::Borrowed(field), raw)));
            }
        }
        draft.reasons.push(reason);
    }
    Ok(())
}

fn payload_of(draft: &mut Draft<'_>, request: &Request<'_>) -> Result<(), Reason> {
    let (wire, kind) = (draft.wire, draft.kind);
    let mut object = |field, raw| payload::object(field, raw, &mut draft.aside, &mut draft.reasons);
    let properties = object("properties", wire.properties);
    let traits = object("traits", wire.traits);
    object("context", wire.context);
    let is_view = matches!(kind, Kind::Page | Kind::Screen);
    draft.payload.properties = if is_view {
        payload::page_properties(properties, wire.name, wire.category)
    } else {
        properties.map(Json::from_raw)
    };
    let traits_of_context = draft.context.traits.filter(|_| kind == Kind::Identify);
    draft.payload.traits = payload::union(traits, traits_of_context);

    let facts = &mut draft.context.facts;
    if request.ip_policy == IpPolicy::StripLastOctet
        && let Ok(ip) = facts.ip.parse()
    {
        facts.ip = payload::without_last_octet(ip).to_string().into();
    }
    let policy = request.ip_policy;
    let has_ip = draft.context.has_ip;
    draft.payload.context = payload::context(draft.context_raw, has_ip, &facts.ip, policy);
    if policy == IpPolicy::Remove {
        facts.ip = Cow::Borrowed("");
    }

    draft.payload.extra = unclaimed(draft, is_view);
    Ok(())
}

/// Members no other part of the event holds.
fn unclaimed(draft: &mut Draft<'_>, is_view: bool) -> Option<Json> {
    let (wire, kind) = (draft.wire, draft.kind);
    let mut extra = Members(std::mem::take(&mut draft.aside));
    extra.0.extend(
        wire.extra
            .iter()
            .map(|(key, raw)| (Cow::Borrowed(&**key), *raw)),
    );
    for (field, raw, claimed) in [
        ("groupId", wire.group_id, false),
        ("integrations", draft.integrations, false),
        ("mergeProperties", wire.merge_properties, false),
        ("name", wire.name, is_view),
        ("category", wire.category, is_view),
        ("event", wire.event, kind == Kind::Track),
        ("previousId", wire.previous_id, kind == Kind::Alias),
    ] {
        let bare = |raw: &&RawValue| !matches!(raw.get(), "{}" | "\"\"" | "null");
        if !claimed {
            extra
                .0
                .extend(raw.filter(bare).map(|raw| (Cow::Borrowed(field), raw)));
        }
    }
    (!extra.0.is_empty()).then(|| extra.json())
}
