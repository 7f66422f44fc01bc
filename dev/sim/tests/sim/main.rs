//! The whole system, and audiences as time passes.

mod audiences;
mod jobs;
mod seeds;
mod traits;
mod world;
