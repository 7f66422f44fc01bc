//! The mapping document: how the columns of a file become events and catalog items.
//!
//! `docs/import.md` explains every member. This file is the document as written; `compile` joins
//! it with the header of a file.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

/// A mapping file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Part of every message id: change it and the same rows become new events.
    pub id: String,
    /// `csv`, `ndjson` or `parquet`; by the file's name when absent.
    pub format: Option<Format>,
    /// Between the fields of a CSV line.
    #[serde(default = "comma")]
    pub delimiter: char,
    /// Column names of a CSV file that has no header line.
    pub header: Option<Vec<String>>,
    /// Columns that tell one row (or group) from every other; the row's content and line number
    /// when absent.
    #[serde(default)]
    pub identity: Vec<String>,
    /// Rows that are no events, with the reason.
    #[serde(default)]
    pub skip: Vec<Skip>,
    /// Joins rows with the same key into one event.
    pub group: Option<Group>,
    /// When it happened.
    pub time: Option<Time>,
    /// Who did it.
    #[serde(default)]
    pub identifiers: Vec<IdentifierFrom>,
    /// What happened: the first whose condition holds.
    #[serde(default)]
    pub events: Vec<EventFrom>,
    /// Catalog items in the same rows; the first row of an item wins. Here and in `properties`,
    /// `traits` and `context` a dot leads into an inner object: `attributes.colour: Colour`.
    pub item: Option<BTreeMap<String, Field>>,
}

fn comma() -> char {
    ','
}

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Comma-separated, with quotes as in RFC 4180.
    Csv,
    /// One JSON object a line.
    Ndjson,
    /// Typed columns, of which none is nested.
    Parquet,
}

/// Rows to leave out on purpose.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Skip {
    /// Which.
    pub when: Conditions,
    /// Why, for the closing report.
    pub reason: String,
}

/// Rows of one key become one event.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// The key.
    pub by: Vec<String>,
    /// How many other rows may lie between two rows of a group.
    #[serde(default)]
    pub within_rows: u64,
}

/// The time of an event.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Time {
    /// Column that holds it.
    pub column: String,
    /// `rfc3339`, `unix-seconds`, `unix-milliseconds`, or a pattern such as `%d/%m/%Y %H:%M`.
    #[serde(default = "rfc3339")]
    pub format: String,
    /// Zone of a local time, such as `Europe/London`.
    #[serde(default = "utc")]
    pub zone: String,
}

fn rfc3339() -> String {
    "rfc3339".to_owned()
}

fn utc() -> String {
    "UTC".to_owned()
}

/// One identifier.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentifierFrom {
    /// Such as `user_id`.
    pub namespace: String,
    /// Column that holds it.
    pub column: String,
    /// How the cell is written.
    #[serde(default, rename = "type")]
    pub kind: Type,
    /// Put before the value.
    #[serde(default)]
    pub prefix: String,
    /// Only for these rows.
    #[serde(default)]
    pub when: Conditions,
}

/// One kind of event.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventFrom {
    /// `track` when absent.
    #[serde(default, rename = "type")]
    pub kind: EventKind,
    /// Such as `Product Viewed`.
    #[serde(default)]
    pub name: String,
    /// Only for these rows.
    #[serde(default)]
    pub when: Conditions,
    /// Members of `properties`.
    #[serde(default)]
    pub properties: BTreeMap<String, Field>,
    /// Traits of the person.
    #[serde(default)]
    pub traits: BTreeMap<String, Field>,
    /// Members of `context`.
    #[serde(default)]
    pub context: BTreeMap<String, Field>,
}

/// The kinds an import can write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// An action with a name.
    #[default]
    Track,
    /// Traits of a person.
    Identify,
    /// A page view.
    Page,
    /// An app screen view.
    Screen,
}

/// How a cell is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Type {
    /// As it stands, without blanks around it.
    #[default]
    Text,
    /// A whole number; `17850.0` is one too.
    Integer,
    /// Any number.
    Number,
    /// `true`/`false`, `yes`/`no`, `1`/`0`.
    Boolean,
    /// Several texts between separators.
    List,
}

