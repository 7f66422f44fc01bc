//! Rows to events and items: the mapping at work, a pure function of its rows.

use kith_base::{Amount, Digest, Json, Timestamp, digest, limits};
use kith_event::{Event, Identifier};
use serde_json::{Map, Value};

use super::cell::{self, Complaint};
use super::compile::{Compiled, From, Member, all_hold};
use super::rows::Row;

/// What a row is, before any work is spent on it.
pub enum Fate<'a> {
    /// To be mapped.
    Wanted,
    /// Left out on purpose.
    Skipped(&'a str),
}

impl Compiled {
    /// Whether the mapping leaves this row out.
    pub fn fate(&self, row: &Row) -> Fate<'_> {
        let skip = self
            .skip
            .iter()
            .find(|(tests, _)| all_hold(tests, &row.cells));
        skip.map_or(Fate::Wanted, |(_, reason)| Fate::Skipped(reason))
    }

    /// The group a row belongs to.
    pub fn key(&self, row: &Row) -> Option<Digest> {
        let (places, _) = self.group.as_ref()?;
        Some(digest_of("group", row, places))
    }

    /// The event of a group of rows (of one row without grouping), as source `source` sent it.
    pub fn event(&self, source: &str, rows: &[Row], now: Timestamp) -> Result<Event, Complaint> {
        let first = rows.first().expect("a group holds the row that opened it");
        let event = self
            .events
            .iter()
            .find(|event| all_hold(&event.when, &first.cells))
            .ok_or_else(|| self.unmatched(first))?;
        let (at, format) = self
            .time
            .as_ref()
            .expect("a mapping with events has a time");
        let time_column = &self.columns[*at];
        let occurred_at = match first.cells[*at].as_str() {
            "" => {
                let fix = "fill in the time, or skip such rows";
                return Err(Complaint::new(time_column, "", "the row has no time", fix));
            }
            cell => format.read(time_column, cell, now)?,
        };
        Ok(Event {
            source: source.to_owned(),
            message_id: self.message_id(source, first),
            kind: event.kind,
            name: event.name.clone(),
            identifiers: self.identifiers(first)?,
            received_at: now,
            occurred_at,
            original_at: Some(occurred_at),
            properties: self.json(&event.properties, rows)?,
            traits: self.json(&event.traits, rows)?,
            context: self.json(&event.context, rows)?,
            extra: Json::empty(),
            enrichment: kith_event::Enrichment::default(),
        })
    }

    /// The catalog item in a row.
    pub fn catalog_item(&self, row: &Row) -> Result<Map<String, Value>, Complaint> {
        self.object(
            self.item.as_deref().unwrap_or_default(),
            std::slice::from_ref(row),
        )
    }

    fn unmatched(&self, row: &Row) -> Complaint {
        let tested = self.events.iter().flat_map(|event| &event.when).next();
        let (column, value) = tested.map_or(("", ""), |test| {
            (self.columns[test.at].as_str(), row.cells[test.at].as_str())
        });
        let fix = "add an event for such rows to the mapping, or skip them with a reason";
        Complaint::new(column, value, "no event of the mapping takes this row", fix)
    }

    /// The same row of the same file always gets the same id.
    fn message_id(&self, source: &str, row: &Row) -> String {
        let identity = if self.identity.is_empty() {
            let all: Vec<usize> = (0..row.cells.len()).collect();
            let content = digest_of("content", row, &all);
            digest("line", &[&content.0, &row.line.to_be_bytes()])
        } else {
            digest_of("identity", row, &self.identity)
        };
        let id = digest(
            "import",
            &[source.as_bytes(), self.id.as_bytes(), &identity.0],
        );
        format!("import-{id:?}")
    }

    fn identifiers(&self, row: &Row) -> Result<Vec<Identifier>, Complaint> {
        let mut identifiers = Vec::new();
        for from in &self.identifiers {
            let cell = row.cells[from.at].as_str();
            if cell.is_empty() || !all_hold(&from.when, &row.cells) {
                continue;
            }
            let column = &self.columns[from.at];
            let value = match cell::read(column, cell, from.kind, None)? {
                Value::String(text) => text,
                other => other.to_string(),
            };
            let value = format!("{}{value}", from.prefix);
            if value.chars().count() > limits::IDENTIFIER_MAX_CHARS {
                let message = format!("longer than {} characters", limits::IDENTIFIER_MAX_CHARS);
                return Err(Complaint::new(
                    column,
                    &value,
                    message,
                    "shorten the identifier",
                ));
            }
            identifiers.push(Identifier::new(from.namespace.clone(), value));
        }
        if identifiers.is_empty() {
            let column = self
                .identifiers
                .first()
                .map_or("", |from| &self.columns[from.at]);
            let fix = "fill in an identifier, map another column, or skip such rows";
            return Err(Complaint::new(column, "", "the row names no person", fix));
        }
        Ok(identifiers)
    }

    fn json(&self, members: &[Member], rows: &[Row]) -> Result<Json, Complaint> {
        let object = self.object(members, rows)?;
        Ok(Json::from_serialize(&object).expect("an object of plain values is valid JSON"))
    }

    fn object(&self, members: &[Member], rows: &[Row]) -> Result<Map<String, Value>, Complaint> {
        let mut object = Map::new();
        for member in members {
            if let Some(value) = self.value(&member.from, rows)? {
                insert(&mut object, &member.name, value);
            }
        }
        Ok(object)
    }

    /// A value; nothing when its cell is empty.
    fn value(&self, from: &From, rows: &[Row]) -> Result<Option<Value>, Complaint> {
        match from {
            From::Constant(value) => Ok(Some(value.clone())),
            From::Cell { at, how } => {
                let cell = rows[0].cells[*at].as_str();
                if cell.is_empty() {
                    return Ok(None);
                }
                let cell = how.replace.get(cell).map_or(cell, String::as_str);
                let column = &self.columns[*at];
                let value = cell::read(column, cell, how.kind, how.separator.as_deref())?;
                Ok(Some(match value {
                    Value::String(text) => Value::String(format!("{}{text}", how.prefix)),
                    Value::Number(number) if how.negate => negated(&number),
                    other => other,
                }))
            }
            From::Each(members) => {
                let list: Result<Vec<Value>, Complaint> = rows
                    .iter()
                    .map(|row| {
                        self.object(members, std::slice::from_ref(row))
                            .map(Value::Object)
                    })
                    .collect();
                list.map(|list| Some(Value::Array(list)))
            }
            From::Sum { of, negate } => self.sum(of, *negate, rows).map(Some),
        }
    }

    /// Σ over the rows of the product of the cells, rounded to six places a row.
    fn sum(&self, of: &[usize], negate: bool, rows: &[Row]) -> Result<Value, Complaint> {
        const UNIT: i128 = 1_000_000;
        let mut total = Amount::ZERO;
        for row in rows {
            let mut product = UNIT;
            for at in of {
                let factor = cell::amount(&self.columns[*at], &row.cells[*at])?.as_micros();
                product = product.saturating_mul(factor) / UNIT;
            }
            total = total.plus(Amount::from_micros(if negate { -product } else { product }));
        }
        Ok(Value::from(total.as_f64()))
    }
}

