//! Numbers by key and the most frequent values, as rules write them: what reads as itself, what a
//! feature stands for, what is refused and how, and how it is said.

use std::collections::BTreeMap;

use kith_base::{Timestamp, Value};
use kith_rule::{Aggregate, Expr, FactKey, FactSet, Rule, Schema, Slots, Type};

fn schema() -> Schema {
    let mut schema = Schema::default();
    let mut add = |name: &str, text: &str| {
        let value = Aggregate::parse(text).expect("an aggregate");
        schema.add_feature(name, value.kind(), Some(value));
    };
    add("views", "count(view, 30 days)");
    add("bought", "count(purchase, by category, 90 days)");
    add("spent", "sum(purchase, of price, by category)");
    add("sizes", "top(purchase, 3 of size)");
    schema.publish("spent_by_category", "spent");
    schema
}

/// The canonical text, or the first error.
fn read(text: &str) -> String {
    match Expr::parse(text) {
        Err(error) => error.to_string(),
        Ok(expr) => match expr.check(&schema()).first() {
            Some(error) => error.to_string(),
            None => expr.to_string(),
        },
    }
}

#[track_caller]
fn check(text: &str, expect: &str) {
    assert_eq!(read(text), expect);
}

#[test]
fn canonical_text_reads_as_itself_and_so_does_the_tree() {
    for text in [
        "features.bought[\"shoes\"] >= 2",
        "features.bought[\"running \\\"shoes\\\"\"] >= 2 and features.bought exists",
        "features.spent[\"shoes\"] > features.spent[\"hats\"]",
        "features.sizes contains \"xl\" or features.sizes is missing",
        "count(\"Order Completed\", by category, 90 days)[\"shoes\"] >= 2",
        "sum(\"Order Completed\" where brand = \"A\", of price, by size, this month)[\"xl\"] > 9",
        "top(\"Product Viewed\", 3 of category, 7 days) contains \"shoes\"",
        "count(\"Order Completed\", by category) exists",
        "traits.spent_by_category.shoes > 100",
    ] {
        check(text, text);
        let expr = Expr::parse(text).expect("it was read above");
        assert_eq!(Expr::from_tree(&expr.to_tree()), Ok(expr), "{text}");
    }
    check(
        "count(purchase, by size)[42] > 0 and top(purchase, 1 of size) = 42",
        "count(\"Order Completed\", by size)[\"42\"] > 0 \
         and top(\"Order Completed\", of size) = 42",
    );
}

#[test]
fn mistakes_name_place_and_fix() {
    let cases = [
        (
            "features.bought > 2",
            "line 1, column 1: features.bought is a number for each key; \
             ask for one key: features.bought[\"…\"]",
        ),
        (
            "3 < features.bought",
            "line 1, column 5: features.bought is a number for each key; \
             ask for one key: features.bought[\"…\"]",
        ),
        (
            "features.bought.shoes > 2",
            "line 1, column 9: features have one name, without further dots; \
             write features.bought, or features.bought[\"shoes\"] for one key",
        ),
        (
            "features.views[\"shoes\"] > 2",
            "line 1, column 1: features.views is one value, not one for each key; \
             write features.views, or define it by key: count(…, by …)",
        ),
        (
            "features.bougth[\"shoes\"] > 2",
            "line 1, column 1: there is no feature bougth; did you mean bought?",
        ),
        (
            "features.bought[\"shoes\"] = \"two\"",
            "line 1, column 1: features.bought[\"shoes\"] is a number, never \"two\"; \
             write a number",
        ),
        (
            "features.bought[shoes] > 2",
            "line 1, column 17: shoes stands where a key in double quotes, such as [\"shoes\"] \
             should; write a key in double quotes, such as [\"shoes\"]",
        ),
        (
            "features.sizes = \"xl\"",
            "line 1, column 1: features.sizes is a list; write features.sizes contains \"…\"",
        ),
        (
            "top(purchase, 21 of size) contains \"xl\"",
            "line 1, column 15: top cannot give 21 values; write a number from 1 to 20",
        ),
        (
            "top(purchase, 0 of size) contains \"xl\"",
            "line 1, column 15: top cannot give 0 values; write a number from 1 to 20",
        ),
        (
            "sum(purchase, 3 of price) > 2",
            "line 1, column 15: sum gives one value, not 3; write of without a number, or top",
        ),
        (
            "streak(purchase, by category)[\"shoes\"] > 2",
            "line 1, column 16: streak is not kept by key; \
             write count, sum, min, max or average, or a condition: where category = \"…\"",
        ),
        (
            "top(purchase, of size, by category) exists",
            "line 1, column 22: top is not kept by key; \
             write top(…, 3 of category) for the most frequent ones",
        ),
    ];
    for (text, expect) in cases {
        check(text, expect);
    }
}

#[test]
fn a_feature_by_key_is_its_aggregate_at_the_key_wherever_it_is_named() {
    let mut set = FactSet::default();
    let text = "features.spent[\"shoes\"] > 1 and traits.spent_by_category.shoes > 2 \
                and sum(purchase, of price, by category)[\"shoes\"] > 3";
    Rule::compile_with(&Expr::parse(text).expect("a rule"), &schema(), &mut set);
    let text = "sum(purchase, of price, by category)";
    let shoes = Aggregate::parse(text)
        .expect("an aggregate")
        .at_key("shoes");
    assert_eq!(set.keys(), [FactKey::Aggregate(shoes.expect("by key"))]);
    let kind = |name: &str| schema().type_of(&FactKey::Feature(name.to_owned()));
    assert_eq!(kind("spent"), Some(Type::Map));
    assert_eq!(kind("sizes"), Some(Type::List));
}

#[test]
fn it_is_said_in_words() {
    let words = |text: &str| Expr::parse(text).expect("a rule").in_words();
    assert_eq!(
        words("count(purchase, by category, 90 days)[\"shoes\"] >= 2"),
        "they ordered of category \"shoes\" at least 2 times in the last 90 days"
    );
    assert_eq!(
        words("features.spent[\"shoes\"] > 100"),
        "their spent \"shoes\" is more than 100"
    );
    assert_eq!(
        words("top(view, 3 of category, 7 days) contains \"shoes\""),
        "the 3 most frequent category values of their product views in the last 7 days \
         contains \"shoes\""
    );
}

#[test]
fn why_names_the_key() {
    let expr = Expr::parse("features.bought[\"shoes\"] >= 2").expect("a rule");
    let mut set = FactSet::default();
    let rule = Rule::compile_with(&expr, &schema(), &mut set);
    let known: BTreeMap<String, Value> = set
        .keys()
        .iter()
        .map(|key| (key.to_string(), Value::Int(1)))
        .collect();
    let slots = Slots::new(&set, &known, Timestamp::ZERO);
    assert_eq!(
        rule.reason(&slots),
        "they ordered of category \"shoes\" once in the last 90 days, which is not at least 2"
    );
}
