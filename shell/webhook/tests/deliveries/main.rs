//! Deliveries over a running engine to a real HTTP server that verifies them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bounds;
mod endpoint;
mod journeys;
mod world;
