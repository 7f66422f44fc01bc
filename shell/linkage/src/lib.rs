//! Probable links of a running server: who, among those who consented, is probably who.
//!
//! [`Linker`] looks at the state and at the log and writes what it finds to the log, as records of
//! probable links. [`Linker::step`] is the one entry: it does a bounded part of the work and says
//! whether there is more. [`start`] gives it a thread of its own, which does nothing while the
//! identity rules ask for nothing.
//!
//! - **Records**, in two doors: [`records`] compares the traits of everybody from time to time,
//!   which is where weights are learned, and in between whoever tells new traits, at once.
//! - **Visitors**: [`sessions`] makes visits of the log's events, [`visits`] asks whom each new
//!   visitor id continues.
//!
//! What is known follows from the log and can be thrown away: after a restart it is made again.
//!
//! Not here: how records and visits are compared (`kith-matching`), what a link does to anybody
//! (`kith-engine`), routes (`kith-admin`).

mod held;
mod key;
mod linker;
pub mod metrics;
mod people;
mod records;
mod run;
mod sessions;
mod status;
mod visits;

pub use key::SiteKey;
pub use linker::{Error, Linker};
pub use run::{Running, start};
pub use status::{Figures, RecordFigures, State, Status, VisitorFigures};
