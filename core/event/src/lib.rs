//! Records: everything that may enter the log, normalised from every wire protocol.
//!
//! [`Record`] is the closed list. [`Event`] is what a person did; the rest are definition
//! changes, catalog changes, decisions taken, refused input and timers. A record is stored as one
//! version byte and a MessagePack map with named members ([`Record::encode`]), so that newer code
//! reads older bytes.
//!
//! [`collect`] turns the bytes of a request into events; [`enrich`] derives what the server can
//! know from them. Both are pure.

pub mod collect;
mod commerce;
pub mod enrich;
mod event;
mod grant;
mod record;
mod said;

pub use commerce::{Commerce, LineItem};
pub use enrich::{Campaign, Enrichment};
pub use event::{Event, Identifier, Kind};
pub use grant::{Code, CouponsAdded, GrantAsked};
pub use record::{
    Attempt, CatalogChange, ChangePlace, DecisionTaken, DecodeError, DefinitionChange, Deliveries,
    Export, JobChange, ListChange, Outcome, Position, Record, Redriven, Refused, Resend,
};
pub use said::{Basis, ProbableLink, ProbableLinks, Says, Verdict};
