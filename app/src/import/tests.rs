//! Whole imports into memory, and imports that were interrupted.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use kith_base::Timestamp;
use kith_event::Event;
use serde_json::{Map, Value};

use super::cell::Complaint;
use super::pipeline::{Job, Sink, Watch, run};

/// Keeps what it gets, as a server would: an event id counts once.
#[derive(Default)]
struct Memory {
    events: BTreeMap<String, Event>,
    items: BTreeMap<String, Map<String, Value>>,
    sent: usize,
    /// Fails after so many batches of events.
    batches_left: Option<usize>,
}

impl Sink for Memory {
    fn events(&mut self, events: &[Event]) -> Result<Vec<(usize, Complaint)>> {
        match &mut self.batches_left {
            Some(0) => bail!("the server went away"),
            Some(left) => *left -= 1,
            None => {}
        }
        self.sent += events.len();
        for event in events {
            self.events
                .entry(event.message_id.clone())
                .or_insert_with(|| event.clone());
        }
        Ok(Vec::new())
    }

    fn items(&mut self, items: &[Map<String, Value>]) -> Result<Vec<(usize, Complaint)>> {
        for item in items {
            let id = item["item_id"].as_str().expect("ids are text").to_owned();
            self.items.insert(id, item.clone());
        }
        Ok(Vec::new())
    }
}

#[derive(Default)]
struct Quiet {
    rows: Cell<u64>,
}

impl Watch for Quiet {
    fn progress(&self, rows: u64, _bytes: u64) {
        self.rows.set(rows);
    }

    fn note(&self, _text: &str) {}
}

fn job(folder: &Path, file: PathBuf, mapping: &str) -> Job {
    Job {
        file,
        mapping: mapping.to_owned(),
        source: "history".to_owned(),
        checkpoint: folder.join("checkpoint.json"),
        rejects: folder.join("rejects.ndjson"),
        now: Timestamp::parse("2026-11-21").unwrap(),
    }
}

const ORDERS: &str = "
id: orders
group: {by: [order], within_rows: 3}
time: {column: at, format: unix-seconds}
identifiers: [{namespace: user_id, column: user}]
skip: [{when: {column: item, equals: none}, reason: empty lines}]
events:
  - name: Order Completed
    properties:
      order_id: order
      products: {each: {product_id: item}}
";

/// Orders whose lines interleave, with broken and skipped lines among them.
fn interleaved_orders(orders: usize) -> String {
    let mut text = "order,item,user,at\n".to_owned();
    for order in 0..orders {
        let (user, at) = (order % 7, 1_600_000_000 + order);
        writeln!(text, "{order},first,{user},{at}").unwrap();
        if order > 0 {
            writeln!(text, "{},last,{user},{at}", order - 1).unwrap();
        }
        if order % 10 == 3 {
            writeln!(text, "{order},none,{user},{at}").unwrap();
        }
        if order % 10 == 5 {
            writeln!(text, "{order},too,many,fields,{at}").unwrap();
        }
        if order % 100 == 50 {
            writeln!(text, "u{order},nobody,,{at}").unwrap();
        }
    }
    text
}

fn import_in_parts(text: &str, batches: Option<usize>) -> (Memory, super::Checkpoint, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("orders.csv");
    std::fs::write(&file, text).unwrap();
    let job = job(folder.path(), file, ORDERS);
    let mut memory = Memory {
        batches_left: batches,
        ..Memory::default()
    };
    let done = loop {
        match run(&job, &mut memory, &Quiet::default()) {
            Ok(done) => break done,
            Err(error) => assert_eq!(error.to_string(), "the server went away"),
        }
        memory.batches_left = batches;
    };
    (
        memory,
        done,
        std::fs::read_to_string(&job.rejects).unwrap_or_default(),
    )
}

#[test]
fn an_interrupted_import_equals_a_whole_one() {
    let text = interleaved_orders(4_500);
    let (whole, whole_done, whole_rejects) = import_in_parts(&text, None);
    let (parts, parts_done, parts_rejects) = import_in_parts(&text, Some(1));
    assert_eq!(whole.events.len(), 4_500);
    assert!(
        whole
            .events
            .values()
            .all(|event| !event.properties.as_str().contains("nobody"))
    );
    assert_eq!(whole.events, parts.events);
    assert_eq!(whole.sent, parts.sent, "no group was sent twice");
    assert_eq!(whole_done, parts_done);
    assert_eq!(whole_done.skipped["empty lines"], 450);
    assert_eq!(whole_done.rejected, 450 + 45);
    assert_eq!(sorted_lines(&whole_rejects), sorted_lines(&parts_rejects));
}

fn sorted_lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines
}

#[test]
fn a_second_run_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("orders.csv");
    std::fs::write(&file, interleaved_orders(20)).unwrap();
    let job = job(folder.path(), file, ORDERS);
    let mut memory = Memory::default();
    run(&job, &mut memory, &Quiet::default()).unwrap();
    let events = memory.events.clone();
    std::fs::remove_file(&job.checkpoint).unwrap();
    run(&job, &mut memory, &Quiet::default()).unwrap();
    assert_eq!(memory.sent, 40);
    assert_eq!(memory.events, events);
}

#[test]
fn refused_rows_are_kept_with_their_reason() {
    let (_, _, rejects) = import_in_parts(&interleaved_orders(60), None);
    let entries: Vec<Value> = rejects
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let broken = entries
        .iter()
        .find(|entry| entry["message"] == "5 fields, the header has 4");
    assert!(broken.is_some(), "{rejects}");
    let nobody = entries
        .iter()
        .find(|entry| entry["column"] == "user")
        .unwrap();
    assert_eq!(nobody["message"], "the row names no person");
    assert_eq!(nobody["rows"][0]["cells"]["item"], "nobody");
    assert!(nobody["line"].as_u64().unwrap() > 1);
}
