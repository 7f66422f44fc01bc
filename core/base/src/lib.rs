//! What every other crate stands on: time, values, exact numbers, ids, seeded randomness, limits.
//!
//! Nothing here knows a product word such as *audience* or *offer*. Everything is a pure value:
//! no clock, no I/O, no global state. Start with [`Value`] and [`Timestamp`].

mod amount;
mod decayed;
mod id;
mod index;
mod json;
mod key;
pub mod limits;
pub mod members;
mod network;
pub mod number;
mod random;
mod time;
mod value;

pub use amount::Amount;
pub use decayed::DecayedSum;
pub use id::{Digest, NodeId, PersonId, digest};
pub use index::Index;
pub use json::Json;
pub use key::Key;
pub use network::Network;
pub use random::Random;
pub use time::{Duration, ParseTimestampError, Timestamp};
pub use value::Value;
