//! Routes about the server itself: metrics, the API's description, pages about error codes.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use crate::{openapi, problem};

/// The API's description, OpenAPI 3.1.
pub async fn read_openapi() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, openapi::document()).into_response()
}

/// The page about an error code.
pub async fn read_error_page(Path(name): Path<String>) -> Response {
    let Some(code) = problem::ALL.iter().find(|code| code.name == name) else {
        return problem::Problem::not_found("error code", &name).into_response();
    };
    Html(error_page(code)).into_response()
}

/// The list of error codes.
pub async fn list_error_pages() -> Html<String> {
    let row = |code: &&problem::Code| {
        format!(
            "<li><a href=\"/errors/{0}\">{0}</a> {1}</li>",
            code.name, code.title
        )
    };
    let rows: String = problem::ALL.iter().map(row).collect();
    page("Errors", &format!("<h1>Errors</h1><ul>{rows}</ul>"))
}

fn error_page(code: &problem::Code) -> String {
    let body = format!(
        "<h1>{}</h1><p><code>{}</code>, HTTP status {}</p><h2>What to do</h2><p>{}</p>\
         <p><a href=\"/errors\">All errors</a></p>",
        code.title, code.name, code.status, code.fix
    );
    page(code.name, &body).0
}

fn page(title: &str, body: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title} · Kith</title>\
         </head><body><main>{body}</main></body></html>"
    ))
}

/// Answers paths that lead nowhere.
pub async fn no_such_route() -> (StatusCode, Response) {
    let problem = problem::Problem::new(
        problem::NOT_FOUND,
        "there is no such route; /openapi.json lists them all",
    );
    (StatusCode::NOT_FOUND, problem.into_response())
}
