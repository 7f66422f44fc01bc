//! Events in the address of an image.

use axum::http::StatusCode;
use base64::Engine;

use crate::harness::{Edge, KEY, track};

#[tokio::test]
async fn the_image_is_answered_in_any_case() {
    let edge = Edge::start().await;
    let data = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(track("jitsu"));
    for path in [
        format!("/pixel/v1/track?writeKey={KEY}&anonymousId=v&event=Mail+Opened&properties.mail=7"),
        format!("/pixel/v1/page?writeKey={KEY}&anonymousId=v&name=Newsletter"),
        format!("/api/px/track?writekey={KEY}&data={data}"),
        "/pixel/v1/track?anonymousId=v".to_owned(),
        format!("/pixel/v1/track?writeKey={KEY}"),
    ] {
        let answer = edge.get(&path, &[]).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("content-type"), "image/gif");
        assert!(answer.body.starts_with(b"GIF89a"));
    }
    let events = edge.events();
    let labels: Vec<&str> = events.iter().map(|event| event.label()).collect();
    assert_eq!(labels, ["Mail Opened", "Newsletter", "Product Viewed"]);
    assert_eq!(events[0].properties.as_str(), r#"{"mail":"7"}"#);
    assert_eq!(
        edge.refused().len(),
        1,
        "an event without a person is kept for people to see"
    );
}
