//! A log in the format of the Open Bandit data: one row for each item shown, with its propensity.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use kith_matching::Table;

use super::policies::Shape;
use crate::matching::read;
use crate::output::BadInput;

/// Names of the columns.
#[derive(Clone, Debug)]
pub struct Columns<'a> {
    pub item: &'a str,
    pub slot: &'a str,
    pub reward: &'a str,
    pub propensity: &'a str,
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    pub item: usize,
    pub slot: usize,
    pub propensity: f64,
    pub reward: f64,
}

/// The log.
#[derive(Debug)]
pub struct Log {
    pub rows: Vec<Shown>,
    pub shape: Shape,
    /// Every item had this probability in every row, so it is known of what was not shown too.
    pub uniform: Option<f64>,
    /// Rows that are not used, and why the first is not.
    pub refused: u64,
    pub refusal: Option<String>,
}

/// More items than this are a mistake in the column.
const ITEMS_MAX: usize = 10_000;
/// As are more slots.
const SLOTS_MAX: usize = 1_000;

/// Reads the file.
pub fn load(file: &Path, columns: &Columns<'_>) -> Result<Log> {
    let mut table = Table::default();
    read(file, &mut table)?;
    let bad = |message: String| BadInput(format!("{}: {message}", file.display()));
    let find = |option: &str, name: &str| {
        let mut names = table.column_names();
        let found = names.position(|known| known.eq_ignore_ascii_case(name));
        found.ok_or_else(|| {
            let names: Vec<&str> = table.column_names().take(20).collect();
            let names = names.join(", ");
            bad(format!(
                "there is no column {name:?} ({option}); it has {names}"
            ))
        })
    };
    let item = find("--item", columns.item)?;
    let reward = find("--reward", columns.reward)?;
    let propensity = find("--propensity", columns.propensity)?;
    // A log of one slot may do without the column.
    let slot = find("--slot", columns.slot).ok();
    let mut log = Log {
        rows: Vec::with_capacity(table.rows()),
        shape: Shape { items: 0, slots: 1 },
        uniform: None,
        refused: 0,
        refusal: None,
    };
    let slots = slots(&table, slot).map_err(bad)?;
    for row in 0..table.rows() {
        let value = |column| table.value(row, column).trim();
        let place = slot.map_or(Ok(0), |slot| place(&slots, value(slot)));
        let shown = place.and_then(|slot| {
            Ok(Shown {
                item: item_of(value(item))?,
                slot,
                propensity: number("propensity", value(propensity))?,
                reward: number("reward", value(reward))?,
            })
        });
        let shown = shown.and_then(|shown| match shown.propensity {
            p if p > 0.0 && p <= 1.0 => Ok(shown),
            p => Err(format!(
                "its propensity is {p}, which is not above 0 and at most 1"
            )),
        });
        match shown {
            Ok(shown) => log.rows.push(shown),
            Err(why) => {
                log.refused += 1;
                log.refusal
                    .get_or_insert_with(|| format!("row {}: {why}", row + 1));
            }
        }
    }
    log.finish(slots.len().max(1))
        .map_err(|why| bad(why).into())
}

impl Log {
    /// What all rows together say; why not, if there are none.
    fn finish(mut self, slots: usize) -> Result<Self, String> {
        let Some(last) = self.rows.iter().map(|shown| shown.item).max() else {
            let why = self.refusal.unwrap_or_else(|| "it has no rows".to_owned());
            return Err(format!("no row can be used: {why}"));
        };
        let items = last + 1;
        self.shape = Shape { items, slots };
        let first = self.rows[0].propensity;
        let is_equal = |shown: &Shown| (shown.propensity - first).abs() < 1e-9;
        let is_uniform = (first - 1.0 / items as f64).abs() < 1e-6;
        self.uniform = (is_uniform && self.rows.iter().all(is_equal)).then_some(first);
        Ok(self)
    }
}

/// Positions in order: the lowest is slot 0.
fn slots(table: &Table, slot: Option<usize>) -> Result<Vec<f64>, String> {
    let Some(slot) = slot else {
        return Ok(Vec::new());
    };
    let texts: BTreeSet<&str> = (0..table.rows())
        .map(|row| table.value(row, slot))
        .collect();
    let numbers = texts
        .iter()
        .filter_map(|text| text.trim().parse::<f64>().ok());
    let mut numbers: Vec<f64> = numbers.filter(|number| number.is_finite()).collect();
    numbers.sort_by(f64::total_cmp);
    numbers.dedup();
    if numbers.len() > SLOTS_MAX {
        let found = numbers.len();
        return Err(format!(
            "--slot has {found} different values, more than {SLOTS_MAX}"
        ));
    }
    Ok(numbers)
}

fn place(slots: &[f64], text: &str) -> Result<usize, String> {
    let position: Option<f64> = text.parse().ok();
    let found = position.and_then(|number| slots.iter().position(|slot| *slot == number));
    found.ok_or_else(|| format!("its slot is {text:?}, which is no number"))
}

fn item_of(text: &str) -> Result<usize, String> {
    let whole = text.strip_suffix(".0").unwrap_or(text);
    let item: Option<usize> = whole.parse().ok();
    item.filter(|item| *item < ITEMS_MAX).ok_or_else(|| {
        format!(
            "its item is {text:?}, which is no whole number from 0 to {}",
            ITEMS_MAX - 1
        )
    })
}

fn number(what: &str, text: &str) -> Result<f64, String> {
    let parsed: Option<f64> = match text.to_ascii_lowercase().as_str() {
        "true" => Some(1.0),
        "false" => Some(0.0),
        other => other.parse().ok(),
    };
    let finite = parsed.filter(|number| number.is_finite());
    finite.ok_or_else(|| format!("its {what} is {text:?}, which is no finite number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: Columns<'static> = Columns {
        item: "item_id",
        slot: "position",
        reward: "click",
        propensity: "propensity_score",
    };

    fn log(text: &str) -> Result<Log> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.csv");
        std::fs::write(&path, text).unwrap();
        load(&path, &COLUMNS)
    }

    #[test]
    fn rows_that_say_nothing_are_counted() {
        let text = ",item_id,position,click,propensity_score\r\n0,1,2,0,0.5\r\n1,0,4,1,0.5\r\n\
                    2,x,2,0,0.5\r\n3,0,2,nan,0.5\r\n4,0,2,0,0\r\n5,0,,0,0.5\r\n";
        let log = log(text).unwrap();
        assert_eq!((log.rows.len(), log.refused), (2, 4));
        assert_eq!((log.shape.items, log.shape.slots), (2, 2));
        assert_eq!((log.rows[0].slot, log.rows[1].slot), (0, 1));
        assert_eq!(log.uniform, Some(0.5));
        assert!(log.refusal.unwrap().starts_with("row 3: its item is \"x\""));
    }

    #[test]
    fn files_of_another_kind_are_refused_in_words() {
        let message = |text: &str| log(text).unwrap_err().to_string();
        assert!(message("a,b\n1,2\n").contains("there is no column \"item_id\" (--item)"));
        assert!(message("item_id,click,propensity_score\n").contains("it has no rows"));
        assert!(message("item_id,click,propensity_score\n1,1,7\n").contains("propensity is 7"));
        assert!(message("").contains("empty"));
    }
}
