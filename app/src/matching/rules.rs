//! `RULES.yaml` of `kith match`: what the guesses get wrong, and how careful to be.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use kith_matching::{Kind, Settings, Table};
use serde::Deserialize;

use crate::output::BadInput;

/// The file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// What columns hold, by name.
    #[serde(default)]
    columns: BTreeMap<String, Kind>,
    /// Columns that are not compared.
    #[serde(default)]
    exclude: Vec<String>,
    /// Columns of which two different values mean two persons.
    #[serde(default)]
    vetoes: Vec<String>,
    /// The probability above which records are one.
    threshold: Option<f32>,
    /// Only pairs of different files.
    #[serde(default)]
    only_across_files: bool,
}

impl Rules {
    /// Reads the file.
    pub fn read(path: &Path) -> Result<Self> {
        let name = path.display();
        let text = std::fs::read_to_string(path).with_context(|| format!("reading {name}"))?;
        let rules: Rules =
            serde_norway::from_str(&text).map_err(|error| BadInput(format!("{name}: {error}")))?;
        if let Some(threshold) = rules.threshold
            && !(threshold > 0.0 && threshold < 1.0)
        {
            let message = format!(
                "{name}: threshold is {threshold}: write a probability between 0 and 1, such as 0.9"
            );
            return Err(BadInput(message).into());
        }
        Ok(rules)
    }

    /// As settings; every column must be one of the table's.
    pub fn settings(&self, table: &Table) -> Result<Settings> {
        let mut settings = Settings {
            only_across: self.only_across_files,
            threshold: self.threshold.unwrap_or(0.5),
            ..Settings::default()
        };
        for (column, kind) in &self.columns {
            settings
                .kinds
                .insert(known("columns", column, table)?, *kind);
        }
        for column in &self.exclude {
            settings
                .kinds
                .insert(known("exclude", column, table)?, Kind::Ignored);
        }
        for column in &self.vetoes {
            settings.vetoes.push(known("vetoes", column, table)?);
        }
        Ok(settings)
    }
}

fn known(field: &str, column: &str, table: &Table) -> Result<String> {
    let found = table
        .column_names()
        .find(|name| name.eq_ignore_ascii_case(column));
    found.map(str::to_owned).ok_or_else(|| {
        let names: Vec<&str> = table.column_names().collect();
        let message = format!(
            "{field}: there is no column {column:?}; the files have {}",
            names.join(", ")
        );
        BadInput(message).into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let mut table = Table::default();
        table.begin_file(&["name", "ref"]).unwrap();
        let said = Rules::read(file.path())
            .and_then(|rules| rules.settings(&table))
            .map_or_else(
                |error| error.to_string(),
                |settings| format!("{:?}", settings.kinds),
            );
        assert!(said.contains(expect), "{text}: {said}");
    }

    #[test]
    fn says_what_is_wrong() {
        check("columns: {REF: identifier}", r#"{"ref": Identifier}"#);
        check("exclude: [ref]", r#"{"ref": Ignored}"#);
        check(
            "columns: {refno: identifier}",
            "there is no column \"refno\"; the files have name, ref",
        );
        check("columns: {ref: numbers}", "unknown variant `numbers`");
        check(
            "threshold: 95",
            "threshold is 95: write a probability between 0 and 1",
        );
        check("treshold: 0.5", "unknown field `treshold`");
    }
}
