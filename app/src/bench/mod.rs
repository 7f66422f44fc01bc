//! `kith bench`: every budget measured on this machine, with the load on the same machine.
//!
//! A bench makes its own data folder, generates its own traffic and answers one JSON object.
//! [`report::BUDGETS`] lists what the figures are held against. `docs/benchmarks.md` says what
//! each figure means and what was measured on which machine.

mod anonymous;
mod audience;
mod bandit;
mod collect;
mod counts;
mod cpu;
mod crash;
mod decide;
mod fill;
mod graph;
mod http;
mod identity;
mod ope;
mod pace;
mod recommend;
mod reorder;
mod replay;
mod report;
mod server;
mod session;
mod shop;
mod start;
mod tag;
mod traffic;
mod visible;
mod zipf;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use crate::output::{Output, Verdict};

/// Options of `kith bench`.
#[derive(Debug, Args)]
pub struct Options {
    #[command(subcommand)]
    bench: Bench,
    /// Folder for the data of the run, on the disk to measure; removed afterwards
    #[arg(long, global = true)]
    scratch: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Bench {
    /// Events in: how fast, how soon they count, what they cost on disk
    Collect(collect::Options),
    /// Decisions out: how fast, at a fixed rate and at most
    Decide(decide::Options),
    /// Memberships: what they cost, how soon they hold, how fast new ones are found
    Audience(audience::Options),
    /// Start after kill -9, and memory when idle
    Start(start::Options),
    /// kill -9 under load, again and again: nothing lost, nothing twice
    Crash(crash::Options),
    /// The identity graph: what it costs an event, and taking a link back
    Graph(graph::Options),
    /// Matching of records: right and complete, on sets with known answers
    Identity(identity::Options),
    /// Random decisions taken again after a restart and a change of definitions
    Replay(replay::Options),
    /// Size of kith.js
    Tag,
    /// Anonymous visitors: how many links are right, and how many are found
    Anonymous(anonymous::Options),
    /// Recommendations: how good they are on published data, and how fast over a large catalog
    Recommend(recommend::Options),
    /// Pairs of items counted from a stream: how fast, in how much memory
    Counts(counts::Options),
    /// The next item of a visit
    Session(session::Options),
    /// The next order, or what people are drawn to
    Reorder(reorder::Options),
    /// Learning which offer works, on a logged experiment: does it beat one offer for all
    Bandit(bandit::Options),
    /// What another policy would have earned, from a log with propensities
    Ope(ope::Options),
    /// All of them, one after the other
    All(AllOptions),
}

#[derive(Debug, Args)]
struct AllOptions {
    /// A few minutes instead of half an hour: smaller data, fewer rounds
    #[arg(long)]
    quick: bool,
}

/// Each bench with its arguments for `all` and for `all --quick`.
const ALL: [(&str, &[&str], &[&str]); 8] = [
    ("tag", &[], &[]),
    ("collect", &["--seconds", "20"], &["--seconds", "5"]),
    ("decide", &[], &["--persons", "50000", "--seconds", "5"]),
    (
        "recommend",
        &["--items", "100000"],
        &["--items", "100000", "--persons", "10000"],
    ),
    ("audience", &[], &["--persons", "50000", "--seconds", "5"]),
    ("graph", &[], &["--events", "100000"]),
    ("crash", &["--rounds", "200"], &["--rounds", "5"]),
    ("start", &[], &["--events", "500000", "--persons", "50000"]),
];

/// Runs the command. A missed budget is told and is no failure, because speed depends on the
/// machine; a lost or doubled event fails.
pub fn run(options: &Options, output: Output) -> Result<Verdict> {
    if let Bench::All(all) = &options.bench {
        return run_all(all, options.scratch.as_deref(), output);
    }
    if let Some((figures, lines)) = of_files(&options.bench, output)? {
        output.result(&figures, &lines);
        return Ok(Verdict::Done);
    }
    let scratch = match &options.scratch {
        Some(folder) => {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("creating {}", folder.display()))?;
            tempfile::tempdir_in(folder)
        }
        None => tempfile::tempdir(),
    };
    let scratch = scratch.context("creating a folder for the run")?;
    let (name, figures) = match &options.bench {
        Bench::Collect(options) => ("collect", collect::run(options, scratch.path(), output)?),
        Bench::Decide(options) => ("decide", decide::run(options, scratch.path())?),
        Bench::Audience(options) => ("audience", audience::run(options, scratch.path(), output)?),
        Bench::Start(options) => ("start", start::run(options, scratch.path())?),
        Bench::Crash(options) => ("crash", crash::run(options, scratch.path(), output)?),
        Bench::Graph(options) => ("graph", graph::run(options, scratch.path())?),
        Bench::Replay(options) => {
            let figures = replay::run(options, scratch.path())?;
            output.result(&figures, &replay::lines(&figures));
            return Ok(match replay::is_exact(&figures) {
                true => Verdict::Done,
                false => Verdict::CheckFailed,
            });
        }
        Bench::Tag => ("tag", tag::run(scratch.path())?),
        Bench::Recommend(options) => {
            let figures = recommend::run_serving(options, scratch.path(), output)?;
            ("recommend", figures)
        }
        Bench::All(_)
        | Bench::Identity(_)
        | Bench::Anonymous(_)
        | Bench::Counts(_)
        | Bench::Session(_)
        | Bench::Reorder(_)
        | Bench::Bandit(_)
        | Bench::Ope(_) => {
            unreachable!("handled above")
        }
    };
    output.result(&figures, &report::lines(name, &figures));
    Ok(verdict(name, &figures))
}

