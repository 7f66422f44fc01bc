//! An engine over memory that is told what happens and what time it is.

use std::sync::Arc;

use kith_base::{Json, PersonId, Timestamp};
use kith_engine::backfill::{Chunk, merge, pending, short_of, untold};
use kith_engine::state::{Read, Tx};
use kith_engine::table::MembershipChange;
use kith_engine::{Cache, Effect, Project, Working, apply, query, table};
use kith_event::{
    CatalogChange, DefinitionChange, Enrichment, Event, Identifier, JobChange, Kind, Record,
};
use kith_store::state::Memory;

/// 2026-03-02, a Monday, 08:00 UTC.
pub const START: i64 = 1_772_438_400_000;
pub const SECOND: i64 = 1_000;
pub const HOUR: i64 = 3_600 * SECOND;
pub const DAY: i64 = 24 * HOUR;

/// An engine and everything it was told.
pub struct World {
    pub state: Memory,
    pub project: Arc<Project>,
    pub log: Vec<Record>,
    pub changes: Vec<MembershipChange>,
    cache: Cache,
}

impl World {
    pub fn new() -> Self {
        let state = Memory::new();
        World {
            project: Arc::new(Project::load(&state).expect("empty state can be read")),
            state,
            log: Vec::new(),
            changes: Vec::new(),
            cache: Cache::default(),
        }
    }

    /// Applies one record in a batch of its own.
    pub fn apply(&mut self, record: Record) {
        self.apply_all(vec![record]);
    }

    /// Applies records in one batch.
    pub fn apply_all(&mut self, records: Vec<Record>) {
        let mut working = Working::new(&mut self.state, &mut self.cache);
        for record in records {
            let position = self.log.len() as u64;
            let effects = apply(&mut working, &mut self.project, position, &record);
            let effects = effects.expect("in memory");
            self.log.push(record);
            let changed = effects.into_iter().filter_map(|effect| match effect {
                Effect::Membership(change) => Some(change),
                _ => None,
            });
            self.changes.extend(changed);
        }
        working.finish(self.log.len() as u64);
        self.state.commit().expect("in memory");
    }