/// Where a value comes from: a column's name alone, or an object that says more.
#[derive(Debug)]
pub struct Field(pub FieldFrom);

/// The long form of a field. Exactly one of `column`, `value`, `each`, `sum_of` is given.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldFrom {
    /// From a column.
    pub column: Option<String>,
    /// The same for every row.
    pub value: Option<serde_json::Value>,
    /// A list with one object for every row of the group.
    pub each: Option<BTreeMap<String, Field>>,
    /// The sum over the group of the product of these columns, exact to six places.
    pub sum_of: Option<Vec<String>>,
    /// How the cell is read.
    #[serde(default, rename = "type")]
    pub kind: Type,
    /// Put before a text.
    #[serde(default)]
    pub prefix: String,
    /// Replaces texts by others; a text that is not listed stays.
    #[serde(default)]
    pub replace: BTreeMap<String, String>,
    /// Between the entries of a list.
    pub separator: Option<String>,
    /// Turns the sign of a number.
    #[serde(default)]
    pub negate: bool,
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl<'de> Visitor<'de> for Form {
            type Value = Field;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a column's name, or an object with column, value, each or sum_of")
            }

            fn visit_str<E: serde::de::Error>(self, column: &str) -> Result<Field, E> {
                let column = Some(column.to_owned());
                Ok(Field(FieldFrom {
                    column,
                    ..FieldFrom::default()
                }))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Field, A::Error> {
                let from = FieldFrom::deserialize(MapAccessDeserializer::new(map))?;
                let given = [
                    from.column.is_some(),
                    from.value.is_some(),
                    from.each.is_some(),
                    from.sum_of.is_some(),
                ];
                if given.into_iter().filter(|given| *given).count() != 1 {
                    return Err(A::Error::custom(
                        "give exactly one of column, value, each and sum_of",
                    ));
                }
                Ok(Field(from))
            }
        }

        deserializer.deserialize_any(Form)
    }
}

/// Conditions that must all hold; one, or a list.
#[derive(Debug, Default)]
pub struct Conditions(pub Vec<Condition>);

/// A test of one column. Every test that is given must hold.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The column.
    pub column: String,
    /// The cell is exactly this.
    pub equals: Option<String>,
    /// The cell is one of these.
    pub one_of: Option<Vec<String>>,
    /// The cell begins with this.
    pub starts_with: Option<String>,
    /// The cell does not begin with this.
    pub not_starts_with: Option<String>,
    /// `true`: the cell is empty; `false`: it is not.
    pub missing: Option<bool>,
    /// The cell is a number below this.
    pub below: Option<f64>,
    /// The cell is a number above this.
    pub above: Option<f64>,
}

impl<'de> Deserialize<'de> for Conditions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl<'de> Visitor<'de> for Form {
            type Value = Conditions;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a condition on a column, or a list of conditions")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Conditions, A::Error> {
                let condition = Condition::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Conditions(vec![condition]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Conditions, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(Conditions)
            }
        }

        deserializer.deserialize_any(Form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        serde_norway::from_str::<Mapping>(text)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn both_forms_of_a_field() {
        let mapping: Mapping = serde_norway::from_str(
            "{id: a, item: {item_id: StockCode, price: {column: UnitPrice, type: number}}}",
        )
        .unwrap();
        let item = mapping.item.unwrap();
        assert_eq!(item["item_id"].0.column.as_deref(), Some("StockCode"));
        assert_eq!(item["price"].0.kind, Type::Number);
    }

    #[test]
    fn mistakes_are_named() {
        assert!(error("{id: a, event: []}").contains("unknown field `event`"));
        assert!(error("{id: a, item: {x: {}}}").contains("give exactly one of column"));
        assert!(error("{id: a, item: {x: {column: a, tpe: text}}}").contains("`tpe`"));
        assert!(error("{id: a, item: {x: 3}}").contains("a column's name, or an object"));
    }
}
