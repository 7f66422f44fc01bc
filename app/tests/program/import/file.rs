//! The data sets, read without any of Kith's code.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use liblzma::read::XzDecoder;

/// Where a data set lies: beside the project, because of their size and licences. Says so when
/// it is not there.
pub fn data_set(name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let path = root.join(name);
    if path.is_file() {
        return Some(path);
    }
    // Not `eprintln!`: the test harness would keep it to itself.
    let _ = writeln!(
        std::io::stderr(),
        "SKIPPED: the data set {} is absent, nothing was checked against it",
        path.display()
    );
    None
}

/// The lines of a CSV file packed with xz, without the header and without the lines that have
/// not as many fields.
pub fn lines(path: &Path) -> impl Iterator<Item = csv::StringRecord> + use<> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(XzDecoder::new(File::open(path).unwrap()));
    let fields = reader.headers().unwrap().len();
    let records = reader.into_records().map(Result::unwrap);
    records.filter(move |record| record.len() == fields)
}

/// A decimal number with at most six places, in millionths.
pub fn micros(text: &str) -> i128 {
    let (whole, places) = text.split_once('.').unwrap_or((text, ""));
    assert!(places.len() <= 6, "{text}");
    format!("{whole}{places:0<6}").parse().unwrap()
}

#[test]
fn decimals_are_exact() {
    assert_eq!(micros("2.55"), 2_550_000);
    assert_eq!(micros("-0.001"), -1_000);
    assert_eq!(micros("7"), 7_000_000);
}
