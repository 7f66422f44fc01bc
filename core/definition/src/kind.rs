//! The closed list of kinds.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A kind of definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Where events come from.
    Source,
    /// A slot where a decision is rendered.
    Placement,
    /// Which items are recommended, and how they are found.
    Recipe,
    /// Something a placement can show.
    Offer,
    /// A named aggregate over events.
    Feature,
    /// A group of people, kept true in real time.
    Audience,
    /// An address that is told about audiences.
    Webhook,
    /// The identity rules.
    Identity,
    /// The shape of the catalog.
    Catalog,
    /// A secret key of the admin API.
    Key,
    /// A user of the console.
    User,
}

impl Kind {
    /// Every kind, in an order in which each refers only to earlier ones where it can.
    pub const ALL: [Kind; 11] = [
        Kind::Identity,
        Kind::Catalog,
        Kind::Feature,
        Kind::Audience,
        Kind::Webhook,
        Kind::Recipe,
        Kind::Placement,
        Kind::Offer,
        Kind::Source,
        Kind::Key,
        Kind::User,
    ];

    /// The name in files, addresses and records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Source => "source",
            Kind::Placement => "placement",
            Kind::Recipe => "recipe",
            Kind::Offer => "offer",
            Kind::Feature => "feature",
            Kind::Audience => "audience",
            Kind::Webhook => "webhook",
            Kind::Identity => "identity",
            Kind::Catalog => "catalog",
            Kind::Key => "key",
            Kind::User => "user",
        }
    }

    /// What it is, in a sentence for people.
    pub const fn about(self) -> &'static str {
        match self {
            Kind::Source => "where events come from: a site, an app, a server or an import",
            Kind::Placement => "a named slot where a decision is rendered",
            Kind::Recipe => "which items of the catalog are recommended, and how they are found",
            Kind::Offer => "something a placement can show: content with eligibility and schedule",
            Kind::Feature => "a named aggregate over a person's events, for rules and as a trait",
            Kind::Audience => "a group of people: whoever a rule holds for, or a list",
            Kind::Webhook => {
                "an address that is told who enters and leaves audiences, and how traits change"
            }
            Kind::Identity => "how identifiers are cleaned, ranked and joined to persons",
            Kind::Catalog => "the attributes of catalog items",
            Kind::Key => "a secret key of the admin API",
            Kind::User => "somebody who may sign in to the console",
        }
    }

    /// Reads the name.
    pub fn parse(text: &str) -> Option<Self> {
        Kind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// True for the kinds users read and write as definitions; keys and users hold secrets and
    /// have routes of their own.
    pub const fn is_public(self) -> bool {
        !matches!(self, Kind::Key | Kind::User)
    }

    /// The only id the kind may have, for kinds of which there is one.
    pub const fn only_id(self) -> Option<&'static str> {
        match self {
            Kind::Identity | Kind::Catalog => Some("default"),
            _ => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}
