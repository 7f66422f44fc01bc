//! The routes of the control plane, one module per family; [`crate::openapi`] lists them all.

pub mod audiences;
pub mod catalog;
pub mod decisions;
pub mod definitions;
pub mod events;
pub mod exports;
pub mod identity;
pub mod jobs;
pub mod keys;
pub mod matching;
pub mod meta;
pub mod models;
pub mod offers;
pub mod overview;
pub mod persons;
pub mod policies;
pub mod previews;
pub mod rejected;
pub mod reports;
pub mod reviews;
pub mod rules;
pub mod session;
pub mod sources;
pub mod webhooks;
