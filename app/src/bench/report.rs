//! Budgets, and how a measurement compares with them.

use serde_json::{Map, Value};

/// Which side of the budget is the good one.
#[derive(Clone, Copy, Debug)]
pub enum Bound {
    /// The figure must reach it.
    AtLeast(f64),
    /// The figure must not exceed it.
    AtMost(f64),
}

/// One row of the table of budgets.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Bench the figure comes from.
    pub bench: &'static str,
    /// Its field.
    pub field: &'static str,
    /// For people.
    pub what: &'static str,
    /// Unit, for people.
    pub unit: &'static str,
    /// The budget.
    pub bound: Bound,
}

const fn budget(
    bench: &'static str,
    field: &'static str,
    what: &'static str,
    unit: &'static str,
    bound: Bound,
) -> Budget {
    Budget {
        bench,
        field,
        what,
        unit,
        bound,
    }
}

use Bound::{AtLeast, AtMost};

/// Every budget that is measured.
pub const BUDGETS: [Budget; 20] = [
    budget(
        "collect",
        "events_per_s",
        "collect, batches of 100, 50 audiences",
        "events/s",
        AtLeast(40_000.0),
    ),
    budget(
        "collect",
        "requests_per_s",
        "collect, one event a request",
        "/s",
        AtLeast(12_000.0),
    ),
    budget(
        "collect",
        "visible_p99_ms",
        "acknowledged to member and visible, p99",
        "ms",
        AtMost(20.0),
    ),
    budget(
        "collect",
        "bytes_per_event",
        "disk per stored event",
        "B",
        AtMost(250.0),
    ),
    budget(
        "decide",
        "p99_ms",
        "decide at 2,000/s, server side, p99",
        "ms",
        AtMost(5.0),
    ),
    budget(
        "recommend",
        "slowest_p99_us",
        "recommend over 100,000 items, p99",
        "µs",
        AtMost(1_000.0),
    ),
    budget(
        "audience",
        "throughput_ratio",
        "100 audiences: of the bare throughput",
        "",
        AtLeast(0.5),
    ),
    budget(
        "audience",
        "flip_p99_ms",
        "event to membership, half load, p99",
        "ms",
        AtMost(20.0),
    ),
    budget(
        "audience",
        "window_exit_lateness_p99_ms",
        "window exit after its due moment, p99",
        "ms",
        AtMost(1_000.0),
    ),
    budget(
        "audience",
        "backfill_persons_per_s",
        "backfill over features",
        "persons/s",
        AtLeast(200_000.0),
    ),
    budget(
        "audience",
        "backfill_events_per_s",
        "backfill over the log",
        "events/s",
        AtLeast(1_000_000.0),
    ),
    budget(
        "audience",
        "bytes_per_person_feature",
        "stored per person and feature",
        "B",
        AtMost(20.0),
    ),
    budget(
        "graph",
        "graph_ratio",
        "folding with the identity graph: of without",
        "",
        AtLeast(0.9),
    ),
    budget(
        "graph",
        "resolve_us",
        "deterministic resolve, an event",
        "µs",
        AtMost(20.0),
    ),
    budget(
        "graph",
        "unlink_p50_ms",
        "unlink, 100,000 edges",
        "ms",
        AtMost(50.0),
    ),
    budget(
        "start",
        "first_answer_s",
        "first answer after kill -9",
        "s",
        AtMost(5.0),
    ),
    budget("start", "idle_rss_mb", "memory, idle", "MB", AtMost(300.0)),
    budget("crash", "lost", "acknowledged events lost", "", AtMost(0.0)),
    budget("crash", "doubled", "events counted twice", "", AtMost(0.0)),
    budget("tag", "gzip_bytes", "kith.js, gzip", "B", AtMost(10_000.0)),
];

impl Budget {
    /// True when a figure keeps it.
    pub fn keeps(&self, figure: f64) -> bool {
        match self.bound {
            AtLeast(bound) => figure >= bound,
            AtMost(bound) => figure <= bound,
        }
    }

    fn bound_text(&self) -> String {
        match self.bound {
            AtLeast(bound) => format!("≥ {}", number(bound)),
            AtMost(bound) => format!("≤ {}", number(bound)),
        }
    }
}

/// The budgets a bench's figures missed.
pub fn missed(bench: &str, figures: &Value) -> Vec<&'static Budget> {
    let of_bench = BUDGETS.iter().filter(|budget| budget.bench == bench);
    of_bench
        .filter(|budget| {
            figures[budget.field]
                .as_f64()
                .is_none_or(|figure| !budget.keeps(figure))
        })
        .collect()
}

/// The table over all benches run: budget, measured, verdict.
pub fn table(figures: &Map<String, Value>) -> String {
    let mut lines = vec![format!(
        "{:<40} {:>18} {:>18}  ",
        "what", "budget", "measured"
    )];
    for budget in BUDGETS
        .iter()
        .filter(|budget| figures.contains_key(budget.bench))
    {
        let figure = figures[budget.bench][budget.field].as_f64();
        let verdict = match figure {
            Some(figure) if budget.keeps(figure) => "kept",
            Some(_) => "MISSED",
            None => "not measured",
        };
        let unit = budget.unit;
        let measured = figure.map_or("—".to_owned(), number);
        lines.push(format!(
            "{:<40} {:>18} {:>18}  {verdict}",
            budget.what,
            format!("{} {unit}", budget.bound_text()),
            format!("{measured} {unit}"),
        ));
    }
    lines.join("\n")
}

/// One bench's figures, one a line.
pub fn lines(bench: &str, figures: &Value) -> String {
    let mut lines = vec![format!("kith bench {bench}")];
    for (name, value) in figures.as_object().into_iter().flatten() {
        let text = value.as_f64().map_or_else(|| value.to_string(), number);
        lines.push(format!("  {name:<32} {text:>14}"));
    }
    for budget in missed(bench, figures) {
        lines.push(format!("  missed: {} {}", budget.what, budget.bound_text()));
    }
    lines.join("\n")
}

/// To two places below a hundred and to whole numbers above: more digits would be noise.
pub fn rounded(value: f64) -> f64 {
    if value.abs() < 100.0 {
        (value * 100.0).round() / 100.0
    } else {
        value.round()
    }
}

/// Three digits that matter, thousands apart.
pub fn number(value: f64) -> String {
    if value.abs() < 100.0 && value.fract() != 0.0 {
        return format!("{value:.2}");
    }
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0.0 {
        format!("-{text}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_read_well() {
        let check = |value: f64, expect: &str| assert_eq!(number(value), expect);
        check(40_000.0, "40,000");
        check(1_234_567.8, "1,234,568");
        check(4.256, "4.26");
        check(0.0, "0");
        check(999.0, "999");
    }

    #[test]
    fn a_missing_figure_is_a_missed_budget() {
        assert_eq!(missed("crash", &json!({"lost": 0, "doubled": 0})).len(), 0);
        assert_eq!(missed("crash", &json!({"lost": 1, "doubled": 0})).len(), 1);
        assert_eq!(missed("crash", &json!({"lost": 0})).len(), 1);
    }
}
