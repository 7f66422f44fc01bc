//! `kith bench ope`: what another policy would have earned, from a log with propensities; and how
//! often the intervals hold the truth in a simulated shop.

mod open_bandit;
mod policies;

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use kith_measure::policy_value::{
    Candidate, Estimate, Estimator, Evaluation, Evaluator, LogKind, Logged, Settings,
};
use kith_measure::simulated_shop::{Collector, Coverage, Shop, TARGETS};
use serde_json::{Map, Value, json};

use crate::output::{BadInput, Output};
use open_bandit::{Columns, Log};
use policies::Policy;

/// Options of `kith bench ope`.
#[derive(Debug, Args)]
pub struct Options {
    /// Log in the format of the Open Bandit data (CSV, NDJSON or Parquet, also .gz and .xz)
    #[arg(long, required_unless_present = "simulate")]
    data: Option<PathBuf>,
    /// uniform, bernoulli-ts (of the campaign with as many items), men, women, all (those of the
    /// campaigns), item:ID, a JSON file with probabilities by item and slot, or a name in
    /// --policies
    #[arg(long, required_unless_present = "simulate")]
    policy: Option<String>,
    /// JSON file with named policies
    #[arg(long)]
    policies: Option<PathBuf>,
    /// The log's policy learned from the log: withhold intervals that are not valid then
    #[arg(long)]
    adaptive: bool,
    /// Column of the item shown
    #[arg(long, default_value = "item_id")]
    item: String,
    /// Column of the slot
    #[arg(long, default_value = "position")]
    slot: String,
    /// Column of the reward
    #[arg(long, default_value = "click")]
    reward: String,
    /// Column of the propensity
    #[arg(long, default_value = "propensity_score")]
    propensity: String,
    /// Instead of a log: how often intervals hold the truth in a simulated shop
    #[arg(long, conflicts_with_all = ["data", "policy"])]
    simulate: bool,
    /// Logs of each kind that are simulated
    #[arg(long, default_value_t = 1_000, requires = "simulate")]
    runs: u64,
    /// Seed of the first simulated log
    #[arg(long, default_value_t = 0, requires = "simulate")]
    seed: u64,
}

/// Runs it.
pub fn run(options: &Options, output: Output) -> Result<Value> {
    if options.simulate {
        return Ok(simulate(options, output));
    }
    let (Some(data), Some(name)) = (&options.data, &options.policy) else {
        return Err(BadInput("--data and --policy are both needed".to_owned()).into());
    };
    let columns = Columns {
        item: &options.item,
        slot: &options.slot,
        reward: &options.reward,
        propensity: &options.propensity,
    };
    let log = open_bandit::load(data, &columns)?;
    let policy = Policy::find(name, options.policies.as_deref(), log.shape)?;
    let evaluation = evaluate(&log, &policy, options.adaptive)?;
    Ok(figures(&log, &policy, &evaluation))
}

fn evaluate(log: &Log, policy: &Policy, adaptive: bool) -> Result<Evaluation> {
    let kind = if adaptive {
        LogKind::Adaptive
    } else {
        LogKind::Fixed
    };
    let rewards = || log.rows.iter().map(|shown| shown.reward);
    let settings = Settings {
        rewards: (rewards().fold(0.0, f64::min), rewards().fold(1.0, f64::max)),
        ..Settings::new(kind)
    };
    let mut evaluator = Evaluator::new(settings);
    let mut candidates: Vec<Candidate> = Vec::with_capacity(policy.items());
    for shown in &log.rows {
        candidates.clear();
        candidates.extend((0..policy.items()).map(|item| Candidate {
            arm: item as u64,
            propensity: match log.uniform {
                Some(uniform) if item < log.shape.items => Some(uniform),
                _ => (item == shown.item).then_some(shown.propensity),
            },
            target: policy.probability(item, shown.slot),
        }));
        let pushed = evaluator.push(&Logged {
            context: 0,
            slot: shown.slot as u32,
            candidates: &candidates,
            chosen: shown.item,
            reward: shown.reward,
        });
        pushed.map_err(|why| BadInput(format!("a row of the log {why}")))?;
    }
    Ok(evaluator.finish())
}

