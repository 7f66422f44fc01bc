//! Events: lists, one event with its fate, refused input, the live stream.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt;
use kith_base::Json;
use kith_engine::table::Happening;
use kith_event::{Attempt, Deliveries, Kind, Outcome, Record, Refused};
use serde_json::Value;

use crate::api::{ADMIN, Api, column};

#[tokio::test]
async fn events_are_listed_newest_first_without_repeats() {
    let api = Api::start().await;
    for n in 0..5 {
        let event = api.event(&format!("m{n}"), ["View", "Buy"][n % 2], &["user_id:1"]);
        api.append(vec![Record::Event(event.clone()), Record::Event(event)])
            .await;
    }
    let mut other = api.event("o1", "View", &["user_id:2"]);
    other.source = "app".to_owned();
    api.append(vec![Record::Event(other)]).await;
    let all = api.read("/api/v1/events").await;
    assert_eq!(
        column(&all, "message_id"),
        ["o1", "m4", "m3", "m2", "m1", "m0"]
    );
    assert_eq!(all["next_cursor"], Value::Null);
    let bought = api.read("/api/v1/events?name=Buy&source=shop").await;
    assert_eq!(column(&bought, "message_id"), ["m3", "m1"]);
    let person = all["items"][0]["person_id"].as_str().unwrap();
    let theirs = api.read(&format!("/api/v1/events?person={person}")).await;
    assert_eq!(column(&theirs, "message_id"), ["o1"]);
    let nobody = api.get("/api/v1/events?person=me").await;
    assert_eq!(nobody.fields(), ["person"]);

    let page = api.read("/api/v1/events?limit=4").await;
    let cursor = page["next_cursor"].as_str().unwrap();
    api.append(vec![Record::Event(api.event(
        "new",
        "View",
        &["user_id:1"],
    ))])
    .await;
    let rest = api
        .read(&format!("/api/v1/events?limit=4&cursor={cursor}"))
        .await;
    assert_eq!(
        column(&rest, "message_id"),
        ["m1", "m0"],
        "what comes meanwhile shifts nothing"
    );
}

