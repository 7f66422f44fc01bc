//! `kith.js`: the tag alone, and with the configuration of one source.

use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kith_definition::Tag;
use rust_embed::RustEmbed;
use serde::Serialize;

use crate::answer::Failure;
use crate::client::Place;
use crate::settings;
use crate::state::EdgeState;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../web/tag/dist"]
#[allow_missing = true]
struct Dist;

const FILE: &str = "kith.js";
const CACHING: &str = "public, max-age=300, stale-while-revalidate=86400";

/// Version of the configuration that `kith.start` takes.
const CONFIG_VERSION: u8 = 1;

#[derive(Serialize)]
struct Config<'a> {
    write_key: &'a str,
    host: String,
    version: u8,
    #[serde(flatten)]
    tag: &'a Tag,
}

/// `GET /kith.js`
pub(crate) fn tag(parts: &Parts) -> Result<Response, Failure> {
    let script = built()?;
    let etag = settings::etag(&script);
    Ok(answer(parts, etag, script.into_owned(), None))
}

/// `GET /tag/{write_key}.js`
pub(crate) fn tag_of(
    state: &EdgeState,
    parts: &Parts,
    prefix: &str,
    write_key: &str,
) -> Result<Response, Failure> {
    let project = state.handle().project();
    let source = project
        .source_of_key(write_key)
        .ok_or_else(settings::unknown_key)?;
    let host = Place::of(state.options(), &parts.headers, prefix).url();
    let config = Config {
        write_key,
        host,
        version: CONFIG_VERSION,
        tag: &source.spec.tag,
    };
    let config = serde_json::to_string(&config).expect("a configuration is text and flags");
    // Harmless in a file of its own; keeps the text safe where somebody inlines it.
    let config = config
        .replace('<', "\\u003c")
        .replace('\u{2028}', "\\u2028");
    let mut script = built()?.into_owned();
    script.extend_from_slice(format!("\nkith.start({config});\n").as_bytes());
    let etag = settings::etag(&script);
    Ok(answer(
        parts,
        etag,
        script,
        Some("Accept-Encoding, Origin, Host"),
    ))
}

fn built() -> Result<std::borrow::Cow<'static, [u8]>, Failure> {
    Dist::get(FILE).map(|file| file.data).ok_or_else(|| {
        Failure::new(
            StatusCode::NOT_FOUND,
            "tag-not-built",
            "kith.js is not part of this build: run `cargo xtask web`, then build Kith again",
        )
    })
}

fn answer(
    parts: &Parts,
    etag: HeaderValue,
    script: Vec<u8>,
    vary: Option<&'static str>,
) -> Response {
    let held = settings::is_held(&parts.headers, &etag);
    let mut response = (StatusCode::OK, script).into_response();
    let headers = response.headers_mut();
    let script_type = HeaderValue::from_static("text/javascript; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, script_type);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(CACHING));
    headers.insert(header::ETAG, etag);
    let everywhere = HeaderValue::from_static("*");
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, everywhere);
    let cross_origin = HeaderValue::from_static("cross-origin");
    headers.insert("cross-origin-resource-policy", cross_origin);
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    if let Some(vary) = vary {
        headers.insert(header::VARY, HeaderValue::from_static(vary));
    }
    if held {
        settings::not_modified(response)
    } else {
        response
    }
}
