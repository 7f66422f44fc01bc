//! `kith bench recommend`: how good and how fast recommendations are, on published data.
//!
//! Models and their settings are chosen on the training data; the test is asked once.

pub mod files;
mod serving;
pub mod timing;

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use kith_learn::choose::{self, Choice, Spec};
use kith_learn::evaluate::{self, Case, Figures};
use kith_learn::interactions::Interactions;
use kith_learn::scores::Scores;
use serde_json::{Map, Value, json};

use crate::output::{BadInput, Output};
use files::Read;
use timing::{Laps, Stopwatch, figure};

/// Options of `kith bench recommend`.
#[derive(Debug, Args)]
pub struct Options {
    /// Lines of a user and items in order, or a table of events; .gz, .xz and .zst too. The last
    /// item of each user is asked for; of a table with orders, the last 30 days
    #[arg(long, required_unless_present_any = ["train", "items"])]
    data: Option<PathBuf>,
    /// Training half of a fixed split; items of users in --test are asked for
    #[arg(long, requires = "test", conflicts_with = "data")]
    train: Option<PathBuf>,
    /// The other half
    #[arg(long, requires = "train")]
    test: Option<PathBuf>,
    /// Days at the end of a table that are asked for: what known users touched first in them
    #[arg(long, conflicts_with = "train")]
    test_days: Option<u32>,
    /// With --test-days: users before the cut that an item needs
    #[arg(long, default_value_t = 5)]
    buyers_min: u32,
    /// Events rated lower do not count
    #[arg(long)]
    rating_min: Option<f64>,
    /// In place of files: answers of a server over so many made-up items
    #[arg(long, conflicts_with_all = ["data", "train"])]
    items: Option<u64>,
    /// With --items: people with ten events each
    #[arg(long, default_value_t = 50_000)]
    persons: u64,
    /// Where what is left out, and the first vectors, are drawn from
    #[arg(long, default_value_t = 42)]
    seed: u64,
}

/// Days asked for of a table with orders.
const ORDERS_TEST_DAYS: u32 = 30;
const DAY_MS: i64 = 86_400_000;

/// What is learned from to choose, what then, and who is asked for.
struct Task {
    protocol: &'static str,
    left_out: Map<String, Value>,
    choosing: (Interactions, Vec<Case>),
    fit: Interactions,
    test: Vec<Case>,
}

impl Options {
    /// Whether answers over a made-up catalog are asked for.
    pub fn is_serving(&self) -> bool {
        self.items.is_some()
    }
}

/// Runs the bench over a made-up catalog.
pub fn run_serving(options: &Options, scratch: &Path, output: Output) -> Result<Value> {
    let items = options.items.expect("it was asked for");
    serving::run(options, items.max(1), scratch, output)
}

