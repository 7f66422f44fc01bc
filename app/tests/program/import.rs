//! `kith import` from outside: real shop histories, and what became of them in the data folder.
//!
//! `file` reads a data set as plainly as can be, `person` is what a history says of one person,
//! and `state` is what Kith has made of it. The two must be equal, for every person.

mod catalog;
mod figures;
mod file;
mod online_retail;
mod person;
mod refused;
mod resume;
mod state;
mod taobao;

use std::path::Path;

use serde_json::Value;

use crate::process::json;

/// Imports a file into the folder `data`, as source `history`.
fn import(folder: &Path, file: &str, mapping: &str) -> Value {
    json(folder, &arguments(file, mapping), 0)
}

fn arguments<'a>(file: &'a str, mapping: &'a str) -> [&'a str; 8] {
    [
        "import",
        file,
        "--mapping",
        mapping,
        "--source",
        "history",
        "--data",
        "data",
    ]
}

/// The state is exactly what the log gives when it is applied anew.
fn verify(folder: &Path) {
    let verified = json(folder, &["replay", "--verify", "--data", "data"], 0);
    assert_eq!(verified["same"], true, "{verified}");
}
