//! Rules under edit, and what audiences and features would be.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::api::{AS_READER, Api};
use crate::audiences::{put, settle, view};

const SHOES: &str = r#"count("Product Viewed" where category = "shoes", 30 days) >= 2"#;

async fn parse(api: &Api, input: Value) -> Value {
    let path = "/api/v1/rules/parse";
    let body = input.to_string();
    let answer = api
        .call(Method::POST, path, &[AS_READER], Some(&body))
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

#[tokio::test]
async fn a_rule_is_told_in_every_form() {
    let api = Api::start().await;
    api.append(vec![view(&api, "m1", "shoes", "user_id:1")])
        .await;
    let forms = parse(&api, json!({ "text": SHOES })).await;
    assert_eq!(
        forms["in_words"],
        "they viewed products of category \"shoes\" at least 2 times in the last 30 days"
    );
    assert_eq!((&forms["errors"], &forms["lint"]), (&json!([]), &json!([])));
    let back = parse(&api, json!({"tree": forms["tree"]})).await;
    assert_eq!(back, forms);

    let wrong = parse(
        &api,
        json!({"text": "traits.a = 1\nand features.purchas_count > 1"}),
    )
    .await;
    let error = &wrong["errors"][0];
    assert_eq!(
        (&error["line"], &error["column"], &error["offset"]),
        (&2.into(), &5.into(), &17.into())
    );
    assert!(
        error["fix"].as_str().unwrap().contains("purchase_count"),
        "{error}"
    );
    let unread = parse(&api, json!({"text": "traits.a ="})).await;
    assert_eq!(
        (&unread["tree"], &unread["in_words"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(unread["errors"].as_array().unwrap().len(), 1);
    let odd = parse(&api, json!({"text": "count(\"Product Vewed\") > 1"})).await;
    assert_eq!(odd["lint"][0]["kind"], "event-never-seen");
    assert!(
        odd["lint"][0]["fix"]
            .as_str()
            .unwrap()
            .contains("Product Viewed")
    );
    let twisted = parse(&api, json!({"tree": {"al": []}})).await;
    assert_eq!(
        (&twisted["text"], &twisted["errors"][0]["line"]),
        (&Value::Null, &0.into())
    );
    let neither = api.post("/api/v1/rules/parse", "{}").await;
    assert_eq!(neither.problem(), "422 invalid-body");
}

#[tokio::test]
async fn only_the_rule_of_an_offer_may_ask_for_context() {
    let api = Api::start().await;
    let text = "context.page.path = \"/\" and traits.plan = \"pro\"";
    let refused = parse(&api, json!({"text": text, "kind": "audience"})).await;
    let error = &refused["errors"][0];
    assert_eq!((&error["line"], &error["column"]), (&1.into(), &1.into()));
    let message = "context.page.path is known only while a decision is made";
    assert_eq!(error["message"], message);
    let fix = error["fix"].as_str().unwrap();
    assert!(fix.contains("in the rule of an offer"), "{fix}");
    for of_offer in [
        json!({"text": text, "kind": "offer"}),
        json!({ "text": text }),
    ] {
        assert_eq!(parse(&api, of_offer).await["errors"], json!([]));
    }
    let tree = parse(&api, json!({ "text": text })).await["tree"].clone();
    let refused = parse(&api, json!({"tree": tree, "kind": "audience"})).await;
    assert_eq!(refused["errors"][0]["message"], message);
    // The context of an event is known.
    let counted = json!({"text": "count(page where context.locale = \"de\") > 0",
        "kind": "audience"});
    assert_eq!(parse(&api, counted).await["errors"], json!([]));
    let unknown = json!({"text": text, "kind": "journey"}).to_string();
    let unknown = api.post("/api/v1/rules/parse", &unknown).await;
    assert_eq!(unknown.problem(), "422 invalid-body");
    let body = json!({"name": "Here", "spec": {"when": text}}).to_string();
    let answer = put(&api, "audience/here", &body).await;
    assert_eq!(answer.problem(), "422 invalid-body");
    assert!(
        answer.text.contains("ask for it in the rule of an offer"),
        "{}",
        answer.text
    );
}

/// Sixty people: every third looked at shoes twice.
async fn visitors(api: &Api) {
    let mut views = Vec::new();
    for n in 1..=60 {
        let who = format!("user_id:{n}");
        let last = if n % 3 == 0 { "shoes" } else { "hats" };
        for (k, category) in ["shoes", last].into_iter().enumerate() {
            views.push(view(api, &format!("m{n}-{k}"), category, &who));
        }
    }
    api.append(views).await;
}

async fn preview(api: &Api, kind: &str, body: Value) -> Value {
    let path = format!("/api/v1/definitions/{kind}/preview");
    let answer = api.post(&path, &body.to_string()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

#[tokio::test]
async fn a_preview_of_an_audience_is_what_it_will_be() {
    let api = Api::start().await;
    let even = r#"{"name":"Lookers","spec":{"when":"features.product_view_count >= 2"}}"#;
    put(&api, "audience/lookers", even).await;
    visitors(&api).await;
    let spec = json!({ "when": SHOES });
    for exact in [false, true] {
        let body = json!({"id": "shoes", "spec": spec, "exact": exact});
        let told = preview(&api, "audience", body).await;
        let size = &told["size"];
        assert_eq!(size["of"], 60);
        let bounds = ["low", "estimate", "high"].map(|name| size[name].as_u64().unwrap());
        assert!(
            bounds.is_sorted() && bounds[0] <= 20 && 20 <= bounds[2],
            "{size}"
        );
        if exact {
            assert_eq!((bounds, &size["exact"]), ([20; 3], &true.into()));
            assert_eq!(told["sample"].as_array().unwrap().len(), 10);
            let overlap = json!([{"audience_id": "lookers", "name": "Lookers", "both": 20}]);
            assert_eq!(told["overlap"], overlap);
            assert_eq!(told["tree"]["operator"], ">=");
            assert_eq!(told["warnings"], json!([]));
        }
    }
    let body = json!({"name": "Shoes", "spec": spec}).to_string();
    assert_eq!(
        put(&api, "audience/shoes", &body).await.status,
        StatusCode::CREATED
    );
    settle(&api).await;
    assert_eq!(api.read("/api/v1/audiences/shoes/size").await["size"], 20);

    // Half of the window is kept already, the other half is folded for the preview.
    let longer = SHOES.replace("30 days", "60 days");
    let body = json!({"id": "shoes", "spec": {"when": longer}, "exact": true});
    assert_eq!(
        preview(&api, "audience", body).await["size"]["estimate"],
        20
    );
    let wrong = json!({"id": "shoes", "spec": {"when": "traits.plan = = 3"}});
    let wrong = preview(&api, "audience", wrong).await;
    assert_eq!(wrong["size"], Value::Null);
    let message = wrong["warnings"][0]["message"].as_str().unwrap();
    assert!(message.starts_with("line 1, column 15: "), "{message}");
    let nobody = json!({"id": "x", "spec": {"when": "traits.a = 1 and traits.a = 2"}});
    let nobody = preview(&api, "audience", nobody).await;
    assert!(
        nobody["warnings"][0]["message"]
            .as_str()
            .unwrap()
            .contains("nobody"),
        "{nobody}"
    );
}

#[tokio::test]
async fn a_preview_of_a_feature_shows_values_of_people() {
    let api = Api::start().await;
    visitors(&api).await;
    let value = r#"count("Product Viewed" where category = "hats")"#;
    let body = json!({"id": "hat_views", "spec": {"value": value}});
    let told = preview(&api, "feature", body).await;
    let values = told["values"].as_array().unwrap();
    assert_eq!(values.len(), 10);
    assert!(values.iter().all(|row| row["value"] == 1), "{told}");
    assert_eq!(
        told["in_words"],
        "the number of their product views of category \"hats\""
    );

    let body = json!({"name": "Hats", "spec": {"value": value}}).to_string();
    put(&api, "feature/hat_views", &body).await;
    for _ in 0..1_000 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        let person = values[0]["person_id"].as_str().unwrap();
        let person = api.read(&format!("/api/v1/persons/{person}")).await;
        match &person["features"]["hat_views"] {
            Value::Null => {}
            value => return assert_eq!(value, &values[0]["value"]),
        }
    }
    panic!("the past of the feature is never read");
}
