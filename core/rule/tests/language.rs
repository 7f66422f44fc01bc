//! The language by example: what is accepted, what is refused and how, what it answers and says.

use std::collections::BTreeMap;

use kith_base::{Timestamp, Value, limits};
use kith_rule::{Expr, FactSet, Rule, Schema, Slots};

/// The canonical text, or the first error.
fn read(text: &str) -> String {
    match Expr::parse(text) {
        Err(error) => error.to_string(),
        Ok(expr) => match expr.check(&Schema::default()).first() {
            Some(error) => error.to_string(),
            None => expr.to_string(),
        },
    }
}

fn same(text: &str) {
    assert_eq!(read(text), text);
}

#[test]
fn canonical_text_reads_as_itself() {
    same("true");
    same("traits.plan = \"pro\"");
    same("traits.address.\"zip code\" starts with \"10\"");
    same(
        "traits.plan = \"pro\" and (features.purchase_count >= 2 or count(\"Product Viewed\") > 3)",
    );
    same("not (traits.a = 1 or traits.b = 2) and not traits.c exists");
    same("(traits.a = 1 and traits.b = 2) and traits.c = 3");
    same("traits.plan in [\"a\", \"b\", 3, 4.0, true, 2026-11-01]");
    same("traits.plan not in [\"a\"]");
    same("last(\"Order Completed\") < now - 30 days + 1 hour");
    same("traits.renewal_at - 1 week < now");
    same("features.first_seen_at >= 2026-11-01T08:30:00.000Z");
    same("consent.marketing and not consent.analytics");
    same("affinity(\"category\", \"shoes\") > 0.5");
    same("identifier(\"email\") exists or traits.phone is missing");
    same("context.page.url contains \"/sale\" and context.total > -2.5");
    same("sum(\"Order Completed\") > 100 and first(\"Order Completed\") < now");
    same("context.item_id = features.last_viewed_item");
    same("traits.note = \"say \\\"hi\\\"\\n\"");
}

#[test]
fn other_ways_to_write_the_same() {
    let check = |text, expect| assert_eq!(read(text), expect);
    check("", "true");
    check("  \n ", "true");
    check("TRUE", "true");
    check(
        "traits.a=1 AND NOT((traits.b=2))",
        "traits.a = 1 and not traits.b = 2",
    );
    check("traits.a > now-7 Days", "traits.a > now - 7 days");
    check("traits.a > now - 1 days", "traits.a > now - 1 day");
    check("traits.\"a\".b exists", "traits.a.b exists");
    check(
        "traits.at > 2026-11-01T10:00:00+02:00",
        "traits.at > 2026-11-01T08:00:00.000Z",
    );
    check("traits.a = 1e3", "traits.a = 1000.0");
    check(
        "traits.a = 9223372036854775808",
        "traits.a = 9.223372036854776e18",
    );
}

/// Checks the place, the message and the fix of the first error.
#[track_caller]
fn refused(text: &str, (line, column): (u32, u32), message: &str, fix: &str) {
    let error = Expr::errors(text, &Schema::default()).remove(0);
    assert_eq!((error.message.as_str(), error.fix.as_str()), (message, fix));
    assert_eq!((error.at.line, error.at.column), (line, column));
    let expect = format!("line {line}, column {column}: {message}; {fix}");
    assert_eq!(error.to_string(), expect);
}

