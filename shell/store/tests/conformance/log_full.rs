//! A disk that fills up. The limit on file sizes stands in for it: it needs no privilege, and
//! like a full disk it writes a part and then fails. It also sends a signal, so the test runs
//! itself in a child that ignores the signal.

use std::{path::Path, process::Command};

use kith_runtime::log::{Error, Log};
use kith_store::{Options, log::Segments};

use super::log::{record, records};

const CHILD_DIR: &str = "KITH_TEST_FULL_DISK_DIR";

/// Sets this process's soft limit, with the tool of util-linux.
fn limit(bytes: &str) {
    let pid = std::process::id().to_string();
    let limit = format!("--fsize={bytes}:");
    let status = Command::new("prlimit")
        .args(["--pid", &pid, &limit])
        .status()
        .unwrap();
    assert!(status.success(), "prlimit {limit}: {status}");
}

/// What the child does: fill, fail, carry on when there is room.
fn fill(dir: &Path) {
    let mut options = Options::small();
    options.log_segment_bytes = 1 << 30;
    let mut log = Segments::open(dir, options, None).unwrap();
    let reader = log.reader();
    limit("40000");
    let mut next = 0;
    let error = loop {
        match log.append(&records(next..next + 50)) {
            Ok(first) => next = first + 50,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, Error::Storage(_)), "{error}");
    assert!(next > 0);
    for _ in 0..3 {
        assert_eq!(reader.end(), next);
        let path = dir.join("00000000000000000000.seg");
        assert_eq!(
            path.metadata().unwrap().len(),
            log.size_bytes(),
            "nothing half-written stays"
        );
        assert!(log.append(&records(next..next + 50)).is_err());
    }
    assert_eq!(
        log.append(&records(next..next + 1)).unwrap(),
        next,
        "a small one still fits"
    );
    limit("unlimited");
    assert_eq!(
        log.append(&records(next + 1..next + 200)).unwrap(),
        next + 1
    );
    drop(log);
    let log = Segments::open(dir, options, None).unwrap();
    assert_eq!(log.cut_bytes(), 0);
    let rows = log.reader().read(0, usize::MAX).unwrap();
    assert_eq!(rows.len() as u64, next + 200);
    assert!(
        rows.iter()
            .all(|(position, bytes)| *bytes == record(*position))
    );
}

#[test]
fn a_full_disk_fails_the_append_and_nothing_else() {
    if let Some(dir) = std::env::var_os(CHILD_DIR) {
        return fill(Path::new(&dir));
    }
    let dir = tempfile::tempdir().unwrap();
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"])
        .arg(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "conformance::log_full::a_full_disk_fails_the_append_and_nothing_else",
        ])
        .env(CHILD_DIR, dir.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}

#[test]
fn the_reserve_is_kept_free() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = Options::small();
    options.reserve_bytes = 1 << 60;
    let mut log = Segments::open(dir.path(), options, None).unwrap();
    let error = log.append(&records(0..3)).unwrap_err();
    assert!(error.to_string().contains("the disk is full"), "{error}");
    assert_eq!(log.reader().end(), 0);
    drop(log);
    let mut log = Segments::open(dir.path(), Options::small(), None).unwrap();
    assert_eq!(log.append(&records(0..3)).unwrap(), 0);
}