    pub fn audience(&mut self, id: &str, rule: &str) {
        let spec = format!(r#"{{"description":"","type":"rule","when":{rule:?}}}"#);
        self.define("audience", id, &spec);
        let live = self.project.audiences.get(id);
        assert!(live.is_some(), "{:?}", self.project.problems);
    }

    pub fn feature(&mut self, id: &str, spec: &str) {
        self.define("feature", id, spec);
        assert!(
            self.project.problems.is_empty(),
            "{:?}",
            self.project.problems
        );
    }

    pub fn define(&mut self, kind: &str, id: &str, spec: &str) {
        self.write(kind, id, spec, false);
    }

    /// Takes a definition out of use.
    pub fn archive(&mut self, kind: &str, id: &str) {
        self.write(kind, id, "{}", true);
    }

    /// Writes definitions of a kind, all in force at once.
    pub fn define_together(&mut self, kind: &str, specs: &[(&str, &str)]) {
        let change = |(id, spec): &(&str, &str)| change(kind, id, spec, false);
        self.apply(Record::Definitions(specs.iter().map(change).collect()));
    }

    fn write(&mut self, kind: &str, id: &str, spec: &str, archived: bool) {
        self.apply(Record::Definition(change(kind, id, spec, archived)));
    }

    /// Writes a catalog item, or deletes it.
    pub fn item(&mut self, id: &str, item: Option<&str>) {
        let item = item.map(|item| Json::parse(item).expect("JSON"));
        self.apply(Record::Catalog(CatalogChange {
            at: Timestamp::from_millis(START),
            items: vec![(id.to_owned(), item)],
        }));
    }

    pub fn tick(&mut self, at: i64) {
        self.apply(Record::Tick(Timestamp::from_millis(at)));
    }

    /// Lets it be an instant until nothing is due by then and no job is at work.
    pub fn settle(&mut self, at: i64) {
        self.tick(at);
        while self.is_behind() {
            self.tick(at);
        }
    }

    fn is_behind(&self) -> bool {
        let now = query::clock(&self.state).expect("in memory");
        let due = table::timers_due(&self.state, now, 1).expect("in memory");
        !due.is_empty() || !table::jobs(&self.state).expect("in memory").is_empty()
    }

    /// Folds the past of new series as the runtime does, in chunks of one record.
    pub fn catch_up(&mut self) {
        while self.fold_past(None) {}
        self.tell_past();
    }

    /// Folds the next record of the past, of what is missing or of what a record tells that was
    /// folded; false when nothing is missing.
    fn fold_past(&mut self, told: Option<&Record>) -> bool {
        let missing = match told {
            Some(record) => short_of(&self.state, record),
            None => pending(&self.state),
        };
        let Some(missing) = missing.expect("in memory") else {
            return false;
        };
        let chunk = Chunk::new(&self.state, &self.project, missing);
        let mut chunk = chunk.expect("in memory");
        if let Some(next) = chunk.next() {
            let record = &self.log[next as usize];
            if !chunk.passes(&record.encode()) {
                let gathered = chunk.gather(&self.state, &self.project, record);
                gathered.expect("in memory");
            }
        }
        let mut working = Working::new(&mut self.state, &mut self.cache);
        merge(&mut working, &chunk).expect("in memory");
        working.finish(self.log.len() as u64);
        self.state.commit().expect("in memory");
        true
    }

    /// Folds some records of the past, and no more.
    pub fn fold_some(&mut self, records: usize) {
        assert!(
            (0..records).all(|_| self.fold_past(None)),
            "nothing is missing"
        );
    }

    /// Tells in the log how far the past is folded.
    pub fn tell_past(&mut self) {
        for record in untold(&self.state).expect("in memory") {
            self.apply(record);
        }
    }

    pub fn job(&mut self, kind: &str, id: &str, cancelled: bool) {
        self.apply(Record::Job(JobChange {
            kind: kind.into(),
            id: id.into(),
            cancelled,
            at: Timestamp::from_millis(START),
            by: "test".into(),
        }));
    }

    /// The process ends, and another one begins with what is stored.
    pub fn restart(&mut self) {
        self.cache = Cache::default();
        self.project = Arc::new(Project::load(&self.state).expect("in memory"));
    }

    /// A world of its own that was told the same records, and nothing else.
    pub fn replay(&self) -> World {
        let mut other = World::new();
        for record in &self.log {
            while other.fold_past(Some(record)) {}
            other.apply(record.clone());
        }
        other
    }

    pub fn person(&self, identifier: &str) -> PersonId {
        let identifier = Identifier::parse(identifier).expect("namespace:value");
        let found = query::person_of(&self.state, &self.project, &[identifier]);
        found.expect("in memory").expect("somebody")
    }

    /// Who is in which audience since when, as stored.
    pub fn members(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let rows = self.state.range(b"g", &table::end_of(b"g"), usize::MAX);
        rows.expect("in memory")
    }

    /// Audiences of a person, by id.
    pub fn audiences_of(&self, identifier: &str) -> Vec<String> {
        let row = query::memberships(&self.state, self.person(identifier)).expect("in memory");
        row.audiences.into_keys().collect()
    }
}

/// An event that arrives as it happens.
pub fn event(number: usize, at: i64, name: &str, who: &[&str], properties: &str) -> Event {
    let (kind, name) = match name {
        "identify" => (Kind::Identify, ""),
        name => (Kind::Track, name),
    };
    Event {
        source: "shop".into(),
        message_id: format!("m{number}"),
        kind,
        name: name.into(),
        identifiers: who
            .iter()
            .filter_map(|text| Identifier::parse(text))
            .collect(),
        received_at: Timestamp::from_millis(at),
        occurred_at: Timestamp::from_millis(at),
        original_at: None,
        properties: Json::parse(properties).expect("JSON"),
        traits: Json::empty(),
        context: Json::empty(),
        extra: Json::empty(),
        enrichment: Enrichment::default(),
    }
}

fn change(kind: &str, id: &str, spec: &str, archived: bool) -> DefinitionChange {
    DefinitionChange {
        kind: kind.into(),
        id: id.into(),
        name: id.into(),
        archived,
        author: "test".into(),
        at: Timestamp::from_millis(START),
        spec: Json::parse(spec).expect("JSON"),
    }
}
