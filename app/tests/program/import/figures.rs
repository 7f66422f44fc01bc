//! Features and audiences over real histories, for every person, beside the figures that
//! `examples/figures.py` works out from the same files with SQL and without Kith.
//!
//! The program applies the definitions and imports the files. Its log is then lived through
//! again in a running engine whose clock is that of the history: each event arrives when it
//! happened, so that windows and timers have something to do. A second engine lives through it
//! without definitions and gets them at the end, so that all of it comes from the past.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use kith_base::{Timestamp, Value};
use kith_engine::query;
use kith_event::{Event, Identifier, Record};
use kith_runtime::{Handle, View};
use kith_store::{log, state};
use serde_json::Value as Json;

use super::file::data_set;
use super::import;
use crate::process::{example, json};

/// How often the clock ticks: what is due within is told at its own instant all the same.
const TICK_MS: i64 = 3 * 86_400_000;
/// Events appended at once.
const BATCH: usize = 2_000;

/// What one person must be at one instant.
struct Figures {
    features: BTreeMap<String, Json>,
    audiences: BTreeSet<String>,
}

/// By person.
type Persons = BTreeMap<String, Figures>;

#[test]
fn households_of_a_grocer_have_the_figures_of_sql() {
    let Some(file) = data_set("complete_journey/transactions_sample.csv.xz") else {
        return;
    };
    let data = file.parent().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let prepare = [Path::new("complete_journey/prepare.py"), data];
    if python(&prepare, &["prepared"], folder.path()).is_none() {
        return;
    }
    let packed = data.join("products.csv.xz");
    let files = [
        (packed.to_str().unwrap(), "products"),
        ("prepared/orders.csv", "orders"),
        ("prepared/campaigns.csv", "campaigns"),
        ("prepared/redemptions.csv", "redemptions"),
    ];
    let instants = [
        "2017-02-14T09:30:00Z",
        "2017-07-01T00:00:00Z",
        "2018-01-02T00:00:00Z",
    ];
    compare("complete_journey", data, folder.path(), &files, &instants);
}

#[test]
fn customers_of_a_wholesaler_have_the_figures_of_sql() {
    let Some(file) = data_set("online_retail/online_retail.csv.xz") else {
        return;
    };
    let data = file.parent().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let files = [(file.to_str().unwrap(), "mapping")];
    let instants = [
        "2011-01-31T12:00:00Z",
        "2011-06-30T00:00:00Z",
        "2011-12-10T00:00:00Z",
    ];
    compare("online_retail", data, folder.path(), &files, &instants);
}

#[test]
fn visitors_of_a_marketplace_have_the_figures_of_sql() {
    let Some(file) = data_set("taobao_sample/user_behavior.csv.xz") else {
        return;
    };
    let data = file.parent().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let files = [(file.to_str().unwrap(), "mapping")];
    let instants = [
        "2017-11-26T03:00:00Z",
        "2017-11-30T14:15:16Z",
        "2017-12-03T16:00:00Z",
    ];
    compare("taobao", data, folder.path(), &files, &instants);
}

/// Imports, lives through it both ways, and compares everybody at each instant.
fn compare(name: &str, data: &Path, folder: &Path, files: &[(&str, &str)], instants: &[&str]) {
    let instants: Vec<Timestamp> = instants
        .iter()
        .map(|text| Timestamp::parse(text).unwrap())
        .collect();
    let Some(expected) = expected(name, data, &instants) else {
        return;
    };
    let definitions = example(&format!("{name}/definitions"));
    json(folder, &["apply", &definitions, "--data", "data"], 0);
    for (file, mapping) in files {
        let done = import(folder, file, &example(&format!("{name}/{mapping}.yaml")));
        // The marketplace's file is cut off within its last line.
        assert_eq!(done["rejected"], u64::from(name == "taobao"), "{done}");
    }
    let history = History::read(folder);

    let lived = Lived::begin(&history);
    lived.append(&history.catalog);
    lived.append(&history.definitions);
    lived.wait_for_the_past();
    let mut from = 0;
    for (at, expected) in instants.iter().zip(&expected) {
        let until = history
            .events
            .partition_point(|event| event.occurred_at <= *at);
        lived.live(&history.events[from..until], *at);
        lived.check(expected, *at, "lived through");
        from = until;
    }
    lived.handle.shutdown();

    let (at, expected) = (instants.last().unwrap(), expected.last().unwrap());
    let told = Lived::begin(&history);
    told.append_events(&history.events[..from]);
    told.append(&history.definitions);
    told.wait_for_the_past();
    told.settle(*at);
    told.check(expected, *at, "computed afterwards");
    told.handle.shutdown();
}

