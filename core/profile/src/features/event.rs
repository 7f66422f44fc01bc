//! One event as filters see it: its properties, its context, its lines.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use kith_base::{Amount, Json, Timestamp, Value, limits};
use kith_definition::Affinity;
use kith_event::{Commerce, Event, Kind};
use kith_rule::{CompiledFilter, FactKey, Facts, Path, Rule, Slots};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::{Reads, SeriesSpec, touch};
use crate::fold::event_value;
use crate::series::{Contribution, Tally, key_of};

/// The member with the lines of an order.
const LINES: &str = "products";

/// An event with what the filters that name it ask for.
pub(super) struct Reader<'a> {
    event: &'a Event,
    commerce: &'a Commerce,
    properties: Value,
    context: Value,
}

impl<'a> Reader<'a> {
    /// Parses what is looked at, and nothing when nothing is.
    pub(super) fn new(event: &'a Event, commerce: &'a Commerce, reads: &Reads) -> Self {
        let json = own(event);
        let properties = if reads.members.is_empty() {
            Value::Null
        } else {
            let mut parser = serde_json::Deserializer::from_str(json.as_str());
            let members = Members(&reads.members).deserialize(&mut parser);
            members.unwrap_or_default()
        };
        let context = if reads.context {
            event.context.value()
        } else {
            Value::Null
        };
        Reader {
            event,
            commerce,
            properties,
            context,
        }
    }