/// Benches over files that need no folder of their own: figures, and lines for people.
fn of_files(bench: &Bench, output: Output) -> Result<Option<(Value, String)>> {
    let (figures, lines): (Value, fn(&Value) -> String) = match bench {
        Bench::Identity(options) => (identity::run(options, output)?, identity::lines),
        Bench::Anonymous(options) => (anonymous::run(&options.data, output)?, anonymous::lines),
        Bench::Recommend(options) if !options.is_serving() => {
            (recommend::run(options, output)?, recommend::lines)
        }
        Bench::Counts(options) => (counts::run(options)?, |figures| {
            report::lines("counts", figures)
        }),
        Bench::Session(options) => (session::run(options)?, session::lines),
        Bench::Reorder(options) => (reorder::run(options)?, reorder::lines),
        Bench::Bandit(options) => (bandit::run(options, output)?, bandit::lines),
        Bench::Ope(options) => (ope::run(options, output)?, ope::lines),
        _ => return Ok(None),
    };
    let lines = lines(&figures);
    Ok(Some((figures, lines)))
}

fn verdict(name: &str, figures: &Value) -> Verdict {
    if name == "crash" && !report::missed(name, figures).is_empty() {
        Verdict::CheckFailed
    } else {
        Verdict::Done
    }
}

/// Each bench in a process of its own, so that none inherits memory or threads of another.
fn run_all(options: &AllOptions, scratch: Option<&Path>, output: Output) -> Result<Verdict> {
    let program = std::env::current_exe().context("finding this program's file")?;
    let mut figures = Map::new();
    let mut failed = false;
    for (name, full, quick) in ALL {
        output.say(&format!("kith bench {name} …"));
        let mut command = Command::new(&program);
        command
            .args(["bench", name, "--json"])
            .args(if options.quick { quick } else { full });
        if let Some(folder) = scratch {
            command.arg("--scratch").arg(folder);
        }
        let run = command
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output();
        let run = run.with_context(|| format!("running kith bench {name}"))?;
        let object: Value = serde_json::from_slice(&run.stdout).unwrap_or_else(
            |_| json!({"error": {"message": format!("the bench ended with {}", run.status)}}),
        );
        failed |= !run.status.success();
        figures.insert(name.to_owned(), object);
    }
    ensure!(!figures.is_empty(), "no bench was run");
    let missed: Vec<Value> = ALL
        .iter()
        .flat_map(|(name, ..)| report::missed(name, &figures[*name]))
        .map(|budget| json!({"bench": budget.bench, "field": budget.field}))
        .collect();
    output.say(&report::table(&figures));
    figures.insert("missed".to_owned(), Value::Array(missed));
    output.result(&Value::Object(figures), "");
    Ok(if failed {
        Verdict::CheckFailed
    } else {
        Verdict::Done
    })
}
