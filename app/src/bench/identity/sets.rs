//! Published sets of records with known answers: where they lie in a folder and what is true.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use kith_matching::Table;

use super::metrics::Truth;
use crate::matching::read;

/// Where the answer is.
#[derive(Clone, Copy, Debug)]
enum Answer {
    /// A column of the files.
    Column(&'static str),
    /// The second part of a column such as `rec-17-dup-0`.
    PartOf(&'static str),
    /// Another file: its column of the cluster and its column of the record's number, and the
    /// column of the records that holds this number.
    Key([&'static str; 4]),
}

/// One set.
#[derive(Clone, Copy, Debug)]
pub struct Set {
    /// Its name, which is its folder's.
    pub name: &'static str,
    files: &'static [&'static str],
    answer: Answer,
    /// The columns that may be used; empty for all but the answer.
    columns: &'static [&'static str],
    /// Only pairs of different files are asked for.
    across: bool,
}

/// The columns of one set that do not give the answer away.
const CUSTOMER: [&str; 8] = [
    "email",
    "first_name",
    "last_name",
    "phone",
    "date_of_birth",
    "gender",
    "created_at",
    "source_system",
];

/// Every set that is known.
pub const ALL: [Set; 7] = [
    Set {
        name: "splink_historical_50k",
        files: &["historical_50k.parquet"],
        answer: Answer::Column("cluster"),
        columns: &[],
        across: false,
    },
    Set {
        name: "splink_fake_1000",
        files: &["fake_1000.csv"],
        answer: Answer::Column("cluster"),
        columns: &[],
        across: false,
    },
    Set {
        name: "febrl3",
        files: &["dataset3.csv"],
        answer: Answer::PartOf("rec_id"),
        columns: &[],
        across: false,
    },
    Set {
        name: "febrl4",
        files: &["dataset4a.csv", "dataset4b.csv"],
        answer: Answer::PartOf("rec_id"),
        columns: &[],
        across: true,
    },
    Set {
        name: "senzing_truthset",
        files: &["customers.csv", "reference.csv", "watchlist.csv"],
        answer: Answer::Key([
            "actual_truthset_key.csv",
            "CLUSTER_ID",
            "RECORD_ID",
            "RECORD_ID",
        ]),
        columns: &[],
        across: false,
    },
    Set {
        name: "dupehell_customers_dev",
        files: &["customers.parquet"],
        answer: Answer::Column("master_id"),
        columns: &CUSTOMER,
        across: false,
    },
    Set {
        name: "restaurant",
        files: &["restaurant.csv"],
        answer: Answer::Column("class"),
        columns: &[],
        across: false,
    },
];

impl Set {
    /// Whether the folder has all its files.
    pub fn is_in(&self, folder: &Path) -> bool {
        self.files
            .iter()
            .all(|file| folder.join(self.name).join(file).is_file())
    }

    /// The records without their answers, and the answers.
    pub fn read(&self, folder: &Path) -> Result<(Table, Truth)> {
        let folder = folder.join(self.name);
        let key = match self.answer {
            Answer::Key(named) => read_key(&folder, named)?,
            _ => BTreeMap::new(),
        };
        let (mut records, mut entities, mut files) = (Table::default(), Vec::new(), Vec::new());
        let mut numbers = BTreeMap::<String, u32>::new();
        for (number, file) in (0u16..).zip(self.files) {
            let mut whole = Table::default();
            read(&folder.join(file), &mut whole)?;
            let names: Vec<String> = whole.column_names().map(str::to_owned).collect();
            let answer = column(&names, self.answer_column())?;
            let kept: Vec<usize> = (0..names.len())
                .filter(|at| self.keeps(&names[*at]))
                .collect();
            let headers: Vec<&str> = kept.iter().map(|at| names[*at].as_str()).collect();
            records.begin_file(&headers)?;
            for row in 0..whole.rows() {
                let values: Vec<&str> = kept.iter().map(|at| whole.value(row, *at)).collect();
                records.push(&values)?;
                let entity = self.entity(whole.value(row, answer), &key)?;
                let next = numbers.len() as u32;
                entities.push(*numbers.entry(entity).or_insert(next));
                files.push(number);
            }
        }
        let across = self.across.then_some(files);
        Ok((
            records,
            Truth {
                entity: entities,
                across,
            },
        ))
    }

    fn answer_column(&self) -> &'static str {
        match self.answer {
            Answer::Column(name) | Answer::PartOf(name) | Answer::Key([_, _, _, name]) => name,
        }
    }

    fn keeps(&self, column: &str) -> bool {
        let is_answer = matches!(self.answer, Answer::Column(name) if name == column);
        !is_answer && (self.columns.is_empty() || self.columns.contains(&column))
    }

    fn entity(&self, value: &str, key: &BTreeMap<String, String>) -> Result<String> {
        let found = match self.answer {
            Answer::Column(_) => Some(value.to_owned()),
            Answer::PartOf(_) => value.split('-').nth(1).map(str::to_owned),
            Answer::Key(_) => key.get(value).cloned(),
        };
        found.with_context(|| format!("{}: no answer for {value:?}", self.name))
    }
}

fn column(names: &[String], wanted: &str) -> Result<usize> {
    let found = names.iter().position(|name| name == wanted);
    found.with_context(|| format!("there is no column {wanted:?} among {}", names.join(", ")))
}

fn read_key(
    folder: &Path,
    [file, cluster, record, _]: [&str; 4],
) -> Result<BTreeMap<String, String>> {
    let mut table = Table::default();
    read(&folder.join(file), &mut table)?;
    let names: Vec<String> = table.column_names().map(str::to_owned).collect();
    let (cluster, record) = (column(&names, cluster)?, column(&names, record)?);
    ensure!(table.rows() > 0, "{file} is empty");
    let pair = |row| {
        (
            table.value(row, record).to_owned(),
            table.value(row, cluster).to_owned(),
        )
    };
    Ok((0..table.rows()).map(pair).collect())
}
