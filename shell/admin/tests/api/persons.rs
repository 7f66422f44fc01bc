//! People: search, profile, timeline, graph, export.

use axum::http::StatusCode;
use kith_base::{Duration, Json};
use kith_event::Record;
use serde_json::Value;

use crate::api::{Api, column};

/// Two devices that meet at log-in, and a stranger.
async fn shop() -> Api {
    let api = Api::start().await;
    let ada = r#"{"name":"Ada Lovelace","email":"ada@example.com","plan":"pro"}"#;
    let events = [
        api.event("m1", "Product Viewed", &["anonymous_id:phone"]),
        api.event("m2", "Product Viewed", &["anonymous_id:laptop"]),
        api.identify(
            "m3",
            ada,
            &["user_id:42", "email:ada@example.com", "anonymous_id:phone"],
        ),
        api.identify("m4", ada, &["user_id:42", "anonymous_id:laptop"]),
        api.event("m5", "Product Viewed", &["anonymous_id:stranger"]),
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
    api
}

async fn person_id(api: &Api, identifier: &str) -> String {
    let found = api
        .read(&format!("/api/v1/persons?identifier={identifier}"))
        .await;
    column(&found, "person_id")[0].clone()
}

#[tokio::test]
async fn people_are_found_by_identifier_text_and_activity() {
    let api = shop().await;
    let ada = person_id(&api, "user_id:42").await;
    assert_eq!(person_id(&api, "anonymous_id:laptop").await, ada);
    let none = api.read("/api/v1/persons?identifier=user_id:43").await;
    assert_eq!(column(&none, "person_id").len(), 0);
    for text in ["love", "ada@ex", "phone"] {
        let found = api.read(&format!("/api/v1/persons?q={text}")).await;
        assert_eq!(
            column(&found, "person_id"),
            std::slice::from_ref(&ada),
            "{text}"
        );
    }
    let recent = api.read("/api/v1/persons").await;
    assert_eq!(
        column(&recent, "display_name"),
        ["Visitor stranger", "Ada Lovelace"]
    );
    let first = api.read("/api/v1/persons?limit=1").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    api.append(vec![Record::Event(api.event(
        "m9",
        "View",
        &["user_id:new"],
    ))])
    .await;
    let rest = api
        .read(&format!("/api/v1/persons?limit=1&cursor={cursor}"))
        .await;
    assert_eq!(column(&rest, "person_id"), [ada]);
    let bad = api.get("/api/v1/persons?identifier=nothing").await;
    assert_eq!(bad.fields(), ["identifier"]);
    let both = api.get("/api/v1/persons?identifier=a:b&q=x").await;
    assert_eq!(both.problem(), "400 invalid-parameter");
}

#[tokio::test]
async fn a_profile_shows_everything_known() {
    let api = shop().await;
    let ada = person_id(&api, "user_id:42").await;
    let person = api.read(&format!("/api/v1/persons/{ada}")).await;
    assert_eq!(person["traits"]["plan"], "pro");
    assert_eq!(person["trait_details"]["plan"]["source"], "shop");
    assert_eq!(person["features"]["product_view_count"], 2);
    assert_eq!(person["event_count"], 4);
    let values: Vec<&Value> = person["identifiers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["value"])
        .collect();
    assert_eq!(values[0], "42", "strongest first");
    let links = person["links"].as_array().unwrap();
    assert!(
        links.iter().all(|link| link["state"] == "active"),
        "{links:?}"
    );
    let reason = links[0]["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("an identify event of the source shop"),
        "{reason}"
    );
    let graph = api.read(&format!("/api/v1/persons/{ada}/graph")).await;
    assert_eq!(graph["edges"], person["links"]);
    assert_eq!(graph["nodes"].as_array().unwrap().len(), values.len());
    assert_eq!(
        api.get("/api/v1/persons/nobody").await.problem(),
        "404 not-found"
    );
}

#[tokio::test]
async fn a_timeline_is_paged_newest_first() {
    let api = shop().await;
    let ada = person_id(&api, "user_id:42").await;
    let path = format!("/api/v1/persons/{ada}/events");
    assert_eq!(
        column(&api.read(&path).await, "message_id"),
        ["m4", "m3", "m2", "m1"]
    );
    let page = api.read(&format!("{path}?limit=3")).await;
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = api.read(&format!("{path}?limit=3&cursor={cursor}")).await;
    assert_eq!(
        (column(&rest, "message_id"), &rest["next_cursor"]),
        (vec!["m1".into()], &Value::Null)
    );
    let full = api.read(&format!("{path}?limit=4")).await;
    assert_eq!(full["next_cursor"], Value::Null);
    let viewed = api
        .read(&format!("{path}?name=Product%20Viewed&limit=1"))
        .await;
    assert_eq!(column(&viewed, "message_id"), ["m2"]);
}

#[tokio::test]
async fn an_export_holds_everything_and_what_is_missing_says_so() {
    let api = shop().await;
    let ada = person_id(&api, "user_id:42").await;
    let path = format!("/api/v1/persons/{ada}");
    let export = api.get(&format!("{path}/export")).await;
    assert!(
        export.headers["content-disposition"]
            .to_str()
            .unwrap()
            .contains(&ada)
    );
    let export = export.json();
    assert_eq!(export["events"].as_array().unwrap().len(), 4);
    assert_eq!(export["person"]["traits"]["plan"], "pro");
    assert_eq!(api.delete(&path).await.problem(), "501 not-available");
}

/// An event that puts somebody into an account.
fn group(api: &Api, message_id: &str, who: &str, account: &str, traits: &str) -> Record {
    let extra = format!(r#"{{"groupId":"{account}"}}"#);
    Record::Event(kith_event::Event {
        kind: kith_event::Kind::Group,
        name: String::new(),
        extra: Json::parse(&extra).unwrap(),
        ..api.identify(message_id, traits, &[who])
    })
}

#[tokio::test]
async fn a_profile_shows_accounts_and_rules_ask_about_their_people() {
    let api = Api::start().await;
    let (buyers, hopeful) = (
        r#"{"when":"count(\"Order Completed\") >= 1"}"#,
        r#"{"when":"any person of account in audience \"buyers\" and account.plan = \"pro\""}"#,
    );
    for (id, spec) in [("buyers", buyers), ("hopeful", hopeful)] {
        let body = format!(r#"{{"name":"{id}","spec":{spec}}}"#);
        let written = crate::audiences::put(&api, &format!("audience/{id}"), &body).await;
        assert_eq!(written.status, StatusCode::CREATED, "{}", written.text);
    }
    api.append(vec![
        group(
            &api,
            "g1",
            "user_id:1",
            "acme",
            r#"{"plan":"pro","seats":null}"#,
        ),
        group(&api, "g2", "user_id:2", "acme", "{}"),
        Record::Event(api.event("m1", "Order Completed", &["user_id:1"])),
    ])
    .await;
    api.append(vec![Record::Tick(api.now())]).await;
    let bob = person_id(&api, "user_id:2").await;
    let person = api.read(&format!("/api/v1/persons/{bob}")).await;
    let acme = serde_json::json!([{
        "account_id": "acme",
        "named_at": "2026-11-21T08:00:00.000Z",
        "person_count": 2,
        "traits": {"plan": "pro"},
    }]);
    assert_eq!(person["accounts"], acme);
    assert_eq!(person["traits"], serde_json::json!({}));
    assert_eq!(person["audiences"][0]["audience_id"], "hopeful");
    let explain = format!("/api/v1/persons/{bob}/explain?audience=hopeful");
    let why = api.read(&explain).await;
    assert_eq!(
        (&why["member"], &why["in_words"]),
        (
            &true.into(),
            &"somebody of their account is in the audience \"buyers\", and their account's plan is \
              \"pro\""
                .into()
        )
    );
    let body = format!(r#"{{"id":"hopeful","spec":{hopeful}}}"#);
    let told = api
        .post("/api/v1/definitions/audience/preview", &body)
        .await;
    let told: Value = serde_json::from_str(&told.text).unwrap();
    assert_eq!(told["size"]["estimate"], 2, "{told}");
}

async fn accounts_of(api: &Api, identifier: &str) -> Vec<String> {
    let id = person_id(api, identifier).await;
    let person = api.read(&format!("/api/v1/persons/{id}")).await;
    let accounts = person["accounts"].as_array().unwrap().iter();
    accounts
        .map(|one| format!("{} of {}", one["account_id"], one["person_count"]).replace('"', ""))
        .collect()
}

#[tokio::test]
async fn whom_no_event_puts_into_an_account_belongs_to_that_of_their_domain() {
    let api = Api::start().await;
    let event = |id: &str, who: &[&str]| Record::Event(api.event(id, "Product Viewed", who));
    // One was there before the rules.
    api.append(vec![event("m1", &["email:ada@acme.example"])])
        .await;
    assert_eq!(accounts_of(&api, "email:ada@acme.example").await, [""; 0]);
    let rules = r#"{"name":"Rules","spec":{"accounts_by_domain":true}}"#;
    let written = crate::audiences::put(&api, "identity/default", rules).await;
    assert!(written.status.is_success(), "{}", written.text);
    crate::audiences::settle(&api).await;
    api.append(vec![
        event("m2", &["email:bob@acme.example"]),
        event("m3", &["email:eve@gmail.com"]),
        event("m4", &["user_id:3", "email:cyd@acme.example"]),
        Record::Event(api.event("m5", "Order Completed", &["user_id:3"])),
    ])
    .await;
    for who in [
        "email:ada@acme.example",
        "email:bob@acme.example",
        "user_id:3",
    ] {
        assert_eq!(accounts_of(&api, who).await, ["acme.example of 3"], "{who}");
    }
    assert_eq!(accounts_of(&api, "email:eve@gmail.com").await, [""; 0]);

    let keen = r#"any person of account in audience \"buyers\""#;
    for (id, rule) in [
        ("buyers", r#"count(\"Order Completed\") >= 1"#),
        ("keen", keen),
    ] {
        let body = format!(r#"{{"name":"{id}","spec":{{"when":"{rule}"}}}}"#);
        let written = crate::audiences::put(&api, &format!("audience/{id}"), &body).await;
        assert_eq!(written.status, StatusCode::CREATED, "{}", written.text);
    }
    crate::audiences::settle(&api).await;
    let ada = person_id(&api, "email:ada@acme.example").await;
    let person = api.read(&format!("/api/v1/persons/{ada}")).await;
    assert_eq!(person["audiences"][0]["audience_id"], "keen");

    // What an event says comes first.
    api.append(vec![group(
        &api,
        "g1",
        "email:bob@acme.example",
        "globex",
        "{}",
    )])
    .await;
    let bob = accounts_of(&api, "email:bob@acme.example").await;
    assert_eq!(bob, ["globex of 1"]);
    assert_eq!(accounts_of(&api, "user_id:3").await, ["acme.example of 2"]);
}

#[tokio::test]
async fn whom_nothing_else_puts_into_an_account_belongs_to_that_of_their_network() {
    let api = Api::start().await;
    let seen = |id: &str, who: &[&str], ip: &str| {
        let mut event = api.event(id, "Product Viewed", who);
        event.context = Json::parse(&format!(r#"{{"ip":"{ip}"}}"#)).unwrap();
        // One minute after the other.
        let minutes: i64 = id[1..].parse().unwrap();
        event.occurred_at = api.now().plus(Duration::from_secs(60 * (minutes - 10)));
        Record::Event(event)
    };
    let put = async |revision: Option<u64>, networks: &str| {
        let body = format!(
            r#"{{"name":"Rules","spec":{{"accounts_by_domain":true,
                "account_networks":[{networks}]}}}}"#
        );
        let revision = revision.map(|revision| format!("\"{revision}\""));
        let headers = revision.iter().map(|revision| ("if-match", &**revision));
        let headers: Vec<(&str, &str)> = headers.collect();
        let path = "/api/v1/definitions/identity/default";
        let answer = api.put(path, &headers, &body).await;
        crate::audiences::settle(&api).await;
        answer
    };
    let acme = r#"{"network":"203.0.112.0/22","account":"acme"}"#;
    let globex = r#"{"network":"203.0.113.0/24","account":"globex"}"#;
    assert!(put(None, acme).await.status.is_success());
    api.append(vec![
        seen("m1", &["anonymous_id:a"], "203.0.113.0"),
        seen("m2", &["anonymous_id:b"], "203.0.113.9"),
        seen("m3", &["anonymous_id:c"], "198.51.100.7"),
        // What is surer comes first.
        seen("m4", &["email:dan@initech.example"], "203.0.113.9"),
    ])
    .await;
    assert_eq!(accounts_of(&api, "anonymous_id:a").await, ["acme of 2"]);
    assert_eq!(accounts_of(&api, "anonymous_id:c").await, [""; 0]);
    assert_eq!(
        accounts_of(&api, "email:dan@initech.example").await,
        ["initech.example of 1"]
    );

    // They go on elsewhere, and the rules name a smaller network.
    api.append(vec![seen("m5", &["anonymous_id:b"], "203.0.112.1")])
        .await;
    let both = format!("{acme},{globex}");
    assert!(put(Some(1), &both).await.status.is_success());
    assert_eq!(accounts_of(&api, "anonymous_id:a").await, ["globex of 1"]);
    assert_eq!(accounts_of(&api, "anonymous_id:b").await, ["acme of 1"]);
    api.append(vec![seen("m6", &["anonymous_id:b"], "198.51.100.1")])
        .await;
    assert_eq!(accounts_of(&api, "anonymous_id:b").await, [""; 0]);
}

#[tokio::test]
async fn networks_of_accounts_are_networks() {
    let api = Api::start().await;
    for (network, says) in [
        ("203.0.113.0", "is not a network; write 203.0.113.0/24"),
        (
            "203.0.113.0/25",
            "is smaller than what is kept of an address",
        ),
        (
            "203.0.113.9/24",
            "has bits beyond its length; write 203.0.113.0/24",
        ),
    ] {
        let wrong = format!(r#"{{"network":"{network}","account":"acme"}}"#);
        let body = format!(r#"{{"name":"Rules","spec":{{"account_networks":[{wrong}]}}}}"#);
        let refused = crate::audiences::put(&api, "identity/default", &body).await;
        assert!(
            refused.text.contains("spec.account_networks[0].network"),
            "{}",
            refused.text
        );
        assert!(refused.text.contains(says), "{}", refused.text);
    }
}
