//! Behaviour of the data plane through its router, over an engine in memory.

#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

mod bodies;
mod clients;
mod cors;
mod decide;
mod documents;
mod geo;
mod grants;
mod harness;
mod pixel;
mod rerank;
mod storage;
mod visitor;
