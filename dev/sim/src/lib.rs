//! The whole system under a seed: visitors, retries, duplicates, reordering, crashes at any
//! write; afterwards the laws are checked against a naive model.
//!
//! [`run`] plays one seed and checks
//!
//! 1. what was acknowledged is there, and nothing is counted twice;
//! 2. state rebuilt from the log is the state, row by row;
//! 3. the same events in any order give the same persons and profiles,
//!
//! 4. every membership is what the rule says of the person, asked from scratch;
//!
//! and that persons and figures are those of [`model`], which knows nothing of incremental
//! folding. [`Sabotage`] breaks the fold on purpose, to show that the checks see it.
//!
//! In every fourth seed audiences, features and a webhook come, change and go in the middle, so
//! that jobs run, and are cancelled and resumed, while all this happens.
//!
//! A failure names the seed; the same seed plays the same way again.

mod late;
mod laws;
pub mod memberships;
pub mod model;
mod past;
mod server;
mod world;

pub use server::Sabotage;

/// What a seed played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Events acknowledged, repeats included.
    pub acknowledged: u64,
    /// Different events in the log.
    pub distinct: u64,
    /// Crashes of the process or the machine.
    pub crashes: u64,
    /// Persons at the end.
    pub persons: u64,
}

/// A law that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The seed that shows it.
    pub seed: u64,
    /// Which law, and how.
    pub what: String,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "seed {}: {}", self.seed, self.what)
    }
}

/// Plays one seed.
pub fn run(seed: u64, sabotage: Option<Sabotage>) -> Result<Report, Failure> {
    let failure = |what: String| Failure { seed, what };
    let mut world = world::World::new(seed);
    let mut server = server::Server::new(seed, sabotage);
    while let Some(batch) = world.next_batch() {
        server.disturb();
        match server.receive(&batch) {
            Ok(()) => world.acknowledged(&batch),
            Err(_) => world.retry(batch),
        }
    }
    let (log, state) = server.finish().map_err(failure)?;
    laws::check(&world, log.as_ref(), &state.memory, sabotage)
        .map_err(failure)
        .map(|report| Report {
            crashes: state.crashes,
            ..report
        })
}
