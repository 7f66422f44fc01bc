//! Probabilistic matching: which records, and which anonymous visitors, are the same person.
//!
//! [`Matcher`] goes from a [`Table`] of records to clusters.
//!
//! Not here: deterministic links and the division of linked nodes into persons
//! (`kith-identity`), and reading and writing them (`kith-engine`).

mod block;
pub mod boost;
pub mod calibrate;
mod careful;
mod cluster;
mod collective;
mod columns;
mod compare;
mod dictionary;
mod evidence;
mod explain;
mod fellegi_sunter;
mod index;
mod layer;
mod matcher;
mod patterns;
mod records;
mod table;
mod text;
pub mod visitors;

pub use columns::{Kind, Plan, PlanField, Warning};
pub use explain::Part;
pub use index::{Found, Index};
pub use matcher::{Fitted, Judged, Learned, Match, Matcher, Settings};
pub use table::{Error, Table};