#[test]
fn unreadable_words_name_place_and_fix() {
    refused(
        "count(any, today in \"Europe/Berlim\") > 0",
        (1, 21),
        "\"Europe/Berlim\" is no time zone",
        "did you mean \"Europe/Berlin\"?",
    );
    refused(
        "trait.plan = 1",
        (1, 1),
        "trait is not a fact",
        "did you mean traits?",
    );
    refused(
        "traits.a = 1 and\n  plan = 2",
        (2, 3),
        "plan is not a fact",
        "write traits.plan, features.plan or \"plan\" in quotes",
    );
    refused(
        "traits.a == 1",
        (1, 10),
        "\"=\" means nothing here",
        "write = for \"is equal\"",
    );
    refused(
        "traits.a = 'x'",
        (1, 12),
        "\"'\" means nothing here",
        "write text in double quotes: \"…\"",
    );
    refused(
        "traits.a = \"x",
        (1, 12),
        "the text has no end",
        "add \" after it",
    );
    refused(
        "traits.ä = 1",
        (1, 8),
        "\"ä\" means nothing here",
        "remove it, or put names and text in double quotes",
    );
    refused(
        "traits.a =",
        (1, 11),
        "the rule ends where a fact or a value should",
        "write a fact or a value",
    );
    refused(
        "(traits.a = 1",
        (1, 14),
        "the rule ends where ) should",
        "write )",
    );
}

#[test]
fn unreadable_sentences_name_place_and_fix() {
    refused(
        "traits.a is null",
        (1, 10),
        "is stands where and, or, or the end of the rule should",
        "write = for \"is equal\", or is missing",
    );
    refused(
        "traits.a = null",
        (1, 12),
        "null is not a fact",
        "write is missing or exists",
    );
    refused(
        "traits.a > 7 days",
        (1, 12),
        "a duration stands alone",
        "write a moment, such as now - 7 days",
    );
    refused(
        "traits.a > now - 7",
        (1, 19),
        "a duration needs a unit",
        "write second, minute, hour, day or week after the number, as in 7 days",
    );
    refused(
        "traits.a > now - 40000 days",
        (1, 18),
        "the duration is too long",
        "keep it within a hundred years",
    );
    refused(
        "traits.a > 2026-13-01",
        (1, 12),
        "2026-13-01 is not a date",
        "write a date such as 2026-11-01 or a time such as 2026-11-01T08:00:00Z",
    );
    refused(
        "now exists",
        (1, 1),
        "now is never missing",
        "name a fact, such as traits.plan exists",
    );
    refused(
        "traits.a in [traits.b]",
        (1, 14),
        "a list holds fixed values only",
        "write text, numbers or dates, such as [\"a\", \"b\"]",
    );
    refused(
        "features.a.b > 1",
        (1, 9),
        "features have one name, without further dots",
        "write features.a, or features.a[\"b\"] for one key",
    );
}

#[test]
fn type_errors_name_place_and_fix() {
    refused(
        "features.purchase_cuont > 1",
        (1, 1),
        "there is no feature purchase_cuont",
        "did you mean purchase_count?",
    );
    refused(
        "affinity(\"categry\", \"x\") > 1",
        (1, 1),
        "no affinities are learnt for \"categry\"",
        "did you mean category?",
    );
    refused(
        "features.purchase_count = \"2\"",
        (1, 1),
        "features.purchase_count is a number, never \"2\"",
        "write 2 without quotes",
    );
    refused(
        "\"2\" = features.purchase_count",
        (1, 1),
        "features.purchase_count is a number, never \"2\"",
        "write 2 without quotes",
    );
    refused(
        "features.browser = 2",
        (1, 1),
        "features.browser is text, never 2",
        "write \"2\" in quotes",
    );
    refused(
        "features.last_seen_at > 30",
        (1, 1),
        "features.last_seen_at is a time, never 30",
        "write a date such as 2026-11-01, or now - 7 days",
    );
    same("features.last_seen_at > \"2026-11-01\"");
}

#[test]
fn operators_of_the_wrong_type_name_place_and_fix() {
    refused(
        "consent.marketing > true",
        (1, 1),
        "true and false have no order, so > never holds",
        "write = or !=",
    );
    refused(
        "features.event_count",
        (1, 1),
        "features.event_count is a number, not true or false",
        "write features.event_count > 0",
    );
    refused(
        "features.event_count contains \"1\"",
        (1, 1),
        "features.event_count is a number, not text",
        "write =, < or > instead",
    );
    refused(
        "features.os contains 1",
        (1, 22),
        "contains needs text after it, not 1",
        "write \"1\"",
    );
    refused(
        "traits.a = 1 and 1 = 1",
        (1, 18),
        "both sides are fixed values",
        "name a fact on one side, such as traits.plan",
    );
    refused(
        "features.event_count - 7 days > now",
        (1, 1),
        "features.event_count - 7 days shifts a number, not a time",
        "write now - 7 days, or shift a fact that is a time",
    );
    refused(
        "features.os = features.event_count",
        (1, 1),
        "features.os is text, but features.event_count is a number",
        "compare facts of one type",
    );
    refused(
        "features.os in [\"a\", 1]",
        (1, 1),
        "features.os is text, never 1",
        "write \"1\" in quotes",
    );
}

