//! Policies to be evaluated: a probability for each item in each slot.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::output::BadInput;

/// Probabilities by item and slot.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// What it is called in figures.
    pub name: String,
    rows: Vec<Vec<f64>>,
}

/// What the log has.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Items: one more than the largest id.
    pub items: usize,
    /// Slots.
    pub slots: usize,
}

/// Bernoulli Thompson sampling as it ran in the three campaigns of the Open Bandit data (Saito et
/// al., NeurIPS 2021): from its published prior, as open-bandit-pipeline 0.4.1 computes it.
const BERNOULLI_TS: &str = include_str!("bernoulli_ts.json");
/// How far probabilities of a slot may add up beside 1.
const SUM_SLACK: f64 = 1e-3;

impl Policy {
    /// By name: `uniform`, `item:ID`, `bernoulli-ts`, one of a file's, or a file.
    pub fn find(name: &str, file: Option<&Path>, shape: Shape) -> Result<Self> {
        if let Some(file) = file {
            let tables = tables(file)?;
            return Policy::of(pick(name, tables, file)?, name, shape);
        }
        if let Some(item) = name.strip_prefix("item:") {
            return always(item, name, shape);
        }
        let published: BTreeMap<String, Vec<Vec<f64>>> =
            serde_json::from_str(BERNOULLI_TS).expect("the published table is well-formed");
        match name {
            "uniform" | "random" => Ok(uniform(name, shape)),
            "bernoulli-ts" | "bernoulli_ts" | "bts" => {
                let mut fitting: Vec<_> = published.into_iter().collect();
                fitting.sort_by_key(|(_, rows)| rows.len());
                let fit = fitting
                    .into_iter()
                    .find(|(_, rows)| rows.len() >= shape.items);
                let Some((campaign, rows)) = fit else {
                    let items = shape.items;
                    return Err(bad(format!(
                        "--policy {name} is published for 34, 46 and 80 items; the log has {items}"
                    )));
                };
                Policy::of(rows, &format!("bernoulli-ts of campaign {campaign}"), shape)
            }
            campaign if published.contains_key(campaign) => {
                let rows = published[campaign].clone();
                Policy::of(rows, &format!("bernoulli-ts of campaign {campaign}"), shape)
            }
            path if Path::new(path).is_file() => {
                let tables = tables(Path::new(path))?;
                Policy::of(pick("", tables, Path::new(path))?, path, shape)
            }
            _ => Err(bad(format!(
                "--policy is {name:?}; known are uniform, bernoulli-ts, men, women, all, item:ID, \
                 a JSON file of probabilities by item and slot, or a name of --policies FILE"
            ))),
        }
    }

    fn of(rows: Vec<Vec<f64>>, name: &str, shape: Shape) -> Result<Self> {
        if rows.len() < shape.items {
            let (has, needs) = (rows.len(), shape.items);
            return Err(bad(format!(
                "--policy {name} has {has} items and the log {needs}"
            )));
        }
        if let Some(row) = rows.iter().find(|row| row.len() < shape.slots) {
            let (has, needs) = (row.len(), shape.slots);
            return Err(bad(format!(
                "--policy {name} has an item with {has} slots and the log has {needs}"
            )));
        }
        for slot in 0..shape.slots {
            let sum: f64 = rows.iter().map(|row| row[slot]).sum();
            let all = rows.iter().map(|row| row[slot]);
            let are_probabilities = all.clone().all(|p| (0.0..=1.0).contains(&p));
            if !are_probabilities || (sum - 1.0).abs() > SUM_SLACK {
                return Err(bad(format!(
                    "--policy {name}: probabilities of slot {slot} add up to {sum}, not 1, or are \
                     none"
                )));
            }
        }
        Ok(Policy {
            name: name.to_owned(),
            rows,
        })
    }

    /// How many items it knows.
    pub fn items(&self) -> usize {
        self.rows.len()
    }

    /// The probability of an item in a slot.
    pub fn probability(&self, item: usize, slot: usize) -> f64 {
        self.rows[item][slot]
    }
}

fn bad(message: String) -> anyhow::Error {
    BadInput(message).into()
}

fn uniform(name: &str, shape: Shape) -> Policy {
    Policy {
        name: name.to_owned(),
        rows: vec![vec![1.0 / shape.items as f64; shape.slots]; shape.items],
    }
}