    /// What conditions are asked of: each line, or the event itself when it has none.
    pub(super) fn cases(&self) -> Vec<LineFacts<'_>> {
        let case = |line| LineFacts {
            properties: &self.properties,
            context: &self.context,
            line,
        };
        match self.lines() {
            [] => vec![case(None)],
            lines => lines.iter().map(|line| case(Some(line))).collect(),
        }
    }

    /// What the event adds to a series, given each of [`Reader::cases`]; `None` when it is none
    /// of its events.
    pub(super) fn contribution(
        &self,
        spec: &SeriesSpec,
        condition: Option<&Rule>,
        cases: &[Slots<'_>],
        item: &mut dyn FnMut(&str) -> Value,
    ) -> Option<Contribution> {
        if let Some(affinity) = &spec.affinity {
            return self.interest(affinity, item);
        }
        let matches = |case: &Slots| condition.is_none_or(|condition| condition.holds(case));
        let matching: Cow<'_, [Option<usize>]> = if self.lines().is_empty() {
            Cow::Borrowed(if matches(&cases[0]) { &[None] } else { &[] })
        } else {
            let each = cases.iter().enumerate();
            let matching = each.filter(|(_, case)| matches(case));
            matching.map(|(at, _)| Some(at)).collect()
        };
        if matching.is_empty() {
            return None;
        }
        let mut contribution = Contribution::one();
        if let Some(by) = &spec.by {
            contribution.keyed = self.keyed(spec.of.as_ref(), by, &matching);
            return Some(contribution);
        }
        match &spec.of {
            None => {
                let value = self.value(condition, cases, &matching);
                value
                    .into_iter()
                    .for_each(|value| contribution.tally.add_value(value));
            }
            Some(path) => {
                for value in self.values(path, &matching) {
                    add(&mut contribution, spec, value);
                }
            }
        }
        Some(contribution)
    }

    /// What the event says about an interest; `None` when nothing.
    fn interest(
        &self,
        affinity: &Affinity,
        item: &mut dyn FnMut(&str) -> Value,
    ) -> Option<Contribution> {
        let lines = self.lines();
        let nothing = &Value::Null;
        let of_lines = self.commerce.products.iter().enumerate();
        let of_lines = of_lines.map(|(at, line)| touch::Item {
            line,
            own: lines.get(at).unwrap_or(nothing),
            event: &self.properties,
        });
        let alone = self.commerce.products.is_empty().then_some(touch::Item {
            line: &self.commerce.product,
            own: &self.properties,
            event: nothing,
        });
        let items = of_lines.chain(alone);
        let touches = touch::touches(affinity, &self.event.name, items, item);
        (!touches.is_empty()).then(|| Contribution {
            touches,
            ..Contribution::one()
        })
    }

    /// `products[]`, as far as anything is read of the properties.
    fn lines(&self) -> &[Value] {
        match self.properties.path(LINES) {
            Value::List(lines) => &lines[..lines.len().min(self.commerce.products.len())],
            _ => &[],
        }
    }

    /// What the event is worth: price × quantity of the matching lines where the condition
    /// chooses among lines, else the event's own value.
    fn value(
        &self,
        condition: Option<&Rule>,
        cases: &[Slots<'_>],
        matching: &[Option<usize>],
    ) -> Option<Amount> {
        let asked = condition
            .into_iter()
            .flat_map(|condition| condition.slots());
        let mut asked = asked.map(|slot| cases[0].set().key(*slot));
        let of_line = |key: &FactKey| match key {
            FactKey::Property(path) => {
                let lines = self.lines().iter();
                lines.into_iter().any(|line| !path.follow(line).is_null())
            }
            _ => false,
        };
        if !asked.any(of_line) {
            return event_value(self.commerce);
        }
        self.price(matching)
    }

    /// Price × quantity of lines.
    fn price(&self, lines: &[Option<usize>]) -> Option<Amount> {
        let prices = lines.iter().flatten().filter_map(|at| {
            let line = self.commerce.products.get(*at)?;
            Some(line.price?.times(line.quantity.unwrap_or(1)))
        });
        prices.reduce(Amount::plus)
    }

    /// What the event adds to each key: the numbers of the matching lines that have the key, or
    /// its own when no line has one. The event counts once for each.
    fn keyed(
        &self,
        of: Option<&Path>,
        by: &Path,
        matching: &[Option<usize>],
    ) -> Vec<(u64, Box<str>, Tally)> {
        let tally = |lines: &[Option<usize>]| {
            let mut tally = Tally::one();
            let own = lines.is_empty();
            let values: Vec<Amount> = match of {
                None if own => event_value(self.commerce).into_iter().collect(),
                None => self.price(lines).into_iter().collect(),
                Some(of) => {
                    let values = self.values(of, if own { matching } else { lines });
                    values
                        .into_iter()
                        .flat_map(scalars)
                        .filter_map(amount)
                        .collect()
                }
            };
            values.into_iter().for_each(|value| tally.add_value(value));
            tally
        };
        let keys = self.lines_by_key(by, matching).into_iter();
        keys.map(|(hash, text, lines)| (hash, text, tally(&lines)))
            .collect()
    }

    /// Each key with its lines; with none when it is the event's own.
    fn lines_by_key(
        &self,
        by: &Path,
        matching: &[Option<usize>],
    ) -> Vec<(u64, Box<str>, Vec<Option<usize>>)> {
        let lines = matching
            .iter()
            .flatten()
            .map(|at| (*at, &self.lines()[*at]));
        let of_lines = lines.flat_map(|(at, line)| {
            let keys = scalars(by.follow(line));
            keys.map(move |key| (key, Some(at)))
        });
        let mut found: Vec<(&Value, Option<usize>)> = of_lines.collect();
        if found.is_empty() {
            let own = scalars(by.follow(&self.properties));
            found.extend(own.map(|key| (key, None)));
        }
        let mut keys: Vec<(u64, Box<str>, Vec<Option<usize>>)> = Vec::new();
        for (key, line) in found {
            let Some((hash, text)) = key_of(&whole(key)) else {
                continue;
            };
            let line = line.map(Some);
            match keys.iter().position(|known| known.0 == hash) {
                Some(at) => keys[at].2.extend(line),
                None if keys.len() < limits::SERIES_KEYS_PER_EVENT_MAX => {
                    keys.push((hash, text, line.into_iter().collect()));
                }
                None => {}
            }
        }
        keys
    }

    /// The property of each matching line that has it, else of the event itself.
    fn values<'v>(&'v self, path: &'v Path, matching: &[Option<usize>]) -> Vec<&'v Value> {
        let lines = matching
            .iter()
            .flatten()
            .filter_map(|at| self.lines().get(*at));
        let of_lines: Vec<&Value> = lines
            .map(|line| path.follow(line))
            .filter(|value| !value.is_null())
            .collect();
        if !of_lines.is_empty() {
            return of_lines;
        }
        vec![path.follow(&self.properties)]
    }
}

