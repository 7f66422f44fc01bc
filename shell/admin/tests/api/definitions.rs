//! Definitions: optimistic locking, checks, history, paging, preview.

use axum::http::{Method, StatusCode, header};

use crate::api::{AS_ADMIN, Api, column};

const HERO: &str = r#"{"name":"Home hero","spec":{"type":"offers"}}"#;

#[tokio::test]
async fn a_definition_is_created_changed_and_archived() {
    let api = Api::start().await;
    let path = "/api/v1/definitions/placement/home_hero";
    assert_eq!(api.get(path).await.problem(), "404 not-found");
    let early = api.put(path, &[("if-match", "\"1\"")], HERO).await;
    assert_eq!(early.problem(), "412 precondition-failed");
    let created = api.put(path, &[("if-none-match", "*")], HERO).await;
    assert_eq!(created.status, StatusCode::CREATED);
    assert_eq!(created.headers[header::ETAG], "\"1\"");
    let body = created.json();
    assert_eq!(body["spec"]["limit"], 1, "defaults are filled");
    assert_eq!(
        (&body["author"], &body["status"]),
        (&"key admin".into(), &"live".into())
    );

    let again = api.put(path, &[("if-none-match", "*")], HERO).await;
    assert_eq!(again.problem(), "412 precondition-failed");
    let blind = api.put(path, &[], HERO).await;
    assert_eq!(blind.problem(), "428 precondition-required");
    let changed = api.put(path, &[("if-match", "\"1\"")], HERO).await;
    assert_eq!(
        (changed.status, changed.json()["revision"].clone()),
        (StatusCode::OK, 2.into())
    );
    let lost = api.put(path, &[("if-match", "\"1\"")], HERO).await;
    assert_eq!(lost.problem(), "412 precondition-failed");
    assert!(lost.text.contains("revision 2 by key admin"));

    let held = [AS_ADMIN, ("if-none-match", "\"2\"")];
    let unchanged = api.call(Method::GET, path, &held, None).await;
    assert_eq!(
        (unchanged.status, unchanged.text.as_str()),
        (StatusCode::NOT_MODIFIED, "")
    );
    let stale = [AS_ADMIN, ("if-match", "\"1\"")];
    let stale = api.call(Method::DELETE, path, &stale, None).await;
    assert_eq!(stale.problem(), "412 precondition-failed");
    assert_eq!(api.delete(path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(api.read(path).await["status"], "archived");
    let list = api.read("/api/v1/definitions/placement").await;
    assert_eq!(column(&list, "id"), [""; 0]);
    let revisions = api.read(&format!("{path}/revisions?limit=2")).await;
    assert_eq!(column(&revisions, "revision"), ["3", "2"]);
    let next = revisions["next_cursor"].as_str().unwrap();
    let rest = api.read(&format!("{path}/revisions?cursor={next}")).await;
    assert_eq!(column(&rest, "revision"), ["1"]);
    let revived = api.put(path, &[], HERO).await;
    assert_eq!(
        (revived.status, revived.json()["revision"].clone()),
        (StatusCode::CREATED, 4.into())
    );
}

#[tokio::test]
async fn of_two_changes_at_once_one_is_told() {
    let api = Api::start().await;
    let path = "/api/v1/definitions/placement/home_hero";
    api.put(path, &[], HERO).await;
    let (one, two) = tokio::join!(
        api.put(path, &[("if-match", "\"1\"")], HERO),
        api.put(path, &[("if-match", "\"1\"")], HERO),
    );
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
}

#[tokio::test]
async fn what_cannot_work_is_refused_with_its_fields() {
    let api = Api::start().await;
    let put = |path: &'static str, body: &'static str| {
        let api = &api;
        async move {
            let answer = api
                .put(&format!("/api/v1/definitions/{path}"), &[], body)
                .await;
            (answer.problem(), answer.fields())
        }
    };
    let wrong = put(
        "offer/sale",
        r#"{"name":"Sale","spec":{"priority":-1,"typ":1}}"#,
    )
    .await;
    assert_eq!(wrong.0, "422 invalid-body");
    assert_eq!(wrong.1, ["spec.typ", "spec.placements", "spec.priority"]);
    let nowhere = put(
        "offer/sale",
        r#"{"name":"Sale","spec":{"placements":["gone"]}}"#,
    )
    .await;
    assert_eq!(nowhere.1, ["spec.placements[0]"]);
    api.put("/api/v1/definitions/placement/home", &[], HERO)
        .await;
    let rule = r#"{"name":"Sale","spec":{"placements":["home"],"when":"traits.plan = = 3"}}"#;
    assert_eq!(put("offer/sale", rule).await.1, ["spec.when"]);
    assert_eq!(
        put("offer/Big%20Sale", HERO).await.1,
        ["id", "spec.type", "spec.placements"]
    );
    let unknown = put("offer/sale", r#"{"name":"Sale","spec":{},"colour":1}"#).await;
    assert_eq!(unknown.0, "422 invalid-body");
    assert_eq!(put("offer/sale", "{").await.0, "400 invalid-json");
    assert_eq!(put("journey/x", HERO).await.0, "404 not-found");

    let sale = r#"{"name":"Sale","spec":{"placements":["home"]}}"#;
    api.put("/api/v1/definitions/offer/sale", &[], sale).await;
    let used = api.delete("/api/v1/definitions/placement/home").await;
    assert_eq!(
        (used.problem().as_str(), used.fields()),
        ("409 in-use", vec!["offer/sale".into()])
    );
}

#[tokio::test]
async fn a_list_ends_at_its_limit_and_goes_on_one_beyond() {
    let api = Api::start().await;
    for id in ["a", "b", "c"] {
        api.put(&format!("/api/v1/definitions/placement/{id}"), &[], HERO)
            .await;
    }
    let all = api.read("/api/v1/definitions/placement?limit=3").await;
    assert_eq!(
        (column(&all, "id").join(""), &all["next_cursor"]),
        ("abc".into(), &None::<()>.into())
    );
    let two = api.read("/api/v1/definitions/placement?limit=2").await;
    let cursor = two["next_cursor"].as_str().unwrap();
    let rest = api
        .read(&format!("/api/v1/definitions/placement?cursor={cursor}"))
        .await;
    assert_eq!(column(&rest, "id"), ["c"]);
    let found = api
        .read("/api/v1/definitions/placement?q=HERO&limit=1000")
        .await;
    assert_eq!(column(&found, "id").len(), 3);
    let elsewhere = api
        .get(&format!("/api/v1/definitions/offer?cursor={cursor}"))
        .await;
    assert_eq!(elsewhere.problem(), "400 invalid-parameter");
    let beyond = api.get("/api/v1/definitions/placement?limit=1001").await;
    assert_eq!(
        (beyond.problem().as_str(), beyond.fields()),
        ("400 invalid-parameter", vec!["limit".into()])
    );
    let misspelt = api.get("/api/v1/definitions/placement?limt=3&Q=x").await;
    assert_eq!(misspelt.problem(), "400 unknown-parameter");
    assert_eq!(misspelt.fields(), ["limt", "Q"]);
}

#[tokio::test]
async fn a_preview_decides_as_a_person_and_stores_nothing() {
    let api = Api::start().await;
    api.put("/api/v1/definitions/placement/home", &[], HERO)
        .await;
    let pro = api.identify("m1", r#"{"plan":"pro"}"#, &["user_id:42"]);
    api.append(vec![kith_event::Record::Event(pro)]).await;
    let preview = |user: &str| {
        let body = format!(
            r#"{{"id":"sale","spec":{{"placements":["home"],"when":"traits.plan = \"pro\"",
            "content":{{"title":"Hi"}}}},"identifiers":{{"user_id":"{user}"}}}}"#
        );
        let api = &api;
        async move {
            api.post("/api/v1/definitions/offer/preview", &body)
                .await
                .json()
        }
    };
    let shown = preview("42").await;
    assert_eq!(
        shown["decision"]["choices"][0]["content"]["title"], "Hi",
        "{shown}"
    );
    assert_eq!(shown["facts"]["traits.plan"], "pro");
    let stranger = preview("43").await;
    assert_eq!(stranger["decision"]["fallback"], true, "{stranger}");
    let offer = api.get("/api/v1/definitions/offer/sale").await;
    assert_eq!(offer.problem(), "404 not-found");

    let broken = r#"{"id":"x","spec":{"placements":["home"],"when":"traits.plan = = 1"}}"#;
    let broken = api
        .post("/api/v1/definitions/offer/preview", broken)
        .await
        .json();
    assert_eq!(broken["warnings"][0]["field"], "spec.when", "{broken}");
    let other = r#"{"id":"default","spec":{"attributes":3}}"#;
    let other = api
        .post("/api/v1/definitions/catalog/preview", other)
        .await
        .json();
    assert_eq!(other["warnings"][0]["field"], "spec.attributes");
    assert_eq!(other["decision"], serde_json::Value::Null);
    let nobody = r#"{"id":"x","spec":{"placements":["home"]},"person_id":"nobody"}"#;
    let nobody = api.post("/api/v1/definitions/offer/preview", nobody).await;
    assert_eq!(nobody.problem(), "400 invalid-parameter");
}

