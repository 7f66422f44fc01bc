//! The control plane: definitions, people, events, decisions, keys and sessions over HTTP, the
//! API's description, and the console.

pub mod openapi;
pub mod problem;
mod query;
mod routes;
mod state;
pub mod wire;

pub use state::AdminState;
