//! Law 1 with a real process, a real disk and `kill -9`: five rounds of what `kith bench crash`
//! plays two hundred times.

use serde_json::Value;

use crate::process;

#[test]
fn what_was_acknowledged_before_a_kill_counts_once() {
    let folder = tempfile::tempdir().unwrap();
    let figures = process::json(folder.path(), &["bench", "crash", "--rounds", "5"], 0);
    let number = |name: &str| {
        figures[name]
            .as_u64()
            .unwrap_or_else(|| panic!("{figures}"))
    };
    assert_eq!(number("rounds"), 5, "{figures}");
    // Without these the two zeros below would say nothing.
    assert!(number("acknowledged") > 0, "{figures}");
    assert!(number("resent") > 0, "nothing was cut off: {figures}");
    assert!(
        number("in_log") >= number("acknowledged"),
        "the log holds less than was acknowledged: {figures}"
    );
    assert_eq!(figures["lost"], Value::from(0), "{figures}");
    assert_eq!(figures["doubled"], Value::from(0), "{figures}");
}
