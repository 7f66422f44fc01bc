//! Probable links of a running server, through the log.

mod people;
mod records;
mod running;
mod shop;
mod visitors;
mod world;
