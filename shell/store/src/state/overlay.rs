//! Writes not yet committed, laid over the committed rows.

use std::{
    collections::btree_map,
    ops::{
        Bound::{Excluded, Included},
        Range,
    },
};

use kith_base::Key;

use super::{
    merge::{Direction, Write},
    versions::Commit,
};

/// Puts (`Some`) and deletes (`None`) since the last commit.
#[derive(Default)]
pub(crate) struct Overlay {
    rows: Commit,
}

impl Overlay {
    pub fn put(&mut self, key: &[u8], value: Vec<u8>) {
        super::check_key(key);
        self.rows.insert(Key::new(key).to_owned(), Some(value));
    }

    pub fn delete(&mut self, key: &[u8]) {
        super::check_key(key);
        self.rows.insert(Key::new(key).to_owned(), None);
    }

    /// `None` when the committed row counts.
    pub fn get(&self, key: &[u8]) -> Option<Option<Vec<u8>>> {
        let rows: &std::collections::BTreeMap<Key<'_>, _> = &self.rows;
        rows.get(&Key::new(key)).cloned()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn clear(&mut self) {
        self.rows.clear();
    }

    /// Bytes of keys and values.
    pub fn size_bytes(&self) -> usize {
        let size = |(key, value): (&Key<'_>, &Option<Vec<u8>>)| {
            key.as_bytes().len() + value.as_ref().map_or(0, Vec::len)
        };
        self.rows.iter().map(size).sum()
    }

    pub fn take(&mut self) -> Commit {
        std::mem::take(&mut self.rows)
    }

    /// The writes with `start <= key < end`.
    pub fn scan<'a>(
        &'a self,
        range: &Range<&'a [u8]>,
        direction: Direction,
    ) -> impl Iterator<Item = Write> + use<'a> {
        let rows = (range.start < range.end).then(|| between(&self.rows, range));
        let mut rows = rows.into_iter().flatten();
        std::iter::from_fn(move || match direction {
            Direction::Ascending => rows.next(),
            Direction::Descending => rows.next_back(),
        })
        .map(|(key, value)| (key.as_bytes().to_vec(), value.clone()))
    }
}

fn between<'a>(
    rows: &'a std::collections::BTreeMap<Key<'a>, Option<Vec<u8>>>,
    range: &Range<&'a [u8]>,
) -> btree_map::Range<'a, Key<'a>, Option<Vec<u8>>> {
    let bounds = (
        Included(Key::new(range.start)),
        Excluded(Key::new(range.end)),
    );
    rows.range(bounds)
}
