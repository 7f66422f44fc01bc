//! Requests as each client sends them: path, headers, key and encoding.

use std::io::Write;

use axum::body::Body;
use axum::http::StatusCode;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::harness::{COLON_KEY, Edge, KEY, basic, request, track};

pub fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// Sends, expects the one success answer, and the event of this id in the log.
async fn check(edge: &Edge, path: &str, headers: &[(&str, &str)], body: impl Into<Body>, id: &str) {
    let answer = edge.send(request("POST", path, headers, body)).await;
    assert_eq!(
        answer.status,
        StatusCode::OK,
        "{path} {}",
        String::from_utf8_lossy(&answer.body)
    );
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.body, br#"{"success":true,"ok":true}"#);
    let events = edge.events();
    let stored = events.iter().filter(|event| event.message_id == id).count();
    assert_eq!(stored, 1, "{path}");
}

fn batch(id: &str, rest: &str) -> String {
    format!(r#"{{"batch":[{}]{rest}}}"#, track(id))
}

#[tokio::test]
async fn servers() {
    let edge = Edge::start().await;
    let basic = basic(KEY);
    let key = format!(r#","writeKey":"{KEY}","sentAt":"2026-11-21T08:00:00Z""#);
    let json = [
        ("content-type", "application/json"),
        ("authorization", basic.as_str()),
    ];
    check(&edge, "/v1/batch", &json, batch("node", &key), "node").await;
    check(&edge, "/v1/import", &json, batch("ruby", ""), "ruby").await;
    let form = ("content-type", "application/x-www-form-urlencoded");
    let auth = ("authorization", basic.as_str());
    check(
        &edge,
        "/v1/batch",
        &[form, auth],
        gzip(&batch("rudder-node", "")),
        "rudder-node",
    )
    .await;
    let encoded = ("content-encoding", "gzip");
    check(
        &edge,
        "/v1/batch",
        &[encoded, auth],
        gzip(&batch("python", "")),
        "python",
    )
    .await;
    check(
        &edge,
        "/v1/batch",
        &[encoded, auth],
        batch("proxied", ""),
        "proxied",
    )
    .await;
    let old_python = [("content-type", "application/json")];
    check(
        &edge,
        "/v1/batch",
        &old_python,
        batch("python-2.3", &key),
        "python-2.3",
    )
    .await;
    let kotlin = [("content-type", "text/plain")];
    check(
        &edge,
        "/v1/b",
        &kotlin,
        gzip(&batch("kotlin", &key)),
        "kotlin",
    )
    .await;
    let in_event =
        track("in-event").replace("{\"type\"", &format!("{{\"writeKey\":\"{KEY}\",\"type\""));
    check(
        &edge,
        "/v1/batch",
        &[],
        format!(r#"{{"batch":[{in_event}]}}"#),
        "in-event",
    )
    .await;
}

#[tokio::test]
async fn browsers() {
    let edge = Edge::start().await;
    let basic = basic(KEY);
    let text = [
        ("content-type", "text/plain"),
        ("authorization", basic.as_str()),
    ];
    check(&edge, "/v1/t", &text, track("next"), "next").await;
    check(&edge, "/v1/b", &text, batch("next-batch", ""), "next-batch").await;
    let xhr = [
        ("content-type", "application/json;charset=UTF-8"),
        ("authorization", basic.as_str()),
        ("anonymousid", "dmlzaXRvci0x"),
        ("sentat", "2026-11-21T08:00:00.000Z"),
    ];
    check(&edge, "/v1/track", &xhr, track("rudder"), "rudder").await;
    let beacon = format!("/beacon/v1/batch?writeKey={KEY}");
    let plain = [("content-type", "text/plain")];
    check(&edge, &beacon, &plain, batch("beacon", ""), "beacon").await;
    let ours = format!("/v1/batch?writeKey={KEY}");
    check(&edge, &ours, &plain, batch("kith", ""), "kith").await;
}

#[tokio::test]
async fn jitsu() {
    let edge = Edge::start().await;
    let masked = track("jitsu").replace("{\"type\"", "{\"writeKey\":\"id:***\",\"type\"");
    let headers = [
        ("content-type", "application/json"),
        ("x-write-key", COLON_KEY),
    ];
    check(&edge, "/api/s/track", &headers, masked.clone(), "jitsu").await;
    let s2s = track("jitsu-s2s");
    check(&edge, "/api/s/s2s/track", &headers, s2s, "jitsu-s2s").await;
    check(
        &edge,
        "/api/s/s2s/batch",
        &headers,
        batch("jitsu-batch", ""),
        "jitsu-batch",
    )
    .await;
    let colon = basic(COLON_KEY);
    let authorization = [("authorization", colon.as_str())];
    check(
        &edge,
        "/v1/batch",
        &authorization,
        batch("colon", ""),
        "colon",
    )
    .await;
    let answer = edge
        .send(request("POST", "/api/s/track", &[], masked))
        .await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::UNAUTHORIZED, "missing-write-key")
    );
}

#[tokio::test]
async fn any_prefix_any_slash_no_version() {
    let edge = Edge::start().await;
    for path in [
        "/batch",
        "/b",
        "//v1//batch/",
        "/data/plane/v1/batch",
        "/v1/batch/",
        "/x/b/",
    ] {
        let basic = basic(KEY);
        check(
            &edge,
            path,
            &[("authorization", basic.as_str())],
            batch(path, ""),
            path,
        )
        .await;
    }
}

#[tokio::test]
async fn keys_are_tried_in_order() {
    let edge = Edge::start().await;
    let body = || batch("m", &format!(r#","writeKey":"{KEY}""#));
    let oauth = [("authorization", "Bearer token-of-another-system")];
    check(&edge, "/v1/batch", &oauth, body(), "m").await;
    let answer = edge
        .send(request("POST", "/v1/batch", &oauth, batch("n", "")))
        .await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::UNAUTHORIZED, "unknown-write-key")
    );
    assert_eq!(answer.json()["success"], false);
    let answer = edge
        .send(request("POST", "/v1/batch", &[], batch("n", "")))
        .await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::UNAUTHORIZED, "missing-write-key")
    );
    assert_eq!(edge.events().len(), 1);
}

#[tokio::test]
async fn statistics_of_clients_are_taken_and_dropped() {
    let edge = Edge::start().await;
    let answer = edge
        .send(request("POST", "/v1/m", &[], r#"{"series":[]}"#))
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["success"], true);
    assert!(edge.events().is_empty() && edge.refused().is_empty());
}

#[tokio::test]
async fn unknown_paths_and_methods() {
    let edge = Edge::start().await;
    assert_eq!(
        edge.get("/nothing", &[]).await.status,
        StatusCode::NOT_FOUND
    );
    let answer = edge.get("/v1/batch", &[]).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.header("allow"), "POST, OPTIONS");
    assert_eq!(edge.get("/health", &[]).await.json()["status"], "ok");
    assert_eq!(edge.get("/ready", &[]).await.json()["status"], "ready");
}
