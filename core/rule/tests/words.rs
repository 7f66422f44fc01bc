//! Deeds, windows and audiences in words.

use std::collections::BTreeMap;

use kith_base::{Duration, Timestamp, Value};
use kith_rule::{Expr, FEATURES, FactKey, FactSet, Facts, Rule, Schema, Slots};

#[track_caller]
fn check(text: &str, value: Value, holds: bool, sentence: &str) {
    let mut set = FactSet::default();
    let rule = Rule::compile(&Expr::parse(text).expect("a rule"), &mut set);
    let known = BTreeMap::from([(set.keys()[0].to_string(), value)]);
    let now = Timestamp::parse("2026-11-21T08:00:00Z").expect("a time");
    let slots = Slots::new(&set, &known, now);
    assert_eq!(
        (rule.reason(&slots).as_str(), rule.holds(&slots)),
        (sentence, holds)
    );
}

#[test]
fn aggregates() {
    check(
        "count(view where category = \"shoes\", 30 days) >= 2",
        Value::Int(3),
        true,
        "they viewed products of category \"shoes\" 3 times in the last 30 days, \
         which is at least 2",
    );
    check(
        "count(view where price > 10, this week) >= 2",
        Value::Int(0),
        false,
        "they never viewed products with price > 10 this week, which is not at least 2",
    );
    check(
        "count(page \"Home\", last 7 calendar days) > 0",
        Value::Int(1),
        true,
        "they viewed the page \"Home\" once in the last 7 calendar days, which is more than 0",
    );
    check(
        "sum(purchase, of tax, today) > 5",
        Value::Float(7.5),
        true,
        "the total tax of their orders today is 7.5, which is more than 5",
    );
    check(
        "average(purchase) > 5",
        Value::Null,
        false,
        "they never ordered",
    );
    check(
        "top(view, of category) = \"shoes\"",
        Value::from("hats"),
        false,
        "the most frequent category of their product views is \"hats\", not \"shoes\"",
    );
    check(
        "streak(any) >= 3",
        Value::Int(1),
        false,
        "they did something on 1 day in a row, which is not at least 3",
    );
    check(
        "5 < days_active(page, 30 days)",
        Value::Int(6),
        true,
        "5, which is less than the number of days with page views in the last 30 days (6)",
    );
}

#[test]
fn sequences_audiences_and_places() {
    check(
        "sequence(cart_add, \"Paid\" within 1 hour, not purchase within 2 days, 7 days)",
        Value::Bool(false),
        false,
        "they did not do this in the last 7 days: additions to the cart, \
         then \"Paid\" events within 1 hour, then no orders within 2 days",
    );
    check(
        "in audience \"vip\"",
        Value::Bool(true),
        true,
        "they are in the audience \"vip\"",
    );
    check(
        "not in audience \"vip\"",
        Value::Null,
        true,
        "there is no audience \"vip\"",
    );
    check(
        "reachable(\"email\")",
        Value::Bool(false),
        false,
        "they cannot be reached by email",
    );
    check(
        "local_hour >= 9",
        Value::Int(8),
        false,
        "the hour is 8 where they are, which is not at least 9",
    );
    check(
        "local_weekday = \"monday\"",
        Value::Null,
        false,
        "their local time is not known",
    );
    let anniversary = Value::Time(Timestamp::parse("2026-11-24T00:00:00Z").expect("a time"));
    check(
        "anniversary(traits.birthday) <= now + 7 days",
        anniversary.clone(),
        true,
        "the next anniversary of birthday is 2026-11-24, \
         which is not after 2026-11-28 08:00 UTC (in 7 days)",
    );
    check(
        "days_until(anniversary(traits.birthday)) <= 2",
        anniversary,
        false,
        "the next anniversary of birthday is 2026-11-24 (in 3 days), which is not at most 2",
    );
}

/// One view, ten days ago.
struct Viewed(Timestamp);

impl Facts for Viewed {
    fn fact(&self, key: &FactKey, now: Timestamp) -> Value {
        match key {
            FactKey::Last(_) => Value::Time(self.0),
            FactKey::Trait(_) => Value::from("pro"),
            _ => Value::Int(i64::from(now < self.0.plus(Duration::from_days(30)))),
        }
    }

    fn next_change(&self, key: &FactKey, after: Timestamp) -> Option<Timestamp> {
        let leaves_at = self.0.plus(Duration::from_days(30));
        (matches!(key, FactKey::Aggregate(_)) && leaves_at > after).then_some(leaves_at)
    }
}

#[test]
fn when_it_changes() {
    let outlook = |text: &str| {
        let mut set = FactSet::default();
        let rule = Rule::compile(&Expr::parse(text).expect("a rule"), &mut set);
        let now = Timestamp::parse("2026-11-21T10:15:00Z").expect("a time");
        rule.outlook(&set, &Viewed(now.minus(Duration::from_days(10))), now)
    };
    let says = |text: &str, expect: &str| assert_eq!(outlook(text).as_deref(), Some(expect));
    says(
        "traits.plan = \"pro\" and count(view where category = \"shoes\", 30 days) > 0",
        "leaves on 2026-12-11 10:15 UTC unless they view products of category \"shoes\" again",
    );
    says(
        "last(\"Signed In\") < now - 2 weeks",
        "enters on 2026-11-25 10:15 UTC unless they do \"Signed In\" again",
    );
    says("now >= 2026-12-24", "enters on 2026-12-24");
    assert_eq!(
        outlook("traits.plan = \"pro\" or count(view, 30 days) > 0"),
        None
    );
}

#[test]
fn the_reference_lists_every_feature_and_its_rules_can_be_used() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/rules.md");
    let reference = std::fs::read_to_string(path).unwrap();
    let mut schema = Schema::default();
    schema.add_audience("buyers");
    let rules: Vec<&str> = reference
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .collect();
    assert!(rules.len() > 15, "{rules:?}");
    for rule in rules {
        let problems = Expr::errors(rule, &schema);
        assert!(problems.is_empty(), "{rule}: {problems:?}");
    }
    for feature in FEATURES {
        let name = format!("`{}`", feature.name);
        assert!(reference.contains(&name), "{name} is not in the reference");
    }
}
