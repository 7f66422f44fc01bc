//! The model: a list of events, and every definition spelt out over it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use kith_base::{Amount, Duration, Timestamp, Value};
use kith_profile::series::{Contribution, Moment, Needs, Series, Touch};
use kith_profile::{Stamp, Zone};
use kith_rule::{Aggregate, Calendar, Events, Filter, Function, Path, Window};

/// One event of the filter in question.
#[derive(Clone, Debug, PartialEq)]
pub struct Happening {
    /// Milliseconds.
    pub at: i64,
    /// Different for different events.
    pub tie: u64,
    /// Milliseconds.
    pub received: i64,
    pub value: Option<i64>,
    pub key: Option<u8>,
}

impl Happening {
    pub fn second(&self) -> i64 {
        self.at.div_euclid(1_000)
    }

    fn key_text(&self) -> Option<String> {
        self.key.map(|key| format!("\"k{key}\""))
    }

    pub fn add_to(&self, series: &mut Series, needs: Needs) {
        let mut contribution = Contribution::one();
        if let Some(value) = self.value {
            let amount = Amount::from_micros(i128::from(value));
            contribution.tally.add_value(amount);
        }
        if let Some(key) = self.key {
            contribution.add_key(&Value::Text(format!("k{key}")));
            let text = format!("k{key}");
            contribution.add_keyed(&Value::Text(text), contribution.tally);
            contribution.touches.push(Touch {
                key: format!("k{key}"),
                weight: u32::from(key % 4),
                buys: key % 4 == 0,
            });
        }
        let moment = Moment {
            stamp: Stamp {
                at: Timestamp::from_millis(self.at),
                tie: self.tie,
            },
            received_at: Timestamp::from_millis(self.received),
        };
        series.add(needs, &contribution, moment);
    }
}

pub fn fold(events: &[Happening], needs: Needs) -> Series {
    let mut series = Series::default();
    events
        .iter()
        .for_each(|event| event.add_to(&mut series, needs));
    series
}

/// An aggregate over any events; `first`, `last`, `distinct` and `top` of a property when asked.
pub fn aggregate(function: Function, of: bool, window: Window) -> Aggregate {
    let by_value = matches!(function, Function::Distinct | Function::Top);
    Aggregate {
        function,
        events: Filter::new(Events::Any, None),
        of: (of || by_value).then(|| Path::dotted("category")),
        by: None,
        most: 1,
        window,
    }
}

pub fn rolling(seconds: i64) -> Window {
    Window::Rolling(Duration::from_secs(seconds))
}

pub struct Model<'a> {
    pub events: &'a [Happening],
    pub zone: TimeZone,
}

impl<'a> Model<'a> {
    pub fn new(events: &'a [Happening], zone: &str) -> (Self, Zone) {
        let zone_of = TimeZoneDatabase::bundled()
            .get(zone)
            .expect("a test stays within the calendar and has what it asks for");
        let model = Model {
            events,
            zone: zone_of,
        };
        (model, Zone::named(zone))
    }

    pub fn date(&self, second: i64) -> Date {
        let instant = jiff::Timestamp::from_second(second)
            .expect("a test stays within the calendar and has what it asks for");
        instant.to_zoned(self.zone.clone()).date()
    }

    fn inside(&self, window: Window, second: i64, now: i64) -> bool {
        if window == Window::Lifetime {
            return true;
        }
        if second > now {
            return false;
        }
        let (date, today) = (self.date(second), self.date(now));
        match window {
            Window::Lifetime => true,
            Window::Rolling(length) => now - length.as_millis() / 1_000 < second,
            Window::CalendarIn(..) => unreachable!("see zones.rs"),
            Window::Calendar(Calendar::Today) => date == today,
            Window::Calendar(Calendar::ThisWeek) => {
                date.iso_week_date().week() == today.iso_week_date().week()
                    && date.iso_week_date().year() == today.iso_week_date().year()
            }
            Window::Calendar(Calendar::ThisMonth) => {
                (date.year(), date.month()) == (today.year(), today.month())
            }
            Window::Calendar(Calendar::ThisYear) => date.year() == today.year(),
            Window::Calendar(Calendar::LastDays(days)) => {
                date > today
                    .checked_sub(i64::from(days).days())
                    .expect("a test stays within the calendar and has what it asks for")
            }
        }
    }

