//! Accounts in rules: how they are written, what is refused, and how they read.

use std::collections::BTreeMap;

use kith_base::{Timestamp, Value};
use kith_rule::{
    Expr, FactKey, FactSet, Quantifier, Received, Rule, Schema, Slots, audience_cycle, lint,
};

fn schema() -> Schema {
    let mut schema = Schema::default();
    schema.add_audience("vip");
    schema
}

/// The canonical text, or the first mistake; the tree is the same rule.
#[track_caller]
fn check(text: &str, expect: &str) {
    let found = match Expr::errors(text, &schema()).first() {
        Some(error) => error.to_string(),
        None => {
            let expr = Expr::parse(text).expect("no mistakes");
            let tree = Expr::from_tree(&expr.to_tree()).expect("a tree");
            assert_eq!(tree.to_string(), expr.to_string());
            expr.to_string()
        }
    };
    assert_eq!(found, expect, "{text}");
}

#[test]
fn canonical_text_reads_as_itself() {
    for text in [
        "account.plan = \"pro\"",
        "account.plan exists and account.address.\"zip code\" is missing",
        "account.renewal_at < now + 30 days or days_until(account.renewal_at) < 7",
        "any person of account in audience \"vip\"",
        "not all persons of account in audience \"vip\"",
        "no person of account in audience \"vip\"",
        "no person of account in audience \"vip\" is missing",
    ] {
        check(text, text);
    }
    check(
        "ANY PERSONS of Account in audience \"vip\" AND All person of account in audience \"vip\"",
        "any person of account in audience \"vip\" and all persons of account in audience \"vip\"",
    );
    // Of an event it is a property like any other.
    let property = "count(\"X\" where account = \"a\" and account.plan = \"b\") > 0";
    check(property, property);
}

#[test]
fn mistakes_name_place_and_fix() {
    check(
        "any person of account in audience \"vap\"",
        "line 1, column 1: there is no audience \"vap\"; did you mean vip?",
    );
    check(
        "traits.a and no account in audience \"vip\"",
        "line 1, column 17: account stands where person of account in audience \"…\" should; \
         write person of account in audience \"…\"",
    );
    check(
        "all persons in audience \"vip\"",
        "line 1, column 13: in stands where of should; write of",
    );
    check(
        "any person of account in \"vip\"",
        "line 1, column 26: the text \"vip\" stands where audience should; write audience",
    );
    check(
        "acount.plan = 1",
        "line 1, column 1: acount is not a fact; did you mean account?",
    );
    check(
        "any person of account in audience \"vip\" > 3",
        "line 1, column 1: true and false have no order, so > never holds; write = or !=",
    );
}

#[test]
fn trees_that_mean_nothing_are_refused() {
    for tree in [
        r#"{"left":{"account_persons":["some","vip"]},"operator":"is true"}"#,
        r#"{"left":{"account_persons":"vip"},"operator":"is true"}"#,
        r#"{"left":{"account_persons":["any","vip","x"]},"operator":"is true"}"#,
    ] {
        let value: Value = serde_json::from_str(tree).expect("JSON");
        let error = Expr::from_tree(&value).expect_err(tree).to_string();
        assert!(error.contains("[\"any\", \"vip\"]"), "{error}");
    }
}

#[test]
fn an_audience_of_accounts_is_part_of_a_circle() {
    let rule = |text: &str| Expr::parse(text).expect("a rule");
    let rules = [
        ("a", rule("no person of account in audience \"b\"")),
        ("b", rule("in audience \"a\"")),
    ];
    let cycle = audience_cycle(rules.iter().map(|(id, rule)| (*id, rule)));
    assert_eq!(cycle, Some(["a", "b", "a"].map(str::to_owned).to_vec()));
    let key = FactKey::AccountPersons {
        quantifier: Quantifier::All,
        audience: "b".to_owned(),
    };
    assert_eq!(key.audience(), Some("b"));
    assert!(!key.moves());
}

#[test]
fn oddities_are_seen() {
    let found = |text: &str| {
        let expr = Expr::parse(text).expect("a rule");
        let lints = lint(&expr, &schema(), &Received::default());
        lints
            .into_iter()
            .map(|lint| lint.message)
            .collect::<Vec<_>>()
    };
    let asked = "any person of account in audience \"vip\"";
    assert_eq!(found(asked), [""; 0]);
    let never = format!("{asked} and not {asked}");
    assert_eq!(found(&never), [format!("{never} holds for nobody")]);
    // True, false and missing: the first two alone are not everything.
    assert_eq!(found(&format!("{asked} or {asked} = false")), [""; 0]);
}

#[track_caller]
fn said(text: &str, value: Value, holds: bool, sentence: &str) {
    let mut set = FactSet::default();
    let rule = Rule::compile(&Expr::parse(text).expect("a rule"), &mut set);
    let known = BTreeMap::from([(set.keys()[0].to_string(), value)]);
    let slots = Slots::new(&set, &known, Timestamp::ZERO);
    assert_eq!(
        (rule.reason(&slots).as_str(), rule.holds(&slots)),
        (sentence, holds),
        "{text}"
    );
}

#[test]
fn reasons_read_as_sentences() {
    let persons = |word: &str| format!("{word} of account in audience \"vip\"");
    let (yes, no) = (Value::Bool(true), Value::Bool(false));
    for (word, value, sentence) in [
        (
            "any person",
            &yes,
            "somebody of their account is in the audience \"vip\"",
        ),
        (
            "any person",
            &no,
            "nobody of their account is in the audience \"vip\"",
        ),
        (
            "all persons",
            &yes,
            "everybody of their account is in the audience \"vip\"",
        ),
        (
            "all persons",
            &no,
            "not everybody of their account is in the audience \"vip\"",
        ),
        (
            "no person",
            &yes,
            "nobody of their account is in the audience \"vip\"",
        ),
        (
            "no person",
            &no,
            "somebody of their account is in the audience \"vip\"",
        ),
        ("no person", &Value::Null, "they belong to no account"),
    ] {
        said(&persons(word), value.clone(), *value == yes, sentence);
    }
    said(
        "account.plan = \"pro\"",
        Value::from("free"),
        false,
        "their account's plan is \"free\", not \"pro\"",
    );
    said(
        "account.billing_plan = \"pro\"",
        Value::Null,
        false,
        "their account's billing plan is not known",
    );
}

#[test]
fn rules_read_without_anybody() {
    let words = |text: &str| Expr::parse(text).expect("a rule").in_words();
    assert_eq!(
        words(
            "account.plan = \"pro\" and no person of account in audience \"vip\" \
             and not all persons of account in audience \"paid\""
        ),
        "their account's plan is \"pro\", and nobody of their account is in the audience \"vip\", \
         and not everybody of their account is in the audience \"paid\""
    );
}
