//! Catalog items written and deleted.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::Value;
use kith_event::{CatalogChange, Position};

use crate::state::Error;
use crate::table;
use crate::{Effect, Working};

pub(super) fn apply(
    working: &mut Working<'_>,
    position: Position,
    change: &CatalogChange,
) -> Result<Vec<Effect>, Error> {
    for (item_id, item) in &change.items {
        let key = table::item(item_id);
        let before = working.tx().get(&key)?;
        let old_words = before
            .as_deref()
            .map(|bytes| words_of_item(item_id, bytes))
            .unwrap_or_default();
        let new_words = match item {
            Some(item) => words_of_item(item_id, item.as_str().as_bytes()),
            None => BTreeSet::new(),
        };
        for gone in old_words.difference(&new_words) {
            working.tx().delete(&table::item_word(gone, item_id));
        }
        for fresh in new_words.difference(&old_words) {
            working
                .tx()
                .put(&table::item_word(fresh, item_id), Vec::new());
        }
        let described = |bytes: &[u8]| describe(&serde_json::from_slice(bytes).unwrap_or_default());
        let old = before.as_deref().map(described).unwrap_or_default();
        let new = item
            .as_ref()
            .map(|item| described(item.as_str().as_bytes()));
        let new = new.unwrap_or_default();
        if new != old {
            let version = table::item_version(item_id, position);
            working.tx().put(&version, new);
        }
        match item {
            Some(item) => working.tx().put(&key, item.as_str().as_bytes().to_vec()),
            None => working.tx().delete(&key),
        }
        let delta = i64::from(item.is_some()) - i64::from(before.is_some());
        working.add(&table::mark(table::ITEMS), delta)?;
    }
    Ok(Vec::new())
}

/// What affinities may look at, as JSON text: it is kept of every version of an item, so that
/// whoever reads the past sees each event's items as they were.
fn describe(item: &Value) -> Vec<u8> {
    let members = ["title", "brand", "categories", "price", "attributes"];
    let held = members.map(|name| (name, item.path(name)));
    let held: BTreeMap<&str, &Value> = held
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .collect();
    serde_json::to_vec(&held).unwrap_or_default()
}

/// Lower-case words an item is found by: id, title, brand, categories.
pub(crate) fn words_of_item(item_id: &str, item: &[u8]) -> BTreeSet<String> {
    let item: Value = serde_json::from_slice(item).unwrap_or_default();
    let mut texts = vec![item_id.to_owned()];
    let mut add = |value: &Value| texts.extend(value.as_text().map(str::to_owned));
    add(item.path("title"));
    add(item.path("brand"));
    if let Value::List(categories) = item.path("categories") {
        categories.iter().for_each(add);
    }
    item_words(texts.iter().map(String::as_str))
}

/// The first words of texts, as they stand in the index.
pub(crate) fn item_words<'a>(texts: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    const WORDS_MAX: usize = 16;
    texts
        .into_iter()
        .flat_map(|text| text.split(|symbol: char| !symbol.is_alphanumeric()))
        .filter(|word| !word.is_empty())
        .map(|word| word.to_lowercase().chars().take(32).collect())
        .take(WORDS_MAX)
        .collect()
}
