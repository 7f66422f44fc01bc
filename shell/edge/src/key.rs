//! Finding the write key: clients put it in six places.

use std::borrow::Cow;

use axum::http::{HeaderMap, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kith_definition::{Revisioned, Source};
use kith_engine::Project;

use crate::answer::Failure;

/// Keys longer than this are none; also bounds the hashing.
const KEY_MAX_BYTES: usize = 256;

/// The source that owns the first known key of: `Authorization`, `X-Write-Key`, the query, the
/// body. Some clients send a token of another system in one place and the key in the next.
pub(crate) fn source<'p>(
    project: &'p Project,
    headers: &HeaderMap,
    query: &str,
    in_body: Option<&str>,
) -> Result<&'p Revisioned<Source>, Failure> {
    let places = [
        of_authorization(headers),
        of_header(headers),
        of_query(query),
        in_body.map(Cow::Borrowed),
    ];
    let mut seen = false;
    for key in places.into_iter().flatten().filter(|key| is_plausible(key)) {
        seen = true;
        if let Some(source) = project.source_of_key(&key) {
            return Ok(source);
        }
    }
    let (code, message) = if seen {
        (
            "unknown-write-key",
            "no enabled source has this write key: check it on the Sources page",
        )
    } else {
        (
            "missing-write-key",
            "the request has no write key: send it as Basic user, X-Write-Key header, writeKey \
             in the query or writeKey in the body",
        )
    };
    Err(Failure::new(StatusCode::UNAUTHORIZED, code, message))
}

fn is_plausible(key: &str) -> bool {
    !key.is_empty() && key.len() <= KEY_MAX_BYTES && !key.ends_with("***")
}

/// The user of Basic, or a Bearer token. One trailing colon is cut, not what stands before the
/// first one: a key of Jitsu's form holds a colon itself.
pub(crate) fn of_authorization(headers: &HeaderMap) -> Option<Cow<'_, str>> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = value.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(Cow::Borrowed(rest.trim()));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    let key = decoded
        .strip_suffix(':')
        .map(str::to_owned)
        .unwrap_or(decoded);
    Some(Cow::Owned(key.trim().to_owned()))
}

fn of_header(headers: &HeaderMap) -> Option<Cow<'_, str>> {
    headers
        .get("x-write-key")?
        .to_str()
        .ok()
        .map(|key| Cow::Borrowed(key.trim()))
}

fn of_query(query: &str) -> Option<Cow<'_, str>> {
    parameter(query, "writeKey").or_else(|| parameter(query, "writekey"))
}

/// One parameter of a query, decoded.
pub(crate) fn parameter<'a>(query: &'a str, name: &str) -> Option<Cow<'a, str>> {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| percent_encoding::percent_decode_str(value).decode_utf8_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_trailing_colon_is_cut() {
        let check = |user: &str, expect: &str| {
            let mut headers = HeaderMap::new();
            let value = format!("Basic {}", STANDARD.encode(user));
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            assert_eq!(
                of_authorization(&headers).as_deref(),
                Some(expect),
                "{user}"
            );
        };
        check("key:", "key");
        check("key", "key");
        check("id:secret:", "id:secret");
        check("id:secret", "id:secret");
        check("key::", "key:");
    }

    #[test]
    fn parameters_are_decoded() {
        assert_eq!(
            parameter("a=1&writeKey=id%3Asecret", "writeKey").as_deref(),
            Some("id:secret")
        );
        assert_eq!(parameter("a=1", "writeKey"), None);
    }
}
