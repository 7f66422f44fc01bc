//! `kith import`: a file of history becomes events and catalog items.
//!
//! `mapping` is the document a user writes, `compile` joins it with the columns of a file,
//! `rows` streams the file, `draft` turns rows into events, `group` joins rows, and `pipeline`
//! drives them all with a `checkpoint` after every batch. Where the events go is a
//! [`pipeline::Sink`]: a running server or a data folder.

mod cell;
mod checkpoint;
mod compile;
mod draft;
mod folder;
mod group;
mod mapping;
mod parquet;
pub mod pipeline;
mod rejects;
mod rows;
mod server;
#[cfg(test)]
mod tests;

pub use rows::unpack;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::output::{BadInput, Output, Verdict};
use crate::target::{self, Target};
use checkpoint::Checkpoint;

/// Options of `kith import`.
#[derive(Debug, Args)]
pub struct Options {
    /// CSV or NDJSON, plain or .gz, .xz, .zst; or Parquet
    file: PathBuf,
    /// How columns become events (YAML)
    #[arg(long)]
    mapping: PathBuf,
    /// Id of the source the events belong to
    #[arg(long)]
    source: String,
    /// Where refused rows are kept [default: FILE.rejects.ndjson in the current folder]
    #[arg(long)]
    rejects: Option<PathBuf>,
    /// Write key of the source on a server; made for the time of the import when not given
    #[arg(long)]
    write_key: Option<String>,
    #[command(flatten)]
    target: target::Options,
}

/// Runs the command.
pub fn run(options: &Options, output: Output) -> Result<Verdict> {
    let started = Instant::now();
    let mapping = read_mapping(options)?;
    let target = options.target.open()?;
    let job = job(options, mapping, &target)?;
    let bar = Bar {
        bar: progress_bar(std::fs::metadata(&job.file)?.len()),
        output,
    };
    let earlier = Checkpoint::load(&job.checkpoint)?;
    let done = match &target {
        Target::Folder(handle) => {
            let mut folder = folder::Folder::new(handle.clone(), &job.source)?;
            pipeline::run(&job, &mut folder, &bar)
        }
        Target::Server(admin) => server::with(admin, &job.source, options, |server| {
            pipeline::run(&job, server, &bar)
        }),
    };
    bar.bar.finish_and_clear();
    let done = done?;
    if let Target::Server(_) = target {
        // A server may be emptied later: events that it has already are recognised by their id.
        std::fs::remove_file(&job.checkpoint).context("removing the checkpoint")?;
    }
    report(&job, &earlier, &done, started, output);
    Ok(Verdict::Done)
}

fn read_mapping(options: &Options) -> Result<String> {
    if !options.file.is_file() {
        return Err(BadInput(format!("{} is not a file", options.file.display())).into());
    }
    let path = &options.mapping;
    let read = std::fs::read_to_string(path);
    Ok(read.map_err(|error| BadInput(format!("reading {}: {error}", path.display())))?)
}

fn job(options: &Options, mapping: String, target: &Target) -> Result<pipeline::Job> {
    let folder = match (target, options.target.folder()) {
        (Target::Folder(_), Some(data)) => data.join("imports"),
        _ => state_folder(),
    };
    let checkpoint = checkpoint::path_in(&folder, &options.file, &mapping, &options.source)?;
    Ok(pipeline::Job {
        rejects: options
            .rejects
            .clone()
            .unwrap_or_else(|| rejects_beside(&options.file)),
        file: options.file.clone(),
        source: options.source.clone(),
        now: kith_runtime::now(),
        mapping,
        checkpoint,
    })
}

/// Where rejects go when nobody says.
fn rejects_beside(file: &Path) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    PathBuf::from(format!("{name}.rejects.ndjson"))
}

/// Notes of imports into servers, as the XDG base directories have it.
fn state_folder() -> PathBuf {
    let absolute = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|p| p.is_absolute())
    };
    let state = absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")));
    state
        .unwrap_or_else(|| PathBuf::from(".kith-state"))
        .join("kith/imports")
}

struct Bar {
    bar: ProgressBar,
    output: Output,
}

impl pipeline::Watch for Bar {
    fn progress(&self, rows: u64, bytes: u64) {
        self.bar.set_position(bytes);
        self.bar.set_message(format!("{rows} rows"));
    }

    fn note(&self, text: &str) {
        self.bar.suspend(|| self.output.say(text));
    }
}

/// On stderr; draws nothing when that is no terminal.
fn progress_bar(size: u64) -> ProgressBar {
    let template = "{bar:32} {percent:>3}%  {msg}  {eta} left";
    let style = ProgressStyle::with_template(template).expect("the template is well formed");
    ProgressBar::new(size).with_style(style)
}

fn report(
    job: &pipeline::Job,
    earlier: &Checkpoint,
    done: &Checkpoint,
    started: Instant,
    output: Output,
) {
    let skipped: u64 = done.skipped.values().sum();
    let rejects_file = (done.rejected > 0).then(|| job.rejects.display().to_string());
    let object = json!({
        "file": job.file.display().to_string(),
        "source": job.source,
        "rows": done.read_row,
        "events": done.events,
        "items": done.items,
        "skipped": done.skipped,
        "rejected": done.rejected,
        "rejects_file": rejects_file,
        "resumed_at_row": earlier.resume_row,
        "already_imported": earlier.finished,
        "seconds": started.elapsed().as_secs_f64(),
    });
    let mut lines = Vec::new();
    if earlier.finished {
        lines.push("this file was imported before; nothing was done".to_owned());
    } else if earlier.resume_row > 0 {
        lines.push(format!("went on at row {}", earlier.resume_row));
    }
    let (rows, events, items) = (done.read_row, done.events, done.items);
    lines.push(format!(
        "{rows} rows: {events} events, {items} items, {skipped} rows left out"
    ));
    lines.extend(
        done.skipped
            .iter()
            .map(|(reason, count)| format!("  {count} × {reason}")),
    );
    if let Some(path) = rejects_file {
        lines.push(format!(
            "{} refused, kept with reasons in {path}",
            done.rejected
        ));
    }
    output.result(&object, &lines.join("\n"));
}
