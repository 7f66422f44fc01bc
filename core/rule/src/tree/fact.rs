//! Facts in a tree, with the aggregates and sequences among them.

use std::collections::BTreeMap;

use kith_base::{Duration, Value, limits};
use kith_event::Kind;

use super::{map, read_rule, read_span, wrong};
use crate::aggregate::length_in_words;
use crate::{
    Aggregate, By, Calendar, Condition, Events, FactKey, Filter, Function, Path, Quantifier,
    Sequence, TreeError, Window, ZoneName,
};

type Members = BTreeMap<String, Value>;

fn one(name: &str) -> Value {
    Value::from(name)
}

pub(super) fn write(key: &FactKey) -> Value {
    let (name, value) = match key {
        FactKey::Trait(path) => ("trait", write_path(path)),
        FactKey::Context(path) => ("context", write_path(path)),
        FactKey::Account(path) => ("account", write_path(path)),
        FactKey::Item(path) => ("item", write_path(path)),
        FactKey::Property(path) => ("property", write_path(path)),
        FactKey::Anniversary(path) => ("anniversary", write_path(path)),
        FactKey::Affinity { dimension, key }
        | FactKey::Interest {
            feature: dimension,
            key: Some(key),
            ..
        } => ("affinity", Value::List(vec![one(dimension), one(key)])),
        FactKey::Feature(name)
        | FactKey::Interest {
            feature: name,
            key: None,
            ..
        } => ("feature", one(name)),
        FactKey::Keyed { feature, key } => {
            ("feature_key", Value::List(vec![one(feature), one(key)]))
        }
        FactKey::Consent(name) => ("consent", one(name)),
        FactKey::Count(name) => ("count", one(name)),
        FactKey::Sum(name) => ("sum", one(name)),
        FactKey::First(name) => ("first", one(name)),
        FactKey::Last(name) => ("last", one(name)),
        FactKey::Identifier(name) => ("identifier", one(name)),
        FactKey::Reachable(name) => ("reachable", one(name)),
        FactKey::Audience(id) => ("audience", one(id)),
        FactKey::AccountPersons {
            quantifier,
            audience,
        } => {
            let parts = vec![one(quantifier.as_str()), one(audience)];
            ("account_persons", Value::List(parts))
        }
        FactKey::LocalHour => ("local_hour", Value::List(Vec::new())),
        FactKey::LocalWeekday => ("local_weekday", Value::List(Vec::new())),
        FactKey::Aggregate(aggregate) => ("aggregate", write_aggregate(aggregate)),
        FactKey::Sequence(sequence) => ("sequence", write_sequence(sequence)),
    };
    map(vec![(name, value)])
}

fn write_path(path: &Path) -> Value {
    Value::List(path.parts().iter().cloned().map(Value::Text).collect())
}

fn write_aggregate(aggregate: &Aggregate) -> Value {
    let mut members = write_filter(&aggregate.events);
    members.push(("function", Value::from(aggregate.function.as_str())));
    members.extend(aggregate.of.as_ref().map(|path| ("of", write_path(path))));
    if aggregate.most > 1 {
        members.push(("most", Value::Int(i64::from(aggregate.most))));
    }
    if let Some(by) = &aggregate.by {
        members.push(("by", write_path(&by.path)));
        members.extend(by.key.as_ref().map(|key| ("key", one(key))));
    }
    if aggregate.window != Window::Lifetime {
        members.push(("window", Value::Text(aggregate.window.to_string())));
    }
    map(members)
}

fn write_sequence(sequence: &Sequence) -> Value {
    let step = |filter: &Filter, within: Option<Duration>| {
        let mut members = write_filter(filter);
        members.extend(within.map(|within| ("within", write_length(within))));
        map(members)
    };
    let steps = sequence
        .steps
        .iter()
        .map(|(filter, within)| step(filter, *within));
    let mut members = vec![
        ("steps", Value::List(steps.collect())),
        ("window", write_length(sequence.window)),
    ];
    let absent = sequence.absent.as_ref();
    members.extend(absent.map(|(filter, within)| ("absent", step(filter, Some(*within)))));
    map(members)
}

fn write_length(length: Duration) -> Value {
    Value::Text(length_in_words(length))
}

fn write_filter(filter: &Filter) -> Vec<(&'static str, Value)> {
    let events = match &filter.events {
        Events::Any => Value::from("any"),
        Events::Kind(kind) => map(vec![("kind", Value::from(kind.as_str()))]),
        Events::Named(kind, name) => map(vec![
            ("kind", Value::from(kind.as_str())),
            ("name", Value::from(name.as_str())),
        ]),
    };
    let condition = filter.condition.as_ref();
    let condition = condition.map(|condition| ("where", super::write(condition.expr())));
    [("events", events)].into_iter().chain(condition).collect()
}

