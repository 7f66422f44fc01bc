//! The identity graph by hand: merging, splitting, taking back, other rules tried.

use axum::http::StatusCode;
use kith_event::Record;
use serde_json::{Value, json};

use crate::api::{Api, column};

async fn person(api: &Api, identifier: &str) -> Value {
    let found = api
        .read(&format!("/api/v1/persons?identifier={identifier}"))
        .await;
    let id = column(&found, "person_id")[0].clone();
    api.read(&format!("/api/v1/persons/{id}")).await
}

/// Two customers, each with their own phone, who share a tablet.
async fn family() -> Api {
    let api = Api::start().await;
    let events = [
        api.event(
            "m1",
            "Product Viewed",
            &["user_id:ada", "anonymous_id:phone-a"],
        ),
        api.event(
            "m2",
            "Order Completed",
            &["user_id:ada", "email:ada@x.example"],
        ),
        api.event(
            "m3",
            "Product Viewed",
            &["user_id:bob", "anonymous_id:phone-b"],
        ),
        api.event(
            "m4",
            "Product Viewed",
            &["user_id:ada", "anonymous_id:tablet"],
        ),
        api.event(
            "m5",
            "Product Viewed",
            &["user_id:bob", "anonymous_id:tablet"],
        ),
        api.event("m6", "Product Viewed", &["anonymous_id:tablet"]),
    ];
    for event in events {
        api.wait_minutes(1);
        let now = api.now();
        let event = kith_event::Event {
            occurred_at: now,
            received_at: now,
            ..event
        };
        api.append(vec![Record::Event(event)]).await;
    }
    let buyers = r#"{"name":"Buyers","spec":{"when":"count(\"Order Completed\") >= 1"}}"#;
    let written = crate::audiences::put(&api, "audience/buyers", buyers).await;
    assert_eq!(written.status, StatusCode::CREATED, "{}", written.text);
    crate::audiences::settle(&api).await;
    api
}

fn identifiers(names: &[&str]) -> Value {
    let one = |name: &&str| {
        let (namespace, value) = name.split_once(':').unwrap();
        json!({"namespace": namespace, "value": value})
    };
    names.iter().map(one).collect()
}

