//! What a column means, by the words of its header and by what it holds.

mod content;
mod header;

use std::collections::BTreeMap;

use kith_base::limits;
use serde::{Deserialize, Serialize};

use crate::table::Table;

pub use header::is_exclusive;

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A person's given name.
    GivenName,
    /// A person's further given names.
    MiddleName,
    /// A person's family name.
    Surname,
    /// A person's whole name.
    FullName,
    /// A name of a firm or place of business.
    Organisation,
    /// A day of birth.
    BirthDate,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// A postal code.
    Postcode,
    /// A street, with or without number and place.
    Address,
    /// A number in a street.
    StreetNumber,
    /// A town, suburb or place of birth.
    City,
    /// A state, province or country.
    Region,
    /// A gender or title.
    Gender,
    /// A number of a document, a tax or a contract that one holder has.
    Identifier,
    /// One of some values: an occupation, a group, another date.
    Category,
    /// A text of several words: a title, a description.
    Text,
    /// Not compared.
    Ignored,
}

impl Kind {
    /// Whether the column is part of a person's name.
    pub fn is_name(self) -> bool {
        matches!(
            self,
            Kind::GivenName | Kind::MiddleName | Kind::Surname | Kind::FullName
        )
    }
}

/// Which columns are compared, and as what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Columns of a person's name, each with its kind.
    pub names: Vec<(usize, Kind)>,
    /// The other fields.
    pub fields: Vec<PlanField>,
    /// What was left out, and other things to know.
    pub warnings: Vec<Warning>,
}

/// One field: a column, or columns of different files that mean the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanField {
    /// What it holds.
    pub kind: Kind,
    /// The name of its first column.
    pub name: String,
    /// Columns; of an address with several parts, all of them.
    pub columns: Vec<usize>,
}

/// Something to know about a column.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    /// The column is different in every row.
    #[error("column {0:?} is different in every row: it names rows, not persons, and is left out")]
    UniquePerRow(String),
    /// The header says that the column is the answer.
    #[error(
        "column {0:?} is named like a known answer and is left out; to compare it, give its kind"
    )]
    LooksLikeTruth(String),
    /// More fields than are compared.
    #[error("column {0:?} is left out: {max} fields at most are compared",
        max = limits::MATCH_FIELDS_MAX)]
    TooMany(String),
    /// Nothing to compare.
    #[error("no column can be compared; give kinds for some")]
    Nothing,
}

impl Plan {
    /// Guesses every column that `given` does not name.
    pub fn new(table: &Table, given: &BTreeMap<String, Kind>) -> Self {
        let mut plan = Plan {
            names: Vec::new(),
            fields: Vec::new(),
            warnings: Vec::new(),
        };
        let mut fields: Vec<PlanField> = Vec::new();
        for (at, column) in table.columns.iter().enumerate() {
            let stated = given.get(&column.name).copied();
            let kind = stated.unwrap_or_else(|| plan.guess(table, at));
            match kind {
                Kind::Ignored => {}
                name if name.is_name() => plan.names.push((at, name)),
                kind => place(table, &mut fields, at, kind),
            }
        }
        let room = limits::MATCH_FIELDS_MAX;
        for field in fields.iter().skip(room) {
            plan.warnings.push(Warning::TooMany(field.name.clone()));
        }
        fields.truncate(room);
        plan.fields = fields;
        if plan.names.is_empty() && plan.fields.is_empty() {
            plan.warnings.push(Warning::Nothing);
        }
        plan
    }

    fn guess(&mut self, table: &Table, at: usize) -> Kind {
        let column = &table.columns[at];
        let shape = content::Shape::of(column, table);
        let named = header::kind(&column.name);
        if shape.filled == 0
            || shape.different <= 1 && shape.filled == table.rows() && table.rows() >= 20
        {
            return Kind::Ignored;
        }
        if named == header::Named::Truth {
            self.warnings
                .push(Warning::LooksLikeTruth(column.name.clone()));
            return Kind::Ignored;
        }
        let kind = match named {
            header::Named::Kind(kind) if shape.may_be(kind) => kind,
            header::Named::RowId if shape.names_rows(table) => {
                self.warnings
                    .push(Warning::UniquePerRow(column.name.clone()));
                return Kind::Ignored;
            }
            _ => shape.kind(),
        };
        let may_be_unique = !matches!(kind, Kind::Identifier | Kind::Category);
        if shape.unique_in_all(table) && !may_be_unique {
            self.warnings
                .push(Warning::UniquePerRow(column.name.clone()));
            return Kind::Ignored;
        }
        kind
    }
}

/// Puts a column beside one of another file that means the same, or by itself.
fn place(table: &Table, fields: &mut Vec<PlanField>, at: usize, kind: Kind) {
    let column = &table.columns[at];
    let apart = |other: &usize| {
        let sources = &table.columns[*other].sources;
        column
            .sources
            .iter()
            .all(|source| !sources.contains(source))
    };
    let exclusive = |other: &usize| {
        let other = &table.columns[*other];
        let rows = 0..table.rows();
        other.name.len() >= 4
            && rows
                .clone()
                .all(|row| other.code(row) == 0 || column.code(row) == 0)
    };
    let known = fields.iter_mut().find(|field| {
        field.kind == kind
            && match kind {
                Kind::Category | Kind::Text | Kind::Identifier => false,
                Kind::Address => field
                    .columns
                    .iter()
                    .all(|other| apart(other) || exclusive(other)),
                _ => field.columns.iter().all(apart),
            }
    });
    match known {
        Some(field) => field.columns.push(at),
        None => fields.push(PlanField {
            kind,
            name: column.name.clone(),
            columns: vec![at],
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(headers: &[&str], rows: &[&[&str]]) -> Plan {
        let mut table = Table::default();
        table.begin_file(headers).expect("few columns");
        for row in rows {
            table.push(row).expect("as long as the header");
        }
        Plan::new(&table, &BTreeMap::new())
    }

    #[test]
    fn leaves_out_what_names_rows_or_answers() {
        let rows: Vec<Vec<String>> = (0..40)
            .map(|n| {
                vec![
                    format!("r{n}"),
                    format!("c{}", n / 2),
                    format!("Ann{}", n % 7),
                ]
            })
            .collect();
        let rows: Vec<Vec<&str>> = rows
            .iter()
            .map(|row| row.iter().map(String::as_str).collect())
            .collect();
        let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
        let plan = plan(&["record_id", "cluster", "first_name"], &rows);
        assert_eq!(plan.names, [(2, Kind::GivenName)]);
        assert_eq!(plan.fields, []);
        assert_eq!(
            plan.warnings,
            [
                Warning::UniquePerRow("record_id".into()),
                Warning::LooksLikeTruth("cluster".into())
            ]
        );
    }
}
