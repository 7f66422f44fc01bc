//! Links of preview: a page asks as always, and its address says whose preview it shows.

use kith_base::{Timestamp, Value, limits};
use kith_runtime::Preview;
use serde::Serialize;

use crate::state::EdgeState;

/// Name of the member in the query of the page's address.
const PARAMETER: &str = "kith_preview=";

/// What an answer says of the link.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Told {
    Until { expires_at: String },
    Ended { error: Ended },
}

#[derive(Serialize)]
pub(crate) struct Ended {
    code: &'static str,
    message: &'static str,
}

/// The preview that the page's address asks for, and what to tell of it.
pub(crate) fn find(
    state: &EdgeState,
    context: &Value,
    now: Timestamp,
) -> (Option<Preview>, Option<Told>) {
    let Some(token) = token(context) else {
        return (None, None);
    };
    match (state.options().preview)(token, now) {
        Some(preview) => {
            let expires_at = preview.expires_at.to_string();
            (Some(preview), Some(Told::Until { expires_at }))
        }
        None => {
            let error = Ended {
                code: "preview-ended",
                message: "the link of preview is over or not of this server: make a new one in \
                          the console; what is shown is no preview",
            };
            (None, Some(Told::Ended { error }))
        }
    }
}

/// The token in `context.page.search`.
fn token(context: &Value) -> Option<&str> {
    let Value::Map(context) = context else {
        return None;
    };
    let Some(Value::Map(page)) = context.get("page") else {
        return None;
    };
    let Some(Value::Text(search)) = page.get("search") else {
        return None;
    };
    let mut pairs = search.trim_start_matches('?').split('&');
    let token = pairs.find_map(|pair| pair.strip_prefix(PARAMETER))?;
    let fits = !token.is_empty() && token.len() <= limits::PREVIEW_TOKEN_MAX_BYTES;
    fits.then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_stands_in_the_query_of_the_page() {
        let check = |search: &str, expected: Option<&str>| {
            let context = serde_json::json!({ "page": { "search": search } });
            let context: Value = serde_json::from_value(context).unwrap();
            assert_eq!(token(&context), expected, "{search}");
        };
        check("?kith_preview=a.b", Some("a.b"));
        check("?x=1&kith_preview=a.b&y=2", Some("a.b"));
        check("?not_kith_preview=a.b", None);
        check("?kith_preview=", None);
        check("", None);
        let longest = "a".repeat(limits::PREVIEW_TOKEN_MAX_BYTES);
        check(&format!("?kith_preview={longest}"), Some(&longest));
        check(&format!("?kith_preview={longest}a"), None);
    }

    #[test]
    fn a_context_without_a_page_has_none() {
        for context in [
            "null",
            "{}",
            r#"{"page":1}"#,
            r#"{"page":{"search":["a"]}}"#,
        ] {
            let context: Value = serde_json::from_str(context).unwrap();
            assert_eq!(token(&context), None, "{context:?}");
        }
    }
}
