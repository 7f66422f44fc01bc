//! Learning from the log of a running server: which offer works, and what to recommend.
//!
//! [`Learner`] reads the log behind the engine, in its order, and folds it into what decisions use:
//! [`policies`] learn from decisions and what came of them, [`recommenders`] from what people do
//! with items. [`Learner::step`] is the one entry: it does a bounded part of the work and says
//! whether there is more. [`start`] gives it a thread of its own.
//!
//! What is known follows from the log and can be thrown away: after a restart it is made again.
//!
//! Not here: how a policy or a model learns (`kith-decide`, `kith-learn`), what is decided with
//! it (`kith-engine`), routes (`kith-admin`).

mod learner;
pub mod metrics;
mod open;
mod policies;
mod recommenders;
mod registry;
mod reports;
mod rewards;
mod run;
mod training;

pub use kith_learn::interval::Estimate;
pub use learner::{Error, Learner, Status};
pub use registry::{Pin, Registry, ServeError, TrainingRun, Version};
pub use reports::{Day, Judgement, Offline, Online, Reports};
pub use rewards::Rewards;
pub use run::{Running, start};
