//! Aggregates, from their definitions.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use kith_base::{Amount, Timestamp, Value};
use kith_rule::{Aggregate, Function, Path, Window};

use super::calendar::{self, second};
use super::facts::{Seen, amount};

pub fn sum(amounts: impl Iterator<Item = Amount>) -> Value {
    Value::Float(amounts.fold(Amount::ZERO, Amount::plus).as_f64())
}

/// Of the events that pass the filter, the first to happen first.
pub fn value(of: &Aggregate, passing: &[&Seen], zone: &TimeZone, now: Timestamp) -> Value {
    let own = match of.window {
        Window::CalendarIn(_, name) => {
            let zone = TimeZoneDatabase::bundled().get(name.as_str());
            zone.expect("checked when the rule was")
        }
        _ => zone.clone(),
    };
    let zone = &own;
    let now = second(now);
    let inside = passing
        .iter()
        .filter(|seen| is_inside(of.window, zone, seen.second(), now));
    let inside: Vec<&Seen> = inside.copied().filter(|seen| has_key(of, seen)).collect();
    let amounts: Vec<Amount> = match &of.of {
        None => inside.iter().filter_map(|seen| seen.worth()).collect(),
        Some(path) => {
            let values = inside.iter().flat_map(|seen| values(seen, path));
            values.filter_map(amount).collect()
        }
    };
    let float = |of: Option<&Amount>| of.map_or(Value::Null, |of| Value::Float(of.as_f64()));
    let days = |seen: &[&Seen]| -> BTreeSet<Date> {
        seen.iter()
            .map(|seen| calendar::date(zone, seen.second()))
            .collect()
    };
    let int = |count: usize| Value::Int(count as i64);
    if of.is_map() {
        // Rules ask no more of all keys than whether there is one.
        let counts = matches!(of.function, Function::Count | Function::Sum);
        let any = !inside.is_empty() && (counts || !amounts.is_empty());
        return if any { Value::Bool(true) } else { Value::Null };
    }
    match of.function {
        Function::Count => int(inside.len()),
        Function::Sum => sum(amounts.into_iter()),
        Function::Min => float(amounts.iter().min()),
        Function::Max => float(amounts.iter().max()),
        Function::Average if amounts.is_empty() => Value::Null,
        Function::Average => {
            let sum = amounts.iter().copied().fold(Amount::ZERO, Amount::plus);
            Value::Float(sum.as_f64() / amounts.len() as f64)
        }
        Function::First | Function::Last => match &of.of {
            None => end(of, &inside),
            Some(path) => edge(of, path, passing, &inside),
        },
        Function::Distinct => int(keys(of, &inside).len()),
        Function::Top if of.most > 1 => most_frequent(of, &inside),
        Function::Top => {
            let best = keys(of, &inside).into_iter();
            let best = best.reduce(|best, next| if next.1 > best.1 { next } else { best });
            best.map_or(Value::Null, |(key, _)| parsed(&key))
        }
        Function::DaysActive => int(days(&inside).len()),
        Function::Streak => {
            // A lifetime is known by quarters of an hour: one that has begun counts whole.
            let begun = |seen: &&Seen| match of.window {
                Window::Lifetime => seen.second().div_euclid(900) * 900 <= now,
                _ => true,
            };
            let past: Vec<&Seen> = inside.iter().copied().filter(begun).collect();
            int(streak(&days(&past), calendar::date(zone, now)))
        }
    }
}

fn most_frequent(of: &Aggregate, inside: &[&Seen]) -> Value {
    let mut all: Vec<(String, usize)> = keys(of, inside).into_iter().collect();
    all.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    all.truncate(usize::from(of.most));
    match all.is_empty() {
        true => Value::Null,
        false => Value::List(all.iter().map(|(key, _)| parsed(key)).collect()),
    }
}

