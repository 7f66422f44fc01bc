//! Stable 128-bit ids derived from content.

use std::fmt;

use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// The first 128 bits of a SHA-256 over length-prefixed parts: nobody can craft two inputs
/// that meet, which matters where an input is chosen by a visitor.
pub fn digest(domain: &str, parts: &[&[u8]]) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update((domain.len() as u32).to_be_bytes());
    hasher.update(domain.as_bytes());
    for part in parts {
        hasher.update((part.len() as u32).to_be_bytes());
        hasher.update(part);
    }
    let full = hasher.finalize();
    let mut short = [0; 16];
    short.copy_from_slice(&full[..16]);
    Digest(short)
}

/// A 128-bit content hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 16]);

impl Digest {
    /// The first 64 bits as a number: a tie-breaker or a seed.
    pub fn prefix(&self) -> u64 {
        u64::from_be_bytes(self.0[..8].try_into().expect("eight of sixteen bytes"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", uuid::Uuid::from_bytes(self.0).simple())
    }
}

/// Stored as a byte string of 16; in text formats as a list of numbers.
macro_rules! stored {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    return self.0.serialize(serializer);
                }
                serializer.serialize_bytes(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_bytes(Sixteen).map($name)
            }
        }
    };
}

stored!(Digest);
stored!(NodeId);
stored!(PersonId);

struct Sixteen;

impl<'de> Visitor<'de> for Sixteen {
    type Value = [u8; 16];

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an id of 16 bytes")
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<[u8; 16], E> {
        let error = |_| E::invalid_length(bytes.len(), &self);
        bytes.try_into().map_err(error)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<[u8; 16], A::Error> {
        let mut id = [0; 16];
        for (at, byte) in id.iter_mut().enumerate() {
            let next = seq.next_element()?;
            *byte = next.ok_or_else(|| de::Error::invalid_length(at, &self))?;
        }
        if seq.next_element::<u8>()?.is_some() {
            return Err(de::Error::invalid_length(17, &self));
        }
        Ok(id)
    }
}

macro_rules! id {
    ($name:ident, $doc:literal) => {
        #[doc = $doc]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 16]);

        impl $name {
            /// Reads the hyphenated or plain hexadecimal form.
            pub fn parse(text: &str) -> Option<Self> {
                uuid::Uuid::try_parse(text)
                    .ok()
                    .map(|uuid| Self(uuid.into_bytes()))
            }
        }

        /// Written as a UUID.
        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(out, "{}", uuid::Uuid::from_bytes(self.0).hyphenated())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, out)
            }
        }
    };
}

id!(
    NodeId,
    "One identifier in the identity graph: the digest of `namespace` and `value`."
);
id!(
    PersonId,
    "A person: the id of the node that leads their connected set."
);

impl NodeId {
    /// The node of an identifier whose value is normalised already.
    pub fn of(namespace: &str, value: &str) -> Self {
        NodeId(digest("node", &[namespace.as_bytes(), value.as_bytes()]).0)
    }

    /// The person led by this node.
    pub fn person(self) -> PersonId {
        PersonId(self.0)
    }
}

impl PersonId {
    /// The node that leads this person, or led it once.
    pub fn node(self) -> NodeId {
        NodeId(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(NodeId::of("a", "bc"), NodeId::of("ab", "c"));
    }

    #[test]
    fn sixteen_numbers_are_an_id_in_text_formats() {
        let node = NodeId::of("user_id", "42");
        let text = serde_json::to_string(&node).unwrap();
        assert_eq!(serde_json::from_str::<NodeId>(&text).unwrap(), node);
        for numbers in [vec![1; 15], vec![1; 17]] {
            let text = serde_json::to_string(&numbers).unwrap();
            assert!(serde_json::from_str::<NodeId>(&text).is_err(), "{text}");
        }
    }

    #[test]
    fn text_form_round_trips() {
        let node = NodeId::of("user_id", "42");
        assert_eq!(NodeId::parse(&node.to_string()), Some(node));
        assert_eq!(PersonId::parse("not an id"), None);
    }
}
