//! The rows of a logged experiment, as the bandit and the evaluation take them.

use kith_base::Value;
use kith_decide::bandit::{FeatureName, Features};
use kith_matching::Table;

use super::columns::Columns;

/// One row.
#[derive(Clone, Debug)]
pub struct Row {
    pub features: Features,
    pub arm: usize,
    pub propensities: Vec<f64>,
    /// As the file says.
    pub reward: f64,
}

/// All of them.
#[derive(Debug)]
pub struct Rows {
    pub rows: Vec<Row>,
    /// Least and largest reward, at least 0 to 1.
    pub range: (f64, f64),
    /// Where the propensities are from.
    pub propensities: &'static str,
    pub refused: u64,
    pub refusal: Option<String>,
}

/// Above this chi-square, per degree of freedom, arms are not equally large but for chance.
const UNEQUAL_CHI_SQUARE: f64 = 11.0;

impl Rows {
    /// Reads them; what cannot be read is counted.
    pub fn of(table: &Table, columns: &Columns) -> Self {
        let mut rows = Rows {
            rows: Vec::with_capacity(table.rows()),
            range: (0.0, 1.0),
            propensities: "of the log",
            refused: 0,
            refusal: None,
        };
        for number in 0..table.rows() {
            match row(table, columns, number) {
                Ok(row) => {
                    rows.range = (rows.range.0.min(row.reward), rows.range.1.max(row.reward));
                    rows.rows.push(row);
                }
                Err(why) => {
                    rows.refused += 1;
                    rows.refusal
                        .get_or_insert_with(|| format!("row {}: {why}", number + 1));
                }
            }
        }
        if columns.propensity.is_none() {
            rows.guess_propensities(columns.arms.len());
        }
        rows
    }

    /// Equal if the arms are equally large but for chance, else the share of each.
    fn guess_propensities(&mut self, arms: usize) {
        let mut counts = vec![0.0; arms];
        self.rows.iter().for_each(|row| counts[row.arm] += 1.0);
        let (all, expect) = (self.rows.len() as f64, self.rows.len() as f64 / arms as f64);
        let chi_square: f64 = counts
            .iter()
            .map(|count| (count - expect) * (count - expect) / expect)
            .sum();
        let equal = chi_square <= UNEQUAL_CHI_SQUARE * (arms - 1) as f64;
        let shares: Vec<f64> = if equal {
            vec![1.0 / arms as f64; arms]
        } else {
            counts.iter().map(|count| count / all).collect()
        };
        self.propensities = if equal { "equal" } else { "share of each arm" };
        self.rows
            .iter_mut()
            .for_each(|row| row.propensities.clone_from(&shares));
    }

    /// From 0 to 1.
    pub fn scaled(&self, reward: f64) -> f64 {
        (reward - self.range.0) / (self.range.1 - self.range.0)
    }
}

fn row(table: &Table, columns: &Columns, number: usize) -> Result<Row, String> {
    let value = |at: usize| table.value(number, at);
    let arm = columns
        .arms
        .iter()
        .position(|arm| arm == value(columns.arm));
    let arm = arm.ok_or("it has no arm")?;
    let reward = match value(columns.reward).to_ascii_lowercase().as_str() {
        "true" | "yes" => Some(1.0),
        "false" | "no" => Some(0.0),
        text => text.parse().ok().filter(|reward: &f64| reward.is_finite()),
    };
    let reward = reward.ok_or_else(|| {
        format!(
            "its reward is {:?}, which is no finite number",
            value(columns.reward)
        )
    })?;
    let mut propensities = Vec::new();
    if let Some(at) = columns.propensity {
        let propensity: Option<f64> = value(at).parse().ok().filter(|p| *p > 0.0 && *p <= 1.0);
        let propensity = propensity.ok_or_else(|| format!("its propensity is {:?}", value(at)))?;
        let others = (1.0 - propensity) / (columns.arms.len() - 1) as f64;
        propensities = vec![others; columns.arms.len()];
        propensities[arm] = propensity;
    }
    let fact = |feature: &super::columns::Feature| {
        let text = value(feature.at);
        let value = match text.parse::<f64>() {
            _ if text.is_empty() => Value::Null,
            Ok(number) if feature.is_number => Value::Float(number),
            _ => Value::from(text),
        };
        (FeatureName::from(columns.names[feature.at].as_str()), value)
    };
    let facts: Vec<(FeatureName, Value)> = columns.features.iter().map(fact).collect();
    let features = Features::encode(&facts).map_err(|why| why.to_string())?;
    Ok(Row {
        features,
        arm,
        propensities,
        reward,
    })
}
