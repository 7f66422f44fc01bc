//! The language by law: nothing panics, both forms say the same, and compiled evaluation agrees
//! with a plain interpreter written from the documentation.

mod plain;
mod rules;

use std::collections::BTreeMap;

use kith_base::{Timestamp, Value, limits};
use kith_rule::{Comparison, Expr, FactSet, Question, Rule, Schema, Slots, Term};
use plain::glob;
use proptest::prelude::*;
use rules::{expr, literal};

const NOW: Timestamp = Timestamp::from_millis(1_795_248_000_000);

fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        2 => Just(Value::Null),
        8 => literal().prop_map(|literal| literal.value()),
        1 => Just(Value::Float(f64::NAN)),
    ];
    prop_oneof![
        6 => scalar.clone(),
        1 => prop::collection::vec(scalar, 0..4).prop_map(Value::List),
    ]
}

/// Facts for every key of a rule: some drawn freely, some taken from the rule's own literals, so
/// that comparisons are met exactly.
fn known(expr: &Expr, values: &[Value]) -> BTreeMap<String, Value> {
    let mut own = Vec::new();
    literals(expr, &mut own);
    let drawn = values
        .iter()
        .cycle()
        .enumerate()
        .map(|(n, value)| match own.get(n / 2) {
            Some(own) if n % 2 == 0 => own.clone(),
            _ => value.clone(),
        });
    let mut set = FactSet::default();
    Rule::compile(expr, &mut set);
    set.keys()
        .iter()
        .map(ToString::to_string)
        .zip(drawn)
        .collect()
}

fn literals(expr: &Expr, found: &mut Vec<Value>) {
    match expr {
        Expr::Always(_) => {}
        Expr::All(parts) | Expr::Any(parts) => {
            parts.iter().for_each(|part| literals(part, found));
        }
        Expr::Not(inner) => literals(inner, found),
        Expr::Test(test) => match &test.question {
            Question::Compare(_, right) => match &right.term {
                Term::Literal(literal) => found.push(literal.value()),
                Term::Now => found.push(Value::Time(NOW)),
                Term::Fact(_) | Term::Days(..) => {}
            },
            Question::In(list) | Question::NotIn(list) => found.push(list[0].value()),
            _ => {}
        },
    }
}

fn tokens() -> impl Strategy<Value = String> {
    let words = [
        "traits",
        "features",
        "context",
        "count",
        "affinity",
        ".",
        "plan",
        "=",
        "!=",
        "<=",
        ">",
        "in",
        "not",
        "and",
        "or",
        "(",
        ")",
        "[",
        "]",
        ",",
        "\"x\"",
        "1",
        "-",
        "+",
        "2.5",
        "2026-11-01",
        "now",
        "7",
        "days",
        "exists",
        "is",
        "missing",
        "contains",
        "starts",
        "with",
        "true",
        "consent",
        "é",
        "view",
        "where",
        "of",
        "today",
        "sequence",
        "within",
        "days_since",
        "audience",
        "account",
        "persons",
        "no",
        "anniversary",
        "matches",
        "'",
        "\"",
    ];
    prop::collection::vec(prop::sample::select(words.to_vec()), 0..24)
        .prop_map(|words| words.join(" "))
}

#[test]
fn matches_ignores_case_and_knows_two_wildcards() {
    let check = |text: &str, form: &str, expect: bool| {
        let (left, right) = (Value::from(text), Value::from(form));
        assert_eq!(
            Comparison::Matches.holds(&left, &right),
            expect,
            "{text} {form}"
        );
    };
    check("Shoes", "sh*s", true);
    check("shoe", "sh*s", false);
    check("SHOES", "shoes", true);
    check("shoes", "sho?s", true);
    check("shoes", "s?s", false);
    check("mississippi", "*iss*pi", true);
    check("", "*", true);
    check("", "?", false);
}

proptest! {
    #[test]
    fn matching_is_as_defined(text in "[abA]{0,8}", form in "[ab*?]{0,6}") {
        let (left, right) = (Value::from(&*text), Value::from(&*form));
        let expect = glob(&text.to_lowercase(), &form);
        prop_assert_eq!(Comparison::Matches.holds(&left, &right), expect);
    }

    #[test]
    fn parsing_never_panics_and_what_parses_round_trips(text in prop_oneof![".{0,80}", tokens()]) {
        if let Ok(expr) = Expr::parse(&text) {
            let _ = expr.check(&Schema::default());
            prop_assert_eq!(Expr::parse(&expr.to_string()), Ok(expr));
        }
    }

    #[test]
    fn text_and_tree_say_the_same(expr in expr()) {
        prop_assume!(expr.depth() <= limits::RULE_DEPTH_MAX);
        prop_assume!(expr.nodes() <= limits::RULE_NODES_MAX);
        prop_assume!(expr.to_string().len() <= limits::RULE_SIZE_MAX_BYTES);
        prop_assert_eq!(&Expr::parse(&expr.to_string()).unwrap(), &expr);
        let tree = serde_json::to_string(&expr.to_tree()).unwrap();
        let read = Expr::from_tree(&serde_json::from_str(&tree).unwrap()).unwrap();
        // A JSON parser may miss the last bit of a float.
        prop_assert_eq!(Expr::from_tree(&expr.to_tree()).unwrap(), expr);
        prop_assert_eq!(Expr::parse(&read.to_string()), Ok(read));
    }

    #[test]
    fn compiled_agrees_with_plain(
        expr in expr(),
        values in prop::collection::vec(value(), 1..8),
    ) {
        let known = known(&expr, &values);
        let mut set = FactSet::default();
        let rule = Rule::compile(&expr, &mut set);
        let slots = Slots::new(&set, &known, NOW);
        prop_assert_eq!(rule.holds(&slots), plain::holds(&expr, &known));
        let explanation = rule.explain(&slots);
        prop_assert_eq!(explanation.holds, rule.holds(&slots));
        prop_assert!(!explanation.sentence.is_empty());
        prop_assert_eq!(rule.slots().len(), set.keys().len());
    }

    #[test]
    fn any_tree_is_read_or_refused(
        text in "[\\[\\]{}:,a-z\"]{0,40}",
        expr in expr(),
        cut in 0usize..200,
    ) {
        if let Ok(value) = serde_json::from_str::<Value>(&text) {
            let _ = Expr::from_tree(&value);
        }
        // A tree with one of its names changed.
        let whole = serde_json::to_string(&expr.to_tree()).unwrap();
        let spoilt: String =
            whole.chars().enumerate().map(|(n, one)| if n == cut { 'z' } else { one }).collect();
        if let Ok(value) = serde_json::from_str::<Value>(&spoilt) {
            let _ = Expr::from_tree(&value);
        }
    }
}