/// Runs the bench.
pub fn run(options: &Options, output: Output) -> Result<Value> {
    let task = task(options)?;
    if task.test.is_empty() {
        let message = "nothing to ask for: no user of the test has both a history and other items";
        return Err(BadInput(message.to_owned()).into());
    }
    output.say(&format!(
        "{}: {} users asked, {} items, {} events to learn from",
        task.protocol,
        task.test.len(),
        task.fit.items(),
        task.fit.touches()
    ));
    let watch = Stopwatch::start();
    let choice = choose::choose(&task.choosing.0, &task.choosing.1, options.seed);
    let choice = choice.map_err(|error| BadInput(error.to_string()))?;
    let choose_s = watch.seconds();
    output.say(&format!(
        "chosen after {choose_s:.1} s: {}",
        choose::describe(&choice.parts)
    ));
    let chosen = measured(&choice.parts, &task)?;
    let models = models(&choice, &task, output)?;
    let mut object = chosen;
    let ease = models
        .get("ease")
        .map_or(Value::Null, |ease| ease["ndcg_at_10"].clone());
    let edlae = models
        .get("edlae")
        .map_or(Value::Null, |edlae| edlae["ndcg_at_10"].clone());
    let more = json!({
        "protocol": task.protocol,
        "chosen": choose::describe(&choice.parts),
        "ease_ndcg_at_10": ease,
        "edlae_ndcg_at_10": edlae,
        "models": models,
        "users": task.test.len(),
        "items": task.fit.items(),
        "events": task.fit.touches(),
        "left_out": task.left_out,
        "tried": choice.trials.len(),
        "choose_s": figure(choose_s),
        "seed": options.seed,
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        object.insert(name.clone(), value.clone());
    }
    Ok(Value::Object(object))
}

fn task(options: &Options) -> Result<Task> {
    let none = Map::new();
    if let (Some(train), Some(test)) = (&options.train, &options.test) {
        let sets = files::sets(&[train, test], options.rating_min)?;
        let (fit, test) = (sets[0].first_touches(), &sets[1]);
        let test = evaluate::cases(&fit, test);
        let choosing = evaluate::leave_tenth_out(&fit, options.seed);
        return Ok(Task {
            protocol: "fixed split",
            left_out: none,
            choosing,
            fit,
            test,
        });
    }
    let path = options
        .data
        .as_ref()
        .expect("clap asks for --data or --train");
    let Read {
        all,
        baskets,
        left_out,
    } = files::read(path, options.rating_min)?;
    let days = options.test_days.or(baskets.then_some(ORDERS_TEST_DAYS));
    if let Some(days) = days {
        let last_midnight = all.latest().div_euclid(DAY_MS) * DAY_MS;
        let from = last_midnight - i64::from(days) * DAY_MS;
        let (fit, test) = evaluate::by_time(&all, from, options.buyers_min);
        let test = evaluate::cases(&fit, &test);
        // As many days before: what is asked for later is then chosen by what came later too.
        let before = from - i64::from(days) * DAY_MS;
        let (rest, later) = evaluate::by_time(&fit, before, options.buyers_min);
        let choosing = (rest.clone(), evaluate::cases(&rest, &later));
        return Ok(Task {
            protocol: "cut by time",
            left_out,
            choosing,
            fit,
            test,
        });
    }
    let split = evaluate::leave_last_out(&all);
    let choosing = (split.fit.clone(), split.validation);
    let protocol = "last item of each user";
    Ok(Task {
        protocol,
        left_out,
        choosing,
        fit: split.fit,
        test: split.test,
    })
}

/// The best of each family, so that each can be compared with what others report of it.
fn models(choice: &Choice, task: &Task, output: Output) -> Result<Map<String, Value>> {
    let mut models = Map::new();
    for (name, spec) in &choice.families {
        let parts = [(1.0, *spec)];
        let mut figures = measured(&parts, task)?;
        output.say(&format!("{name}: {}", line(&figures)));
        figures.insert("settings".to_owned(), Value::from(choose::describe(&parts)));
        models.insert((*name).to_owned(), Value::Object(figures));
    }
    Ok(models)
}

fn measured(parts: &[(f32, Spec)], task: &Task) -> Result<Map<String, Value>> {
    let watch = Stopwatch::start();
    let model = choose::fit(parts, &task.fit).map_err(|error| BadInput(error.to_string()))?;
    let fit_s = watch.seconds();
    let mut scores = Scores::new(model.items());
    let (mut figures, mut laps) = (Figures::default(), Laps::default());
    for case in &task.test {
        let lap = Stopwatch::start();
        let ranked = evaluate::ranked(&model, &mut scores, case, evaluate::RANKED);
        laps.add(&lap);
        figures.add(&ranked, &case.wanted);
    }
    let figures = figures.mean();
    let mut object = Map::new();
    for (name, value) in [
        ("ndcg_at_10", figures.ndcg_at_10),
        ("recall_at_10", figures.recall_at_10),
        ("recall_at_20", figures.recall_at_20),
        ("fit_s", fit_s),
        ("p50_us", laps.at(0.5)),
        ("p99_us", laps.at(0.99)),
    ] {
        object.insert(name.to_owned(), figure(value));
    }
    Ok(object)
}

fn line(figures: &Map<String, Value>) -> String {
    format!(
        "NDCG@10 {}, Recall@10 {}, Recall@20 {}, fit {} s, p50 {} µs, p99 {} µs",
        figures["ndcg_at_10"],
        figures["recall_at_10"],
        figures["recall_at_20"],
        figures["fit_s"],
        figures["p50_us"],
        figures["p99_us"]
    )
}

/// The chosen model in a line.
pub fn lines(figures: &Value) -> String {
    let chosen = figures["chosen"].as_str().unwrap_or_default();
    let figures = figures.as_object().map(line).unwrap_or_default();
    format!("{chosen}: {figures}")
}
