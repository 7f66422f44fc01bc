//! Whoever an export is about, one after the other.

use std::collections::BTreeSet;

use kith_base::{PersonId, Timestamp};
use kith_engine::query::{self, Standing};
use kith_engine::{state, table};
use kith_profile::SeriesId;
use kith_runtime::View;

/// Persons read at once.
const PAGE: usize = 500;

/// One person as of the export's instant.
pub(crate) struct Person {
    pub standing: Standing,
    /// Member since; of everybody, nothing.
    pub since: Option<Timestamp>,
}

/// A way through an audience, or through everybody.
pub(crate) struct People<'a> {
    pub view: &'a View,
    /// Empty for everybody.
    pub audience: &'a str,
    /// The instant at which computed values are read.
    pub now: Timestamp,
    /// Series whose past is still being read.
    pub unready: BTreeSet<SeriesId>,
    /// Persons there are.
    pub total: u64,
}

impl<'a> People<'a> {
    pub(crate) fn new(
        view: &'a View,
        audience: &'a str,
        now: Timestamp,
    ) -> Result<Self, state::Error> {
        let state = &*view.state;
        let total = match audience {
            "" => table::read_number(state, &table::mark(table::PERSONS))?,
            id => table::read_number(state, &table::audience_size(id))?,
        };
        Ok(People {
            view,
            audience,
            now: now.max(query::clock(state)?),
            unready: query::unready_series(state)?,
            total,
        })
    }

    /// Calls `each` for every person in order of their ids, until it fails.
    pub(crate) fn each<E: From<state::Error>>(
        &self,
        mut each: impl FnMut(Person) -> Result<(), E>,
    ) -> Result<(), E> {
        let state = &*self.view.state;
        let mut after = None;
        loop {
            let page = self.page(after)?;
            for (person, since) in &page {
                let found = query::standing(state, &self.view.project, *person)?;
                if let Some(standing) = found {
                    each(Person {
                        standing,
                        since: *since,
                    })?;
                }
            }
            match page.last() {
                Some((last, _)) if page.len() == PAGE => after = Some(*last),
                _ => return Ok(()),
            }
        }
    }

    fn page(
        &self,
        after: Option<PersonId>,
    ) -> Result<Vec<(PersonId, Option<Timestamp>)>, state::Error> {
        let state = &*self.view.state;
        if self.audience.is_empty() {
            let persons = query::persons(state, after, PAGE)?;
            return Ok(persons.into_iter().map(|person| (person, None)).collect());
        }
        let members = query::members(state, self.audience, after, PAGE)?;
        let member = |(person, since)| (person, Some(since));
        Ok(members.into_iter().map(member).collect())
    }
}
