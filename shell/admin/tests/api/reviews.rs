//! Links that are probable only: who they count for, what hinders them, what operators decide.

use axum::http::StatusCode;
use kith_event::{Basis, Event, Identifier, ProbableLink, ProbableLinks, Record};
use serde_json::{Value, json};

use crate::api::{Api, column};

async fn person(api: &Api, identifier: &str, policy: &str) -> Value {
    let found = api
        .read(&format!("/api/v1/persons?identifier={identifier}"))
        .await;
    let id = column(&found, "person_id")[0].clone();
    api.read(&format!("/api/v1/persons/{id}?policy={policy}"))
        .await
}

async fn consent(api: &Api, message: &str, who: &str, granted: bool) {
    api.wait_minutes(1);
    let now = api.now();
    let properties = json!({"categories": {"linking": granted}});
    let event = Event {
        occurred_at: now,
        received_at: now,
        properties: kith_base::Json::from_serialize(&properties).unwrap(),
        ..api.event(message, "Consent Updated", &[who])
    };
    api.append(vec![Record::Event(event)]).await;
}

async fn link(api: &Api, pairs: &[(&str, &str, u16)]) {
    let links = pairs.iter().map(|(a, b, confidence)| ProbableLink {
        a: Identifier::parse(a).unwrap(),
        b: Identifier::parse(b).unwrap(),
        basis: Basis::Records,
        confidence: *confidence,
        reasons: vec![("surname: same".to_owned(), 7.5)],
    });
    let found = ProbableLinks {
        at: api.now(),
        links: links.collect(),
        gone: Vec::new(),
    };
    api.append(vec![Record::Probable(found)]).await;
}

const WHO: [&str; 4] = [
    "email:ada@x.example",
    "email:a.b@y.example",
    "user_id:1",
    "user_id:2",
];

/// Four who consented but the last, and rules under which probable links count.
async fn shop() -> Api {
    let api = Api::start().await;
    let rules = json!({"name": "Rules", "spec": {"probabilistic": {"records": true}}});
    let path = "identity/default";
    let written = crate::audiences::put(&api, path, &rules.to_string()).await;
    assert!(written.status.is_success(), "{}", written.text);
    for (number, who) in WHO.iter().enumerate() {
        let viewed = api.event(&format!("v{number}"), "Product Viewed", &[who]);
        api.append(vec![Record::Event(viewed)]).await;
        if number < 3 {
            consent(&api, &format!("c{number}"), who, true).await;
        }
    }
    api
}

#[tokio::test]
async fn a_probable_link_counts_by_policy_and_while_both_consent() {
    let api = shop().await;
    link(&api, &[(WHO[0], WHO[1], 870), (WHO[1], WHO[3], 990)]).await;
    for (policy, events) in [("exact", 2), ("strict", 2), ("loose", 4)] {
        for who in &WHO[..2] {
            let found = person(&api, who, policy).await;
            assert_eq!(found["event_count"], events, "{who} {policy}");
            let linked = found["linked_person_ids"].as_array().unwrap();
            assert_eq!(linked.len(), usize::from(events == 4), "{who} {policy}");
        }
    }
    let one = person(&api, WHO[1], "exact").await;
    let path = format!(
        "/api/v1/persons/{}/probable-links",
        one["person_id"].as_str().unwrap()
    );
    let links = api.read(&path).await;
    let links = links.as_array().unwrap();
    assert_eq!(links.len(), 1, "user_id:2 never consented: {links:?}");
    assert_eq!(links[0]["confidence"], 0.87);
    assert_eq!(links[0]["policy"], "loose");
    assert_eq!(links[0]["reasons"][0]["about"], "surname: same");

    consent(&api, "c9", WHO[0], false).await;
    assert_eq!(person(&api, WHO[1], "loose").await["event_count"], 2);
    assert_eq!(api.read(&path).await, json!([]), "the link is gone at once");
    consent(&api, "c10", WHO[0], true).await;
    assert_eq!(
        api.read(&path).await,
        json!([]),
        "and does not come back by itself"
    );
    let problem = api.get("/api/v1/persons/x?policy=bold").await;
    assert_eq!(problem.status, StatusCode::BAD_REQUEST, "{}", problem.text);
}

#[tokio::test]
async fn operators_decide_about_the_grey_zone_and_their_word_stays() {
    let api = shop().await;
    link(
        &api,
        &[
            (WHO[0], WHO[1], 870),
            (WHO[0], WHO[2], 700),
            (WHO[1], WHO[2], 300),
        ],
    )
    .await;
    let waiting = api.read("/api/v1/identity/reviews").await;
    let items = waiting["items"].as_array().unwrap();
    assert_eq!(items.len(), 2, "{waiting}");
    let edge = |at: usize| items[at]["edge_id"].as_str().unwrap().to_owned();
    let review = async |edge: &str, body: Value| {
        let path = format!("/api/v1/identity/reviews/{edge}");
        api.post(&path, &body.to_string()).await
    };
    let tried = review(&edge(0), json!({"same": true, "preview": true})).await;
    assert_eq!(tried.status, StatusCode::OK, "{}", tried.text);
    assert_eq!(tried.json()["after"].as_array().unwrap().len(), 1);
    assert_eq!(api.read("/api/v1/identity/reviews").await, waiting);

    let two = review(&edge(1), json!({"same": false, "reason": "father and son"})).await;
    assert_eq!(two.status, StatusCode::OK, "{}", two.text);
    let one = review(&edge(0), json!({"same": true})).await;
    assert_eq!(one.json()["after"].as_array().unwrap().len(), 1);
    assert_eq!(
        api.read("/api/v1/identity/reviews").await["items"],
        json!([])
    );
    assert_eq!(person(&api, WHO[1], "exact").await["event_count"], 4);
    // However probable it becomes.
    link(&api, &[(WHO[0], WHO[2], 999)]).await;
    assert_eq!(person(&api, WHO[2], "loose").await["event_count"], 2);

    let quality = api.read("/api/v1/identity/quality").await;
    let agreement = quality["agreement"].as_array().unwrap();
    let said: Vec<[&Value; 3]> = agreement
        .iter()
        .map(|row| ["from_confidence", "same", "different"].map(|name| &row[name]))
        .collect();
    assert_eq!(
        serde_json::to_value(said).unwrap(),
        json!([[0.8, 1, 0], [0.9, 0, 1]])
    );
    let missing = review("nothing", json!({"same": true})).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn two_customer_numbers_wait_for_an_operator_however_probable() {
    let api = shop().await;
    consent(&api, "c4", WHO[3], true).await;
    link(&api, &[(WHO[2], WHO[3], 999)]).await;
    assert_eq!(
        person(&api, WHO[2], "loose").await["linked_person_ids"],
        json!([])
    );
    let waiting = api.read("/api/v1/identity/reviews").await;
    let items = waiting["items"].as_array().unwrap();
    assert_eq!(items.len(), 1);
    assert_eq!(items[0]["policy"], Value::Null);
    let hindrance = items[0]["hindrance"].as_str().unwrap();
    assert!(hindrance.contains("nobody has two"), "{hindrance}");
}
