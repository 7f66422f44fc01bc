//! Recommenders.

pub mod again;
pub mod artefact;
pub mod choose;
pub mod content;
mod error;
pub mod evaluate;
pub mod factors;
pub mod interactions;
pub mod linear;
pub mod matrix;
pub mod model;
pub mod neighbours;
pub mod popular;
pub mod rank;
pub mod read;
pub mod repeat;
pub mod scores;
pub mod session;

pub use error::Error;
pub use model::{Context, Kind, Mask, Model, Part, Reason, Scored, Touch};
