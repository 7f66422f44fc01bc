//! Cookies set by the server.

use axum::http::StatusCode;

use crate::harness::{Edge, KEY, options, request};

#[tokio::test]
async fn the_visitors_id_moves_into_a_cookie() {
    let edge = Edge::start().await;
    let path = format!("/v1/visitor?writeKey={KEY}");
    let first = edge
        .send(request(
            "POST",
            &path,
            &[],
            r#"{"anonymous_id":"visitor-1"}"#,
        ))
        .await;
    assert_eq!(
        first.json(),
        serde_json::json!({"anonymous_id": "visitor-1"})
    );
    assert_eq!(
        first.header("set-cookie"),
        "kith_id=visitor-1; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax"
    );
    let cookie = [("cookie", "a=b; kith_id=visitor-0; c=d")];
    let known = edge
        .send(request(
            "POST",
            &path,
            &cookie,
            r#"{"anonymous_id":"visitor-1"}"#,
        ))
        .await;
    assert_eq!(known.json()["anonymous_id"], "visitor-0");
    let spoiled = [("cookie", "kith_id=<script>")];
    let fresh = edge
        .send(request(
            "POST",
            &path,
            &spoiled,
            r#"{"anonymous_id":"visitor-1"}"#,
        ))
        .await;
    assert_eq!(fresh.json()["anonymous_id"], "visitor-1");
    let reset = edge
        .send(request("POST", &path, &cookie, r#"{"reset":true}"#))
        .await;
    assert_eq!(reset.json()["anonymous_id"], serde_json::Value::Null);
    assert!(
        reset
            .header("set-cookie")
            .starts_with("kith_id=; Path=/; Max-Age=0;")
    );
    for body in [
        "{}",
        r#"{"anonymous_id":"short"}"#,
        r#"{"anonymous_id":"a;b=c; Domain=x"}"#,
    ] {
        let answer = edge.send(request("POST", &path, &[], body)).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::BAD_REQUEST, "invalid-id")
        );
    }
    let keyless = edge.send(request("POST", "/v1/visitor", &[], "{}")).await;
    assert_eq!(keyless.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn over_https_the_cookie_is_secure() {
    let mut public = options();
    public.public_url = Some("https://events.example".to_owned());
    let edge = Edge::with_options(public).await;
    let path = format!("/v1/visitor?writeKey={KEY}");
    let answer = edge
        .send(request(
            "POST",
            &path,
            &[],
            r#"{"anonymous_id":"visitor-1"}"#,
        ))
        .await;
    assert!(answer.header("set-cookie").ends_with("; Secure"));
}

#[tokio::test]
async fn rudder_asks_for_its_own_cookies_only() {
    let edge = Edge::start().await;
    let body = r#"{"reqType":"setCookies","workspaceId":"kith","data":{
        "options":{"maxage":31536000000,"domain":"shop.example","samesite":"Lax"},
        "cookies":[{"name":"rl_anonymous_id","value":"RS_ENC_v3_abc"},
            {"name":"rl_trait","value":""},
            {"name":"kith_session","value":"x"},{"name":"rl_x","value":"a; Path=/evil"}]}}"#;
    let answer = edge.send(request("POST", "/rsaRequest", &[], body)).await;
    assert_eq!(answer.status, StatusCode::OK);
    let cookies: Vec<&str> = answer
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|line| line.to_str().unwrap())
        .collect();
    assert_eq!(
        cookies,
        [
            "rl_anonymous_id=RS_ENC_v3_abc; Path=/; Max-Age=31536000; Domain=shop.example; \
             SameSite=Lax",
            "rl_trait=; Path=/; Max-Age=0; Domain=shop.example; SameSite=Lax",
        ]
    );
    let broken = edge.send(request("POST", "/rsaRequest", &[], "x")).await;
    assert_eq!(broken.status, StatusCode::BAD_REQUEST);
}
