//! A file as a stream of rows: unpacked on the way, one row in memory at a time.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result};

use super::cell::Complaint;
use super::mapping::{Format, Mapping};
use super::parquet;
use crate::output::BadInput;

/// Longest line of an NDJSON file; a longer one is refused, not read into memory.
const LINE_MAX_BYTES: u64 = 4 * 1024 * 1024;

/// One row: its line in the unpacked file (of Parquet its number), and its cells in the order of
/// the columns.
#[derive(Clone, Debug)]
pub struct Row {
    /// From 1.
    pub line: u64,
    /// Cells without blanks around them.
    pub cells: Vec<String>,
}

/// A row, or why there is none on this line.
pub type Reading = Result<Row, (u64, Complaint)>;

/// The rows of one file.
pub struct Rows {
    columns: Vec<String>,
    reader: Reader,
    bytes_read: Arc<AtomicU64>,
}

enum Reader {
    Csv {
        reader: csv::Reader<Box<dyn Read>>,
        record: csv::ByteRecord,
    },
    Ndjson {
        reader: BufReader<Box<dyn Read>>,
        line: u64,
    },
    Parquet(Box<parquet::Reader>),
}

impl Rows {
    /// Opens a file; `wanted` are the columns the mapping names.
    pub fn open(path: &Path, mapping: &Mapping, wanted: &[String]) -> Result<Self> {
        let file = File::open(path).with_context(|| format!("opening {}", path.display()))?;
        let bytes_read = Arc::new(AtomicU64::new(0));
        let counted = Counted {
            inner: file,
            bytes_read: bytes_read.clone(),
        };
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .to_lowercase();
        let (plain_name, unpacked) = unpack(&name, counted)?;
        let Some(format) = mapping.format.or(format_of(&plain_name)) else {
            return Err(BadInput(format!(
                "is {name} CSV, NDJSON or Parquet? Say `format: csv`, `ndjson` or `parquet`"
            ))
            .into());
        };
        let (columns, reader) = match format {
            Format::Parquet if plain_name != name => {
                return Err(BadInput(format!(
                    "a Parquet file is read from its end: unpack {name} first"
                ))
                .into());
            }
            Format::Parquet => {
                let reader =
                    parquet::Reader::open(path, File::open(path)?, wanted, bytes_read.clone())?;
                (reader.columns(), Reader::Parquet(Box::new(reader)))
            }
            Format::Csv => open_csv(unpacked, mapping, path)?,
            Format::Ndjson => {
                let reader = BufReader::with_capacity(256 * 1024, unpacked);
                (wanted.to_vec(), Reader::Ndjson { reader, line: 0 })
            }
        };
        Ok(Rows {
            columns,
            reader,
            bytes_read,
        })
    }

    /// Names of the cells.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Bytes of the packed file read so far, for a progress bar on another thread.
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read.load(Ordering::Relaxed)
    }

    /// The next row; nothing at the end. An error means that the file itself cannot be read on.
    pub fn next(&mut self) -> Result<Option<Reading>> {
        match &mut self.reader {
            Reader::Csv { reader, record } => next_csv(reader, record, &self.columns),
            Reader::Ndjson { reader, line } => next_ndjson(reader, line, &self.columns),
            Reader::Parquet(reader) => reader.next(),
        }
    }
}

/// The name without the packing's ending, and the unpacked bytes.
pub fn unpack(name: &str, file: impl Read + 'static) -> Result<(String, Box<dyn Read>)> {
    let plain = |ending: &str| name.strip_suffix(ending).map(str::to_owned);
    if let Some(plain) = plain(".gz") {
        return Ok((plain, Box::new(flate2::read::MultiGzDecoder::new(file))));
    }
    if let Some(plain) = plain(".xz") {
        return Ok((
            plain,
            Box::new(liblzma::read::XzDecoder::new_multi_decoder(file)),
        ));
    }
    if let Some(plain) = plain(".zst") {
        return Ok((plain, Box::new(zstd::stream::read::Decoder::new(file)?)));
    }
    Ok((name.to_owned(), Box::new(file)))
}

fn format_of(name: &str) -> Option<Format> {
    match name.rsplit('.').next() {
        Some("csv" | "tsv" | "txt") => Some(Format::Csv),
        Some("ndjson" | "jsonl") => Some(Format::Ndjson),
        Some("parquet") => Some(Format::Parquet),
        _ => None,
    }
}

fn open_csv(
    unpacked: Box<dyn Read>,
    mapping: &Mapping,
    path: &Path,
) -> Result<(Vec<String>, Reader)> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(u8::try_from(mapping.delimiter).context("the delimiter must be one byte")?)
        .has_headers(mapping.header.is_none())
        .flexible(true)
        .buffer_capacity(256 * 1024)
        .from_reader(unpacked);
    let columns = match &mapping.header {
        Some(names) => names.clone(),
        None => {
            let header = reader
                .headers()
                .with_context(|| format!("reading the header line of {}", path.display()))?;
            let clean = |name: &str| name.trim_start_matches('\u{feff}').trim().to_owned();
            header.iter().map(clean).collect()
        }
    };
    Ok((
        columns,
        Reader::Csv {
            reader,
            record: csv::ByteRecord::new(),
        },
    ))
}