/// What the imported log holds, in the order it happened.
struct History {
    sources: Vec<Record>,
    /// Items. The lines of orders say themselves what the interests are in.
    catalog: Vec<Record>,
    /// Features and audiences.
    definitions: Vec<Record>,
    events: Vec<Event>,
}

impl History {
    fn read(folder: &Path) -> Self {
        let options = kith_store::Options::standard();
        let store = kith_store::open(&folder.join("data"), options).unwrap();
        let reader = kith_runtime::log::Log::reader(&store.log);
        let mut history = History {
            sources: Vec::new(),
            catalog: Vec::new(),
            definitions: Vec::new(),
            events: Vec::new(),
        };
        let mut next = 0;
        while next < reader.end() {
            for (position, bytes) in reader.read(next, BATCH).unwrap() {
                history.add(Record::decode(&bytes).unwrap());
                next = position + 1;
            }
        }
        history.events.sort_by_key(|event| event.occurred_at);
        history
    }

    /// Ids of the definitions of a kind.
    fn ids(&self, kind: &str) -> impl Iterator<Item = &str> {
        self.definitions
            .iter()
            .filter_map(move |record| match record {
                Record::Definition(change) if change.kind == kind => Some(change.id.as_str()),
                _ => None,
            })
    }

    fn add(&mut self, record: Record) {
        match record {
            Record::Event(event) => self.events.push(Event {
                received_at: event.occurred_at,
                ..event
            }),
            Record::Definition(change) if matches!(&*change.kind, "feature" | "audience") => {
                self.definitions.push(Record::Definition(change));
            }
            Record::Definition(_) => self.sources.push(record),
            Record::Definitions(changes) => {
                let each = changes.into_iter().map(Record::Definition);
                each.for_each(|record| self.add(record));
            }
            Record::Catalog(_) => self.catalog.push(record),
            _ => {}
        }
    }
}

/// An engine whose time is that of the history.
struct Lived<'a> {
    history: &'a History,
    handle: Handle,
    runtime: tokio::runtime::Runtime,
}

impl<'a> Lived<'a> {
    fn begin(history: &'a History) -> Self {
        let log = Box::new(log::Memory::new());
        let handle = kith_runtime::start(log, Box::new(state::Memory::new())).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let lived = Lived {
            history,
            handle,
            runtime,
        };
        lived.append(&history.sources);
        lived
    }

    fn append(&self, records: &[Record]) {
        for batch in records.chunks(BATCH) {
            let applied = self.handle.append_applied(batch.to_vec());
            self.runtime.block_on(applied).unwrap();
        }
    }

    fn append_events(&self, events: &[Event]) {
        let records: Vec<Record> = events.iter().cloned().map(Record::Event).collect();
        self.append(&records);
    }

    /// Until the series of new definitions are whole.
    fn wait_for_the_past(&self) {
        let mut notices = 0;
        while !query::unready_series(&*self.handle.view().state)
            .unwrap()
            .is_empty()
        {
            let end = self.handle.status().end;
            self.runtime
                .block_on(self.handle.wait_applied(end))
                .unwrap();
            std::thread::yield_now();
            notices += 1;
            assert!(notices < 1_000_000_000_u64, "the past does not come");
        }
    }

    /// Lives through events, a tick at a time, until an instant.
    fn live(&self, events: &[Event], until: Timestamp) {
        let tick = |event: &Event| event.occurred_at.as_millis().div_euclid(TICK_MS);
        for between in events.chunk_by(|a, b| tick(a) == tick(b)) {
            self.append_events(between);
            let end = Timestamp::from_millis((tick(&between[0]) + 1) * TICK_MS);
            self.settle(end.min(until));
        }
        self.settle(until);
    }

    /// Ticks until there is nothing more to do.
    fn settle(&self, at: Timestamp) {
        loop {
            self.append(&[Record::Tick(at)]);
            let view = self.handle.view();
            let due = kith_engine::table::timers_due(&*view.state, at, 1);
            if due.unwrap().is_empty() && query::audience_jobs(&*view.state).unwrap().is_empty() {
                return;
            }
        }
    }

    /// Everybody, and nobody else.
    fn check(&self, expected: &Persons, at: Timestamp, how: &str) {
        let view = self.handle.view();
        assert!(expected.len() > 500, "{} persons", expected.len());
        for (person, figures) in expected {
            self.check_person(&view, person, figures, at, how);
        }
        let overview = query::overview(&*view.state, at).unwrap();
        assert_eq!(overview.persons, expected.len() as u64, "persons, {how}");
        for id in self.history.ids("audience") {
            let size = query::audience(&*view.state, id, 0).unwrap().size;
            let members = expected
                .values()
                .filter(|figures| figures.audiences.contains(id));
            assert_eq!(size, members.count() as u64, "size of {id} at {at}, {how}");
        }
    }

