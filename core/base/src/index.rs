//! Where something stands, by key.

#[expect(clippy::disallowed_types, reason = "nothing here shows its order")]
use std::collections::HashMap;
use std::hash::Hash;

/// Places by key, in constant time. It cannot be iterated over: the order of a hash table differs
/// from run to run, and nothing in the core may depend on it.
#[expect(clippy::disallowed_types, reason = "nothing here shows its order")]
#[derive(Clone, Debug)]
pub struct Index<K>(HashMap<K, usize>);

impl<K> Default for Index<K> {
    fn default() -> Self {
        Index(Default::default())
    }
}

impl<K: Eq + Hash> Index<K> {
    /// Where the key stands.
    pub fn find(&self, key: &K) -> Option<usize> {
        self.0.get(key).copied()
    }

    /// Where the key stands; it stands at `place` from now on when it stood nowhere.
    pub fn find_or_insert(&mut self, key: K, place: usize) -> usize {
        *self.0.entry(key).or_insert(place)
    }

    /// Sets where the key stands.
    pub fn insert(&mut self, key: K, place: usize) {
        self.0.insert(key, place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Key;

    #[test]
    fn finds_what_was_set_last() {
        let mut index = Index::default();
        index.insert(7, 1);
        index.insert(7, 2);
        assert_eq!((index.find(&7), index.find(&8)), (Some(2), None));
        assert_eq!(
            (index.find_or_insert(7, 3), index.find_or_insert(8, 3)),
            (2, 3)
        );
        assert_eq!((index.find(&7), index.find(&8)), (Some(2), Some(3)));
    }

    #[test]
    fn a_borrowed_key_finds_an_owned_one() {
        fn find<'a>(index: &'a Index<Key<'a>>, key: &Key<'a>) -> Option<usize> {
            index.find(key)
        }
        let mut index: Index<Key<'static>> = Index::default();
        index.insert(Key::new(b"a").to_owned(), 3);
        assert_eq!(find(&index, &Key::new(b"a")), Some(3));
    }
}