#[test]
fn limits_hold_at_the_limit_and_one_beyond() {
    let size = |bytes: usize| {
        let frame = "traits.a = \"\"".len();
        Expr::parse(&format!("traits.a = \"{}\"", "x".repeat(bytes - frame))).is_ok()
    };
    assert!(size(limits::RULE_SIZE_MAX_BYTES) && !size(limits::RULE_SIZE_MAX_BYTES + 1));

    let nots = |count: usize| Expr::parse(&format!("{}traits.a", "not ".repeat(count))).is_ok();
    assert!(nots(limits::RULE_DEPTH_MAX - 1) && !nots(limits::RULE_DEPTH_MAX));
    let brackets = |count: usize| {
        Expr::parse(&format!(
            "{}traits.a{}",
            "(".repeat(count),
            ")".repeat(count)
        ))
        .is_ok()
    };
    assert!(brackets(limits::RULE_DEPTH_MAX - 1) && !brackets(limits::RULE_DEPTH_MAX));
    let groups = |levels: usize| {
        let mut text = "traits.a".to_owned();
        for level in 1..levels {
            let word = if level % 2 == 0 { "or" } else { "and" };
            text = format!("({text}) {word} traits.b");
        }
        Expr::parse(&text).map(|expr| expr.depth())
    };
    assert_eq!(groups(limits::RULE_DEPTH_MAX), Ok(limits::RULE_DEPTH_MAX));
    assert!(groups(limits::RULE_DEPTH_MAX + 1).is_err());

    // A test of a list of n has n + 2 parts.
    let list = |elements: usize| {
        let text = format!("traits.a in [1{}]", ",1".repeat(elements - 1));
        Expr::parse(&text).map(|expr| expr.nodes())
    };
    assert_eq!(list(limits::RULE_NODES_MAX - 2), Ok(limits::RULE_NODES_MAX));
    let error = list(limits::RULE_NODES_MAX - 1).unwrap_err().to_string();
    assert_eq!(
        error,
        "line 1, column 1: the rule has 1001 parts; keep it within 1000, or split it"
    );
}

fn facts() -> BTreeMap<String, Value> {
    let time = |text: &str| Value::Time(Timestamp::parse(text).expect("a time"));
    let list = |texts: &[&str]| Value::List(texts.iter().map(|text| Value::from(*text)).collect());
    BTreeMap::from([
        ("features.cart_item_count".to_owned(), Value::Int(2)),
        ("features.purchase_revenue".to_owned(), Value::Float(120.5)),
        (
            "features.last_seen_at".to_owned(),
            time("2026-11-20T08:00:00Z"),
        ),
        ("traits.plan".to_owned(), Value::from("pro")),
        ("traits.tags".to_owned(), list(&["red", "blue"])),
        ("traits.renewal".to_owned(), Value::from("2026-12-01")),
        ("consent.marketing".to_owned(), Value::Bool(false)),
        ("count(\"Product Viewed\")".to_owned(), Value::Int(4)),
        (
            "last(\"Order Completed\")".to_owned(),
            time("2026-11-01T10:30:15Z"),
        ),
        (
            "affinity(\"category\", \"shoes\")".to_owned(),
            Value::Float(0.62),
        ),
    ])
}