    /// The value of an aggregate, from its definition.
    pub fn value(&self, aggregate: &Aggregate, now: i64) -> Value {
        let window = aggregate.window;
        let all = self.events.iter();
        let mut inside: Vec<&Happening> = all
            .filter(|event| self.inside(window, event.second(), now))
            .collect();
        inside.sort_by_key(|event| (event.at, event.tie));
        let values: Vec<i64> = inside.iter().filter_map(|event| event.value).collect();
        let sum: i64 = values.iter().sum();
        let float = |micros: i64| Value::Float(micros as f64 / 1e6);
        let or_null = |micros: Option<i64>| micros.map_or(Value::Null, float);
        match aggregate.function {
            Function::Count => Value::Int(inside.len() as i64),
            Function::Sum => float(sum),
            Function::Min => or_null(values.iter().min().copied()),
            Function::Max => or_null(values.iter().max().copied()),
            Function::Average if values.is_empty() => Value::Null,
            Function::Average => Value::Float(sum as f64 / 1e6 / values.len() as f64),
            Function::First | Function::Last if aggregate.of.is_some() => {
                self.edge(aggregate, &inside)
            }
            Function::First => time(window, inside.first()),
            Function::Last => time(window, inside.last()),
            Function::Distinct => {
                let keys: BTreeSet<_> = inside.iter().filter_map(|event| event.key).collect();
                Value::Int(keys.len() as i64)
            }
            Function::Top => top(&inside),
            Function::DaysActive => {
                let days = inside.iter().map(|event| self.date(event.second()));
                Value::Int(days.collect::<BTreeSet<_>>().len() as i64)
            }
            Function::Streak => Value::Int(self.streak(window, &inside, now)),
        }
    }

    /// A lifetime is known by quarters of an hour: one that has begun counts whole.
    fn streak(&self, window: Window, inside: &[&Happening], now: i64) -> i64 {
        let begun = |event: &Happening| match window {
            Window::Lifetime => event.second().div_euclid(900) * 900,
            _ => event.second(),
        };
        let past = inside.iter().filter(|event| begun(event) <= now);
        let days: BTreeSet<Date> = past.map(|event| self.date(event.second())).collect();
        let today = self.date(now);
        let mut day = today;
        if !days.contains(&day) {
            day = day
                .yesterday()
                .expect("a test stays within the calendar and has what it asks for");
        }
        let mut length = 0;
        while days.contains(&day) {
            length += 1;
            day = day
                .yesterday()
                .expect("a test stays within the calendar and has what it asks for");
        }
        length
    }

    /// By event if it is the first or last ever, else by second and text.
    fn edge(&self, aggregate: &Aggregate, inside: &[&Happening]) -> Value {
        let is_first = aggregate.function == Function::First;
        let keyed = |event: &&Happening| event.key.is_some();
        let mut all: Vec<&Happening> = self.events.iter().filter(keyed).collect();
        all.sort_by_key(|event| (event.at, event.tie));
        let ever = if is_first { all.first() } else { all.last() };
        let mut inside: Vec<&Happening> = inside.iter().copied().filter(keyed).collect();
        inside.sort_by_key(|event| {
            let second = event.second();
            (if is_first { second } else { -second }, event.key_text())
        });
        let found = match ever {
            Some(ever) if inside.contains(ever) => Some(ever),
            _ => inside.first(),
        };
        found.map_or(Value::Null, |event| {
            Value::Text(format!(
                "k{}",
                event
                    .key
                    .expect("a test stays within the calendar and has what it asks for")
            ))
        })
    }
}

fn time(window: Window, event: Option<&&Happening>) -> Value {
    let exact = |event: &&Happening| match window {
        Window::Lifetime => event.at,
        _ => event.second() * 1_000,
    };
    event.map_or(Value::Null, |event| {
        Value::Time(Timestamp::from_millis(exact(event)))
    })
}

fn top(inside: &[&Happening]) -> Value {
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    for event in inside {
        if let Some(key) = event.key {
            *counts.entry(format!("k{key}")).or_default() += 1;
        }
    }
    let best = counts.iter().max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0)));
    best.map_or(Value::Null, |(key, _)| Value::from(key.as_str()))
}
