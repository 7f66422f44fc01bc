//! What browsers ask before and after they send.

use axum::body::Body;
use axum::http::StatusCode;

use crate::harness::{Edge, KEY, ORIGIN, STRICT_KEY, request, track};

const ELSEWHERE: &str = "https://elsewhere.example";

#[tokio::test]
async fn preflights_need_no_key_and_name_the_retry_headers() {
    let edge = Edge::start().await;
    for path in [
        "/v1/t",
        "/v1/batch",
        "/api/s/track",
        "/sourceConfig/",
        "/v1/projects/K/settings",
    ] {
        let headers = [
            ("origin", ELSEWHERE),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "authorization,X-Funky"),
        ];
        let answer = edge
            .send(request("OPTIONS", path, &headers, Body::empty()))
            .await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
        assert_eq!(answer.header("access-control-allow-origin"), ELSEWHERE);
        assert_eq!(
            answer.header("access-control-allow-methods"),
            "GET, POST, OPTIONS"
        );
        assert_eq!(answer.header("access-control-max-age"), "7200");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        assert!(answer.header("vary").contains("Origin"));
        let allowed = answer.header("access-control-allow-headers");
        for name in [
            "authorization",
            "content-type",
            "x-write-key",
            "anonymousid",
            "sentat",
            "x-retry-count",
            "rsa-retry-attempt",
            "rsa-retry-reason",
            "rsa-since-last-attempt",
            "rsa-since-first-attempt",
            "rsa-recovered",
            "x-enable-debug",
            "x-ip-policy",
            "x-funky",
        ] {
            assert!(
                allowed.split(", ").any(|listed| listed == name),
                "{name} in {allowed}"
            );
        }
    }
}

#[tokio::test]
async fn credentials_only_for_listed_origins() {
    let edge = Edge::start().await;
    let check = async |origin: &str, expect: &str| {
        let path = format!("/v1/t?writeKey={KEY}");
        let headers = [("origin", origin), ("content-type", "text/plain")];
        let answer = edge
            .send(request("POST", &path, &headers, track("m")))
            .await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("access-control-allow-origin"), origin);
        assert_eq!(answer.header("access-control-allow-credentials"), expect);
        assert_eq!(answer.header("vary"), "Origin");
    };
    check(ELSEWHERE, "").await;
    check(ORIGIN, "true").await;
    let failed = edge
        .send(request("POST", "/v1/t", &[("origin", ELSEWHERE)], "x"))
        .await;
    assert_eq!(
        failed.header("access-control-allow-origin"),
        ELSEWHERE,
        "errors are readable too"
    );
}

#[tokio::test]
async fn decisions_and_ids_are_for_listed_origins() {
    let edge = Edge::start().await;
    for (path, body) in [
        ("visitor", r#"{"anonymous_id":"visitor-1"}"#),
        ("decide", r#"{"placements":["home_hero"]}"#),
    ] {
        let path = format!("/v1/{path}?writeKey={STRICT_KEY}");
        let answer = edge
            .send(request("POST", &path, &[("origin", ELSEWHERE)], body))
            .await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::FORBIDDEN, "origin-not-listed")
        );
        let answer = edge
            .send(request("POST", &path, &[("origin", ORIGIN)], body))
            .await;
        assert_eq!(answer.status, StatusCode::OK);
        let server = edge.send(request("POST", &path, &[], body)).await;
        assert_eq!(server.status, StatusCode::OK, "servers send no origin");
    }
}
