//! Errors as RFC 9457 problem documents, each with a code and a page.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::wire::FieldError;

/// Media type of a problem document.
pub const CONTENT_TYPE: &str = "application/problem+json";

/// A kind of error: what clients may branch on.
#[derive(Debug)]
pub struct Code {
    /// The name, in kebab-case; never changes.
    pub name: &'static str,
    /// HTTP status it comes with.
    pub status: StatusCode,
    /// What it is, in one line.
    pub title: &'static str,
    /// What to do about it.
    pub fix: &'static str,
}

macro_rules! codes {
    ($($constant:ident, $name:literal, $status:ident, $title:literal, $fix:literal;)*) => {
        $(
            #[doc = $title]
            pub const $constant: &Code = &Code {
                name: $name, status: StatusCode::$status, title: $title, fix: $fix,
            };
        )*
        /// Every code; the pages under `/errors` are made from it.
        pub const ALL: &[&Code] = &[$($constant),*];
    };
}

codes! {
    INVALID_JSON, "invalid-json", BAD_REQUEST, "The body is not the JSON that is expected",
        "Compare the body with the schema of the route in /openapi.json. The detail names the \
         line, the column and what was expected there.";
    INVALID_BODY, "invalid-body", UNPROCESSABLE_ENTITY, "The body cannot be accepted",
        "Every member at fault is listed in `errors` with what would be right.";
    UNKNOWN_PARAMETER, "unknown-parameter", BAD_REQUEST, "The query has an unknown parameter",
        "Remove the parameters named in `errors`. Misspelt filters are refused rather than \
         ignored, because ignoring them would answer more than was asked.";
    INVALID_PARAMETER, "invalid-parameter", BAD_REQUEST, "A parameter has a wrong value",
        "Correct the parameters named in `errors`. A cursor is only good for the list it came \
         from.";
    UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE,
        "The content type is not accepted here",
        "Send `Content-Type: application/json`, or what the route names in /openapi.json.";
    BODY_TOO_LARGE, "body-too-large", PAYLOAD_TOO_LARGE, "The body is too large",
        "Split the body: the detail names the limit.";
    NOT_SIGNED_IN, "not-signed-in", UNAUTHORIZED, "Nobody is signed in",
        "Send `Authorization: Bearer ksk_…` with a live secret key, or sign in to the console.";
    WRONG_PASSWORD, "wrong-password", UNAUTHORIZED, "The address and the password do not match",
        "Check both. For safety the answer is the same when the address is unknown.";
    WRONG_TOKEN, "wrong-token", UNAUTHORIZED, "The sign-in link is no longer good",
        "A sign-in link works once and for ten minutes. Start the program again for a new one, \
         or sign in with a password.";
    SCOPE_MISSING, "scope-missing", FORBIDDEN, "The secret key may not do this",
        "Use a key with the scope the detail names. Scopes of a key never change: make a new key.";
    CONSOLE_HEADER_MISSING, "console-header-missing", FORBIDDEN,
        "A write with a session cookie needs the console's header",
        "Send `X-Kith-Console: 1` beside the cookie. It proves that the request was not made by \
         another site.";
    SETUP_DONE, "setup-done", CONFLICT, "A user exists already",
        "Setting up works only while no user exists. Sign in instead.";
    TOO_MANY_ATTEMPTS, "too-many-attempts", TOO_MANY_REQUESTS, "Too many attempts to sign in",
        "Wait as long as `Retry-After` says.";
    NOT_FOUND, "not-found", NOT_FOUND, "There is no such thing",
        "Check the id in the path. People who were merged answer under either id.";
    METHOD_NOT_ALLOWED, "method-not-allowed", METHOD_NOT_ALLOWED,
        "The route does not take this method", "See /openapi.json for what it takes.";
    PRECONDITION_REQUIRED, "precondition-required", PRECONDITION_REQUIRED,
        "A change needs If-Match",
        "Read the definition, and send its `ETag` back as `If-Match`, so that nobody's change \
         is lost.";
    PRECONDITION_FAILED, "precondition-failed", PRECONDITION_FAILED,
        "Somebody else changed it meanwhile",
        "Read it again, apply your change to what it is now, and send the new `ETag`.";
    TOO_MANY, "too-many", CONFLICT, "There are too many of them",
        "The detail names the limit. Archive what is not in use.";
    IN_USE, "in-use", CONFLICT, "Other definitions name it",
        "Change or archive the definitions named in `errors` first.";
    NOT_A_LIST, "not-a-list", CONFLICT, "The audience is no list",
        "A rule says who is in it. Change the rule, or make another audience of the type `list`.";
    JOB_NOT_RUNNING, "job-not-running", CONFLICT, "The job is not at work",
        "Only audiences and features are cancelled and resumed, and only before they are done. \
         The detail says how the job stands.";
    MODEL_DAMAGED, "model-damaged", CONFLICT, "The file of this version of a model is damaged",
        "Choose another version, or put the file back from a copy. The version that served before \
         serves on.";
    KEPT_APART, "kept-apart", CONFLICT, "They would stay apart",
        "An operator said that some of them are two persons, or an identifier never changes once a \
         person has it. Take that back first, or change the identity rules.";
    STILL_REJECTED, "still-rejected", UNPROCESSABLE_ENTITY, "The input is refused again",
        "`errors` names the member at fault. Correct the text and send it again as `raw`, or \
         correct it where it comes from.";
    ALREADY_REDRIVEN, "already-redriven", CONFLICT, "The input was accepted already",
        "Nothing is left to do.";
    NOT_REPLAYABLE, "not-replayable", CONFLICT, "The decision cannot be taken again",
        "The detail says which input is gone.";
    NOT_AVAILABLE, "not-available", NOT_IMPLEMENTED, "This version cannot do that yet",
        "The route is reserved. The changelog says in which version it arrives.";
    OVERLOADED, "overloaded", TOO_MANY_REQUESTS, "The log cannot take more right now",
        "Send it again after as long as `Retry-After` says. Nothing was stored.";
    STORAGE_FAILED, "storage-failed", SERVICE_UNAVAILABLE, "The storage failed",
        "Look at the disk and at the program's log, and run `kith doctor`. Nothing was stored.";
    INTERNAL, "internal", INTERNAL_SERVER_ERROR, "Something is wrong inside Kith",
        "The program's log has the cause. Please report it.";
}

