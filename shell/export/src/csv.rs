//! CSV as in RFC 4180, with formulas disarmed.

use std::io::Write;

use csv::{QuoteStyle, Terminator, Writer, WriterBuilder};

use crate::cells::{cell, guarded};
use crate::columns::Column;
use crate::people::{People, Person};
use crate::write::Error;

/// A CSV file under way.
pub(crate) struct Csv<'a> {
    writer: Writer<&'a mut (dyn Write + Send)>,
    columns: Vec<Column>,
}

/// A writer whose lines end as the standard says.
pub(crate) fn writer(out: &mut (dyn Write + Send)) -> Writer<&mut (dyn Write + Send)> {
    WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .quote_style(QuoteStyle::Necessary)
        .from_writer(out)
}

impl<'a> Csv<'a> {
    pub(crate) fn new(
        out: &'a mut (dyn Write + Send),
        columns: Vec<Column>,
    ) -> Result<Self, Error> {
        let mut writer = writer(out);
        writer.write_record(columns.iter().map(|column| guarded(column.name.clone())))?;
        Ok(Csv { writer, columns })
    }

    pub(crate) fn add(&mut self, people: &People<'_>, person: &Person) -> Result<(), Error> {
        let cells = self
            .columns
            .iter()
            .map(|column| cell(&column.value(people, person)));
        self.writer.write_record(cells)?;
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<(), Error> {
        self.writer.flush()?;
        Ok(())
    }
}
