//! Files of records as they come: CSV with any common separator and encoding, NDJSON, Parquet.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::Path;

use anyhow::{Context, Result};
use kith_matching::Table;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::Value;

use crate::import::unpack;
use crate::output::BadInput;

/// Reads a file into the table.
pub fn read(path: &Path, table: &mut Table) -> Result<()> {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    if name.ends_with(".parquet") {
        return read_parquet(path, table);
    }
    let file = File::open(path).with_context(|| format!("opening {}", path.display()))?;
    let (name, mut unpacked) = unpack(&name, BufReader::new(file))?;
    let mut bytes = Vec::new();
    let read = unpacked.read_to_end(&mut bytes);
    read.map_err(|error| bad(path, &error.into()))?;
    let text = decode(&bytes);
    let nested = [".ndjson", ".jsonl", ".json"]
        .iter()
        .any(|ending| name.ends_with(ending));
    let read = if nested {
        read_ndjson(&text, table)
    } else {
        read_csv(&text, table)
    };
    read.map_err(|error| bad(path, &error))
}

fn bad(path: &Path, error: &anyhow::Error) -> anyhow::Error {
    BadInput(format!("{}: {error:#}", path.display())).into()
}

/// Text of bytes in UTF-8, UTF-16 or, when they are neither, Windows-1252.
fn decode(bytes: &[u8]) -> Cow<'_, str> {
    let utf16 = |bytes: &[u8], of: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes
            .chunks_exact(2)
            .map(|pair| of([pair[0], pair[1]]))
            .collect();
        Cow::Owned(String::from_utf16_lossy(&units))
    };
    let zeros = |from: usize| {
        bytes
            .iter()
            .take(200)
            .skip(from)
            .step_by(2)
            .filter(|byte| **byte == 0)
            .count()
    };
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ if zeros(1) > 20 => utf16(bytes, u16::from_le_bytes),
        _ if zeros(0) > 20 => utf16(bytes, u16::from_be_bytes),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => Cow::Owned(bytes.iter().map(|byte| windows_1252(*byte)).collect()),
        },
    }
}

/// Latin-1 with the signs that Windows puts where it has control characters.
fn windows_1252(byte: u8) -> char {
    const SIGNS: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9F => SIGNS[usize::from(byte - 0x80)],
        other => char::from(other),
    }
}

fn read_csv(text: &str, table: &mut Table) -> Result<()> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator(text))
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let headers = reader.headers()?.clone();
    if headers.iter().all(str::is_empty) {
        return Err(
            BadInput("the file is empty: its first line must name the columns".into()).into(),
        );
    }
    table.begin_file(&headers.iter().collect::<Vec<&str>>())?;
    let mut record = csv::StringRecord::new();
    let mut values: Vec<&str> = Vec::new();
    while reader.read_record(&mut record)? {
        values.clear();
        values.extend(record.iter());
        // Separators at the end of a line add no value.
        while values.len() > headers.len() && values.last().is_some_and(|value| value.is_empty()) {
            values.pop();
        }
        let line = record.position().map_or(0, csv::Position::line);
        table
            .push(&values)
            .with_context(|| format!("line {line}"))?;
        values = Vec::new();
    }
    Ok(())
}

/// The separator that the header has most of.
fn separator(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or_default();
    let count = |separator: &&u8| header.bytes().filter(|byte| byte == *separator).count();
    let most = b",;\t|".iter().rev().max_by_key(count);
    most.copied().unwrap_or(b',')
}

/// One object a line. Objects inside become columns `outer.inner`; objects in a list, columns of
/// their own names, and of lists of plain values the first counts.
fn read_ndjson(text: &str, table: &mut Table) -> Result<()> {
    let mut rows: Vec<Vec<(String, String)>> = Vec::new();
    let mut headers: Vec<String> = Vec::new();
    for (at, line) in text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
    {
        let value: Value =
            serde_json::from_str(line).with_context(|| format!("line {}", at + 1))?;
        let mut row = Vec::new();
        flatten("", &value, &mut row);
        for (name, _) in &row {
            if !headers.contains(name) {
                headers.push(name.clone());
            }
        }
        rows.push(row);
    }
    table.begin_file(&headers.iter().map(String::as_str).collect::<Vec<&str>>())?;
    for row in rows {
        let find = |header: &String| {
            row.iter()
                .find(|(name, _)| name == header)
                .map_or("", |(_, value)| value)
        };
        table.push(&headers.iter().map(find).collect::<Vec<&str>>())?;
    }
    Ok(())
}

