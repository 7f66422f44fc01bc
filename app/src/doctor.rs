//! `kith doctor`: what a data folder holds, what is wrong with it, and how to mend it.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use indicatif::ProgressBar;
use kith_engine::{Project, query};
use kith_runtime::Ahead;
use kith_store::damage::{self, Progress, Report};
use serde_json::{Value, json};

use crate::output::{BadInput, Output, Verdict};
use crate::wiring;

/// Options of `kith doctor`.
#[derive(Debug, Args)]
pub struct Options {
    /// Data folder; no server may use it
    #[arg(long, env = "KITH_DATA", default_value = "kith-data")]
    data: PathBuf,
}

/// Runs the command: every byte of log and state, then the definitions.
pub fn run(options: &Options, output: Output) -> Result<Verdict> {
    if !options.data.join("VERSION").is_file() {
        return Err(BadInput(format!("{} is not a data folder", options.data.display())).into());
    }
    let bar = ProgressBar::new_spinner();
    let report = damage::check(
        &options.data,
        kith_store::Options::standard(),
        &mut |progress| match progress {
            Progress::Segments { done, total } => {
                bar.set_message(format!("log: {done} of {total} segments"));
            }
            Progress::Rows(rows) => bar.set_message(format!("state: {rows} rows")),
        },
    )?;
    bar.finish_and_clear();
    let contents = if report.healthy() {
        Some(contents(options)?)
    } else {
        None
    };
    let mut advice = advice(&report);
    let ahead = contents.as_ref().map(|contents| &contents["clock_ahead"]);
    advice.extend(ahead.and_then(Value::as_str).map(str::to_owned));
    let object = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "healthy": report.healthy(),
        "log": {
            "segments": report.log.segments,
            "records": report.log.records,
            "raw_bytes": report.log.raw_bytes,
            "stored_bytes": report.log.stored_bytes,
            "torn_bytes": report.log.torn_bytes,
            "damages": report.log.damages,
        },
        "state": {
            "batches": report.state.batches,
            "rows": report.state.tables.values().map(|table| table.rows).sum::<u64>(),
            "bytes": report.state.tables.values()
                .map(|table| table.key_bytes + table.value_bytes).sum::<u64>(),
            "damages": report.state.damages,
        },
        "contents": contents,
        "advice": advice,
    });
    output.result(&object, &text_of(&object));
    Ok(if report.healthy() {
        Verdict::Done
    } else {
        Verdict::CheckFailed
    })
}

/// Counts, and what is wrong with the live definitions.
fn contents(options: &Options) -> Result<Value> {
    let handle = wiring::open(&options.data)?;
    let status = handle.status();
    wiring::block_on(handle.wait_applied(status.end))??;
    let view = handle.view();
    let now = kith_runtime::now();
    let overview = query::overview(&*view.state, now)?;
    let clock = query::clock(&*view.state)?;
    let ahead = Ahead::of(&*view.state, now)?;
    let problems: Vec<String> = Project::load(&*view.state)?
        .problems
        .iter()
        .map(ToString::to_string)
        .collect();
    drop(view);
    handle.shutdown();
    Ok(json!({
        "records_behind": status.end - status.applied,
        "events": overview.events,
        "persons": overview.persons,
        "items": overview.items,
        "refused_open": overview.refused_open,
        "clock": clock.to_string(),
        "clock_ahead": ahead.map(|ahead| ahead.to_string()),
        "definition_problems": problems,
    }))
}

fn advice(report: &Report) -> Vec<String> {
    let mut advice = Vec::new();
    if report.log.torn_bytes > 0 {
        advice.push(format!(
            "the log ends in {} bytes of an append that was never acknowledged; the next start \
             cuts them off, nothing is to be done",
            report.log.torn_bytes
        ));
    }
    if !report.log.damages.is_empty() {
        advice.push(
            "the log is damaged: restore the named segment files from a backup; what stands \
             before the first damage is intact"
                .to_owned(),
        );
    }
    if !report.state.damages.is_empty() && report.log.damages.is_empty() {
        advice.push(
            "the state is damaged, the log is sound: `kith replay` builds the state anew"
                .to_owned(),
        );
    }
    advice
}

fn text_of(object: &Value) -> String {
    let mut lines = vec![format!(
        "log: {} records in {} segments, {} bytes on disk ({} before packing)",
        object["log"]["records"],
        object["log"]["segments"],
        object["log"]["stored_bytes"],
        object["log"]["raw_bytes"]
    )];
    lines.push(format!(
        "state: {} rows, {} bytes",
        object["state"]["rows"], object["state"]["bytes"]
    ));
    if let Some(contents) = object["contents"].as_object() {
        lines.push(format!(
            "{} events of {} persons, {} catalog items, {} refused inputs open",
            contents["events"], contents["persons"], contents["items"], contents["refused_open"]
        ));
        let problems = contents["definition_problems"].as_array();
        lines.extend(
            problems
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned),
        );
    }
    for place in [
        &object["log"]["damages"],
        &object["state"]["damages"],
        &object["advice"],
    ] {
        let sentences = place.as_array().into_iter().flatten();
        lines.extend(sentences.filter_map(Value::as_str).map(str::to_owned));
    }
    if object["healthy"] == json!(true) {
        lines.push("nothing is damaged".to_owned());
    }
    lines.join("\n")
}
