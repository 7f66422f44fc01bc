//! A gift wholesaler's invoices and credit notes, line by line.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::file::{data_set, lines, micros};
use super::person::{Person, Persons, total};
use super::state::State;
use super::{import, verify};
use crate::process::example;

/// Products of one order that count for the products' own figures.
const PRODUCTS_MAX: usize = 100;

/// The file by invoice, and the first line of each product.
#[derive(Default)]
struct History {
    invoices: BTreeMap<String, Invoice>,
    products: BTreeMap<String, (String, i128)>,
    adjustments: u64,
    written_off: u64,
}

/// Lines with one invoice number.
struct Invoice {
    person: String,
    at: i64,
    country: String,
    products: Vec<String>,
    /// Σ quantity · price, in millionths.
    value: i128,
}

fn read(file: &Path) -> History {
    let mut history = History::default();
    for line in lines(file) {
        history.add(&line);
    }
    history
}

impl History {
    /// InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country.
    fn add(&mut self, line: &csv::StringRecord) {
        let field = |at: usize| line[at].trim();
        let number = field(0);
        let quantity: i128 = field(3).parse().unwrap();
        if number.starts_with('A') {
            self.adjustments += 1;
            return;
        }
        if quantity < 0 && !number.starts_with('C') {
            self.written_off += 1;
            return;
        }
        let (product, price) = (field(1).to_owned(), micros(field(5)));
        let described = (field(2).to_owned(), price);
        self.products.entry(product.clone()).or_insert(described);
        let invoice = self.invoices.entry(number.to_owned()).or_insert(Invoice {
            person: match field(6).split('.').next().unwrap() {
                "" => format!("anonymous_id:invoice-{number}"),
                customer => format!("user_id:{customer}"),
            },
            at: london(field(4)),
            country: field(7).to_owned(),
            products: Vec::new(),
            value: 0,
        });
        invoice.products.push(product);
        invoice.value += quantity * price;
    }

    fn persons(&self) -> Persons {
        let mut persons = Persons::new();
        for (number, invoice) in &self.invoices {
            let person = persons.entry(invoice.person.clone()).or_default();
            if number.starts_with('C') {
                person.add("Order Refunded", invoice.at, -invoice.value);
            } else {
                person.add("Order Completed", invoice.at, invoice.value);
            }
        }
        persons.values_mut().for_each(Person::finish);
        persons
    }

    fn orders(&self) -> impl Iterator<Item = &Invoice> {
        let orders = self.invoices.iter();
        orders
            .filter(|(number, _)| !number.starts_with('C'))
            .map(|(_, invoice)| invoice)
    }
}

/// `2010-12-01 08:26:00` in London, in milliseconds since 1970: days counted from the calendar,
/// one hour less in the summer of 2011, which the file's two winters enclose.
fn london(text: &str) -> i64 {
    let part = |range: std::ops::Range<usize>| text[range].parse::<i64>().unwrap();
    let (year, month, day) = (part(0..4), part(5..7), part(8..10));
    assert!((2010..=2011).contains(&year), "{text}");
    const BEFORE_MONTH: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    // No leap day between 2010 and the end of 2011; 14,610 days from 1970 to 2010.
    let days = 14_610 + (year - 2010) * 365 + BEFORE_MONTH[month as usize - 1] + day - 1;
    let seconds = part(11..13) * 3_600 + part(14..16) * 60 + part(17..19);
    let summer = ("2011-03-27 02:00:00".."2011-10-30 02:00:00").contains(&text);
    (days * 86_400 + seconds - i64::from(summer) * 3_600) * 1_000
}

#[test]
fn a_wholesaler_is_imported_exactly() {
    let Some(file) = data_set("online_retail/online_retail.csv.xz") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let done = import(
        folder.path(),
        file.to_str().unwrap(),
        &example("online_retail/mapping.yaml"),
    );
    assert_eq!(
        (&done["rows"], &done["rejected"]),
        (&541_909.into(), &0.into()),
        "{done}"
    );
    verify(folder.path());

    let history = read(&file);
    let state = State::open(folder.path());
    let persons = history.persons();
    let skipped = done["skipped"].as_object().unwrap();
    assert_eq!(
        skipped["bad-debt adjustments, not sales"],
        history.adjustments
    );
    assert_eq!(skipped["stock written off, not sales"], history.written_off);
    check_published_totals(&history, &persons, &state);
    state.check_persons(&persons);
    check_products(&history, &state);
    check_bought(&history, &state);
    check_countries(&history, &state);
    check_catalog(&history, &state);
}

