//! A person's facts from scratch: every definition spelt out over the list of their events.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::{TimeZone, TimeZoneDatabase};
use kith_base::{Amount, Timestamp, Value};
use kith_event::{Event, Identifier, Kind};
use kith_rule::{Events, FactKey, FactSet, Facts, Filter, Path, Rule, Sequence, Slots};

use super::aggregates;
use super::calendar::{self, second};
use crate::world::DAY;

/// An event with its members read.
#[derive(Debug)]
pub struct Seen {
    pub event: Event,
    /// What conditions and `of` look at.
    pub properties: Value,
    traits: Value,
    context: Value,
}

impl Seen {
    pub fn new(event: Event) -> Self {
        let traits = event.traits.value();
        Seen {
            properties: match event.kind {
                Kind::Identify | Kind::Group => traits.clone(),
                _ => event.properties.value(),
            },
            traits,
            context: event.context.value(),
            event,
        }
    }

    pub fn at(&self) -> Timestamp {
        self.event.occurred_at
    }

    pub fn second(&self) -> i64 {
        second(self.at())
    }

    pub fn is_track(&self, name: &str) -> bool {
        self.event.kind == Kind::Track && self.event.name == name
    }

    /// `revenue`, as it is in these histories.
    pub fn worth(&self) -> Option<Amount> {
        amount(self.event.properties.value().path("revenue"))
    }

    fn passes(&self, filter: &Filter) -> bool {
        let event = &self.event;
        let named = match &filter.events {
            Events::Any => true,
            Events::Kind(kind) => event.kind == *kind,
            Events::Named(kind, name) => event.kind == *kind && event.name == *name,
        };
        named
            && filter.condition.as_ref().is_none_or(|condition| {
                let mut set = FactSet::default();
                let rule = Rule::compile(condition.expr(), &mut set);
                rule.holds(&Slots::new(&set, self, self.at()))
            })
    }
}

/// Inside a condition.
impl Facts for Seen {
    fn fact(&self, key: &FactKey, _: Timestamp) -> Value {
        match key {
            FactKey::Property(path) => path.follow(&self.properties).clone(),
            FactKey::Context(path) => path.follow(&self.context).clone(),
            other => unreachable!("{other} inside a condition"),
        }
    }
}

pub fn amount(value: &Value) -> Option<Amount> {
    match value {
        Value::Int(int) => Some(Amount::from_micros(i128::from(*int) * 1_000_000)),
        Value::Float(float) => Amount::from_f64(*float),
        Value::Text(text) => Amount::parse(text),
        _ => None,
    }
}

/// Which events pass which filter, found out once.
#[derive(Default)]
pub struct Passed(RefCell<BTreeMap<Filter, Vec<bool>>>);

impl Passed {
    fn passes(&self, filter: &Filter, place: usize, all: &[Seen]) -> bool {
        let mut known = self.0.borrow_mut();
        if !known.contains_key(filter) {
            known.insert(filter.clone(), Vec::new());
        }
        let known = known.get_mut(filter).expect("put there before");
        for seen in &all[known.len()..] {
            known.push(seen.passes(filter));
        }
        known[place]
    }
}

/// Somebody, from scratch.
pub struct Person<'a> {
    pub all: &'a [Seen],
    pub passed: &'a Passed,
    /// Places of their events, the first to happen first.
    pub events: &'a [usize],
    pub identifiers: &'a BTreeSet<Identifier>,
    /// Audiences they are in.
    pub held: BTreeSet<String>,
    pub zone: TimeZone,
}

impl<'a> Person<'a> {
    pub fn new(
        all: &'a [Seen],
        passed: &'a Passed,
        events: &'a [usize],
        identifiers: &'a BTreeSet<Identifier>,
    ) -> Self {
        let zone = |place: &usize| all[*place].context.path("timezone").as_text();
        let name = events.iter().rev().find_map(zone);
        let zone = name.and_then(|name| TimeZoneDatabase::bundled().get(name).ok());
        Person {
            all,
            passed,
            events,
            identifiers,
            held: BTreeSet::new(),
            zone: zone.unwrap_or(TimeZone::UTC),
        }
    }

