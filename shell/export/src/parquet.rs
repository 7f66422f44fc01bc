//! Parquet: typed columns, in groups of rows that fit memory.

use std::io::{BufWriter, Write};
use std::sync::Arc;

use kith_base::Value;
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type, TypePtr};

use crate::cells::text;
use crate::columns::{Column, Holds};
use crate::people::{People, Person};
use crate::write::Error;

/// Rows gathered before they are written: some megabytes with a few dozen columns.
const GROUP_ROWS: usize = 10_000;

/// A Parquet file under way.
pub(crate) struct Parquet<'a> {
    writer: SerializedFileWriter<BufWriter<&'a mut (dyn Write + Send)>>,
    columns: Vec<Column>,
    /// Values of the group under way, by column.
    group: Vec<Vec<Value>>,
}

impl<'a> Parquet<'a> {
    pub(crate) fn new(
        out: &'a mut (dyn Write + Send),
        columns: Vec<Column>,
    ) -> Result<Self, Error> {
        let fields: Result<Vec<TypePtr>, _> = columns.iter().map(field).collect();
        let schema = Type::group_type_builder("persons")
            .with_fields(fields?)
            .build()?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(concat!("Kith ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let writer =
            SerializedFileWriter::new(BufWriter::new(out), Arc::new(schema), Arc::new(properties))?;
        Ok(Parquet {
            writer,
            group: vec![Vec::new(); columns.len()],
            columns,
        })
    }

    pub(crate) fn add(&mut self, people: &People<'_>, person: &Person) -> Result<(), Error> {
        for (column, values) in self.columns.iter().zip(&mut self.group) {
            values.push(column.value(people, person));
        }
        match self.group[0].len() {
            GROUP_ROWS => self.write_group(),
            _ => Ok(()),
        }
    }

    fn write_group(&mut self) -> Result<(), Error> {
        let mut group = self.writer.next_row_group()?;
        for (column, values) in self.columns.iter().zip(&mut self.group) {
            let values = std::mem::take(values);
            if let Some(mut writer) = group.next_column()? {
                write_column(&mut writer, column.holds, values)?;
                writer.close()?;
            }
        }
        group.close()?;
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<(), Error> {
        if !self.group[0].is_empty() {
            self.write_group()?;
        }
        self.writer.finish()?;
        self.writer.inner_mut().flush()?;
        Ok(())
    }
}

fn field(column: &Column) -> Result<TypePtr, Error> {
    let (physical, logical) = match column.holds {
        Holds::Flag => (Physical::BOOLEAN, None),
        Holds::Whole => (Physical::INT64, None),
        Holds::Number => (Physical::DOUBLE, None),
        Holds::Time => {
            let unit = TimeUnit::MILLIS;
            (Physical::INT64, Some(LogicalType::timestamp(true, unit)))
        }
        Holds::Text | Holds::Nothing => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
    };
    let field = Type::primitive_type_builder(&column.name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical);
    Ok(Arc::new(field.build()?))
}

fn write_column(
    writer: &mut SerializedColumnWriter<'_>,
    holds: Holds,
    values: Vec<Value>,
) -> Result<(), Error> {
    let present: Vec<i16> = values
        .iter()
        .map(|value| i16::from(!value.is_null()))
        .collect();
    let present = Some(&present[..]);
    let values = values.into_iter().filter(|value| !value.is_null());
    match holds {
        Holds::Flag => {
            let flags: Vec<bool> = values.map(|value| value == Value::Bool(true)).collect();
            writer
                .typed::<BoolType>()
                .write_batch(&flags, present, None)?;
        }
        Holds::Whole | Holds::Time => {
            let whole = |value| match value {
                Value::Int(int) => int,
                Value::Time(time) => time.as_millis(),
                _ => 0,
            };
            let numbers: Vec<i64> = values.map(whole).collect();
            writer
                .typed::<Int64Type>()
                .write_batch(&numbers, present, None)?;
        }
        Holds::Number => {
            let numbers: Vec<f64> = values
                .map(|value| value.as_number().unwrap_or_default())
                .collect();
            writer
                .typed::<DoubleType>()
                .write_batch(&numbers, present, None)?;
        }
        Holds::Text | Holds::Nothing => {
            let texts: Vec<ByteArray> = values
                .map(|value| ByteArray::from(text(&value).into_bytes()))
                .collect();
            writer
                .typed::<ByteArrayType>()
                .write_batch(&texts, present, None)?;
        }
    }
    Ok(())
}
