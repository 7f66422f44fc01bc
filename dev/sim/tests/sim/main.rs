//! The whole system, and audiences as time passes.

mod audiences;
mod seeds;
mod world;
