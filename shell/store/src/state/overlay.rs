//! Writes not yet committed, laid over the committed rows.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, btree_map},
    ops::Bound::{Excluded, Included},
};

use kith_base::Key;
use kith_engine::state::{Error, Row};

/// Puts (`Some`) and deletes (`None`) since the last commit.
#[derive(Default)]
pub(crate) struct Overlay {
    rows: BTreeMap<Key<'static>, Option<Vec<u8>>>,
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
        self.rows().get(&Key::new(key)).cloned()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn clear(&mut self) {
        self.rows.clear();
    }

    pub fn iter(&self) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
        self.rows
            .iter()
            .map(|(key, value)| (key.as_bytes(), value.as_deref()))
    }

    pub fn take(&mut self) -> BTreeMap<Vec<u8>, Option<Vec<u8>>> {
        std::mem::take(&mut self.rows)
            .into_iter()
            .map(|(key, value)| (key.into_bytes(), value))
            .collect()
    }

    /// The rows as a map that borrowed keys look up.
    fn rows<'a>(&'a self) -> &'a BTreeMap<Key<'a>, Option<Vec<u8>>> {
        &self.rows
    }

    /// At most `limit` rows ascending, of this overlay over `base`, which ascends too.
    pub fn range(
        &self,
        start: &[u8],
        end: &[u8],
        limit: usize,
        base: impl Iterator<Item = Result<Row, Error>>,
    ) -> Result<Vec<Row>, Error> {
        if start >= end {
            return Ok(Vec::new());
        }
        let over = self.over(start, end);
        merge(over, base, limit, |over, base| over.cmp(base))
    }

    /// At most `limit` rows descending, of this overlay over `base`, which descends too.
    pub fn range_back(
        &self,
        start: &[u8],
        end: &[u8],
        limit: usize,
        base: impl Iterator<Item = Result<Row, Error>>,
    ) -> Result<Vec<Row>, Error> {
        if start >= end {
            return Ok(Vec::new());
        }
        let over = self.over(start, end).rev();
        merge(over, base, limit, |over, base| base.cmp(over))
    }

    fn over<'a>(
        &'a self,
        start: &'a [u8],
        end: &'a [u8],
    ) -> btree_map::Range<'a, Key<'a>, Option<Vec<u8>>> {
        let bounds = (Included(Key::new(start)), Excluded(Key::new(end)));
        self.rows().range(bounds)
    }
}

/// Merges two ordered streams; on the same key the overlay wins, and its deletes hide rows.
fn merge<'a>(
    over: impl Iterator<Item = (&'a Key<'a>, &'a Option<Vec<u8>>)>,
    base: impl Iterator<Item = Result<Row, Error>>,
    limit: usize,
    order: impl Fn(&[u8], &[u8]) -> Ordering,
) -> Result<Vec<Row>, Error> {
    let mut rows = Vec::new();
    let mut over = over.peekable();
    let mut base = base.peekable();
    while rows.len() < limit {
        let which = match (over.peek(), base.peek()) {
            (_, Some(Err(error))) => return Err(error.clone()),
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(Ok(_))) => Ordering::Greater,
            (Some((over, _)), Some(Ok((base, _)))) => order(over.as_bytes(), base),
        };
        if which == Ordering::Greater {
            rows.extend(base.next().transpose()?);
            continue;
        }
        if which == Ordering::Equal {
            base.next();
        }
        if let Some((key, Some(value))) = over.next() {
            rows.push((key.as_bytes().to_vec(), value.clone()));
        }
    }
    Ok(rows)
}
