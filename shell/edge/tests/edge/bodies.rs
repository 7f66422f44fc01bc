//! Bodies that are wrong: a clear answer, the good part stored, the bad part kept.

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use proptest::prelude::*;

use crate::clients::gzip;
use crate::harness::{Edge, KEY, basic, request, track};

#[tokio::test]
async fn one_bad_event_of_a_batch() {
    let edge = Edge::start().await;
    let long = track("long").replace("Product Viewed", &"x".repeat(300));
    let body = format!(
        r#"{{"batch":[{},{long},{{"a":tru}},{}]}}"#,
        track("a"),
        track("b")
    );
    let answer = edge.post("/v1/batch", body).await;
    assert_eq!(answer.status, StatusCode::OK);
    let json = answer.json();
    assert_eq!(json["success"], true);
    assert_eq!(json["errors"][0]["index"], 1);
    assert_eq!(json["errors"][0]["messageId"], "long");
    assert_eq!(json["errors"][0]["code"], "event-name-too-long");
    assert_eq!(json["errors"][1]["code"], "invalid-json");
    assert!(json.get("error").is_none());
    assert_eq!(edge.events().len(), 2);
    let refused = edge.refused();
    assert_eq!(refused.len(), 2);
    assert_eq!(
        (refused[0].field.as_str(), refused[1].raw.as_str()),
        ("event", r#"{"a":tru}"#)
    );
}

#[tokio::test]
async fn nothing_of_use_is_400_and_kept() {
    let edge = Edge::start().await;
    for (body, code) in [
        (r#"{"type":"track","event":"x"}"#, "no-identifier"),
        (
            r#"{"type":"track","event":"x","userId":"null"}"#,
            "identifier-placeholder",
        ),
        (
            r#"{"type":"track","event":"x","userId":{"a":1}}"#,
            "identifier-not-text",
        ),
        (r#"{"type":"track","event":"x","userId":"#, "truncated-json"),
        ("nonsense", "invalid-json"),
        (r#"{"batch":[{"type":"odd","userId":"u"}]}"#, "unknown-type"),
        ("{}", "missing-batch"),
    ] {
        let answer = edge.post("/v1/batch", body).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::BAD_REQUEST, code)
        );
        let json = answer.json();
        assert_eq!(json["success"], false);
        assert!(!json["message"].as_str().unwrap().is_empty());
        assert_eq!(edge.refused().last().unwrap().code, code);
    }
    assert_eq!(edge.refused().len(), 7);
    let empty = edge.post("/v1/batch", "").await;
    assert_eq!(
        (empty.status, empty.code().as_str()),
        (StatusCode::BAD_REQUEST, "empty-body")
    );
    assert_eq!(
        edge.post("/v1/batch", r#"{"batch":[]}"#).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn too_much_is_413_and_names_the_limit() {
    let edge = Edge::start().await;
    let check = async |body: Vec<u8>, code: &str, limit: &str| {
        let answer = edge.post("/v1/batch", body).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::PAYLOAD_TOO_LARGE, code)
        );
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(limit), "{message}");
    };
    check(vec![b' '; 10 << 20], "body-too-large", "8388608").await;
    let bomb = " ".repeat(40 << 20);
    check(gzip(&bomb), "body-too-large", "33554432").await;
    let many = format!(r#"{{"batch":[{}{{}}]}}"#, "{},".repeat(1_000_000));
    check(many.into_bytes(), "batch-too-large", "10000").await;
    assert!(edge.events().is_empty() && edge.refused().is_empty());
}

#[tokio::test]
async fn a_chunked_body_has_the_same_limit() {
    let edge = Edge::start().await;
    let chunks = |count: usize| {
        let chunk = Bytes::from(vec![b' '; 1 << 20]);
        let stream = (0..count).map(move |_| Ok::<_, std::io::Error>(chunk.clone()));
        Body::from_stream(Chunks(stream.collect()))
    };
    let answer = edge.post("/v1/batch", chunks(9)).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let answer = edge.post("/v1/batch", chunks(1)).await;
    assert_eq!(answer.code(), "empty-body");
}

/// A stream of ready chunks.
struct Chunks(std::collections::VecDeque<Result<Bytes, std::io::Error>>);

impl tokio_stream::Stream for Chunks {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Ready(self.0.pop_front())
    }
}

#[tokio::test]
async fn broken_compression() {
    let edge = Edge::start().await;
    let events: Vec<String> = (0..200).map(|n| track(&format!("m{n}"))).collect();
    let whole = gzip(&format!(r#"{{"batch":[{}]}}"#, events.join(",")));
    let cut = edge
        .post("/v1/batch", whole[..whole.len() - 20].to_vec())
        .await;
    assert_eq!(
        cut.status,
        StatusCode::OK,
        "the first events of a cut body are there"
    );
    assert!(!edge.events().is_empty());
    let noise = edge
        .post(
            "/v1/batch",
            vec![0x1F, 0x8B, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
        )
        .await;
    assert_eq!(
        (noise.status, noise.code().as_str()),
        (StatusCode::BAD_REQUEST, "broken-compression")
    );
    let basic = basic(KEY);
    let headers = [
        ("authorization", basic.as_str()),
        ("content-encoding", "br"),
    ];
    let brotli = edge
        .send(request("POST", "/v1/batch", &headers, vec![11, 2, 128]))
        .await;
    assert_eq!(brotli.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn odd_texts_cost_only_their_event() {
    let edge = Edge::start().await;
    let mut body = format!(
        r#"{{"batch":[{},{},{}]}}"#,
        track("a"),
        track("?"),
        track("c")
    )
    .into_bytes();
    let place = body.iter().position(|byte| *byte == b'?').unwrap();
    body[place] = 0xC3;
    let answer = edge.post("/v1/batch", body).await;
    assert_eq!(answer.json()["errors"][0]["code"], "invalid-utf8");
    let deep = format!(r#"{}1{}"#, "[".repeat(5_000), "]".repeat(5_000));
    let nested = track("n").replace(
        "\"messageId\"",
        &format!("\"properties\":{{\"a\":{deep}}},\"messageId\""),
    );
    let answer = edge
        .post("/v1/batch", format!("[{nested},{}]", track("d")))
        .await;
    assert_eq!(answer.json()["errors"][0]["code"], "event-too-deep");
    let surrogate = track("e").replace("visitor-1", r"v\ud83d");
    assert_eq!(
        edge.post("/v1/batch", surrogate).await.status,
        StatusCode::OK
    );
    let ids: Vec<String> = edge
        .events()
        .into_iter()
        .map(|event| event.message_id)
        .collect();
    assert_eq!(ids, ["a", "c", "d", "e"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn no_body_is_a_server_error(body in proptest::collection::vec(any::<u8>(), 0..500)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let edge = Edge::start().await;
            for path in ["/v1/batch", "/v1/t", "/v1/decide", "/v1/visitor", "/rsaRequest"] {
                let answer = edge.post(path, body.clone()).await;
                assert!(answer.status.as_u16() < 500, "{path}");
                answer.json();
            }
            edge.handle.shutdown();
        });
    }
}
