//! Catalog items at the border: checked once, stored in one form.

use kith_base::{Amount, Json, Timestamp, Value, limits, number};
use kith_definition::{AttributeType, Catalog, Kind};
use kith_engine::query;
use kith_engine::state::Read;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::problem::Problem;
use crate::wire::{FieldError, Item, ItemInput, JsonObject};

const ID_MAX_CHARS: usize = limits::IDENTIFIER_MAX_CHARS;
const TITLE_MAX_CHARS: usize = 500;
const URL_MAX_CHARS: usize = 2_000;
const CATEGORIES_MAX: usize = 50;
/// Of a category or a brand.
const WORD_MAX_CHARS: usize = 200;

/// The live shape of the catalog.
pub fn shape(state: &dyn Read) -> Result<Catalog, Problem> {
    let found = query::definition(state, Kind::Catalog.as_str(), "default")?;
    let live = found.filter(|found| !found.row.archived);
    Ok(live
        .and_then(|found| Catalog::parse(&found.row.spec).ok())
        .unwrap_or_default())
}

/// Checks an item as a client wrote it; `path_id` is the id its path names.
pub fn check(
    input: &[u8],
    path_id: Option<&str>,
    shape: &Catalog,
    now: Timestamp,
) -> Result<Item, FieldError> {
    if input.len() > limits::ITEM_SIZE_MAX_BYTES {
        let most = limits::ITEM_SIZE_MAX_BYTES;
        return Err(error(
            "",
            format!("has {} bytes, the limit is {most}", input.len()),
        ));
    }
    let input: ItemInput =
        serde_json::from_slice(input).map_err(|found| error("", found.to_string()))?;
    let item_id = match (path_id, input.item_id.trim()) {
        (Some(path_id), "") => path_id.to_owned(),
        (Some(path_id), item_id) if path_id != item_id => {
            return Err(error(
                "item_id",
                format!("is {item_id:?}, but the path says {path_id:?}"),
            ));
        }
        (_, item_id) => item_id.to_owned(),
    };
    if item_id.is_empty() || item_id.contains('\0') {
        return Err(error("item_id", "is missing; every item needs one"));
    }
    let price = input.price.map(|price| read_price(&price)).transpose()?;
    check_currency(input.currency.as_deref(), price.is_some())?;
    let title = input.title.filter(|title| !title.trim().is_empty());
    let item = Item {
        title: title.unwrap_or_else(|| item_id.clone()),
        item_id,
        url: input.url,
        image_url: input.image_url,
        price,
        currency: input.currency,
        categories: input.categories,
        brand: input.brand,
        available: input.available,
        attributes: input.attributes,
        updated_at: now.into(),
    };
    check_lengths(&item)?;
    check_attributes(&item.attributes, shape)?;
    Ok(item)
}

/// The stored form: members that are unknown are left out.
pub fn to_stored(item: &Item) -> Json {
    let written = Json::from_serialize(item).expect("an item has string keys only");
    let Value::Map(mut members) = written.value() else {
        return written;
    };
    members.retain(|_, value| !value.is_null());
    Json::from_serialize(&Value::Map(members)).expect("a value always has a JSON form")
}

/// Reads the stored form; `None` when it is not an item.
pub fn from_stored(item_id: &str, stored: &[u8]) -> Option<Item> {
    #[derive(Deserialize)]
    struct Stored {
        #[serde(default)]
        updated_at: Option<crate::wire::Time>,
    }
    let input: ItemInput = serde_json::from_slice(stored).ok()?;
    let Stored { updated_at } = serde_json::from_slice(stored).ok()?;
    Some(Item {
        item_id: item_id.to_owned(),
        title: input.title.unwrap_or_else(|| item_id.to_owned()),
        url: input.url,
        image_url: input.image_url,
        price: input.price.and_then(|price| read_price(&price).ok()),
        currency: input.currency,
        categories: input.categories,
        brand: input.brand,
        available: input.available,
        attributes: input.attributes,
        updated_at: updated_at.unwrap_or(Timestamp::ZERO.into()),
    })
}

/// The items of a body: a JSON array, or one object per line.
pub fn split(body: &[u8]) -> Result<Vec<&[u8]>, FieldError> {
    let text = std::str::from_utf8(body).map_err(|_| error("", "the body is not UTF-8"))?;
    let items: Vec<&[u8]> = if text.trim_start().starts_with('[') {
        let items: Vec<&RawValue> =
            serde_json::from_str(text).map_err(|found| error("", found.to_string()))?;
        items
            .into_iter()
            .map(|item| item.get().as_bytes())
            .collect()
    } else {
        text.lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(str::as_bytes)
            .collect()
    };
    if items.len() > limits::ITEMS_PER_REQUEST_MAX {
        let most = limits::ITEMS_PER_REQUEST_MAX;
        return Err(error(
            "",
            format!("holds {} items, the limit is {most}", items.len()),
        ));
    }
    Ok(items)
}

fn read_price(price: &str) -> Result<String, FieldError> {
    let amount = Amount::parse(price).filter(|amount| *amount >= Amount::ZERO);
    let amount = amount.ok_or_else(|| {
        error(
            "price",
            format!("{price:?} is not a price; write for example \"19.90\""),
        )
    })?;
    Ok(amount.to_string())
}

