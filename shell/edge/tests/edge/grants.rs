//! Offers with limits through `POST /v1/decide`: never too many, never twice, kept on every
//! channel, and told again by a replay.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use kith_base::Timestamp;
use kith_engine::{decide, table};
use kith_event::{Code, CouponsAdded, DecisionTaken, Record};
use serde_json::Value;

use crate::harness::{Answer, Edge, KEY, NOW, SECRET_KEY, request};

const CLIENTS: usize = 64;

/// A placement `deal` with one offer and these limits.
async fn deal(limits: &str) -> Edge {
    let edge = Edge::start().await;
    let offer = format!(
        r#"{{"placements":["deal","mail"],"content":{{"title":"Ten off"}},"limits":{limits}}}"#
    );
    let fallback = r#"{"type":"offers","fallback":{"content":{"title":"Hello"}}}"#;
    edge.define(&[
        ("placement", "deal", fallback),
        ("placement", "mail", fallback),
        ("offer", "ten", &offer),
    ])
    .await;
    edge
}

/// The answer for a visitor, who is known from an event that comes with the call.
async fn draw(edge: &Edge, placement: &str, visitor: &str) -> Answer {
    let body = format!(
        r#"{{"placements":["{placement}"],"event":{{"type":"track","event":"Product Viewed",
            "anonymousId":"{visitor}","messageId":"view-{visitor}"}}}}"#
    );
    let path = format!("/v1/decide?writeKey={KEY}");
    let headers = [("content-type", "text/plain")];
    edge.send(request("POST", &path, &headers, body)).await
}

fn choice(answer: &Answer) -> Value {
    assert_eq!(
        answer.status,
        StatusCode::OK,
        "{}",
        String::from_utf8_lossy(&answer.body)
    );
    answer.json()["decisions"][0]["choices"][0].clone()
}

/// Decisions in the log, once as many are there as were taken.
fn decisions(edge: &Edge) -> Vec<DecisionTaken> {
    let stored = edge.handle.read_log(0, 100_000).unwrap();
    let records = stored.into_iter().map(|(_, record)| record.unwrap());
    let taken = records.filter_map(|record| match record {
        Record::Decision(taken) => Some(taken),
        _ => None,
    });
    taken.collect()
}

fn granted(edge: &Edge) -> table::OfferRow {
    let view = edge.handle.view();
    let row = table::read(&*view.state, &table::offer("ten")).unwrap();
    row.unwrap_or_default()
}

/// Every logged decision, taken again, gives its bytes.
async fn replays(edge: &Edge) -> usize {
    // Decisions are not waited for; what comes after them in the log is.
    let tick = Record::Tick(Timestamp::parse(NOW).unwrap());
    edge.handle.append_applied(vec![tick]).await.unwrap();
    let taken = decisions(edge);
    let view = edge.handle.view();
    for one in &taken {
        let again = decide::replay(&*view.state, one).unwrap();
        assert_eq!(again.as_str(), one.record.as_str());
    }
    taken.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_clients_draw_exactly_the_stock() {
    let edge = std::sync::Arc::new(deal(r#"{"stock":1000}"#).await);
    let visitors = 1_300;
    let tasks: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let edge = std::sync::Arc::clone(&edge);
            tokio::spawn(async move {
                let mut grants = Vec::new();
                // Two clients always ask for the same visitor, and each of them asks twice.
                for visitor in (client / 2..visitors).step_by(CLIENTS / 2) {
                    for _ in 0..2 {
                        let shown = choice(&draw(&edge, "deal", &format!("v{visitor}")).await);
                        let grant = &shown["granted"]["grant_id"];
                        match shown["id"].as_str() {
                            Some("ten") => grants.push((visitor, grant.to_string())),
                            other => assert_eq!((other, grant), (Some("fallback"), &Value::Null)),
                        }
                    }
                }
                grants
            })
        })
        .collect();
    let mut by_visitor: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
    for task in tasks {
        for (visitor, grant) in task.await.unwrap() {
            by_visitor.entry(visitor).or_default().insert(grant);
        }
    }
    assert_eq!(by_visitor.len(), 1_000, "visitors who got it");
    assert!(
        by_visitor.values().all(|grants| grants.len() == 1),
        "a visitor has one grant"
    );
    assert_eq!(granted(&edge).granted, 1_000);
    assert_eq!(replays(&edge).await, visitors * 4);
}

#[tokio::test]
async fn a_grant_is_theirs_on_every_channel_until_it_is_used() {
    let edge = deal(
        r#"{"per_person":{"count":2,"days":30},"keep_days":7,"used_by":"Order Completed",
            "coupon":{"prefix":"TEN-"}}"#,
    )
    .await;
    let first = choice(&draw(&edge, "deal", "ann").await);
    let grant = &first["granted"];
    assert_eq!(grant["new"], true);
    assert_eq!(grant["granted_at"], NOW);
    assert_eq!(grant["expires_at"], "2026-11-28T08:00:10.000Z");
    let code = grant["code"].as_str().expect("a code");
    assert!(code.starts_with("TEN-"));
    let mail = choice(&draw(&edge, "mail", "ann").await);
    assert_eq!(mail["granted"]["new"], false);
    assert_eq!(mail["granted"]["code"], code);
    assert_eq!(mail["granted"]["grant_id"], grant["grant_id"]);
    let bob = choice(&draw(&edge, "deal", "bob").await);
    assert_ne!(bob["granted"]["code"], code);

    let order = async |id: &str, coupon: &str| {
        let event = format!(
            r#"{{"type":"track","event":"Order Completed","anonymousId":"ann",
                "messageId":"{id}","properties":{{"coupon":"{coupon}"}}}}"#
        );
        let path = format!("/v1/decide?writeKey={KEY}");
        let body = format!(r#"{{"placements":["deal"],"event":{event}}}"#);
        let headers = [("content-type", "text/plain")];
        choice(&edge.send(request("POST", &path, &headers, body)).await)
    };
    let kept = order("o-1", "OTHER").await;
    assert_eq!(
        kept["granted"]["code"], code,
        "another code does not use it up"
    );
    let second = order("o-2", code).await;
    assert_eq!(second["granted"]["new"], true);
    assert_ne!(second["granted"]["code"], code);
    let second = second["granted"]["code"].as_str().expect("a code");
    assert_eq!(
        order("o-3", second).await["id"],
        "fallback",
        "two within thirty days"
    );
    let row = granted(&edge);
    assert_eq!((row.granted, row.used), (3, 2));
    assert_eq!(replays(&edge).await, 6);
}