fn next_csv(
    reader: &mut csv::Reader<Box<dyn Read>>,
    record: &mut csv::ByteRecord,
    columns: &[String],
) -> Result<Option<Reading>> {
    if !reader
        .read_byte_record(record)
        .context("reading the file")?
    {
        return Ok(None);
    }
    let line = record.position().map_or(0, csv::Position::line);
    if record.len() != columns.len() {
        let message = format!("{} fields, the header has {}", record.len(), columns.len());
        let fix = "check the quotes and delimiters of this line";
        return Ok(Some(Err((line, Complaint::new("", "", message, fix)))));
    }
    let mut cells = Vec::with_capacity(columns.len());
    for (field, column) in record.iter().zip(columns) {
        match std::str::from_utf8(field) {
            Ok(text) => cells.push(text.trim().to_owned()),
            Err(_) => {
                let value = String::from_utf8_lossy(field);
                let message = "the text is not UTF-8";
                let fix = "convert the file to UTF-8, for example with iconv";
                return Ok(Some(Err((
                    line,
                    Complaint::new(column, &value, message, fix),
                ))));
            }
        }
    }
    Ok(Some(Ok(Row { line, cells })))
}

fn next_ndjson(
    reader: &mut BufReader<Box<dyn Read>>,
    line: &mut u64,
    columns: &[String],
) -> Result<Option<Reading>> {
    loop {
        let mut bytes = Vec::new();
        let read = reader
            .by_ref()
            .take(LINE_MAX_BYTES)
            .read_until(b'\n', &mut bytes);
        if read.context("reading the file")? == 0 {
            return Ok(None);
        }
        *line += 1;
        if bytes.len() as u64 == LINE_MAX_BYTES && bytes.last() != Some(&b'\n') {
            reader.skip_until(b'\n').context("reading the file")?;
            let message = format!("longer than {LINE_MAX_BYTES} bytes");
            let complaint = Complaint::new("", "", message, "write one JSON object a line");
            return Ok(Some(Err((*line, complaint))));
        }
        let text = bytes.trim_ascii();
        if text.is_empty() {
            continue;
        }
        return Ok(Some(
            match serde_json::from_slice::<serde_json::Value>(text) {
                Ok(object) if object.is_object() => {
                    let cells = columns.iter().map(|path| cell_at(&object, path)).collect();
                    Ok(Row { line: *line, cells })
                }
                Ok(other) => {
                    let fix = "write one JSON object a line";
                    Err((
                        *line,
                        Complaint::new("", &other.to_string(), "not a JSON object", fix),
                    ))
                }
                Err(error) => {
                    let raw = String::from_utf8_lossy(text);
                    Err((
                        *line,
                        Complaint::new("", &raw, error.to_string(), "mend the JSON"),
                    ))
                }
            },
        ));
    }
}

/// The value at a dotted path as a cell; empty when it is missing or null.
fn cell_at(object: &serde_json::Value, path: &str) -> String {
    let whole = object.get(path);
    let found = whole.or_else(|| {
        path.split('.')
            .try_fold(object, |value, key| value.get(key))
    });
    match found {
        None | Some(serde_json::Value::Null) => String::new(),
        Some(serde_json::Value::String(text)) => text.trim().to_owned(),
        Some(serde_json::Value::Array(list)) => {
            let texts = list.iter().map(|value| match value {
                serde_json::Value::String(text) => text.clone(),
                other => other.to_string(),
            });
            texts.collect::<Vec<_>>().join("|")
        }
        Some(other) => other.to_string(),
    }
}

struct Counted {
    inner: File,
    bytes_read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.bytes_read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn read(name: &str, bytes: &[u8], wanted: &[&str]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let mapping: Mapping = serde_norway::from_str("{id: test}").unwrap();
        let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
        let mut rows = Rows::open(&path, &mapping, &wanted).unwrap();
        let mut lines = Vec::new();
        while let Some(reading) = rows.next().unwrap() {
            lines.push(match reading {
                Ok(row) => format!("{}: {}", row.line, row.cells.join("/")),
                Err((line, complaint)) => {
                    format!("{line}! {} {}", complaint.column, complaint.message)
                }
            });
        }
        lines
    }

    #[test]
    fn csv_rows_have_lines() {
        let text = b"\xef\xbb\xbfa,b\n1, 2 \n\"x\ny\",3\n4\n5,\xff\n6,7\n";
        let expect = [
            "2: 1/2",
            "3: x\ny/3",
            "5!  1 fields, the header has 2",
            "6! b the text is not UTF-8",
            "7: 6/7",
        ];
        assert_eq!(read("a.csv", text, &[]), expect);
    }

    #[test]
    fn ndjson_rows_follow_paths() {
        let text = b"{\"a\":{\"b\":1},\"c\":[\"x\",\"y\"]}\n\n{oops\n[1]\n{\"c\":null}\n";
        let lines = read("a.ndjson", text, &["a.b", "c"]);
        assert_eq!(lines[0], "1: 1/x|y");
        assert!(
            lines[1].starts_with("3!  key must be a string"),
            "{}",
            lines[1]
        );
        assert_eq!(&lines[2..], ["4!  not a JSON object", "5: /"]);
    }

    #[test]
    fn packed_files_are_unpacked() {
        let plain = b"a\n1\n";
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(plain).unwrap();
        assert_eq!(read("a.csv.gz", &gz.finish().unwrap(), &[]), ["2: 1"]);
        let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 1);
        xz.write_all(plain).unwrap();
        assert_eq!(read("a.csv.xz", &xz.finish().unwrap(), &[]), ["2: 1"]);
        let zst = zstd::encode_all(&plain[..], 1).unwrap();
        assert_eq!(read("a.csv.zst", &zst, &[]), ["2: 1"]);
    }
}
