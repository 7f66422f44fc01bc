//! The control plane: definitions, people, events, decisions, keys and sessions over HTTP, the
//! API's description, and the console.
//!
//! [`router`] is everything, over an [`AdminState`]. A request passes the guard
//! ([`access`]), is read strictly, runs against the engine's queries or appends a record, and is
//! answered from [`wire`] types; an error is a [`problem::Problem`]. [`openapi`] is made from the
//! same types and routes.
//!
//! Not here: collecting and deciding for visitors (`kith-edge`), what a record means
//! (`kith-engine`).

pub mod access;
mod audiences;
mod background;
mod change;
mod computed;
mod console;
mod explain;
mod fate;
mod find;
mod funnel;
pub mod items;
pub mod jobs;
mod members;
pub mod metric;
pub mod openapi;
mod page;
mod plan;
mod policy;
mod preview;
pub mod problem;
mod query;
mod read;
mod router;
#[expect(
    unused_qualifications,
    reason = "written by the macros that describe the routes"
)]
mod routes;
mod rule_forms;
mod state;
mod stream;
mod walk;
#[expect(
    unused_qualifications,
    reason = "written by the macros that describe the types"
)]
pub mod wire;

pub use access::Limits;
pub use router::router;
pub use state::{AdminState, ClientAddress, Clock, Settings};
