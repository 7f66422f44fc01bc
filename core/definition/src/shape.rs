//! The table of fields of a kind: what the validator checks and the JSON Schema says.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::{Json, Timestamp, Value, limits, number};
use serde::de::DeserializeOwned;

use crate::{Errors, FieldError, nearest};

mod words;

pub(crate) use words::is_id;
use words::{is_name, is_origin};

/// One member of an object.
#[derive(Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it is for, in words.
    pub about: &'static str,
    /// What it may hold.
    pub shape: Shape,
    /// The value taken when it is absent, as JSON; `None` when it must be given.
    pub default: Option<&'static str>,
}

/// What a member may hold.
#[derive(Debug)]
pub enum Shape {
    /// `true` or `false`.
    Flag,
    /// Text of at most so many characters.
    Text {
        /// Longest.
        chars_max: usize,
        /// An example that makes a good fix; empty when blank text is fine.
        example: &'static str,
    },
    /// A rule text; its grammar is checked by whoever compiles it.
    Rule,
    /// Id of a definition.
    Id,
    /// A name usable in a rule without quotes: `[a-z][a-z0-9_]*`, also with dots inside.
    Name,
    /// `https://shop.example`, with a port if need be, or `*`.
    Origin,
    /// One of some words.
    Choice(&'static [&'static str]),
    /// A whole number within bounds, both included.
    Whole {
        /// Least.
        min: i64,
        /// Most.
        max: i64,
    },
    /// A number within bounds, both included.
    Number {
        /// Least.
        min: i64,
        /// Most.
        max: i64,
    },
    /// An RFC 3339 instant, kept in UTC with milliseconds.
    Time,
    /// Any JSON object that fits [`limits::CONTENT_SIZE_MAX_BYTES`].
    Content,
    /// An object with these members and no others.
    Object(&'static [Field]),
    /// A list.
    List {
        /// What each element holds.
        of: &'static Shape,
        /// Fewest.
        min: usize,
        /// Most.
        max: usize,
        /// Elements may not repeat.
        unique: Unique,
    },
    /// The shape, or `null`.
    Nullable(&'static Shape),
}

/// When two elements of a list are the same.
#[derive(Clone, Copy, Debug)]
pub enum Unique {
    /// When they are equal.
    Whole,
    /// When this member is equal.
    By(&'static str),
}

/// Checks a `spec` against its fields and reads it into its struct. `across` adds what only
/// several fields together can show; it skips fields with [`Errors::has`].
pub(crate) fn read<T: DeserializeOwned>(
    fields: &'static [Field],
    spec: &Json,
    across: impl FnOnce(&T, &mut Errors),
) -> Result<T, Vec<FieldError>> {
    let mut errors = Errors::default();
    let size = spec.as_str().len();
    if size > limits::DEFINITION_SIZE_MAX_BYTES {
        let most = limits::DEFINITION_SIZE_MAX_BYTES;
        errors.push(
            "spec",
            format!("{size} bytes is too large; keep it within {most}"),
        );
        return Err(errors.into_vec());
    }
    if let Some(found) = number::out_of_range(spec.as_str()) {
        errors.push(format!("spec.{}", found.path), found.to_string());
        return Err(errors.into_vec());
    }
    let complete = object(fields, &spec.value(), "spec", &mut errors);
    let text = Json::from_serialize(&complete).expect("a value always has a JSON form");
    match text.read::<T>() {
        Ok(read) => {
            across(&read, &mut errors);
            errors.into_result(read)
        }
        // Members with errors were replaced by plain ones of the right type, so this is a table
        // that disagrees with its struct; said, not panicked, since a user may be waiting.
        Err(error) => {
            errors.push("spec", error.to_string());
            Err(errors.into_vec())
        }
    }
}

/// The object with defaults filled; what is wrong goes to `errors` and is replaced.
fn object(fields: &[Field], value: &Value, at: &str, errors: &mut Errors) -> Value {
    let empty = BTreeMap::new();
    let members = match value {
        Value::Map(members) => members,
        other => {
            errors.push(
                at,
                format!("{} is not an object; write {{…}}", shown(other)),
            );
            &empty
        }
    };
    for name in members.keys() {
        if !fields.iter().any(|field| field.name == name) {
            errors.push(format!("{at}.{}", cut(name)), unknown_member(name, fields));
        }
    }
    let broken = !matches!(value, Value::Map(_));
    let complete = fields.iter().map(|field| {
        let at = format!("{at}.{}", field.name);
        let member = match (members.get(field.name), field.default) {
            (Some(member), _) => check(&field.shape, member, &at, errors),
            (None, Some(default)) => serde_json::from_str(default).unwrap_or_default(),
            (None, None) => {
                if !broken {
                    errors.push(&at, format!("is missing; write {}", field.shape.example()));
                }
                field.shape.plain()
            }
        };
        (field.name.to_owned(), member)
    });
    Value::Map(complete.collect())
}

fn unknown_member(name: &str, fields: &[Field]) -> String {
    let names = || fields.iter().map(|field| field.name);
    match nearest(name, names()) {
        Some(known) => format!("unknown member; did you mean {known}?"),
        None => {
            let known: Vec<_> = names().collect();
            format!("unknown member; known here: {}", known.join(", "))
        }
    }
}

fn check(shape: &Shape, value: &Value, at: &str, errors: &mut Errors) -> Value {
    let wrong = |errors: &mut Errors| {
        let expected = shape.expected();
        let fix = shape.example();
        errors.push(
            at,
            format!(
                "{} is not {expected}; write for example {fix}",
                shown(value)
            ),
        );
        shape.plain()
    };
    match (shape, value) {
        (Shape::Nullable(_), Value::Null) => Value::Null,
        (Shape::Nullable(inner), _) => check(inner, value, at, errors),
        (Shape::Object(fields), _) => object(fields, value, at, errors),
        (Shape::List { of, .. }, Value::List(elements)) => {
            check_list(shape, elements, at, errors);
            let most = shape.elements_max();
            let each = elements.iter().take(most).enumerate();
            let checked = each.map(|(n, value)| check(of, value, &format!("{at}[{n}]"), errors));
            Value::List(checked.collect())
        }
        (Shape::Time, Value::Text(text)) => match Timestamp::parse(text) {
            Ok(time) => Value::Text(time.to_string()),
            Err(_) => wrong(errors),
        },
        (Shape::Content, Value::Map(_)) => {
            let size = serde_json::to_string(value).map_or(0, |text| text.len());
            if size > limits::CONTENT_SIZE_MAX_BYTES {
                let most = limits::CONTENT_SIZE_MAX_BYTES;
                errors.push(
                    at,
                    format!("{size} bytes is too large; keep it within {most}"),
                );
                return shape.plain();
            }
            value.clone()
        }
        (Shape::Flag, Value::Bool(_)) => value.clone(),
        (Shape::Whole { min, max }, Value::Int(int)) if (min..=max).contains(&int) => value.clone(),
        (Shape::Number { min, max }, Value::Int(_) | Value::Float(_))
            if is_within(value, *min, *max) =>
        {
            value.clone()
        }
        (Shape::Choice(words), Value::Text(text)) => {
            if words.contains(&text.as_str()) {
                return value.clone();
            }
            let hint = match nearest(text, words.iter().copied()) {
                Some(word) => format!("; did you mean \"{word}\"?"),
                None => String::new(),
            };
            errors.push(
                at,
                format!("{} is not {}{hint}", shown(value), shape.expected()),
            );
            shape.plain()
        }
        (_, Value::Text(text)) if shape.accepts(text) => value.clone(),
        _ => wrong(errors),
    }
}

fn is_within(value: &Value, min: i64, max: i64) -> bool {
    let number = value.as_number().unwrap_or(f64::NAN);
    (min as f64..=max as f64).contains(&number)
}

fn check_list(shape: &Shape, elements: &[Value], at: &str, errors: &mut Errors) {
    let Shape::List {
        min, max, unique, ..
    } = shape
    else {
        return;
    };
    let count = elements.len();
    if count < *min {
        errors.push(at, format!("has {count} elements; write at least {min}"));
    }
    if count > *max {
        errors.push(at, format!("has {count} elements; keep it within {max}"));
    }
    let mut seen = BTreeSet::new();
    for (n, element) in elements.iter().take(*max).enumerate() {
        let key = match unique {
            Unique::Whole => element,
            Unique::By(member) => element.path(member),
        };
        if !key.is_null() && !seen.insert(shown_whole(key)) {
            errors.push(
                format!("{at}[{n}]"),
                format!("repeats {}; remove it", shown(key)),
            );
        }
    }
}

impl Shape {
    /// True for a text that this shape of text allows.
    fn accepts(&self, text: &str) -> bool {
        match self {
            Shape::Text { chars_max, example } => {
                text.chars().count() <= *chars_max
                    && (example.is_empty() || !text.trim().is_empty())
            }
            Shape::Rule => text.len() <= limits::RULE_SIZE_MAX_BYTES,
            Shape::Id => is_id(text),
            Shape::Name => is_name(text),
            Shape::Origin => is_origin(text),
            _ => false,
        }
    }

    /// What is allowed, after "is not".
    fn expected(&self) -> String {
        match self {
            Shape::Flag => "true or false".to_owned(),
            Shape::Text {
                chars_max,
                example: "",
            } => {
                format!("text of at most {chars_max} characters")
            }
            Shape::Text { chars_max, .. } => format!("text of 1 to {chars_max} characters"),
            Shape::Rule => {
                format!(
                    "a rule text of at most {} bytes",
                    limits::RULE_SIZE_MAX_BYTES
                )
            }
            Shape::Id => format!(
                "an id: 1 to {} of a-z, 0-9, _ and -",
                limits::DEFINITION_ID_MAX_CHARS
            ),
            Shape::Name => format!(
                "a name: a letter, then a-z, 0-9, _ and dots, at most {} characters",
                limits::DEFINITION_ID_MAX_CHARS
            ),
            Shape::Origin => "an origin: scheme and host, no path".to_owned(),
            Shape::Choice(words) => format!("one of {}", words.join(", ")),
            Shape::Whole { min, max } => format!("a whole number from {min} to {max}"),
            Shape::Number { min, max } => format!("a number from {min} to {max}"),
            Shape::Time => "an RFC 3339 time".to_owned(),
            Shape::Content | Shape::Object(_) => "an object".to_owned(),
            Shape::List { .. } => "a list".to_owned(),
            Shape::Nullable(inner) => format!("{} or null", inner.expected()),
        }
    }

    /// A value that would be right, as JSON.
    fn example(&self) -> String {
        match self {
            Shape::Flag => "true".to_owned(),
            Shape::Text { example: "", .. } => "\"some text\"".to_owned(),
            Shape::Text { example, .. } => format!("\"{example}\""),
            Shape::Rule => "\"features.cart_item_count >= 1\"".to_owned(),
            Shape::Id => "\"home_hero\"".to_owned(),
            Shape::Name => "\"colour\"".to_owned(),
            Shape::Origin => "\"https://shop.example\"".to_owned(),
            Shape::Choice(words) => format!("\"{}\"", words[0]),
            Shape::Whole { min, .. } => min.to_string(),
            Shape::Number { max, .. } => 1.min(*max).to_string(),
            Shape::Time => "\"2026-11-01T08:00:00Z\"".to_owned(),
            Shape::Content => "{\"title\":\"Welcome\"}".to_owned(),
            Shape::Object(_) => "{…}".to_owned(),
            Shape::List { of, .. } => format!("[{}]", of.example()),
            Shape::Nullable(inner) => inner.example(),
        }
    }

    /// A value of the right type to stand in for a wrong one until all errors are found.
    fn plain(&self) -> Value {
        match self {
            Shape::Flag => Value::Bool(false),
            Shape::Whole { min, .. } | Shape::Number { min, .. } => Value::Int(*min),
            Shape::Choice(words) => Value::from(words[0]),
            Shape::Time => Value::Text(Timestamp::ZERO.to_string()),
            Shape::Content => Value::Map(BTreeMap::new()),
            Shape::Object(fields) => {
                let plain = |field: &Field| match field.default {
                    Some(default) => serde_json::from_str(default).unwrap_or_default(),
                    None => field.shape.plain(),
                };
                let members = fields
                    .iter()
                    .map(|field| (field.name.to_owned(), plain(field)));
                Value::Map(members.collect())
            }
            Shape::List { .. } => Value::List(Vec::new()),
            Shape::Nullable(_) => Value::Null,
            Shape::Text { .. } | Shape::Rule | Shape::Id | Shape::Name | Shape::Origin => {
                Value::from("")
            }
        }
    }

    fn elements_max(&self) -> usize {
        match self {
            Shape::List { max, .. } => *max,
            _ => 0,
        }
    }
}

/// A value as JSON, short enough for a message.
pub(crate) fn shown(value: &Value) -> String {
    cut(&shown_whole(value))
}

fn shown_whole(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INNER: &[Field] = &[Field {
        name: "name",
        about: "",
        shape: Shape::Name,
        default: None,
    }];
    const FIELDS: &[Field] = &[
        Field {
            name: "flag",
            about: "",
            shape: Shape::Flag,
            default: Some("true"),
        },
        Field {
            name: "size",
            about: "",
            shape: Shape::Whole { min: 1, max: 9 },
            default: None,
        },
        Field {
            name: "list",
            about: "",
            shape: Shape::List {
                of: &Shape::Object(INNER),
                min: 0,
                max: 2,
                unique: Unique::By("name"),
            },
            default: Some("[]"),
        },
        Field {
            name: "origin",
            about: "",
            shape: Shape::Origin,
            default: Some("\"*\""),
        },
        Field {
            name: "at",
            about: "",
            shape: Shape::Nullable(&Shape::Time),
            default: Some("null"),
        },
    ];

    fn run(text: &str) -> (String, Vec<String>) {
        let mut errors = Errors::default();
        let value: Value = serde_json::from_str(text).unwrap();
        let complete = object(FIELDS, &value, "spec", &mut errors);
        let errors = errors.into_vec().iter().map(ToString::to_string).collect();
        (serde_json::to_string(&complete).unwrap(), errors)
    }

    #[test]
    fn fills_defaults_and_canonical_times() {
        let (complete, errors) = run(r#"{"size":3,"at":"2026-11-01T10:00:00+02:00"}"#);
        assert_eq!(errors, Vec::<String>::new());
        let at = "2026-11-01T08:00:00.000Z";
        let expect = format!(r#"{{"at":"{at}","flag":true,"list":[],"origin":"*","size":3}}"#);
        assert_eq!(complete, expect);
    }

    #[test]
    fn names_every_error_at_once() {
        let text = r#"{"flg":1,"flag":"no","list":[{"name":"a"},{"name":"a"},{"nam":"B"}],
            "origin":"https://a.b/c","at":"soon"}"#;
        let expect = [
            "spec.flg: unknown member; did you mean flag?",
            "spec.flag: \"no\" is not true or false; write for example true",
            "spec.size: is missing; write 1",
            "spec.list: has 3 elements; keep it within 2",
            "spec.list[1]: repeats \"a\"; remove it",
            "spec.origin: \"https://a.b/c\" is not an origin: scheme and host, no path; \
             write for example \"https://shop.example\"",
            "spec.at: \"soon\" is not an RFC 3339 time; \
             write for example \"2026-11-01T08:00:00Z\"",
        ];
        assert_eq!(run(text).1, expect);
    }

    #[test]
    fn anything_but_an_object_is_one_error() {
        assert_eq!(run("[1]").1, ["spec: [1] is not an object; write {…}"]);
        assert_eq!(run("null").1, ["spec: null is not an object; write {…}"]);
    }
}
