//! A disk that fills up. The limit on file sizes stands in for it: it needs no privilege, and
//! like a full disk it writes a part and then fails. It also sends a signal, so a test runs
//! itself in a child that ignores the signal.

use std::{path::Path, process::Command};

const CHILD_DIR: &str = "KITH_TEST_FULL_DISK_DIR";

/// Sets this process's soft limit, with the tool of util-linux.
pub fn limit(bytes: &str) {
    let pid = std::process::id().to_string();
    let limit = format!("--fsize={bytes}:");
    let status = Command::new("prlimit")
        .args(["--pid", &pid, &limit])
        .status()
        .unwrap();
    assert!(status.success(), "prlimit {limit}: {status}");
}

/// Runs `body` over an empty folder in a child: the test of this name, which calls this.
pub fn in_child(test: &str, body: fn(&Path)) {
    if let Some(dir) = std::env::var_os(CHILD_DIR) {
        return body(Path::new(&dir));
    }
    let dir = tempfile::tempdir().unwrap();
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(CHILD_DIR, dir.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}{errors}"
    );
}
