//! The whole system, and audiences as time passes.

mod affinities;
mod audiences;
mod seeds;
mod world;
