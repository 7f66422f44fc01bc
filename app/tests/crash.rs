//! Law 1 with a real process, a real disk and `kill -9`: five rounds of what `kith bench crash`
//! plays two hundred times.

use std::process::Command;

use serde_json::Value;

#[test]
fn what_was_acknowledged_before_a_kill_counts_once() {
    let run = Command::new(env!("CARGO_BIN_EXE_kith"))
        .args(["bench", "crash", "--rounds", "5", "--json"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{said}");
    let figures: Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(figures["rounds"], 5);
    assert_eq!(figures["lost"], 0, "{figures}");
    assert_eq!(figures["doubled"], 0, "{figures}");
    assert!(figures["acknowledged"].as_u64().unwrap() > 0, "{figures}");
}
