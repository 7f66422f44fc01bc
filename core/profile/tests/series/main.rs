//! Series against a model that keeps every event and answers from scratch.

mod laws;
mod limits;
mod model;
mod sequences;
mod windows;
