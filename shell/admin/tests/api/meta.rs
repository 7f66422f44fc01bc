//! The API's description, error pages, metrics, the console, and routes that do not exist.

use axum::http::{Method, StatusCode, header};
use kith_admin::problem;

use crate::api::Api;

#[tokio::test]
async fn every_described_route_exists_and_is_guarded() {
    let api = Api::start().await;
    let description = api
        .call(Method::GET, "/openapi.json", &[], None)
        .await
        .json();
    assert_eq!(description["openapi"], "3.1.0");
    let paths = description["paths"].as_object().unwrap();
    for (path, operations) in paths {
        let real = path.replace(['{', '}'], "");
        for (method, operation) in operations.as_object().unwrap() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let answer = api.call(method.clone(), &real, &[], None).await;
            let open = operation.get("security").is_some();
            let guarded = answer.status == StatusCode::UNAUTHORIZED;
            assert!(guarded || open, "{method} {path}: {}", answer.status);
            assert_ne!(answer.status, StatusCode::NOT_FOUND, "{method} {path}");
            assert_ne!(
                answer.status,
                StatusCode::METHOD_NOT_ALLOWED,
                "{method} {path}"
            );
        }
    }
}

#[tokio::test]
async fn every_error_code_has_a_page() {
    let api = Api::start().await;
    for code in problem::ALL {
        let page = api
            .call(Method::GET, &format!("/errors/{}", code.name), &[], None)
            .await;
        assert!(page.text.contains(code.title), "{}", code.name);
        let kebab = code
            .name
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_lowercase());
        assert!(kebab, "{}", code.name);
    }
    let none = api.call(Method::GET, "/errors/none", &[], None).await;
    assert_eq!(none.problem(), "404 not-found");
}

#[tokio::test]
async fn what_does_not_exist_is_a_problem() {
    let api = Api::start().await;
    assert_eq!(api.get("/api/v1/nothing").await.problem(), "404 not-found");
    let wrong = api.delete("/api/v1/overview").await;
    assert_eq!(wrong.problem(), "405 method-not-allowed");
    assert_eq!(wrong.headers[header::ALLOW], "GET,HEAD");
    assert_eq!(
        api.get("/api/v1/events/%ff").await.problem(),
        "400 invalid-parameter"
    );
    let large = "x".repeat(33 * 1024 * 1024);
    let large = api.post("/api/v1/catalog/items", &large).await;
    assert_eq!(large.problem(), "413 body-too-large");
    assert_eq!(api.get("/api/v1/jobs/1").await.problem(), "404 not-found");
    assert_eq!(
        api.read("/api/v1/jobs").await["items"],
        serde_json::json!([])
    );
    let answer = api.get("/api/v1/overview").await;
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    assert!(
        !answer
            .headers
            .contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN)
    );
}

#[tokio::test]
async fn the_root_leads_to_the_console() {
    let api = Api::start().await;
    let get = |path: &'static str| {
        let api = &api;
        async move { api.call(Method::GET, path, &[], None).await }
    };
    assert_eq!(get("/").await.headers[header::LOCATION], "/console/");
    let index = get("/console/profiles/1").await;
    let built = index.status == StatusCode::OK;
    assert!(
        built || index.text.contains("not part of this build"),
        "{}",
        index.status
    );
    assert_eq!(index.headers[header::CACHE_CONTROL], "no-store");
    assert_eq!(
        get("/console/assets/old-1.js").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(get("/metrics").await.status, StatusCode::OK);
}