#[tokio::test]
async fn every_kind_has_a_schema() {
    let api = Api::start().await;
    for kind in ["source", "placement", "offer", "identity", "catalog"] {
        let schema = api.read(&format!("/api/v1/schemas/{kind}")).await;
        assert_eq!(schema["title"], kind);
    }
    assert_eq!(
        api.get("/api/v1/schemas/user").await.problem(),
        "404 not-found"
    );
}

#[tokio::test]
async fn a_number_that_no_float_holds_is_named() {
    let api = Api::start().await;
    let placement = r#"{"name":"Home","spec":{"type":"offers","limit":1e999}}"#;
    let path = "/api/v1/definitions/placement/home";
    let refused = api.put(path, &[], placement).await;
    assert_eq!(refused.fields(), ["spec.limit"], "{}", refused.text);
    assert!(refused.text.contains("beyond what a number can hold"));
    let item = r#"{"title":"A","attributes":{"sizes":[1,1e999]}}"#;
    let refused = api.put("/api/v1/catalog/items/a", &[], item).await;
    assert_eq!(
        refused.fields(),
        ["attributes.sizes[1]"],
        "{}",
        refused.text
    );
}

const PLAN: &str = "/api/v1/definitions";

const THREE: &str = r#"{"changes":[
        {"kind":"audience","id":"both","definition":
            {"name":"Both","spec":{"when":"in audience \"buyers\" and in audience \"readers\""}}},
        {"kind":"audience","id":"buyers","definition":
            {"name":"","spec":{"when":"count(\"Order Completed\") >= 1"}}},
        {"kind":"audience","id":"readers","definition":
            {"name":"","spec":{"when":"count(page) >= 1"}}}]}"#;