pub(super) fn read(name: &str, value: &Value, path: &str) -> Result<FactKey, TreeError> {
    let text = || value.as_text().map(str::to_owned);
    let key = match name {
        "trait" => texts(value).and_then(Path::new).map(FactKey::Trait),
        "context" => texts(value).and_then(Path::new).map(FactKey::Context),
        "item" => texts(value).and_then(Path::new).map(FactKey::Item),
        "account" => texts(value).and_then(Path::new).map(FactKey::Account),
        "property" => texts(value).and_then(Path::new).map(FactKey::Property),
        "anniversary" => texts(value).and_then(Path::new).map(FactKey::Anniversary),
        "affinity" => match texts(value).as_deref() {
            Some([dimension, key]) => Some(FactKey::Affinity {
                dimension: dimension.clone(),
                key: key.clone(),
            }),
            _ => None,
        },
        "feature_key" => match texts(value).as_deref() {
            Some([feature, key]) => Some(FactKey::Keyed {
                feature: feature.clone(),
                key: key.clone(),
            }),
            _ => None,
        },
        "account_persons" => return read_account_persons(value, path),
        "feature" => text().map(FactKey::Feature),
        "consent" => text().map(FactKey::Consent),
        "count" => text().map(FactKey::Count),
        "sum" => text().map(FactKey::Sum),
        "first" => text().map(FactKey::First),
        "last" => text().map(FactKey::Last),
        "identifier" => text().map(FactKey::Identifier),
        "reachable" => text().map(FactKey::Reachable),
        "audience" => text().map(FactKey::Audience),
        "local_hour" => Some(FactKey::LocalHour),
        "local_weekday" => Some(FactKey::LocalWeekday),
        "aggregate" => return read_aggregate(value, &format!("{path}.aggregate")),
        "sequence" => return read_sequence(value, &format!("{path}.sequence")),
        _ => return wrong(path, format!("{name} is not a kind of fact")),
    };
    match key {
        Some(key) => Ok(key),
        None => wrong(path, format!("{name} needs text, or a list of texts")),
    }
}

fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Text(text) => Some(vec![text.clone()]),
        Value::List(parts) => {
            let text = |part: &Value| part.as_text().map(str::to_owned);
            parts.iter().map(text).collect()
        }
        _ => None,
    }
}

fn read_account_persons(value: &Value, path: &str) -> Result<FactKey, TreeError> {
    let texts = texts(value);
    let read = match texts.as_deref() {
        Some([word, audience]) => Quantifier::parse(word).map(|quantifier| (quantifier, audience)),
        _ => None,
    };
    match read {
        Some((quantifier, audience)) => Ok(FactKey::AccountPersons {
            quantifier,
            audience: audience.clone(),
        }),
        None => wrong(
            path,
            "account_persons needs any, all or no and an audience; write [\"any\", \"vip\"]",
        ),
    }
}

fn read_aggregate(value: &Value, path: &str) -> Result<FactKey, TreeError> {
    let known = [
        "function", "events", "where", "of", "most", "by", "key", "window",
    ];
    let members = members(value, path, &known)?;
    let name = members
        .get("function")
        .and_then(Value::as_text)
        .unwrap_or_default();
    let Some(function) = Function::ALL
        .into_iter()
        .find(|known| known.as_str() == name)
    else {
        return wrong(path, "an aggregate needs a function such as count");
    };
    let of = read_path(members, "of", path)?;
    let most = match members.get("most") {
        None => 1,
        Some(Value::Int(most)) if function == Function::Top => match u8::try_from(*most) {
            Ok(most) if (1..=limits::TOP_MAX).contains(&most) => most,
            _ => return wrong(path, format!("most is 1 to {}", limits::TOP_MAX)),
        },
        Some(_) => return wrong(path, "most is a number, and top alone has it"),
    };
    let key = members.get("key");
    let by = match read_path(members, "by", path)? {
        Some(_) if !Function::BY_KEY.contains(&function) => {
            return wrong(path, format!("{name} is not kept by key"));
        }
        Some(by) => Some(By {
            path: by,
            key: key.and_then(Value::as_text).map(str::to_owned),
        }),
        None if key.is_some() => return wrong(path, "a key needs by, such as [\"category\"]"),
        None => None,
    };
    let window = match members
        .get("window")
        .map(|window| read_window(window, path))
    {
        Some(window) => window?,
        None => Window::Lifetime,
    };
    let aggregate = Aggregate {
        function,
        events: read_filter(members, path)?,
        of,
        by,
        most,
        window,
    };
    Ok(aggregate.key())
}

