//! Processor time by group of threads: unlike the clock on the wall it hardly depends on who
//! else uses the machine.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Map, Value};

use super::report::rounded;

/// Threads by the beginning of their name, in the order an event meets them.
const GROUPS: [(&str, &str); 5] = [
    ("http", "tokio-rt-worker"),
    ("append", "kith-appender"),
    ("apply", "kith-partition"),
    ("backfill", "kith-backfill"),
    ("state_background", "fjall"),
];

/// Processor time used so far, in nanoseconds, by group of this process's threads.
pub struct Cpu(BTreeMap<&'static str, u64>);

impl Cpu {
    /// As of now; zero where the system does not tell.
    pub fn now() -> Self {
        let mut groups = BTreeMap::new();
        for task in fs::read_dir("/proc/self/task")
            .into_iter()
            .flatten()
            .flatten()
        {
            let read = |file: &str| fs::read_to_string(task.path().join(file)).unwrap_or_default();
            let name = read("comm");
            let time = read("schedstat");
            let time = time
                .split(' ')
                .next()
                .and_then(|word| word.parse::<u64>().ok());
            let group = GROUPS.iter().find(|(_, prefix)| name.starts_with(prefix));
            if let (Some((group, _)), Some(time)) = (group, time) {
                *groups.entry(*group).or_default() += time;
            }
        }
        Cpu(groups)
    }

    /// Nothing used.
    pub fn none() -> Self {
        Cpu(BTreeMap::new())
    }

    /// Adds what was used between two moments.
    pub fn add(&mut self, before: &Cpu, after: &Cpu) {
        for (group, _) in GROUPS {
            let used = after.of(group).saturating_sub(before.of(group));
            *self.0.entry(group).or_default() += used;
        }
    }

    /// Seconds since `before`, of all groups.
    pub fn seconds(&self, before: &Cpu) -> f64 {
        let used = GROUPS
            .iter()
            .map(|(group, _)| self.of(group).saturating_sub(before.of(group)));
        used.sum::<u64>() as f64 / 1e9
    }

    /// Microseconds an event since `before`, by group.
    pub fn per_event(&self, before: &Cpu, events: f64) -> Value {
        let each = |(group, _): &(&str, &str)| {
            let used = self.of(group).saturating_sub(before.of(group)) as f64;
            (
                (*group).to_owned(),
                Value::from(rounded(used / events / 1_000.0)),
            )
        };
        Value::Object(GROUPS.iter().map(each).collect::<Map<String, Value>>())
    }

    fn of(&self, group: &str) -> u64 {
        self.0.get(group).copied().unwrap_or_default()
    }
}

/// Processor time that this thread used so far, in seconds; 0 where the system does not tell.
pub fn of_thread() -> f64 {
    let told = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let used = told.split(' ').next().and_then(|word| word.parse().ok());
    used.unwrap_or(0.0) / 1e9
}

/// The most memory that this process held at once, in bytes.
pub fn peak_bytes() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().split(' ').next()?.parse().ok()?;
    Some(kilobytes * 1_024.0)
}
