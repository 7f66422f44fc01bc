//! A member whose stored form is one byte string, for what makes most of a fold.
//!
//! A hot fold is written once a batch, whole. Its lists and maps of small things are written and
//! read several times faster, and are smaller, where no entry names its members: as
//! [postcard](https://postcard.jamesmunns.com/wire-format) inside the self-describing row around
//! them. Whoever does not want such a member skips it by its length.
//!
//! A type stored so cannot grow a member: the same field has to be stored under a new name then.
//! For readers of text (JSON) nothing changes, and rows written before are read.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::Error as _;
use serde::{Deserialize, Serialize, Serializer};

/// For `#[serde(with = "packed")]`.
pub(crate) fn serialize<T: Serialize, S: Serializer>(
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        return value.serialize(serializer);
    }
    let bytes = postcard::to_allocvec(value).map_err(S::Error::custom)?;
    serializer.serialize_bytes(&bytes)
}

/// For `#[serde(with = "packed")]`.
pub(crate) fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    if deserializer.is_human_readable() {
        return T::deserialize(deserializer);
    }
    deserializer.deserialize_any(Stored(PhantomData))
}

/// A value read from its packed form.
pub(crate) struct Packed<T>(pub T);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Packed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer).map(Packed)
    }
}

struct Stored<T>(PhantomData<T>);

impl<'de, T: DeserializeOwned> Visitor<'de> for Stored<T> {
    type Value = T;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("packed bytes")
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<T, E> {
        let (value, rest) = postcard::take_from_bytes(bytes).map_err(E::custom)?;
        if rest.is_empty() {
            Ok(value)
        } else {
            Err(E::custom(format!("{} bytes too many", rest.len())))
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<T, A::Error> {
        T::deserialize(SeqAccessDeserializer::new(seq)).map_err(A::Error::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map_err(A::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Row {
        #[serde(with = "super")]
        sums: BTreeMap<String, Vec<(i64, u64)>>,
        #[serde(with = "super")]
        list: Vec<(i64, String)>,
    }

    #[derive(Serialize)]
    struct Before {
        sums: BTreeMap<String, Vec<(i64, u64)>>,
        list: Vec<(i64, String)>,
    }

    fn row() -> Row {
        Row {
            sums: BTreeMap::from([("shoes".to_owned(), vec![(-3, 7), (2, u64::MAX)])]),
            list: vec![(i64::MIN, "a".to_owned()), (5, "ü".to_owned())],
        }
    }

    fn read(bytes: &[u8]) -> Result<Row, rmp_serde::decode::Error> {
        rmp_serde::from_slice(bytes)
    }

    #[test]
    fn comes_back_and_rows_from_before_are_read() {
        let Row { sums, list } = row();
        let before = rmp_serde::to_vec_named(&Before { sums, list }).unwrap();
        let now = rmp_serde::to_vec_named(&row()).unwrap();
        assert_eq!(read(&now).unwrap(), row());
        assert_eq!(read(&before).unwrap(), row());
    }

    #[test]
    fn text_shows_the_members() {
        let text = serde_json::to_string(&row()).unwrap();
        assert!(text.starts_with(r#"{"sums":{"shoes":[[-3,7],"#), "{text}");
        assert_eq!(serde_json::from_str::<Row>(&text).unwrap(), row());
    }

    #[test]
    fn damage_is_an_error() {
        let packed = rmp_serde::to_vec_named(&row()).unwrap();
        let shorter = (0..packed.len()).filter_map(|end| read(&packed[..end]).ok());
        assert_eq!(shorter.count(), 0);
        #[derive(Serialize)]
        struct Longer {
            #[serde(serialize_with = "one_too_many")]
            sums: (),
            #[serde(with = "super")]
            list: Vec<(i64, String)>,
        }
        fn one_too_many<S: Serializer>((): &(), serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(&[0, 0])
        }
        let Row { list, .. } = row();
        let longer = rmp_serde::to_vec_named(&Longer { sums: (), list }).unwrap();
        let error = read(&longer).unwrap_err().to_string();
        assert!(error.contains("1 bytes too many"), "{error}");
    }
}
