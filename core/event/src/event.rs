//! One event: an immutable fact on somebody's timeline.

use kith_base::{Digest, Json, Timestamp, digest};
use serde::{Deserialize, Serialize};

use crate::{Enrichment, collect};

/// The kinds of the Segment spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// An action with a name.
    Track,
    /// Traits of a person.
    Identify,
    /// A page view.
    Page,
    /// An app screen view.
    Screen,
    /// Membership of an account.
    Group,
    /// Two ids are one person.
    Alias,
}

impl Kind {
    /// Every kind, in the order of the spec.
    pub const ALL: [Kind; 6] = [
        Kind::Track,
        Kind::Identify,
        Kind::Page,
        Kind::Screen,
        Kind::Group,
        Kind::Alias,
    ];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Track => "track",
            Kind::Identify => "identify",
            Kind::Page => "page",
            Kind::Screen => "screen",
            Kind::Group => "group",
            Kind::Alias => "alias",
        }
    }

    /// Reads the name, or its first letter as the browser client sends it in the path.
    pub fn parse(text: &str) -> Option<Self> {
        Kind::ALL.into_iter().find(|kind| {
            let name = kind.as_str();
            name.eq_ignore_ascii_case(text) || name[..1].eq_ignore_ascii_case(text)
        })
    }
}

/// `namespace:value` as it came, trimmed; the identity rules normalise it later.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Identifier {
    /// Such as `user_id`, `email`, `anonymous_id`.
    pub namespace: String,
    /// The value.
    pub value: String,
}

impl Identifier {
    /// From any two texts.
    pub fn new(namespace: impl Into<String>, value: impl Into<String>) -> Self {
        Identifier {
            namespace: namespace.into(),
            value: value.into(),
        }
    }

    /// Reads `namespace:value`; the value may hold colons.
    pub fn parse(text: &str) -> Option<Self> {
        let (namespace, value) = text.split_once(':')?;
        (!namespace.is_empty() && !value.is_empty()).then(|| Identifier::new(namespace, value))
    }
}

impl std::fmt::Display for Identifier {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}:{}", self.namespace, self.value)
    }
}

/// An event after parsing and clock correction, with the client's JSON kept as text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Id of the source definition that owns the write key.
    pub source: String,
    /// As sent, or generated; unique per source and kind for the de-duplication window.
    pub message_id: String,
    /// What kind of event.
    pub kind: Kind,
    /// The event name of a track, the name of a page or screen; empty when there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Every identifier the event carries, without repeats. The `previousId` of an alias is an
    /// `anonymous_id`: two user ids are never one person.
    pub identifiers: Vec<Identifier>,
    /// When the server received it.
    pub received_at: Timestamp,
    /// When it happened: the client's time with the client's clock error taken out.
    pub occurred_at: Timestamp,
    /// The client's own time, uncorrected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_at: Option<Timestamp>,
    /// `properties` of the event.
    #[serde(default, skip_serializing_if = "Json::is_empty")]
    pub properties: Json,
    /// `traits` and `context.traits`, joined.
    #[serde(default, skip_serializing_if = "Json::is_empty")]
    pub traits: Json,
    /// `context`, joined with the batch's.
    #[serde(default, skip_serializing_if = "Json::is_empty")]
    pub context: Json,
    /// Members nobody claims, kept for later use.
    #[serde(default, skip_serializing_if = "Json::is_empty")]
    pub extra: Json,
    /// What the server derived.
    #[serde(default)]
    pub enrichment: Enrichment,
}

impl Event {
    /// The key of de-duplication: resends keep source, kind and message id.
    pub fn deduplication_key(&self) -> Digest {
        Event::deduplication_key_of(&self.source, self.kind, &self.message_id)
    }

    /// The same, from its parts.
    pub fn deduplication_key_of(source: &str, kind: Kind, message_id: &str) -> Digest {
        digest(
            "seen",
            &[
                source.as_bytes(),
                kind.as_str().as_bytes(),
                message_id.as_bytes(),
            ],
        )
    }

    /// Id of the account that a group event says its person belongs to.
    pub fn account(&self) -> Option<String> {
        match self.kind {
            Kind::Group => collect::account(&self.extra),
            _ => None,
        }
    }

    /// What a list shows: the name, or the kind where there is no name.
    pub fn label(&self) -> &str {
        if self.name.is_empty() {
            self.kind.as_str()
        } else {
            &self.name
        }
    }
}
