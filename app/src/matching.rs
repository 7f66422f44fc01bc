//! `kith match`: which records of one file or several belong to the same person or firm.

mod read;
mod rules;

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use kith_matching::{Fitted, Match, Matcher, Settings, Table};
use serde_json::{Value, json};

use crate::output::{BadInput, Output, Verdict};
use rules::Rules;

pub use read::read;

/// Options of `kith match`.
#[derive(Debug, Args)]
pub struct Options {
    /// Files of records: CSV, NDJSON or Parquet
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// What columns hold and how careful to be; all is guessed without it
    #[arg(long)]
    rules: Option<PathBuf>,
    /// Where each record goes: a CSV file with a cluster for every row
    #[arg(long)]
    out: PathBuf,
    /// A CSV file with every probable pair, its probability and bits
    #[arg(long)]
    pairs: Option<PathBuf>,
    /// Least probability of a pair in that file
    #[arg(long, default_value_t = 0.5)]
    least: f32,
    /// Explain a pair: two rows, counted from 1 over all files, with a comma between
    #[arg(long, value_name = "ROW,ROW")]
    explain: Option<String>,
}

/// Where the rows of each file begin.
struct Files {
    names: Vec<String>,
    starts: Vec<usize>,
}

impl Files {
    /// The file of a row, and the row's number in it from 1.
    fn place(&self, row: usize) -> (&str, usize) {
        let file = self.starts.partition_point(|start| *start <= row) - 1;
        (&self.names[file], row - self.starts[file] + 1)
    }
}

/// Runs the command.
pub fn run(options: &Options, output: Output) -> Result<Verdict> {
    let mut table = Table::default();
    let mut files = Files {
        names: Vec::new(),
        starts: Vec::new(),
    };
    for path in &options.files {
        files.starts.push(table.rows());
        files.names.push(path.display().to_string());
        read(path, &mut table)?;
        output.say(&format!(
            "{}: {} rows",
            path.display(),
            table.rows() - files.starts[files.starts.len() - 1]
        ));
    }
    let settings = match &options.rules {
        Some(path) => Rules::read(path)?.settings(&table)?,
        None => Settings::default(),
    };
    if settings.only_across && options.files.len() < 2 {
        return Err(BadInput("only_across_files needs two files or more".into()).into());
    }
    let explained = options
        .explain
        .as_deref()
        .map(|text| rows(text, table.rows()))
        .transpose()?;
    let mut matcher = Matcher::new(&table, settings);
    tell_plan(&matcher, &table, output);
    output.say(&format!("{} pairs to compare", matcher.met));
    let mut fitted = matcher.fit();
    let judged = matcher.predict(&fitted);
    let (clusters, pairs) = matcher.cluster(&mut fitted, &judged);
    write_clusters(&options.out, &table, &files, &clusters)?;
    let mut written = 0;
    if let Some(path) = &options.pairs {
        written = write_pairs(path, &files, &pairs, options.least)?;
    }
    let waterfall = explained.map(|(one, other)| explain(&matcher, &fitted, &pairs, one, other));
    let mut numbers = clusters.clone();
    numbers.sort_unstable();
    numbers.dedup();
    let mut text = format!(
        "{} rows are {} clusters, in {}",
        clusters.len(),
        numbers.len(),
        options.out.display()
    );
    if let Some((steps, _)) = &waterfall {
        text = format!("{text}\n{steps}");
    }
    let warnings: Vec<String> = matcher
        .plan
        .warnings
        .iter()
        .map(ToString::to_string)
        .collect();
    let object = json!({"rows": clusters.len(), "clusters": numbers.len(), "compared": matcher.met,
        "pairs": written, "warnings": warnings, "out": options.out.display().to_string(),
        "explanation": waterfall.map(|(_, object)| object)});
    output.result(&object, &text);
    Ok(Verdict::Done)
}