/// Adds a value, or each element of a list.
fn add(contribution: &mut Contribution, spec: &SeriesSpec, value: &Value) {
    if let Value::List(list) = value {
        let scalars = list.iter().filter(|value| !matches!(value, Value::List(_)));
        return scalars.for_each(|value| add(contribution, spec, value));
    }
    if let Some(amount) = amount(value) {
        contribution.tally.add_value(amount);
    }
    let needs = spec.needs;
    let wants_keys = needs.edges || needs.keys || needs.key_days > 0;
    if wants_keys && !matches!(value, Value::Null | Value::Map(_)) {
        contribution.add_key(&whole(value));
    }
}

/// A value that can be a key, or each of a list.
fn scalars(value: &Value) -> impl Iterator<Item = &Value> {
    let each = match value {
        Value::List(list) => list.as_slice(),
        one => std::slice::from_ref(one),
    };
    let is_scalar = |value: &&Value| !matches!(value, Value::Null | Value::Map(_) | Value::List(_));
    each.iter().filter(is_scalar)
}

fn amount(value: &Value) -> Option<Amount> {
    match value {
        Value::Int(int) => Some(Amount::from_micros(i128::from(*int) * 1_000_000)),
        Value::Float(float) => Amount::from_f64(*float),
        Value::Text(text) => Amount::parse(text),
        _ => None,
    }
}

/// `2.0` as `2`: they are equal, so they are one value.
fn whole(value: &Value) -> Value {
    match value {
        Value::Float(float) if float.fract() == 0.0 && float.abs() < 1e15 => {
            Value::Int(*float as i64)
        }
        _ => value.clone(),
    }
}

/// A line's members over the event's own.
pub(super) struct LineFacts<'a> {
    properties: &'a Value,
    context: &'a Value,
    line: Option<&'a Value>,
}

impl Facts for LineFacts<'_> {
    fn fact(&self, key: &FactKey, _: Timestamp) -> Value {
        match key {
            FactKey::Property(path) => {
                let of_line = self.line.map(|line| path.follow(line));
                let of_line = of_line.filter(|value| !value.is_null());
                of_line
                    .unwrap_or_else(|| path.follow(self.properties))
                    .clone()
            }
            FactKey::Context(path) => path.follow(self.context).clone(),
            _ => Value::Null,
        }
    }
}

/// Whether a filter takes an event: of an order, one line has to meet the condition. What an event
/// says of itself are the traits of an identify or group, the properties of any other.
pub fn takes(filter: &CompiledFilter, event: &Event) -> bool {
    if !filter.events().include(event.kind, &event.name) {
        return false;
    }
    if filter.facts().is_empty() {
        return true;
    }
    let (properties, context) = (own(event).value(), event.context.value());
    let matches = |line| {
        let case = LineFacts {
            properties: &properties,
            context: &context,
            line,
        };
        filter.matches(&case, event.occurred_at)
    };
    match properties.path(LINES) {
        Value::List(lines) if !lines.is_empty() => {
            let mut lines = lines.iter().take(limits::PRODUCTS_PER_EVENT_MAX);
            lines.any(|line| matches(Some(line)))
        }
        _ => matches(None),
    }
}

/// What an event says of itself.
fn own(event: &Event) -> &Json {
    match event.kind {
        Kind::Identify | Kind::Group => &event.traits,
        _ => &event.properties,
    }
}

/// Reads these members of an object and skips the others.
struct Members<'a>(&'a BTreeSet<String>);

impl<'de> DeserializeSeed<'de> for Members<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = Value;

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("an object")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = BTreeMap::new();
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            if self.0.contains(&*name) || name == LINES {
                members.insert(name.into_owned(), map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Value::Map(members))
    }
}
