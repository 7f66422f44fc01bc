//! The demo shop's files under `/shop/`, with the write key put into its page.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../web/demo-shop/dist"]
#[allow_missing = true]
struct Files;

/// What the page holds where its key belongs.
const KEY_MARK: &str = "__KITH_WRITE_KEY__";

/// The shop.
pub fn router(write_key: &str) -> Router {
    let page: Arc<Option<String>> = Arc::new(page(write_key));
    let index = Arc::clone(&page);
    Router::new()
        .route("/shop", get(|| async { Redirect::temporary("/shop/") }))
        .route("/shop/", get(move || async move { html(index.as_deref()) }))
        .route(
            "/shop/{*path}",
            get(move |Path(path): Path<String>| async move {
                match Files::get(&path) {
                    Some(file) if path != "index.html" => asset(&path, file.data),
                    // Addresses of the shop's own pages: its script reads them.
                    _ if !last_part(&path).contains('.') => html(page.as_deref()),
                    _ => StatusCode::NOT_FOUND.into_response(),
                }
            }),
        )
}

fn page(write_key: &str) -> Option<String> {
    let file = Files::get("index.html")?;
    Some(String::from_utf8_lossy(&file.data).replace(KEY_MARK, write_key))
}

/// The shop and the tag live with the strictest of policies, and this shows it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; base-uri 'none'; form-action 'self'; \
                      frame-ancestors 'none'";

fn html(page: Option<&str>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    match page {
        Some(page) => (headers, page.to_owned()).into_response(),
        None => (
            StatusCode::NOT_FOUND,
            "The shop was not built into this program: run `cargo xtask web`, then build again.\n",
        )
            .into_response(),
    }
}

fn asset(path: &str, data: Cow<'static, [u8]>) -> Response {
    // Names under assets/ hold a hash of their content.
    let cache = match path.starts_with("assets/") {
        true => "public, max-age=31536000, immutable",
        false => "public, max-age=300",
    };
    let headers = [
        (header::CONTENT_TYPE, content_type(path)),
        (header::CACHE_CONTROL, cache),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, data.into_owned()).into_response()
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webp") => "image/webp",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("ico") => "image/x-icon",
        Some("json" | "map") => "application/json",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

fn last_part(path: &str) -> &str {
    path.rsplit('/')
        .next()
        .expect("a split yields at least one part")
}
