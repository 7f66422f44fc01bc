//! `kith bench session`: the next item of a visit, event by event.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use kith_learn::Mask;
use kith_learn::evaluate::{self, Figures};
use kith_learn::interactions::Builder;
use kith_learn::read::Wanted;
use kith_learn::scores::Scores;
use kith_learn::session::Settings;
use serde_json::{Value, json};

use super::recommend::files;
use super::recommend::timing::{Laps, Stopwatch, figure};
use crate::output::BadInput;

/// Options of `kith bench session`.
#[derive(Debug, Args)]
pub struct Options {
    /// Table of session, item and time to learn from; .gz, .xz and .zst too
    #[arg(long)]
    train: PathBuf,
    /// Table of sessions whose next items are asked for
    #[arg(long)]
    test: PathBuf,
}

/// Runs the bench with the settings that are served.
pub fn run(options: &Options) -> Result<Value> {
    let wanted = Wanted {
        sessions: true,
        ..Wanted::default()
    };
    let mut builder = Builder::default();
    for (set, path) in [&options.train, &options.test].into_iter().enumerate() {
        let table = files::table(path, &wanted)?;
        files::add(&table, set as u8, &mut builder).map_err(|error| files::bad(path, &error))?;
    }
    let sets = builder.finish(2).sets;
    let (train, test) = (&sets[0], &sets[1]);
    let watch = Stopwatch::start();
    let visits = evaluate::play(train, Settings::default());
    let learn_s = watch.seconds();
    let asked = evaluate::visits_asked(train, test);
    if asked.is_empty() {
        let message = "nothing to ask for: no session of the test has two items that are known";
        return Err(BadInput(message.to_owned()).into());
    }
    let (mut figures, mut laps) = (Figures::default(), Laps::default());
    let mut scores = Scores::new(visits.items());
    for visit in &asked {
        for place in 1..visit.len() {
            let lap = Stopwatch::start();
            let none = Mask::none();
            let told = visits.recommend(&mut scores, &visit[..place], &none, evaluate::RANKED);
            laps.add(&lap);
            let ranked: Vec<u32> = told.iter().map(|scored| scored.item).collect();
            figures.add(&ranked, &visit[place..=place]);
        }
    }
    let figures = figures.mean();
    Ok(json!({
        "hr_at_20": figure(figures.hit_at_20),
        "mrr_at_20": figure(figures.mrr_at_20),
        "hr_at_10": figure(figures.recall_at_10),
        "p50_us": figure(laps.at(0.5)),
        "p99_us": figure(laps.at(0.99)),
        "clicks": figures.users,
        "sessions": asked.len(),
        "items": visits.items(),
        "events": train.touches(),
        "learn_s": figure(learn_s),
        "event_us": figure(learn_s * 1e6 / train.touches().max(1) as f64),
    }))
}

/// The figures in a line.
pub fn lines(figures: &Value) -> String {
    format!(
        "HR@20 {}, MRR@20 {}, p50 {} µs, p99 {} µs, {} µs an event",
        figures["hr_at_20"],
        figures["mrr_at_20"],
        figures["p50_us"],
        figures["p99_us"],
        figures["event_us"]
    )
}
