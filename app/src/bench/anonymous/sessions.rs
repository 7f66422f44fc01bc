//! The files of a set: sessions as the site saw them, and who was behind each.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use flate2::read::MultiGzDecoder;
use kith_base::digest;
use kith_matching::visitors::{Device, Net, Session};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// What a set consists of.
pub const FILES: [&str; 2] = ["sessions.csv.gz", "truth.csv.gz"];

/// A session with the truth.
pub struct Row {
    pub session: Session,
    pub person: u32,
    pub device: u32,
    pub household: u32,
}

#[derive(Deserialize)]
struct Seen {
    session: u64,
    anon_id: String,
    t: i64,
    ip: String,
    net: String,
    os: String,
    model: String,
    screen: String,
    browser: String,
    browser_major: u16,
    lang: String,
    tz: String,
    items: String,
    login: String,
    consent: u8,
}

#[derive(Deserialize)]
struct Behind {
    session: u64,
    person: u32,
    device: u32,
    household: u32,
}

/// All sessions in order of time.
pub fn read(folder: &Path) -> Result<Vec<Row>> {
    let seen: Vec<Seen> = table(&folder.join(FILES[0]))?;
    let behind: Vec<Behind> = table(&folder.join(FILES[1]))?;
    ensure!(
        seen.len() == behind.len(),
        "{}: {} has {} rows, {} has {}",
        folder.display(),
        FILES[0],
        seen.len(),
        FILES[1],
        behind.len()
    );
    let mut rows = Vec::with_capacity(seen.len());
    for (seen, behind) in seen.into_iter().zip(behind) {
        ensure!(
            seen.session == behind.session,
            "{}: session {} stands beside the truth of session {}",
            folder.display(),
            seen.session,
            behind.session
        );
        let (person, device, household) = (behind.person, behind.device, behind.household);
        rows.push(Row {
            session: session(&seen)?,
            person,
            device,
            household,
        });
    }
    rows.sort_by_key(|row| row.session.at_s);
    Ok(rows)
}

fn table<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    let file = File::open(path).with_context(|| format!("opening {}", path.display()))?;
    rows(MultiGzDecoder::new(file)).with_context(|| format!("reading {}", path.display()))
}

fn rows<T: DeserializeOwned>(file: impl Read) -> Result<Vec<T>, csv::Error> {
    csv::Reader::from_reader(file).into_deserialize().collect()
}

fn session(seen: &Seen) -> Result<Session> {
    let item = |item: &str| {
        item.parse::<u32>()
            .with_context(|| format!("items of session {}: {item:?}", seen.session))
    };
    let network = seen.ip.rsplit_once('.').map_or("", |(network, _)| network);
    Ok(Session {
        visitor: code("visitor", &seen.anon_id),
        at_s: seen.t,
        ip: code("ip", &seen.ip),
        network: code("network", network),
        net: match seen.net.as_str() {
            "fixed" => Net::Fixed,
            "mobile" => Net::Mobile,
            "office" => Net::Office,
            _ => Net::Unknown,
        },
        device: Device {
            os: code("os", &seen.os),
            model: code("model", &seen.model),
            screen: code("screen", &seen.screen),
            browser: code("browser", &seen.browser),
            language: code("language", &seen.lang),
            zone: code("zone", &seen.tz),
        },
        major: seen.browser_major,
        items: seen
            .items
            .split_whitespace()
            .map(item)
            .collect::<Result<_>>()?,
        login: (!seen.login.is_empty()).then(|| code("login", &seen.login)),
        consent: seen.consent == 1,
    })
}

/// A hash of the value; 0 when there is none.
fn code(kind: &str, value: &str) -> u64 {
    if value.is_empty() {
        0
    } else {
        digest(kind, &[value.as_bytes()]).prefix().max(1)
    }
}
