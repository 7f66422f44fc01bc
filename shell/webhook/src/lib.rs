//! Webhooks: whoever enters or leaves an audience is told to the endpoints that asked for it.
//!
//! Deliveries follow the Standard Webhooks specification: [`sign`] makes the headers, [`schedule`]
//! says when a failed one is tried again. What is to be sent follows from the list of membership
//! changes in the state, and what came of it goes to the log, so that nothing is forgotten by a
//! restart ([`dispatch`]). [`address`] keeps deliveries out of private networks.
//!
//! Not here: what an outcome does to the state (`kith-engine`), routes (`kith-admin`).

mod address;
mod client;
mod dispatch;
pub mod metrics;
mod payload;
mod run;
pub mod schedule;
pub mod sign;

pub use address::Reach;
pub use client::Answer;
pub use dispatch::{Dispatcher, Error, Round, Scanned};
pub use payload::message_id;
pub use run::run;
