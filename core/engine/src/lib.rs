//! The platform as one function: a record goes in, state changes, effects come out.

pub mod state;
