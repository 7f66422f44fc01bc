//! Audiences: numbers, members, lists, entries and exits, explanations, jobs, checks.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use kith_base::Json;
use kith_event::{Event, Record};

use crate::api::{AS_ADMIN, AS_READER, Answer, Api, column};

const BUYERS: &str =
    r#"{"name":"Buyers","spec":{"when":"count(\"Order Completed\", 7 days) >= 1"}}"#;
const STAFF: &str = r#"{"name":"Staff","spec":{"type":"list"}}"#;

pub async fn put(api: &Api, path: &str, body: &str) -> Answer {
    api.put(&format!("/api/v1/definitions/{path}"), &[], body)
        .await
}

/// Lets time pass until nothing is computed any more.
pub async fn settle(api: &Api) {
    for _ in 0..2_000 {
        api.handle.tick(api.now()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
        let jobs = api.read("/api/v1/jobs").await;
        if jobs["items"] == serde_json::json!([]) {
            return;
        }
    }
    panic!("the audiences are never computed");
}

/// A product view of a category.
pub fn view(api: &Api, message_id: &str, category: &str, identifier: &str) -> Record {
    let properties = format!(r#"{{"product_id":"p","category":"{category}"}}"#);
    Record::Event(Event {
        properties: Json::parse(&properties).unwrap(),
        ..api.event(message_id, "Product Viewed", &[identifier])
    })
}

async fn person_id(api: &Api, identifier: &str) -> String {
    let found = api
        .read(&format!("/api/v1/persons?identifier={identifier}"))
        .await;
    found["items"][0]["person_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_audience_shows_who_is_in_it_and_why_as_time_passes() {
    let api = Api::start().await;
    assert_eq!(
        put(&api, "audience/buyers", BUYERS).await.status,
        StatusCode::CREATED
    );
    let order = api.event("m1", "Order Completed", &["user_id:1"]);
    let visit = api.event("m2", "Cart Viewed", &["user_id:2"]);
    api.append(vec![Record::Event(order), Record::Event(visit)])
        .await;
    let (ada, bob) = (
        person_id(&api, "user_id:1").await,
        person_id(&api, "user_id:2").await,
    );

    let buyers = api.read("/api/v1/audiences/buyers").await;
    assert_eq!(
        (
            &buyers["size"],
            &buyers["type"],
            &buyers["state"],
            &buyers["progress"]
        ),
        (&1.into(), &"rule".into(), &"ready".into(), &1.0.into())
    );
    assert_eq!(
        (&buyers["entered_24h"], &buyers["left_24h"]),
        (&1.into(), &0.into())
    );
    assert_eq!(buyers["size_history"][0]["at"], "2026-11-21T08:00:00.000Z");
    let list = api.read("/api/v1/audiences").await;
    assert_eq!(list["items"][0], buyers);
    let members = api.read("/api/v1/audiences/buyers/members").await;
    assert_eq!(column(&members, "person_id"), [ada.as_str()]);
    assert_eq!(column(&members, "since"), ["2026-11-21T08:00:00.000Z"]);
    let person = api.read(&format!("/api/v1/persons/{ada}")).await;
    assert_eq!(person["audiences"][0]["name"], "Buyers");
    assert_eq!(person["audiences"][0]["audience_id"], "buyers");

    let explain = format!("/api/v1/persons/{ada}/explain?audience=buyers");
    let why = api.read(&explain).await;
    assert_eq!(why["member"], true);
    assert_eq!(
        why["tests"][0]["reason"],
        "they ordered once in the last 7 days, which is at least 1"
    );
    assert_eq!(why["next_change_at"], "2026-11-28T08:00:00.000Z");
    assert_eq!(why["tests"][0]["changes_at"], why["next_change_at"]);
    let why_not = api
        .read(&format!("/api/v1/persons/{bob}/explain?audience=buyers"))
        .await;
    assert_eq!(
        (&why_not["member"], &why_not["since"]),
        (&false.into(), &().into())
    );
    assert_eq!(why_not["tests"][0]["holds"], false);
    let unknown = format!("/api/v1/persons/{ada}/explain?audience=x");
    let unknown = api.get(&unknown).await;
    assert_eq!(unknown.problem(), "404 not-found");

    api.wait_minutes(7 * 24 * 60 + 1);
    settle(&api).await;
    let size = api.read("/api/v1/audiences/buyers/size").await;
    assert_eq!((&size["size"], &size["exact"]), (&0.into(), &true.into()));
    let changes = api.read("/api/v1/audiences/buyers/changes").await;
    assert_eq!(column(&changes, "entered"), ["false", "true"]);
    assert_eq!(column(&changes, "at")[0], "2026-11-28T08:00:00.000Z");
    assert_eq!(column(&changes, "person_id"), [ada.as_str(), ada.as_str()]);
    assert_eq!(api.read(&explain).await["member"], false);
}

#[tokio::test]
async fn members_are_paged() {
    let api = Api::start().await;
    put(
        &api,
        "audience/all",
        r#"{"name":"All","spec":{"when":"features.event_count >= 1"}}"#,
    )
    .await;
    let visits = (1..=5).map(|n| {
        let visit = api.event(&format!("m{n}"), "Cart Viewed", &[&format!("user_id:{n}")]);
        Record::Event(visit)
    });
    api.append(visits.collect()).await;
    let page = api.read("/api/v1/audiences/all/members?limit=3").await;
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = api
        .read(&format!(
            "/api/v1/audiences/all/members?limit=3&cursor={cursor}"
        ))
        .await;
    let mut both = column(&page, "person_id");
    both.extend(column(&rest, "person_id"));
    both.dedup();
    assert_eq!((both.len(), both.is_sorted()), (5, true));
    assert_eq!(rest["next_cursor"], serde_json::Value::Null);
    let twisted = api.get("/api/v1/audiences/all/members?cursor=x").await;
    assert_eq!(twisted.problem(), "400 invalid-parameter");
}

#[tokio::test]
async fn a_list_takes_members_and_lets_them_go() {
    let api = Api::start().await;
    put(&api, "audience/staff", STAFF).await;
    put(&api, "audience/buyers", BUYERS).await;
    put(
        &api,
        "audience/others",
        r#"{"name":"O","spec":{"when":"not in audience \"staff\""}}"#,
    )
    .await;
    let path = "/api/v1/audiences/staff/members";
    let rows = r#"["user_id:1",{"namespace":"email","value":"A@B.c"},"nobody",7,"user_id:null"]"#;
    let added = api.post(path, rows).await;
    assert_eq!(added.status, StatusCode::OK, "{}", added.text);
    let added = added.json();
    assert_eq!(added["accepted"], 2);
    let rejected = added["rejected"].as_array().unwrap();
    let places: Vec<u64> = rejected
        .iter()
        .filter_map(|row| row["index"].as_u64())
        .collect();
    assert_eq!(places, [2, 3, 4]);
    assert_eq!(api.read("/api/v1/audiences/staff/size").await["size"], 2);
    let staff = api.read("/api/v1/audiences/staff").await;
    assert_eq!(
        (&staff["type"], &staff["used_by"][0]["id"]),
        (&"list".into(), &"others".into())
    );

    let csv = [AS_ADMIN, ("content-type", "text/csv")];
    let request = axum::http::Request::builder()
        .method(Method::DELETE)
        .uri(path)
        .header(csv[0].0, csv[0].1)
        .header(csv[1].0, csv[1].1);
    let body = axum::body::Body::from("email,name\na@b.c,Ada\n");
    let removed = api.send(request.body(body).unwrap()).await;
    assert_eq!(
        (removed.status, &removed.json()["accepted"]),
        (StatusCode::OK, &1.into())
    );
    let members = api.read(path).await;
    assert_eq!(members["items"][0]["identifiers"][0]["value"], "1");
    assert_eq!(members["items"].as_array().unwrap().len(), 1);

    let rule = api.post("/api/v1/audiences/buyers/members", "[]").await;
    assert_eq!(rule.problem(), "409 not-a-list");
    let gone = api.post("/api/v1/audiences/gone/members", "[]").await;
    assert_eq!(gone.problem(), "404 not-found");
    let reader = api.call(Method::POST, path, &[AS_READER], Some("[]")).await;
    assert_eq!(reader.problem(), "403 scope-missing");
    let plain = api.call(Method::POST, path, &[AS_ADMIN], None).await;
    assert_eq!(plain.problem(), "415 unsupported-media-type");
    let many = format!("[{}\"user_id:1\"]", "\"user_id:1\",".repeat(10_000));
    assert_eq!(api.post(path, &many).await.problem(), "413 body-too-large");
}

#[tokio::test]
async fn finding_members_in_the_past_is_a_job_with_progress() {
    let api = Api::start().await;
    let views = (1..=10).map(|n| view(&api, &format!("m{n}"), "shoes", &format!("user_id:{n}")));
    api.append(views.collect()).await;
    let rule = r#"count(\"Product Viewed\" where category = \"shoes\", 30 days) >= 1"#;
    let body = format!(r#"{{"name":"Shoes","spec":{{"when":"{rule}"}}}}"#);
    put(&api, "audience/shoes", &body).await;
    // Nobody is looked at before time passes.
    let jobs = api.read("/api/v1/jobs").await;
    assert_eq!(column(&jobs, "job_id"), ["audience-shoes"]);
    assert_eq!(
        (&jobs["items"][0]["kind"], &jobs["items"][0]["name"]),
        (&"audience".into(), &"Shoes".into())
    );
    let share = jobs["items"][0]["progress"].as_f64().unwrap();
    assert!((0.0..1.0).contains(&share), "{share}");
    let shoes = api.read("/api/v1/audiences/shoes").await;
    assert_eq!(
        (&shoes["state"], &shoes["size"]),
        (&"computing".into(), &0.into())
    );
    settle(&api).await;
    let done = api.read("/api/v1/jobs/audience-shoes").await;
    assert_eq!(
        (&done["state"], &done["progress"]),
        (&"done".into(), &1.0.into())
    );
    let shoes = api.read("/api/v1/audiences/shoes").await;
    assert_eq!(
        (&shoes["state"], &shoes["size"]),
        (&"ready".into(), &10.into())
    );
    assert_eq!(shoes["entered_24h"], 0, "who is found did not just enter");
    assert_eq!(
        api.get("/api/v1/jobs/audience-x").await.problem(),
        "404 not-found"
    );
}

#[tokio::test]
async fn computing_an_audience_or_a_feature_is_cancelled_and_resumed() {
    let api = Api::start().await;
    let record = |number| {
        view(
            &api,
            &format!("m{number}"),
            "shoes",
            &format!("user_id:{number}"),
        )
    };
    api.append((1..=5).map(record).collect()).await;
    let body = r#"{"name":"All","spec":{"when":"identifier(\"user_id\") exists"}}"#;
    put(&api, "audience/all", body).await;
    let refused = api.post("/api/v1/jobs/audience-all/resume", "").await;
    assert_eq!(refused.problem(), "409 job-not-running");
    let answer = api.post("/api/v1/jobs/audience-all/cancel", "").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["state"], "cancelled");
    api.handle.tick(api.now()).await.unwrap();
    let all = api.read("/api/v1/audiences/all").await;
    assert_eq!(
        (&all["state"], &all["size"]),
        (&"cancelled".into(), &0.into())
    );
    assert_eq!(all["progress"], 0.0);
    let jobs = api.read("/api/v1/jobs").await;
    assert_eq!(jobs["items"][0]["state"], "cancelled");

    let answer = api.post("/api/v1/jobs/audience-all/resume", "").await;
    assert_eq!(answer.json()["state"], "running");
    settle(&api).await;
    let all = api.read("/api/v1/audiences/all").await;
    assert_eq!((&all["state"], &all["size"]), (&"ready".into(), &5.into()));
    for (path, expect) in [
        ("audience-all/cancel", "409 job-not-running"),
        ("audience-x/cancel", "404 not-found"),
        ("feature-x/resume", "404 not-found"),
        ("7/cancel", "404 not-found"),
    ] {
        let answer = api.post(&format!("/api/v1/jobs/{path}"), "").await;
        assert_eq!(answer.problem(), expect, "{path}");
    }
    let spec = r#"{"name":"Views","spec":{"value":"count(\"Product Viewed\")"}}"#;
    put(&api, "feature/views", spec).await;
    settle(&api).await;
    let done = api.read("/api/v1/jobs/feature-views").await;
    assert_eq!(
        (&done["state"], &done["kind"]),
        (&"done".into(), &"feature".into())
    );
}

#[tokio::test]
async fn a_feature_is_a_value_and_a_computed_trait_of_people() {
    let api = Api::start().await;
    let value =
        r#"{"value":"count(\"Product Viewed\" where category = \"shoes\")","trait":"shoes"}"#;
    let body = format!(r#"{{"name":"Shoe views","spec":{value}}}"#);
    assert_eq!(
        put(&api, "feature/shoe_views", &body).await.status,
        StatusCode::CREATED
    );
    api.append(vec![
        view(&api, "m1", "shoes", "user_id:1"),
        view(&api, "m2", "hats", "user_id:1"),
        view(&api, "m3", "shoes", "user_id:1"),
    ])
    .await;
    let ada = person_id(&api, "user_id:1").await;
    let person = api.read(&format!("/api/v1/persons/{ada}")).await;
    assert_eq!(person["features"]["shoe_views"], 2);
    assert_eq!(
        person["features"]["product_view_count"], 3,
        "built-in ones stay"
    );
    assert_eq!(person["traits"]["shoes"], 2);
    assert_eq!(
        person["trait_details"]["shoes"]["source"],
        "feature:shoe_views"
    );
}

#[tokio::test]
async fn an_affinity_shows_its_shares_beside_those_of_the_site() {
    let api = Api::start().await;
    let body = r#"{"name":"Taste","spec":{"affinity":{"by":"category"}}}"#;
    let written = put(&api, "feature/taste", body).await;
    assert_eq!(written.status, StatusCode::CREATED, "{}", written.text);
    let keen = r#"{"name":"Keen","spec":{"when":"affinity(\"taste\", \"shoes\") > 0.6"}}"#;
    assert_eq!(
        put(&api, "audience/keen", keen).await.status,
        StatusCode::CREATED
    );
    api.append(vec![
        view(&api, "m1", "shoes", "user_id:1"),
        view(&api, "m2", "shoes", "user_id:1"),
        view(&api, "m3", "hats", "user_id:1"),
        view(&api, "m4", "hats", "user_id:2"),
    ])
    .await;
    let ada = person_id(&api, "user_id:1").await;
    let person = api.read(&format!("/api/v1/persons/{ada}")).await;
    assert_eq!(person["features"]["taste"], "shoes");
    assert_eq!(person["audiences"][0]["audience_id"], "keen");
    let taste = &person["interests"][0];
    assert_eq!(
        (&taste["feature_id"], &taste["key_count"]),
        (&serde_json::json!("taste"), &serde_json::json!(2))
    );
    let near = |value: &serde_json::Value, expect: f64| {
        let found = value.as_f64().unwrap();
        assert!(
            (found - expect).abs() < 1e-4,
            "{found}, not {expect}: {taste}"
        );
    };
    assert_eq!(taste["keys"][0]["key"], "shoes");
    near(&taste["keys"][0]["share"], 2.0 / 3.0);
    near(&taste["keys"][0]["site_share"], 0.5);
    // (2 + 10 × 0.5) / (3 + 10) / 0.5
    near(&taste["keys"][0]["lift"], 14.0 / 13.0);
    let taken = put(&api, "feature/brand", body).await;
    assert_eq!(taken.problem(), "422 invalid-body");
    assert_eq!(taken.json()["errors"][0]["field"], "id");
}

#[tokio::test]
async fn rules_that_cannot_work_are_refused_where_they_go_wrong() {
    let api = Api::start().await;
    let refused = |path: &'static str, spec: &'static str| {
        let api = &api;
        async move {
            let body = format!(r#"{{"name":"N","spec":{spec}}}"#);
            let answer = put(api, path, &body).await;
            assert_eq!(answer.problem(), "422 invalid-body", "{}", answer.text);
            let error = answer.json()["errors"][0].clone();
            let text = |name: &str| error[name].as_str().unwrap().to_owned();
            (text("field"), text("message"))
        }
    };
    let (field, message) = refused("audience/a", r#"{"when":"traits.plan = = 3"}"#).await;
    assert_eq!(field, "spec.when");
    assert!(message.starts_with("line 1, column 15: "), "{message}");
    let (_, message) = refused("audience/a", r#"{"when":"in audience \"b\""}"#).await;
    assert!(message.contains("\"b\""), "{message}");
    let (_, message) = refused("audience/a", r#"{"when":"features.gone > 1"}"#).await;
    assert!(message.contains("gone"), "{message}");
    let (field, message) = refused("feature/purchase_count", r#"{"value":"count(any)"}"#).await;
    assert_eq!(field, "id");
    assert!(message.contains("built in"), "{message}");
    let (field, message) = refused("feature/f", r#"{"value":"count(any"}"#).await;
    assert_eq!(field, "spec.value");
    assert!(message.starts_with("line 1, column "), "{message}");

    put(
        &api,
        "audience/a",
        r#"{"name":"A","spec":{"when":"traits.plan exists"}}"#,
    )
    .await;
    put(
        &api,
        "audience/b",
        r#"{"name":"B","spec":{"when":"in audience \"a\""}}"#,
    )
    .await;
    let circle = r#"{"name":"A","spec":{"when":"not in audience \"b\""}}"#;
    let headers = [("if-match", "\"1\"")];
    let circle = api
        .put("/api/v1/definitions/audience/a", &headers, circle)
        .await;
    assert_eq!(circle.problem(), "422 invalid-body");
    assert!(circle.text.contains("a → b → a"), "{}", circle.text);
    let used = api.delete("/api/v1/definitions/audience/a").await;
    assert_eq!(
        (used.problem().as_str(), used.fields()),
        ("409 in-use", vec!["audience/b".to_owned()])
    );
    let feature = r#"{"name":"F","spec":{"value":"count(any, 7 days)"}}"#;
    put(&api, "feature/f", feature).await;
    put(
        &api,
        "audience/c",
        r#"{"name":"C","spec":{"when":"features.f >= 3"}}"#,
    )
    .await;
    let retyped = r#"{"name":"F","spec":{"value":"last(any)"}}"#;
    let retyped = api
        .put("/api/v1/definitions/feature/f", &headers, retyped)
        .await;
    assert_eq!(
        (retyped.problem().as_str(), retyped.fields()),
        ("409 in-use", vec!["audience/c".to_owned()])
    );
    let used = api.delete("/api/v1/definitions/feature/f").await;
    assert_eq!(used.fields(), ["audience/c"]);
}
