//! `kith bench identity`: how well records are matched, on sets with known answers.
//!
//! Default settings, no labels. Each set is a process of its own, so that its memory is its own.

mod files;
mod metrics;
mod sets;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use kith_matching::{Match, Matcher, Settings, Table};
use serde_json::{Map, Value, json};

use super::cpu;
use crate::output::{BadInput, Output};
use metrics::{Rates, Truth};
use sets::Set;

/// Options of `kith bench identity`.
#[derive(Debug, Args)]
pub struct Options {
    /// File of records, and others whose records are linked with its own (CSV, NDJSON or Parquet,
    /// also .gz and .xz); or a folder with published sets, each in a folder of its name
    #[arg(long, num_args = 1.., required = true)]
    data: Vec<PathBuf>,
    /// Column that names whom a record is of
    #[arg(long)]
    truth: Option<String>,
    /// Columns that give the answer away
    #[arg(long, value_delimiter = ',', requires = "truth")]
    ignore: Vec<String>,
    /// One set of the folder alone, in this process
    #[arg(long, conflicts_with = "truth")]
    set: Option<String>,
}

/// Thresholds of probability at which pairs are told.
const THRESHOLDS: [f32; 4] = [0.5, 0.9, 0.95, 0.99];

/// Runs one set here, or every set of the folder in a process of its own.
pub fn run(options: &Options, output: Output) -> Result<Value> {
    if let Some(truth) = &options.truth {
        let (table, truth) = files::load(&options.data, truth, &options.ignore)?;
        return measure(&table, &truth);
    }
    let [folder] = &*options.data else {
        let message = "--data names several files: --truth names the column with the answer";
        return Err(BadInput(message.to_owned()).into());
    };
    if !folder.is_dir() {
        let message = format!(
            "--data is {}, which is no folder: of a file, --truth names the column with the answer",
            folder.display()
        );
        return Err(BadInput(message).into());
    }
    if let Some(name) = &options.set {
        let set = sets::ALL.iter().find(|set| set.name == name);
        let known: Vec<&str> = sets::ALL.iter().map(|set| set.name).collect();
        let set = set.ok_or_else(|| {
            BadInput(format!("--set is {name:?}; known are {}", known.join(", ")))
        })?;
        let (table, truth) = set.read(folder)?;
        return measure(&table, &truth);
    }
    let found: Vec<&Set> = sets::ALL.iter().filter(|set| set.is_in(folder)).collect();
    if found.is_empty() {
        let folder = folder.display();
        let known: Vec<&str> = sets::ALL.iter().map(|set| set.name).collect();
        let message = format!(
            "--data is {folder}, which holds none of {}",
            known.join(", ")
        );
        return Err(BadInput(message).into());
    }
    let mut figures = Map::new();
    for set in found {
        output.say(&format!("{} …", set.name));
        figures.insert(set.name.to_owned(), apart(set, folder)?);
    }
    Ok(Value::Object(figures))
}

fn apart(set: &Set, folder: &Path) -> Result<Value> {
    let program = std::env::current_exe().context("finding this program's file")?;
    let run = Command::new(&program)
        .args(["bench", "identity", "--json", "--set", set.name, "--data"])
        .arg(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    let run = run.with_context(|| format!("running kith bench identity --set {}", set.name))?;
    let figures: Value = serde_json::from_slice(&run.stdout)
        .with_context(|| format!("{}: the process ended with {}", set.name, run.status))?;
    if let Some(error) = figures.get("error") {
        bail!("{}: {error}", set.name);
    }
    Ok(figures)
}

fn measure(table: &Table, truth: &Truth) -> Result<Value> {
    let settings = Settings {
        only_across: truth.across.is_some(),
        ..Settings::default()
    };
    let clock = Clock::start()?;
    let mut matcher = Matcher::new(table, settings);
    let prepared = clock.seconds()?;
    let mut fitted = matcher.fit();
    let fit = clock.seconds()?;
    let judged = matcher.predict(&fitted);
    let predict = clock.seconds()?;
    let (cluster, pairs) = matcher.cluster(&mut fitted, &judged);
    let done = clock.seconds()?;
    let peak_mb = peak_mb()?;
    ensure!(
        cluster.len() == truth.entity.len(),
        "every record has a cluster"
    );
    let met = matcher
        .met_rows()
        .filter(|(one, other)| truth.holds(*one, *other))
        .count();
    let scored = |score: fn(&Match) -> f32| -> Vec<(u32, u32, f32)> {
        let pairs = pairs.iter();
        pairs
            .map(|pair| (pair.one, pair.other, score(pair)))
            .collect()
    };
    let best = truth.best(&scored(|pair| pair.bits));
    let by_probability = scored(|pair| pair.probability);
    let at = |rate: fn(&Rates) -> f64| -> Map<String, Value> {
        let each = THRESHOLDS.iter();
        each.map(|least| {
            let rates = truth.at(&by_probability, *least);
            (least.to_string(), figure(rate(&rates)))
        })
        .collect()
    };
    let (b_cubed, closure) = (truth.b_cubed(&cluster), truth.closure(&cluster));
    Ok(json!({
        "records": table.rows(),
        "true_pairs": truth.pairs(),
        "pairs_scored": matcher.met,
        "blocking_recall": figure(met as f64 / truth.pairs().max(1) as f64),
        "pair_precision": figure(best.1.precision),
        "pair_recall": figure(best.1.recall),
        "pair_f1": figure(best.1.f1()),
        "pair_best_bits": figure(f64::from(best.0)),
        "f1_at": at(|rates| rates.f1()),
        "precision_at": at(|rates| rates.precision),
        "recall_at": at(|rates| rates.recall),
        "b_cubed_f1": figure(b_cubed.f1()),
        "b_cubed": b_cubed.json(),
        "closure_f1": figure(closure.f1()),
        "closure": closure.json(),
        "prepare_cpu_s": figure(prepared),
        "fit_cpu_s": figure(fit),
        "predict_cpu_s": figure(predict - fit),
        "cluster_cpu_s": figure(done - predict),
        "cpu_s": figure(done),
        "peak_rss_mb": figure(peak_mb),
    }))
}

/// Five digits are told.
fn figure(value: f64) -> Value {
    Value::from((value * 1e5).round() / 1e5)
}

/// Processor time of this thread, which does all the work.
struct Clock(f64);

impl Clock {
    fn start() -> Result<Self> {
        Ok(Clock(Self::used()?))
    }

    fn seconds(&self) -> Result<f64> {
        Ok(Self::used()? - self.0)
    }

    fn used() -> Result<f64> {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat");
        let text = text.context("reading the processor time of a thread needs Linux")?;
        let nanoseconds: f64 = text.split(' ').next().unwrap_or_default().parse()?;
        Ok(nanoseconds / 1e9)
    }
}

fn peak_mb() -> Result<f64> {
    let bytes = cpu::peak_bytes().context("the system does not tell peak memory")?;
    Ok(bytes / 1024.0 / 1024.0)
}

/// A line for each set, or for the records.
pub fn lines(figures: &Value) -> String {
    let line = |name: &str, set: &Value| {
        format!(
            "{name}: pair F1 {}, B-cubed {}, closure {}, {} CPU s, {} MB",
            set["pair_f1"], set["b_cubed_f1"], set["closure_f1"], set["cpu_s"], set["peak_rss_mb"]
        )
    };
    if !figures["pair_f1"].is_null() {
        return line("records", figures);
    }
    let sets = figures.as_object().into_iter().flatten();
    let lines: Vec<String> = sets.map(|(name, set)| line(name, set)).collect();
    lines.join("\n")
}
