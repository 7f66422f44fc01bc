//! Implementations of the state port.

pub mod disk;
mod journal;
mod manifest;
pub mod memory;
mod merge;
mod overlay;
mod recent;
mod sequence;
pub mod simulated;
mod tree;
mod versions;

pub use disk::Disk;
pub use memory::Memory;
pub use simulated::Simulated;

/// Keys from here on belong to the store itself: the engine never writes them, and ranges never
/// show them.
pub(crate) const RESERVED: [u8; 2] = [0xff, 0xff];

/// The end of a range, without the store's own rows.
pub(crate) fn clamp(end: &[u8]) -> &[u8] {
    if end > &RESERVED[..] { &RESERVED } else { end }
}

/// Every write passes here, in every implementation.
pub(crate) fn check_key(key: &[u8]) {
    assert!(
        key < &RESERVED[..],
        "keys from ff ff on are reserved for the store"
    );
}
