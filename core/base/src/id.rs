//! Stable 128-bit ids derived from content.

use std::fmt;

use serde::{Deserialize, Serialize};
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
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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

macro_rules! id {
    ($name:ident, $doc:literal) => {
        #[doc = $doc]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
    fn text_form_round_trips() {
        let node = NodeId::of("user_id", "42");
        assert_eq!(NodeId::parse(&node.to_string()), Some(node));
        assert_eq!(PersonId::parse("not an id"), None);
    }
}
