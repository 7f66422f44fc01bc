//! Which column of a logged experiment says what: found from the header, or told.

use std::collections::BTreeSet;

use anyhow::Result;
use kith_matching::Table;

use crate::output::BadInput;

/// What is told of the columns.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    pub arm: Option<&'a str>,
    pub reward: Option<&'a str>,
    pub propensity: Option<&'a str>,
    pub ignore: &'a [String],
}

/// Columns by place.
#[derive(Debug)]
pub struct Columns {
    pub names: Vec<String>,
    pub arm: usize,
    pub reward: usize,
    pub propensity: Option<usize>,
    pub features: Vec<Feature>,
    /// Names of columns that are no features, with the reason.
    pub left_out: Vec<(String, &'static str)>,
    /// The arms by name, in order.
    pub arms: Vec<String>,
}

/// A column that is learned from.
#[derive(Debug)]
pub struct Feature {
    pub at: usize,
    pub is_number: bool,
}

/// What an arm's column is usually called, the best guess first.
const ARMS: [&str; 15] = [
    "arm",
    "segment",
    "treatment",
    "variation",
    "variant",
    "test_group",
    "version",
    "group",
    "action",
    "offer",
    "campaign",
    "experiment",
    "condition",
    "exposure_group",
    "bucket",
];
/// What a reward's is.
const REWARDS: [&str; 16] = [
    "reward",
    "visit",
    "visited",
    "click",
    "clicked",
    "converted",
    "conversion",
    "response",
    "responded",
    "purchase",
    "purchased",
    "bought",
    "outcome",
    "target",
    "label",
    "y",
];
/// What else is known only afterwards.
const OUTCOMES: [&str; 9] = [
    "spend",
    "spent",
    "revenue",
    "exposure",
    "sales",
    "amount",
    "profit",
    "value",
    "retention_7",
];
/// Most arms.
const ARMS_MAX: usize = 64;

impl Columns {
    /// Finds them.
    pub fn find(table: &Table, told: &Told<'_>) -> Result<Self> {
        let names: Vec<String> = table.column_names().map(str::to_owned).collect();
        let place = |option: &str, name: Option<&str>| -> Result<Option<usize>> {
            let Some(name) = name else { return Ok(None) };
            let found = names.iter().position(|known| plain(known) == plain(name));
            found.map(Some).ok_or_else(|| {
                let known = names.join(", ");
                BadInput(format!(
                    "{option}: there is no column {name:?}; the file has {known}"
                ))
                .into()
            })
        };
        let guess = |usual: &[&str], not: Option<usize>| {
            let at = |name: &&str| names.iter().position(|known| plain(known) == **name);
            usual.iter().filter_map(at).find(|at| Some(*at) != not)
        };
        let unknown = |option: &str, what: &str| {
            let known = names.join(", ");
            BadInput(format!(
                "no column is named like {what}: say {option} COLUMN, one of {known}"
            ))
        };
        let reward = place("--reward", told.reward)?;
        let arm = place("--arm", told.arm)?.or_else(|| guess(&ARMS, reward));
        let arm = arm.ok_or_else(|| unknown("--arm", "the arm of an experiment"))?;
        let reward = reward.or_else(|| guess(&REWARDS, Some(arm)));
        let reward = reward.ok_or_else(|| unknown("--reward", "a reward"))?;
        let propensity = place("--propensity", told.propensity)?;
        let mut ignored = BTreeSet::new();
        for name in told.ignore {
            ignored.extend(place("--ignore", Some(name))?);
        }
        let mut columns = Columns {
            arms: arms(table, arm, &names[arm])?,
            names,
            arm,
            reward,
            propensity,
            features: Vec::new(),
            left_out: Vec::new(),
        };
        columns.choose_features(table, &ignored);
        Ok(columns)
    }

