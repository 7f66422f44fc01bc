//! `POST /v1/decide`: shape, validation, and an event that the decision sees.

use axum::http::StatusCode;

use crate::harness::{Edge, KEY, NOW, SECRET_KEY, request, track};

async fn decide(edge: &Edge, body: &str) -> crate::harness::Answer {
    let path = format!("/v1/decide?writeKey={KEY}");
    edge.send(request(
        "POST",
        &path,
        &[("content-type", "text/plain")],
        body.to_owned(),
    ))
    .await
}

#[tokio::test]
async fn an_event_is_seen_by_its_own_decision() {
    let edge = Edge::start().await;
    let who = r#""identifiers":{"anonymous_id":"visitor-1"}"#;
    let before = decide(&edge, &format!(r#"{{"placements":["home_hero"],{who}}}"#)).await;
    assert_eq!(before.status, StatusCode::OK);
    let json = before.json();
    assert_eq!(json["person_id"], serde_json::Value::Null);
    assert_eq!(json["decided_at"], NOW);
    assert_eq!(json["decisions"][0]["fallback"], true);
    assert_eq!(json["decisions"][0]["choices"][0]["content"]["title"], "Hi");

    let event = track("m-1");
    let body = format!(r#"{{"placements":["home_hero","nowhere"],{who},"event":{event}}}"#);
    let json = decide(&edge, &body).await.json();
    let hero = &json["decisions"][0];
    assert!(json["person_id"].is_string());
    assert_eq!(
        (&hero["placement"], &hero["fallback"]),
        (&"home_hero".into(), &false.into())
    );
    assert_eq!(hero["choices"][0]["id"], "boots");
    assert_eq!(hero["choices"][0]["kind"], "offer");
    assert!(hero["decision_id"].is_string() && hero["experiments"].is_array());
    assert!(hero["choices"][0]["reasons"][0].is_string());
    assert_eq!(json["decisions"][1]["placement"], "nowhere");
    assert_eq!(json["decisions"][1]["error"]["code"], "unknown-placement");
    assert_eq!(edge.events().len(), 1);
}

#[tokio::test]
async fn the_identifiers_of_the_event_suffice() {
    let edge = Edge::start().await;
    let body = format!(r#"{{"placements":["home_hero"],"event":{}}}"#, track("m-1"));
    assert_eq!(
        decide(&edge, &body).await.json()["decisions"][0]["choices"][0]["id"],
        "boots"
    );
}

#[tokio::test]
async fn mistakes_name_their_field() {
    let edge = Edge::start().await;
    let check = async |body: &str, code: &str, field: &str| {
        let answer = decide(&edge, body).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::BAD_REQUEST, code),
            "{body}"
        );
        assert_eq!(answer.json()["field"].as_str().unwrap_or_default(), field);
    };
    check("", "invalid-json", "").await;
    check("[]", "invalid-placements", "placements").await;
    check("{}", "invalid-placements", "placements").await;
    check(r#"{"placements":[]}"#, "invalid-placements", "placements").await;
    check(r#"{"placements":[1]}"#, "invalid-placements", "placements").await;
    let many = format!(r#"{{"placements":["a"{}]}}"#, r#","a""#.repeat(50));
    check(&many, "too-many-placements", "placements").await;
    let with = |member: &str| format!(r#"{{"placements":["a"],{member}}}"#);
    check(
        &with(r#""identifiers":[]"#),
        "invalid-identifiers",
        "identifiers",
    )
    .await;
    check(
        &with(r#""identifiers":{"a":{}}"#),
        "invalid-identifiers",
        "identifiers",
    )
    .await;
    check(&with(r#""context":7"#), "invalid-context", "context").await;
    let deep = format!(r#""context":{}1{}"#, "[".repeat(9_000), "]".repeat(9_000));
    check(&with(&deep), "invalid-context", "context").await;
    check(
        &with(r#""event":{"type":"track","event":"x"}"#),
        "no-identifier",
        "event.userId",
    )
    .await;
    check(
        &with(r#""event":{"type":"odd","userId":"u"}"#),
        "unknown-type",
        "event.type",
    )
    .await;
    check(
        &with(r#""context":{"cart":{"total":1e999}}"#),
        "invalid-context",
        "context.cart.total",
    )
    .await;
}

#[tokio::test]
async fn only_secret_keys_ask_about_other_moments_and_losers() {
    let edge = Edge::start().await;
    let body = r#"{"placements":["home_hero"],"now":"2026-12-01T00:00:00Z","explain":true,
        "identifiers":{"user_id":null,"anonymous_id":"visitor-1"}}"#;
    let refused = decide(&edge, body).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (StatusCode::FORBIDDEN, "secret-key-needed")
    );
    let bearer = format!("Bearer {SECRET_KEY}");
    let headers = [("authorization", bearer.as_str())];
    let answer = edge
        .send(request("POST", "/v1/decide", &headers, body))
        .await
        .json();
    assert_eq!(answer["decided_at"], "2026-12-01T00:00:00.000Z");
    assert!(answer["decisions"][0]["losers"].is_array());
    let without = edge.send(request("POST", "/v1/decide", &[], body)).await;
    assert_eq!(without.status, StatusCode::UNAUTHORIZED);
}