    /// Events, the first to happen first.
    fn own(&self) -> impl DoubleEndedIterator<Item = &'a Seen> {
        self.events.iter().map(|place| &self.all[*place])
    }

    fn tracks(&self, name: &str) -> impl DoubleEndedIterator<Item = &'a Seen> {
        self.own().filter(move |seen| seen.is_track(name))
    }

    pub fn passing(&self, filter: &Filter) -> Vec<&'a Seen> {
        let passes = |place: &&usize| self.passed.passes(filter, **place, self.all);
        let places = self.events.iter().filter(passes);
        places.map(|place| &self.all[*place]).collect()
    }

    /// The last value of a trait that was told, `Null` when that removed it.
    fn trait_value(&self, path: &Path) -> Value {
        let told = |seen: &'a Seen| match &seen.traits {
            Value::Map(traits) => traits.get(path.first()),
            _ => None,
        };
        let held = self.own().rev().find_map(told);
        held.map_or(Value::Null, |held| path.follow_rest(held).clone())
    }

    fn consent(&self, category: &str) -> Option<bool> {
        let told = |seen: &Seen| match seen.properties.path("categories").path(category) {
            Value::Bool(granted) => Some(*granted),
            _ => None,
        };
        self.tracks("Consent Updated").rev().find_map(told)
    }

    fn identifier(&self, namespace: &str) -> Option<&str> {
        let mut own = self.identifiers.iter();
        let found = own.find(|one| one.namespace == namespace)?;
        Some(&found.value)
    }

    /// Every step in a later second than the one before, all in the window.
    fn sequence(&self, sequence: &Sequence, now: i64) -> bool {
        let window = sequence.window.as_millis() / 1_000;
        let seconds = |filter: &Filter| -> Vec<i64> {
            self.passing(filter)
                .iter()
                .map(|seen| seen.second())
                .collect()
        };
        let mut ways: Vec<i64> = Vec::new();
        for (step, (filter, within)) in sequence.steps.iter().enumerate() {
            let within = within.map_or(i64::MAX, |within| within.as_millis() / 1_000);
            let mut possible = seconds(filter);
            possible.retain(|second| {
                let follows = |before: &i64| before < second && second - before <= within;
                let inside = now - window < *second && *second <= now;
                inside && (step == 0 || ways.iter().any(follows))
            });
            ways = possible;
        }
        let stays_away = |last: &i64| {
            sequence.absent.as_ref().is_none_or(|(filter, within)| {
                let within = within.as_millis() / 1_000;
                let comes = |other: &i64| last < other && *other <= last + within;
                last + within <= now && !seconds(filter).iter().any(comes)
            })
        };
        ways.iter().any(stays_away)
    }

    /// Weights by category: half after four days, a fifth for five days after a purchase.
    fn taste(&self, now: Timestamp) -> BTreeMap<&'a str, f64> {
        let mut weights: BTreeMap<&str, f64> = BTreeMap::new();
        let mut bought: BTreeMap<&str, Timestamp> = BTreeMap::new();
        for (seen, counts) in self.own().filter_map(weighted) {
            let Some(category) = seen.properties.path("category").as_text() else {
                continue;
            };
            if seen.is_track("Order Completed") {
                bought.insert(category, seen.at());
            }
            *weights.entry(category).or_default() += counts * decay(seen, now, 4 * DAY);
        }
        for (category, at) in bought {
            if now.since(at).as_millis() < 5 * DAY {
                weights.entry(category).and_modify(|weight| *weight *= 0.2);
            }
        }
        weights
    }

    /// Share of what is known of a dimension; interest halves in thirty days.
    fn affinity(&self, dimension: &str, key: &str, now: Timestamp) -> f64 {
        let (mut all, mut own) = (0.0, 0.0);
        for (seen, counts) in self.own().filter_map(weighted) {
            if let Some(found) = seen.properties.path(dimension).as_text() {
                let weight = counts * decay(seen, now, 30 * DAY);
                all += weight;
                own += if found == key { weight } else { 0.0 };
            }
        }
        if all > 0.0 { own / all } else { 0.0 }
    }

    /// Items put into the cart after the last order and not taken out since.
    fn cart(&self) -> usize {
        let mut added: BTreeMap<&str, Timestamp> = BTreeMap::new();
        for seen in self.own() {
            let item = seen.properties.path("product_id").as_text();
            match (seen.event.name.as_str(), item) {
                ("Product Added", Some(item)) => {
                    added.insert(item, seen.at());
                }
                ("Product Removed", Some(item)) => {
                    added.remove(item);
                }
                _ => {}
            }
        }
        let ordered = self.tracks("Order Completed").next_back().map(Seen::at);
        added.into_values().filter(|at| Some(*at) > ordered).count()
    }

    fn feature(&self, name: &str, now: Timestamp) -> Value {
        let count = |name: &str| int(self.tracks(name).count());
        let time = |seen: Option<&Seen>| seen.map_or(Value::Null, |seen| Value::Time(seen.at()));
        let days = |seen: Option<&Seen>| {
            seen.map_or(Value::Null, |seen| {
                Value::Int(now.since(seen.at()).whole_days().max(0))
            })
        };
        let viewed = |member: &str| {
            let last = self.tracks("Product Viewed").next_back();
            last.map_or(Value::Null, |seen| seen.properties.path(member).clone())
        };
        let orders = || self.tracks("Order Completed");
        match name {
            "event_count" => int(self.events.len()),
            "purchase_count" => count("Order Completed"),
            "purchase_revenue" => aggregates::sum(orders().filter_map(Seen::worth)),
            "product_view_count" => count("Product Viewed"),
            "cart_add_count" => count("Product Added"),
            "page_view_count" => int(self
                .own()
                .filter(|seen| seen.event.kind == Kind::Page)
                .count()),
            "cart_item_count" => int(self.cart()),
            "first_seen_at" => time(self.own().next()),
            "last_seen_at" => time(self.own().next_back()),
            "last_purchase_at" => time(orders().next_back()),
            "days_since_last_seen" => days(self.own().next_back()),
            "days_since_last_purchase" => days(orders().next_back()),
            "last_viewed_item" => viewed("product_id"),
            "last_viewed_category" => viewed("category"),
            other => unreachable!("features.{other}"),
        }
    }
}