fn flatten(name: &str, value: &Value, row: &mut Vec<(String, String)>) {
    let mut add = |text: String| {
        if !name.is_empty() && !row.iter().any(|(known, _)| known == name) {
            row.push((name.to_owned(), text));
        }
    };
    match value {
        Value::Null => {}
        Value::String(text) => add(text.clone()),
        Value::Bool(_) | Value::Number(_) => add(value.to_string()),
        Value::Object(members) => {
            for (member, value) in members {
                let inner = if name.is_empty() {
                    member.clone()
                } else {
                    format!("{name}.{member}")
                };
                flatten(&inner, value, row);
            }
        }
        Value::Array(items) => {
            for item in items {
                let outer = if item.is_object() { "" } else { name };
                flatten(outer, item, row);
            }
        }
    }
}

fn read_parquet(path: &Path, table: &mut Table) -> Result<()> {
    let file = File::open(path).with_context(|| format!("opening {}", path.display()))?;
    let reader = SerializedFileReader::new(file).map_err(|error| {
        BadInput(format!(
            "{} is not a whole Parquet file: {error}",
            path.display()
        ))
    })?;
    let schema = reader.metadata().file_metadata().schema().clone();
    let headers: Vec<&str> = schema
        .get_fields()
        .iter()
        .map(|field| field.name())
        .collect();
    table
        .begin_file(&headers)
        .map_err(|error| bad(path, &error.into()))?;
    for (at, row) in reader.get_row_iter(None)?.enumerate() {
        let row =
            row.with_context(|| format!("row {} of {} is damaged", at + 1, path.display()))?;
        let cells: Vec<String> = row
            .get_column_iter()
            .map(|(_, field)| cell(field))
            .collect();
        table.push(&cells.iter().map(String::as_str).collect::<Vec<&str>>())?;
    }
    Ok(())
}

fn cell(field: &Field) -> String {
    match field {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::Bytes(bytes) => String::from_utf8_lossy(bytes.data()).into_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, bytes: &[u8], expect: &[&str]) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let mut table = Table::default();
        read(&path, &mut table).unwrap();
        let values: Vec<&str> = (0..expect.len())
            .map(|column| table.value(0, column))
            .collect();
        assert_eq!(values, expect, "{name}");
    }

    #[test]
    fn reads_text_in_every_common_form() {
        let text = "name;city\nJürgen Müller;Köln\n";
        check("utf-8.csv", text.as_bytes(), &["Jürgen Müller", "Köln"]);
        check(
            "mark.csv",
            &[b"\xEF\xBB\xBF", text.as_bytes()].concat(),
            &["Jürgen Müller", "Köln"],
        );
        let latin: Vec<u8> = text.chars().map(|symbol| symbol as u8).collect();
        check("latin.csv", &latin, &["Jürgen Müller", "Köln"]);
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        check(
            "utf-16.csv",
            &[b"\xFF\xFE", little.as_slice()].concat(),
            &["Jürgen Müller", "Köln"],
        );
        let long = text.repeat(8);
        let bare: Vec<u8> = long.encode_utf16().flat_map(u16::to_le_bytes).collect();
        check("bare.csv", &bare, &["Jürgen Müller", "Köln"]);
        check("tabs.tsv", b"a\tb\n1\t2,5\n", &["1", "2,5"]);
        check("short.csv", b"a,b,c\n1\n", &["1", "", ""]);
    }

    #[test]
    fn reads_nested_objects() {
        let line = br#"{"id": 7, "FEATURES": [{"NAME": "Ann"}, {"EMAIL": "a@b.c"}],
            "home": {"city": "Bonn"}}"#;
        let line: Vec<u8> = line.iter().copied().filter(|byte| *byte != b'\n').collect();
        // Members come in alphabetical order.
        check("a.jsonl", &line, &["Ann", "a@b.c", "Bonn", "7"]);
    }

    #[test]
    fn names_the_line_that_is_too_long() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, "a,b\n1,2\n1,2,3\n").unwrap();
        let error = read(&path, &mut Table::default()).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("line 3: row 2 has 3 values and the header 2"),
            "{error}"
        );
    }
}
