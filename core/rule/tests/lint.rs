//! Oddities by example, and no false alarms.

use std::collections::BTreeMap;

use kith_base::{Duration, Timestamp, Value};
use kith_rule::{Aggregate, Expr, FactSet, LintKind, Received, Rule, Schema, Slots, Type, lint};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_millis(1_795_248_000_000);

fn events() -> Received {
    let names = ["Order Completed", "Product Viewed"];
    Received {
        events: names.map(str::to_owned).into(),
        ..Received::default()
    }
}

/// Column, message and fix of every oddity.
fn found(text: &str) -> Vec<String> {
    let expr = Expr::parse(text).expect("a rule");
    let lints = lint(&expr, &Schema::default(), &events());
    let line =
        |lint: kith_rule::Lint| format!("{}: {}; {}", lint.at.column, lint.message, lint.fix);
    lints.into_iter().map(line).collect()
}

#[track_caller]
fn check(text: &str, expect: &str) {
    assert_eq!(found(text), [expect], "{text}");
}

#[track_caller]
fn quiet(text: &str) {
    assert_eq!(found(text), Vec::<String>::new(), "{text}");
}

#[test]
fn traits_that_nobody_has() {
    let received = Received {
        traits: ["plan", "address"].map(str::to_owned).into(),
        ..Received::default()
    };
    let mut schema = Schema::default();
    let visits = Aggregate::parse("count(page)").expect("an aggregate");
    schema.add_feature("visits", Type::Number, Some(visits));
    schema.publish("visit_count", "visits");
    let found = |text: &str| -> Vec<String> {
        let expr = Expr::parse(text).expect("a rule");
        let lints = lint(&expr, &schema, &received).into_iter();
        let kind = LintKind::TraitNeverSeen;
        let own = lints.filter(|lint| lint.kind == kind);
        own.map(|lint| format!("{}: {}; {}", lint.at.column, lint.message, lint.fix))
            .collect()
    };
    let quiet = "traits.plan = \"pro\" or traits.address.city exists or traits.visit_count > 2";
    assert_eq!(found(quiet), [""; 0]);
    assert_eq!(
        found("traits.plan = \"pro\" and traits.plam.name = \"pro\""),
        ["25: nobody was ever told to have the trait \"plam\"; did you mean \"plan\"?"]
    );
    assert_eq!(
        found("anniversary(traits.birthday) <= now + 7 days"),
        ["1: nobody was ever told to have the trait \"birthday\"; \
          check its name, upper and lower case too"]
    );
    // Before anybody has a trait there is nothing to compare with.
    let expr = Expr::parse("traits.plam = 1").expect("a rule");
    assert_eq!(lint(&expr, &schema, &Received::default()), []);
}

#[test]
fn contradictions() {
    check(
        "traits.x > 5 and traits.x < 3",
        "1: traits.x > 5 and traits.x < 3 holds for nobody; change one of its values",
    );
    check(
        "traits.y and traits.x = \"a\" and (traits.z or true) and traits.x = \"b\"",
        "14: traits.x = \"a\" and traits.x = \"b\" holds for nobody; change one of its values",
    );
    check(
        "3 > traits.x and not traits.x < 4 and traits.y",
        "1: 3 > traits.x and not traits.x < 4 holds for nobody; change one of its values",
    );
    check(
        "last(\"Order Completed\") > now - 7 days and last(\"Order Completed\") < now - 30 days",
        "1: last(\"Order Completed\") > now - 7 days and last(\"Order Completed\") < now - 30 days \
         holds for nobody; change one of its values",
    );
    check(
        "traits.x contains \"a\" and not traits.x contains \"a\"",
        "1: traits.x contains \"a\" and not traits.x contains \"a\" holds for nobody; \
         change one of its values",
    );
    for never in [
        "local_hour > 23",
        "local_weekday = \"funday\"",
        "count(\"Order Completed\") < 0",
        "days_since(traits.x) > 5 and days_since(traits.x) < 6",
        "count(any where a > 1 and a < 1, today) > 0",
        "traits.x is missing and traits.x != \"a\"",
    ] {
        assert_eq!(found(never).len(), 1, "{never}");
    }
}

#[test]
fn tautologies_and_parts_that_change_nothing() {
    check(
        "traits.x exists or traits.x is missing",
        "1: traits.x exists or traits.x is missing holds for everybody; remove it",
    );
    check(
        "not (traits.x > 5 and traits.x < 3)",
        "6: traits.x > 5 and traits.x < 3 holds for nobody; change one of its values",
    );
    check(
        "traits.x > 5 and traits.x > 3",
        "18: traits.x > 3 changes nothing beside traits.x > 5; remove it",
    );
    check(
        "traits.x > 5 or traits.x > 3",
        "1: traits.x > 5 changes nothing beside traits.x > 3; remove it",
    );
    check(
        "traits.x exists and traits.y and traits.x in [\"a\", \"b\"]",
        "1: traits.x exists changes nothing beside traits.x in [\"a\", \"b\"]; remove it",
    );
    check(
        "traits.x = traits.y or traits.z or traits.x = traits.y",
        "36: traits.x = traits.y is there twice; remove one",
    );
}

#[test]
fn events_never_seen() {
    check(
        "count(\"Order completed\", 30 days) > 1",
        "1: no event \"Order completed\" was ever received; did you mean \"Order Completed\"?",
    );
    check(
        "traits.x and sequence(view, \"Signed Up\", 7 days)",
        "14: no event \"Signed Up\" was ever received; check its name, upper and lower case too",
    );
    let expr = Expr::parse("count(\"Signed Up\") > 1").expect("a rule");
    assert_eq!(lint(&expr, &Schema::default(), &Received::default()), []);
}

