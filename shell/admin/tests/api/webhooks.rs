//! Webhooks over the API: documents, secrets, tests, deliveries, dead letters.

use axum::http::{Method, StatusCode};
use kith_event::{Attempt, Deliveries, Outcome, Record};
use serde_json::json;

use crate::api::{AS_READER, Api};
use crate::audiences::put;

const STAFF: &str = r#"{"name":"Staff","spec":{"type":"list"}}"#;
const CRM: &str = r#"{"name":"CRM","spec":{"url":"http://127.0.0.1:9/hook",
    "audiences":["staff"],"secrets":[{"id":"mine","created_at":"2026-11-01T00:00:00Z"}]}}"#;

async fn start() -> Api {
    let api = Api::start().await;
    assert_eq!(
        put(&api, "audience/staff", STAFF).await.status,
        StatusCode::CREATED
    );
    assert_eq!(
        put(&api, "webhook/crm", CRM).await.status,
        StatusCode::CREATED
    );
    api
}

#[tokio::test]
async fn a_webhook_is_told_of_computed_traits_that_there_are() {
    let api = start().await;
    let spec = |name: &str| {
        format!(
            r#"{{"name":"Told","spec":{{"url":"https://crm.example","trait_changes":[{name:?}]}}}}"#
        )
    };
    let refused = put(&api, "webhook/told", &spec("orders")).await;
    assert_eq!(refused.problem(), "422 invalid-body");
    assert_eq!(refused.fields(), ["spec.trait_changes[0]"]);
    let orders =
        r#"{"name":"Orders","spec":{"value":"count(\"Order Completed\")","trait":"orders"}}"#;
    put(&api, "feature/orders", orders).await;
    let written = put(&api, "webhook/told", &spec("orders")).await;
    assert_eq!(written.status, StatusCode::CREATED, "{}", written.text);
    let told = api.read("/api/v1/webhooks/told").await;
    assert_eq!(
        (&told["audiences"], &told["trait_changes"]),
        (&json!([]), &json!(["orders"]))
    );

    let order = api.event("m1", "Order Completed", &["user_id:1"]);
    api.append(vec![Record::Event(order)]).await;
    let state = api.handle.view().state;
    let changes = kith_engine::query::changes_from(&*state, (0, 0), 10).unwrap();
    let record = Record::Deliveries(Deliveries {
        webhook: "told".to_owned(),
        at: api.now(),
        through: changes[0].0,
        attempts: vec![Attempt {
            change: changes[0].0,
            outcome: Outcome::Delivered,
            status: Some(200),
            detail: String::new(),
            took_ms: 1,
        }],
        withheld: 0,
        gone: false,
    });
    api.append(vec![record]).await;
    let page = api.read("/api/v1/webhooks/told/deliveries").await;
    let delivery = &page["items"][0];
    assert_eq!(delivery["event"], "trait-changed");
    assert_eq!(delivery["audience_id"], json!(null));
    let changed = json!({"name": "orders", "old_value": "0", "new_value": "1"});
    assert_eq!(delivery["changed"], changed);
}

#[tokio::test]
async fn a_secret_is_made_by_the_server_shown_once_and_replaced_with_an_overlap() {
    let api = start().await;
    let fresh = api.read("/api/v1/webhooks/crm").await;
    assert_eq!(
        (&fresh["state"], &fresh["secrets"]),
        (&json!("no-secret"), &json!([]))
    );
    let first = api.post("/api/v1/webhooks/crm/secrets", "").await;
    assert_eq!(first.status, StatusCode::CREATED);
    let first = first.json();
    assert!(first["secret"].as_str().unwrap().starts_with("whsec_"));
    assert_eq!(first["others_expire_at"], json!(null));
    assert_eq!(api.read("/api/v1/webhooks/crm").await["state"], "active");
    let second = api.post("/api/v1/webhooks/crm/secrets", "").await.json();
    assert_ne!(second["secret"], first["secret"]);
    let known = api.read("/api/v1/webhooks").await["items"][0]["secrets"].clone();
    assert_eq!(known[0]["expires_at"], second["others_expire_at"]);
    assert_eq!(known[1]["expires_at"], json!(null));
    let whole = api
        .read("/api/v1/definitions/webhook/crm")
        .await
        .to_string();
    assert!(!whole.contains("whsec_"));
    // Writing the definition leaves the secrets as they are, whatever is sent.
    let etag = ("if-match", "\"3\"");
    let written = api
        .put("/api/v1/definitions/webhook/crm", &[etag], CRM)
        .await;
    assert_eq!(written.status, StatusCode::OK, "{}", written.text);
    assert_eq!(api.read("/api/v1/webhooks/crm").await["secrets"], known);
    let path = format!(
        "/api/v1/webhooks/crm/secrets/{}",
        second["secret_id"].as_str().unwrap()
    );
    let revoked = api.delete(&path).await;
    assert_eq!(revoked.status, StatusCode::NO_CONTENT);
    let gone = api.delete(&path).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    for _ in 0..4 {
        assert_eq!(
            api.post("/api/v1/webhooks/crm/secrets", "").await.status,
            StatusCode::CREATED
        );
    }
    let sixth = api.post("/api/v1/webhooks/crm/secrets", "").await;
    assert_eq!(sixth.status, StatusCode::CONFLICT, "{}", sixth.text);
}