    fn choose_features(&mut self, table: &Table, ignored: &BTreeSet<usize>) {
        for at in 0..self.names.len() {
            let name = plain(&self.names[at]);
            let is_outcome = REWARDS.contains(&&*name) || OUTCOMES.contains(&&*name);
            let values: BTreeSet<&str> =
                (0..table.rows()).map(|row| table.value(row, at)).collect();
            let many = values.len() * 2 > table.rows();
            let is_number = values
                .iter()
                .all(|value| value.is_empty() || value.parse::<f64>().is_ok_and(f64::is_finite));
            let fraction = is_number && values.iter().any(|value| value.contains('.'));
            let reason = if at == self.arm || at == self.reward || Some(at) == self.propensity {
                continue;
            } else if ignored.contains(&at) {
                Some("told to ignore")
            } else if self.reward > self.arm && at > self.arm {
                Some("stands after the arm, as what came of it does")
            } else if is_outcome {
                Some("named like an outcome")
            } else if values.len() < 2 {
                Some("always the same")
            } else if name.is_empty() || many && !fraction {
                Some("names rows")
            } else {
                None
            };
            match reason {
                Some(reason) => self.left_out.push((self.names[at].clone(), reason)),
                None => self.features.push(Feature { at, is_number }),
            }
        }
    }
}

fn arms(table: &Table, arm: usize, name: &str) -> Result<Vec<String>> {
    let mut arms = BTreeSet::new();
    for row in 0..table.rows() {
        let value = table.value(row, arm);
        if !value.is_empty() && arms.len() <= ARMS_MAX {
            arms.insert(value);
        }
    }
    if arms.len() < 2 || arms.len() > ARMS_MAX {
        let found = match arms.len() {
            0 | 1 => "fewer than 2".to_owned(),
            _ => format!("more than {ARMS_MAX}"),
        };
        let message =
            format!("column {name:?} has {found} different values to be arms: say --arm COLUMN");
        return Err(BadInput(message).into());
    }
    Ok(arms.into_iter().map(str::to_owned).collect())
}

/// Lower case, with one sign for what separates words.
fn plain(name: &str) -> String {
    let lower = name.trim().to_lowercase();
    lower.replace([' ', '-', '.'], "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(header: &[&str], rows: &[&[&str]]) -> Table {
        let mut table = Table::default();
        table.begin_file(header).unwrap();
        for row in rows {
            table.push(row).unwrap();
        }
        table
    }

    const NOTHING: Told<'static> = Told {
        arm: None,
        reward: None,
        propensity: None,
        ignore: &[],
    };

    #[test]
    fn what_stands_after_the_arm_is_no_feature() {
        let rows: [&[&str]; 5] = [
            &["1", "a", "Mens", "1", "9.5", "x"],
            &["1", "b", "None", "0", "0", "x"],
            &["2", "b", "Mens", "0", "0", "x"],
            &["2", "a", "None", "0", "0", "y"],
            &["2", "a", "", "0", "0", "y"],
        ];
        let header = ["recency", "zip", "Segment", "Visit", "spend", "later"];
        let columns = Columns::find(&table(&header, &rows), &NOTHING).unwrap();
        assert_eq!((columns.arm, columns.reward), (2, 3));
        assert_eq!(columns.arms, ["Mens", "None"]);
        let features: Vec<usize> = columns.features.iter().map(|feature| feature.at).collect();
        assert_eq!(features, [0, 1]);
        assert!(columns.features[0].is_number && !columns.features[1].is_number);
        assert_eq!(columns.left_out.len(), 2);
    }

    #[test]
    fn rows_names_and_outcomes_are_no_features() {
        let rows: [&[&str]; 4] = [
            &["1", "0.5", "0", "3", "a"],
            &["2", "0.25", "1", "3", "b"],
            &["3", "0.75", "0", "3", "a"],
            &["4", "1.5", "1", "3", "b"],
        ];
        let header = ["user id", "f0", "conversion", "same", "test group"];
        let columns = Columns::find(&table(&header, &rows), &NOTHING).unwrap();
        let features: Vec<usize> = columns.features.iter().map(|feature| feature.at).collect();
        assert_eq!(features, [1]);
    }

    #[test]
    fn errors_name_the_option() {
        let rows: [&[&str]; 2] = [&["1", "2"], &["2", "2"]];
        let message = |header: &[&str], told: &Told<'_>| {
            Columns::find(&table(header, &rows), told)
                .unwrap_err()
                .to_string()
        };
        assert!(message(&["a", "b"], &NOTHING).contains("say --arm COLUMN, one of a, b"));
        assert!(message(&["arm", "b"], &NOTHING).contains("say --reward COLUMN"));
        assert!(
            message(
                &["b", "arm"],
                &Told {
                    reward: Some("b"),
                    ..NOTHING
                }
            )
            .contains("fewer than 2")
        );
        assert!(
            message(
                &["a", "b"],
                &Told {
                    arm: Some("c"),
                    ..NOTHING
                }
            )
            .contains("--arm: there is no")
        );
    }
}
