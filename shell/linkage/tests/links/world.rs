//! A Kith in memory whose log outlives restarts, and a clock that is moved by hand.

use std::collections::BTreeMap;
use std::sync::Arc;

use kith_base::{Duration, Json, NodeId, Timestamp};
use kith_engine::state::Read;
use kith_engine::{query, table};
use kith_event::{Basis, DefinitionChange, Enrichment, Event, Identifier, Kind, Position, Record};
use kith_identity::MergePolicy;
use kith_linkage::{Figures, Linker, SiteKey};
use kith_runtime::log::Log;
use kith_runtime::{Handle, compare, rebuild, start};
use kith_store::{log, state};

/// A Kith.
pub struct World {
    pub handle: Handle,
    pub now: Timestamp,
    linker: Linker,
    log: log::Memory,
    messages: u32,
}

/// The links of the state: who and who, the smaller text first.
pub type Links = BTreeMap<(String, String), (Basis, u16)>;

impl World {
    /// With rules, as members of the identity rules' `probabilistic`.
    pub async fn start(rules: &str) -> Self {
        let log = log::Memory::new();
        let handle = start(Box::new(log.clone()), Box::new(state::Memory::new())).unwrap();
        let world = World {
            linker: linker(&handle),
            handle,
            now: Timestamp::parse("2026-11-20T08:00:00Z").unwrap(),
            log,
            messages: 0,
        };
        world.rules(rules).await;
        world
    }

    /// Writes other rules.
    pub async fn rules(&self, rules: &str) {
        let change = DefinitionChange {
            kind: "identity".into(),
            id: "default".into(),
            name: "Identity rules".into(),
            archived: false,
            author: "test".into(),
            at: self.now,
            spec: Json::parse(&format!(r#"{{"probabilistic":{{{rules}}}}}"#)).unwrap(),
        };
        self.append(vec![Record::Definition(change)]).await;
    }

    /// Ends the process and starts another one that has nothing but the log.
    pub async fn restart(&mut self) {
        self.handle.shutdown();
        let state = Box::new(state::Memory::new());
        self.handle = start(Box::new(self.log.clone()), state).unwrap();
        let end = self.handle.status().end;
        self.handle.wait_applied(end).await.unwrap();
        self.linker = linker(&self.handle);
    }

    /// Steps until there is nothing to do.
    pub async fn link(&mut self) {
        while self.linker.step(self.now).await.unwrap() {}
    }

    pub fn figures(&self) -> Arc<Figures> {
        self.linker.status().figures()
    }

    pub fn later(&mut self, seconds: i64) {
        self.now = self.now.plus(Duration::from_secs(seconds));
    }

    pub async fn append(&self, records: Vec<Record>) {
        self.handle.append_applied(records).await.unwrap();
    }

    /// An event of now.
    pub fn event(&mut self, kind: Kind, name: &str, who: &[&str]) -> Event {
        self.messages += 1;
        Event {
            source: "shop".into(),
            message_id: format!("m{}", self.messages),
            kind,
            name: name.into(),
            identifiers: who
                .iter()
                .filter_map(|who| Identifier::parse(who))
                .collect(),
            received_at: self.now,
            occurred_at: self.now,
            original_at: None,
            properties: Json::empty(),
            traits: Json::empty(),
            context: Json::empty(),
            extra: Json::empty(),
            enrichment: Enrichment::default(),
        }
    }

    pub fn consent(&mut self, who: &[&str], granted: bool) -> Record {
        let mut event = self.event(Kind::Track, "Consent Updated", who);
        let said = format!(r#"{{"categories":{{"linking":{granted}}}}}"#);
        event.properties = Json::parse(&said).unwrap();
        Record::Event(event)
    }

    pub fn identify(&mut self, who: &str, traits: &serde_json::Value) -> Record {
        let mut event = self.event(Kind::Identify, "", &[who]);
        event.traits = Json::from_serialize(traits).unwrap();
        Record::Event(event)
    }

    /// Every link that the state holds.
    pub fn links(&self) -> Links {
        let view = self.handle.view();
        let state: &dyn Read = &*view.state;
        let (from, end) = (
            table::probable_ranks_from(u16::MAX),
            table::probable_ranks_end(),
        );
        let rows = state.range(&from, &end, usize::MAX).unwrap();
        let ends = rows.iter().filter_map(|(key, _)| table::probable_ends(key));
        let link = |(a, b): (NodeId, NodeId)| {
            let row: table::ProbableRow =
                table::read(state, &table::probable(a, b)).unwrap().unwrap();
            let name = |node| {
                let row = table::read_node(state, node).unwrap();
                row.unwrap().identifier().to_string()
            };
            let (a, b) = (name(a), name(b));
            let pair = if a < b { (a, b) } else { (b, a) };
            (pair, (row.basis, row.confidence))
        };
        ends.map(link).collect()
    }

    /// How many persons are one with this one under the boldest policy.
    pub fn linked(&self, who: &str) -> usize {
        let view = self.handle.view();
        let who = Identifier::parse(who).unwrap();
        let person = query::person_of(&*view.state, &view.project, &[who]).unwrap();
        let policy = MergePolicy::Loose;
        query::linked(&*view.state, &view.project, person.unwrap(), policy)
            .unwrap()
            .len()
    }

    /// Records of links in the log.
    pub fn told(&self) -> usize {
        let records = self.handle.read_log(0, usize::MAX).unwrap();
        let is_told = |record: &Record| matches!(record, Record::Probable(_));
        records
            .iter()
            .filter(|(_, record)| record.as_ref().is_ok_and(is_told))
            .count()
    }

    pub fn end(&self) -> Position {
        self.handle.status().end
    }

    /// The rows of links are what the log says.
    pub fn check_replay(&self) {
        let end = self.handle.status().applied;
        let mut rebuilt = state::Memory::new();
        rebuild(&*self.log.reader(), &mut rebuilt, end, |_| {}).unwrap();
        let differences = compare(&*self.handle.view().state, &rebuilt, 1_000).unwrap();
        assert_eq!(differences, []);
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

pub fn linker(handle: &Handle) -> Linker {
    Linker::new(handle.clone(), SiteKey::new([7; 32]))
}
