//! `kith bench bandit`: what the bandit makes of a logged experiment, and whether its gate is
//! right.
//!
//! Rows with even numbers, from 0, are learned from in their order: each is a decision whose window
//! closes at once. The gate judges by them alone. Rows with odd numbers say what each policy is
//! worth, by SNIPW; nothing is learned from them.

mod columns;
mod rows;

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use kith_base::Timestamp;
use kith_decide::bandit::{
    Arm, Bandit, Considered, Decided, Fact, Figure, GateVerdict, Proposal, Serves, Settings,
};
use kith_matching::Table;
use kith_measure::policy_value::{
    Candidate, Estimator, Evaluator, LogKind, Logged, Settings as Evaluation,
};
use serde_json::{Value, json};

use crate::matching::read;
use crate::output::{BadInput, Output};
use columns::{Columns, Told};
use rows::{Row, Rows};

/// Options of `kith bench bandit`.
#[derive(Debug, Args)]
pub struct Options {
    /// A randomised experiment: CSV, NDJSON or Parquet with a column of arms, one of rewards and
    /// others that were known before (also .gz and .xz)
    #[arg(long)]
    data: PathBuf,
    /// Column of the arm [default: one named arm, segment, treatment, variant, group or alike]
    #[arg(long)]
    arm: Option<String>,
    /// Column of the reward [default: one named reward, visit, click, conversion or alike]
    #[arg(long)]
    reward: Option<String>,
    /// Column with the propensity of the arm [default: equal, or the share of each arm]
    #[arg(long)]
    propensity: Option<String>,
    /// Columns that are not learned from; those after the arm are not anyway when the reward is
    #[arg(long, value_delimiter = ',')]
    ignore: Vec<String>,
}

const PLACEMENT: &str = "experiment";

/// Runs it.
pub fn run(options: &Options, output: Output) -> Result<Value> {
    let mut table = Table::default();
    read(&options.data, &mut table)?;
    let columns = Columns::find(
        &table,
        &Told {
            arm: options.arm.as_deref(),
            reward: options.reward.as_deref(),
            propensity: options.propensity.as_deref(),
            ignore: &options.ignore,
        },
    )?;
    let rows = Rows::of(&table, &columns);
    let names = &columns.names;
    let features: Vec<&str> = columns
        .features
        .iter()
        .map(|f| names[f.at].as_str())
        .collect();
    output.say(&format!(
        "arm {:?}, reward {:?}, learning from {}",
        names[columns.arm],
        names[columns.reward],
        if features.is_empty() {
            "nothing else".to_owned()
        } else {
            features.join(", ")
        }
    ));
    if rows.rows.len() < 2 {
        let why = rows.refusal.unwrap_or_else(|| "it has too few".to_owned());
        return Err(BadInput(format!("{}: no rows to use: {why}", options.data.display())).into());
    }
    let bandit = learn(&rows, &columns.arms);
    let gate = bandit.gate(PLACEMENT);
    let mut figures = value(&rows, &columns.arms, &bandit, &gate);
    figures["gate"] = gate_figures(&gate, &rows);
    figures["columns"] = json!({
        "arm": names[columns.arm],
        "reward": names[columns.reward],
        "propensities": rows.propensities,
        "features": features,
        "left_out": columns.left_out.iter().map(|(name, why)| json!({"name": name, "why": why}))
            .collect::<Vec<Value>>(),
    });
    figures["rows"] = json!(rows.rows.len());
    figures["rows_refused"] = json!(rows.refused);
    figures["first_row_refused"] = json!(rows.refusal);
    Ok(figures)
}

fn arms(names: &[String]) -> Vec<Arm<'_>> {
    let names = names.iter();
    names.map(|offer| Arm { offer, value: 1.0 }).collect()
}