/// One error, on its way to a client.
#[derive(Debug, thiserror::Error)]
#[error("{}: {detail}", code.name)]
pub struct Problem {
    code: &'static Code,
    detail: String,
    errors: Vec<FieldError>,
    setup_needed: Option<bool>,
    retry_after_s: Option<u32>,
}

/// An RFC 9457 problem document.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemDocument {
    /// Page about the code: `/errors/CODE`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is, in one line.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What was tried and what is wrong.
    pub detail: String,
    /// Machine-readable code.
    pub code: String,
    /// Members at fault.
    pub errors: Vec<FieldError>,
    /// Beside `not-signed-in`: true while no user exists, so that the console asks for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub setup_needed: Option<bool>,
}

impl Problem {
    /// An error of this code; the detail says what was tried and what is wrong.
    pub fn new(code: &'static Code, detail: impl Into<String>) -> Self {
        Problem {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            setup_needed: None,
            retry_after_s: None,
        }
    }

    /// Nothing under this id.
    pub fn not_found(what: &str, id: &str) -> Self {
        Problem::new(NOT_FOUND, format!("there is no {what} {id:?}"))
    }

    /// Names a member at fault.
    pub fn field(mut self, field: impl Into<String>, message: impl Into<String>) -> Self {
        self.errors.push(FieldError {
            field: field.into(),
            message: message.into(),
        });
        self
    }

    /// Its members at fault as members of something greater; the detail where none is named.
    pub(crate) fn into_fields(self, of: &str) -> Vec<(String, String)> {
        if self.errors.is_empty() {
            return vec![(of.to_owned(), self.detail)];
        }
        let errors = self.errors.into_iter();
        errors
            .map(|error| (format!("{of}.{}", error.field), error.message))
            .collect()
    }

    /// Says whether the first user is still missing.
    pub fn setup_needed(mut self, needed: bool) -> Self {
        self.setup_needed = Some(needed);
        self
    }

    /// Says when to try again.
    pub fn retry_after_s(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// The code, for branching.
    pub fn code(&self) -> &'static Code {
        self.code
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        if self.code.status.is_server_error() {
            tracing::error!(
                code = self.code.name,
                detail = self.detail,
                "request failed"
            );
        }
        let document = ProblemDocument {
            kind: format!("/errors/{}", self.code.name),
            title: self.code.title.to_owned(),
            status: self.code.status.as_u16(),
            detail: self.detail,
            code: self.code.name.to_owned(),
            errors: self.errors,
            setup_needed: self.setup_needed,
        };
        let body = serde_json::to_vec(&document).expect("a problem has string keys only");
        let mut response = (self.code.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
