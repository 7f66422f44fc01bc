//! Records that come one by one are joined as the batch joins them, on a published set.

#![expect(
    clippy::print_stdout,
    reason = "a test without its data says that it skips, and what differs is told"
)]

use std::collections::BTreeSet;
use std::path::Path;

use kith_matching::{Index, Matcher, Settings, Table};

/// Bits of an edge that is nine times in ten right.
const SURE: f32 = 3.0;
/// One row in so many comes online.
const ONLINE_SHARE: usize = 4;

/// The rows of `febrl3`, or nothing where the data is not at hand.
fn febrl3() -> Option<(Vec<String>, Vec<Vec<String>>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = root.join("../shared/data/identity/febrl3/dataset3.csv");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: {} is not there", path.display());
        return None;
    };
    let cells = |line: &str| -> Vec<String> {
        let cells = line.split(',');
        cells.map(|cell| cell.trim().to_owned()).collect()
    };
    let mut lines = text.lines().map(cells);
    let headers = lines.next().expect("the first line names the columns");
    Some((headers, lines.collect()))
}

fn table(headers: &[String], rows: &[&Vec<String>]) -> Table {
    let texts = |cells: &[String]| -> Vec<String> { cells.to_vec() };
    let mut table = Table::default();
    let headers = texts(headers);
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    table.begin_file(&headers).expect("few columns");
    for row in rows {
        let values: Vec<&str> = row.iter().map(String::as_str).collect();
        table.push(&values).expect("as many values as headers");
    }
    table
}

/// Sure edges of a batch, later row first.
fn sure(matcher: &Matcher, edges: &[(u32, u32, f32)]) -> BTreeSet<(u32, u32)> {
    let row = |record: u32| matcher.order[record as usize];
    let sure = edges.iter().filter(|edge| edge.2 > SURE);
    sure.map(|(one, other, _)| (row(*one).max(row(*other)), row(*one).min(row(*other))))
        .collect()
}

#[test]
fn after_inserts_the_batch_differs_in_less_than_one_edge_of_a_thousand() {
    let Some((headers, rows)) = febrl3() else {
        return;
    };
    // Known rows first, so that rows of the index and of the whole table have the same numbers.
    let (online, known): (Vec<_>, Vec<_>) = rows
        .iter()
        .enumerate()
        .partition(|(at, _)| at % ONLINE_SHARE == 1);
    let texts = |rows: &[(usize, &Vec<String>)]| -> Vec<Vec<String>> {
        rows.iter().map(|(_, row)| (*row).clone()).collect()
    };
    let (online, known) = (texts(&online), texts(&known));
    let known: Vec<&Vec<String>> = known.iter().collect();
    let mut matcher = Matcher::new(&table(&headers, &known), Settings::default());
    let fitted = matcher.fit();
    let judged = matcher.predict(&fitted);
    let mut found = sure(&matcher, &judged.edges);
    let mut index = Index::new(matcher, fitted);
    for row in &online {
        let values: Vec<&str> = row.iter().map(String::as_str).collect();
        let (number, others) = index.insert(&values);
        let others = others.iter().filter(|other| other.bits > SURE);
        found.extend(others.map(|other| (number, other.record)));
    }
    let whole: Vec<&Vec<String>> = known.into_iter().chain(&online).collect();
    let mut matcher = Matcher::new(&table(&headers, &whole), Settings::default());
    let fitted = matcher.fit();
    let judged = matcher.predict(&fitted);
    let batch = sure(&matcher, &judged.edges);
    let differ = batch.symmetric_difference(&found).count();
    println!(
        "{} inserts: {differ} of {} edges differ",
        online.len(),
        batch.len()
    );
    assert!(batch.len() > 6_000, "{}", batch.len());
    assert!(
        differ * 1_000 < batch.len(),
        "{differ} of {} edges differ",
        batch.len()
    );
}