    fn check_person(
        &self,
        view: &View,
        person: &str,
        expected: &Figures,
        at: Timestamp,
        how: &str,
    ) {
        let namespace = match person.starts_with("invoice-") {
            true => "anonymous_id",
            false => "user_id",
        };
        let identifiers = [Identifier::new(namespace, person)];
        let found = query::person_of(&*view.state, &view.project, &identifiers).unwrap();
        let found = found.unwrap_or_else(|| panic!("{person} is nobody"));
        let standing = query::standing(&*view.state, &view.project, found)
            .unwrap()
            .unwrap();
        let audiences: BTreeSet<String> = standing.audiences.keys().cloned().collect();
        assert_eq!(
            audiences, expected.audiences,
            "audiences of {person} at {at}, {how}"
        );
        for name in self.history.ids("feature") {
            let value = standing.feature(&view.project, name, at);
            let wanted = expected.features.get(name);
            assert!(
                equals(&value, wanted),
                "{name} of {person} at {at}, {how}: {value:?}, not {wanted:?}"
            );
        }
    }
}

/// A value of Kith beside one of the script: sums in millionths, times in seconds, an average as
/// its sum and its count.
fn equals(value: &Value, wanted: Option<&Json>) -> bool {
    let whole = wanted.and_then(Json::as_i64);
    match (value, wanted) {
        (Value::Null | Value::Int(0), None) => true,
        (Value::Float(float), None) => *float == 0.0,
        (Value::Int(int), Some(_)) => whole == Some(*int),
        (Value::Time(time), Some(_)) => whole.map(|at| at * 1_000) == Some(time.as_millis()),
        (Value::Text(text), Some(wanted)) => wanted.as_str() == Some(text),
        (Value::Float(mean), Some(Json::Array(parts))) => {
            let parts: Vec<f64> = parts.iter().filter_map(Json::as_f64).collect();
            let wanted = parts[0] / parts[1] / 1e6;
            (mean - wanted).abs() <= 1e-6
        }
        (Value::List(list), Some(Json::Array(wanted))) => {
            list.len() == wanted.len()
                && list
                    .iter()
                    .zip(wanted)
                    .all(|(one, wanted)| equals(one, Some(wanted)))
        }
        (Value::Map(map), Some(Json::Object(wanted))) => {
            map.len() == wanted.len()
                && map.iter().all(|(key, one)| {
                    let wanted = wanted.get(key);
                    wanted.is_some() && equals(one, wanted)
                })
        }
        (Value::Float(float), Some(_)) => whole == Some((float * 1e6).round() as i64),
        _ => false,
    }
}

/// The figures of the script, by instant.
fn expected(name: &str, data: &Path, instants: &[Timestamp]) -> Option<Vec<Persons>> {
    let seconds = instants
        .iter()
        .map(|at| (at.as_millis() / 1_000).to_string());
    let seconds: Vec<String> = seconds.collect();
    let instants: Vec<&str> = seconds.iter().map(String::as_str).collect();
    let script = [Path::new("figures.py"), Path::new(name), data];
    let out = python(&script, &instants, data)?;
    let mut all: BTreeMap<i64, Persons> = BTreeMap::new();
    for line in out.lines() {
        let line: Json = serde_json::from_str(line).unwrap();
        let features = line["features"].as_object().unwrap().clone();
        let audiences = line["audiences"].as_array().unwrap().iter();
        let figures = Figures {
            features: features.into_iter().collect(),
            audiences: audiences
                .map(|id| id.as_str().unwrap().to_owned())
                .collect(),
        };
        let person = line["person"].as_str().unwrap().to_owned();
        let persons = all.entry(line["as_of"].as_i64().unwrap()).or_default();
        assert!(persons.insert(person, figures).is_none(), "{line}");
    }
    assert_eq!(all.len(), instants.len());
    Some(all.into_values().collect())
}

/// Runs a script of the examples; says so when there is no Python to run it.
fn python(script: &[&Path], arguments: &[&str], folder: &Path) -> Option<String> {
    use std::io::Write as _;
    let path = PathBuf::from(example(script[0].to_str().unwrap()));
    let mut command = Command::new("python3");
    command.arg(path).args(&script[1..]).args(arguments);
    let output = command
        .current_dir(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output();
    let Ok(output) = output else {
        // Not `eprintln!`: the test harness would keep it to itself.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: there is no python3, nothing was checked against {}",
            script[0].display()
        );
        return None;
    };
    assert!(output.status.success(), "{command:?}");
    Some(String::from_utf8(output.stdout).unwrap())
}