fn learn(rows: &Rows, names: &[String]) -> Bandit {
    let mut bandit = Bandit::new(Settings::default());
    for (number, row) in rows.rows.iter().enumerate().step_by(2) {
        let proposal = bandit.propose(PLACEMENT, &row.features, &arms(names));
        let (decision, at) = (number.to_string(), Timestamp::from_millis(number as i64));
        let candidates = names.iter().zip(&row.propensities).zip(&proposal.learned);
        let decided = Decided {
            decision: decision.clone(),
            placement: PLACEMENT.to_owned(),
            features: row.features.clone(),
            candidates: candidates
                .map(|((offer, propensity), learned)| Considered {
                    offer: offer.clone(),
                    value: 1.0,
                    propensity: *propensity,
                    learned: *learned,
                })
                .collect(),
            chosen: row.arm,
            at,
            window: None,
        };
        let rewarded = Fact::Rewarded {
            decision: decision.clone(),
            reward: rows.scaled(row.reward),
            at,
        };
        for fact in [Fact::Decided(decided), rewarded, Fact::Closed { decision }] {
            bandit
                .fold(fact)
                .expect("rows are checked, and no two are one decision");
        }
    }
    bandit
}

/// Of the odd rows.
fn value(rows: &Rows, names: &[String], bandit: &Bandit, gate: &GateVerdict) -> Value {
    let odd: Vec<&Row> = rows.rows.iter().skip(1).step_by(2).collect();
    let proposals: Vec<Proposal> = odd
        .iter()
        .map(|row| bandit.propose(PLACEMENT, &row.features, &arms(names)))
        .collect();
    let of = |target: &dyn Fn(usize, usize) -> f64| estimate(rows, &odd, target);
    let fixed: Vec<Value> = (0..names.len())
        .map(|fixed| {
            let mut figures = of(&|_, arm| f64::from(u8::from(arm == fixed)));
            figures["arm"] = json!(names[fixed]);
            figures["rows"] = json!(odd.iter().filter(|row| row.arm == fixed).count());
            figures
        })
        .collect();
    let best = fixed.iter().filter(|arm| arm["value"].is_number());
    let best = best
        .max_by(|a, b| number(&a["value"]).total_cmp(&number(&b["value"])))
        .cloned();
    let greedy: Vec<usize> = proposals.iter().map(|one| highest(&one.expected)).collect();
    let mut served = of(&|row, arm| proposals[row].propensities[arm]);
    let alone = match (gate.serves, &gate.best) {
        (Serves::Fixed, Some((best, _))) => {
            let best = names.iter().position(|name| name == best);
            of(&|_, arm| f64::from(u8::from(Some(arm) == best)))
        }
        (Serves::Learned, _) => of(&|row, arm| proposals[row].learned[arm]),
        _ => of(&|_, _| 1.0 / names.len() as f64),
    };
    served["policy"] = json!(match (gate.serves, &gate.best) {
        (Serves::Fixed, Some((best, _))) => best.as_str(),
        (Serves::Learned, _) => "learned",
        _ => "turns",
    });
    served["without_exploration"] = alone;
    if let Some(best) = &best {
        let error = number(&best["standard_error"]);
        let below = |value: &Value| {
            value
                .as_f64()
                .map(|value| (number(&best["value"]) - value) / error)
        };
        served["standard_errors_below_best"] = json!(below(&served["value"]));
        served["without_exploration"]["standard_errors_below_best"] =
            json!(below(&served["without_exploration"]["value"]));
    }
    json!({
        "rows_learned": rows.rows.len().div_ceil(2),
        "rows_valued": odd.len(),
        "estimator": "snipw of the odd rows",
        "logged": odd.iter().map(|row| row.reward).sum::<f64>() / odd.len() as f64,
        "arms": fixed,
        "best": best,
        "learned": of(&|row, arm| proposals[row].learned[arm]),
        "greedy": of(&|row, arm| f64::from(u8::from(greedy[row] == arm))),
        "served": served,
    })
}