#[tokio::test]
async fn uploaded_codes_are_given_out_once_in_their_order() {
    let edge = deal(r#"{"coupon":{"codes":"uploaded"}}"#).await;
    assert_eq!(
        choice(&draw(&edge, "deal", "early").await)["id"],
        "fallback"
    );
    let add = async |codes: &[&str]| {
        let codes = codes.iter().map(|code| Code((*code).to_owned())).collect();
        let added = CouponsAdded {
            offer: "ten".to_owned(),
            at: Timestamp::parse(NOW).unwrap(),
            by: "test".to_owned(),
            codes,
        };
        edge.handle
            .append_applied(vec![Record::Coupons(added)])
            .await
            .unwrap();
    };
    add(&["A", "B"]).await;
    add(&["B", "C", "A"]).await;
    let mut codes = Vec::new();
    for visitor in ["v1", "v2", "v3", "v1"] {
        let shown = choice(&draw(&edge, "deal", visitor).await);
        codes.push(
            shown["granted"]["code"]
                .as_str()
                .expect("a code")
                .to_owned(),
        );
    }
    assert_eq!(codes, ["A", "B", "C", "A"]);
    assert_eq!(choice(&draw(&edge, "deal", "v4").await)["id"], "fallback");
    assert_eq!(replays(&edge).await, 6);
}

#[tokio::test]
async fn a_paced_budget_follows_the_clock() {
    let edge = deal("{}").await;
    // A tenth of the schedule has passed: of ten grants one may be made.
    let offer = r#"{"placements":["deal"],"starts_at":"2026-11-20T08:00:10Z",
        "ends_at":"2026-11-30T08:00:10Z",
        "limits":{"budget":{"amount":5,"cost":0.5,"pacing":"even"}}}"#;
    edge.define(&[("offer", "ten", offer)]).await;
    assert_eq!(choice(&draw(&edge, "deal", "v1").await)["id"], "ten");
    assert_eq!(choice(&draw(&edge, "deal", "v2").await)["id"], "fallback");
    let later = r#"{"placements":["deal"],"identifiers":{"anonymous_id":"v2"},
        "now":"2026-11-22T08:00:10Z","explain":true}"#;
    let bearer = format!("Bearer {SECRET_KEY}");
    let headers = [("authorization", bearer.as_str())];
    let answer = edge
        .send(request("POST", "/v1/decide", &headers, later))
        .await;
    assert_eq!(choice(&answer)["id"], "ten");
    let again = later.replace("v2", "v1").replace("11-22", "11-21");
    let held = edge
        .send(request("POST", "/v1/decide", &headers, again))
        .await;
    assert_eq!(choice(&held)["granted"]["new"], false);
    let unknown = later.replace("\"v2\"", "\"nobody\"");
    let answer = edge
        .send(request("POST", "/v1/decide", &headers, unknown))
        .await;
    assert_eq!(
        choice(&answer)["id"],
        "fallback",
        "nothing is granted to nobody"
    );
    assert_eq!(granted(&edge).granted, 2);
}

#[tokio::test]
async fn a_stock_that_is_empty_says_so() {
    let edge = deal(r#"{"stock":0}"#).await;
    draw(&edge, "deal", "v1").await;
    let body = r#"{"placements":["deal"],"identifiers":{"anonymous_id":"v1"},"explain":true}"#;
    let bearer = format!("Bearer {SECRET_KEY}");
    let headers = [("authorization", bearer.as_str())];
    let answer = edge
        .send(request("POST", "/v1/decide", &headers, body))
        .await
        .json();
    let loser = &answer["decisions"][0]["losers"][0];
    assert_eq!(loser["code"], "limit-reached");
    assert_eq!(loser["reason"], "Limit reached: all 0 are granted");
}
