//! Definitions: every versioned object a user edits, parsed once and then trusted.
//!
//! A [`Document`] is what a file or a `PUT` holds: kind, id, name and a `spec`. [`Spec::parse`]
//! turns the `spec` into a typed struct with defaults filled, or names *every* error with its
//! field, its value and the fix. Each kind is one file with one table of fields ([`shape`]), from
//! which the validator and the JSON Schema ([`schema`]) are both made.
//!
//! [`check`] finds references that lead nowhere, [`plan`] says what a set of documents would
//! change. Rule texts are kept as text here: `kith-rule` reads them.
//!
//! ```
//! use kith_base::Json;
//! use kith_definition::{Offer, Placement};
//!
//! let spec = Json::parse(r#"{"placements":["home_hero"],"priority":80}"#).unwrap();
//! let offer = Offer::parse(&spec).unwrap();
//! assert_eq!((offer.priority, offer.when.as_str()), (80, ""));
//!
//! let errors = Placement::parse(&Json::parse(r#"{"typ":"offers"}"#).unwrap()).unwrap_err();
//! assert_eq!(errors[0].field, "spec.typ");
//! assert_eq!(errors[0].message, "unknown member; did you mean type?");
//! ```

mod affinity;
mod audience;
mod catalog;
mod check;
mod document;
mod error;
mod feature;
mod identity;
mod key;
mod kind;
mod nearest;
mod offer;
mod placement;
mod plan;
mod recipe;
mod schema;
pub mod shape;
mod source;
mod spec;
mod user;
mod webhook;

pub use affinity::{Affinity, Dimension, EventWeight, Once};
pub use audience::{Audience, AudienceType};
pub use catalog::{Attribute, AttributeType, Catalog};
pub use check::{Problem, Severity, check};
pub use document::{Document, Reference, Revisioned, check_id};
pub use error::{Errors, FieldError};
pub use feature::Feature;
pub use identity::{
    AccountNetwork, Identity, MergePolicy, Namespace, Normalise, Policies, Probabilistic,
    SharedDevice,
};
pub use key::{Key, Scope};
pub use kind::Kind;
pub use nearest::nearest;
pub use offer::{
    Budget, Codes, ContextWeight, Coupon, Figure, Limits, Offer, OfferKind, Pacing, PerPerson,
};
pub use placement::{
    Fallback, Floor, Learning, Lever, Placement, PlacementType, Strategy, StrategyChoice,
};
pub use plan::{Action, Change, FieldChange, plan};
pub use recipe::{Boost, Diversity, Goal, Ingredient, Recipe, RecipeModel};
pub use schema::schema;
pub use source::{
    Consent, ConsentDefault, RenderMode, Source, SourceType, Tag, TagPlacement, WriteKey,
};
pub use spec::Spec;
pub use user::{Role, User};
pub use webhook::{Webhook, WebhookEvent, WebhookSecret};
