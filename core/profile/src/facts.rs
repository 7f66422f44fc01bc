//! A person as rules see them: facts over the folds of their nodes.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use kith_base::{Duration, Timestamp, Value};
use kith_definition::Affinity;
use kith_event::Identifier;
use kith_rule::{Aggregate, FactKey, Facts, Path, Sequence, Window};

use crate::series::{Steps, Timeline};
use crate::view::View;
use crate::zone::{Zone, instant_of, second_of};
use crate::{FeatureSet, Fold, Series, SeriesId, feature};

/// The category that every message needs.
const MARKETING: &str = "marketing";

/// Lends facts to rules. Folds are not merged: a fact looks only at what it asks for, and a
/// series of several folds is merged once, when first asked for. Without a fold nothing is
/// known of the person.
pub struct PersonFacts<'a> {
    /// State of each node.
    folds: Vec<&'a Fold>,
    /// Identifiers, the strongest first.
    identifiers: Vec<&'a Identifier>,
    features: &'a FeatureSet,
    /// What the caller says about this moment.
    context: &'a Value,
    /// Whether the person is in an audience; `None` when there is no such audience.
    audiences: &'a dyn Fn(&str) -> Option<bool>,
    /// Answers what is asked of the person's accounts; `None` when they have none.
    accounts: Option<&'a dyn Fn(&FactKey) -> Value>,
    zone: OnceCell<Zone>,
    merged: RefCell<BTreeMap<SeriesId, Rc<Series>>>,
}

/// No audiences: for callers without them.
pub fn no_audiences(_: &str) -> Option<bool> {
    None
}

enum Held<'a> {
    Own(&'a Series),
    Merged(Rc<Series>),
}

impl std::ops::Deref for Held<'_> {
    type Target = Series;

    fn deref(&self) -> &Series {
        match self {
            Held::Own(series) => series,
            Held::Merged(series) => series,
        }
    }
}

impl<'a> PersonFacts<'a> {
    /// Nothing is read yet. `identifiers` come strongest first.
    pub fn new(
        folds: Vec<&'a Fold>,
        identifiers: Vec<&'a Identifier>,
        features: &'a FeatureSet,
        context: &'a Value,
        audiences: &'a dyn Fn(&str) -> Option<bool>,
    ) -> Self {
        PersonFacts {
            folds,
            identifiers,
            features,
            context,
            audiences,
            accounts: None,
            zone: OnceCell::new(),
            merged: RefCell::default(),
        }
    }

    /// Lets `accounts` answer what is asked of the person's accounts.
    pub fn with_accounts(mut self, accounts: Option<&'a dyn Fn(&FactKey) -> Value>) -> Self {
        self.accounts = accounts;
        self
    }

    /// The zone the newest event with one was sent from.
    pub fn zone(&self) -> &Zone {
        self.zone.get_or_init(|| {
            let name = self.view().latest(|fold| &fold.timezone);
            name.map_or(Zone::UTC, Zone::named)
        })
    }