#[tokio::test]
async fn an_event_is_read_back_with_its_fate() {
    let api = Api::start().await;
    let mut event = api.event("m1", "Product Viewed", &["anonymous_id:a1", "user_id:7"]);
    event.properties = Json::parse(r#"{"product_id":"b","a":1.0}"#).unwrap();
    api.append(vec![Record::Event(event)]).await;
    let answer = api.get("/api/v1/events/m1").await;
    assert!(
        answer
            .text
            .contains(r#""properties":{"product_id":"b","a":1.0}"#),
        "as it was sent"
    );
    let event = answer.json();
    assert_eq!(
        (&event["type"], &event["name"]),
        (&"track".into(), &"Product Viewed".into())
    );
    let steps: Vec<&Value> = event["fate"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fate| &fate["step"])
        .collect();
    let expect = [
        "received",
        "normalised",
        "resolved",
        "folded",
        "audiences",
        "deliveries",
    ];
    assert_eq!(steps, expect);
    let person = event["person_id"].as_str().unwrap();
    assert!(
        event["fate"][2]["detail"]
            .as_str()
            .unwrap()
            .contains(person)
    );
    assert_eq!(
        api.get("/api/v1/events/none").await.problem(),
        "404 not-found"
    );
}

async fn fate_of(api: &Api, message_id: &str) -> [(String, bool); 2] {
    let event = api.read(&format!("/api/v1/events/{message_id}")).await;
    [4, 5].map(|step| {
        let fate = &event["fate"][step];
        let detail = fate["detail"].as_str().unwrap_or_default().to_owned();
        (detail, fate["at"].is_string())
    })
}

/// Somebody browses, then buys; both are audiences, and a webhook is told of buyers.
async fn browse_and_buy() -> Api {
    let api = Api::start().await;
    let buyers = r#"{"name":"","spec":{"when":"count(\"Order Completed\") >= 1"}}"#;
    let browsers = r#"{"name":"","spec":{"when":"not (count(\"Order Completed\") >= 1)"}}"#;
    let crm = r#"{"name":"","spec":{"url":"http://127.0.0.1:9/","audiences":["buyers"]}}"#;
    for (path, body) in [
        ("audience/buyers", buyers),
        ("audience/browsers", browsers),
        ("webhook/crm", crm),
    ] {
        let made = crate::audiences::put(&api, path, body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    }
    crate::audiences::settle(&api).await;
    for (id, name) in [
        ("m1", "Product Viewed"),
        ("m2", "Order Completed"),
        ("m3", "Product Viewed"),
    ] {
        let event = api.event(id, name, &["user_id:7"]);
        api.append(vec![Record::Event(event)]).await;
    }
    api
}

#[tokio::test]
async fn a_fate_says_who_entered_and_left() {
    let api = browse_and_buy().await;
    let [audiences, deliveries] = fate_of(&api, "m1").await;
    assert_eq!(audiences, ("entered browsers".to_owned(), true));
    assert_eq!(deliveries, ("it causes no message".to_owned(), false));
    let [audiences, deliveries] = fate_of(&api, "m2").await;
    let flips = "left browsers; entered buyers".to_owned();
    assert_eq!(audiences, (flips, true));
    let ahead = "crm: entered buyers, to be sent".to_owned();
    assert_eq!(deliveries, (ahead, false));
    let [audiences, deliveries] = fate_of(&api, "m3").await;
    assert_eq!(audiences.0, "nobody entered or left an audience by it");
    assert_eq!(deliveries.0, "it causes no message");
}

#[tokio::test]
async fn a_fate_says_who_was_told() {
    let api = browse_and_buy().await;
    let changes = kith_engine::query::changes_from(&*api.handle.view().state, (0, 0), 9).unwrap();
    let is_of_buyers = |one: &Happening| match one {
        Happening::Membership(one) => one.audience == "buyers",
        Happening::Trait(_) => false,
    };
    let mut buyers = changes.iter().filter(|(_, one)| is_of_buyers(one));
    let (place, at) = (buyers.next().unwrap().0, api.now());
    let waiting = format!("to be tried again, tried once, last at {at}");
    let dead = format!("a dead letter, tried 2 times, last at {at}");
    for (outcome, expect, done) in [
        (Outcome::Retry(at), waiting, false),
        (Outcome::Dead, dead, true),
        (Outcome::Delivered, format!("delivered at {at}"), true),
    ] {
        let attempt = Attempt {
            change: place,
            outcome,
            status: None,
            detail: String::new(),
            took_ms: 1,
        };
        let record = Record::Deliveries(Deliveries {
            webhook: "crm".to_owned(),
            at,
            through: (place.0, place.1 + 1),
            attempts: vec![attempt],
            withheld: 0,
            gone: false,
        });
        api.append(vec![record]).await;
        let [_, told] = fate_of(&api, "m2").await;
        assert_eq!(told, (format!("crm: entered buyers, {expect}"), done));
    }
}

fn refused(api: &Api, raw: &str) -> Record {
    Record::Refused(Refused {
        source: "shop".to_owned(),
        received_at: api.now(),
        kind: Some(Kind::Track),
        code: "missing-event-name".to_owned(),
        message: "a track event needs its name".to_owned(),
        field: "event".to_owned(),
        raw: raw.to_owned(),
    })
}

#[tokio::test]
async fn refused_input_is_tried_again() {
    let api = Api::start().await;
    let bad = r#"{"userId":"7","messageId":"bad"}"#;
    let good = r#"{"userId":"7","event":"Order Completed","messageId":"late"}"#;
    api.append(vec![
        refused(&api, bad),
        refused(&api, good),
        refused(&api, bad),
    ])
    .await;
    let all = api.read("/api/v1/rejected-events").await;
    let ids = column(&all, "id");
    assert_eq!((ids.len(), &all["items"][0]["raw"]), (3, &bad.into()));
    let still = api
        .post(&format!("/api/v1/rejected-events/{}/redrive", ids[0]), "")
        .await;
    assert_eq!(still.problem(), "422 still-rejected", "{}", still.text);
    assert_eq!(still.fields(), ["event"]);
    let path = format!("/api/v1/rejected-events/{}/redrive", ids[1]);
    let done = api.post(&path, "").await;
    assert_eq!(done.text, r#"{"state":"redriven","message_id":"late"}"#);
    assert_eq!(
        api.read("/api/v1/events/late").await["name"],
        "Order Completed"
    );
    assert_eq!(api.post(&path, "").await.problem(), "409 already-redriven");
    let none = api.post("/api/v1/rejected-events/99/redrive", "").await;
    assert_eq!(none.problem(), "404 not-found");

    let open = api.read("/api/v1/rejected-events?state=open&limit=2").await;
    assert_eq!(column(&open, "id"), [ids[0].clone(), ids[2].clone()]);
    assert_eq!(open["next_cursor"], Value::Null);
    let redriven = api.read("/api/v1/rejected-events?state=redriven").await;
    assert_eq!(column(&redriven, "id"), [ids[1].clone()]);
    assert_eq!(redriven["items"][0]["redriven_at"], crate::api::START);
    assert_eq!(api.read("/api/v1/overview").await["rejected_open"], 2);
    let first = api.read("/api/v1/rejected-events?state=open&limit=1").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = api
        .read(&format!(
            "/api/v1/rejected-events?state=open&cursor={cursor}"
        ))
        .await;
    assert_eq!(column(&rest, "id"), [ids[2].clone()]);
    let wrong = api.get("/api/v1/rejected-events?state=closed").await;
    assert_eq!(wrong.problem(), "400 invalid-parameter");
}

#[tokio::test]
async fn refused_input_is_corrected() {
    let api = Api::start().await;
    let bad = r#"{"userId":"7","messageId":"bad"}"#;
    api.append(vec![refused(&api, bad)]).await;
    let id = column(&api.read("/api/v1/rejected-events").await, "id").remove(0);
    let path = format!("/api/v1/rejected-events/{id}/redrive");
    let send = |raw: &str| {
        let body = serde_json::json!({ "raw": raw }).to_string();
        let (api, path) = (&api, &path);
        async move { api.post(path, &body).await }
    };
    let check = |answer: &crate::api::Answer, problem: &str, field: &str| {
        assert_eq!(answer.problem(), problem, "{}", answer.text);
        assert_eq!(answer.fields(), [field], "{}", answer.text);
    };
    check(
        &send(r#"{"userId":"7","#).await,
        "422 still-rejected",
        "raw",
    );
    check(
        &send(r#"{"userId":"null","event":"x"}"#).await,
        "422 still-rejected",
        "userId",
    );
    check(
        &send(&format!("[{bad},{bad}]")).await,
        "422 still-rejected",
        "raw",
    );
    let long = format!(
        r#"{{"userId":"7","event":"x","a":"{}"}}"#,
        "x".repeat(32 * 1024)
    );
    check(&send(&long).await, "422 still-rejected", "raw");
    check(
        &send(&"x".repeat(64 * 1024 + 1)).await,
        "422 invalid-body",
        "raw",
    );
    check(&send(" ").await, "422 invalid-body", "raw");
    check(
        &api.post(&path, r#"{"raw":{}}"#).await,
        "422 invalid-body",
        "raw",
    );
    check(
        &api.post(&path, r#"{"text":"{}"}"#).await,
        "422 invalid-body",
        "text",
    );
    let all = api.read("/api/v1/rejected-events").await;
    assert_eq!(all["items"][0]["state"], "open");

    api.wait_minutes(3);
    let edited = r#"{"userId":"7","messageId":"bad","event":"Order Completed"}"#;
    let done = send(edited).await;
    assert_eq!(done.text, r#"{"state":"redriven","message_id":"bad"}"#);
    assert_eq!(
        api.read("/api/v1/events/bad").await["name"],
        "Order Completed"
    );
    let item = &api.read("/api/v1/rejected-events").await["items"][0];
    assert_eq!(item["raw"], bad, "what came stays readable");
    assert_eq!(item["redriven_raw"], edited);
    assert_eq!(item["redriven_by"], "key admin");
    assert_ne!(item["redriven_at"], item["received_at"]);
    assert_eq!(item["message_id"], "bad");
}

#[tokio::test]
async fn the_stream_carries_what_its_filter_takes() {
    let api = Api::start().await;
    let request = Request::get("/api/v1/events/stream?name=Buy")
        .header("authorization", format!("Bearer {ADMIN}"))
        .body(Body::empty())
        .unwrap();
    let response = api.open(request).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut body = response.into_body();
    api.append(vec![
        Record::Event(api.event("m1", "View", &["user_id:1"])),
        refused(&api, "{}"),
        Record::Event(api.event("m2", "Buy", &["user_id:1"])),
    ])
    .await;
    let frame = body.frame().await.unwrap().unwrap().into_data().unwrap();
    let text = std::str::from_utf8(&frame).unwrap();
    assert!(
        text.starts_with("event: event\ndata: {\"message_id\":\"m2\""),
        "{text}"
    );
    api.state.close_streams();
    assert!(
        body.frame().await.is_none(),
        "it ends when the program stops"
    );
    let late = Request::get("/api/v1/events/stream")
        .header("authorization", format!("Bearer {ADMIN}"))
        .body(Body::empty())
        .unwrap();
    let mut late = api.open(late).await.into_body();
    assert!(late.frame().await.is_none(), "and none begins");
}

#[tokio::test]
async fn the_overview_counts() {
    let api = Api::start().await;
    for n in 0..3 {
        api.append(vec![Record::Event(api.event(
            &format!("m{n}"),
            "View",
            &["user_id:1"],
        ))])
        .await;
    }
    let overview = api.read("/api/v1/overview").await;
    assert_eq!(
        (&overview["events_total"], &overview["persons_total"]),
        (&3.into(), &1.into())
    );
    assert_eq!(overview["position"], overview["applied_position"]);
    let minutes = overview["events_per_minute"].as_array().unwrap();
    assert_eq!((minutes.len(), &minutes[59]["count"]), (60, &3.into()));
    assert_eq!(overview["top_events"][0]["name"], "View");
    assert_eq!(overview["sources"][0]["events_last_hour"], 3);
}
