//! Images that carry one event in their address, for mails and pages without scripts. The image
//! is answered in any case: nobody could read a reason.

use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use kith_event::Kind;
use kith_event::collect::Route;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::collect;
use crate::key;
use crate::state::EdgeState;

/// One transparent pixel.
const GIF: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xF9\x04\x01\x00\
    \x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

/// Most parameters that are looked at.
const PARAMETERS_MAX: usize = 200;

/// Takes the event and answers the image.
pub(crate) async fn pixel(state: &EdgeState, parts: &Parts, kind: Kind) -> Response {
    let query = parts.uri.query().unwrap_or_default();
    let body = match key::parameter(query, "data").and_then(|data| decoded(&data)) {
        Some(data) => Bytes::from(data),
        None => Bytes::from(event(query, kind).to_string()),
    };
    if let Err(failure) = collect::collect(state, parts, Route::Kind(kind), true, body).await {
        tracing::debug!(code = %failure.code, "an event of a pixel was turned away");
    }
    let mut response = GIF.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/gif"));
    let caching = HeaderValue::from_static("no-store, no-cache, private");
    headers.insert(header::CACHE_CONTROL, caching);
    response
}

/// Segment's and Jitsu's pixels put the whole event into `data`, as base64.
fn decoded(data: &str) -> Option<Vec<u8>> {
    let data = data
        .trim_end_matches('=')
        .replace(['+', ' '], "-")
        .replace('/', "_");
    let decoded = URL_SAFE_NO_PAD.decode(data.as_bytes());
    decoded
        .or_else(|_| STANDARD.decode(&data))
        .ok()
        .filter(|bytes| bytes.starts_with(b"{"))
}

/// RudderStack's and AMP's pixels put every member into a parameter, with dots for depth.
fn event(query: &str, kind: Kind) -> Value {
    let mut event = Value::Object(Map::new());
    for (name, value) in query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .take(PARAMETERS_MAX)
    {
        let decode = |text: &str| {
            let spaced = text.replace('+', " ");
            percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
        };
        let (name, value) = (decode(name), decode(value));
        if name.eq_ignore_ascii_case("writekey") {
            continue;
        }
        let mut here = &mut event;
        for part in name.split('.').take(8) {
            if !here.is_object() {
                *here = Value::Object(Map::new());
            }
            here = &mut here[part];
        }
        *here = Value::String(value);
    }
    if kind == Kind::Track && event.get("event").is_none() {
        event["event"] = Value::String("Pixel Loaded".to_owned());
    }
    event
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_become_an_event() {
        let read = event(
            "writeKey=k&anonymousId=a&properties.mail=M%201&context.page.url=x",
            Kind::Track,
        );
        assert_eq!(
            read.to_string(),
            concat!(
                r#"{"anonymousId":"a","context":{"page":{"url":"x"}},"#,
                r#""event":"Pixel Loaded","properties":{"mail":"M 1"}}"#
            )
        );
        assert_eq!(
            event("a=1&a.b=2", Kind::Page).to_string(),
            r#"{"a":{"b":"2"}}"#
        );
    }

    #[test]
    fn data_may_be_either_base64() {
        assert_eq!(
            decoded("eyJhIjoiPz8_In0").as_deref(),
            Some(&br#"{"a":"???"}"#[..])
        );
        assert_eq!(
            decoded("eyJhIjoiPz8/In0=").as_deref(),
            Some(&br#"{"a":"???"}"#[..])
        );
        assert_eq!(decoded("bm90IGpzb24"), None);
    }
}
