//! The whole system, and audiences as time passes.

mod audiences;
mod search;
mod seeds;
mod sweeps;
mod world;
