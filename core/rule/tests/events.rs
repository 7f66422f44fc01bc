//! Aggregates, sequences and audiences by example: what is accepted, and what is refused and how.

use kith_base::{Timestamp, Value};
use kith_rule::{
    Aggregate, Condition, Error, Events, Expr, FactKey, FactSet, Facts, Rule, Schema, Type,
    audience_cycle,
};

fn schema() -> Schema {
    let mut schema = Schema::default();
    let views = Aggregate::parse("count(view, 30 days)").expect("an aggregate");
    schema.add_feature("views", Type::Number, Some(views));
    schema.add_feature("city", Type::Text, None);
    schema.add_audience("big-spenders");
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
fn same(text: &str) {
    check(text, text);
}

#[track_caller]
fn check(text: &str, expect: &str) {
    assert_eq!(read(text), expect);
}

#[test]
fn canonical_text_reads_as_itself() {
    same("count(\"Product Viewed\" where category = \"shoes\" and price > 10, 30 days) >= 2");
    same("sum(\"Order Completed\" where brand = \"Acme\", of price, this month) > 100");
    same("average(\"Order Completed\", 1 hour) < max(\"Order Completed\")");
    same("distinct(any, of path, today) > 3 or streak(any) >= 7");
    same("top(\"Product Viewed\", of category, last 7 calendar days) = \"shoes\"");
    same("first(page \"Home\") < now - 7 days and last(\"X\", of plan) = \"pro\"");
    same("days_active(page, this week) > 2 and count(identify, this year) = 0");
    same("count(screen where context.app.version starts with \"2.\", 90 seconds) > 0");
    same("count(\"X\" where properties.now = 1 and \"a b\" != title, 1 day) > 0");
    same(
        "sequence(\"Product Added\" where price > 10, \"Checkout Started\" within 1 hour, \
         not \"Order Completed\" where total > 0 within 2 days, 7 days)",
    );
    same("in audience \"big-spenders\" and not in audience \"big-spenders\"");
    same("anniversary(traits.birthday) <= now + 7 days");
    same("days_until(anniversary(traits.birthday)) <= 7 and days_since(last(\"X\")) > 3");
    same("local_hour >= 9 and local_hour < 17 and local_weekday in [\"monday\", \"friday\"]");
    same("traits.name matches \"sh*s\" and reachable(\"email\")");
    same("features.views > 3 and features.city = \"Taipei\"");
}

#[test]
fn other_ways_to_write_the_same() {
    check("count(purchase) > 0", "count(\"Order Completed\") > 0");
    check(
        "COUNT(\"X\") > 0",
        "line 1, column 1: COUNT is not a fact; did you mean count?",
    );
    check(
        "count(View, 4 weeks) > 0",
        "count(\"Product Viewed\", 28 days) > 0",
    );
    check(
        "count(track \"X\", 60 minutes) > 0",
        "count(\"X\", 1 hour) > 0",
    );
    check(
        "count(\"X\" WHERE a=1 OR b=2 , TODAY) > 0",
        "count(\"X\" where a = 1 or b = 2, today) > 0",
    );
    check(
        "NOT IN AUDIENCE \"big-spenders\"",
        "not in audience \"big-spenders\"",
    );
}

#[test]
fn lifetime_aggregates_of_a_track_are_the_counters() {
    let key = |text: &str| Aggregate::parse(text).map(Aggregate::key);
    assert_eq!(key("count(\"X\")"), Ok(FactKey::Count("X".to_owned())));
    assert_eq!(key("last(\"X\")"), Ok(FactKey::Last("X".to_owned())));
    for own in [
        "min(\"X\")",
        "count(page \"X\")",
        "count(\"X\", today)",
        "last(\"X\", of a)",
    ] {
        let aggregate = Aggregate::parse(own).expect("an aggregate");
        assert_eq!(aggregate.to_string(), own);
        assert_eq!(aggregate.clone().key(), FactKey::Aggregate(aggregate));
    }
}

#[test]
fn aggregates_that_mean_nothing_name_place_and_fix() {
    check(
        "traits.a and cuont(\"X\") > 1",
        "line 1, column 14: cuont is not a fact; did you mean count?",
    );
    check(
        "count(\"X\", 0 days) > 1",
        "line 1, column 12: 0 days is too short; \
         write 1 second to 400 days, or no window for a whole lifetime",
    );
    check("count(\"X\", 400 days) > 1", "count(\"X\", 400 days) > 1");
    check(
        "count(\"X\", 401 days) > 1",
        "line 1, column 12: 401 days is too long; \
         write 1 second to 400 days, or no window for a whole lifetime",
    );
    check(
        "count(\"X\", last 401 calendar days) > 1",
        "line 1, column 17: 401 calendar days is too long; \
         write 1 second to 400 days, or no window for a whole lifetime",
    );
    check(
        "count(\"X\", last 7 days) > 1",
        "line 1, column 17: last counts calendar days; write 7 days, or last 7 calendar days",
    );
    check(
        "distinct(\"X\", 7 days) > 1",
        "line 1, column 1: distinct does not know of which property; \
         write distinct(\"X\", of category)",
    );
    check(
        "count(\"X\", of category) > 1",
        "line 1, column 10: count looks at events, not at one of their properties; \
         remove it, or write distinct to count different values",
    );
    check(
        "count(pagee) > 1",
        "line 1, column 7: pagee is not an event; did you mean page?",
    );
    check(
        "count(\"X\" where traits.plan = \"pro\") > 1",
        "line 1, column 17: traits is not a property of an event; \
         write properties.traits if the property has this name",
    );
    check(
        "count(\"X\" where count(\"Y\") > 1) > 1",
        "line 1, column 17: count(…) is not known of one event; \
         ask about properties, such as category = \"shoes\"",
    );
    check(
        "count(\"X\" where 1 = 1) > 1",
        "line 1, column 17: both sides are fixed values; \
         name a fact on one side, such as traits.plan",
    );
    check(
        "count(\"X\", today) = \"a\"",
        "line 1, column 1: count(\"X\", today) is a number, never \"a\"; write a number",
    );
}

#[test]
fn sequences_and_the_rest_name_place_and_fix() {
    check(
        "sequence(\"A\", \"B\")",
        "line 1, column 18: ) stands where a comma and the window, such as 7 days, should; \
         write a comma and the window, such as 7 days,",
    );
    check(
        "sequence(\"A\", 7 days)",
        "line 1, column 1: a sequence needs two steps; \
         add a step, or write count(…) > 0 for a single one",
    );
    check(
        "sequence(\"A\" within 1 hour, \"B\", 7 days)",
        "line 1, column 10: within counts from the step before; remove it from the first step",
    );
    check(
        "sequence(\"A\", not \"B\", 7 days)",
        "line 1, column 22: , stands where within, such as within 2 days, should; \
         write within, such as within 2 days,",
    );
    check(
        "sequence(\"1\", \"2\", \"3\", \"4\", \"5\", \"6\", 7 days)",
        "line 1, column 35: the sequence has more than 5 steps; leave one out",
    );
    same("sequence(\"1\", \"2\", \"3\", \"4\", \"5\", 7 days)");
    check(
        "in audience \"big-spender\"",
        "line 1, column 1: there is no audience \"big-spender\"; did you mean big-spenders?",
    );
    check(
        "days_since(features.city) > 1",
        "line 1, column 12: features.city is text, not a time; \
         write days_since(traits.renewal_at) for example",
    );
    check(
        "days_since(days_since(traits.a)) > 1",
        "line 1, column 1: days are counted from a time; \
         write a time, such as traits.renewal_at",
    );
    check(
        "anniversary(features.city) > now",
        "line 1, column 13: features stands where a trait, such as traits.birthday should; \
         write a trait, such as traits.birthday",
    );
    check(
        "local_hour matches \"1*\"",
        "line 1, column 1: local_hour is a number, not text; write =, < or > instead",
    );
}

#[test]
fn at_most_fifty_aggregates() {
    let rule = |count: usize| {
        let one = "count(\"X\", today) > 1";
        Expr::parse(&vec![one; count].join(" and "))
    };
    assert!(rule(50).is_ok());
    assert_eq!(
        rule(51).map_err(|error: Error| error.message),
        Err("the rule has more than 50 aggregates".to_owned())
    );
}

#[test]
fn a_feature_of_the_project_is_its_aggregate() {
    let mut set = FactSet::default();
    let text = "features.views > 3 and count(\"Product Viewed\", 30 days) < 9";
    let expr = Expr::parse(text).expect("a rule");
    Rule::compile_with(&expr, &schema(), &mut set);
    let views = Aggregate::parse("count(\"Product Viewed\", 30 days)").expect("an aggregate");
    assert_eq!(set.keys(), [FactKey::Aggregate(views)]);
    assert_eq!(
        schema().type_of(&FactKey::Feature("views".to_owned())),
        Some(Type::Number)
    );
}

#[test]
fn a_cycle_of_audiences_is_named() {
    let rule = |text: &str| Expr::parse(text).expect("a rule");
    let acyclic = [
        ("a", rule("in audience \"b\" and in audience \"c\"")),
        (
            "b",
            rule("not in audience \"c\" or in audience \"unknown\""),
        ),
        ("c", rule("traits.plan = \"pro\"")),
    ];
    assert_eq!(
        audience_cycle(acyclic.iter().map(|(id, rule)| (*id, rule))),
        None
    );
    let cyclic = [
        ("a", rule("in audience \"b\"")),
        ("b", rule("traits.x or not in audience \"d\"")),
        ("d", rule("in audience \"c\" and in audience \"b\"")),
        ("c", rule("true")),
    ];
    let cycle = audience_cycle(cyclic.iter().map(|(id, rule)| (*id, rule)));
    assert_eq!(cycle, Some(["b", "d", "b"].map(str::to_owned).to_vec()));
    let own = [("a", rule("in audience \"a\""))];
    let cycle = audience_cycle(own.iter().map(|(id, rule)| (*id, rule)));
    assert_eq!(cycle, Some(["a", "a"].map(str::to_owned).to_vec()));
}

/// The members of one event.
struct Event(Value);

impl Facts for Event {
    fn fact(&self, key: &FactKey, _: Timestamp) -> Value {
        match key {
            FactKey::Property(path) => path.follow(&self.0).clone(),
            FactKey::Context(path) => path.follow(self.0.path("context")).clone(),
            other => panic!("{other} is not a fact of an event"),
        }
    }
}

#[test]
fn a_filter_matches_by_condition() {
    let event = |json: &str| Event(serde_json::from_str(json).expect("JSON"));
    let check = |condition: &str, json: &str, expect: bool| {
        let text = format!("count(\"X\" where {condition})");
        let aggregate = Aggregate::parse(&text).expect("an aggregate");
        let filter = aggregate.events.compile();
        let at = Timestamp::parse("2026-11-21T08:00:00Z").expect("a time");
        assert_eq!(
            filter.matches(&event(json), at),
            expect,
            "{condition} {json}"
        );
    };
    check("category = \"shoes\"", r#"{"category":"shoes"}"#, true);
    check("category = \"shoes\"", r#"{"category":"hats"}"#, false);
    check("category = \"shoes\"", "{}", false);
    check(
        "properties.in = 1 and a.b > 2",
        r#"{"in":1,"a":{"b":3}}"#,
        true,
    );
    check(
        "context.page.path matches \"/SALE*\"",
        r#"{"context":{"page":{"path":"/sale/1"}}}"#,
        true,
    );
    check(
        "departs_at < now + 7 days",
        r#"{"departs_at":"2026-11-25"}"#,
        true,
    );
    check(
        "days_until(departs_at) = 4",
        r#"{"departs_at":"2026-11-25"}"#,
        true,
    );

    let all = Aggregate::parse("count(page)")
        .expect("an aggregate")
        .events;
    assert!(all.compile().matches(&event("{}"), Timestamp::ZERO));
    assert_eq!(all.events, Events::Kind(kith_event::Kind::Page));
    let condition = |text: &str| {
        let aggregate = Aggregate::parse(&format!("count(any where {text})"));
        aggregate.expect("an aggregate").events.condition
    };
    assert_eq!(condition("a=1"), condition("(a = 1)"));
    assert_ne!(condition("a=1"), condition("a = 1.0"));
    assert_eq!(
        condition("a=1").as_ref().map(Condition::as_str),
        Some("a = 1")
    );
}
