//! What one event says about interests: the keys of its items in the dimension of an affinity.
//!
//! What the event says itself comes first; what it leaves out is looked up in the catalog.

use kith_base::{Amount, Value, limits};
use kith_definition::{Affinity, Dimension};
use kith_event::LineItem;

use crate::series::Touch;

/// One item of an event: its members, its line as read, and what the event says around it.
pub(super) struct Item<'a> {
    pub line: &'a LineItem,
    pub own: &'a Value,
    pub event: &'a Value,
}

/// The keys of these items, each once, with all it counts. `item` looks one up in the catalog.
pub(super) fn touches<'a>(
    of: &Affinity,
    event: &str,
    items: impl Iterator<Item = Item<'a>>,
    item: &mut dyn FnMut(&str) -> Value,
) -> Vec<Touch> {
    let Some(weight) = of.weight_of(event) else {
        return Vec::new();
    };
    let (weight, buys) = (u32::from(weight), of.buys(event));
    let mut all: Vec<Touch> = Vec::new();
    for one in items.filter(|item| !is_gift(of, item)) {
        for key in keys(of, &one, item) {
            if let Some(known) = all.iter_mut().find(|known| known.key == key) {
                known.weight += weight;
            } else if all.len() < limits::SERIES_KEYS_PER_EVENT_MAX {
                all.push(Touch { key, weight, buys });
            }
        }
    }
    all
}

/// Members of the properties that an affinity looks at, besides those that are always read.
pub(super) fn members(of: &Affinity) -> Vec<&str> {
    let named = match of.by {
        Dimension::Attribute => vec![of.attribute.as_str()],
        Dimension::Keyword if of.attribute.is_empty() => TITLES.to_vec(),
        Dimension::Keyword => vec![of.attribute.as_str()],
        _ => Vec::new(),
    };
    let gift = Some(of.gift.as_str()).filter(|gift| !gift.is_empty());
    named.into_iter().chain(gift).collect()
}

/// What the title of an item is called: in events as Segment writes them, and in the catalog.
const TITLES: [&str; 2] = ["name", "title"];

fn is_gift(of: &Affinity, item: &Item<'_>) -> bool {
    let marks = |value: &Value| match value {
        Value::Bool(flag) => *flag,
        Value::Int(number) => *number != 0,
        Value::Text(text) => ["true", "yes", "1"].contains(&text.to_lowercase().as_str()),
        _ => false,
    };
    !of.gift.is_empty() && (marks(item.own.path(&of.gift)) || marks(item.event.path(&of.gift)))
}

fn keys(of: &Affinity, item: &Item<'_>, catalog: &mut dyn FnMut(&str) -> Value) -> Vec<String> {
    let own: Vec<String> = match of.by {
        Dimension::Category => item.line.category.iter().cloned().collect(),
        Dimension::Brand => item.line.brand.iter().cloned().collect(),
        Dimension::Price => {
            let band = item.line.price.map(|price| band(&of.bounds, price));
            band.into_iter().collect()
        }
        Dimension::Attribute => texts(item.own.path(&of.attribute)),
        Dimension::Keyword => words(members_of(of).map(|name| item.own.path(name))),
    };
    let found = match &item.line.item_id {
        Some(id) if own.is_empty() => in_catalog(of, &catalog(id)),
        _ => own,
    };
    found.into_iter().filter_map(cut).collect()
}

fn in_catalog(of: &Affinity, item: &Value) -> Vec<String> {
    match of.by {
        Dimension::Category => texts(item.path("categories")),
        Dimension::Brand => texts(item.path("brand")),
        Dimension::Price => {
            let price = amount(item.path("price")).map(|price| band(&of.bounds, price));
            price.into_iter().collect()
        }
        Dimension::Attribute => texts(item.path("attributes").path(&of.attribute)),
        Dimension::Keyword if of.attribute.is_empty() => words([item.path("title")].into_iter()),
        Dimension::Keyword => words([item.path("attributes").path(&of.attribute)].into_iter()),
    }
}

