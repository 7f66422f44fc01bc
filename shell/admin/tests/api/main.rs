//! The control plane through its front door: every test sends requests to the router, over an
//! engine in memory.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod access;
mod api;
mod audiences;
mod catalog;
mod decisions;
mod definitions;
mod events;
mod exports;
mod identity;
mod matching;
mod meta;
mod models;
mod offers;
mod persons;
mod policies;
mod reports;
mod reviews;
mod rules;
mod sources;
mod webhooks;
