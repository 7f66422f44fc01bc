//! Offers at work: coupon codes, what is granted, decisions in words, and who passes which layer.

use kith_base::{Value, digest};
use kith_engine::decide::Request;
use kith_event::{Identifier, Record};

use crate::api::Api;

const COUPON: &str = r#"{"placements":["home"],"when":"traits.plan = \"pro\"",
    "limits":{"stock":5,"coupon":{"codes":"uploaded"}},"content":{"title":"Ten off"}}"#;

/// A placement with two offers, and three persons of whom two are pro.
async fn start() -> Api {
    let api = Api::start().await;
    let sale = r#"{"placements":["home"],"kind":"promotion","priority":10,
        "applicable_when":"traits.name is missing",
        "never_when":"traits.plan = \"free\""}"#;
    let mut records = vec![
        api.definition("placement", "home", r#"{"type":"offers"}"#),
        api.definition("offer", "coupon", COUPON),
        api.definition("offer", "sale", sale),
    ];
    for (user, plan) in [("1", "pro"), ("2", "pro"), ("3", "free")] {
        let mut event = api.event(&format!("m{user}"), "", &[&format!("user_id:{user}")]);
        event.kind = kith_event::Kind::Identify;
        event.traits = kith_base::Json::parse(&format!(r#"{{"plan":"{plan}"}}"#)).unwrap();
        records.push(Record::Event(event));
    }
    api.append(records).await;
    api
}

/// The code that somebody gets, and the id of the decision.
async fn decide(api: &Api, user: &str, call: &str) -> (Option<String>, String) {
    let request = Request {
        placements: vec!["home".to_owned()],
        identifiers: vec![Identifier::new("user_id", user)],
        context: Value::Null,
        ..Request::default()
    };
    let call = digest("test", &[call.as_bytes()]);
    let decided = api
        .handle
        .decide(request, None, api.now(), call)
        .await
        .unwrap();
    let entry = &decided.answer.outcomes().next().unwrap().entry;
    let granted = entry
        .choices
        .first()
        .and_then(|choice| choice.granted.as_ref());
    let code = granted.and_then(|grant| grant.code.as_ref());
    (code.map(|code| code.0.clone()), entry.decision_id.clone())
}

#[tokio::test]
async fn uploaded_codes_are_counted_and_given_out_once() {
    let api = start().await;
    let path = "/api/v1/offers/coupon/coupons";
    let added = api
        .post(path, r#"{"codes":["A-1"," B-2 ","A-1"]}"#)
        .await
        .json();
    assert_eq!((&added["added"], &added["known"]), (&2.into(), &1.into()));
    let again = api.post(path, r#"{"codes":["B-2","C-3"]}"#).await.json();
    assert_eq!(
        (&again["added"], &again["codes_left"]),
        (&1.into(), &3.into())
    );
    assert_eq!(decide(&api, "1", "a").await.0.as_deref(), Some("A-1"));
    assert_eq!(decide(&api, "2", "b").await.0.as_deref(), Some("B-2"));
    assert_eq!(decide(&api, "1", "c").await.0.as_deref(), Some("A-1"));
    let state = api.read("/api/v1/offers/coupon/grants").await;
    assert_eq!(
        (&state["granted"], &state["stock_left"]),
        (&2.into(), &3.into())
    );
    assert_eq!(
        (&state["used"], &state["codes_left"]),
        (&0.into(), &1.into())
    );
    assert_eq!(state["spent"], "0.00");
}

#[tokio::test]
async fn wrong_lists_of_codes_are_refused_with_their_place() {
    let api = start().await;
    let check = async |path: &str, body: &str, expect: &str| {
        assert_eq!(api.post(path, body).await.problem(), expect, "{body}");
    };
    let path = "/api/v1/offers/coupon/coupons";
    check(path, r#"{"codes":[]}"#, "422 invalid-body").await;
    check(path, r#"{"codes":["A",""]}"#, "422 invalid-body").await;
    let long = format!(r#"{{"codes":["{}"]}}"#, "x".repeat(65));
    check(path, &long, "422 invalid-body").await;
    check(path, "[", "400 invalid-json").await;
    let other = "/api/v1/offers/sale/coupons";
    check(other, r#"{"codes":["A"]}"#, "422 invalid-body").await;
    let nothing = "/api/v1/offers/nothing/coupons";
    check(nothing, r#"{"codes":["A"]}"#, "404 not-found").await;
}

#[tokio::test]
async fn a_decision_with_a_grant_is_explained_and_replayed() {
    let api = start().await;
    let body = r#"{"codes":["A-1"]}"#;
    api.post("/api/v1/offers/coupon/coupons", body).await;
    let (code, id) = decide(&api, "1", "a").await;
    assert_eq!(code.as_deref(), Some("A-1"));
    // The record follows behind the answer.
    api.append(vec![Record::Event(api.event("m9", "View", &["user_id:1"]))])
        .await;
    let path = format!("/api/v1/decisions/{id}");
    let record = api.get(&path).await;
    let replayed = api.post(&format!("{path}/replay"), "").await;
    assert_eq!(record.text, replayed.text);
    assert_eq!(
        record.json()["decision"]["choices"][0]["granted"]["code"],
        "A-1"
    );
    let told = api.read(&format!("{path}/explanation")).await;
    let first = |member: &str| told[member][0].as_str().unwrap_or_default().to_owned();
    assert!(
        first("shown").starts_with("coupon is shown: Because their plan is \"pro\""),
        "{told}"
    );
    assert_eq!(
        first("not_shown"),
        "sale is not shown: Priority 10 is below 100, the lowest that is shown; \
         propensity 1, context 1, value 1, lever 10"
    );
    assert_eq!(
        first("to_the_person"),
        "You see this because your plan is \"pro\"."
    );
    assert_eq!(
        api.get("/api/v1/decisions/none/explanation")
            .await
            .problem(),
        "404 not-found"
    );
}

#[tokio::test]
async fn the_funnel_counts_layers_and_names_who_is_never_offered_anything() {
    let api = start().await;
    let funnel = api.read("/api/v1/placements/home/funnel").await;
    assert_eq!(
        (&funnel["sampled"], &funnel["persons"]),
        (&3.into(), &3.into())
    );
    assert_eq!(funnel["never_offered"], 1, "{funnel}");
    let of = |n: usize| {
        let offer = &funnel["offers"][n];
        let steps = [
            "considered",
            "allowed",
            "eligible",
            "applicable",
            "suitable",
        ];
        let last = ["within_limits", "within_floors", "relevant", "shown"];
        let counts = steps
            .iter()
            .chain(&last)
            .map(|step| offer[step].as_u64().unwrap());
        (
            offer["offer"].as_str().unwrap().to_owned(),
            counts.collect::<Vec<_>>(),
        )
    };
    // No code was uploaded, so the coupon fails at its limits.
    assert_eq!(
        of(0),
        ("coupon".to_owned(), vec![3, 3, 2, 2, 2, 0, 0, 0, 0])
    );
    assert_eq!(of(1), ("sale".to_owned(), vec![3, 2, 2, 2, 2, 2, 2, 2, 2]));
    let state = api.read("/api/v1/offers/coupon/grants").await;
    assert_eq!(state["granted"], 0, "looking grants nothing");
    let missing = api.get("/api/v1/placements/nothing/funnel").await;
    assert_eq!(missing.problem(), "404 not-found");
}

#[tokio::test]
async fn what_an_offer_gets_wrong_is_told_by_field() {
    let api = start().await;
    let check = async |kind: &str, spec: &str, field: &str| {
        let path = format!("/api/v1/definitions/{kind}/new");
        let answer = api
            .put(&path, &[], &format!(r#"{{"name":"New","spec":{spec}}}"#))
            .await;
        let text = answer.text.clone();
        assert!(answer.problem().starts_with('4'), "{text}");
        assert!(text.contains(&format!("\"{field}\"")), "{field}: {text}");
    };
    let offer = |more: &str| format!(r#"{{"placements":["home"],{more}}}"#);
    check(
        "offer",
        &offer(r#""limits":{"stock":-1}"#),
        "spec.limits.stock",
    )
    .await;
    let zero = offer(r#""limits":{"budget":{"amount":0,"cost":1}}"#);
    check("offer", &zero, "spec.limits.budget.amount").await;
    check(
        "offer",
        &offer(r#""suitable_when":"traits.x is""#),
        "spec.suitable_when",
    )
    .await;
    check("offer", &offer(r#""kind":"urgent""#), "spec.kind").await;
    let formula = r#"{"type":"offers","formula":"valu * 2"}"#;
    check("placement", formula, "spec.formula").await;
    let around = r#"{"type":"offers","fallback":{"placement":"new"}}"#;
    check("placement", around, "spec.fallback.placement").await;
}
