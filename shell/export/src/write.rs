//! One export, from the first person to the last.

use std::collections::BTreeMap;
use std::io::{self, Write};

use kith_base::Timestamp;
use kith_engine::state;
use kith_runtime::View;

use crate::Platform;
use crate::ads::{Gate, List};
use crate::columns;
use crate::csv::Csv;
use crate::ndjson::Ndjson;
use crate::parquet::Parquet;
use crate::people::People;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// RFC 4180.
    Csv,
    /// One JSON object a line.
    Ndjson,
    /// Apache Parquet.
    Parquet,
    /// Hashed contacts.
    Ads(Platform),
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 6] = [
        Format::Csv,
        Format::Ndjson,
        Format::Parquet,
        Format::Ads(Platform::Google),
        Format::Ads(Platform::Meta),
        Format::Ads(Platform::TikTok),
    ];

    /// The name in commands and addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Ndjson => "ndjson",
            Format::Parquet => "parquet",
            Format::Ads(platform) => platform.as_str(),
        }
    }

    /// Reads the name.
    pub fn parse(text: &str) -> Option<Self> {
        Format::ALL
            .into_iter()
            .find(|format| format.as_str() == text)
    }

    /// What a file of this format is called after its dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Format::Csv | Format::Ads(_) => "csv",
            Format::Ndjson => "ndjson",
            Format::Parquet => "parquet",
        }
    }

    /// The media type.
    pub const fn content_type(self) -> &'static str {
        match self {
            Format::Csv | Format::Ads(_) => "text/csv; charset=utf-8",
            Format::Ndjson => "application/x-ndjson",
            Format::Parquet => "application/vnd.apache.parquet",
        }
    }
}

/// Which columns are wanted; of lists for ad platforms, none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Namespaces; `None` for all.
    pub identifiers: Option<Vec<String>>,
    /// Traits, computed ones too; `None` for all.
    pub traits: Option<Vec<String>>,
    /// Ids of features, built in or defined.
    pub features: Vec<String>,
}

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Id of an audience; empty for everybody.
    pub audience: String,
    /// How.
    pub format: Format,
    /// Which columns.
    pub selection: Selection,
    /// For ad platforms: the category a person must have said yes to.
    pub consent: String,
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows.
    pub rows: u64,
    /// Persons left out, by reason.
    pub withheld: BTreeMap<String, u64>,
}

/// Why an export ended early.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The state could not be read.
    #[error(transparent)]
    State(#[from] state::Error),
    /// The file could not be written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The file could not be put into its format.
    #[error(transparent)]
    Parquet(#[from] parquet::errors::ParquetError),
    /// The file could not be put into its format.
    #[error(transparent)]
    Csv(#[from] csv::Error),
}

enum Sink<'a> {
    Csv(Csv<'a>),
    Ndjson(Ndjson<'a>),
    Parquet(Parquet<'a>),
    Ads(List<'a>),
}

/// Writes an export. `progress` hears how many persons were looked at, and of how many; `counts`
/// is right even when it ends early.
pub fn write(
    view: &View,
    request: &Request,
    now: Timestamp,
    out: &mut (dyn Write + Send),
    counts: &mut Counts,
    mut progress: impl FnMut(u64, u64),
) -> Result<(), Error> {
    let people = People::new(view, &request.audience, now)?;
    let columns = || columns::find(&people, &request.selection);
    let mut sink = match request.format {
        Format::Csv => Sink::Csv(Csv::new(out, columns()?)?),
        Format::Ndjson => Sink::Ndjson(Ndjson::new(out, columns()?)),
        Format::Parquet => Sink::Parquet(Parquet::new(out, columns()?)?),
        Format::Ads(platform) => Sink::Ads(List::new(out, gate(platform, request))?),
    };
    let mut done = 0;
    people.each(|person| {
        match &mut sink {
            Sink::Csv(csv) => csv.add(&people, &person)?,
            Sink::Ndjson(ndjson) => ndjson.add(&people, &person)?,
            Sink::Parquet(parquet) => parquet.add(&people, &person)?,
            Sink::Ads(list) => list.add(&people, &person, counts)?,
        }
        if !matches!(sink, Sink::Ads(_)) {
            counts.rows += 1;
        }
        done += 1;
        progress(done, people.total);
        Ok::<(), Error>(())
    })?;
    match sink {
        Sink::Csv(csv) => csv.finish(),
        Sink::Ndjson(ndjson) => ndjson.finish(),
        Sink::Parquet(parquet) => parquet.finish(),
        Sink::Ads(list) => list.finish(),
    }
}

fn gate(platform: Platform, request: &Request) -> Gate<'_> {
    Gate {
        platform,
        consent: &request.consent,
    }
}

/// Counts who would be on a list for an ad platform, without writing it.
pub fn preview(
    view: &View,
    request: &Request,
    platform: Platform,
    now: Timestamp,
) -> Result<Counts, Error> {
    let people = People::new(view, &request.audience, now)?;
    let gate = gate(platform, request);
    let mut counts = Counts::default();
    people.each(|person| {
        match gate.contacts(&people, &person) {
            Ok(_) => counts.rows += 1,
            Err(reason) => *counts.withheld.entry(reason.to_owned()).or_default() += 1,
        }
        Ok::<(), Error>(())
    })?;
    Ok(counts)
}