/// Each dot of a name leads into an inner object.
fn insert(object: &mut Map<String, Value>, name: &str, value: Value) {
    let Some((outer, inner_name)) = name.split_once('.') else {
        object.insert(name.to_owned(), value);
        return;
    };
    let inner = object
        .entry(outer)
        .or_insert_with(|| Value::Object(Map::new()));
    // A mapping that gives both `a` and `a.b` does not compile.
    if let Value::Object(inner) = inner {
        insert(inner, inner_name, value);
    }
}

fn negated(number: &serde_json::Number) -> Value {
    match number.as_i64() {
        Some(integer) => Value::from(-integer),
        None => Value::from(-number.as_f64().unwrap_or_default()),
    }
}

fn digest_of(domain: &str, row: &Row, places: &[usize]) -> Digest {
    let parts: Vec<&[u8]> = places.iter().map(|at| row.cells[*at].as_bytes()).collect();
    digest(domain, &parts)
}

#[cfg(test)]
mod tests {
    use super::super::mapping::Mapping;
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

    fn compiled(text: &str, columns: &[&str]) -> Compiled {
        let mapping: Mapping = serde_norway::from_str(text).unwrap();
        Compiled::new(
            mapping,
            columns.iter().map(|name| (*name).to_owned()).collect(),
        )
        .unwrap()
    }

    fn row(line: u64, cells: &[&str]) -> Row {
        Row {
            line,
            cells: cells.iter().map(|cell| (*cell).to_owned()).collect(),
        }
    }

