//! Bodies as the unmodified clients send them.

use super::*;

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../../fixtures/collect/", $name, ".json"))
    };
}

#[test]
fn segment_node() {
    check(
        fixture!("segment-node-batch"),
        r#"identify "identify" user_id:u-1 email:Ada@Example.com 2026-11-21T08:00:09.000Z
           track "Order Completed" user_id:u-1 2026-11-21T08:00:09.500Z"#,
    );
    let events = parsed(fixture!("segment-node-batch")).events;
    assert_eq!(
        events[0].traits.as_str(),
        r#"{"email":"Ada@Example.com","plan":"pro"}"#
    );
    assert_eq!(
        events[1].extra.value().path("_metadata.jsRuntime"),
        &"node".into()
    );
    assert_eq!(events[1].enrichment.browser, "");
    assert!(
        !events[1].enrichment.bot,
        "a server-side library is no crawler"
    );
}

#[test]
fn segment_browser() {
    check(
        fixture!("segment-browser-page"),
        r#"page "page" anonymous_id:2f1c7f5a-8f0e-4c60-9a53-2d5d0a5b7a11 2026-11-21T08:00:09.990Z"#,
    );
    let event = only(fixture!("segment-browser-page"));
    let derived = &event.enrichment;
    assert_eq!(
        (derived.browser.as_str(), derived.os.as_str()),
        ("Chrome", "Linux")
    );
    assert_eq!(
        (derived.locale.as_str(), derived.language.as_str()),
        ("en-GB", "en")
    );
    assert_eq!(derived.referrer_type, "search");
    assert_eq!(
        (
            derived.campaign.source.as_str(),
            derived.campaign.name.as_str()
        ),
        ("news", "autumn")
    );
    assert_eq!(
        event.original_at,
        Timestamp::parse("2026-11-21T08:00:08.500Z").ok()
    );
    assert!(
        !event.extra.as_str().contains("writeKey"),
        "keys are secrets"
    );
    check(
        fixture!("segment-browser-alias"),
        "alias \"alias\" user_id:u-1 anonymous_id:old-user anonymous_id:anon-1 \
         2026-11-21T08:00:09.990Z",
    );
}

#[test]
fn segment_python() {
    check(
        fixture!("segment-python-batch"),
        r#"track "Product Viewed" user_id:42 email:ada@example.com 2026-11-21T08:00:09.322Z"#,
    );
    let event = only(fixture!("segment-python-batch"));
    assert!(
        event.traits.is_empty(),
        "traits of the context belong to no track event"
    );
}

#[test]
fn rudder_node() {
    check(
        fixture!("rudder-node-batch"),
        r#"identify "identify" user_id:u-1 email:ada@example.com 2026-11-21T08:00:09.000Z"#,
    );
    let event = only(fixture!("rudder-node-batch"));
    assert_eq!(
        event.traits.as_str(),
        r#"{"email":"ada@example.com","plan":"pro"}"#
    );
    assert_eq!(event.extra.value().path("channel"), &"server".into());
}

