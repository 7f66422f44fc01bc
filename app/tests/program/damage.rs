//! Bytes on the disk that are not those that were written, and times that are not those of the
//! machine: told with their place, and nothing lost.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::process::{json, kith};

const ORDERS: usize = 3_000;

/// A folder with a history, folded and on disk.
fn history(here: &Path) {
    let mut orders = "order,user,at\n".to_owned();
    for order in 0..ORDERS {
        let (user, at) = (order % 700, 1_600_000_000 + order);
        orders.push_str(&format!("{order},u{user},{at}\n"));
    }
    fs::write(here.join("o.csv"), orders).unwrap();
    let mapping = "id: orders\ntime: {column: at, format: unix-seconds}\n\
        identifiers: [{namespace: user_id, column: user}]\n\
        events: [{name: Order Completed, properties: {order_id: order}}]\n";
    fs::write(here.join("m.yaml"), mapping).unwrap();
    let import = ["import", "o.csv", "--mapping", "m.yaml", "--source", "old"];
    json(here, &[&import[..], &["--data", "data"]].concat(), 0);
}

/// Turns some bytes of a file round.
fn damage(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at..at + 16].iter_mut().for_each(|byte| *byte ^= 0xff);
    fs::write(path, bytes).unwrap();
}

/// Files below a folder whose names begin so, by path.
fn files(folder: &Path, beginning: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        match path.is_dir() {
            true => found.extend(files(&path, beginning)),
            false if name.starts_with(beginning) => found.push(path),
            false => {}
        }
    }
    found.sort();
    found
}

/// What `serve` says instead of serving.
fn refusal(here: &Path) -> String {
    let serve = ["serve", "--data", "data", "--listen", "127.0.0.1:0"];
    let output = kith(here, &serve);
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn advice(report: &Value) -> &str {
    report["advice"][0].as_str().unwrap_or_default()
}

#[test]
fn a_damaged_log_is_refused_with_its_place_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    history(here);
    let segment = files(&here.join("data/log"), "")[0].clone();
    damage(&segment, fs::metadata(&segment).unwrap().len() as usize / 2);
    let before = fs::read(&segment).unwrap();

    let report = json(here, &["doctor", "--data", "data"], 1);
    let told = report["log"]["damages"][0].as_str().unwrap();
    assert!(
        told.contains("data/log/00000000000000000000.seg at offset"),
        "{told}"
    );
    assert!(
        advice(&report).contains("restore the named segment files"),
        "{report}"
    );
    let refused = refusal(here);
    assert!(refused.contains(told), "{refused}");
    let replay = kith(here, &["replay", "--data", "data"]);
    assert_ne!(replay.status.code(), Some(0));
    assert_eq!(fs::read(&segment).unwrap(), before, "nothing was cut off");
}

#[test]
fn a_damaged_state_is_told_and_built_anew_from_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    history(here);
    let state = here.join("data/state");
    // A page of rows, and the list of the files that hold rows.
    let page = files(&state.join("keyspaces/0/tables"), "")[0].clone();
    let list = files(&state.join("keyspaces/0"), "v").pop().unwrap();
    for (path, at) in [(page, 700), (list, 20)] {
        damage(&path, at);
        let report = json(here, &["doctor", "--data", "data"], 1);
        assert_eq!(report["log"]["damages"], serde_json::json!([]), "{report}");
        assert_ne!(
            report["state"]["damages"],
            serde_json::json!([]),
            "{report}"
        );
        assert!(advice(&report).contains("`kith replay`"), "{report}");
        assert!(refusal(here).contains("`kith replay`"));

        json(here, &["replay", "--data", "data"], 0);
        let healed = json(here, &["doctor", "--data", "data"], 0);
        assert_eq!(healed["contents"]["events"], ORDERS);
        assert_eq!(healed["contents"]["persons"], 700);
        let verified = json(here, &["replay", "--verify", "--data", "data"], 0);
        assert_eq!(verified["same"], true, "{verified}");
    }
}

#[tokio::test]
async fn a_log_that_is_ahead_of_the_machine_is_told_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    history(here);
    for (ahead_s, told) in [(120, None), (7_260, Some("0 d 2 h "))] {
        let at = kith_runtime::now().plus(kith_base::Duration::from_secs(ahead_s));
        let store = kith_store::open(&here.join("data"), kith_store::Options::standard()).unwrap();
        let handle = kith_runtime::start(Box::new(store.log), Box::new(store.state)).unwrap();
        let tick = kith_event::Record::Tick(at);
        handle.append_applied(vec![tick]).await.unwrap();
        handle.shutdown();
        drop(handle);

        let report = json(here, &["doctor", "--data", "data"], 0);
        assert_eq!(report["contents"]["clock"], at.to_string());
        let Some(told) = told else {
            assert_eq!(report["contents"]["clock_ahead"], Value::Null);
            assert_eq!(report["advice"], serde_json::json!([]));
            continue;
        };
        assert!(advice(&report).contains(told), "{report}");
        assert!(advice(&report).contains("set it (timedatectl)"), "{report}");
    }
}
