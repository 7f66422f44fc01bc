//! What records would do: the same code over a state that nobody else sees.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use kith_event::{Position, Record};

use crate::state::{Error, Read, Row, Snapshots, Tx};
use crate::table;
use crate::{Cache, Project, Working, apply};

/// Rows laid over a state, never committed.
pub struct Draft<'a> {
    base: &'a dyn Read,
    rows: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
}

impl<'a> Draft<'a> {
    /// The state as it would be after a record, which must not be of definitions.
    pub fn after(
        base: &'a dyn Read,
        project: &Arc<Project>,
        record: &Record,
    ) -> Result<Self, Error> {
        let mut draft = Draft::over(base);
        let position: Position = table::read_number(base, &table::mark(table::APPLIED))?;
        let (mut cache, mut project) = (Cache::default(), Arc::clone(project));
        let mut working = Working::new(&mut draft, &mut cache);
        apply(&mut working, &mut project, position, record)?;
        working.finish(position + 1);
        Ok(draft)
    }

    /// The state as it is.
    pub(crate) fn over(base: &'a dyn Read) -> Self {
        Draft {
            base,
            rows: BTreeMap::new(),
        }
    }

    fn scan(&self, start: &[u8], end: &[u8], limit: usize, back: bool) -> Result<Vec<Row>, Error> {
        if start >= end {
            return Ok(Vec::new());
        }
        let bounds = (Bound::Included(start), Bound::Excluded(end));
        let over = self.rows.range::<[u8], _>(bounds);
        let deleted = over.clone().filter(|(_, value)| value.is_none()).count();
        let most = limit.saturating_add(deleted);
        let below = match back {
            true => self.base.range_back(start, end, most)?,
            false => self.base.range(start, end, most)?,
        };
        let mut rows: BTreeMap<Vec<u8>, Option<Vec<u8>>> = BTreeMap::new();
        rows.extend(below.into_iter().map(|(key, value)| (key, Some(value))));
        rows.extend(over.map(|(key, value)| (key.clone(), value.clone())));
        let live = rows
            .into_iter()
            .filter_map(|(key, value)| Some((key, value?)));
        let mut live: Vec<Row> = live.collect();
        if back {
            live.reverse();
        }
        live.truncate(limit);
        Ok(live)
    }
}

impl Read for Draft<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        match self.rows.get(key) {
            Some(value) => Ok(value.clone()),
            None => self.base.get(key),
        }
    }

    fn range(&self, start: &[u8], end: &[u8], limit: usize) -> Result<Vec<Row>, Error> {
        self.scan(start, end, limit, false)
    }

    fn range_back(&self, start: &[u8], end: &[u8], limit: usize) -> Result<Vec<Row>, Error> {
        self.scan(start, end, limit, true)
    }
}

impl Tx for Draft<'_> {
    fn put(&mut self, key: &[u8], value: Vec<u8>) {
        self.rows.insert(key.to_vec(), Some(value));
    }

    fn delete(&mut self, key: &[u8]) {
        self.rows.insert(key.to_vec(), None);
    }

    fn commit(&mut self) -> Result<(), Error> {
        Ok(())
    }

    fn rollback(&mut self) {
        self.rows.clear();
    }

    fn sync(&mut self) -> Result<(), Error> {
        Ok(())
    }

    fn snapshots(&self) -> Snapshots {
        unreachable!("a draft is read where it was made")
    }
}
