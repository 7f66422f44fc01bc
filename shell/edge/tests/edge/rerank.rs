//! `POST /v1/rerank`: the items that were named, each once, in one person's order; and mistakes.

use axum::http::StatusCode;
use kith_base::limits;
use serde_json::{Value, json};

use crate::harness::{Edge, KEY, request};

/// A shop with a search, by interest in what belongs together, and three items.
async fn shop() -> Edge {
    let edge = Edge::start().await;
    let recipe = r#"{"ingredients":[{"model":"again"}],"exclude_when":"item.price > 50"}"#;
    let strategies = r#"{"type":"items","strategies":[{"strategy":"popular-now"}]}"#;
    edge.define(&[
        ("recipe", "search", recipe),
        (
            "placement",
            "search_results",
            r#"{"type":"items","recipe":"search"}"#,
        ),
        ("placement", "popular", strategies),
    ])
    .await;
    edge.items(&[("boot", "90"), ("shoe", "20"), ("lace", "2")])
        .await;
    edge
}

async fn rerank(edge: &Edge, body: &Value) -> crate::harness::Answer {
    let path = format!("/v1/rerank?writeKey={KEY}");
    let headers = [("content-type", "text/plain")];
    edge.send(request("POST", &path, &headers, body.to_string()))
        .await
}

fn order(answer: &Value) -> Vec<&str> {
    let choices = answer["choices"].as_array().unwrap();
    choices
        .iter()
        .map(|choice| choice["id"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_search_comes_in_the_order_of_the_person() {
    let edge = shop().await;
    let body = json!({
        "placement": "search_results", "items": ["boot", "shoe", "lace", "?"],
        "identifiers": { "anonymous_id": "visitor-1" },
    });
    let answer = rerank(&edge, &body).await;
    assert_eq!(answer.status, StatusCode::OK);
    let json = answer.json();
    assert_eq!(json["person_id"], Value::Null);
    assert_eq!(order(&json), ["boot", "shoe", "lace", "?"]);
    assert_eq!(json["fallback"], true);
    let why = "Shown because nobody is known by these identifiers yet";
    assert_eq!(json["choices"][0]["reasons"], json!([why]));

    let bought = json!({
        "type": "track", "event": "Order Completed", "anonymousId": "visitor-1",
        "messageId": "m-9", "properties": { "product_id": "lace" },
    });
    let mut with = body.clone();
    with["event"] = bought;
    let json = rerank(&edge, &with).await.json();
    assert!(
        json["person_id"].is_string() && json["decision_id"].is_string(),
        "{json}"
    );
    assert_eq!(json["fallback"], false);
    assert_eq!(order(&json), ["lace", "shoe", "?", "boot"]);
    let why = json!(["Bought before", "Came 3rd of those found"]);
    assert_eq!(json["choices"][0]["reasons"], why);
    let last = json["choices"][3]["reasons"][0].as_str().unwrap();
    assert!(
        last.starts_with("Put last: the item's price is 90"),
        "{last}"
    );

    // Whoever refuses it is not looked at.
    let refused = json!({
        "type": "track", "event": "Consent Updated", "anonymousId": "visitor-1",
        "messageId": "m-10", "properties": { "categories": { "personalization": false } },
    });
    with["event"] = refused;
    let json = rerank(&edge, &with).await.json();
    assert_eq!(
        (&json["fallback"], order(&json)[0]),
        (&json!(true), "boot"),
        "{json}"
    );
}

#[tokio::test]
async fn mistakes_name_their_field() {
    let edge = shop().await;
    let check = async |body: Value, code: &str, field: &str| {
        let answer = rerank(&edge, &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        let json = answer.json();
        assert_eq!(
            (&json["code"], &json["field"]),
            (&json!(code), &json!(field)),
            "{json}"
        );
    };
    let call = |items: Value| json!({ "placement": "search_results", "items": items });
    let of = |placement: Value| json!({ "placement": placement, "items": ["boot"] });
    check(
        json!({ "items": ["boot"] }),
        "invalid-placement",
        "placement",
    )
    .await;
    check(
        of(json!(["search_results"])),
        "invalid-placement",
        "placement",
    )
    .await;
    check(of(json!("nowhere")), "unknown-placement", "placement").await;
    check(of(json!("home_hero")), "invalid-placement", "placement").await;
    check(of(json!("popular")), "invalid-placement", "placement").await;
    check(call(json!(null)), "invalid-items", "items").await;
    check(call(json!("boot")), "invalid-items", "items").await;
    check(call(json!([])), "invalid-items", "items").await;
    check(call(json!(["boot", ""])), "invalid-item", "items[1]").await;
    check(
        call(json!(["boot", {"id": "shoe"}])),
        "invalid-item",
        "items[1]",
    )
    .await;
    check(call(json!(["boot", 7, "7"])), "duplicate-item", "items[2]").await;
    let long = |bytes: usize| call(json!(["x".repeat(bytes)]));
    check(
        long(limits::LEARN_ID_MAX_BYTES + 1),
        "invalid-item",
        "items[0]",
    )
    .await;
    let many = |count: usize| call((0..count).map(|n| n.to_string()).collect());
    check(
        many(limits::RERANK_ITEMS_MAX + 1),
        "too-many-items",
        "items",
    )
    .await;

    let json = rerank(&edge, &many(limits::RERANK_ITEMS_MAX)).await.json();
    assert_eq!(order(&json).len(), limits::RERANK_ITEMS_MAX);
    let json = rerank(&edge, &long(limits::LEARN_ID_MAX_BYTES))
        .await
        .json();
    assert_eq!(order(&json).len(), 1);
}