#[test]
fn rudder_browser() {
    let anonymous = "anonymous_id:1f6c2a77-97b0-4d1c-8f83-000000000003";
    check(
        fixture!("rudder-browser-identify"),
        &format!(
            "identify \"identify\" user_id:u-1 {anonymous} email:ada@example.com \
             phone:+49 30 1234567 2026-11-21T08:00:09.990Z"
        ),
    );
    let event = only(fixture!("rudder-browser-identify"));
    assert_eq!(
        event.traits.value().path("email"),
        &"ada@example.com".into()
    );
    assert_eq!(event.enrichment.referrer_type, "direct");
    assert_eq!(event.context.value().path("sessionStart"), &true.into());
    check(
        fixture!("rudder-browser-page"),
        &format!(r#"page "Home" {anonymous} 2026-11-21T08:00:09.990Z"#),
    );
}

#[test]
fn rudder_merge() {
    check(
        fixture!("rudder-merge"),
        r#"alias "alias" user_id:u-1 email:ada@example.com 2026-11-21T08:00:09.000Z"#,
    );
}

#[test]
fn jitsu() {
    check(
        fixture!("jitsu-track"),
        r#"track "Product Added" anonymous_id:k3j2h1g0f9 2026-11-21T08:00:09.900Z"#,
    );
    let event = only(fixture!("jitsu-track"));
    assert_eq!(event.enrichment.device_type, "mobile");
    assert!(
        !event.context.as_str().contains("203.0.113.9"),
        "addresses are not kept"
    );
    assert_eq!(
        event.context.value().path("clientIds.ga4.clientId"),
        &"1.2".into()
    );
    let body = read(fixture!("jitsu-track").as_bytes(), &Limits::STANDARD).unwrap();
    assert_eq!(body.write_key(), None, "a masked key is none");
}

#[test]
fn addresses_are_kept_as_the_policy_says() {
    let check = |policy: IpPolicy, expect: &str| {
        let request = Request {
            ip_policy: policy,
            ..request()
        };
        let event = parse_with(fixture!("jitsu-track").as_bytes(), &request)
            .events
            .remove(0);
        assert_eq!(
            event
                .context
                .value()
                .path("ip")
                .as_text()
                .unwrap_or_default(),
            expect
        );
    };
    check(IpPolicy::PlaceOnly, "");
    check(IpPolicy::Remove, "");
    check(IpPolicy::Keep, "203.0.113.9");
    check(IpPolicy::StripLastOctet, "203.0.113.0");
}

#[test]
fn kotlin_with_the_key_at_the_end() {
    check(
        fixture!("kotlin-batch"),
        r#"screen "Basket" anonymous_id:a-9 2026-11-21T08:00:06.000Z
           group "group" user_id:u-2 anonymous_id:a-9 2026-11-21T08:00:07.000Z"#,
    );
    let events = parsed(fixture!("kotlin-batch")).events;
    assert_eq!(events[0].enrichment.device_type, "mobile");
    assert_eq!(events[0].enrichment.locale, "zh-TW");
    assert_eq!(events[1].extra.as_str(), r#"{"groupId":"acme"}"#);
    assert_eq!(events[1].account().as_deref(), Some("acme"));
    assert_eq!(events[0].account(), None);
    assert_eq!(events[1].traits.value().path("name"), &"Acme".into());
    let body = read(fixture!("kotlin-batch").as_bytes(), &Limits::STANDARD).unwrap();
    assert_eq!(
        body.write_key().as_deref(),
        Some("c0000000000000000000write1")
    );
}

#[test]
fn empty_null_and_missing_ids_are_the_same() {
    for user_id in [
        r#""userId":"","#,
        r#""userId":null,"#,
        r#""userId":"  ","#,
        "",
    ] {
        let body = format!(r#"{{{user_id}"anonymousId":"a","type":"track","event":"x"}}"#);
        check(body, &format!("track \"x\" anonymous_id:a {RECEIVED}"));
    }
}

#[test]
fn the_type_comes_from_the_body_or_the_path() {
    let kind = |route: &str, body: &str| {
        let request = Request {
            route: Route::parse(route).unwrap(),
            ..request()
        };
        let parsed = parse_with(body.as_bytes(), &request);
        parsed.events.first().map(|event| event.kind)
    };
    let bare = r#"{"userId":"u","event":"x","groupId":"g","previousId":"p"}"#;
    assert_eq!(kind("t", bare), Some(Kind::Track));
    assert_eq!(kind("identify", bare), Some(Kind::Identify));
    assert_eq!(kind("s", bare), Some(Kind::Screen));
    assert_eq!(kind("g", bare), Some(Kind::Group));
    assert_eq!(kind("a", bare), Some(Kind::Alias));
    assert_eq!(kind("batch", bare), None);
    assert_eq!(
        kind("t", r#"{"type":"page","userId":"u"}"#),
        Some(Kind::Page)
    );
    assert_eq!(
        kind("p", r#"{"type":"odd","userId":"u"}"#),
        Some(Kind::Page)
    );
    assert_eq!(Route::parse("projects"), None);
}

#[test]
fn the_batch_lends_its_context_to_events() {
    let event = only(
        r#"{"context":{"locale":"de-DE","app":{"name":"A"}},"integrations":{"All":false},
            "batch":[{"type":"track","event":"x","userId":"u","context":{"app":{"name":"B"}}}]}"#,
    );
    assert_eq!(
        event.context.as_str(),
        r#"{"app":{"name":"B"},"locale":"de-DE"}"#
    );
    assert_eq!(event.extra.as_str(), r#"{"integrations":{"All":false}}"#);
    assert_eq!(event.enrichment.locale, "de-DE");
}

#[test]
fn external_ids_become_identifiers() {
    check(
        r#"{"type":"track","event":"x","anonymousId":"a","context":{"externalIds":[
            {"id":"L1","type":"line_id","collection":"users","encoding":"none"},
            {"id":7,"type":"userId"},{"id":"acc","type":"crm","collection":"accounts"},
            {"id":{"x":1},"type":"crm"},{"id":"z","type":"bad:type"},5]}}"#,
        "track \"x\" anonymous_id:a line_id:L1 user_id:7 2026-11-21T08:00:10.000Z
         warning 0 identifier-not-text context.externalIds[].id
         warning 0 identifier-malformed context.externalIds[].type
         warning 0 identifier-malformed context.externalIds[].type",
    );
}

#[test]
fn page_names_and_categories_join_the_properties() {
    let event = only(
        r#"{"type":"page","anonymousId":"a","name":"Home","category":"Shop",
            "properties":{"path":"/"}}"#,
    );
    assert_eq!(
        event.properties.as_str(),
        r#"{"path":"/","name":"Home","category":"Shop"}"#
    );
    assert_eq!(event.name, "Home");
    let inside = only(r#"{"type":"page","anonymousId":"a","properties":{"name":"In"}}"#);
    assert_eq!(inside.name, "In");
}

#[test]
fn message_ids_are_kept_made_or_shortened() {
    let id = |member: &str, seed: u64| {
        let body = format!(r#"{{"type":"track","event":"x","userId":"u"{member}}}"#);
        parse_with(body.as_bytes(), &Request { seed, ..request() })
            .events
            .remove(0)
            .message_id
    };
    assert_eq!(id(r#","messageId":" m-1 ""#, 1), "m-1");
    assert_eq!(id(r#","messageId":7"#, 1), "7");
    assert_eq!(id("", 1), id("", 1));
    assert_ne!(id("", 1), id("", 2), "two equal requests are two events");
    assert_ne!(id(r#","messageId":"undefined""#, 1), "undefined");
    let long = format!(r#","messageId":"{}""#, "m".repeat(101));
    assert_eq!(id(&long, 1), id(&long, 2), "a resend keeps its id");
    assert!(id(&long, 1).len() <= 100);
    let twice =
        r#"[{"type":"track","event":"x","userId":"u"},{"type":"track","event":"x","userId":"u"}]"#;
    let events = parsed(twice).events;
    assert_ne!(events[0].message_id, events[1].message_id);
}
