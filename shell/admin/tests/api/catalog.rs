//! Catalog items.

use axum::http::{Method, StatusCode, header};

use crate::api::{AS_ADMIN, Api, column};

#[tokio::test]
async fn items_are_written_found_and_deleted() {
    let api = Api::start().await;
    let path = "/api/v1/catalog/items/boot%2F1";
    let body = r#"{"title":"Winter boot","price":"59.9","currency":"EUR","brand":"Nord"}"#;
    let written = api.put(path, &[], body).await;
    assert_eq!(written.status, StatusCode::OK, "{}", written.text);
    let etag = written.headers[header::ETAG].to_str().unwrap().to_owned();
    let item = api.read(path).await;
    assert_eq!(
        (&item["item_id"], &item["price"]),
        (&"boot/1".into(), &"59.90".into())
    );
    assert_eq!(
        (&item["url"], &item["available"]),
        (&None::<()>.into(), &true.into())
    );
    let found = api.read("/api/v1/catalog/items?q=wint%20nord").await;
    assert_eq!(column(&found, "item_id"), ["boot/1"]);
    assert_eq!(
        column(&api.read("/api/v1/catalog/items?q=shoe").await, "item_id"),
        [""; 0]
    );

    let lost = api.put(path, &[("if-match", "\"0\"")], body).await;
    assert_eq!(lost.problem(), "412 precondition-failed");
    assert_eq!(
        api.put(path, &[("if-match", &etag)], body).await.status,
        StatusCode::OK
    );
    let other = api.put(path, &[], r#"{"item_id":"other"}"#).await;
    assert_eq!(
        (other.problem().as_str(), other.fields()),
        ("422 invalid-body", vec!["item_id".into()])
    );
    assert_eq!(api.delete(path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(api.delete(path).await.problem(), "404 not-found");
    assert_eq!(api.get(path).await.problem(), "404 not-found");
}

#[tokio::test]
async fn a_batch_keeps_its_good_items() {
    let api = Api::start().await;
    let lines = "{\"item_id\":\"a\"}\n{\"item_id\":\"b\",\"price\":\"x\"}\nnonsense\n";
    let headers = [AS_ADMIN, ("content-type", "application/x-ndjson")];
    let mut request = axum::http::Request::post("/api/v1/catalog/items");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let answer = api.send(request.body(lines.into()).unwrap()).await.json();
    assert_eq!(
        (&answer["accepted"], &answer["rejected"][0]["field"]),
        (&1.into(), &"price".into())
    );
    assert_eq!(answer["rejected"][1]["index"], 2);

    let many: Vec<String> = (0..1_201)
        .map(|n| format!(r#"{{"item_id":"i{n:04}"}}"#))
        .collect();
    let answer = api
        .post("/api/v1/catalog/items", &format!("[{}]", many.join(",")))
        .await;
    assert_eq!(answer.json()["accepted"], 1_201);
    let job = api.read("/api/v1/jobs/1").await;
    assert_eq!(
        (&job["name"], &job["state"]),
        (&"1201 catalog items".into(), &"done".into())
    );
    assert_eq!(column(&api.read("/api/v1/jobs").await, "progress"), ["1.0"]);
    assert_eq!(api.read("/api/v1/overview").await["items_total"], 1_202);
    let first = api.read("/api/v1/catalog/items?limit=1000").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = api
        .read(&format!("/api/v1/catalog/items?limit=1000&cursor={cursor}"))
        .await;
    assert_eq!(
        column(&first, "item_id").len() + column(&rest, "item_id").len(),
        1_202
    );
    assert_eq!(
        column(&rest, "item_id").last().map(String::as_str),
        Some("i1200")
    );

    let too_many = "{}\n".repeat(10_001);
    let answer = api
        .call(
            Method::POST,
            "/api/v1/catalog/items",
            &[AS_ADMIN],
            Some(&too_many),
        )
        .await;
    assert_eq!(answer.problem(), "422 invalid-body");
}

#[tokio::test]
async fn attributes_have_the_type_the_catalog_says() {
    let api = Api::start().await;
    let shape = r#"{"name":"Catalog","spec":{"attributes":[{"name":"weight","type":"number"}]}}"#;
    api.put("/api/v1/definitions/catalog/default", &[], shape)
        .await;
    let wrong = r#"{"item_id":"a","attributes":{"weight":"heavy"}}"#;
    let wrong = api.put("/api/v1/catalog/items/a", &[], wrong).await;
    assert_eq!(wrong.fields(), ["attributes.weight"]);
    let right = r#"{"item_id":"a","attributes":{"weight":2.5,"anything":["else"]}}"#;
    let right = api.put("/api/v1/catalog/items/a", &[], right).await;
    assert_eq!(
        right.json()["attributes"]["anything"][0],
        "else",
        "{}",
        right.text
    );
}