    /// The zone whose midnights a window goes by.
    fn zone_of(&self, window: Window) -> Cow<'_, Zone> {
        match window {
            Window::CalendarIn(_, name) => Cow::Owned(Zone::of(name)),
            _ => Cow::Borrowed(self.zone()),
        }
    }

    fn view(&self) -> View<'_> {
        View(&self.folds)
    }

    fn series(&self, id: SeriesId) -> Option<Held<'a>> {
        let mut held = self.folds.iter().filter_map(|fold| fold.series.get(id));
        let first = held.next()?;
        let Some(second) = held.next() else {
            return Some(Held::Own(first));
        };
        if let Some(merged) = self.merged.borrow().get(&id) {
            return Some(Held::Merged(merged.clone()));
        }
        let mut merged = first.clone();
        merged.merge(second);
        held.for_each(|other| merged.merge(other));
        let merged = Rc::new(merged);
        self.merged.borrow_mut().insert(id, merged.clone());
        Some(Held::Merged(merged))
    }

    fn aggregate(&self, aggregate: &Aggregate, now: Timestamp) -> Value {
        let zone = &self.zone_of(aggregate.window);
        match self.series(self.features.id_of_aggregate(aggregate)) {
            Some(series) => series.answer(aggregate, zone, now),
            None => Series::default().answer(aggregate, zone, now),
        }
    }

    fn interest(&self, of: &Affinity, key: Option<&str>, now: Timestamp) -> Value {
        let series = self.series(self.features.id_of_affinity(of));
        let held = series.as_deref().and_then(Series::interests);
        match key {
            Some(key) => Value::Float(held.map_or(0.0, |held| held.share(of, key, now))),
            None => held
                .and_then(|held| held.top(of, now))
                .map_or(Value::Null, Value::from),
        }
    }

    fn timeline(&self, sequence: &Sequence, now: Timestamp) -> Timeline {
        let series = |filter| self.series(self.features.id_of(filter));
        let steps = sequence.steps.iter();
        let held: Vec<_> = steps
            .map(|(filter, within)| (series(filter), *within))
            .collect();
        let absent = sequence.absent.as_ref();
        let absent = absent.map(|(filter, within)| (series(filter), *within));
        let steps = Steps {
            steps: held
                .iter()
                .map(|(series, within)| (series.as_deref(), *within))
                .collect(),
            absent: absent
                .as_ref()
                .map(|(series, within)| (series.as_deref(), *within)),
            window: sequence.window,
        };
        Timeline::of(&steps, now)
    }

    /// The day of the next such day of a date in a trait.
    fn anniversary(&self, path: &Path, now: Timestamp) -> Option<i64> {
        let zone = self.zone();
        let held = path.follow_rest(self.view().trait_value(path.first())?);
        zone.anniversary(held, zone.day(second_of(now)))
    }

    fn of_person(&self, key: &FactKey, now: Timestamp) -> Value {
        let view = self.view();
        let counter = |name: &str| view.counter(name);
        let time = |at: Option<Timestamp>| at.map_or(Value::Null, Value::Time);
        match key {
            FactKey::Trait(path) => {
                let held = view.trait_value(path.first());
                held.map_or(Value::Null, |held| path.follow_rest(held).clone())
            }
            FactKey::Feature(name) => {
                feature::find(name).map_or(Value::Null, |feature| feature.of(view, now))
            }
            FactKey::Consent(category) => view.consent(category).map_or(Value::Null, Value::Bool),
            FactKey::Count(name) => {
                Value::Int(counter(name).map_or(0, |of| of.count.cast_signed()))
            }
            FactKey::Sum(name) => Value::Float(counter(name).map_or(0.0, |of| of.value.as_f64())),
            FactKey::First(name) => time(counter(name).map(|of| of.first_at)),
            FactKey::Last(name) => time(counter(name).map(|of| of.last_at)),
            FactKey::Affinity { dimension, key } => {
                let shares = view.affinities(dimension, now);
                Value::Float(shares.get(key).copied().unwrap_or(0.0))
            }
            FactKey::Interest { of, key, .. } => self.interest(of, key.as_deref(), now),
            FactKey::Identifier(namespace) => {
                let mut own = self.identifiers.iter();
                let found = own.find(|own| own.namespace == *namespace);
                found.map_or(Value::Null, |own| Value::from(own.value.as_str()))
            }
            FactKey::Aggregate(aggregate) => self.aggregate(aggregate, now),
            FactKey::Sequence(sequence) => Value::Bool(self.timeline(sequence, now).holds(now)),
            FactKey::Reachable(namespace) => {
                let mut own = self.identifiers.iter();
                let known = own.any(|own| own.namespace == *namespace);
                Value::Bool(known && view.consent(MARKETING) != Some(false))
            }
            FactKey::Anniversary(path) => {
                let day = self.anniversary(path, now);
                time(day.map(|day| instant_of(self.zone().start_of(day))))
            }
            FactKey::LocalHour => Value::Int(self.zone().hour(second_of(now))),
            FactKey::LocalWeekday => Value::from(self.zone().weekday(second_of(now))),
            FactKey::Audience(id) => (self.audiences)(id).map_or(Value::Null, Value::Bool),
            FactKey::Account(_) | FactKey::AccountPersons { .. } => {
                self.accounts.map_or(Value::Null, |ask| ask(key))
            }
            // A feature by key stands for an aggregate, see `Schema::resolve`; properties and
            // context are known while an event is looked at.
            FactKey::Keyed { .. }
            | FactKey::Property(_)
            | FactKey::Context(_)
            | FactKey::Item(_) => Value::Null,
        }
    }
}

impl Facts for PersonFacts<'_> {
    fn fact(&self, key: &FactKey, now: Timestamp) -> Value {
        match key {
            FactKey::Context(path) => path.follow(self.context).clone(),
            _ if self.folds.is_empty() => Value::Null,
            _ => self.of_person(key, now),
        }
    }

    fn next_change(&self, key: &FactKey, after: Timestamp) -> Option<Timestamp> {
        if self.folds.is_empty() {
            return None;
        }
        let zone = self.zone();
        let second = second_of(after);
        match key {
            FactKey::Aggregate(aggregate) => {
                let series = self.series(self.features.id_of_aggregate(aggregate))?;
                series.next_change_of(aggregate, &self.zone_of(aggregate.window), after)
            }
            FactKey::Interest { of, .. } => {
                let series = self.series(self.features.id_of_affinity(of))?;
                series.interests()?.next_change(of, after)
            }
            FactKey::Sequence(sequence) => self.timeline(sequence, after).next_change(after),
            FactKey::LocalHour => Some(instant_of(zone.next_hour(second))),
            FactKey::LocalWeekday => Some(instant_of(zone.start_of(zone.day(second) + 1))),
            FactKey::Anniversary(path) => {
                let day = self.anniversary(path, after)?;
                Some(instant_of(zone.start_of(day + 1)))
            }
            FactKey::Feature(name) => {
                let since = match name.as_str() {
                    "days_since_last_seen" => self.view().last_seen_at()?,
                    "days_since_last_purchase" => self.view().counter("Order Completed")?.last_at,
                    _ => return None,
                };
                let days = after.since(since).whole_days().max(0) + 1;
                Some(since.plus(Duration::from_days(days)))
            }
            _ => None,
        }
    }

    fn only_falls(&self, key: &FactKey, after: Timestamp) -> bool {
        let FactKey::Aggregate(aggregate) = key else {
            return false;
        };
        let series = self.series(self.features.id_of_aggregate(aggregate));
        series.is_none_or(|series| series.only_falls_of(aggregate, after))
    }

    fn next_point(&self, key: &FactKey, after: Timestamp) -> Option<Timestamp> {
        let FactKey::Aggregate(aggregate) = key else {
            return self.next_change(key, after);
        };
        let series = self.series(self.features.id_of_aggregate(aggregate))?;
        series.next_entry_or_exit_of(aggregate, &self.zone_of(aggregate.window), after)
    }
}
