//! Names: the way into nested data, and how texts stand in a rule.

use std::fmt;

use kith_base::Value;

/// The way into nested data: at least one part.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(Vec<String>);

impl Path {
    /// From its parts; `None` when there are none.
    pub fn new(parts: Vec<String>) -> Option<Self> {
        (!parts.is_empty()).then_some(Path(parts))
    }

    /// Of one part.
    pub(crate) fn one(name: &str) -> Self {
        Path(vec![name.to_owned()])
    }

    /// From a dotted text without quoted parts.
    pub fn dotted(text: &str) -> Self {
        Path(text.split('.').map(str::to_owned).collect())
    }

    /// The parts.
    pub fn parts(&self) -> &[String] {
        &self.0
    }

    /// The first part: the name of a trait.
    pub fn first(&self) -> &str {
        &self.0[0]
    }

    /// Follows the whole path from a map; `Null` where it leads nowhere.
    pub fn follow<'a>(&self, from: &'a Value) -> &'a Value {
        Path::follow_parts(&self.0, from)
    }

    /// Follows the path after its first part, from the value of the trait it names.
    pub fn follow_rest<'a>(&self, from: &'a Value) -> &'a Value {
        Path::follow_parts(&self.0[1..], from)
    }

    fn follow_parts<'a>(parts: &[String], from: &'a Value) -> &'a Value {
        const NULL: &Value = &Value::Null;
        let mut here = from;
        for part in parts {
            match here {
                Value::Map(map) => here = map.get(part).unwrap_or(NULL),
                _ => return NULL,
            }
        }
        here
    }
}

impl fmt::Display for Path {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, part) in self.0.iter().enumerate() {
            if n > 0 {
                out.write_str(".")?;
            }
            if is_word(part) {
                out.write_str(part)?
            } else {
                quote(part, out)?
            }
        }
        Ok(())
    }
}

/// Words that are not the name of a property at the start of an operand inside a condition;
/// `properties.now` names such a property.
const RESERVED: [&str; 26] = [
    "and",
    "or",
    "not",
    "in",
    "is",
    "exists",
    "missing",
    "contains",
    "starts",
    "ends",
    "with",
    "matches",
    "where",
    "of",
    "within",
    "now",
    "true",
    "false",
    "null",
    "context",
    "properties",
    "traits",
    "features",
    "consent",
    "days_until",
    "days_since",
];

/// True for a name that stands for a property by itself inside a condition.
pub(crate) fn is_bare_property(name: &str) -> bool {
    is_word(name) && !RESERVED.iter().any(|word| name.eq_ignore_ascii_case(word))
}

/// True for a text that needs no quotes in a path.
pub(crate) fn is_word(text: &str) -> bool {
    text.bytes()
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Writes a text in double quotes, escaped as in JSON.
pub(crate) fn quote(text: &str, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    out.write_str(&serde_json::to_string(text).map_err(|_| fmt::Error)?)
}

/// Writes the key that is asked for: `["shoes"]`.
pub(crate) fn write_key(key: &str, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    out.write_str("[")?;
    quote(key, out)?;
    out.write_str("]")
}