fn always(item: &str, name: &str, shape: Shape) -> Result<Policy> {
    let number: Option<usize> = item.parse().ok();
    let Some(number) = number.filter(|number| *number < shape.items) else {
        let last = shape.items.saturating_sub(1);
        return Err(bad(format!(
            "--policy {name}: items of the log are 0 to {last}"
        )));
    };
    let mut rows = vec![vec![0.0; shape.slots]; shape.items];
    rows[number] = vec![1.0; shape.slots];
    Ok(Policy {
        name: name.to_owned(),
        rows,
    })
}

/// All tables of a file by name: a bare list of rows has the name "".
fn tables(file: &Path) -> Result<BTreeMap<String, Vec<Vec<f64>>>> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("reading {shown}"))?;
    let value: Value =
        serde_json::from_str(&text).map_err(|error| BadInput(format!("{shown}: {error}")))?;
    let mut found = BTreeMap::new();
    gather("", &value, &mut found);
    if found.is_empty() {
        return Err(bad(format!(
            "{shown} holds no probabilities: write a list with a list of probabilities by slot for \
             each item, alone or under a name"
        )));
    }
    Ok(found)
}

/// Tables at any depth, under the name of the nearest member that is not `pi`.
fn gather(name: &str, value: &Value, found: &mut BTreeMap<String, Vec<Vec<f64>>>) {
    if let Ok(rows) = serde_json::from_value::<Vec<Vec<f64>>>(value.clone())
        && !rows.is_empty()
    {
        found.entry(name.to_owned()).or_insert(rows);
    }
    for (member, value) in value.as_object().into_iter().flatten() {
        gather(if member == "pi" { name } else { member }, value, found);
    }
}

fn pick(
    name: &str,
    mut tables: BTreeMap<String, Vec<Vec<f64>>>,
    file: &Path,
) -> Result<Vec<Vec<f64>>> {
    if let Some(rows) = tables.remove(name) {
        return Ok(rows);
    }
    if tables.len() == 1
        && let Some((_, rows)) = tables.pop_first()
    {
        return Ok(rows);
    }
    let known: Vec<&str> = tables.keys().map(String::as_str).collect();
    let (file, known) = (file.display(), known.join(", "));
    Err(bad(format!(
        "{file} has no policy {name:?}; it has {known}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape {
        items: 34,
        slots: 3,
    };

    fn message(found: Result<Policy>) -> String {
        found.unwrap_err().to_string()
    }

    #[test]
    fn published_policies_are_found_by_name_and_size() {
        let men = Policy::find("bernoulli-ts", None, SHAPE).unwrap();
        assert_eq!(
            (men.name.as_str(), men.items()),
            ("bernoulli-ts of campaign men", 34)
        );
        assert_eq!(Policy::find("men", None, SHAPE).unwrap(), men);
        let shape = Shape {
            items: 35,
            slots: 3,
        };
        assert!(
            Policy::find("bts", None, shape)
                .unwrap()
                .name
                .ends_with("women")
        );
        assert!(message(Policy::find("men", None, shape)).contains("34 items and the log 35"));
        let shape = Shape {
            items: 81,
            slots: 3,
        };
        assert!(message(Policy::find("bts", None, shape)).contains("the log has 81"));
        assert!(message(Policy::find("other", None, SHAPE)).contains("known are uniform"));
    }

    #[test]
    fn simple_policies() {
        let uniform = Policy::find("uniform", None, SHAPE).unwrap();
        assert!((uniform.probability(3, 1) - 1.0 / 34.0).abs() < 1e-12);
        let one = Policy::find("item:2", None, SHAPE).unwrap();
        assert_eq!((one.probability(2, 0), one.probability(3, 0)), (1.0, 0.0));
        assert!(message(Policy::find("item:34", None, SHAPE)).contains("0 to 33"));
    }

    #[test]
    fn policies_of_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policies.json");
        let shape = Shape { items: 2, slots: 1 };
        let text = r#"{"ope": {"one": {"pi": [[0.2], [0.8]]}, "bad": {"pi": [[0.2], [0.9]]}}}"#;
        std::fs::write(&path, text).unwrap();
        let one = Policy::find("one", Some(&path), shape).unwrap();
        assert_eq!(one.probability(1, 0), 0.8);
        assert!(message(Policy::find("bad", Some(&path), shape)).contains("add up to"));
        assert!(message(Policy::find("x", Some(&path), shape)).contains("it has bad, one"));
        std::fs::write(&path, "[[0.5], [0.5]]").unwrap();
        let bare = Policy::find(path.to_str().unwrap(), None, shape).unwrap();
        assert_eq!(bare.probability(0, 0), 0.5);
        std::fs::write(&path, "{}").unwrap();
        assert!(message(Policy::find("x", Some(&path), shape)).contains("no probabilities"));
    }
}
