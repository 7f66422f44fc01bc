//! JSON members that are looked at one by one, without building a tree.

use std::borrow::Cow;
use std::fmt;

use kith_base::Json;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

/// A member as it came, if it came and is not `null`.
pub(super) type Raw<'a> = Option<&'a RawValue>;

/// The members of an object in their order.
#[derive(Default)]
pub(super) struct Members<'a>(pub(super) Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Members<'a> {
    /// Reads an object; anything else has no members.
    pub(super) fn read(text: &'a str) -> Self {
        let mut members = Vec::new();
        each(text, &mut |key, value| members.push((key, value)));
        Members(members)
    }

    pub(super) fn get(&self, name: &str) -> Raw<'a> {
        self.0
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map(|(_, value)| *value)
    }

    /// Adds what `self` does not have.
    pub(super) fn fill_from(mut self, other: Members<'a>) -> Self {
        for (key, value) in other.0 {
            if self.get(&key).is_none() {
                self.0.push((key, value));
            }
        }
        self
    }

    pub(super) fn json(&self) -> Json {
        Json::from_serialize(self).expect("texts and raw values always have a JSON form")
    }
}

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            out.serialize_entry(key, value)?;
        }
        out.end()
    }
}

/// Calls `each` for every member of an object; does nothing for any other value.
pub(super) fn each<'a>(text: &'a str, each: &mut dyn FnMut(Cow<'a, str>, &'a RawValue)) {
    if text.starts_with('{') {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        // The text was checked when it was cut out of the event.
        let _ = deserializer.deserialize_map(EachMember(each));
    }
}

struct EachMember<'f, 'a>(&'f mut dyn FnMut(Cow<'a, str>, &'a RawValue));

impl<'a> Visitor<'a> for EachMember<'_, 'a> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(key)) = map.next_key()? {
            (self.0)(key, map.next_value()?);
        }
        Ok(())
    }
}

/// A key, borrowed unless it holds escapes. (serde's own `Cow` always owns.)
pub(super) struct Key<'a>(pub(super) Cow<'a, str>);

impl<'a> Deserialize<'a> for Key<'a> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(KeyVisitor)
    }
}

struct KeyVisitor;

impl<'a> Visitor<'a> for KeyVisitor {
    type Value = Key<'a>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<Key<'a>, E> {
        Ok(Key(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Key<'a>, E> {
        Ok(Key(Cow::Owned(text.to_owned())))
    }
}

/// What kind of JSON value a text is, in words.
pub(super) fn found(raw: &RawValue) -> &'static str {
    match raw.get().as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b'"') => "text",
        Some(b't' | b'f') => "true or false",
        Some(b'n') => "null",
        _ => "a number",
    }
}

/// The text of a string, or the digits of a number.
pub(super) fn text<'a>(raw: Raw<'a>) -> Option<Cow<'a, str>> {
    let raw = raw?.get();
    match raw.as_bytes().first()? {
        b'"' if !raw.as_bytes().contains(&b'\\') => Some(Cow::Borrowed(&raw[1..raw.len() - 1])),
        b'"' => serde_json::from_str::<String>(raw).ok().map(Cow::Owned),
        b'-' | b'0'..=b'9' => Some(Cow::Borrowed(raw)),
        _ => None,
    }
}

/// The same, empty where there is none.
pub(super) fn text_or_empty(raw: Raw<'_>) -> Cow<'_, str> {
    text(raw).unwrap_or_default()
}

/// The member unless it is something other than an object.
pub(super) fn object<'a>(raw: Raw<'a>) -> Raw<'a> {
    raw.filter(|raw| raw.get().starts_with('{'))
}

/// The elements of a list; none of any other value.
pub(super) fn elements<'a>(raw: Raw<'a>) -> Vec<&'a RawValue> {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok())
        .unwrap_or_default()
}