#[tokio::test]
async fn a_plan_is_carried_out_whole_in_any_order() {
    let api = Api::start().await;
    let written = api.post(PLAN, THREE).await;
    assert_eq!(written.status, StatusCode::OK, "{}", written.text);
    let written = written.json();
    assert_eq!(column(&written, "id"), ["both", "buyers", "readers"]);
    assert_eq!(column(&written, "revision"), ["1", "1", "1"]);
    assert_eq!(column(&written, "status"), ["live", "live", "live"]);
    let buyers = api.read("/api/v1/definitions/audience/buyers").await;
    assert_eq!(
        (&buyers["name"], &buyers["author"]),
        (&"buyers".into(), &"key admin".into())
    );

    let turned = r#"{"changes":[
        {"kind":"audience","id":"buyers","revision":1},
        {"kind":"audience","id":"both","revision":1,"definition":
            {"name":"Both","spec":{"when":"in audience \"readers\""}}}]}"#;
    let turned = api.post(PLAN, turned).await.json();
    assert_eq!(column(&turned, "revision"), ["2", "2"]);
    assert_eq!(column(&turned, "status"), ["archived", "live"]);
    let back = r#"{"changes":[{"kind":"audience","id":"buyers","definition":
        {"name":"","spec":{"type":"list"}}}]}"#;
    assert_eq!(
        column(&api.post(PLAN, back).await.json(), "revision"),
        ["3"]
    );
}

