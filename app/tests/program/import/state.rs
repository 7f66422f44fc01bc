//! What Kith has made of a history: the data folder, read through its queries.

use std::collections::BTreeMap;
use std::path::Path;

use kith_engine::state::Read;
use kith_engine::table::{self, ItemHeat};
use kith_engine::{Project, query};
use kith_event::Identifier;
use kith_store::state::Disk;
use serde_json::Value;

use super::person::{Count, Person, Persons};

/// The folder `data`, open.
pub struct State {
    pub state: Disk,
    project: Project,
}

impl State {
    pub fn open(folder: &Path) -> Self {
        let options = kith_store::Options::standard();
        let state = kith_store::open(&folder.join("data"), options)
            .unwrap()
            .state;
        let project = Project::load(&state).unwrap();
        State { state, project }
    }

    /// Numbers of events, persons and items.
    pub fn totals(&self) -> (u64, u64, u64) {
        let overview = query::overview(&self.state, kith_runtime::now()).unwrap();
        (overview.events, overview.persons, overview.items)
    }

    /// The merged profile of an identifier such as `user_id:7`.
    pub fn profile(&self, identifier: &str) -> kith_profile::Profile {
        let (namespace, value) = identifier.split_once(':').unwrap();
        let identifiers = [Identifier::new(namespace, value)];
        let person = query::person_of(&self.state, &self.project, &identifiers)
            .unwrap()
            .unwrap_or_else(|| panic!("{identifier} is nobody"));
        query::profile(&self.state, &self.project, person)
            .unwrap()
            .unwrap()
    }

    /// The same in plain figures.
    pub fn person(&self, identifier: &str) -> Person {
        let profile = self.profile(identifier);
        let fold = &profile.fold;
        let counts = fold.counters.iter().map(|(name, counter)| {
            let count = Count {
                count: counter.count,
                first_at: counter.first_at.as_millis(),
                last_at: counter.last_at.as_millis(),
                value: counter.value.as_micros(),
            };
            (name.to_owned(), count)
        });
        let timeline =
            query::timeline(&self.state, profile.person, None, None, usize::MAX).unwrap();
        Person {
            events: counts.collect(),
            first_seen_at: fold.first_seen_at.unwrap().as_millis(),
            last_seen_at: fold.last_seen_at.unwrap().as_millis(),
            timeline: timeline.iter().map(|entry| entry.at.as_millis()).collect(),
        }
    }

    /// Every one of `expect`, and nobody else.
    pub fn check_persons(&self, expect: &Persons) {
        for (identifier, person) in expect {
            assert_eq!(self.person(identifier), *person, "{identifier}");
        }
        assert_eq!(self.totals().1, expect.len() as u64);
    }

    /// Views and orders of an item.
    pub fn item_counts(&self, item_id: &str) -> (u64, u64) {
        let heat: Option<ItemHeat> = table::read(&self.state, &table::heat(item_id)).unwrap();
        heat.map_or((0, 0), |heat| (heat.views, heat.orders))
    }

    /// A catalog item.
    pub fn item(&self, item_id: &str) -> Value {
        let stored = query::item(&self.state, item_id).unwrap();
        serde_json::from_slice(&stored.unwrap_or_else(|| panic!("no item {item_id}"))).unwrap()
    }

    /// Every row but those that say when it was written, how far the log is applied and which of
    /// its records repeated earlier ones.
    pub fn rows(&self) -> BTreeMap<Vec<u8>, Vec<u8>> {
        let rows = self.state.range(&[], &[u8::MAX; 64], usize::MAX).unwrap();
        let applied = table::mark(table::APPLIED);
        let sweep = table::mark(table::SWEEP);
        rows.into_iter()
            .filter(|(key, _)| !b"dDhHE".contains(&key[0]) && *key != applied && *key != sweep)
            .map(|(key, row)| match key[0] {
                b'c' => (key, without_time(&row)),
                _ => (key, row),
            })
            .collect()
    }
}

fn without_time(item: &[u8]) -> Vec<u8> {
    let mut item: Value = serde_json::from_slice(item).unwrap();
    assert!(item.as_object_mut().unwrap().remove("updated_at").is_some());
    item.to_string().into_bytes()
}

/// Rows with positions in the log left out: work that was done twice leaves repeats there. So is
/// the partition's clock: each import was done at its own time.
pub fn without_positions(rows: BTreeMap<Vec<u8>, Vec<u8>>) -> BTreeMap<Vec<u8>, (u64, Vec<u8>)> {
    let mut counted: BTreeMap<Vec<u8>, (u64, Vec<u8>)> = BTreeMap::new();
    for (mut key, mut row) in rows {
        match key[0] {
            b't' => key.truncate(key.len() - 8),
            b's' => row.clear(),
            b'm' if key == table::mark(table::CLOCK) => row.clear(),
            _ => {}
        }
        counted.entry(key).or_insert((0, row)).0 += 1;
    }
    counted
}