#[tokio::test]
async fn deliveries_are_listed_by_state_and_dead_letters_are_sent_again() {
    let api = start().await;
    let who = r#"["user_id:1","user_id:2","user_id:3"]"#;
    let added = api.post("/api/v1/audiences/staff/members", who).await;
    assert_eq!(added.status, StatusCode::OK);
    let changes = kith_engine::query::changes_from(&*api.handle.view().state, (0, 0), 9).unwrap();
    let outcomes = [Outcome::Delivered, Outcome::Retry(api.now()), Outcome::Dead];
    let attempts = changes
        .iter()
        .zip(outcomes)
        .map(|((place, _), outcome)| Attempt {
            change: *place,
            outcome,
            status: Some(500),
            detail: "no".to_owned(),
            took_ms: 7,
        });
    let record = Record::Deliveries(Deliveries {
        webhook: "crm".to_owned(),
        at: api.now(),
        through: (u64::MAX, 0),
        attempts: attempts.collect(),
        withheld: 2,
        gone: false,
    });
    api.append(vec![record]).await;
    let crm = api.read("/api/v1/webhooks/crm").await;
    let numbers = ["delivered", "waiting", "dead", "withheld"].map(|name| crm[name].as_u64());
    assert_eq!(numbers, [Some(1), Some(1), Some(1), Some(2)]);
    let all = api.read("/api/v1/webhooks/crm/deliveries?limit=2").await;
    assert_eq!(all["items"].as_array().unwrap().len(), 2);
    assert_eq!(all["items"][0]["state"], "dead");
    assert_eq!(all["items"][0]["attempts"][0]["detail"], "no");
    let cursor = all["next_cursor"].as_str().unwrap();
    let rest = api
        .read(&format!("/api/v1/webhooks/crm/deliveries?cursor={cursor}"))
        .await;
    assert_eq!(rest["items"][0]["state"], "delivered");
    let dead = api.read("/api/v1/webhooks/crm/deliveries?state=dead").await;
    let id = dead["items"][0]["delivery_id"].as_str().unwrap().to_owned();
    let path = "/api/v1/webhooks/crm/resend";
    let wrong = api.post(path, r#"{"delivery_ids":["9-9"]}"#).await;
    assert_eq!(wrong.status, StatusCode::NOT_FOUND);
    let body = json!({"delivery_ids": [id]}).to_string();
    assert_eq!(api.post(path, &body).await.json(), json!({"resent": 1}));
    assert_eq!(api.post(path, "{}").await.json(), json!({"resent": 0}));
    assert_eq!(api.read("/api/v1/webhooks/crm").await["waiting"], 2);
    let refused = api.call(Method::POST, path, &[AS_READER], Some("{}")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_test_says_why_nothing_was_reached_and_an_audience_in_use_stays() {
    let api = start().await;
    let path = "/api/v1/webhooks/crm/test";
    assert_eq!(
        api.post(path, "").await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    api.post("/api/v1/webhooks/crm/secrets", "").await;
    let told = api.post(path, "").await.json();
    assert_eq!(
        (&told["delivered"], &told["status"]),
        (&json!(false), &json!(null))
    );
    assert!(
        told["detail"].as_str().unwrap().contains("refused"),
        "{told}"
    );
    assert_eq!(
        api.post("/api/v1/webhooks/nobody/test", "").await.status,
        StatusCode::NOT_FOUND
    );
    let used_by = api.read("/api/v1/audiences/staff").await["used_by"].clone();
    let crm = json!([{"kind": "webhook", "id": "crm", "name": "CRM"}]);
    assert_eq!(used_by, crm);
    let audience = "/api/v1/definitions/audience/staff";
    let used = api.delete(audience).await;
    assert_eq!(used.status, StatusCode::CONFLICT, "{}", used.text);
}
