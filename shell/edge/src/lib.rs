//! The data plane: what browsers, apps and servers talk to with a write key.
//!
//! [`router`] answers the wire protocols of Segment, RudderStack and Jitsu, our own tag and its
//! decisions. A request travels through the modules in the order they are listed: its path names
//! a [`target`], its headers and body name a write [`key`], its body is [`body`]-read within
//! bounds, [`collect`] turns it into records and appends them, and [`answer`] tells the client.
//! A success is sent only after the log has the records on disk.
//!
//! Not here: what an event looks like (`kith_event::collect`), who may change definitions
//! (`kith-admin`), which process listens (`app`).

mod answer;
mod body;
mod client;
mod collect;
mod cors;
mod decide;
mod devices;
mod geo;
mod health;
mod key;
pub mod metrics;
mod pixel;
mod preview;
mod rerank;
mod router;
mod script;
mod settings;
mod state;
mod target;
mod visitor;

pub use client::address as client_address;
pub use geo::{GeoDatabase, OpenError};
pub use router::router;
pub use state::{Clock, EdgeState, Options, PreviewCheck, SecretKeyCheck};