/// Figures computed with Python over the file: rows grouped by InvoiceNo, sums with
/// `decimal.Decimal`, `collections.Counter` for the largest.
fn check_published_totals(history: &History, persons: &Persons, state: &State) {
    assert_eq!((history.adjustments, history.written_off), (3, 1_336));
    assert_eq!(total(persons, "Order Completed"), 20_725);
    assert_eq!(total(persons, "Order Refunded"), 3_836);
    assert_eq!(state.totals(), (24_561, 6_743, 3_956));
    let named = persons.keys().filter(|id| id.starts_with("user_id:"));
    assert_eq!(named.count(), 4_372);
    let sum = |name: &str| {
        persons
            .values()
            .map(|person| person.value(name))
            .sum::<i128>()
    };
    assert_eq!(sum("Order Completed"), 10_655_622_484_000);
    assert_eq!(sum("Order Refunded"), 896_812_490_000);
    let best = [
        ("14646", 280_206_020_000),
        ("18102", 259_657_300_000),
        ("17450", 194_550_790_000),
    ];
    for (customer, revenue) in best {
        let person = state.person(&format!("user_id:{customer}"));
        assert_eq!(person.value("Order Completed"), revenue, "{customer}");
    }
    let orders = |customer: &str| state.person(customer).count("Order Completed");
    assert_eq!(orders("user_id:12748"), 210);
    assert_eq!(orders("user_id:14911"), 201);
}

/// How many orders hold each product, on however many lines.
fn check_products(history: &History, state: &State) {
    let mut orders: BTreeMap<&str, u64> = BTreeMap::new();
    for order in history.orders() {
        let products = order.products.iter().take(PRODUCTS_MAX);
        let distinct: BTreeSet<&str> = products.map(String::as_str).collect();
        for product in distinct {
            *orders.entry(product).or_default() += 1;
        }
    }
    for product in history.products.keys() {
        let expect = orders.get(product.as_str()).copied().unwrap_or_default();
        assert_eq!(state.item_counts(product), (0, expect), "{product}");
    }
}

/// What each person bought, where Kith keeps all of it.
fn check_bought(history: &History, state: &State) {
    const KEPT_MAX: usize = 50;
    let mut bought: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for order in history.orders() {
        let products = order.products.iter().take(PRODUCTS_MAX);
        let held = bought.entry(&order.person).or_default();
        held.extend(products.map(String::as_str));
    }
    bought.retain(|_, products| products.len() <= KEPT_MAX);
    assert!(bought.len() > 3_000, "{}", bought.len());
    for (person, products) in bought {
        let profile = state.profile(person);
        let found: BTreeSet<&str> = profile.fold.bought.iter().map(|(_, item)| item).collect();
        assert_eq!(found, products, "{person}");
    }
}

/// The country of a person's last invoice; any of them when there are several at that time.
fn check_countries(history: &History, state: &State) {
    let mut last: BTreeMap<&str, (i64, BTreeSet<&str>)> = BTreeMap::new();
    for invoice in history.invoices.values() {
        let (at, countries) = last.entry(&invoice.person).or_default();
        if invoice.at > *at {
            *at = invoice.at;
            countries.clear();
        }
        if invoice.at == *at {
            countries.insert(&invoice.country);
        }
    }
    for (person, (_, countries)) in last {
        let profile = state.profile(person);
        let country = profile.trait_value("country").as_text().unwrap();
        assert!(
            countries.contains(country),
            "{person}: {country}, not {countries:?}"
        );
    }
}

fn check_catalog(history: &History, state: &State) {
    for (id, (description, price)) in &history.products {
        let item = state.item(id);
        let title = Some(description.as_str()).filter(|text| !text.is_empty());
        assert_eq!(item["title"], title.unwrap_or(id), "{id}");
        assert_eq!(micros(item["price"].as_str().unwrap()), *price, "{id}");
        assert_eq!(item["currency"], "GBP");
    }
}

#[test]
fn london_has_summers() {
    assert_eq!(london("2010-12-01 08:26:00"), 1_291_191_960_000);
    assert_eq!(london("2011-07-01 12:00:00"), 1_309_518_000_000);
}