    const ORDERS: &str = "
id: orders
group: {by: [invoice]}
time: {column: at, format: unix-seconds}
identifiers:
  - {namespace: user_id, column: customer, type: integer}
  - {namespace: anonymous_id, column: invoice, prefix: 'invoice-', \
     when: {column: customer, missing: true}}
events:
  - name: Order Completed
    when: {column: invoice, not_starts_with: C}
    properties:
      order_id: invoice
      currency: {value: GBP}
      revenue: {sum_of: [quantity, price]}
      products:
        each: {product_id: item, quantity: {column: quantity, type: integer}}
";

    const COLUMNS: [&str; 6] = ["invoice", "item", "quantity", "price", "customer", "at"];

    #[test]
    fn lines_of_an_invoice_become_one_order() {
        let orders = compiled(ORDERS, &COLUMNS);
        let rows = [
            row(2, &["7", "a", "6", "2.55", "17850.0", "1511544070"]),
            row(3, &["7", "b", "3", "0.1", "17850.0", "1511544070"]),
        ];
        let event = orders.event("shop", &rows, NOW).unwrap();
        assert_eq!(event.identifiers, [Identifier::new("user_id", "17850")]);
        assert_eq!(
            event.properties.as_str(),
            concat!(
                r#"{"currency":"GBP","order_id":"7","products":[{"product_id":"a","quantity":6},"#,
                r#"{"product_id":"b","quantity":3}],"revenue":15.6}"#,
            ),
        );
        assert_eq!(event.occurred_at.to_string(), "2017-11-24T17:21:10.000Z");
    }

    #[test]
    fn identifiers_may_depend_on_the_row() {
        let orders = compiled(ORDERS, &COLUMNS);
        let event = orders.event("s", &[row(2, &["7", "a", "1", "1", "", "1511544070"])], NOW);
        assert_eq!(
            event.unwrap().identifiers,
            [Identifier::new("anonymous_id", "invoice-7")]
        );
    }

    #[test]
    fn dots_lead_into_objects() {
        let text = "{id: a, item: {item_id: i, attributes.colour: c, attributes.size.eu: s}}";
        let items = compiled(text, &["i", "c", "s"]);
        let item = |cells: &[&str]| {
            let item = items.catalog_item(&row(2, cells)).unwrap();
            Value::Object(item).to_string()
        };
        assert_eq!(
            item(&["7", "red", "42"]),
            r#"{"attributes":{"colour":"red","size":{"eu":"42"}},"item_id":"7"}"#
        );
        assert_eq!(item(&["7", "", ""]), r#"{"item_id":"7"}"#);
    }

    #[test]
    fn message_ids_follow_identity() {
        let id = |mapping: &str, source: &str, row: &Row| {
            let compiled = compiled(mapping, &COLUMNS);
            compiled
                .event(source, std::slice::from_ref(row), NOW)
                .unwrap()
                .message_id
        };
        let cells = ["7", "a", "1", "1", "5", "1511544070"];
        let by_line = id(ORDERS, "s", &row(2, &cells));
        assert_eq!(by_line, id(ORDERS, "s", &row(2, &cells)));
        assert_ne!(by_line, id(ORDERS, "s", &row(3, &cells)));
        assert_ne!(by_line, id(ORDERS, "other", &row(2, &cells)));
        let named = ORDERS.replace("id: orders", "id: orders\nidentity: [invoice]");
        assert_eq!(
            id(&named, "s", &row(2, &cells)),
            id(&named, "s", &row(9, &cells))
        );
    }

    #[test]
    fn complaints_name_column_value_and_fix() {
        let orders = compiled(ORDERS, &COLUMNS);
        let complain = |cells: &[&str]| orders.event("s", &[row(2, cells)], NOW).unwrap_err();
        let refund = complain(&["C7", "a", "1", "1", "5", "1511544070"]);
        assert_eq!(
            (refund.column.as_str(), refund.value.as_str()),
            ("invoice", "C7")
        );
        assert_eq!(
            complain(&["7", "a", "x", "1", "5", "1511544070"]).column,
            "quantity"
        );
        assert_eq!(
            complain(&["7", "a", "1", "1", "5", ""]).message,
            "the row has no time"
        );
        assert_eq!(complain(&["7", "a", "1", "1", "5", "9"]).column, "at");
        assert_eq!(
            complain(&["7", "a", "1", "1", "Ann", "1511544070"]).column,
            "customer"
        );
    }
}
