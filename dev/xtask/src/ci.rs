//! Everything a change must pass, in the order that finds cheap faults first.
//!
//! One debug build serves the tests and the browser run. A failed step does not stop the others,
//! so that one run shows everything that is wrong; the last line counts it all.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::step::{self, Counts};
use crate::{system, tidy, web};

/// One line of the summary.
struct Outcome {
    name: &'static str,
    succeeded: bool,
    took: Duration,
    counts: Counts,
}

/// A named step.
type Step = (&'static str, fn(&Path) -> Result<(bool, Counts)>);

/// The steps, in order.
const STEPS: [Step; 10] = [
    ("format", |root| {
        step::run(root, "cargo", &["fmt", "--all", "--check"], &[])
    }),
    ("tidy", |root| {
        tidy::run(root).map(|()| (true, Counts::default()))
    }),
    ("browser and python", |_| {
        system::chromium()?;
        system::python().map(|()| (true, Counts::default()))
    }),
    ("web packages", |root| {
        web::install(root).map(|()| (true, Counts::default()))
    }),
    ("web checks", |root| {
        npm(root, &["run", "check", "--workspaces", "--if-present"])
    }),
    ("web builds", |root| {
        npm(root, &["run", "build", "--workspaces", "--if-present"])
    }),
    ("web unit tests", |root| {
        npm(
            root,
            &[
                "run",
                "test",
                "-w",
                "tag",
                "-w",
                "console",
                "-w",
                "demo-shop",
            ],
        )
    }),
    ("clippy", |root| step::run(root, "cargo", &CLIPPY, &[])),
    ("tests", |root| step::run(root, "cargo", &TESTS, &[])),
    ("browser end to end", end_to_end),
];

const TESTS: [&str; 4] = ["test", "--workspace", "--locked", "--no-fail-fast"];

const CLIPPY: [&str; 7] = [
    "clippy",
    "--workspace",
    "--all-targets",
    "--locked",
    "--",
    "-D",
    "warnings",
];

/// Runs every step and prints the summary.
pub fn run(root: &Path) -> Result<()> {
    let outcomes: Vec<Outcome> = STEPS.iter().map(|step| run_step(root, *step)).collect();
    println!("\n── summary ──");
    for outcome in &outcomes {
        let verdict = if outcome.succeeded { "ok" } else { "FAILED" };
        let Counts { passed, failed } = outcome.counts;
        let seconds = outcome.took.as_secs_f64();
        println!(
            "{:<20} {verdict:<6} {seconds:>7.1} s  {passed} passed, {failed} failed",
            outcome.name
        );
    }
    let total = outcomes
        .iter()
        .fold(Counts::default(), |sum, o| sum.plus(o.counts));
    let broken: Vec<&str> = outcomes
        .iter()
        .filter(|o| !o.succeeded)
        .map(|o| o.name)
        .collect();
    println!("{} passed, {} failed", total.passed, total.failed);
    if !broken.is_empty() {
        bail!("failed: {}", broken.join(", "));
    }
    Ok(())
}

/// A step without tests of its own counts as one check; a failed step always counts as a failure.
fn run_step(root: &Path, (name, action): Step) -> Outcome {
    println!("\n── {name} ──");
    let started = Instant::now();
    let (succeeded, mut counts) = action(root).unwrap_or_else(|error| {
        eprintln!("{error:#}");
        (false, Counts::default())
    });
    if succeeded && counts == Counts::default() {
        counts.passed = 1;
    }
    if !succeeded && counts.failed == 0 {
        counts.failed = 1;
    }
    Outcome {
        name,
        succeeded,
        took: started.elapsed(),
        counts,
    }
}

fn npm(root: &Path, arguments: &[&str]) -> Result<(bool, Counts)> {
    let chromium = system::chromium()?;
    let environment = [("CHROMIUM_PATH", chromium.to_str().unwrap_or("chromium"))];
    step::run(&root.join("web"), "npm", arguments, &environment)
}

/// The browser tests against the debug binary, which `cargo test` has built for the tests of the
/// command line: building it apart would compile half of the workspace with other features.
fn end_to_end(root: &Path) -> Result<(bool, Counts)> {
    npm(root, &["run", "test", "-w", "e2e"])
}