async fn post(api: &Api, path: &str, body: &Value) -> Value {
    let answer = api.post(path, &body.to_string()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

fn without_id(person: &Value) -> Value {
    let mut person = person.clone();
    person.as_object_mut().unwrap().remove("links");
    person
}

#[tokio::test]
async fn two_are_merged_by_hand_and_parted_exactly() {
    let api = family().await;
    let names = ["user_id:ada", "user_id:bob", "anonymous_id:tablet"];
    let mut before = Vec::new();
    for name in names {
        before.push(without_id(&person(&api, name).await));
    }
    let merge = json!({"identifiers": identifiers(&names[..2]), "reason": "twin record"});
    let mut preview = merge.clone();
    preview["preview"] = json!(true);
    let shown = post(&api, "/api/v1/persons/merge", &preview).await;
    assert_eq!(shown["before"].as_array().unwrap().len(), 2);
    assert_eq!(shown["after"].as_array().unwrap().len(), 1);
    assert_eq!(without_id(&person(&api, "user_id:bob").await), before[1]);

    let done = post(&api, "/api/v1/persons/merge", &merge).await;
    assert_eq!(done["after"], shown["after"]);
    let both = person(&api, "user_id:bob").await;
    assert_eq!(
        both["person_id"],
        person(&api, "user_id:ada").await["person_id"]
    );
    assert_eq!(
        both["event_count"],
        5 + 1,
        "the tablet is of one person now"
    );
    assert_eq!(both["audiences"][0]["audience_id"], "buyers");
    let old = before[1]["person_id"].as_str().unwrap();
    let found = api.read(&format!("/api/v1/persons/{old}")).await;
    assert_eq!(
        found["person_id"], both["person_id"],
        "old ids keep resolving"
    );

    let id = both["person_id"].as_str().unwrap();
    let graph = api.read(&format!("/api/v1/persons/{id}/graph")).await;
    let edges = graph["edges"].as_array().unwrap();
    let said = edges
        .iter()
        .find(|edge| edge["kind"] == "operator")
        .unwrap();
    assert!(
        said["reason"]
            .as_str()
            .unwrap()
            .ends_with("one person: twin record")
    );
    let back = json!({"edge_id": said["edge_id"]});
    post(&api, &format!("/api/v1/persons/{id}/split"), &back).await;
    for (name, before) in names.iter().zip(&before) {
        assert_eq!(&without_id(&person(&api, name).await), before, "{name}");
    }
    let changes = api.read("/api/v1/identity/changes").await;
    let changes = changes.as_array().unwrap();
    assert!(
        changes[0]["after"].as_array().unwrap().len() > 1,
        "{changes:?}"
    );
    assert_eq!(
        changes[1]["after"].as_array().unwrap().len(),
        1,
        "{changes:?}"
    );
    assert_ne!(changes[0]["by"], "");
}

#[tokio::test]
async fn whom_an_operator_keeps_apart_nothing_joins() {
    let api = Api::start().await;
    let linked = api.event("m1", "View", &["user_id:1", "email:a@b.example"]);
    api.append(vec![Record::Event(linked)]).await;
    let one = person(&api, "user_id:1").await;
    let id = one["person_id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/persons/{id}/split");
    let split = json!({"identifiers": identifiers(&["email:a@b.example"])});
    let done = post(&api, &path, &split).await;
    assert_eq!(done["after"].as_array().unwrap().len(), 2);
    // New ties, straight and by a third identifier.
    let again = [
        api.event("m2", "View", &["user_id:1", "email:a@b.example"]),
        api.event("m3", "View", &["email:a@b.example", "phone:+886912345678"]),
        api.event("m4", "View", &["user_id:1", "phone:+886912345678"]),
    ];
    api.append(again.into_iter().map(Record::Event).collect())
        .await;
    let mail = person(&api, "email:a@b.example").await;
    assert_ne!(mail["person_id"].as_str().unwrap(), id);
    let merge = json!({"identifiers": identifiers(&["user_id:1", "email:a@b.example"])});
    let other = json!({"identifiers": identifiers(&["user_id:1", "phone:+886912345678"])});
    // An operator's word comes before what events say: the phone leaves the address for the user.
    post(&api, "/api/v1/persons/merge", &other).await;
    assert_eq!(
        person(&api, "phone:%2B886912345678").await["person_id"]
            .as_str()
            .unwrap(),
        id
    );
    assert_eq!(
        person(&api, "email:a@b.example").await["person_id"],
        mail["person_id"]
    );
    // The newer word about the same pair counts.
    post(&api, "/api/v1/persons/merge", &merge).await;
    assert_eq!(
        person(&api, "email:a@b.example").await["person_id"]
            .as_str()
            .unwrap(),
        id
    );

    let quality = api.read("/api/v1/identity/quality").await;
    assert_eq!(quality["verdicts"][0]["says"], "same");
    let edge = quality["verdicts"][0]["edge_id"].as_str().unwrap();
    let taken = api
        .delete(&format!("/api/v1/identity/verdicts/{edge}"))
        .await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.text);
    let mail = person(&api, "email:a@b.example").await;
    assert_eq!(
        mail["person_id"].as_str().unwrap(),
        id,
        "the events still tie them"
    );
}

#[tokio::test]
async fn a_wrong_call_names_what_is_wrong() {
    let api = family().await;
    for (body, expect) in [
        (json!({"identifiers": []}), "422 invalid-body"),
        (
            json!({"identifiers": identifiers(&["user_id:ada"])}),
            "422 invalid-body",
        ),
        (
            json!({"identifiers": identifiers(&["user_id:ada", "user_id:eve"])}),
            "422 invalid-body",
        ),
    ] {
        let answer = api.post("/api/v1/persons/merge", &body.to_string()).await;
        assert_eq!(answer.problem(), expect, "{body}");
    }
    let ada = person(&api, "user_id:ada").await["person_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/api/v1/persons/{ada}/split");
    for (body, expect) in [
        (json!({"edge_id": "x"}), "404 not-found"),
        (json!({}), "422 invalid-body"),
        (
            json!({"identifiers": identifiers(&["user_id:bob"])}),
            "422 invalid-body",
        ),
    ] {
        let answer = api.post(&path, &body.to_string()).await;
        assert_eq!(answer.problem(), expect, "{body}");
    }
}

#[tokio::test]
async fn other_rules_are_tried_on_the_whole_graph_and_then_divide_everybody() {
    let api = family().await;
    let spec = json!({"shared_device": "first"});
    let trial = json!({"spec": spec});
    let found = post(&api, "/api/v1/identity/preview", &trial).await;
    assert_eq!(
        (&found["before"]["persons"], &found["after"]["persons"]),
        (&json!(3), &json!(2))
    );
    assert_eq!((&found["merged"], &found["split"]), (&json!(2), &json!(0)));
    assert_eq!(found["samples"].as_array().unwrap().len(), 1);
    let tablet = person(&api, "anonymous_id:tablet").await;

    let body = json!({"name": "Identity", "spec": spec}).to_string();
    let written = crate::audiences::put(&api, "identity/default", &body).await;
    assert!(written.status.is_success(), "{}", written.text);
    let jobs = api.read("/api/v1/jobs").await;
    assert_eq!(jobs["items"][0]["job_id"], "identity-rules", "{jobs}");
    crate::audiences::settle(&api).await;
    let ada = person(&api, "user_id:ada").await;
    assert_ne!(tablet["person_id"], ada["person_id"]);
    assert_eq!(
        person(&api, "anonymous_id:tablet").await["person_id"],
        ada["person_id"]
    );
}
