//! Rows that cannot be: each is kept with its line, column, value and what to do; the rest of
//! the file is imported.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::state::State;
use super::{import, verify};
use crate::process::example;

/// Line of the file, column at fault, value found, words of the message.
type Expected = (u64, &'static str, &'static str, &'static str);

fn check(entries: &str, expect: &[Expected]) {
    let entries: Vec<Value> = entries
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(entries.len(), expect.len(), "{entries:#?}");
    for (entry, (line, column, value, message)) in entries.iter().zip(expect) {
        let found = (&entry["line"], &entry["column"], &entry["value"]);
        let wanted = (&json!(line), &json!(column), &json!(value));
        assert_eq!(found, wanted, "{entry}");
        assert!(
            entry["message"].as_str().unwrap().contains(message),
            "{entry}"
        );
        assert!(!entry["fix"].as_str().unwrap().is_empty(), "{entry}");
    }
}

#[test]
fn bad_csv_rows_are_kept() {
    let good = |number: u32| {
        format!("{number},P{number},A thing,2,2011-01-05 10:00:00,1.50,{number}.0,France\n")
    };
    let mut file = b"InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,\
        Country\n"
        .to_vec();
    let bad: [&[u8]; 6] = [
        b"11,P,A thing,many,2011-01-05 10:00:00,1.50,1.0,France\n",
        b"12,P,A thing,2,05/01/2011 10:00,1.50,1.0,France\n",
        b"13,P,A thing,2,,1.50,1.0,France\n",
        b"14,P,A thing,2,2011-01-05 10:00:00,1.50,Ann,France\n",
        b"15,P,A thing,2,2011-01-05 10:00:00,1.50,1.0\n",
        b"16,P,Caf\xe9,2,2011-01-05 10:00:00,1.50,1.0,France\n",
    ];
    for (number, line) in (1..).zip(bad) {
        file.extend_from_slice(good(number).as_bytes());
        file.extend_from_slice(line);
    }
    file.extend_from_slice(good(6).as_bytes());
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    std::fs::write(here.join("orders.csv"), file).unwrap();
    let done = import(here, "orders.csv", &example("online_retail/mapping.yaml"));
    assert_eq!(
        (&done["events"], &done["rejected"]),
        (&6.into(), &6.into()),
        "{done}"
    );
    let rejects = here.join(done["rejects_file"].as_str().unwrap());
    let entries = std::fs::read_to_string(rejects).unwrap();
    let broken_first = [
        (3, "Quantity", "many", "not a whole number"),
        (5, "InvoiceDate", "05/01/2011 10:00", "not a time"),
        (7, "InvoiceDate", "", "no time"),
        (9, "CustomerID", "Ann", "not a whole number"),
        (11, "", "", "7 fields, the header has 8"),
        (13, "Description", "Caf\u{fffd}", "not UTF-8"),
    ];
    let mut sorted: Vec<&str> = entries.lines().collect();
    sorted.sort_by_key(|line| serde_json::from_str::<Value>(line).unwrap()["line"].as_u64());
    check(&sorted.join("\n"), &broken_first);
    let kept: Value = serde_json::from_str(sorted[0]).unwrap();
    assert_eq!(kept["rows"][0]["cells"]["InvoiceNo"], "11");
    verify(here);
    let state = State::open(here);
    assert_eq!(state.totals(), (6, 6, 7));
    let last = state.person("user_id:6");
    assert_eq!(
        last.value("Order Completed"),
        6_000_000,
        "both lines of the invoice"
    );
    assert_eq!(state.item_counts("P6"), (0, 1), "one order on two lines");
}

#[test]
fn bad_ndjson_rows_are_kept() {
    let mapping = "
id: visits
time: {column: at, format: rfc3339}
identifiers: [{namespace: email, column: who.email}]
events: [{type: page, name: Visit, properties: {path: path, seconds: {column: s, type: number}}}]
";
    let good = r#"{"at":"2026-01-05T10:00:00Z","who":{"email":"a@example.com"},"path":"/","s":3}"#;
    let bad = [
        (r#"{"at":"2026-01-05T10:00:00Z","who":"#, "", "EOF"),
        ("[1, 2]", "", "not a JSON object"),
        (&good.replace("2026-01-05", "2926-01-05"), "at", "cannot be"),
        (
            &good.replace("a@example.com", ""),
            "who.email",
            "names no person",
        ),
        (&good.replace(":3", r#":"three""#), "s", "not a number"),
    ];
    let mut file = String::new();
    for (line, _, _) in &bad {
        writeln!(file, "{good}\n{line}").unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    std::fs::write(here.join("visits.ndjson"), file).unwrap();
    std::fs::write(here.join("mapping.yaml"), mapping).unwrap();
    let done = import(here, "visits.ndjson", "mapping.yaml");
    assert_eq!(
        (&done["events"], &done["rejected"]),
        (&5.into(), &5.into()),
        "{done}"
    );
    let rejects = here.join(done["rejects_file"].as_str().unwrap());
    let entries = std::fs::read_to_string(rejects).unwrap();
    let mut entries: Vec<Value> = entries
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    entries.sort_by_key(|entry| entry["line"].as_u64());
    for ((number, entry), (_, column, message)) in (1..).zip(&entries).zip(&bad) {
        assert_eq!(
            (&entry["line"], &entry["column"]),
            (&json!(2 * number), &json!(column))
        );
        assert!(
            entry["message"].as_str().unwrap().contains(message),
            "{entry}"
        );
    }
    let visits = State::open(here).person("email:a@example.com");
    assert_eq!(visits.count("$page"), 5);
}
