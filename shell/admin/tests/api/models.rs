//! Models of items through the API.

use axum::http::Method;
use kith_base::Json;
use kith_event::{CatalogChange, Record};
use serde_json::{Value, json};

use crate::api::{AS_READER, Api};

#[tokio::test]
async fn models_are_at_work_while_a_recipe_is_defined() {
    let api = Api::start().await;
    let models = api.read("/api/v1/models").await;
    assert_eq!(models["at_work"], false, "{models}");
    let recipe = r#"{"name":"For you","spec":{"ingredients":[{"model":"linear"}]}}"#;
    let written = crate::audiences::put(&api, "recipe/for_you", recipe).await;
    assert!(written.status.is_success(), "{}", written.text);
    let models = api.read("/api/v1/models").await;
    assert_eq!(models["at_work"], true, "{models}");
    assert_eq!(models["linear"], Value::Null, "{models}");
    assert_eq!(models["training"], Value::Null, "{models}");
    assert_eq!(models["stream"]["events"], 0, "{models}");
}

/// A recipe with a trained model, and people who look at `a…`, or at `b…`, one after the other.
pub async fn shop(api: &Api, visitors: usize) {
    let recipe = r#"{"ingredients":[{"model":"item-to-item"},{"model":"linear"}]}"#;
    let placement = r#"{"type":"items","limit":2,"recipe":"next"}"#;
    let item = |name: String| (name, Some(Json::parse(r#"{"price":"9"}"#).unwrap()));
    let items = (0..6).flat_map(|n| [item(format!("a{n}")), item(format!("b{n}"))]);
    let catalog = CatalogChange {
        at: api.now(),
        items: items.collect(),
    };
    let mut records = vec![
        api.definition("recipe", "next", recipe),
        api.definition("placement", "home", placement),
        Record::Catalog(catalog),
    ];
    records.extend((0..visitors).flat_map(|visitor| views(api, visitor)));
    api.append(records).await;
}

fn views(api: &Api, visitor: usize) -> Vec<Record> {
    let view = |step: usize| {
        let item = format!("{}{}", ["a", "b"][visitor % 2], (visitor / 2 + step) % 6);
        let id = format!("v{visitor}-{step}");
        let mut event = api.event(&id, "Product Viewed", &[&format!("user_id:p{visitor}")]);
        event.properties = Json::parse(&format!(r#"{{"product_id":"{item}"}}"#)).unwrap();
        Record::Event(event)
    };
    (0..3).map(view).collect()
}

#[tokio::test]
async fn versions_are_listed_and_an_earlier_one_serves_again() {
    let api = Api::start().await;
    shop(&api, 60).await;
    api.learn();
    api.wait_minutes(11);
    let more = (60..80).flat_map(|visitor| views(&api, visitor));
    api.append(more.collect()).await;
    api.learn();
    let models = api.read("/api/v1/models").await;
    let linear = &models["linear"];
    let told: Vec<(&Value, &Value)> = linear["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| (&version["version"], &version["serves"]))
        .collect();
    assert_eq!(
        told,
        [(&json!(2), &json!(true)), (&json!(1), &json!(false))]
    );
    let first = &linear["versions"][1];
    assert_eq!(first["histories"], 60, "{first}");
    assert!(first["chosen"].as_str().unwrap().contains(" λ "), "{first}");
    let evaluation = &first["evaluation"];
    assert_eq!(first["ndcg_at_10"], evaluation["ndcg_at_10"]["value"]);
    assert!(
        evaluation["ndcg_at_10"]["lower"].as_f64() < first["ndcg_at_10"].as_f64(),
        "{first}"
    );
    assert_eq!(linear["pinned"], Value::Null);
    assert_eq!(models["training"]["state"], "done", "{models}");
    assert_eq!(models["content"]["versions"][0]["evaluation"], Value::Null);

    let path = "/api/v1/models/linear/serve";
    let served = api.post(path, r#"{"version":1}"#).await.json();
    assert_eq!(served["linear"]["version"], 1, "{served}");
    let pinned = &served["linear"]["pinned"];
    assert_eq!(
        (&pinned["version"], &pinned["by"]),
        (&json!(1), &json!("key admin"))
    );
    assert_eq!(served["content"]["pinned"], Value::Null);
    let served = api.post(path, r#"{"version":null}"#).await.json();
    assert_eq!(served["linear"]["version"], 2, "{served}");
    assert_eq!(served["linear"]["pinned"], Value::Null, "{served}");
}

#[tokio::test]
async fn what_cannot_serve_is_refused_with_the_reason() {
    let api = Api::start().await;
    shop(&api, 20).await;
    api.learn();
    let path = "/api/v1/models/linear/serve";
    let unknown = api.post(path, r#"{"version":9}"#).await;
    assert_eq!(unknown.problem(), "404 not-found");
    assert!(
        unknown.text.contains("has no version 9; there are [1]"),
        "{}",
        unknown.text
    );
    let model = api
        .post("/api/v1/models/popular/serve", r#"{"version":1}"#)
        .await;
    assert_eq!(model.problem(), "404 not-found");
    for body in ["{}", r#"{"version":-1}"#, r#"{"version":1,"more":1}"#] {
        assert_eq!(
            api.post(path, body).await.problem(),
            "422 invalid-body",
            "{body}"
        );
    }
    let file = api.folder.path().join("linear-00000001.model");
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    let damaged = api.post(path, r#"{"version":1}"#).await;
    assert_eq!(damaged.problem(), "409 model-damaged");
    assert!(damaged.text.contains("cut short"), "{}", damaged.text);
    let models = api.read("/api/v1/models").await;
    assert_eq!(
        models["linear"]["version"], 1,
        "what is in memory serves on"
    );
    assert_eq!(models["linear"]["pinned"], Value::Null, "{models}");
    let problem = models["linear"]["versions"][0]["problem"].as_str();
    assert!(problem.unwrap().contains("cut short"), "{models}");
    let body = Some(r#"{"version":1}"#);
    let reader = api.call(Method::POST, path, &[AS_READER], body).await;
    assert_eq!(reader.problem(), "403 scope-missing");
}

#[tokio::test]
async fn a_training_is_a_job() {
    let api = Api::start().await;
    shop(&api, 20).await;
    let path = "/api/v1/jobs/models-training";
    assert_eq!(api.get(path).await.problem(), "404 not-found");
    api.learn();
    let job = api.read(path).await;
    assert_eq!(
        (&job["kind"], &job["state"]),
        (&json!("training"), &json!("done"))
    );
    assert_eq!(
        (&job["progress"], &job["error"]),
        (&json!(1.0), &Value::Null)
    );
    let jobs = api.read("/api/v1/jobs").await;
    assert_eq!(jobs["items"][0], job, "{jobs}");
    let after = api.read("/api/v1/jobs?limit=1").await;
    assert_eq!(after["items"][0], job, "{after}");
    let cancelled = api.post(&format!("{path}/cancel"), "").await;
    assert_eq!(cancelled.problem(), "409 job-not-running");
}

#[tokio::test]
async fn a_recipe_that_no_placement_uses_is_tried_in_a_list() {
    let api = Api::start().await;
    shop(&api, 20).await;
    api.learn();
    let persons = api.read("/api/v1/persons?identifier=user_id:p0").await;
    let person = &persons["items"][0]["person_id"];
    let spec = json!({"ingredients": [{"model": "popular"}], "exclude_when": "item.price > 9"});
    let path = "/api/v1/definitions/recipe/preview";
    let body = json!({"id": "draft", "spec": spec, "person_id": person}).to_string();
    let tried = api.post(path, &body).await.json();
    let decision = &tried["decision"];
    assert_eq!(decision["choices"].as_array().unwrap().len(), 8, "{tried}");
    assert_eq!(decision["fallback"], false, "{tried}");
    for kind in ["placement", "recipe"] {
        let live = api.read(&format!("/api/v1/definitions/{kind}")).await;
        assert_eq!(live["items"].as_array().unwrap().len(), 1, "{live}");
    }
    let dear = json!({"id": "draft", "person_id": person,
        "spec": {"ingredients": [{"model": "popular"}], "include_when": "item.price > 9"}});
    let tried = api.post(path, &dear.to_string()).await.json();
    assert_eq!(tried["decision"]["choices"], json!([]), "{tried}");
    assert_eq!(tried["decision"]["fallback"], true, "{tried}");
}
