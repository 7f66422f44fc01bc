//! The loop around the engine: durable log, partition thread, timers, back-pressure.

pub mod log;