fn members_of(of: &Affinity) -> impl Iterator<Item = &str> {
    let titles = TITLES.into_iter().filter(|_| of.attribute.is_empty());
    let named = Some(of.attribute.as_str()).filter(|name| !name.is_empty());
    titles.chain(named)
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Text(text) => vec![text.clone()],
        Value::Int(number) => vec![number.to_string()],
        Value::Bool(flag) => vec![flag.to_string()],
        Value::List(list) => list
            .iter()
            .filter(|value| !matches!(value, Value::List(_)))
            .flat_map(texts)
            .collect(),
        _ => Vec::new(),
    }
}

/// Words of three letters and more, in lower case, each once, the first ones.
fn words<'a>(values: impl Iterator<Item = &'a Value>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for text in values.flat_map(texts) {
        for word in text.split(|symbol: char| !symbol.is_alphanumeric()) {
            let is_word = word.chars().count() >= 3 && word.chars().any(char::is_alphabetic);
            let word = word.to_lowercase();
            if is_word && !found.contains(&word) {
                found.push(word);
            }
            if found.len() == limits::AFFINITY_KEYWORDS_PER_ITEM_MAX {
                return found;
            }
        }
    }
    found
}

/// `under 20`, `20 to 50`, `50 and more`: a price on a bound is in the band above it.
fn band(bounds: &[u32], price: Amount) -> String {
    let is_below = |bound: &&u32| price < Amount::from_micros(i128::from(**bound) * 1_000_000);
    let upper = bounds.iter().position(|bound| is_below(&bound));
    match upper.unwrap_or(bounds.len()) {
        0 => format!("under {}", bounds[0]),
        n if n == bounds.len() => format!("{} and more", bounds[n - 1]),
        n => format!("{} to {}", bounds[n - 1], bounds[n]),
    }
}

fn amount(value: &Value) -> Option<Amount> {
    match value {
        Value::Int(int) => Some(Amount::from_micros(i128::from(*int) * 1_000_000)),
        Value::Float(float) => Amount::from_f64(*float),
        Value::Text(text) => Amount::parse(text),
        _ => None,
    }
}

/// `None` for an empty key.
fn cut(key: String) -> Option<String> {
    let key = key.trim();
    let end = key.char_indices().nth(limits::AFFINITY_KEY_MAX_CHARS);
    let key = &key[..end.map_or(key.len(), |(at, _)| at)];
    (!key.is_empty()).then(|| key.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_on_a_bound_is_in_the_band_above() {
        let check = |price: &str, expect: &str| {
            let price = Amount::parse(price).unwrap();
            assert_eq!(band(&[20, 50], price), expect, "{price:?}");
        };
        check("0", "under 20");
        check("19.99", "under 20");
        check("20", "20 to 50");
        check("49.99", "20 to 50");
        check("50", "50 and more");
        assert_eq!(
            band(&[7], Amount::parse("7.5").unwrap()),
            "7 and more".to_owned()
        );
    }

    #[test]
    fn words_are_of_three_letters_and_come_once() {
        let found = |text: &str| words([&Value::from(text)].into_iter());
        assert_eq!(
            found("Trail-running shoe, SHOE 42 of 1024x"),
            ["trail", "running", "shoe", "1024x"]
        );
        let many = |count: usize| {
            let all: Vec<String> = (0..count).map(|n| format!("word{n}")).collect();
            found(&all.join(" ")).len()
        };
        let max = limits::AFFINITY_KEYWORDS_PER_ITEM_MAX;
        assert_eq!((many(max), many(max + 1)), (max, max));
    }

    #[test]
    fn a_long_key_loses_its_end() {
        let max = limits::AFFINITY_KEY_MAX_CHARS;
        let length = |count: usize| cut("é".repeat(count)).map(|key| key.chars().count());
        assert_eq!((length(max), length(max + 1)), (Some(max), Some(max)));
        assert_eq!(cut("  ".to_owned()), None);
    }
}
