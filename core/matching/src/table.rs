//! Records as they came: columns of raw texts, from one file or several.

use kith_base::limits;

use crate::dictionary::Dictionary;

/// Rows of one or several files under the union of their columns.
#[derive(Clone, Debug, Default)]
pub struct Table {
    pub(crate) columns: Vec<Column>,
    /// Which file each row is from.
    pub(crate) source: Vec<u16>,
    sources: u16,
    /// For the file being read: the column of each of its headers.
    current: Vec<usize>,
}

/// One column.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub name: String,
    pub texts: Dictionary,
    /// The code of each row's value.
    pub codes: Vec<u32>,
    /// The files that have this column.
    pub sources: Vec<u16>,
}

/// Why a file's columns cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Too many columns.
    #[error("the file has {found} columns, and {most} are the most that are read; leave some out")]
    Columns {
        /// In the file.
        found: usize,
        /// Allowed.
        most: usize,
    },
    /// Too many files.
    #[error("there are more than {0} files; put some of them together")]
    Files(usize),
    /// A row is longer than the header.
    #[error(
        "row {row} has {found} values and the header {headers}; quote values that hold separators"
    )]
    Row {
        /// Counted from 1, without the header.
        row: usize,
        /// In the row.
        found: usize,
        /// In the header.
        headers: usize,
    },
}

impl Table {
    /// Begins a file with these headers. Equal headers of several files are one column.
    pub fn begin_file(&mut self, headers: &[&str]) -> Result<(), Error> {
        let most = limits::MATCH_COLUMNS_MAX;
        if headers.len() > most {
            return Err(Error::Columns {
                found: headers.len(),
                most,
            });
        }
        if usize::from(self.sources) >= limits::MATCH_FILES_MAX {
            return Err(Error::Files(limits::MATCH_FILES_MAX));
        }
        self.sources += 1;
        self.current.clear();
        for header in headers {
            let at = self.column(header.trim());
            self.current.push(at);
        }
        Ok(())
    }

    /// One row of the file begun last; missing values at its end are missing.
    pub fn push(&mut self, values: &[&str]) -> Result<(), Error> {
        if values.len() > self.current.len() {
            return Err(Error::Row {
                row: self.source.len() + 1,
                found: values.len(),
                headers: self.current.len(),
            });
        }
        let row = self.source.len();
        for (value, column) in values.iter().zip(&self.current) {
            let column = &mut self.columns[*column];
            let code = column.texts.add(value);
            column.codes.resize(row, 0);
            column.codes.push(code);
        }
        self.source.push(self.sources - 1);
        Ok(())
    }

    /// Rows so far.
    pub fn rows(&self) -> usize {
        self.source.len()
    }

    /// Files so far.
    pub fn files(&self) -> usize {
        usize::from(self.sources)
    }

    /// The names of all columns.
    pub fn column_names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// A value as it came; empty when missing.
    pub fn value(&self, row: usize, column: usize) -> &str {
        let column = &self.columns[column];
        column
            .texts
            .text(column.codes.get(row).copied().unwrap_or_default())
    }

    fn column(&mut self, header: &str) -> usize {
        let source = self.sources - 1;
        let known = self.columns.iter().position(|column| {
            column.name.eq_ignore_ascii_case(header) && !column.sources.contains(&source)
        });
        let at = known.unwrap_or_else(|| {
            self.columns.push(Column {
                name: header.to_owned(),
                texts: Dictionary::default(),
                codes: Vec::new(),
                sources: Vec::new(),
            });
            self.columns.len() - 1
        });
        self.columns[at].sources.push(source);
        at
    }
}

impl Column {
    /// The code of a row's value.
    pub fn code(&self, row: usize) -> u32 {
        self.codes.get(row).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_its_limits() {
        let names: Vec<String> = (0..=limits::MATCH_COLUMNS_MAX)
            .map(|n| format!("c{n}"))
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let most = limits::MATCH_COLUMNS_MAX;
        assert_eq!(Table::default().begin_file(&names[..most]), Ok(()));
        let error = Error::Columns {
            found: most + 1,
            most,
        };
        assert_eq!(Table::default().begin_file(&names), Err(error));
        let mut table = Table::default();
        for _ in 0..limits::MATCH_FILES_MAX {
            assert_eq!(table.begin_file(&["a"]), Ok(()));
        }
        let error = Error::Files(limits::MATCH_FILES_MAX);
        assert_eq!(table.begin_file(&["a"]), Err(error));
    }

    #[test]
    fn puts_equal_headers_of_files_together() {
        let mut table = Table::default();
        table.begin_file(&["name", "city"]).unwrap();
        table.push(&["Ann", "Bonn"]).unwrap();
        table.begin_file(&["Name", "street"]).unwrap();
        table.push(&["Bob"]).unwrap();
        assert_eq!(
            table.column_names().collect::<Vec<_>>(),
            ["name", "city", "street"]
        );
        assert_eq!(
            [table.value(0, 0), table.value(1, 0), table.value(1, 1)],
            ["Ann", "Bob", ""]
        );
        let error = Error::Row {
            row: 3,
            found: 3,
            headers: 2,
        };
        assert_eq!(table.push(&["a", "b", "c"]), Err(error));
    }
}
