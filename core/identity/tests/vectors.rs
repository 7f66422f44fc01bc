//! Known behaviours of the field, each under the rules that make Kith behave so.
//!
//! Sources: Segment, *Identity Resolution Settings*; Snowplow, *Identities: unique identifiers*;
//! mParticle, *IDSync: profile conversion strategy* and *profile link strategy*.

use std::collections::BTreeMap;

use kith_base::{Json, NodeId, Timestamp};
use kith_definition::Identity;
use kith_identity::{Link, Node, Rules, partition};

fn rules(spec: &str) -> Rules {
    let spec = Json::parse(spec).expect("JSON");
    Rules::from(&Identity::parse(&spec).expect("identity rules"))
}

fn node(name: &str) -> Node {
    let (namespace, value) = name.split_once(':').expect("namespace:value");
    Node {
        id: NodeId::of(namespace, value),
        namespace: namespace.to_owned(),
        generic: false,
        pardoned: false,
    }
}

/// One event a day, each with its identifiers, the strongest first; answers the persons.
fn persons(rules: &Rules, events: &[&[&str]]) -> Vec<Vec<String>> {
    let mut names: BTreeMap<NodeId, &str> = BTreeMap::new();
    let mut links: BTreeMap<(NodeId, NodeId), Link> = BTreeMap::new();
    for (at, event) in events.iter().enumerate() {
        names.extend(event.iter().map(|name| (node(name).id, *name)));
        for other in &event[1..] {
            let at = Timestamp::from_millis(at as i64 * 86_400_000);
            let link = Link::new(node(event[0]).id, node(other).id, at);
            links.entry((link.a, link.b)).or_insert(link);
        }
    }
    let nodes: Vec<Node> = names.values().map(|name| node(name)).collect();
    let links: Vec<Link> = links.into_values().collect();
    let groups = partition(rules, &nodes, &links, &[]).groups;
    let person = |nodes: &[NodeId]| {
        let mut person: Vec<String> = nodes.iter().map(|id| names[id].to_owned()).collect();
        person.sort();
        person
    };
    let mut persons: Vec<Vec<String>> = groups.iter().map(|group| person(&group.nodes)).collect();
    persons.sort();
    persons
}

const SEGMENT: &str = r#"{"namespaces":[
    {"name":"user_id","priority":100,"unique":true,"limit":1},
    {"name":"email","priority":90,"limit":5,"normalise":"email"},
    {"name":"anonymous_id","priority":10,"limit":5}]}"#;

#[test]
fn segment_the_weaker_identifier_of_a_conflict_is_dropped() {
    let found = persons(
        &rules(SEGMENT),
        &[
            &["user_id:abc123", "email:jane@example.com"],
            &["user_id:abc456", "email:jane@example.com"],
        ],
    );
    let expect = [
        vec!["email:jane@example.com", "user_id:abc123"],
        vec!["user_id:abc456"],
    ];
    assert_eq!(found, expect);
}

#[test]
fn segment_the_sixth_value_of_a_limit_of_five_stands_alone() {
    let names: Vec<String> = (0..6).map(|at| format!("email:{at}@example.com")).collect();
    let events: Vec<Vec<&str>> = names.iter().map(|name| vec!["user_id:1", name]).collect();
    let events: Vec<&[&str]> = events.iter().map(Vec::as_slice).collect();
    let found = persons(&rules(SEGMENT), &events);
    assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [6, 1]);
    assert_eq!(found[1], ["email:5@example.com"]);
}

/// Addresses of a person who names a new one on these days, under a limit of two in a week.
fn addresses_of_a_weekly_limit(days: &[usize]) -> usize {
    let (every, weekly) = (
        r#""limit":5,"normalise""#,
        r#""limit":2,"limit_days":7,"normalise""#,
    );
    let names: Vec<String> = (0..40)
        .map(|at| format!("email:{at}@example.com"))
        .collect();
    let event = |at: usize| match days.contains(&at) {
        true => vec!["user_id:1", names[at].as_str()],
        false => vec!["user_id:1"],
    };
    let events: Vec<Vec<&str>> = (0..40).map(event).collect();
    let events: Vec<&[&str]> = events.iter().map(Vec::as_slice).collect();
    let found = persons(&rules(&SEGMENT.replace(every, weekly)), &events);
    found.iter().map(Vec::len).max().unwrap_or(0) - 1
}

#[test]
fn segment_a_limit_of_a_week_counts_what_is_new_in_a_week() {
    assert_eq!(addresses_of_a_weekly_limit(&[0, 3, 6]), 2);
    assert_eq!(addresses_of_a_weekly_limit(&[0, 3, 11]), 3);
    assert_eq!(addresses_of_a_weekly_limit(&[0, 8, 16, 24]), 4);
}

#[test]
fn segment_suggested_values_name_nobody() {
    for value in ["0", "-", "000-000", "-1", "null", "anonymous"] {
        let identifier = kith_event::Identifier::new("user_id", value);
        assert!(rules(SEGMENT).blocks(&identifier), "{value}");
    }
}

#[test]
fn snowplow_a_shared_phone_is_neither_alices_nor_bobs() {
    let found = persons(
        &rules("{}"),
        &[
            &["user_id:alice", "anonymous_id:phone"],
            &["user_id:bob", "anonymous_id:phone"],
            &["anonymous_id:phone"],
        ],
    );
    let expect = [["anonymous_id:phone"], ["user_id:alice"], ["user_id:bob"]];
    assert_eq!(found, expect);
}

#[test]
fn mparticle_conversion_leaves_a_profile_to_whom_it_was_converted_first() {
    let found = persons(
        &rules(r#"{"shared_device":"first"}"#),
        &[
            &["anonymous_id:device"],
            &["user_id:1", "anonymous_id:device"],
            &["user_id:2", "anonymous_id:device"],
        ],
    );
    let expect = [vec!["anonymous_id:device", "user_id:1"], vec!["user_id:2"]];
    assert_eq!(found, expect);
}

#[test]
fn mparticle_link_makes_a_known_profile_beside_the_anonymous_one() {
    let linking = r#"{"namespaces":[
        {"name":"user_id","priority":100,"unique":true,"limit":1},
        {"name":"email","priority":90,"limit":5,"normalise":"email"},
        {"name":"anonymous_id","priority":10,"joins":false}]}"#;
    let found = persons(
        &rules(linking),
        &[
            &["anonymous_id:device"],
            &["user_id:1", "email:a@example.com", "anonymous_id:device"],
        ],
    );
    let expect = [
        vec!["anonymous_id:device"],
        vec!["email:a@example.com", "user_id:1"],
    ];
    assert_eq!(found, expect);
}

#[test]
fn strict_business_rules_join_one_address_to_one_holder() {
    let strict = r#"{"generic_after":3,"namespaces":[
        {"name":"user_id","priority":100,"unique":true,"limit":1},
        {"name":"email","priority":90,"unique":true,"limit":1,"normalise":"email"},
        {"name":"anonymous_id","priority":10}]}"#;
    let found = persons(
        &rules(strict),
        &[
            &["user_id:1", "email:a@firm.example"],
            &["user_id:1", "email:b@firm.example"],
            &["user_id:2", "email:b@firm.example"],
        ],
    );
    let expect = [
        vec!["email:a@firm.example", "user_id:1"],
        vec!["email:b@firm.example", "user_id:2"],
    ];
    assert_eq!(found, expect);
}
