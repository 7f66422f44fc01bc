//! What is passed over unread, and what is not.

use kith_base::{Json, Timestamp};
use kith_event::{Enrichment, Identifier, Record};
use proptest::prelude::*;

use super::*;

fn event(properties: &str, context: &str) -> Event {
    Event {
        source: "shop".to_owned(),
        message_id: "m1".to_owned(),
        kind: Kind::Track,
        name: "View".to_owned(),
        identifiers: vec![Identifier::new("user_id", "1")],
        received_at: Timestamp::ZERO,
        occurred_at: Timestamp::ZERO,
        original_at: None,
        properties: Json::parse(properties).unwrap(),
        traits: Json::empty(),
        context: Json::parse(context).unwrap(),
        extra: Json::empty(),
        enrichment: Enrichment::default(),
    }
}

fn compile(conditions: &[&str]) -> FeatureSet {
    let count = |condition: &&str| format!("count(\"View\" where {condition})");
    let parse = |condition: &&str| Aggregate::parse(&count(condition)).unwrap();
    let aggregates: Vec<Aggregate> = conditions.iter().map(parse).collect();
    FeatureSet::compile(&aggregates, [])
}

/// Whether an event may add something as its stored form tells, and whether it does.
fn taken(features: &FeatureSet, event: &Event) -> (bool, bool) {
    let stored = Record::Event(event.clone()).encode();
    let commerce = Commerce::read(&event.properties);
    let added = features.contributions(event, &commerce, &mut |_| Value::Null);
    let may = features.may_take(event.kind, &event.name, &stored);
    (may, !added.is_empty())
}

#[test]
fn what_lacks_the_text_is_passed_over_unread() {
    let lamps = compile(&["category = \"lamps\" and price >= 50"]);
    let check = |properties: &str, expect: (bool, bool)| {
        assert_eq!(
            taken(&lamps, &event(properties, "{}")),
            expect,
            "{properties}"
        );
    };
    check(r#"{"category":"lamps","price":60}"#, (true, true));
    check(r#"{"category":"lamps","price":5}"#, (true, false));
    check(r#"{"category":"shoes","price":60}"#, (false, false));
    check(r#"{"category":"\u006camps","price":60}"#, (true, true));
    check(r#"{"category":"\u006bamps","price":60}"#, (true, false));
    let either = compile(&["category = \"lamps\"", "price >= 50"]);
    let other = event(r#"{"category":"shoes","price":60}"#, "{}");
    assert_eq!(taken(&either, &other), (true, true));
}

#[test]
fn beyond_the_limit_every_event_is_read() {
    let list = |count: usize| {
        let names: Vec<String> = (0..count).map(|at| format!("\"name{at}\"")).collect();
        compile(&[&format!("category in [{}]", names.join(", "))])
    };
    let shoes = event(r#"{"category":"shoes"}"#, "{}");
    let most = limits::PASSED_BY_TEXTS_MAX;
    assert_eq!(taken(&list(most), &shoes), (false, false));
    assert_eq!(taken(&list(most + 1), &shoes), (true, false));
}

const CONDITIONS: [&str; 8] = [
    "category = \"lamps\"",
    "category in [\"a\\\"b\", \"caf\u{e9}\"]",
    "category contains \"amp\" or context.locale = \"de\"",
    "url starts with \"/a\" and not category = \"lamps\"",
    "url ends with \"b\" or category = \"lamps\"",
    "price >= 50 and category = \"caf\u{e9}\"",
    "category contains \"lamps\"",
    "not category = \"lamps\"",
];

proptest! {
    #[test]
    fn nothing_that_counts_is_passed_over(
        chosen in prop::collection::vec(0usize..CONDITIONS.len(), 1..3),
        category in prop::sample::select(vec![
            r#""lamps""#, r#""\u006camps""#, r#""a\"b""#, "\"caf\u{e9}\"", r#""caf\u00e9""#,
            r#"["lamps","x"]"#, "5", "null",
        ]),
        url in prop::sample::select(vec![r#""/a/b""#, r#""\/a""#, r#""b""#]),
        locale in prop::sample::select(vec!["de", "en"]),
        price in 0u32..100,
        in_line in any::<bool>(),
    ) {
        let conditions: Vec<&str> = chosen.iter().map(|at| CONDITIONS[*at]).collect();
        let own = format!(r#"{{"category":{category},"url":{url},"price":{price}}}"#);
        let properties = if in_line {
            format!(r#"{{"products":[{own}]}}"#)
        } else {
            own
        };
        let event = event(&properties, &format!(r#"{{"locale":"{locale}"}}"#));
        let (may, does) = taken(&compile(&conditions), &event);
        prop_assert!(may || !does, "{conditions:?} of {properties}");
    }
}

#[test]
fn a_filter_alone_takes_what_a_feature_of_it_counts() {
    let lines = r#"{"price":5,"products":[{"price":50},{"price":7,"size":"M"}]}"#;
    let traits = Event {
        kind: Kind::Identify,
        name: String::new(),
        traits: Json::parse(r#"{"plan":"pro"}"#).unwrap(),
        ..event(r#"{"plan":"free"}"#, "{}")
    };
    let order = event(lines, "{}");
    let check = |filter: &str, event: &Event, expect: bool| {
        let aggregate = Aggregate::parse(&format!("count({filter})")).unwrap();
        let compiled = aggregate.events.compile();
        assert_eq!(takes(&compiled, event), expect, "{filter}");
        let features = FeatureSet::compile([&aggregate], []);
        let commerce = Commerce::read(&event.properties);
        let added = features.contributions(event, &commerce, &mut |_| Value::Null);
        assert_eq!(!added.is_empty(), expect, "{filter}");
    };
    check("\"View\"", &order, true);
    check("\"Other\"", &order, false);
    check("\"View\" where price > 40", &order, true);
    check("\"View\" where price = 5", &order, false);
    check("\"View\" where size = \"M\" and price < 10", &order, true);
    check("\"View\" where size = \"M\" and price > 10", &order, false);
    check("identify where plan = \"pro\"", &traits, true);
    check("identify where plan = \"free\"", &traits, false);
}
