//! Models of items through the API.

use crate::api::Api;

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
    assert_eq!(models["linear"], serde_json::Value::Null, "{models}");
    assert_eq!(models["stream"]["events"], 0, "{models}");
}