/// A policy by its probability of an arm in a row.
fn estimate(rows: &Rows, odd: &[&Row], target: &dyn Fn(usize, usize) -> f64) -> Value {
    let settings = Evaluation {
        rewards: rows.range,
        ..Evaluation::new(LogKind::Fixed)
    };
    let mut evaluator = Evaluator::new(settings);
    for (number, row) in odd.iter().enumerate() {
        let candidate = |(arm, propensity): (usize, &f64)| Candidate {
            arm: arm as u64,
            propensity: Some(*propensity),
            target: target(number, arm),
        };
        let candidates: Vec<Candidate> =
            row.propensities.iter().enumerate().map(candidate).collect();
        let pushed = evaluator.push(&Logged {
            context: 0,
            slot: 0,
            candidates: &candidates,
            chosen: row.arm,
            reward: row.reward,
        });
        pushed.expect("rows and proposals are checked");
    }
    let evaluation = evaluator.finish();
    match &evaluation.answer {
        Err(refusal) => json!({"value": null, "refused": refusal.to_string()}),
        Ok(estimates) => {
            let snipw = estimates
                .get(Estimator::Snipw)
                .expect("every evaluation has it");
            json!({
                "value": snipw.value,
                "standard_error": snipw.interval.and_then(|interval| interval.standard_error),
                "interval": snipw.interval.map(|interval| [interval.low, interval.high]),
                "ess": evaluation.overlap.effective_records,
            })
        }
    }
}

fn gate_figures(gate: &GateVerdict, rows: &Rows) -> Value {
    let span = rows.range.1 - rows.range.0;
    let figure = |figure: &Figure, from: f64| {
        json!({
            "value": from + figure.value * span,
            "standard_error": figure.standard_error * span,
            "lower": from + figure.lower * span,
            "outcomes": figure.outcomes,
        })
    };
    let best = gate.best.as_ref().map(|(arm, best)| {
        let mut figures = figure(best, rows.range.0);
        figures["arm"] = json!(arm);
        figures
    });
    json!({
        "serves": match gate.serves {
            Serves::Turns => "turns",
            Serves::Fixed => "best-fixed-arm",
            Serves::Learned => "learned",
        },
        "words": gate.words,
        "best_fixed_arm": best,
        "learned": gate.learned.as_ref().map(|learned| figure(learned, rows.range.0)),
        "lift": gate.lift.as_ref().map(|lift| figure(lift, 0.0)),
    })
}

fn highest(expected: &[f64]) -> usize {
    let arms = 0..expected.len();
    arms.max_by(|a, b| expected[*a].total_cmp(&expected[*b]).then(b.cmp(a)))
        .unwrap_or_default()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

/// For people.
pub fn lines(figures: &Value) -> String {
    let told = |name: &str, value: &Value| match value["refused"].as_str() {
        Some(why) => format!("  {name}: {why}"),
        None => format!(
            "  {name}: {:.4} ± {:.4}",
            number(&value["value"]),
            number(&value["standard_error"])
        ),
    };
    let arms = figures["arms"].as_array().into_iter().flatten();
    let mut lines: Vec<String> = arms
        .map(|arm| {
            told(
                &format!("always {}", arm["arm"].as_str().unwrap_or_default()),
                arm,
            )
        })
        .collect();
    lines.push(told("learned", &figures["learned"]));
    lines.push(told("served", &figures["served"]));
    lines.push(
        figures["gate"]["words"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
    );
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Result<Value> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.csv");
        std::fs::write(&path, text).unwrap();
        let options = Options {
            data: path,
            arm: None,
            reward: None,
            propensity: None,
            ignore: Vec::new(),
        };
        run(&options, Output::new(true))
    }

    #[test]
    fn a_log_with_broken_rows_is_valued() {
        let mut text = "city,segment,visit\r\n".to_owned();
        let mut random = kith_base::Random::new(1);
        for _ in 0..4_000 {
            let (city, arm) = (random.below(2), random.below(2));
            let visit = random.chance([0.1, 0.3][arm as usize]);
            text += &format!(
                "{},{},{}\r\n",
                ["a", "b"][city as usize],
                ["no", "mail"][arm as usize],
                u8::from(visit)
            );
        }
        text += "a,,1\r\na,no,NaN\r\n";
        let figures = file(&text).unwrap();
        assert_eq!(figures["rows_refused"], 2);
        assert_eq!(figures["gate"]["serves"], "best-fixed-arm");
        assert_eq!(figures["served"]["policy"], "mail");
        assert!(number(&figures["served"]["standard_errors_below_best"]) < 1.0);
        assert!(lines(&figures).contains("mail serves, because"));
    }

    #[test]
    fn files_without_rows_are_refused() {
        assert!(file("segment,visit\n").is_err());
        assert!(
            file("segment,visit\na,x\nb,x\n")
                .unwrap_err()
                .to_string()
                .contains("no finite number")
        );
    }
}
