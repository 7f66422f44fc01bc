//! How much memory the machine has to spare.

use std::fs;

/// What is taken for free where the system does not tell.
const UNKNOWN: u64 = 2 * 1024 * 1024 * 1024;

/// Bytes that the system says programs may take without swapping.
pub fn available() -> u64 {
    let told = fs::read_to_string("/proc/meminfo").ok();
    told.and_then(|text| read(&text)).unwrap_or(UNKNOWN)
}

fn read(text: &str) -> Option<u64> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_linux_tells() {
        let text = "MemTotal:       24628216 kB\nMemAvailable:    1048576 kB\nBuffers: 1 kB\n";
        assert_eq!(read(text), Some(1 << 30));
        assert_eq!(read("MemTotal: 1 kB\n"), None);
        assert_eq!(read("MemAvailable: much\n"), None);
    }
}
