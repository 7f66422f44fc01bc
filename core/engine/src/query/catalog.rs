//! Catalog items, and the lists recommendations are made of.

use kith_base::{Timestamp, limits};

use crate::state::{Error, Read};
use crate::table::{self, ItemHeat};

/// An item as JSON text.
pub fn item(state: &dyn Read, item_id: &str) -> Result<Option<Vec<u8>>, Error> {
    state.get(&table::item(item_id))
}

/// Items by id after the id `after`.
pub fn items(
    state: &dyn Read,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let mut start = table::item(after.unwrap_or_default());
    if after.is_some() {
        start.push(0);
    }
    let named =
        |(key, bytes): (Vec<u8>, Vec<u8>)| (String::from_utf8_lossy(&key[1..]).into_owned(), bytes);
    Ok(state
        .range(&start, &table::end_of(b"c"), limit)?
        .into_iter()
        .map(named)
        .collect())
}

/// Items by heat, hottest first, with their counts.
pub fn hottest(state: &dyn Read, limit: usize) -> Result<Vec<(String, ItemHeat)>, Error> {
    let mut found = Vec::with_capacity(limit);
    for (key, _) in state.range(b"r", &table::end_of(b"r"), limit.min(limits::PAGE_MAX))? {
        let item_id = String::from_utf8_lossy(&key[9..]).into_owned();
        let heat = table::read(state, &table::heat(&item_id))?.unwrap_or_default();
        found.push((item_id, heat));
    }
    Ok(found)
}

/// Items viewed together with one, with the decayed number of times, most often first.
pub fn also_viewed(
    state: &dyn Read,
    item_id: &str,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<(String, f64)>, Error> {
    let half_life = crate::ALSO_VIEWED_HALF_LIFE;
    let mut found: Vec<(String, f64)> = table::partners(state, item_id)?
        .into_iter()
        .map(|(id, sum)| (id, sum.value(now, half_life)))
        .collect();
    found.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    found.truncate(limit);
    Ok(found)
}
