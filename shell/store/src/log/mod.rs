//! Implementations of the log port.

pub mod memory;
pub mod segment;
pub mod simulated;

pub use memory::Memory;
pub use segment::Segments;
pub use simulated::Simulated;
