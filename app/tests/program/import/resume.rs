//! Imports that are killed, and imports that are done twice.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use super::state::{State, without_positions};
use super::{arguments, import, verify};
use crate::process::{command, example, json};

/// On a line that has too few fields.
const BROKEN: &str = "cut off";

/// Lines of views and orders by a few hundred people, with broken lines at three places.
fn views() -> String {
    let mut text = "user_id,item_id,category_id,behavior,timestamp\n".to_owned();
    for line in 0..12_000_u32 {
        let person = line.wrapping_mul(2_654_435_761) % 311;
        let item = line.wrapping_mul(40_503) % 797;
        let behavior = ["pv", "pv", "pv", "fav", "cart", "buy"][(line % 6) as usize];
        let time = 1_511_544_070 + line * 7;
        writeln!(text, "{person},{item},{},{behavior},{time}", item % 23).unwrap();
        if [1_500, 3_500, 5_500].contains(&line) {
            writeln!(text, "{person},{item},{BROKEN}").unwrap();
        }
    }
    text
}

/// Invoices whose lines interleave, with broken lines at three places.
fn invoices() -> String {
    let mut text = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,\
                    Country\n"
        .to_owned();
    for invoice in 0..6_000_u32 {
        for (number, product) in [(invoice, "first"), (invoice + 1, "second")] {
            let (day, hour) = (1 + number % 28, number % 24);
            writeln!(
                text,
                "{number},{product}-{},A thing,{},2011-06-{day:02} {hour:02}:00:00,1.25,{}.0,\
                 France",
                number % 100,
                1 + number % 9,
                10_000 + number % 500,
            )
            .unwrap();
        }
        if [1_250, 2_250, 3_250].contains(&invoice) {
            writeln!(text, "{invoice},{BROKEN}").unwrap();
        }
    }
    text
}

/// Starts an import and kills it when it complains about a line.
fn import_until(folder: &Path, mapping: &str, line: usize) {
    let mut child = command(folder, &arguments("history.csv", mapping))
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines();
    let complaint = format!("line {line}: ");
    let complains = told.any(|told| told.unwrap().starts_with(&complaint));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(complains, "the import ended before line {line}");
}

/// Killed at each of its broken lines, an import ends with the state and the rejects of one that
/// was left alone.
fn check_interrupted(text: &str, mapping: &str, events: u64) {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [whole, parts] = folders.each_ref().map(tempfile::TempDir::path);
    for folder in [whole, parts] {
        std::fs::write(folder.join("history.csv"), text).unwrap();
    }
    let done = import(whole, "history.csv", mapping);
    assert_eq!(
        (&done["events"], &done["rejected"]),
        (&events.into(), &3.into()),
        "{done}"
    );
    let lines = text.lines().enumerate();
    let broken = lines.filter(|(_, line)| line.ends_with(BROKEN));
    for (index, _) in broken {
        import_until(parts, mapping, index + 1);
    }
    let resumed = import(parts, "history.csv", mapping);
    assert_ne!(resumed["resumed_at_row"], 0, "{resumed}");
    assert_eq!(resumed["already_imported"], false, "{resumed}");
    for member in ["rows", "events", "items", "skipped", "rejected"] {
        assert_eq!(resumed[member], done[member], "{member}");
    }
    let rejects =
        |folder: &Path| std::fs::read_to_string(folder.join("history.csv.rejects.ndjson")).unwrap();
    assert_eq!(rejects(whole), rejects(parts));
    verify(parts);
    let rows = |folder| without_positions(State::open(folder).rows());
    assert!(
        rows(whole) == rows(parts),
        "a killed import ends in another state"
    );
}

#[test]
fn a_killed_import_of_lines_goes_on() {
    check_interrupted(&views(), &example("taobao/mapping.yaml"), 12_000);
}

#[test]
fn a_killed_import_of_groups_goes_on() {
    check_interrupted(&invoices(), &example("online_retail/mapping.yaml"), 6_001);
}

#[test]
fn a_second_import_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    std::fs::write(here.join("history.csv"), views()).unwrap();
    let mapping = example("taobao/mapping.yaml");
    import(here, "history.csv", &mapping);
    let log_records = || json(here, &["doctor", "--data", "data"], 0)["log"]["records"].clone();
    let rows = State::open(here).rows();
    let records = log_records();

    let again = import(here, "history.csv", &mapping);
    assert_eq!(again["already_imported"], true, "{again}");
    assert_eq!(log_records(), records, "nothing is sent again");

    // Without the notes of the first import every line is sent again, and recognised.
    std::fs::remove_dir_all(here.join("data/imports")).unwrap();
    let again = import(here, "history.csv", &mapping);
    assert_eq!(
        (&again["already_imported"], &again["events"]),
        (&false.into(), &12_000.into())
    );
    assert!(log_records().as_u64() > records.as_u64());
    let state = State::open(here);
    assert_eq!(state.totals().0, 12_000);
    assert!(state.rows() == rows, "a second import changes the state");
}
