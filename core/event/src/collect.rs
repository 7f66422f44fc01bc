//! Requests to events: the bytes of one request in, events and refusals out.
//!
//! [`read`] splits a body into events and tells the write key it carries; [`Body::events`] runs
//! every event through [`STEPS`], a list of named steps of which each may refuse it. One bad
//! event never costs its neighbours: bytes that are no JSON are cut out, a truncated batch keeps
//! its complete events, and what is refused keeps its text and its reason so that it can be
//! tried again ([`redrive`]).
//!
//! Whole requests fail only when they are empty or hold more events than the limit ([`Error`]).

mod body;
mod context;
mod identifiers;
mod payload;
mod raw;
mod reason;
mod scan;
mod steps;
mod times;
mod wire;

use kith_base::{Digest, Json, Timestamp, limits};

use crate::enrich::{Enrichment, Facts, Hints};
use crate::{Event, Kind, Refused};

pub use body::{Body, read};
pub use reason::Reason;
pub use scan::repaired;
pub use steps::{STEPS, Step};

/// The account that the unclaimed members of a group event name.
pub(crate) fn account(extra: &Json) -> Option<String> {
    let group_id = raw::Members::read(extra.as_str()).get("groupId");
    identifiers::account_id(group_id).ok()
}

/// What is known about a request apart from its body.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Id of the source that owns the write key.
    pub source: &'a str,
    /// When the request came.
    pub received_at: Timestamp,
    /// What the path says.
    pub route: Route,
    /// Sets message ids of equal events in equal milliseconds apart.
    pub seed: u64,
    /// Who asked.
    pub client: Client<'a>,
    /// What may be kept of network addresses.
    pub ip_policy: IpPolicy,
    /// Sizes beyond which input is refused.
    pub limits: Limits,
}

/// What a path says about the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// Events of any kind, alone or in a batch.
    Any,
    /// Events of one kind, where they do not say otherwise themselves.
    Kind(Kind),
    /// RudderStack's `merge`: an alias that names both identifiers.
    Merge,
}

impl Route {
    /// Reads the last part of a path: `track`, `t`, `merge`, `batch`.
    pub fn parse(segment: &str) -> Option<Self> {
        match segment {
            "batch" | "b" | "import" => Some(Route::Any),
            "merge" => Some(Route::Merge),
            other => Kind::parse(other).map(Route::Kind),
        }
    }
}

/// Who asked, as the transport saw it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Client<'a> {
    /// The `User-Agent` header.
    pub user_agent: &'a str,
    /// The `Accept-Language` header.
    pub accept_language: &'a str,
    /// The `Sec-CH-UA` header.
    pub brands: &'a str,
    /// The `Sec-CH-UA-Platform` header without its quotes.
    pub platform: &'a str,
    /// The `Sec-CH-UA-Mobile` header.
    pub mobile: bool,
    /// The network address, as text.
    pub ip: &'a str,
}

impl<'a> Client<'a> {
    /// True when the request came from a visitor's browser, not from a server or an app.
    fn is_browser(&self) -> bool {
        self.user_agent.starts_with("Mozilla/") || self.user_agent.starts_with("Opera/")
    }

    fn hints(&self) -> Hints<'a> {
        Hints {
            brands: self.brands.into(),
            platform: self.platform.into(),
            mobile: self.mobile,
        }
    }
}

/// What may be kept of a network address. A place is derived from it in all cases but one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IpPolicy {
    /// The place only.
    #[default]
    PlaceOnly,
    /// The place, and the whole address in `context.ip`.
    Keep,
    /// The place and the address, both without the last octet (or the last 80 bits).
    StripLastOctet,
    /// Nothing.
    Remove,
}

/// Sizes beyond which input is refused.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Largest event.
    pub event_size_max_bytes: usize,
    /// Most events in one request.
    pub batch_events_max: usize,
}

impl Limits {
    /// The limits of [`kith_base::limits`].
    pub const STANDARD: Limits = Limits {
        event_size_max_bytes: limits::EVENT_SIZE_MAX_BYTES,
        batch_events_max: limits::BATCH_EVENTS_MAX,
    };
}

/// Derives the server's members of one event; the caller may remember devices by user agent.
pub type Enrich<'e> = dyn FnMut(&Facts<'_>) -> Enrichment + 'e;

/// What became of a request.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// Events, in the order of the body.
    pub events: Vec<Event>,
    /// What was refused.
    pub refused: Vec<RefusedItem>,
    /// What was left out of events that were kept.
    pub warnings: Vec<Warning>,
}

/// One refused part of a body.
#[derive(Clone, Debug)]
pub struct RefusedItem {
    /// Place in the batch; 0 for a single event.
    pub index: usize,
    /// The message id, as far as it could be read.
    pub message_id: String,
    /// What goes to the log.
    pub refused: Refused,
}

/// Something of an event that was not taken, while the event was.
#[derive(Clone, Debug)]
pub struct Warning {
    /// Place in the batch; 0 for a single event.
    pub index: usize,
    /// The event's message id.
    pub message_id: String,
    /// What was not taken, and why.
    pub reason: Reason,
}

/// Why a request was refused as a whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No bytes.
    #[error("the request has no body: send one event, or {{\"batch\":[…]}}, as JSON")]
    Empty,
    /// Too many events.
    #[error("the batch holds more than {max} events: send it in smaller parts")]
    BatchTooLarge {
        /// The limit.
        max: usize,
    },
}

impl Error {
    /// Machine-readable form.
    pub const fn code(&self) -> &'static str {
        match self {
            Error::Empty => "empty-body",
            Error::BatchTooLarge { .. } => "batch-too-large",
        }
    }
}

/// [`repaired`], [`read`] and [`Body::events`] in one go.
pub fn parse(body: &[u8], request: &Request<'_>, enrich: &mut Enrich<'_>) -> Result<Parsed, Error> {
    let body = repaired(body);
    Ok(read(&body, &request.limits)?.events(request, enrich))
}

/// Tries a refused input again, as of the time it came: with the text it came with, or with one
/// that was corrected. It must be one event, so that nothing is taken in part. The message id it
/// gets is the same at every try of the same text.
pub fn redrive(
    refused: &Refused,
    text: &str,
    limits: Limits,
    enrich: &mut Enrich<'_>,
) -> Result<Event, Reason> {
    let request = Request {
        source: &refused.source,
        received_at: refused.received_at,
        route: refused.kind.map_or(Route::Any, Route::Kind),
        seed: Digest::prefix(&kith_base::digest("redrive", &[text.as_bytes()])),
        client: Client::default(),
        ip_policy: IpPolicy::PlaceOnly,
        limits,
    };
    let parsed = parse(text.as_bytes(), &request, enrich).map_err(|error| Reason::InvalidJson {
        detail: error.to_string(),
    })?;
    let count = parsed.events.len() + parsed.refused.len();
    if count > 1 {
        return Err(Reason::SeveralEvents { count });
    }
    match (
        parsed.events.into_iter().next(),
        parsed.refused.into_iter().next(),
    ) {
        (Some(event), _) => Ok(event),
        (None, Some(item)) => Err(Reason::Again {
            code: item.refused.code,
            field: item.refused.field,
            message: item.refused.message,
        }),
        (None, None) => Err(Reason::MissingBatch),
    }
}

#[cfg(test)]
mod tests;
