//! Forms of short texts: ids, names, origins.

use kith_base::limits;

pub(crate) fn is_id(text: &str) -> bool {
    (1..=limits::DEFINITION_ID_MAX_CHARS).contains(&text.len())
        && text
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'))
}

pub(super) fn is_name(text: &str) -> bool {
    text.len() <= limits::DEFINITION_ID_MAX_CHARS
        && text.split('.').all(|part| {
            part.bytes()
                .next()
                .is_some_and(|first| first.is_ascii_lowercase())
                && part
                    .bytes()
                    .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
        })
}

pub(super) fn is_origin(text: &str) -> bool {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':');
    text == "*"
        || host
            .is_some_and(|host| !host.is_empty() && host.len() <= 255 && host.bytes().all(allowed))
}
