//! Running `kith` in a folder of its own, away from the settings of whoever runs the tests.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

pub fn kith(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().expect("kith runs")
}

pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kith"));
    command
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null());
    for name in [
        "KITH_WRITE_KEY",
        "KITH_ADMIN_KEY",
        "KITH_DATA",
        "KITH_URL",
        "KITH_LISTEN",
    ] {
        command.env_remove(name);
    }
    command.env("XDG_STATE_HOME", folder);
    command
}

/// Runs with `--json` and reads the one object on stdout.
pub fn json(folder: &Path, arguments: &[&str], exit: i32) -> Value {
    let output = kith(folder, &[arguments, &["--json"]].concat());
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(exit), "{arguments:?}: {told}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{arguments:?}: {error}"))
}

pub fn example(path: &str) -> String {
    format!("{}/../examples/{path}", env!("CARGO_MANIFEST_DIR"))
}
