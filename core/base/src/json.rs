//! A JSON text that is known to be valid, kept exactly as it came.

use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde::{Serialize, Serializer};

use crate::Value;

/// Valid JSON text. Parsing is put off until somebody asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Json(Box<str>);

impl Json {
    /// The empty object.
    pub fn empty() -> Self {
        Json("{}".into())
    }

    /// Checks and keeps a text.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str::<&serde_json::value::RawValue>(text).map(|raw| Json(raw.get().into()))
    }

    /// From a raw value, which the parser has checked already.
    pub fn from_raw(raw: &serde_json::value::RawValue) -> Self {
        Json(raw.get().into())
    }

    /// Writes any serialisable value.
    pub fn from_serialize<T: Serialize>(value: &T) -> Result<Self, serde_json::Error> {
        serde_json::to_string(value).map(|text| Json(text.into()))
    }

    /// The same for a value that usually takes so many bytes.
    pub fn with_capacity<T: Serialize>(
        value: &T,
        bytes_usual: usize,
    ) -> Result<Self, serde_json::Error> {
        let mut bytes = Vec::with_capacity(bytes_usual);
        serde_json::to_writer(&mut bytes, value)?;
        let text = String::from_utf8(bytes).expect("a JSON writer writes UTF-8");
        Ok(Json(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True for `{}` and `null`.
    pub fn is_empty(&self) -> bool {
        matches!(&*self.0, "{}" | "null")
    }

    /// Parses into a [`Value`]. `Null` if it does not fit one: that is, if it holds a number
    /// [out of range](crate::number), which the borders refuse.
    pub fn value(&self) -> Value {
        serde_json::from_str(&self.0).unwrap_or_default()
    }

    /// Parses into a typed struct.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.0)
    }
}

impl Default for Json {
    fn default() -> Self {
        Json::empty()
    }
}

/// Stored as a string inside MessagePack; see [`Json::as_str`] to put it into JSON unquoted.
impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Json(text.into_boxed_str()))
    }
}