/// Whether an event has the key that is asked for, or any when all are.
fn has_key(of: &Aggregate, seen: &Seen) -> bool {
    let Some(by) = &of.by else {
        return true;
    };
    let own = keys_of(seen, &by.path);
    match &by.key {
        None => !own.is_empty(),
        Some(key) => own.contains(key) || own.contains(&format!("\"{key}\"")),
    }
}

fn is_inside(window: Window, zone: &TimeZone, at: i64, now: i64) -> bool {
    match window {
        Window::Lifetime => true,
        _ if at > now => false,
        Window::Rolling(length) => now - length.as_millis() / 1_000 < at,
        Window::Calendar(calendar) | Window::CalendarIn(calendar, _) => {
            calendar::holds(calendar, zone, at, now)
        }
    }
}

/// Days in a row, up to today or yesterday.
fn streak(days: &BTreeSet<Date>, today: Date) -> usize {
    let before = |day: Date| day.yesterday().expect("within the calendar");
    let mut day = match days.contains(&today) {
        true => today,
        false => before(today),
    };
    let mut length = 0;
    while days.contains(&day) {
        length += 1;
        day = before(day);
    }
    length
}

/// The value of a property, or each element of a list.
fn values<'a>(seen: &'a Seen, path: &Path) -> Vec<&'a Value> {
    match path.follow(&seen.properties) {
        Value::List(list) => list.iter().collect(),
        value => vec![value],
    }
}

/// What is counted as different, as JSON texts.
fn keys_of(seen: &Seen, path: &Path) -> Vec<String> {
    let scalar = |value: &&Value| !matches!(value, Value::Null | Value::Map(_) | Value::List(_));
    let whole = |value: &Value| match value {
        Value::Float(float) if float.fract() == 0.0 => Value::Int(*float as i64),
        value => value.clone(),
    };
    let values = values(seen, path).into_iter().filter(scalar);
    let text = |value: &Value| serde_json::to_string(&whole(value)).expect("a scalar");
    let mut keys: Vec<String> = Vec::new();
    for key in values.map(text) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

fn keys(of: &Aggregate, inside: &[&Seen]) -> BTreeMap<String, usize> {
    let path = of.of.as_ref().expect("a property is asked for");
    let mut counts = BTreeMap::new();
    for key in inside.iter().flat_map(|seen| keys_of(seen, path)) {
        *counts.entry(key).or_default() += 1;
    }
    counts
}

fn parsed(json: &str) -> Value {
    serde_json::from_str(json).expect("written as JSON before")
}

fn end(of: &Aggregate, inside: &[&Seen]) -> Value {
    let found = match of.function {
        Function::First => inside.first(),
        _ => inside.last(),
    };
    let exact = |seen: &&Seen| match of.window {
        Window::Lifetime => seen.at(),
        _ => Timestamp::from_millis(seen.second() * 1_000),
    };
    found.map_or(Value::Null, |seen| Value::Time(exact(seen)))
}

/// By event if it is the first or last ever, else by second and text.
fn edge(of: &Aggregate, path: &Path, all: &[&Seen], inside: &[&Seen]) -> Value {
    let is_first = of.function == Function::First;
    let is_keyed = |seen: &&&Seen| !keys_of(seen, path).is_empty();
    let ever = match is_first {
        true => all.iter().find(is_keyed),
        false => all.iter().rfind(is_keyed),
    };
    let is_ever = |seen: &&Seen| ever.is_some_and(|ever| std::ptr::eq(*seen, *ever));
    if let Some(ever) = ever.filter(|_| inside.iter().any(is_ever)) {
        return parsed(&keys_of(ever, path)[0]);
    }
    let keyed = inside.iter().flat_map(|seen| {
        let second = if is_first {
            seen.second()
        } else {
            -seen.second()
        };
        keys_of(seen, path)
            .into_iter()
            .map(move |key| (second, key))
    });
    keyed.min().map_or(Value::Null, |(_, key)| parsed(&key))
}
