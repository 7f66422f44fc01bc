//! Reports on recipes through the API.

use axum::http::StatusCode;
use kith_base::{Json, Value as Fact, digest};
use kith_engine::decide::Request;
use kith_event::{Event, Identifier, Record};
use serde_json::{Value, json};

use crate::api::Api;
use crate::models::shop;

const PATH: &str = "/api/v1/recipes/next/report";

#[tokio::test]
async fn a_report_says_what_is_unknown_and_why() {
    let api = Api::start().await;
    assert_eq!(api.get(PATH).await.problem(), "404 not-found");
    shop(&api, 4).await;
    let report = api.read(PATH).await;
    assert_eq!(report["offline"], Value::Null);
    assert_eq!(
        report["words"],
        "It is being measured; ask again in a while."
    );
    let online = json!({"since_at": null, "decisions": 0, "items_shown": 0, "clicked": 0,
        "bought": 0, "fallbacks": 0, "click_rate": null, "purchase_rate": null,
        "coverage": null, "novelty_bits": null, "days": []});
    assert_eq!(report["online"], online);
    assert_eq!(
        (&report["recipe"], &report["catalog_items"]),
        (&json!("next"), &json!(12))
    );
    api.learn();
    let report = api.read(PATH).await;
    let words = "6 more persons who turned to a second item are needed";
    assert_eq!(
        (&report["offline"], &report["words"]),
        (&Value::Null, &json!(words))
    );
}

/// Decides for somebody, clicks the first item and buys the second.
async fn follow(api: &Api, who: &str) {
    let identifier = Identifier::new("user_id", who);
    let request = Request {
        placements: vec!["home".to_owned()],
        identifiers: vec![identifier],
        context: Fact::Null,
        ..Request::default()
    };
    let call = digest("test", &[who.as_bytes()]);
    let decided = api
        .handle
        .decide(request, None, api.now(), call)
        .await
        .unwrap();
    let entry = &decided.answer.outcomes().next().unwrap().entry;
    let [first, second] = &entry.choices[..] else {
        panic!("{entry:?}");
    };
    let event = |name: &str, properties: Value| -> Event {
        let mut event = api.event(&format!("{name} {who}"), name, &[&format!("user_id:{who}")]);
        event.properties = Json::parse(&properties.to_string()).unwrap();
        event
    };
    let click = json!({"decision_id": entry.decision_id, "choice_id": first.id});
    api.append(vec![
        Record::Event(event("Decision Clicked", click)),
        Record::Event(event(
            "Order Completed",
            json!({"products": [{"product_id": second.id}]}),
        )),
    ])
    .await;
}

#[tokio::test]
async fn a_report_holds_both_scores() {
    let api = Api::start().await;
    shop(&api, 60).await;
    api.learn();
    for who in ["p0", "p1", "p2"] {
        follow(&api, who).await;
    }
    api.read(PATH).await;
    api.learn();
    let report = api.read(PATH).await;
    let offline = &report["offline"];
    assert_eq!(
        (&offline["persons"], &report["words"]),
        (&json!(60), &json!(""))
    );
    let figure = |name: &str, member: &str| offline[name][member].as_f64().unwrap();
    assert!(
        figure("ndcg_at_10", "lower") > figure("popular_ndcg_at_10", "upper"),
        "{offline}"
    );
    assert!(figure("recall_at_10", "value") > 0.5, "{offline}");
    assert_eq!(offline["coverage"], 1.0, "{offline}");
    assert!(offline["novelty_bits"].as_f64().unwrap() > 2.0, "{offline}");
    assert!(offline["protocol"].as_str().unwrap().contains("is hidden"));

    let online = &report["online"];
    let count = |name: &str| online[name].as_u64().unwrap();
    assert_eq!(
        (count("decisions"), count("items_shown")),
        (3, 6),
        "{online}"
    );
    assert_eq!((count("clicked"), count("bought")), (3, 3), "{online}");
    let rate = &online["click_rate"];
    assert_eq!(rate["value"], 0.5);
    assert!(rate["lower"].as_f64() < Some(0.2) && rate["upper"].as_f64() > Some(0.8));
    let day = json!({"day": "2026-11-21", "items_shown": 6, "clicked": 3, "bought": 3});
    assert_eq!(online["days"], json!([day]));

    // Another revision is measured anew; until then the last word is told with what it is about.
    let recipe = r#"{"name":"Next","spec":{"ingredients":[{"model":"popular"}]}}"#;
    let tag = api.get("/api/v1/definitions/recipe/next").await;
    let tag = tag.headers["etag"].to_str().unwrap();
    let path = "/api/v1/definitions/recipe/next";
    let written = api.put(path, &[("if-match", tag)], recipe).await;
    assert_eq!(written.status, StatusCode::OK, "{}", written.text);
    let report = api.read(PATH).await;
    let words = "Measured of revision 1; revision 2 is being measured.";
    assert_eq!(report["words"], words);
    api.learn();
    let report = api.read(PATH).await;
    assert_eq!(report["words"], "");
    assert_ne!(report["offline"]["ndcg_at_10"], offline["ndcg_at_10"]);
}