fn int(count: usize) -> Value {
    Value::Int(count as i64)
}

/// What an event says about interest.
fn weighted(seen: &Seen) -> Option<(&Seen, f64)> {
    let counts = [
        ("Product Viewed", 1.0),
        ("Product Added", 3.0),
        ("Order Completed", 5.0),
    ];
    let found = counts.into_iter().find(|(name, _)| seen.is_track(name));
    found.map(|(_, counts)| (seen, counts))
}

fn decay(seen: &Seen, now: Timestamp, half_life: i64) -> f64 {
    f64::exp2(seen.at().since(now).as_millis() as f64 / half_life as f64)
}

impl Facts for Person<'_> {
    fn fact(&self, key: &FactKey, now: Timestamp) -> Value {
        let time = |seen: Option<&Seen>| seen.map_or(Value::Null, |seen| Value::Time(seen.at()));
        let flag = |flag: Option<bool>| flag.map_or(Value::Null, Value::Bool);
        match key {
            FactKey::Trait(path) => self.trait_value(path),
            FactKey::Feature(name) => self.feature(name, now),
            FactKey::Consent(category) => flag(self.consent(category)),
            FactKey::Count(name) => int(self.tracks(name).count()),
            FactKey::Sum(name) => aggregates::sum(self.tracks(name).filter_map(Seen::worth)),
            FactKey::First(name) => time(self.tracks(name).next()),
            FactKey::Last(name) => time(self.tracks(name).next_back()),
            FactKey::Affinity { dimension, key } => {
                Value::Float(self.affinity(dimension, key, now))
            }
            FactKey::Interest { key: Some(key), .. } => {
                let weights = self.taste(now);
                let all: f64 = weights.values().sum();
                Value::Float(weights.get(&**key).map_or(0.0, |own| own / all))
            }
            FactKey::Interest { key: None, .. } => {
                let weights = self.taste(now).into_iter();
                let best = weights.reduce(|best, next| if next.1 > best.1 { next } else { best });
                best.map_or(Value::Null, |(key, _)| Value::from(key))
            }
            FactKey::Identifier(namespace) => {
                self.identifier(namespace).map_or(Value::Null, Value::from)
            }
            FactKey::Reachable(namespace) => {
                let known = self.identifier(namespace).is_some();
                Value::Bool(known && self.consent("marketing") != Some(false))
            }
            FactKey::Aggregate(aggregate) => {
                let passing = self.passing(&aggregate.events);
                aggregates::value(aggregate, &passing, &self.zone, now)
            }
            FactKey::Sequence(of) => Value::Bool(self.sequence(of, second(now))),
            FactKey::Audience(id) => Value::Bool(self.held.contains(id)),
            FactKey::LocalHour => Value::Int(calendar::hour(&self.zone, now)),
            FactKey::LocalWeekday => Value::from(calendar::weekday(&self.zone, now)),
            FactKey::Anniversary(path) => {
                calendar::anniversary(&self.zone, &self.trait_value(path), now)
            }
            // Nobody belongs to an account here; the seeds and `accounts` see to those.
            FactKey::Account(_) | FactKey::AccountPersons { .. } => Value::Null,
            FactKey::Keyed { .. } => unreachable!("{key} stands for an aggregate"),
            FactKey::Property(_) | FactKey::Context(_) | FactKey::Item(_) => {
                unreachable!("{key} of a person")
            }
        }
    }
}
