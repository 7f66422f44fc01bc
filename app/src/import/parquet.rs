//! Rows of a Parquet file: the columns that the mapping names, one row in memory at a time.
//!
//! Each value becomes the text that a CSV file would hold, so that one mapping fits both.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result};
use kith_base::Timestamp;
use parquet::basic::{ConvertedType, LogicalType, TimeUnit};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row as Record};
use parquet::schema::types::Type;

use super::cell::Complaint;
use super::rows::{Reading, Row};
use crate::output::BadInput;

/// A file under way.
pub struct Reader {
    records: RowIter<'static>,
    columns: Vec<(String, Holds)>,
    row: u64,
    rows: u64,
    /// Columns lie apart, so that only the rows tell how far the file is read.
    bytes: u64,
    bytes_read: Arc<AtomicU64>,
}

/// What the type of a column leaves open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    /// Nothing.
    Values,
    /// The time on a clock on the wall, in a zone that the mapping names.
    LocalTime,
    /// Whole nanoseconds since 1970; true when in UTC.
    Nanoseconds(bool),
}

impl Reader {
    /// Opens a file; `wanted` are the columns the mapping names.
    pub fn open(
        path: &Path,
        file: File,
        wanted: &[String],
        bytes_read: Arc<AtomicU64>,
    ) -> Result<Self> {
        let name = path.display();
        let bytes = file.metadata()?.len();
        let reader = SerializedFileReader::new(file)
            .map_err(|error| BadInput(format!("{name} is not a whole Parquet file: {error}")))?;
        let metadata = reader.metadata().file_metadata();
        let rows = u64::try_from(metadata.num_rows()).unwrap_or_default();
        let schema = metadata.schema();
        let columns = columns(schema, wanted)
            .map_err(|errors| BadInput(format!("{name}:\n  {}", errors.join("\n  "))))?;
        let has = |field: &&Arc<Type>| columns.iter().any(|(name, _)| name == field.name());
        let fields = schema.get_fields().iter().filter(has).cloned().collect();
        let projection = Type::group_type_builder(schema.name())
            .with_fields(fields)
            .build()?;
        let records = RowIter::from_file_into(Box::new(reader))
            .project(Some(projection))
            .with_context(|| format!("reading the columns of {name}"))?;
        Ok(Reader {
            records,
            columns,
            row: 0,
            rows,
            bytes,
            bytes_read,
        })
    }

    /// Names of the cells.
    pub fn columns(&self) -> Vec<String> {
        self.columns.iter().map(|(name, _)| name.clone()).collect()
    }

    /// The next row, whose line is its number from 1. After a page that cannot be read, nothing
    /// tells where the next row begins: that is an error of the file.
    pub fn next(&mut self) -> Result<Option<Reading>> {
        let Some(record) = self.records.next() else {
            return Ok(None);
        };
        self.row += 1;
        let record =
            record.with_context(|| format!("row {} of the Parquet file is damaged", self.row))?;
        let done = u128::from(self.bytes) * u128::from(self.row) / u128::from(self.rows.max(1));
        self.bytes_read
            .store(u64::try_from(done).unwrap_or(self.bytes), Ordering::Relaxed);
        Ok(Some(self.row(record)))
    }

    fn row(&self, record: Record) -> Reading {
        let mut cells = Vec::with_capacity(self.columns.len());
        for ((name, field), (_, holds)) in record.into_columns().into_iter().zip(&self.columns) {
            let cell = cell(&field, *holds).map_err(|value| {
                let message = "the bytes are not UTF-8 text";
                let complaint = Complaint::new(&name, &value, message, "write the column as text");
                (self.row, complaint)
            })?;
            cells.push(cell);
        }
        let line = self.row;
        Ok(Row { line, cells })
    }
}

/// The wanted columns in the file's order; every one that cannot be read, with the reason.
fn columns(schema: &Type, wanted: &[String]) -> Result<Vec<(String, Holds)>, Vec<String>> {
    let fields = schema.get_fields();
    let mut errors = Vec::new();
    for name in wanted {
        let outer = name.split('.').next().unwrap_or(name);
        let find = |name: &str| fields.iter().find(|field| field.name() == name);
        match find(name).or_else(|| find(outer)) {
            Some(field) if !is_plain(field) => errors.push(format!(
                "column {outer:?} holds lists or objects: write each value that the mapping \
                 needs into a column of its own"
            )),
            Some(field) if field.name() == name => {}
            _ => {
                let known: Vec<&str> = fields.iter().map(|field| field.name()).collect();
                let known = known.join(", ");
                errors.push(format!("the file has no column {name:?}; it has {known}"));
            }
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let named = fields
        .iter()
        .filter(|field| wanted.iter().any(|name| name == field.name()));
    Ok(named
        .map(|field| (field.name().to_owned(), holds(field)))
        .collect())
}

/// One value a row, of a type that has a form as text.
fn is_plain(field: &Type) -> bool {
    let info = field.get_basic_info();
    let repeated =
        info.has_repetition() && info.repetition() == parquet::basic::Repetition::REPEATED;
    field.is_primitive() && !repeated && info.converted_type() != ConvertedType::INTERVAL
}

fn holds(field: &Type) -> Holds {
    match field.get_basic_info().logical_type_ref() {
        Some(LogicalType::Timestamp(timestamp)) => match timestamp.unit {
            TimeUnit::NANOS => Holds::Nanoseconds(timestamp.is_adjusted_to_u_t_c),
            _ if timestamp.is_adjusted_to_u_t_c => Holds::Values,
            _ => Holds::LocalTime,
        },
        _ => Holds::Values,
    }
}

/// A value as a CSV file would hold it, empty for null; in the error the bytes that are no text.
fn cell(field: &Field, holds: Holds) -> Result<String, String> {
    let time = |millis: i64| {
        let text = Timestamp::from_millis(millis).to_string();
        match holds {
            Holds::LocalTime | Holds::Nanoseconds(false) => text.trim_end_matches('Z').to_owned(),
            _ => text,
        }
    };
    Ok(match field {
        Field::Null => String::new(),
        Field::Str(text) => text.trim().to_owned(),
        Field::Bytes(bytes) => match std::str::from_utf8(bytes.data()) {
            Ok(text) => text.trim().to_owned(),
            Err(_) => return Err(String::from_utf8_lossy(bytes.data()).into_owned()),
        },
        Field::Float(number) => number.to_string(),
        Field::Double(number) => number.to_string(),
        Field::Long(count) if matches!(holds, Holds::Nanoseconds(_)) => {
            time(count.div_euclid(1_000_000))
        }
        Field::TimestampMillis(millis) => time(*millis),
        Field::TimestampMicros(micros) => time(micros.div_euclid(1_000)),
        Field::Date(day) => {
            let midnight = Timestamp::from_millis(i64::from(*day) * 86_400_000).to_string();
            midnight.trim_end_matches("T00:00:00.000Z").to_owned()
        }
        other => other.to_string(),
    })
}

#[cfg(test)]
mod tests;