fn check_currency(currency: Option<&str>, priced: bool) -> Result<(), FieldError> {
    let valid = |code: &str| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    match currency {
        Some(code) if !valid(code) => Err(error(
            "currency",
            format!("{code:?} is not an ISO 4217 code such as EUR"),
        )),
        None if priced => Err(error(
            "currency",
            "is missing beside a price; write for example EUR",
        )),
        _ => Ok(()),
    }
}

fn check_lengths(item: &Item) -> Result<(), FieldError> {
    let optional = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut texts = vec![
        ("item_id".to_owned(), item.item_id.clone(), ID_MAX_CHARS),
        ("title".to_owned(), item.title.clone(), TITLE_MAX_CHARS),
        ("url".to_owned(), optional(&item.url), URL_MAX_CHARS),
        (
            "image_url".to_owned(),
            optional(&item.image_url),
            URL_MAX_CHARS,
        ),
        ("brand".to_owned(), optional(&item.brand), WORD_MAX_CHARS),
    ];
    let categories = item.categories.iter().enumerate();
    texts.extend(
        categories.map(|(n, text)| (format!("categories[{n}]"), text.clone(), WORD_MAX_CHARS)),
    );
    if item.categories.len() > CATEGORIES_MAX {
        return Err(error(
            "categories",
            format!("holds more than {CATEGORIES_MAX}"),
        ));
    }
    match texts
        .into_iter()
        .find(|(_, text, most)| text.chars().count() > *most)
    {
        Some((field, _, most)) => Err(error(&field, format!("is longer than {most} characters"))),
        None => Ok(()),
    }
}

/// Attributes the catalog knows must have its type; others are kept as they are.
fn check_attributes(attributes: &JsonObject, shape: &Catalog) -> Result<(), FieldError> {
    if let Some(found) = number::out_of_range(attributes.0.as_str()) {
        let field = format!("attributes.{}", found.path);
        return Err(error(&field, found.to_string()));
    }
    let Value::Map(attributes) = attributes.0.value() else {
        return Ok(());
    };
    for attribute in &shape.attributes {
        let Some(value) = attributes
            .get(&attribute.name)
            .filter(|value| !value.is_null())
        else {
            continue;
        };
        let (fits, expected) = match attribute.kind {
            AttributeType::Text => (value.as_text().is_some(), "text"),
            AttributeType::Number => (value.as_number().is_some(), "a number"),
            AttributeType::Boolean => (matches!(value, Value::Bool(_)), "true or false"),
            AttributeType::Time => (value.as_time().is_some(), "an RFC 3339 time"),
            AttributeType::List => (is_list_of_text(value), "a list of texts"),
        };
        if !fits {
            let field = format!("attributes.{}", attribute.name);
            return Err(error(
                &field,
                format!("is not {expected}, as the catalog says"),
            ));
        }
    }
    Ok(())
}

fn is_list_of_text(value: &Value) -> bool {
    matches!(value, Value::List(list) if list.iter().all(|one| one.as_text().is_some()))
}

fn error(field: &str, message: impl Into<String>) -> FieldError {
    FieldError {
        field: field.to_owned(),
        message: message.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(input: &str) -> String {
        let text = r#"{"attributes":[{"name":"colour"},{"name":"sizes","type":"list"}]}"#;
        let shape = Catalog::parse(&Json::parse(text).unwrap()).unwrap();
        match check(input.as_bytes(), None, &shape, Timestamp::ZERO) {
            Ok(item) => format!("ok {}", to_stored(&item).as_str()),
            Err(error) => error.field,
        }
    }

    #[test]
    fn names_the_member_at_fault() {
        assert_eq!(field(r#"{"item_id":""}"#), "item_id");
        assert_eq!(
            field(r#"{"item_id":"a","price":"12,50","currency":"EUR"}"#),
            "price"
        );
        assert_eq!(
            field(r#"{"item_id":"a","price":"-1","currency":"EUR"}"#),
            "price"
        );
        assert_eq!(field(r#"{"item_id":"a","price":"1"}"#), "currency");
        assert_eq!(
            field(r#"{"item_id":"a","attributes":{"colour":3}}"#),
            "attributes.colour"
        );
        assert_eq!(
            field(r#"{"item_id":"a","attributes":{"sizes":[4]}}"#),
            "attributes.sizes"
        );
        assert_eq!(field("{"), "");
    }

    #[test]
    fn stores_one_form() {
        let text = r#"{"item_id":"a","price":19.9,"currency":"EUR","attributes":{"x":[1]}}"#;
        let expect = concat!(
            r#"ok {"attributes":{"x":[1]},"available":true,"categories":[],"currency":"EUR","#,
            r#""item_id":"a","price":"19.90","title":"a","updated_at":"1970-01-01T00:00:00.000Z"}"#
        );
        assert_eq!(field(text), expect);
        let stored = expect.strip_prefix("ok ").unwrap();
        let item = from_stored("a", stored.as_bytes()).unwrap();
        assert_eq!((item.price.as_deref(), item.brand), (Some("19.90"), None));
    }

    #[test]
    fn splits_arrays_and_lines() {
        assert_eq!(split(b" [{},{\"a\":[1]}]").unwrap().len(), 2);
        assert_eq!(split(b"{}\r\n\n{}\n").unwrap().len(), 2);
        assert!(split(b"[{}").is_err());
        assert!(split(&b"{}\n".repeat(10_001)).is_err());
        assert_eq!(split(&b"{}\n".repeat(10_000)).unwrap().len(), 10_000);
    }
}
