//! Recommenders.

pub mod artefact;
mod error;
pub mod interactions;
pub mod linear;
pub mod matrix;
pub mod neighbours;
pub mod popular;
pub mod rank;

pub use error::Error;
