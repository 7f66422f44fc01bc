//! Files of interactions, plain or packed.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context, Result};
use kith_learn::interactions::{Builder, Interactions};
use kith_learn::read::{self, Table, Wanted};
use serde_json::{Map, Value};

use crate::import::unpack;
use crate::output::BadInput;

/// Largest file after unpacking.
const FILE_MAX_BYTES: u64 = 8 * 1024 * 1024 * 1024;

/// What a file holds.
pub struct Read {
    /// Events of all users.
    pub all: Interactions,
    /// Whether it tells orders.
    pub baskets: bool,
    /// Rows that do not count, by reason.
    pub left_out: Map<String, Value>,
}

/// The text of a file; bytes that are no UTF-8 are replaced.
pub fn text(path: &Path) -> Result<String> {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    let file = std::fs::File::open(path)
        .map_err(|error| BadInput(format!("opening {}: {error}", path.display())))?;
    let (_, unpacked) = unpack(&name, std::io::BufReader::new(file))?;
    let mut bytes = Vec::new();
    let read = unpacked.take(FILE_MAX_BYTES).read_to_end(&mut bytes);
    read.map_err(|error| BadInput(format!("{}: {error}", path.display())))?;
    Ok(String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// A table of a file.
pub fn table(path: &Path, wanted: &Wanted<'_>) -> Result<Table> {
    read::table(&text(path)?, wanted).map_err(|error| bad(path, &error))
}

/// What is wrong with a file.
pub fn bad(path: &Path, error: &kith_learn::Error) -> anyhow::Error {
    BadInput(format!("{}: {error}", path.display())).into()
}

/// Rows of a table as one set.
pub fn add(table: &Table, set: u8, to: &mut Builder) -> Result<(), kith_learn::Error> {
    for (place, row) in table.rows.iter().enumerate() {
        // Without times the order of the file stands for them.
        to.push(set, &row.user, &row.item, row.at.unwrap_or(place as i64))?;
    }
    Ok(())
}

/// Lines or a table of one file.
pub fn read(path: &Path, rating_min: Option<f64>) -> Result<Read> {
    let mut builder = Builder::default();
    let (baskets, left_out) = gather(path, 0, rating_min, &mut builder)?;
    let mut sets = builder.finish(1).sets;
    let all = sets.pop().context("one set was asked for")?;
    Ok(Read {
        all,
        baskets,
        left_out,
    })
}

/// Several files over the same users and items.
pub fn sets(paths: &[&std::path::PathBuf], rating_min: Option<f64>) -> Result<Vec<Interactions>> {
    let mut builder = Builder::default();
    for (set, path) in paths.iter().enumerate() {
        gather(path, set as u8, rating_min, &mut builder)?;
    }
    Ok(builder.finish(paths.len() as u8).sets)
}

fn gather(
    path: &Path,
    set: u8,
    rating_min: Option<f64>,
    builder: &mut Builder,
) -> Result<(bool, Map<String, Value>)> {
    let text = text(path)?;
    if text.trim().is_empty() {
        return Err(BadInput(format!("{}: the file is empty", path.display())).into());
    }
    if !read::is_table(&text) {
        read::lines(&text, set, builder).map_err(|error| bad(path, &error))?;
        return Ok((false, Map::new()));
    }
    let wanted = Wanted {
        rating_min,
        ..Wanted::default()
    };
    let table = read::table(&text, &wanted).map_err(|error| bad(path, &error))?;
    add(&table, set, builder).map_err(|error| bad(path, &error))?;
    let left_out = table.left_out.iter();
    let left_out = left_out.map(|(reason, count)| ((*reason).to_owned(), Value::from(*count)));
    Ok((table.baskets, left_out.collect()))
}
