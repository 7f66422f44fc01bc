//! What a history says of one person, however it is held.

use std::collections::BTreeMap;

/// A person in plain figures; times are milliseconds since 1970.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// By event name.
    pub events: BTreeMap<String, Count>,
    pub first_seen_at: i64,
    pub last_seen_at: i64,
    /// When each event happened, newest first.
    pub timeline: Vec<i64>,
}

/// Events of one name.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub count: u64,
    pub first_at: i64,
    pub last_at: i64,
    /// What they were worth, in millionths.
    pub value: i128,
}

impl Person {
    pub fn add(&mut self, name: &str, at: i64, value: i128) {
        let event = self.events.entry(name.to_owned()).or_insert(Count {
            first_at: at,
            last_at: at,
            ..Count::default()
        });
        event.count += 1;
        event.first_at = event.first_at.min(at);
        event.last_at = event.last_at.max(at);
        event.value += value;
        self.timeline.push(at);
    }

    /// To be called after the last event.
    pub fn finish(&mut self) {
        self.timeline.sort_by_key(|at| std::cmp::Reverse(*at));
        self.first_seen_at = *self.timeline.last().unwrap();
        self.last_seen_at = self.timeline[0];
    }

    pub fn count(&self, name: &str) -> u64 {
        self.events.get(name).map_or(0, |event| event.count)
    }

    pub fn value(&self, name: &str) -> i128 {
        self.events.get(name).map_or(0, |event| event.value)
    }
}

/// Persons by identifier, such as `user_id:7`.
pub type Persons = BTreeMap<String, Person>;

/// Events of a name over all persons.
pub fn total(persons: &Persons, name: &str) -> u64 {
    persons.values().map(|person| person.count(name)).sum()
}
