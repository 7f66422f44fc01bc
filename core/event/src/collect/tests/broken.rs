//! Input that is wrong: a clear reason, and the good part kept.

use super::*;

const GOOD: &str = r#"{"type":"track","event":"x","userId":"u"}"#;
const KEPT: &str = "track \"x\" user_id:u 2026-11-21T08:00:10.000Z";

/// A batch of a good event, the given text, and a good event.
fn between(bad: &str) -> String {
    format!(r#"{{"batch":[{GOOD},{bad},{GOOD}],"sentAt":null}}"#)
}

fn check_between(bad: &str, code: &str) {
    check(between(bad), &format!("{KEPT}\n{KEPT}\nrefused 1 {code}"));
}

#[test]
fn one_bad_event_does_not_cost_its_batch() {
    check_between("7", "not-an-object");
    check_between("null", "not-an-object");
    check_between("\"text\"", "not-an-object");
    check_between("[[1,2],3]", "not-an-object");
    check_between("{}", "missing-type");
    check_between(r#"{"type":"odd","userId":"u"}"#, "unknown-type");
    check_between(r#"{"type":{},"userId":"u"}"#, "missing-type");
    check_between(r#"{"type":"track","userId":"u"}"#, "missing-event-name");
    check_between(
        r#"{"type":"track","event":[],"userId":"u"}"#,
        "event-name-not-text",
    );
    check_between(r#"{"type":"track","event":"x"}"#, "no-identifier");
    check_between(r#"{"type":"group","userId":"u"}"#, "missing-group-id");
    check_between(
        r#"{"type":"group","userId":"u","groupId":"undefined"}"#,
        "identifier-placeholder",
    );
    check_between(
        r#"{"type":"group","userId":"u","groupId":"a\u0000b"}"#,
        "identifier-malformed",
    );
    check_between(r#"{"type":"alias","userId":"u"}"#, "incomplete-alias");
    check_between(
        r#"{"type":"track","event":"x","userId":tru}"#,
        "invalid-json",
    );
    check_between(
        r#"{"type":"track","event":"x" "userId":"u"}"#,
        "invalid-json",
    );
    check_between(
        r#"{"type":"track","event":"x","userId":"u",}"#,
        "invalid-json",
    );
}

#[test]
fn a_lost_quote_or_bracket_does_not_swallow_the_next_event() {
    check_between(
        r#"{"type":"track","event":"x,"userId":"u"}"#,
        "invalid-json",
    );
    check_between(
        r#"{"type":"track","event":"x","userId":"u}"#,
        "truncated-json",
    );
    check_between(
        r#"{"type":"track","userId":"u","properties":{"a":1"#,
        "truncated-json",
    );
    check(
        between(&format!("{GOOD}}}")),
        &format!("{KEPT}\n{KEPT}\n{KEPT}\nrefused 2 invalid-json"),
    );
}

#[test]
fn names_have_a_limit() {
    let named = |chars: usize| {
        format!(
            r#"{{"type":"track","userId":"u","event":"{}"}}"#,
            "é".repeat(chars)
        )
    };
    assert_eq!(only(named(200)).name.chars().count(), 200);
    check_between(&named(300), "event-name-too-long");
    let message = parsed(named(300)).refused.remove(0).refused.message;
    assert_eq!(
        message,
        "the name in \"event\" has 300 characters, the limit is 200: shorten it and put the \
         details into properties"
    );
}

#[test]
fn placeholders_are_no_identifiers() {
    for value in [
        "null",
        "undefined",
        "[object Object]",
        "NaN",
        "None",
        "\\\"null\\\"",
        "(NULL)",
    ] {
        let event = format!(r#"{{"type":"track","event":"x","userId":"{value}"}}"#);
        check_between(&event, "identifier-placeholder");
        let other =
            format!(r#"{{"type":"track","event":"x","userId":"{value}","anonymousId":"a"}}"#);
        let expect = format!(
            "track \"x\" anonymous_id:a {RECEIVED}\nwarning 0 identifier-placeholder userId"
        );
        check(other, &expect);
    }
}

#[test]
fn object_identifiers_are_set_aside() {
    check_between(
        r#"{"type":"track","event":"x","userId":{"a":1}}"#,
        "identifier-not-text",
    );
    let body = r#"{"type":"track","event":"x","userId":{"a":1},"anonymousId":"a"}"#;
    check(
        body,
        &format!("track \"x\" anonymous_id:a {RECEIVED}\nwarning 0 identifier-not-text userId"),
    );
    assert_eq!(only(body).extra.as_str(), r#"{"userId":{"a":1}}"#);
    let long = format!(
        r#"{{"type":"track","event":"x","userId":"{}"}}"#,
        "u".repeat(257)
    );
    check_between(&long, "identifier-too-long");
    let many: Vec<String> = (0..20)
        .map(|n| format!(r#"{{"type":"crm","id":"{n}"}}"#))
        .collect();
    let body = format!(
        r#"{{"type":"track","event":"x","userId":"u","context":{{"externalIds":[{}]}}}}"#,
        many.join(",")
    );
    assert_eq!(only(&body).identifiers.len(), 16);
    assert_eq!(parsed(&body).warnings.len(), 1);
}

#[test]
fn members_of_the_wrong_type_are_set_aside() {
    let body = r#"{"type":"identify","userId":"u","traits":"x","context":[1],"properties":7}"#;
    let event = only(body);
    assert_eq!(
        event.extra.as_str(),
        r#"{"properties":7,"traits":"x","context":[1]}"#
    );
    assert_eq!(parsed(body).warnings.len(), 3);
}

#[test]
fn sizes_and_depths_have_limits() {
    let large = format!(
        r#"{{"type":"track","event":"x","userId":"u","properties":{{"a":"{}"}}}}"#,
        "a".repeat(40_000)
    );
    check_between(&large, "event-too-large");
    let larger = large.replace(&"a".repeat(40_000), &"b".repeat(400_000));
    check_between(&larger, "event-too-large");
    assert!(parsed(between(&larger)).refused[0].refused.raw.len() <= 64 * 1024);
    let deep = |levels: usize| {
        let (open, close) = ("[".repeat(levels), "]".repeat(levels));
        format!(r#"{{"type":"track","event":"x","userId":"u","properties":{{"a":{open}{close}}}}}"#)
    };
    assert_eq!(parsed(deep(60)).events.len(), 1);
    check_between(&deep(100), "event-too-deep");
    check_between(&deep(100_000), "event-too-large");
    assert_eq!(parsed("[".repeat(1_000_000)).refused.len(), 1);
    assert_eq!(parsed("{\"a\":".repeat(1_000_000)).refused.len(), 1);
}

#[test]
fn truncated_batches_keep_their_complete_events() {
    let whole = format!(r#"{{"batch":[{GOOD},{GOOD},{GOOD}],"writeKey":"k"}}"#);
    let one = GOOD.len();
    for cut in 0..whole.len() {
        let parsed = match parse(&whole.as_bytes()[..cut], &request(), &mut enriched) {
            Ok(parsed) => parsed,
            Err(error) => {
                assert_eq!((cut, error), (0, Error::Empty));
                continue;
            }
        };
        let complete = (1..=3).filter(|n| cut >= 10 + n * one + (n - 1)).count();
        assert_eq!(parsed.events.len(), complete, "{}", &whole[..cut]);
        assert!(
            parsed
                .refused
                .iter()
                .all(|item| item.refused.code == "truncated-json")
        );
    }
}

#[test]
fn broken_bytes_cost_only_their_event() {
    let mut body = between(r#"{"type":"track","event":"?","userId":"u"}"#).into_bytes();
    let place = body.iter().position(|byte| *byte == b'?').unwrap();
    body[place] = 0xFF;
    let parsed = parsed(&body);
    assert_eq!(
        told(&parsed),
        format!("{KEPT}\n{KEPT}\nrefused 1 invalid-utf8\n")
    );
    assert!(parsed.refused[0].refused.raw.contains('\u{FFFD}'));
}

#[test]
fn lone_surrogates_are_replaced() {
    let event = only(
        r#"{"type":"track","event":"cut \ud83d","userId":"u","properties":{"a":"\ude00","b":1}}"#,
    );
    assert_eq!(event.name, "cut \u{FFFD}");
    assert_eq!(event.properties.value().path("b"), &1.into());
}

#[test]
fn whole_requests_fail_only_when_hopeless() {
    let error = |body: &[u8]| parse(body, &request(), &mut enriched).err();
    assert_eq!(error(b""), Some(Error::Empty));
    assert_eq!(error(b" \n"), Some(Error::Empty));
    let many = format!("[{}1]", "1,".repeat(10_000));
    assert_eq!(
        error(many.as_bytes()),
        Some(Error::BatchTooLarge { max: 10_000 })
    );
    check("nonsense", "refused 0 invalid-json");
    check("7", "refused 0 not-an-object");
    check("{}", "refused 0 missing-batch");
    check(r#"{"batch":[]}"#, "");
    check(
        r#"{"batch":7,"type":"track","event":"x","userId":"u"}"#,
        KEPT,
    );
    check(format!("\u{FEFF}{GOOD}\n"), KEPT);
    check(format!("{GOOD} trailing"), "refused 0 invalid-json");
}

#[test]
fn hostile_bodies_are_read_in_bounded_time() {
    // Each of these made a reader without limits quadratic.
    for unit in [
        r#"{"a":x} ,1,"#,
        r#"{"a":"x,"b":1},"#,
        r#"{"type":"t","userId":"u""#,
        "{\"a\":\"",
    ] {
        let body = format!("[{}", unit.repeat(400_000 / unit.len()));
        let limits = Limits {
            batch_events_max: usize::MAX,
            event_size_max_bytes: 4_096,
        };
        let body = read(body.as_bytes(), &limits).unwrap();
        assert!(!body.is_empty());
    }
}

#[test]
fn refused_input_can_be_tried_again() {
    let refused = parsed(between(r#"{"type":"track","event":"x","userId":"null"}"#)).refused;
    let first = &refused[0].refused;
    let again = |text: &str| redrive(first, text, Limits::STANDARD, &mut enriched);
    let same = again(&first.raw).unwrap_err();
    assert_eq!(same.code(), "identifier-placeholder");
    let corrected = again(&first.raw.replace("null", "7")).unwrap();
    assert_eq!(corrected.identifiers[0].value, "7");
    assert_eq!(corrected.received_at, first.received_at);
    // Of two events one would be lost.
    let two = again(&format!("[{GOOD},{GOOD}]")).unwrap_err();
    assert_eq!(two, Reason::SeveralEvents { count: 2 });
    let small = Limits {
        event_size_max_bytes: 10,
        ..Limits::STANDARD
    };
    let request = Request {
        limits: small,
        ..request()
    };
    let refused = parse_with(GOOD.as_bytes(), &request)
        .refused
        .remove(0)
        .refused;
    assert_eq!(refused.code, "event-too-large");
    let event = redrive(&refused, &refused.raw, Limits::STANDARD, &mut enriched).unwrap();
    let twice = redrive(&refused, &refused.raw, Limits::STANDARD, &mut enriched).unwrap();
    assert_eq!(
        (event.name.as_str(), event.message_id),
        ("x", twice.message_id)
    );
}

#[test]
fn a_number_that_no_float_holds_is_refused_by_name() {
    let event = |properties: &str| {
        format!(r#"{{"type":"track","event":"x","userId":"7","properties":{properties}}}"#)
    };
    let check = |body: &str, field: &str| {
        let refused = parse_with(body.as_bytes(), &request())
            .refused
            .remove(0)
            .refused;
        assert_eq!(
            (&*refused.code, &*refused.field),
            ("number-out-of-range", field)
        );
        let said = format!("{field} is 1e999, beyond what a number can hold");
        assert!(refused.message.starts_with(&said), "{}", refused.message);
    };
    check(
        &event(r#"{"lines":[{"price":1},{"price":1e999}]}"#),
        "properties.lines[1].price",
    );
    let batch = format!(r#"{{"batch":[{}],"context":{{"a":1e999}}}}"#, event("{}"));
    check(&batch, "context.a");
    let taken = parse_with(event(r#"{"a":1e308,"b":"1e999"}"#).as_bytes(), &request());
    assert_eq!((taken.events.len(), taken.refused.len()), (1, 0));
}

#[test]
fn a_time_beyond_the_last_one_is_named_as_it_was_sent() {
    let body = r#"{"type":"track","event":"x","userId":"7","timestamp":"9999-12-31T23:59:59Z"}"#;
    let warning = &parse_with(body.as_bytes(), &request()).warnings[0];
    assert_eq!(warning.reason.code(), "absurd-time");
    let said = warning.reason.to_string();
    assert!(
        said.starts_with("timestamp is 9999-12-31T23:59:59Z, too far"),
        "{said}"
    );
}

#[test]
fn the_id_of_an_account_may_have_256_characters() {
    let group = |chars: usize| {
        let id = "é".repeat(chars);
        format!(r#"{{"type":"group","userId":"u","groupId":" {id} "}}"#)
    };
    let most = only(group(256));
    assert_eq!(most.account(), Some("é".repeat(256)));
    let refused = &parsed(group(257)).refused[0].refused;
    assert_eq!(refused.code, "identifier-too-long");
    let told = "groupId has 257 characters, the limit is 256: send a shorter id";
    assert_eq!(refused.message, told);
    let number = only(r#"{"type":"group","userId":"u","groupId":7}"#);
    assert_eq!(number.account().as_deref(), Some("7"));
}
