//! Files over the API, and the list of who took which.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use kith_base::limits;
use kith_event::{Event, Record};
use serde_json::json;

use crate::api::{AS_READER, Answer, Api};
use crate::audiences::put;

async fn download(api: &Api, query: &str) -> Answer {
    let path = format!("/api/v1/export?{query}");
    api.call(Method::GET, &path, &[AS_READER], None).await
}

async fn start() -> Api {
    let api = Api::start().await;
    let staff = r#"{"name":"Staff","spec":{"type":"list"}}"#;
    put(&api, "audience/staff", staff).await;
    let ada = api.identify(
        "m1",
        r#"{"plan":"pro"}"#,
        &["user_id:1", "email:ada@a.example"],
    );
    let consent = |message: &str, user: &str, granted: bool| {
        let properties = format!(r#"{{"categories":{{"marketing":{granted}}}}}"#);
        Record::Event(Event {
            properties: kith_base::Json::parse(&properties).unwrap(),
            ..api.event(message, "Consent Updated", &[user])
        })
    };
    let bob = api.identify("m2", "{}", &["user_id:2", "email:bob@a.example"]);
    api.append(vec![
        Record::Event(ada),
        Record::Event(bob),
        consent("m3", "user_id:1", true),
        consent("m4", "user_id:2", false),
    ])
    .await;
    api
}

#[tokio::test]
async fn a_download_is_listed_with_who_took_it_and_what_it_held() {
    let api = start().await;
    let file = download(&api, "format=csv&traits=plan&identifiers=user_id").await;
    assert_eq!(file.status, StatusCode::OK, "{}", file.text);
    assert_eq!(
        file.headers["content-disposition"],
        "attachment; filename=\"persons.csv\""
    );
    assert_eq!(
        file.text.lines().next(),
        Some("person_id,user_id,trait_plan")
    );
    assert_eq!(
        file.text
            .lines()
            .filter(|line| line.ends_with(",1,pro"))
            .count(),
        1
    );
    let export_id = file.headers["kith-export-id"].to_str().unwrap().to_owned();
    let entry = api.read(&format!("/api/v1/exports/{export_id}")).await;
    assert_eq!(
        (&entry["rows"], &entry["complete"]),
        (&json!(2), &json!(true))
    );
    assert_eq!(
        (&entry["format"], &entry["audience_id"]),
        (&json!("csv"), &json!(null))
    );
    assert!(entry["by"].as_str().unwrap().contains("reader"), "{entry}");
    let empty = download(&api, "format=ndjson&audience=staff").await;
    assert_eq!(empty.text, "");
    let list = api.read("/api/v1/exports").await;
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    let items = list["items"].as_array().unwrap();
    assert!(items.iter().any(|one| one["export_id"] == json!(export_id)));
}

#[tokio::test]
async fn a_list_for_ads_is_gated_by_consent_and_the_gate_is_told_before() {
    let api = start().await;
    let reach = api.read("/api/v1/export/reach?format=google").await;
    let left_out = json!([{"reason": "consent-refused", "persons": 1}]);
    assert_eq!(reach, json!({"rows": 1, "withheld": left_out}));
    let file = download(&api, "format=google").await;
    assert_eq!(
        file.headers["content-disposition"],
        "attachment; filename=\"persons-google.csv\""
    );
    assert_eq!(file.text.lines().count(), 2);
    assert!(!file.text.contains('@'));
    let export_id = file.headers["kith-export-id"].to_str().unwrap();
    let entry = api.read(&format!("/api/v1/exports/{export_id}")).await;
    assert_eq!((&entry["rows"], &entry["withheld"]), (&json!(1), &left_out));
    let other = api
        .read("/api/v1/export/reach?format=meta&consent=analytics")
        .await;
    assert_eq!(other["rows"], 0);
}

#[tokio::test]
async fn what_cannot_be_taken_out_is_said() {
    let api = start().await;
    let xlsx = download(&api, "format=xlsx").await;
    assert_eq!(xlsx.status, StatusCode::BAD_REQUEST);
    assert!(
        xlsx.text
            .contains("csv, ndjson, parquet, google, meta, tiktok")
    );
    assert_eq!(
        download(&api, "format=csv&audience=nobody").await.status,
        StatusCode::NOT_FOUND
    );
    let reach = api.get("/api/v1/export/reach?format=csv");
    assert_eq!(reach.await.status, StatusCode::BAD_REQUEST);
    assert_eq!(api.read("/api/v1/exports").await["items"], json!([]));
}

#[tokio::test]
async fn so_many_exports_run_at_once_and_one_more_is_asked_to_wait() {
    let api = Api::start().await;
    // More than waits for a slow reader, so that a download lasts until it is read.
    let biography = format!(r#"{{"biography":"{}"}}"#, "x".repeat(4_000));
    let person = |n: usize| {
        let user = format!("user_id:{n}");
        Record::Event(api.identify(&format!("m{n}"), &biography, &[&user]))
    };
    api.append((0..400).map(person).collect()).await;
    let open = || {
        let request = Request::get("/api/v1/export?format=ndjson");
        let request = request.header(AS_READER.0, AS_READER.1).body(Body::empty());
        api.open(request.unwrap())
    };
    let mut running = Vec::new();
    for _ in 0..limits::EXPORTS_AT_ONCE_MAX {
        let response = open().await;
        assert_eq!(response.status(), StatusCode::OK);
        running.push(response);
    }
    let refused = download(&api, "format=ndjson").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers["retry-after"], "10");
    assert_eq!(refused.problem(), "429 overloaded");
    let first = running.remove(0).into_body();
    let file = axum::body::to_bytes(first, usize::MAX).await.unwrap();
    assert_eq!(file.iter().filter(|byte| **byte == b'\n').count(), 400);
    assert_eq!(open().await.status(), StatusCode::OK);
}
