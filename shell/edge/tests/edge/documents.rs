//! What clients load first.

use axum::http::StatusCode;

use crate::harness::{Edge, KEY, basic, options};

#[tokio::test]
async fn segment_settings() {
    let edge = Edge::start().await;
    let path = format!("/v1/projects/{KEY}/settings");
    let answer = edge.get(&path, &[("origin", "https://a.example")]).await;
    assert_eq!(answer.status, StatusCode::OK);
    let json = answer.json();
    let integration = &json["integrations"]["Segment.io"];
    assert_eq!(json["integrations"].as_object().unwrap().len(), 1);
    assert_eq!(integration["apiKey"], KEY);
    assert_eq!(integration["apiHost"], "kith.example/v1");
    assert_eq!(integration["protocol"], "http");
    assert_eq!(json["metrics"]["sampleRate"], 0);
    assert_eq!(json["plan"]["track"]["__default"]["enabled"], true);
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "https://a.example"
    );
    let etag = answer.header("etag").to_owned();
    let again = edge.get(&path, &[("if-none-match", &etag)]).await;
    assert_eq!(
        (again.status, again.body.len()),
        (StatusCode::NOT_MODIFIED, 0)
    );
    let prefixed = edge
        .get(&format!("/kith/v1/projects/{KEY}/settings"), &[])
        .await
        .json();
    assert_eq!(
        prefixed["integrations"]["Segment.io"]["apiHost"],
        "kith.example/kith/v1"
    );
    let doubled = edge
        .get(&format!("/v1/projects/projects/{KEY}/settings"), &[])
        .await;
    assert_eq!(doubled.status, StatusCode::OK);
    let unknown = edge.get("/v1/projects/nobody/settings", &[]).await;
    assert_eq!(
        (unknown.status, unknown.code().as_str()),
        (StatusCode::NOT_FOUND, "unknown-write-key")
    );
}

#[tokio::test]
async fn the_address_behind_a_proxy() {
    let mut behind = options();
    behind.proxy_hops = 1;
    let edge = Edge::with_options(behind).await;
    let path = format!("/v1/projects/{KEY}/settings");
    let forwarded = [
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "shop.example"),
    ];
    let json = edge.get(&path, &forwarded).await.json();
    let integration = &json["integrations"]["Segment.io"];
    assert_eq!(integration["apiHost"], "shop.example/v1");
    assert_eq!(integration["protocol"], "https");
    let evil = [("x-forwarded-host", "evil\"><script>")];
    let json = edge.get(&path, &evil).await.json();
    assert_eq!(
        json["integrations"]["Segment.io"]["apiHost"],
        "localhost/v1"
    );

    let mut public = options();
    public.public_url = Some("https://events.example/in/".to_owned());
    let edge = Edge::with_options(public).await;
    let json = edge.get(&path, &forwarded).await.json();
    assert_eq!(
        json["integrations"]["Segment.io"]["apiHost"],
        "events.example/in/v1"
    );
}

#[tokio::test]
async fn rudder_config() {
    let edge = Edge::start().await;
    let query = format!("p=npm&v=3.34.1&build=modern&writeKey={KEY}&lockIntegrationsVersion=true");
    for path in [
        format!("/sourceConfig/?{query}"),
        format!("/x/sourceConfig?{query}"),
    ] {
        let json = edge.get(&path, &[]).await.json();
        assert_eq!(json["source"]["id"], "shop");
        assert_eq!(json["source"]["writeKey"], KEY);
        assert_eq!(json["source"]["enabled"], true);
        assert!(json["source"]["config"].is_object());
        assert_eq!(
            json["source"]["destinations"].as_array().map(Vec::len),
            Some(0)
        );
    }
    let by_header = edge
        .get("/sourceConfig", &[("authorization", &basic(KEY))])
        .await;
    assert_eq!(by_header.json()["source"]["writeKey"], KEY);
    assert_eq!(
        edge.get("/sourceConfig", &[]).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn the_tag_is_one_file_with_its_configuration() {
    let edge = Edge::start().await;
    let alone = edge.get("/kith.js", &[]).await;
    let whole = edge.get(&format!("/kith/tag/{KEY}.js"), &[]).await;
    let unknown = edge.get("/tag/nobody.js", &[]).await;
    assert_eq!(
        (unknown.status, unknown.code().as_str()),
        (StatusCode::NOT_FOUND, "unknown-write-key")
    );
    if alone.status == StatusCode::NOT_FOUND {
        assert_eq!(
            alone.code(),
            "tag-not-built",
            "a build without the tag says what to do"
        );
        assert_eq!(whole.code(), "tag-not-built");
        return;
    }
    assert_eq!(alone.header("access-control-allow-origin"), "*");
    assert_eq!(whole.header("cross-origin-resource-policy"), "cross-origin");
    let caching = "public, max-age=300, stale-while-revalidate=86400";
    assert_eq!(whole.header("cache-control"), caching);
    let text = String::from_utf8(whole.body.clone()).unwrap();
    assert!(whole.body.starts_with(&alone.body));
    let config = text.rsplit_once("\nkith.start(").unwrap().1;
    let config = config.strip_suffix(");\n").unwrap();
    let config: serde_json::Value = serde_json::from_str(config).unwrap();
    assert_eq!(config["write_key"], KEY);
    assert_eq!(config["host"], "http://kith.example/kith");
    assert_eq!(config["version"], 1);
    assert_eq!(config["page_views"], true);
    let etag = whole.header("etag").to_owned();
    let again = edge
        .get(&format!("/kith/tag/{KEY}.js"), &[("if-none-match", &etag)])
        .await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn scripts_of_other_vendors_are_not_here() {
    let edge = Edge::start().await;
    for path in [
        "/analytics.js/v1/K/analytics.min.js",
        "/analytics-next/bundles/a.js",
        "/next-integrations/integrations/x/1.js",
        "/p.js",
        "/v3/modern/plugins/rsa-plugins.js",
    ] {
        let answer = edge.get(path, &[]).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::NOT_FOUND, "script-not-hosted")
        );
    }
}