fn read_path(members: &Members, name: &str, path: &str) -> Result<Option<Path>, TreeError> {
    let Some(value) = members.get(name) else {
        return Ok(None);
    };
    match texts(value).and_then(Path::new) {
        Some(read) => Ok(Some(read)),
        None => wrong(path, format!("{name} is not a path; write [\"category\"]")),
    }
}

fn read_sequence(value: &Value, path: &str) -> Result<FactKey, TreeError> {
    let sequence = members(value, path, &["steps", "absent", "window"])?;
    let step = |value: &Value, path: &str| -> Result<(Filter, Option<Duration>), TreeError> {
        let step = members(value, path, &["events", "where", "within"])?;
        let within = step.get("within").map(|within| read_length(within, path));
        Ok((read_filter(step, path)?, within.transpose()?))
    };
    let Some(Value::List(steps)) = sequence.get("steps") else {
        return wrong(path, "a sequence needs steps");
    };
    let each = steps.iter().enumerate();
    let read = |(n, value)| step(value, &format!("{path}.steps[{n}]"));
    let steps = each.map(read).collect::<Result<_, _>>()?;
    let absent = match sequence.get("absent").map(|absent| step(absent, path)) {
        None => None,
        Some(absent) => match absent? {
            (filter, Some(within)) => Some((filter, within)),
            _ => return wrong(path, "absent needs within, such as \"2 days\""),
        },
    };
    let Some(window) = sequence.get("window") else {
        return wrong(path, "a sequence needs a window such as \"7 days\"");
    };
    Ok(FactKey::Sequence(Sequence {
        steps,
        absent,
        window: read_length(window, path)?,
    }))
}

fn members<'a>(value: &'a Value, path: &str, known: &[&str]) -> Result<&'a Members, TreeError> {
    let Value::Map(members) = value else {
        return wrong(path, format!("not an object with {}", known.join(", ")));
    };
    match members.keys().find(|name| !known.contains(&name.as_str())) {
        Some(unknown) => wrong(path, format!("unknown member {unknown}")),
        None => Ok(members),
    }
}

fn read_filter(members: &Members, path: &str) -> Result<Filter, TreeError> {
    let condition = members.get("where").map(|rule| {
        let rule = read_rule(rule, &format!("{path}.where"), 2)?;
        Ok(Condition::new(rule))
    });
    let events = read_events(members.get("events"), path)?;
    Ok(Filter::new(events, condition.transpose()?))
}

fn read_events(value: Option<&Value>, path: &str) -> Result<Events, TreeError> {
    let members = match value {
        Some(Value::Text(any)) if any == "any" => return Ok(Events::Any),
        Some(Value::Map(members)) => members,
        _ => {
            return wrong(
                path,
                "events are \"any\" or {\"kind\":\"track\",\"name\":\"…\"}",
            );
        }
    };
    let word = members
        .get("kind")
        .and_then(Value::as_text)
        .unwrap_or_default();
    let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.as_str() == word) else {
        return wrong(path, "events need a kind such as track or page");
    };
    match members.get("name") {
        None => Ok(Events::Kind(kind)),
        Some(Value::Text(name)) => Ok(Events::Named(kind, name.clone())),
        Some(_) => wrong(path, "the name of an event is text"),
    }
}

fn read_length(value: &Value, path: &str) -> Result<Duration, TreeError> {
    match read_span(value, path)?.duration() {
        length if length > Duration::default() => Ok(length),
        _ => wrong(path, "a length of time is more than 0"),
    }
}

fn read_window(value: &Value, path: &str) -> Result<Window, TreeError> {
    let text = value.as_text().unwrap_or_default();
    if let Some((calendar, name)) = text.split_once(" in ") {
        let calendar = read_window(&Value::from(calendar), path)?.calendar();
        let name: String = serde_json::from_str(name).unwrap_or_default();
        return match (calendar, ZoneName::parse(&name)) {
            (Some(calendar), Ok(zone)) => Ok(Window::CalendarIn(calendar, zone)),
            (None, _) => wrong(path, "only a window by the calendar is in a zone"),
            (_, Err(fix)) => wrong(path, format!("{name:?} is no time zone; {fix}")),
        };
    }
    let calendar = match text {
        "today" => Calendar::Today,
        "this week" => Calendar::ThisWeek,
        "this month" => Calendar::ThisMonth,
        "this year" => Calendar::ThisYear,
        _ => match text
            .strip_prefix("last ")
            .and_then(|rest| rest.split_once(' '))
        {
            Some((days, "calendar days" | "calendar day")) => match days.parse() {
                Ok(days) => Calendar::LastDays(days),
                Err(_) => return wrong(path, format!("{days} is not a number of days")),
            },
            _ => return Ok(Window::Rolling(read_length(value, path)?)),
        },
    };
    Ok(Window::Calendar(calendar))
}
