//! Probable links of a running server, through the log.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod people;
mod records;
mod running;
mod shop;
mod visitors;
mod world;