fn figures(log: &Log, policy: &Policy, evaluation: &Evaluation) -> Value {
    let overlap = &evaluation.overlap;
    let mut figures = json!({
        "policy": policy.name,
        "rows": log.rows.len(),
        "rows_refused": log.refused,
        "first_row_refused": log.refusal,
        "items": log.shape.items,
        "slots": log.shape.slots,
        "ess": overlap.effective_records,
        "max_weight": overlap.weight_max,
        "mean_weight": overlap.weight_mean,
        "refused": Value::Null,
    });
    let object = figures.as_object_mut().expect("it was made as an object");
    let names = Estimator::ALL
        .into_iter()
        .filter(|one| *one != Estimator::Sequence);
    object.extend(names.map(|one| (one.name().to_owned(), Value::Null)));
    object.insert("interval".to_owned(), Value::Null);
    let estimates = match &evaluation.answer {
        Ok(estimates) => estimates,
        Err(refusal) => {
            let why = json!({"code": refusal.code(), "message": refusal.to_string()});
            object.insert("refused".to_owned(), why);
            return figures;
        }
    };
    let (mut intervals, mut guarantees) = (Map::new(), Map::new());
    for estimate in estimates.all() {
        let name = estimate.estimator.name();
        if estimate.estimator != Estimator::Sequence {
            object.insert(name.to_owned(), json!(estimate.value));
        }
        intervals.insert(name.to_owned(), interval(estimate));
        let words = estimate.estimator.guarantee().words();
        guarantees.insert(name.to_owned(), json!(words));
    }
    let headline = estimates.headline();
    object.insert("interval".to_owned(), interval(headline));
    object.insert("interval_of".to_owned(), json!(headline.estimator.name()));
    object.insert("intervals".to_owned(), Value::Object(intervals));
    object.insert("guarantees".to_owned(), Value::Object(guarantees));
    object.insert("logged".to_owned(), json!(estimates.logged));
    let lift = &estimates.lift;
    let lift = json!({"value": lift.value, "interval": interval(lift)});
    object.insert("lift_over_logged".to_owned(), lift);
    figures
}

fn interval(estimate: &Estimate) -> Value {
    let interval = estimate.interval;
    interval.map_or(Value::Null, |interval| json!([interval.low, interval.high]))
}

fn simulate(options: &Options, output: Output) -> Value {
    let (seeds, mut table) = (
        options.seed..options.seed.saturating_add(options.runs),
        Vec::new(),
    );
    let kinds = [
        (Collector::Fixed, LogKind::Fixed, "fixed", "fixed"),
        (
            Collector::Thompson,
            LogKind::Adaptive,
            "adaptive",
            "adaptive",
        ),
        (
            Collector::Thompson,
            LogKind::Fixed,
            "adaptive",
            "fixed, which is false",
        ),
    ];
    for (collector, told, log, said) in kinds {
        for target in &TARGETS {
            output.say(&format!("{log} logs, {} …", target.name));
            let coverage = Shop::new(collector).coverage(target, told, seeds.clone());
            table.push(json!({
                "log": log,
                "told": said,
                "policy": target.name,
                "truth": coverage.truth,
                "runs": coverage.runs,
                "refused": coverage.refused,
                "coverage": rows(&coverage),
            }));
        }
    }
    let shop = Shop::new(Collector::Thompson);
    json!({
        "runs": options.runs,
        "seed": options.seed,
        "decisions": shop.decisions,
        "level": 0.95,
        "table": table,
    })
}

fn rows(coverage: &Coverage) -> Value {
    let row = |row: &kith_measure::simulated_shop::Row| {
        let figures = json!({
            "share": row.share(),
            "intervals": row.intervals,
            "bias": row.bias(),
            "rmse": row.error(),
            "width": row.width(),
        });
        (row.name.to_owned(), figures)
    };
    Value::Object(coverage.rows.iter().map(row).collect())
}

/// For people.
pub fn lines(figures: &Value) -> String {
    if let Some(table) = figures["table"].as_array() {
        let lines: Vec<String> = table.iter().map(coverage_line).collect();
        return lines.join("\n");
    }
    let head = format!(
        "{} on {} rows: effective sample {:.0}, largest weight {:.2}",
        figures["policy"].as_str().unwrap_or_default(),
        figures["rows"],
        figures["ess"].as_f64().unwrap_or_default(),
        figures["max_weight"].as_f64().unwrap_or_default(),
    );
    if let Some(why) = figures["refused"]["message"].as_str() {
        return format!("{head}\nno estimate: {why}");
    }
    let mut text = head;
    for (name, words) in figures["guarantees"].as_object().into_iter().flatten() {
        let value = figures.get(name).and_then(Value::as_f64);
        let value = value.map_or_else(|| "      ".to_owned(), |value| format!("{value:.6}"));
        let interval = match &figures["intervals"][name] {
            Value::Array(ends) => {
                let end = |at: usize| ends[at].as_f64().unwrap_or_default();
                format!("[{:.6}, {:.6}]", end(0), end(1))
            }
            _ => "no interval".to_owned(),
        };
        text += &format!("\n  {name:14} {value} {interval} ({words})");
    }
    text
}

fn coverage_line(row: &Value) -> String {
    let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let shares = row["coverage"].as_object().into_iter().flatten();
    let shares: Vec<String> = shares
        .map(|(name, figures)| {
            format!(
                "{name} {:.1} %",
                100.0 * figures["share"].as_f64().unwrap_or_default()
            )
        })
        .collect();
    let (log, told, policy) = (text("log"), text("told"), text("policy"));
    format!("{log} logs, told {told}; {policy}: {}", shares.join(", "))
}
