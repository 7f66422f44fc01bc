//! Catalogs of a few thousand items, as a table and as JSON lines.

use std::fmt::Write as _;
use std::path::Path;

use kith_engine::query;
use serde_json::{Value, json};

use super::state::State;
use super::{import, verify};

const ITEMS: u32 = 4_000;

const TABLE: &str = "
id: catalog
delimiter: ';'
item:
  item_id: sku
  title: name
  url: {column: sku, prefix: 'https://shop.example/p/'}
  price: price
  currency: {value: EUR}
  categories: {column: categories, type: list, separator: ','}
  brand: {column: brand, replace: {NP: Northpine}}
  available: {column: stocked, type: boolean}
  attributes.colour: colour
  attributes.weight_g: {column: weight, type: integer}
";

const OBJECTS: &str = "
id: catalog
item:
  item_id: sku
  title: name
  url: {column: sku, prefix: 'https://shop.example/p/'}
  price: offer.price
  currency: {value: EUR}
  categories: {column: categories, type: list}
  brand: brand.name
  available: {column: stocked, type: boolean}
  attributes.colour: detail.colour
  attributes.weight_g: {column: detail.weight, type: integer}
";

/// An item as it should be in the catalog.
fn expected(number: u32, price_cents: u32) -> Value {
    let mut item = json!({
        "item_id": format!("sku-{number}"),
        "title": format!("Tent {number}; \"the\" long one"),
        "url": format!("https://shop.example/p/sku-{number}"),
        "price": format!("{}.{:02}", price_cents / 100, price_cents % 100),
        "currency": "EUR",
        "categories": ["camp", format!("shelf {}", number % 40)],
        "brand": "Northpine",
        "available": !number.is_multiple_of(7),
        "attributes": {"colour": "moss", "weight_g": number},
    });
    if number.is_multiple_of(3) {
        item["attributes"].as_object_mut().unwrap().remove("colour");
    }
    item
}

fn table(price_cents: u32) -> String {
    let mut text = "sku;name;price;categories;brand;stocked;colour;weight\n".to_owned();
    for number in 0..ITEMS {
        let stocked = if number.is_multiple_of(7) {
            "no"
        } else {
            "yes"
        };
        let colour = if number.is_multiple_of(3) { "" } else { "moss" };
        writeln!(
            text,
            "sku-{number};\"Tent {number}; \"\"the\"\" long one\";{}.{:02};\
             camp, shelf {};NP;{stocked};{colour};{number}",
            price_cents / 100,
            price_cents % 100,
            number % 40,
        )
        .unwrap();
    }
    text
}

fn objects(price_cents: u32) -> String {
    let object = |number: u32| {
        let colour = (!number.is_multiple_of(3)).then_some("moss");
        let object = json!({
            "sku": format!("sku-{number}"),
            "name": format!("Tent {number}; \"the\" long one"),
            "offer": {"price": f64::from(price_cents) / 100.0},
            "categories": ["camp", format!("shelf {}", number % 40)],
            "brand": {"name": "Northpine"},
            "stocked": !number.is_multiple_of(7),
            "detail": {"colour": colour, "weight": number},
        });
        format!("{object}\n")
    };
    (0..ITEMS).map(object).collect()
}

fn check_items(folder: &Path, price_cents: u32) {
    let state = State::open(folder);
    assert_eq!(state.totals(), (0, 0, u64::from(ITEMS)));
    for number in 0..ITEMS {
        let mut item = state.item(&format!("sku-{number}"));
        item.as_object_mut().unwrap().remove("updated_at");
        assert_eq!(item, expected(number, price_cents));
    }
    let found = query::search_items(&state.state, "tent 3999", None, 10).unwrap();
    assert_eq!(
        (found.item_ids, found.next),
        (vec!["sku-3999".to_owned()], None)
    );
}

#[test]
fn tables_and_objects_make_the_same_catalog() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let write = |name: &str, text: &str| std::fs::write(here.join(name), text).unwrap();
    write("table.yaml", TABLE);
    write("objects.yaml", OBJECTS);
    write("items.csv", &table(1_990));
    let done = import(here, "items.csv", "table.yaml");
    assert_eq!(
        (&done["items"], &done["rejected"]),
        (&ITEMS.into(), &0.into()),
        "{done}"
    );
    check_items(here, 1_990);
    let rows = State::open(here).rows();

    write("items.ndjson", &objects(1_990));
    import(here, "items.ndjson", "objects.yaml");
    assert!(
        State::open(here).rows() == rows,
        "the same items in another form"
    );

    write("items.ndjson", &objects(2_550));
    import(here, "items.ndjson", "objects.yaml");
    check_items(here, 2_550);
    verify(here);
}

#[test]
fn items_that_cannot_be_are_kept_apart() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let lines = "sku;name;price;categories;brand;stocked;colour;weight\n\
                 a;Tent;19.90;camp;NP;yes;moss;1\n\
                 b;Tent;19,90;camp;NP;yes;moss;1\n\
                 c;Tent;19.90;camp;NP;perhaps;moss;1\n\
                 ;Tent;19.90;camp;NP;yes;moss;1\n\
                 d;Tent;19.90\n";
    std::fs::write(here.join("items.csv"), lines).unwrap();
    std::fs::write(here.join("table.yaml"), TABLE).unwrap();
    let done = import(here, "items.csv", "table.yaml");
    assert_eq!(
        (&done["items"], &done["rejected"]),
        (&1.into(), &4.into()),
        "{done}"
    );
    assert_eq!(done["rows"], 5);
    let rejects = here.join(done["rejects_file"].as_str().unwrap());
    let entries = std::fs::read_to_string(rejects).unwrap();
    let mut places: Vec<(u64, String)> = entries
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|entry| (entry["line"].as_u64().unwrap(), entry["column"].to_string()))
        .collect();
    places.sort();
    let expect = [(3, "price"), (4, "stocked"), (5, "item_id"), (6, "")];
    let expect = expect.map(|(line, column)| (line, format!("{column:?}")));
    assert_eq!(places, expect);
}