#[test]
fn nothing_is_said_where_nothing_is_odd() {
    quiet("traits.x > 5 or traits.x <= 5");
    quiet("traits.x > 5 and traits.x < 6");
    quiet("count(\"Order Completed\") >= 0");
    quiet("traits.x = \"a\" or traits.x != \"a\"");
    quiet("traits.x > now - 7 days and traits.x < 2026-01-01");
    quiet("traits.x != \"2026-01-01\" and traits.x = 2026-01-01");
    quiet("traits.tags contains \"a\" and traits.tags contains \"b\"");
    quiet("traits.x > \"a\" and traits.x < \"a\\u0001\"");
    quiet("true");
}

fn operand() -> impl Strategy<Value = String> {
    let operands = [
        "traits.a",
        "traits.a",
        "traits.b",
        "traits.a - 1 day",
        "days_since(traits.a)",
        "count(\"Product Viewed\")",
        "local_hour",
        "local_weekday",
        "consent.m",
    ];
    prop::sample::select(operands.map(str::to_owned).to_vec())
}

fn literal() -> impl Strategy<Value = String> {
    let literals = [
        "0",
        "1",
        "2",
        "1.5",
        "-1",
        "9007199254740993",
        "9007199254740992.0",
        "\"a\"",
        "\"b\"",
        "\"\"",
        "\"2026-11-21\"",
        "\"monday\"",
        "true",
        "2026-11-21",
        "2026-11-22",
        "now",
        "now - 1 day",
    ];
    prop::sample::select(literals.map(str::to_owned).to_vec())
}

fn rule() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec!["=", "!=", "<", "<=", ">", ">=", "contains", "matches"]);
    let fixed = literal().prop_filter("a list", |literal| !literal.contains("now"));
    let test = prop_oneof![
        6 => (operand(), word.clone(), literal())
            .prop_map(|(left, word, right)| format!("{left} {word} {right}")),
        2 => (literal(), word, operand()).prop_map(|(a, word, b)| format!("{a} {word} {b}")),
        1 => (operand(), prop::sample::select(vec!["in", "not in"]), fixed)
            .prop_map(|(a, word, b)| format!("{a} {word} [1, {b}]")),
        1 => prop::sample::select(vec!["traits.a exists", "traits.a is missing", "traits.a"])
            .prop_map(str::to_owned),
    ];
    test.prop_recursive(3, 12, 4, |inner| {
        let group = |word| {
            prop::collection::vec(inner.clone(), 2..4)
                .prop_map(move |parts| format!("({})", parts.join(word)))
        };
        let negated = inner.clone().prop_map(|inner| format!("not {inner}"));
        prop_oneof![2 => group(" and "), 2 => group(" or "), 1 => negated]
    })
}

fn any_value() -> impl Strategy<Value = Value> {
    let time = prop::sample::select(vec![-86_400_001i64, -86_400_000, -1, 0, 1, 86_400_000]);
    prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::Bool),
        2 => (-2i64..4).prop_map(Value::Int),
        1 => (9_007_199_254_740_990i64..9_007_199_254_740_996).prop_map(Value::Int),
        1 => prop::sample::select(vec![0.5, 1.0, 1.25, f64::NAN, 9_007_199_254_740_992.0])
            .prop_map(Value::Float),
        2 => prop::sample::select(vec!["", "a", "aa", "b", "monday", "2026-11-21", "2026-11-22"])
            .prop_map(Value::from),
        2 => time.prop_map(|millis| Value::Time(NOW.plus(Duration::from_millis(millis)))),
        1 => Just(Value::List(vec![Value::from("a")])),
    ]
}

fn known() -> impl Strategy<Value = BTreeMap<String, Value>> {
    let days = ["monday", "tuesday", "sunday"].map(Value::from).to_vec();
    (
        any_value(),
        any_value(),
        0i64..4,
        0i64..24,
        prop::sample::select(days),
        any::<bool>(),
    )
        .prop_map(|(a, b, count, hour, day, consent)| {
            let known = [
                ("traits.a", a),
                ("traits.b", b),
                ("count(\"Product Viewed\")", Value::Int(count)),
                ("local_hour", Value::Int(hour)),
                ("local_weekday", day),
                ("consent.m", Value::Bool(consent)),
            ];
            known.map(|(name, value)| (name.to_owned(), value)).into()
        })
}

fn holds(text: &str, known: &BTreeMap<String, Value>) -> bool {
    let mut set = FactSet::default();
    let rule = Rule::compile(&Expr::parse(text).expect("a part is a rule"), &mut set);
    rule.holds(&Slots::new(&set, known, NOW))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn no_false_alarms(rule in rule(), people in prop::collection::vec(known(), 16)) {
        let lints = match Expr::parse(&rule) {
            Ok(expr) => lint(&expr, &Schema::default(), &events()),
            Err(_) => Vec::new(),
        };
        for lint in lints {
            let part: Vec<bool> = people.iter().map(|known| holds(&lint.part, known)).collect();
            match &lint.kind {
                LintKind::AlwaysTrue => prop_assert!(!part.contains(&false), "{lint:?}"),
                LintKind::NeverTrue => prop_assert!(!part.contains(&true), "{lint:?}"),
                LintKind::Shadowed(by) => {
                    let by = people.iter().map(|known| holds(by, known));
                    let pairs: Vec<(bool, bool)> = part.into_iter().zip(by).collect();
                    let follows = pairs.iter().all(|(part, by)| *part || !by);
                    let implies = pairs.iter().all(|(part, by)| !part || *by);
                    prop_assert!(follows || implies, "{lint:?}");
                }
                LintKind::EventNeverSeen | LintKind::TraitNeverSeen => {
                    prop_assert!(false, "{lint:?}");
                }
            }
        }
    }
}
