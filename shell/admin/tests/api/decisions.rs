//! Decision records and their replay.

use kith_base::{Value, digest};
use kith_engine::decide::Request;
use kith_event::{Identifier, Record};

use crate::api::{Api, column};

#[tokio::test]
async fn a_decision_is_read_listed_and_replayed_to_the_byte() {
    let api = Api::start().await;
    api.append(vec![
        api.definition("placement", "home", r#"{"type":"offers"}"#),
        api.definition(
            "offer",
            "sale",
            r#"{"placements":["home"],"content":{"title":"Hi"}}"#,
        ),
        Record::Event(api.event("m1", "View", &["user_id:42"])),
    ])
    .await;
    let request = Request {
        placements: vec!["home".to_owned()],
        identifiers: vec![Identifier::new("user_id", "42")],
        context: Value::Null,
        ..Request::default()
    };
    let call = digest("test", &[b"1"]);
    api.handle
        .decide(request, None, api.now(), call)
        .await
        .unwrap();
    // The record follows behind the answer: anything appended later is applied after it.
    api.append(vec![Record::Event(api.event(
        "m2",
        "View",
        &["user_id:42"],
    ))])
    .await;

    let list = api.read("/api/v1/decisions?placement=home").await;
    let id = column(&list, "decision_id")[0].clone();
    let path = format!("/api/v1/decisions/{id}");
    let record = api.get(&path).await;
    let replayed = api.post(&format!("{path}/replay"), "").await;
    assert_eq!(record.text, replayed.text);
    let body = record.json();
    assert_eq!(body["decision"]["choices"][0]["id"], "sale", "{body}");
    assert_eq!(body["definitions"][0]["kind"], "placement");
    let person = body["person_id"].as_str().unwrap();
    let theirs = api
        .read(&format!("/api/v1/persons/{person}/decisions"))
        .await;
    assert_eq!(column(&theirs, "decision_id"), [id]);
    let other = api.read("/api/v1/decisions?placement=cart").await;
    assert_eq!(column(&other, "decision_id").len(), 0);
    let at = body["decided_at"].as_str().unwrap();
    let until = api.read(&format!("/api/v1/decisions?until={at}")).await;
    assert_eq!(column(&until, "decision_id"), column(&list, "decision_id"));
    let before = api
        .read("/api/v1/decisions?until=2001-01-01T00:00:00Z")
        .await;
    assert_eq!(column(&before, "decision_id").len(), 0);
    let wrong = api.get("/api/v1/decisions?until=yesterday").await;
    assert_eq!(wrong.problem(), "400 invalid-parameter");
    assert_eq!(
        api.get("/api/v1/decisions/none").await.problem(),
        "404 not-found"
    );
}

#[tokio::test]
async fn a_decision_that_asked_for_a_feature_of_the_project_is_replayed() {
    let api = Api::start().await;
    let offer =
        r#"{"placements":["home"],"when":"features.looks >= 1 and traits.looks_seen >= 1"}"#;
    api.append(vec![
        api.definition(
            "feature",
            "looks",
            r#"{"value":"count(\"View\", 30 days)","trait":"looks_seen"}"#,
        ),
        api.definition("placement", "home", r#"{"type":"offers"}"#),
        api.definition("offer", "sale", offer),
    ])
    .await;
    api.append(vec![Record::Event(api.event(
        "m1",
        "View",
        &["user_id:42"],
    ))])
    .await;
    let request = Request {
        placements: vec!["home".to_owned()],
        identifiers: vec![Identifier::new("user_id", "42")],
        context: Value::Null,
        ..Request::default()
    };
    let call = digest("test", &[b"1"]);
    api.handle
        .decide(request, None, api.now(), call)
        .await
        .unwrap();
    api.append(vec![Record::Event(api.event(
        "m2",
        "View",
        &["user_id:42"],
    ))])
    .await;
    let list = api.read("/api/v1/decisions").await;
    let id = column(&list, "decision_id")[0].clone();
    let path = format!("/api/v1/decisions/{id}");
    let record = api.get(&path).await;
    let body = record.json();
    assert_eq!(body["decision"]["choices"][0]["id"], "sale", "{body}");
    assert_eq!(body["facts"]["features.looks"], 1);
    assert_eq!(body["facts"]["traits.looks_seen"], 1);
    let replayed = api.post(&format!("{path}/replay"), "").await;
    assert_eq!(record.text, replayed.text);
}
