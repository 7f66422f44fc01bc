//! How far the search for probable links is.

use kith_linkage::{Linker, SiteKey};
use serde_json::{Value, json};

use crate::api::Api;

const PATH: &str = "/api/v1/identity/matching";

#[tokio::test]
async fn tells_what_the_rules_ask_for() {
    let api = Api::start().await;
    let idle = json!({"state": "idle", "records": null, "visitors": null, "error": null});
    assert_eq!(api.read(PATH).await, idle);

    let mut linker = Linker::new(api.handle.clone(), SiteKey::new([7; 32]));
    let rules = json!({"name": "Rules", "spec": {"probabilistic": {"records": true}}});
    let written = crate::audiences::put(&api, "identity/default", &rules.to_string()).await;
    assert!(written.status.is_success(), "{}", written.text);
    while linker.step(api.now()).await.unwrap() {}
    let figures = linker.status().figures();
    let told = kith_admin::wire::Matching::from(&*figures);
    let told: Value = serde_json::to_value(&told).unwrap();
    assert_eq!(told["state"], "learning");
    assert_eq!(told["visitors"], Value::Null);
    assert_eq!(told["records"]["persons"], 0);
    assert_eq!(told["records"]["last_batch_at"], api.now().to_string());
}
