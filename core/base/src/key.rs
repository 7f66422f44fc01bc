//! Bytes that compare quickly.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};

/// Bytes in the order of bytes, with their beginning as a number: in a search tree nearly every
/// comparison is then one of two numbers that stand in the tree itself, and does not follow a
/// pointer to each key it passes.
///
/// A borrowed key looks up an owned one: a shared reference to a `BTreeMap<Key<'static>, V>` is
/// one to a `BTreeMap<Key<'a>, V>` as well.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key<'a> {
    /// The first sixteen bytes, zeros where there are fewer: never less than that of a lesser
    /// key, so that the bytes have to decide only between equals.
    head: u128,
    bytes: Cow<'a, [u8]>,
}

impl Hash for Key<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes.hash(state);
    }
}

impl<'a> Key<'a> {
    /// A key for looking up.
    pub fn new(bytes: &'a [u8]) -> Self {
        let mut head = [0; 16];
        let len = bytes.len().min(16);
        head[..len].copy_from_slice(&bytes[..len]);
        Key {
            head: u128::from_be_bytes(head),
            bytes: Cow::Borrowed(bytes),
        }
    }

    /// The same key for keeping.
    pub fn to_owned(&self) -> Key<'static> {
        Key {
            head: self.head,
            bytes: Cow::Owned(self.bytes.to_vec()),
        }
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes, without a copy when they are owned.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ordered_as_bytes(
            a in prop::collection::vec(0u8..3, 0..20),
            b in prop::collection::vec(0u8..3, 0..20),
        ) {
            prop_assert_eq!(Key::new(&a).cmp(&Key::new(&b)), a.cmp(&b));
            prop_assert_eq!(Key::new(&a).to_owned(), Key::new(&a));
        }
    }
}
