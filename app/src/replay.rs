//! `kith replay`: state built anew from the log, or only compared with it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use kith_engine::state::Tx;
use kith_engine::table;
use kith_runtime::log::Log;
use kith_store::state::Disk;
use serde_json::json;

use crate::output::{BadInput, Output, Verdict};

/// Differences that are shown.
const DIFFERENCES_MAX: usize = 100;

/// Options of `kith replay`.
#[derive(Debug, Args)]
pub struct Options {
    /// Data folder; no server may use it
    #[arg(long, env = "KITH_DATA", default_value = "kith-data")]
    data: PathBuf,
    /// Change nothing: compare the state with what the log gives; exit 1 on any difference
    #[arg(long)]
    verify: bool,
}

/// Runs the command.
pub fn run(options: &Options, output: Output) -> Result<Verdict> {
    if !options.data.join("VERSION").is_file() {
        return Err(BadInput(format!("{} is not a data folder", options.data.display())).into());
    }
    if options.verify {
        verify(&options.data, output)
    } else {
        rebuild(&options.data, output)
    }
}

/// Builds a second state beside the first and compares them row by row.
fn verify(data: &Path, output: Output) -> Result<Verdict> {
    let store = kith_store::open(data, kith_store::Options::standard())?;
    let applied = table::read_number(&store.state, &table::mark(table::APPLIED))?;
    if kith_engine::backfill::is_unsettled(&store.state)? {
        let reading = "the past of a new feature or audience is not yet read to its end: start \
                       kith, wait until the console shows no progress any more, and verify again";
        return Err(BadInput(reading.to_owned()).into());
    }
    let scratch = tempfile::tempdir_in(data).context("creating a folder for the comparison")?;
    let mut fresh = Disk::open(scratch.path(), kith_store::Options::standard(), None)?;
    fill(&store.log, &mut fresh, applied)?;
    let differences = kith_runtime::compare(&store.state, &fresh, DIFFERENCES_MAX)?;
    let rows: Vec<_> = differences
        .iter()
        .map(|difference| json!({"key": difference.key, "what": difference.what}))
        .collect();
    let mut lines: Vec<String> = differences
        .iter()
        .map(|found| format!("{}: {}", found.key, found.what))
        .collect();
    lines.push(match differences.len() {
        0 => format!("{applied} records give exactly the stored state"),
        DIFFERENCES_MAX => format!("{DIFFERENCES_MAX} or more rows differ"),
        count => format!("{count} rows differ"),
    });
    let object = json!({"records": applied, "same": rows.is_empty(), "differences": rows});
    output.result(&object, &lines.join("\n"));
    Ok(if differences.is_empty() {
        Verdict::Done
    } else {
        Verdict::CheckFailed
    })
}

/// Sets the state aside and fills a new one. Interrupted at any point, the next start applies the
/// rest: state is a cache of the log.
fn rebuild(data: &Path, output: Output) -> Result<Verdict> {
    let aside = data.join("state.replaced");
    {
        let _lock = kith_store::Lock::take_existing(data)?;
        if aside.exists() {
            fs::remove_dir_all(&aside).with_context(|| format!("removing {}", aside.display()))?;
        }
        let state = data.join("state");
        if state.exists() {
            fs::rename(&state, &aside)
                .with_context(|| format!("setting {} aside", state.display()))?;
        }
    }
    let mut store = kith_store::open(data, kith_store::Options::standard())?;
    let end = store.log.reader().end();
    fill(&store.log, &mut store.state, end)?;
    store.state.sync()?;
    if aside.exists() {
        fs::remove_dir_all(&aside).with_context(|| format!("removing {}", aside.display()))?;
    }
    let object = json!({"records": end});
    output.result(
        &object,
        &format!("the state was rebuilt from {end} records"),
    );
    Ok(Verdict::Done)
}

fn fill(log: &impl Log, state: &mut dyn Tx, end: u64) -> Result<()> {
    let template = "{bar:32} {percent:>3}%  {pos} records  {eta} left";
    let style = ProgressStyle::with_template(template).expect("the template is well formed");
    let bar = ProgressBar::new(end).with_style(style);
    kith_runtime::rebuild(log.reader().as_ref(), state, end, |next| {
        bar.set_position(next)
    })?;
    bar.finish_and_clear();
    Ok(())
}
