//! What is known of people, as files: CSV, NDJSON and Parquet for programs and sheets, and lists
//! of hashed contacts for ad platforms.
//!
//! [`write`] goes through one snapshot of the state, a page of persons at a time, so that memory
//! does not grow with their number. Which columns there are, and what they hold, is found in a
//! first pass ([`columns`]).
//!
//! Not here: who may take a file out, and the record that somebody did (`kith-admin`).

mod ads;
mod cells;
mod columns;
mod csv;
mod ndjson;
mod parquet;
mod people;
mod write;

pub use ads::Platform;
pub use write::{Counts, Error, Format, Request, Selection, preview, write};
