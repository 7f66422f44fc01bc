//! A data folder filled the short way: through log and engine, without HTTP.
//!
//! The events take the same steps as those of a request (parse, enrich, encode, append, apply);
//! only the socket is missing, and the answer that would wait for the disk.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, mpsc};

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};
use kith_base::{Duration, Json, Timestamp};
use kith_definition::{Kind, Spec};
use kith_engine::state::Tx;
use kith_engine::{Cache, Project, Working, WriteKeyHash, apply};
use kith_event::collect::{self, Client, IpPolicy, Limits, Request, Route};
use kith_event::enrich::{self, Device, Facts, Geo};
use kith_event::{DefinitionChange, Event, Position, Record};
use kith_runtime::log::Log;
use kith_store::Store;
use serde_json::{Value, json};

use super::traffic::{Persons, Traffic};

/// The write key of every folder filled here.
pub const WRITE_KEY: &str = "cbench0000000000000000000";
/// The source that owns it.
pub const SOURCE: &str = "bench";

/// Records appended, and applied, together.
const GROUP: usize = 4_000;
/// Events made from one body.
pub const BODY_EVENTS: usize = 200;

/// What a folder is filled with.
pub struct Fill {
    /// How many events.
    pub events: u64,
    /// Who they are about.
    pub persons: Persons,
    /// The events end now and began so long ago.
    pub span: Duration,
    /// Definitions besides the source.
    pub definitions: Vec<DefinitionChange>,
}

/// Parses bodies as the data plane does, with devices remembered by user agent.
#[derive(Default)]
pub struct Parser {
    devices: BTreeMap<String, Device>,
}

impl Parser {
    /// The events of one body.
    pub fn events(&mut self, body: &str, received_at: Timestamp) -> Result<Vec<Event>> {
        let request = Request {
            source: SOURCE,
            received_at,
            route: Route::Any,
            seed: 0,
            client: Client {
                ip: "127.0.0.1",
                ..Client::default()
            },
            ip_policy: IpPolicy::PlaceOnly,
            limits: Limits::STANDARD,
        };
        let mut enrich = |facts: &Facts<'_>| {
            if !self.devices.contains_key(&*facts.user_agent) {
                let device = Device::read(&facts.user_agent, &facts.hints);
                self.devices.insert(facts.user_agent.to_string(), device);
            }
            enrich::derive(facts, &self.devices[&*facts.user_agent], &Geo::default())
        };
        let parsed = collect::parse(body.as_bytes(), &request, &mut enrich)?;
        anyhow::ensure!(parsed.refused.is_empty(), "the made-up traffic was refused");
        Ok(parsed.events)
    }
}

/// Fills the folder and leaves it closed, with everything on disk.
pub fn fill(folder: &Path, wanted: &Fill) -> Result<()> {
    let mut store = kith_store::open(folder, kith_store::Options::standard())?;
    let style = ProgressStyle::with_template("{msg} {bar:32} {percent:>3}%  {eta} left");
    let bar = ProgressBar::new(wanted.events)
        .with_style(style.expect("the template is well formed"))
        .with_message("filling");
    let (sender, groups) = mpsc::sync_channel::<Vec<(Record, Vec<u8>)>>(4);
    std::thread::scope(|scope| {
        let making = scope.spawn(move || make(wanted, &sender));
        let applied = apply_all(&mut store, groups, &bar);
        making
            .join()
            .expect("the thread that makes events does not panic")?;
        applied
    })?;
    bar.finish_and_clear();
    store.state.flush()?;
    store.state.sync()?;
    Ok(())
}

fn make(wanted: &Fill, groups: &mpsc::SyncSender<Vec<(Record, Vec<u8>)>>) -> Result<()> {
    let end = kith_runtime::now();
    let start = Timestamp::from_millis(end.as_millis() - wanted.span.as_millis());
    let mut traffic = Traffic::new(1, wanted.persons);
    let mut parser = Parser::default();
    let definitions = std::iter::once(source(start)).chain(wanted.definitions.iter().cloned());
    let mut group = Record::definitions(definitions.collect());
    let mut made = 0;
    loop {
        let step = wanted.span.as_millis() as f64 * (made as f64 / wanted.events.max(1) as f64);
        let at = Timestamp::from_millis(start.as_millis() + step as i64);
        let count = BODY_EVENTS.min((wanted.events - made) as usize);
        if count > 0 {
            let events = parser.events(&traffic.batch(count, at), at)?;
            made += events.len() as u64;
            group.extend(events.into_iter().map(Record::Event));
        }
        if group.len() >= GROUP || made >= wanted.events {
            let encode = |record: Record| {
                let bytes = record.encode();
                (record, bytes)
            };
            // When the other side failed, it says why.
            let sent = groups.send(group.drain(..).map(encode).collect());
            if sent.is_err() || made >= wanted.events {
                return Ok(());
            }
        }
    }
}

fn apply_all(
    store: &mut Store,
    groups: mpsc::Receiver<Vec<(Record, Vec<u8>)>>,
    bar: &ProgressBar,
) -> Result<()> {
    let mut cache = Cache::default();
    let mut project = Arc::new(Project::load(&store.state)?);
    for group in groups {
        let (records, encoded): (Vec<Record>, Vec<Vec<u8>>) = group.into_iter().unzip();
        let first = store.log.append(&encoded)?;
        apply_group(&mut store.state, &mut cache, &mut project, first, &records)?;
        bar.inc(records.len() as u64);
    }
    Ok(())
}

/// Applies records and commits them.
pub fn apply_group(
    tx: &mut dyn Tx,
    cache: &mut Cache,
    project: &mut Arc<Project>,
    first: Position,
    records: &[Record],
) -> Result<()> {
    let mut working = Working::new(tx, cache);
    let end = first + records.len() as Position;
    for (position, record) in (first..).zip(records) {
        apply(&mut working, project, position, record)?;
    }
    working.finish(end);
    tx.commit().context("committing state")
}

fn source(at: Timestamp) -> DefinitionChange {
    let key = json!({
        "prefix": &WRITE_KEY[..5],
        "hash": WriteKeyHash::of(WRITE_KEY).to_string(),
        "created_at": at.to_string(),
    });
    definition(
        Kind::Source,
        SOURCE,
        &json!({"type": "server", "keys": [key]}),
        at,
    )
}

/// A definition as the admin API would store it.
pub fn definition(kind: Kind, id: &str, spec: &Value, at: Timestamp) -> DefinitionChange {
    let text = Json::from_serialize(spec).expect("a JSON value has a JSON form");
    let spec = Spec::parse(kind, &text).expect("the definitions made here are well formed");
    DefinitionChange {
        kind: kind.as_str().to_owned(),
        id: id.to_owned(),
        name: id.to_owned(),
        archived: false,
        author: "bench".to_owned(),
        at,
        spec: spec.to_json(),
    }
}
