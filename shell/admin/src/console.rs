//! The console, embedded in the binary: hashed files for ever, the index with a fresh nonce.

use std::borrow::Cow;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::state::AdminState;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../web/console/dist"]
#[allow_missing = true]
struct Dist;

const INDEX: &str = "index.html";
/// Names that change with the content.
const HASHED: &str = "assets/";
/// What the build writes where the nonce goes.
const NONCE_PLACE: &str = "content=\"NONCE\"";

const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
    <title>Kith</title></head><body><main><h1>The console is not part of this build</h1>\
    <p>Run <code>cargo xtask web</code>, then build Kith again. The API works without it: see \
    <a href=\"/openapi.json\">/openapi.json</a>.</p></main></body></html>";

/// The console's routes, and the redirect to it from the root.
pub fn router() -> Router<AdminState> {
    Router::new()
        .route("/", get(async || Redirect::temporary("/console/")))
        .route("/console", get(async || Redirect::permanent("/console/")))
        .route("/console/", get(async || index(Dist::get(INDEX))))
        .route("/console/{*path}", get(serve))
}

async fn serve(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let known = path != INDEX && !path.ends_with(".br") && !path.ends_with(".gz");
    match Dist::get(&path).filter(|_| known) {
        Some(plain) => file(&path, plain, &headers, Dist::get),
        None if path.starts_with(HASHED) => {
            // Never the index: a stale tab would take its HTML for a script.
            (
                StatusCode::NOT_FOUND,
                "this file belongs to another build; reload the page",
            )
                .into_response()
        }
        None => index(Dist::get(INDEX)),
    }
}

fn file(
    path: &str,
    plain: EmbeddedFile,
    request: &HeaderMap,
    find: impl Fn(&str) -> Option<EmbeddedFile>,
) -> Response {
    let etag = format!(
        "\"{}\"",
        STANDARD.encode(&plain.metadata.sha256_hash()[..12])
    );
    let mut headers = HeaderMap::new();
    let caching = if path.starts_with(HASHED) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    headers.insert(
        header::ETAG,
        HeaderValue::from_str(&etag).expect("base64 is printable"),
    );
    protect(&mut headers);
    let held = request
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    if held.is_some_and(|held| held.split(',').any(|one| one.trim() == etag)) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    headers.insert(header::CONTENT_TYPE, content_type(path));
    let accepted = request
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok());
    for (encoding, ending) in [("br", ".br"), ("gzip", ".gz")] {
        if accepts(accepted.unwrap_or_default(), encoding)
            && let Some(packed) = find(&format!("{path}{ending}"))
        {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
            return (headers, body(packed.data)).into_response();
        }
    }
    (headers, body(plain.data)).into_response()
}

fn index(file: Option<EmbeddedFile>) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    protect(&mut headers);
    let Some(file) = file else {
        return (StatusCode::SERVICE_UNAVAILABLE, headers, Html(NOT_BUILT)).into_response();
    };
    let mut random = [0; 16];
    getrandom::fill(&mut random).expect("the operating system gives random bytes");
    let nonce = URL_SAFE_NO_PAD.encode(random);
    let policy = format!(
        "default-src 'self'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; \
         img-src 'self' data: blob: https:; connect-src 'self'; frame-ancestors 'none'; \
         base-uri 'none'; object-src 'none'; form-action 'self'"
    );
    let policy = HeaderValue::from_str(&policy).expect("base64 is printable");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    let page = String::from_utf8_lossy(&file.data);
    let page = page.replace(NONCE_PLACE, &format!("content=\"{nonce}\""));
    (headers, Html(page)).into_response()
}

fn protect(headers: &mut HeaderMap) {
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (
            header::HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

fn body(data: Cow<'static, [u8]>) -> axum::body::Body {
    match data {
        Cow::Borrowed(bytes) => bytes.into(),
        Cow::Owned(bytes) => bytes.into(),
    }
}

/// Whether an Accept-Encoding header takes an encoding.
fn accepts(header: &str, encoding: &str) -> bool {
    header.split(',').any(|part| {
        let (name, quality) = part.split_once(';').unwrap_or((part, ""));
        let refused = quality
            .trim()
            .strip_prefix("q=")
            .is_some_and(|q| q.parse() == Ok(0.0));
        name.trim().eq_ignore_ascii_case(encoding) && !refused
    })
}

fn content_type(path: &str) -> HeaderValue {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    HeaderValue::from_static(match ending {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        _ => "application/octet-stream",
    })
}

#[cfg(test)]
mod tests {
    use rust_embed::Metadata;

    use super::*;

    fn embedded(text: &'static str) -> EmbeddedFile {
        let metadata = Metadata::__rust_embed_new([7; 32], None, None);
        EmbeddedFile {
            data: text.as_bytes().into(),
            metadata,
        }
    }

    #[test]
    fn the_index_gets_a_fresh_nonce_in_page_and_policy() {
        let page = || {
            index(Some(embedded(
                "<meta name=\"csp-nonce\" content=\"NONCE\">",
            )))
        };
        let (first, second) = (page(), page());
        let policy = |page: &Response| {
            page.headers()[header::CONTENT_SECURITY_POLICY]
                .to_str()
                .unwrap()
                .to_owned()
        };
        assert_ne!(policy(&first), policy(&second));
        assert!(policy(&first).contains("style-src 'self' 'nonce-"));
        assert_eq!(first.headers()[header::CACHE_CONTROL], "no-store");
        assert_eq!(index(None).status(), StatusCode::SERVICE_UNAVAILABLE);
    }

    #[test]
    fn files_come_packed_as_the_browser_accepts_them() {
        let find = |name: &str| name.ends_with(".gz").then(|| embedded("packed"));
        let get = |accept: &str, held: &str| {
            let mut request = HeaderMap::new();
            request.insert(header::ACCEPT_ENCODING, accept.parse().unwrap());
            request.insert(header::IF_NONE_MATCH, held.parse().unwrap());
            file("assets/a-1.js", embedded("plain"), &request, find)
        };
        let packed = get("gzip, br", "\"x\"");
        assert_eq!(packed.headers()[header::CONTENT_ENCODING], "gzip");
        assert_eq!(
            packed.headers()[header::CONTENT_TYPE],
            "text/javascript; charset=utf-8"
        );
        let immutable = "public, max-age=31536000, immutable";
        assert_eq!(packed.headers()[header::CACHE_CONTROL], immutable);
        let plain = get("gzip;q=0", "\"x\"");
        assert!(plain.headers().get(header::CONTENT_ENCODING).is_none());
        let etag = plain.headers()[header::ETAG].to_str().unwrap();
        assert_eq!(get("br", etag).status(), StatusCode::NOT_MODIFIED);
    }
}
