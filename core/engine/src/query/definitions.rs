//! Definitions and their revisions.

use kith_base::limits;

use crate::state::{Error, Read};
use crate::table::{self, DefinitionRow};

/// A definition with its name in the key space.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// Kind.
    pub kind: String,
    /// Id.
    pub id: String,
    /// The revision.
    pub row: DefinitionRow,
}

/// The current revision, archived or not.
pub fn definition(state: &dyn Read, kind: &str, id: &str) -> Result<Option<Definition>, Error> {
    let row: Option<DefinitionRow> = table::read(state, &table::definition(kind, id))?;
    Ok(row.map(|row| Definition {
        kind: kind.to_owned(),
        id: id.to_owned(),
        row,
    }))
}

/// Current revisions of a kind by id, after the id `after`, archived ones too.
pub fn definitions(
    state: &dyn Read,
    kind: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Definition>, Error> {
    let prefix = table::definitions_of(kind);
    let start = match after {
        Some(id) => {
            let mut key = table::definition(kind, id);
            key.push(0);
            key
        }
        None => prefix.clone(),
    };
    let named = |(key, bytes): (Vec<u8>, Vec<u8>)| {
        let id = String::from_utf8_lossy(&key[prefix.len()..]).into_owned();
        let row = table::decode(&key, &bytes)?;
        Ok(Definition {
            kind: kind.to_owned(),
            id,
            row,
        })
    };
    state
        .range(&start, &table::end_of(&prefix), limit)?
        .into_iter()
        .map(named)
        .collect()
}

/// Current revisions of a kind that are in use, by id, and no more than `most`: however many are
/// archived.
pub fn live_definitions(
    state: &dyn Read,
    kind: &str,
    most: usize,
) -> Result<Vec<Definition>, Error> {
    let mut live: Vec<Definition> = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = definitions(state, kind, after.as_deref(), limits::PAGE_MAX)?;
        let is_last = page.len() < limits::PAGE_MAX;
        after = page.last().map(|found| found.id.clone());
        live.extend(page.into_iter().filter(|found| !found.row.archived));
        if is_last || live.len() >= most {
            live.truncate(most);
            return Ok(live);
        }
    }
}

/// One revision.
pub fn revision(
    state: &dyn Read,
    kind: &str,
    id: &str,
    revision: u64,
) -> Result<Option<DefinitionRow>, Error> {
    table::read(state, &table::definition_revision(kind, id, revision))
}

/// Revisions, newest first.
pub fn revisions(
    state: &dyn Read,
    kind: &str,
    id: &str,
    limit: usize,
) -> Result<Vec<DefinitionRow>, Error> {
    let start = table::definition_revision(kind, id, 0);
    let end = table::end_of(&start[..start.len() - 8]);
    let read = |(key, bytes): (Vec<u8>, Vec<u8>)| table::decode(&key, &bytes);
    state
        .range_back(&start, &end, limit)?
        .into_iter()
        .map(read)
        .collect()
}
