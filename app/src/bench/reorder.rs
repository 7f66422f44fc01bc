//! `kith bench reorder`: what comes again, in the next order or by what somebody is drawn to.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use kith_learn::evaluate::Figures;
use kith_learn::read::{Wanted, parse_time};
use kith_learn::repeat::{self, Histories, Setting, Split};
use kith_learn::scores::Scores;
use serde_json::{Value, json};

use super::recommend::files;
use super::recommend::timing::{Laps, Stopwatch, figure};
use crate::output::BadInput;

/// Options of `kith bench reorder`.
#[derive(Debug, Args)]
pub struct Options {
    /// Table of orders (user, order, item, time), the last of which is asked for; .gz, .xz and
    /// .zst too
    #[arg(long)]
    data: PathBuf,
    /// Column whose values people are drawn to, such as category_id. Then what they saved, carted
    /// or bought after a time is asked for, and orders play no part
    #[arg(long, value_name = "COLUMN")]
    dimension: Option<String>,
    /// With --dimension: the first instant asked for, such as 2017-12-01T16:00:00Z; without, the
    /// last two days
    #[arg(long, requires = "dimension")]
    from: Option<String>,
    /// With --dimension and without --from: days at the end that are asked for
    #[arg(long, requires = "dimension", default_value_t = 2)]
    test_days: u32,
    /// Where a day begins, in hours before UTC midnight: 8 for Taipei
    #[arg(long, default_value_t = 0, allow_hyphen_values = true)]
    utc_offset: i64,
}

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Runs the bench.
pub fn run(options: &Options) -> Result<Value> {
    let path = &options.data;
    let wanted = Wanted {
        dimension: options.dimension.as_deref(),
        ..Wanted::default()
    };
    let table = files::table(path, &wanted)?;
    let by_dimension = options.dimension.is_some();
    if !by_dimension && !table.baskets && table.rows.iter().all(|row| row.at.is_none()) {
        let message = "no column with orders and none with times; to ask for a dimension, name it \
                       with --dimension";
        return Err(BadInput(format!("{}: {message}", path.display())).into());
    }
    let histories =
        repeat::histories(&table, by_dimension).map_err(|error| files::bad(path, &error))?;
    let (split, validation_now, now, settings) = if by_dimension {
        let from = from(options, &histories)?;
        let split = repeat::next_touch(&histories, from);
        let until = latest(&histories);
        let settings = repeat::touch_settings();
        (split, Some(from - (until - from)), Some(from), settings)
    } else {
        (
            repeat::next_basket(&histories),
            None,
            None,
            repeat::basket_settings(),
        )
    };
    if split.test.is_empty() {
        let message = "nothing to ask for: no user has enough orders or touches";
        return Err(BadInput(format!("{}: {message}", path.display())).into());
    }
    let watch = Stopwatch::start();
    let setting = repeat::choose(&settings, &split.known, &split.validation, validation_now);
    let setting = setting.map_err(|error| files::bad(path, &error))?;
    let choose_s = watch.seconds();
    let mut object = measured(&split, setting, now);
    object["choose_s"] = figure(choose_s);
    object["decay"] = figure((f64::from(setting.again.decay) * 1e6).round() / 1e6);
    object["half_life_hours"] = json!(setting.again.half_life / HOUR_MS);
    object["weights"] = json!(setting.again.kinds);
    object["popular_weight"] = figure(f64::from(setting.popular));
    object["items"] = json!(histories.items.len());
    object["left_out"] = json!(table.left_out);
    Ok(object)
}

fn measured(split: &Split, setting: Setting, now: Option<i64>) -> Value {
    let model = repeat::model(setting, &split.known);
    let mut scores = Scores::new(model.items());
    let (mut figures, mut laps) = (Figures::default(), Laps::default());
    for case in &split.test {
        let lap = Stopwatch::start();
        let ranked = repeat::ranked(&model, &mut scores, case, now);
        laps.add(&lap);
        figures.add(&ranked, &case.wanted);
    }
    let figures = figures.mean();
    json!({
        "recall_at_5": figure(figures.recall_at_5),
        "recall_at_10": figure(figures.recall_at_10),
        "ndcg_at_10": figure(figures.ndcg_at_10),
        "users": figures.users,
        "p50_us": figure(laps.at(0.5)),
        "p99_us": figure(laps.at(0.99)),
    })
}

fn latest(histories: &Histories) -> i64 {
    histories
        .users
        .iter()
        .flatten()
        .map(|touch| touch.at)
        .max()
        .unwrap_or(0)
}

/// The first instant asked for.
fn from(options: &Options, histories: &Histories) -> Result<i64> {
    if let Some(text) = &options.from {
        let message = || BadInput(format!("--from is {text:?}: write 2017-12-01T16:00:00Z"));
        return Ok(parse_time(text).ok_or_else(message)?);
    }
    let offset = options.utc_offset * HOUR_MS;
    let day = (latest(histories) + offset).div_euclid(DAY_MS) + 1;
    Ok((day - i64::from(options.test_days.max(1))) * DAY_MS - offset)
}

/// The figures in a line.
pub fn lines(figures: &Value) -> String {
    format!(
        "Recall@5 {}, Recall@10 {}, NDCG@10 {} over {} users; decay {}, half-life {} h",
        figures["recall_at_5"],
        figures["recall_at_10"],
        figures["ndcg_at_10"],
        figures["users"],
        figures["decay"],
        figures["half_life_hours"]
    )
}
