//! The whole system, and audiences as time passes.

mod accounts;
mod affinities;
mod audiences;
mod endless;
mod full;
mod jobs;
mod many;
mod policies;
mod random;
mod rough;
mod search;
mod seeds;
mod sweeps;
mod traits;
mod verdicts;
mod world;
mod zones;
