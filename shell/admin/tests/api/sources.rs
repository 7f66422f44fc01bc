//! Write keys.

use axum::http::StatusCode;

use crate::api::Api;

#[tokio::test]
async fn a_write_key_opens_its_source_until_it_is_revoked() {
    let api = Api::start().await;
    let made = api.post("/api/v1/sources/shop/keys", "").await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let made = made.json();
    let (key, prefix) = (
        made["write_key"].as_str().unwrap(),
        made["prefix"].as_str().unwrap(),
    );
    assert!(key.len() == 25 && key.starts_with('c') && key.starts_with(prefix));
    let source = |key: &str| {
        api.handle
            .project()
            .source_of_key(key)
            .map(|live| live.id.clone())
    };
    assert_eq!(source(key), Some("shop".to_owned()));

    let path = "/api/v1/definitions/source/shop";
    let found = api.read(path).await;
    assert_eq!(found["spec"]["keys"][0]["prefix"], prefix);
    assert!(!found.to_string().contains(key));
    let etag = format!("\"{}\"", found["revision"]);
    let body = r#"{"name":"Shop","spec":{"type":"web","keys":[{"prefix":"cevil"}]}}"#;
    let changed = api.put(path, &[("if-match", &etag)], body).await;
    assert_eq!(
        changed.json()["spec"]["keys"],
        found["spec"]["keys"],
        "{}",
        changed.text
    );
    assert_eq!(
        source(key),
        Some("shop".to_owned()),
        "a change of the source keeps its keys"
    );

    let key_path = format!("/api/v1/sources/shop/keys/{prefix}");
    assert_eq!(api.delete(&key_path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(source(key), None);
    assert_eq!(api.delete(&key_path).await.problem(), "404 not-found");
    assert_eq!(
        api.post("/api/v1/sources/none/keys", "").await.problem(),
        "404 not-found"
    );
}