fn tell_plan(matcher: &Matcher, table: &Table, output: Output) {
    let columns: Vec<&str> = table.column_names().collect();
    let kind_of = |kind: &kith_matching::Kind| serde_json::to_value(kind).unwrap_or_default();
    for (column, kind) in &matcher.plan.names {
        output.say(&format!(
            "  {} is a {}",
            columns[*column],
            word(&kind_of(kind))
        ));
    }
    for field in &matcher.plan.fields {
        let names: Vec<&str> = field
            .columns
            .iter()
            .map(|column| columns[*column])
            .collect();
        output.say(&format!(
            "  {} is a {}",
            names.join(" and "),
            word(&kind_of(&field.kind))
        ));
    }
    for warning in &matcher.plan.warnings {
        output.say(&format!("warning: {warning}"));
    }
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().replace('-', " ")
}

fn create(path: &Path) -> Result<csv::Writer<File>> {
    let file = File::create(path).with_context(|| format!("creating {}", path.display()))?;
    Ok(csv::Writer::from_writer(file))
}

fn write_clusters(path: &Path, table: &Table, files: &Files, clusters: &[u32]) -> Result<()> {
    let mut writer = create(path)?;
    let columns: Vec<&str> = table.column_names().collect();
    writer.write_record(["cluster_id", "file", "row"].iter().chain(&columns))?;
    for (row, cluster) in clusters.iter().enumerate() {
        let (file, number) = files.place(row);
        let head = [
            (cluster + 1).to_string(),
            file.to_owned(),
            number.to_string(),
        ];
        let cells = (0..columns.len()).map(|column| table.value(row, column));
        writer.write_record(head.iter().map(String::as_str).chain(cells))?;
    }
    writer
        .flush()
        .with_context(|| format!("writing {}", path.display()))
}

fn write_pairs(path: &Path, files: &Files, pairs: &[Match], least: f32) -> Result<usize> {
    let mut writer = create(path)?;
    writer.write_record(["file_a", "row_a", "file_b", "row_b", "probability", "bits"])?;
    let mut sorted: Vec<&Match> = pairs
        .iter()
        .filter(|pair| pair.probability >= least)
        .collect();
    sorted.sort_by_key(|pair| (pair.other, pair.one));
    for pair in &sorted {
        let (file_a, row_a) = files.place(pair.other as usize);
        let (file_b, row_b) = files.place(pair.one as usize);
        writer.write_record([
            file_a,
            &row_a.to_string(),
            file_b,
            &row_b.to_string(),
            &format!("{:.4}", pair.probability),
            &format!("{:.2}", pair.bits),
        ])?;
    }
    writer
        .flush()
        .with_context(|| format!("writing {}", path.display()))?;
    Ok(sorted.len())
}

/// Two rows from 1, as rows from 0 with the later first.
fn rows(text: &str, all: usize) -> Result<(u32, u32)> {
    let parse = |part: &str| {
        part.trim()
            .parse::<u32>()
            .ok()
            .filter(|row| (1..=all as u32).contains(row))
    };
    let two = text
        .split_once(',')
        .and_then(|(one, other)| Some((parse(one)?, parse(other)?)));
    let two = two.filter(|(one, other)| one != other).ok_or_else(|| {
        BadInput(format!(
            "--explain is {text:?}: write two different rows from 1 to {all}, such as 3,17"
        ))
    })?;
    Ok((two.0.max(two.1) - 1, two.0.min(two.1) - 1))
}

fn explain(
    matcher: &Matcher,
    fitted: &Fitted,
    pairs: &[Match],
    one: u32,
    other: u32,
) -> (String, Value) {
    let Some(pair) = pairs
        .iter()
        .find(|pair| (pair.one, pair.other) == (one, other))
    else {
        let text = format!(
            "rows {} and {} have too little in common to be judged",
            other + 1,
            one + 1
        );
        return (text, Value::Null);
    };
    let parts = matcher.explain(fitted, pair);
    let mut text = format!(
        "rows {} and {}: {:.1} bits, probability {:.3}",
        other + 1,
        one + 1,
        pair.bits,
        pair.probability
    );
    for part in &parts {
        text = format!(
            "{text}\n  {:>7.2}  {}: {}",
            part.bits, part.name, part.level
        );
    }
    let steps: Vec<Value> = parts
        .iter()
        .map(|part| json!({"name": part.name, "level": part.level, "bits": part.bits}))
        .collect();
    (
        text,
        json!({"bits": pair.bits, "probability": pair.probability, "parts": steps}),
    )
}