#[track_caller]
fn check(text: &str, holds: bool, sentence: &str) {
    let mut set = FactSet::default();
    let rule = Rule::compile(&Expr::parse(text).expect("a rule"), &mut set);
    let facts = facts();
    let now = Timestamp::parse("2026-11-21T08:00:00Z").expect("a time");
    let slots = Slots::new(&set, &facts, now);
    let explanation = rule.explain(&slots);
    assert_eq!(explanation.sentence, sentence);
    assert_eq!(explanation.holds, holds);
    assert_eq!(
        (rule.holds(&slots), rule.reason(&slots)),
        (holds, sentence.to_owned())
    );
}

#[test]
fn answers_and_says_why() {
    check(
        "features.cart_item_count >= 1",
        true,
        "the number of products in their cart is 2, which is at least 1",
    );
    check(
        "features.cart_item_count > 2",
        false,
        "the number of products in their cart is 2, which is not more than 2",
    );
    check("traits.plan = \"pro\"", true, "their plan is \"pro\"");
    check("traits.plan != \"pro\"", false, "their plan is \"pro\"");
    check(
        "traits.plan = \"free\"",
        false,
        "their plan is \"pro\", not \"free\"",
    );
    check(
        "traits.plan in [\"pro\", \"team\"]",
        true,
        "their plan is \"pro\", one of \"pro\", \"team\"",
    );
    check(
        "traits.plan not in [\"pro\"]",
        false,
        "their plan is \"pro\", one of \"pro\"",
    );
    check(
        "traits.city not in [\"x\"]",
        false,
        "their city is not known",
    );
    check("traits.city = \"x\"", false, "their city is not known");
    check("traits.city != \"x\"", false, "their city is not known");
    check("traits.city is missing", true, "their city is not known");
    check(
        "traits.tags contains \"red\"",
        true,
        "their tags are \"red\", \"blue\", among them \"red\"",
    );
    check("consent.marketing", false, "they refused marketing");
    check("not consent.marketing", true, "they refused marketing");
}

#[test]
fn answers_about_events_and_times() {
    check(
        "count(\"Product Viewed\") > 3",
        true,
        "they viewed products 4 times, which is more than 3",
    );
    check("count(\"Signed Up\") > 3", false, "they never signed up");
    check(
        "affinity(\"category\", \"shoes\") >= 0.7",
        false,
        "their interest in the category \"shoes\" is 62%, which is not at least 70%",
    );
    check(
        "last(\"Order Completed\") < now - 7 days",
        true,
        "they last ordered on 2026-11-01 10:30:15 UTC, \
         which is before 2026-11-14 08:00 UTC (7 days ago)",
    );
    check(
        "traits.renewal - 30 days < now",
        true,
        "their renewal is \"2026-12-01\" (30 days before is 2026-11-01), \
         which is before 2026-11-21 08:00 UTC (now)",
    );
    check(
        "features.last_seen_at >= \"2026-11-20\"",
        true,
        "they were last seen on 2026-11-20 08:00 UTC, which is not before \"2026-11-20\"",
    );
    check(
        "traits.plan = traits.city",
        false,
        "their plan is \"pro\", but their city is not known",
    );
    check(
        "traits.plan >= 3",
        false,
        "their plan is \"pro\", which is not at least 3",
    );
    check("true", true, "it is for everybody");
}

#[test]
fn a_group_names_what_settles_it() {
    check(
        "traits.plan = \"pro\" and features.cart_item_count > 5 and consent.marketing",
        false,
        "the number of products in their cart is 2, which is not more than 5, \
         and they refused marketing",
    );
    check(
        "traits.city exists or traits.plan exists",
        true,
        "their plan is \"pro\"",
    );
    check(
        "traits.city exists or traits.zip exists",
        false,
        "their city is not known, and their zip is not known",
    );
    check(
        "not (traits.plan = \"pro\" or traits.city exists)",
        false,
        "their plan is \"pro\"",
    );
    let five = ["a", "b", "c", "d", "e"]
        .map(|name| format!("traits.{name} exists"))
        .join(" or ");
    check(
        &five,
        false,
        "their a is not known, and their b is not known, and their c is not known, and 2 more",
    );
}