#[tokio::test]
async fn of_a_plan_that_cannot_be_carried_out_nothing_is_written() {
    let api = Api::start().await;
    assert_eq!(api.post(PLAN, THREE).await.status, StatusCode::OK);
    let refused = [
        // What it was made from is not what is live.
        (
            r#"{"kind":"audience","id":"buyers"}"#,
            "412 precondition-failed",
            "at revision 1 by key",
        ),
        (
            r#"{"kind":"audience","id":"new","revision":3}"#,
            "412 precondition-failed",
            "not live",
        ),
        // Another one names it.
        (
            r#"{"kind":"audience","id":"buyers","revision":1}"#,
            "422 invalid-body",
            "audience/both.",
        ),
        (
            r#"{"kind":"audience","id":"new"}"#,
            "422 invalid-body",
            "there is no audience",
        ),
        (
            r#"{"kind":"audience","id":"new","definition":{"name":"","spec":{"when":"1 >"}}}"#,
            "422 invalid-body",
            "audience/new.spec.when",
        ),
        (
            r#"{"kind":"audience","id":"fine","definition":{"name":"","spec":{"type":"list"}}}"#,
            "422 invalid-body",
            "may be changed once",
        ),
        (
            r#"{"kind":"user","id":"ann"}"#,
            "422 invalid-body",
            "expected one of `source`",
        ),
    ];
    for (change, problem, told) in refused {
        let fine = r#"{"kind":"audience","id":"fine","definition":
            {"name":"","spec":{"type":"list"}}}"#;
        let both = format!(r#"{{"changes":[{fine},{change}]}}"#);
        let answer = api.post(PLAN, &both).await;
        assert_eq!(answer.problem(), problem, "{change}: {}", answer.text);
        assert!(answer.text.contains(told), "{change}: {}", answer.text);
        let fine = api.get("/api/v1/definitions/audience/fine").await;
        assert_eq!(fine.problem(), "404 not-found", "{change}");
    }
}

#[tokio::test]
async fn a_plan_holds_ten_thousand_changes_and_not_one_more() {
    let api = Api::start().await;
    let plan = |count: usize| {
        let change = |number: usize| {
            format!(
                r#"{{"kind":"audience","id":"a{number}","definition":
                    {{"name":"","spec":{{"type":"list"}}}}}}"#
            )
        };
        let changes: Vec<String> = (0..count).map(change).collect();
        format!(r#"{{"changes":[{}]}}"#, changes.join(","))
    };
    let refused = api.post(PLAN, &plan(10_001)).await;
    assert_eq!(refused.problem(), "409 too-many");
    assert!(refused.text.contains("there are 10001, the limit is 10000"));
    let written = api.post(PLAN, &plan(10_000)).await;
    assert_eq!(written.status, StatusCode::OK, "{}", written.text);
    // As many of a kind as may be live: one more is refused by either way.
    let more = r#"{"changes":[{"kind":"audience","id":"more","definition":
        {"name":"","spec":{"type":"list"}}}]}"#;
    assert_eq!(api.post(PLAN, more).await.problem(), "409 too-many");
    let one = r#"{"name":"","spec":{"type":"list"}}"#;
    let one = api.put("/api/v1/definitions/audience/more", &[], one).await;
    assert_eq!(one.problem(), "409 too-many");
}
