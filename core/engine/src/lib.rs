//! The platform as one function: a record goes in, state changes, effects come out.
//!
//! [`apply`] is the only code that knows the order of things: resolve the person, fold the
//! profile, count the items. It writes through [`Working`] into the port [`state::Tx`] and
//! answers with [`Effect`]s. [`Project`] is the compiled snapshot of all live definitions.
//! [`query`] reads for people; [`decide`] reads and chooses for one person.
//!
//! Not here: threads, files, sockets, the clock (`kith-runtime`).

mod accounts;
mod apply;
pub mod audience;
pub mod backfill;
pub mod decide;
mod draft;
mod effect;
pub mod grants;
mod learned;
mod places;
mod project;
pub mod query;
pub mod rules;
pub mod site;
pub mod state;
pub mod table;
mod working;

pub use apply::{ALSO_VIEWED_HALF_LIFE, HEAT_HALF_LIFE, apply};
pub use draft::Draft;
pub use effect::Effect;
pub use learned::{Heard, Learned, Policies, Recommenders, Stream, Trained, VISIT_GAP_MILLIS};
pub use project::{ComputedTrait, Live, Project, WriteKeyHash};
pub use working::{Cache, Working};
