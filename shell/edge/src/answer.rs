//! Answers in the form that every client of the field understands: always a JSON object, and
//! 4xx only when nothing of the request can be used.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kith_event::collect::Parsed;
use kith_runtime::AppendError;
use serde::Serialize;

/// A request that was turned away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) field: String,
    pub(crate) retry_after_s: Option<u32>,
}

#[derive(Serialize)]
struct FailureBody<'a> {
    success: bool,
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    field: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ItemError<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ItemError<'a> {
    index: usize,
    message_id: &'a str,
    code: &'a str,
    message: String,
}

#[derive(Serialize)]
struct SuccessBody<'a> {
    success: bool,
    ok: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ItemError<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<ItemError<'a>>,
}

impl Failure {
    pub(crate) fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Failure {
            status,
            code: code.to_owned(),
            message: message.into(),
            field: String::new(),
            retry_after_s: None,
        }
    }

    pub(crate) fn bad(code: &str, field: &str, message: impl Into<String>) -> Self {
        let field = field.to_owned();
        Failure {
            field,
            ..Failure::new(StatusCode::BAD_REQUEST, code, message)
        }
    }
}

impl From<AppendError> for Failure {
    fn from(error: AppendError) -> Self {
        let (status, code, retry_after_s) = match &error {
            AppendError::Overloaded { retry_after_s } => (
                StatusCode::TOO_MANY_REQUESTS,
                "overloaded",
                Some(*retry_after_s),
            ),
            AppendError::Storage(_) => (StatusCode::SERVICE_UNAVAILABLE, "storage-failed", None),
            AppendError::Stopped => (StatusCode::SERVICE_UNAVAILABLE, "shutting-down", None),
        };
        // What the disk said is for the log of the process, not for strangers.
        let message = match error {
            AppendError::Storage(_) => "the events could not be stored; send them again".to_owned(),
            other => other.to_string(),
        };
        Failure {
            retry_after_s,
            ..Failure::new(status, code, message)
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        failure(&self, Vec::new())
    }
}

fn failure(failure: &Failure, errors: Vec<ItemError<'_>>) -> Response {
    let body = FailureBody {
        success: false,
        code: &failure.code,
        message: &failure.message,
        field: &failure.field,
        errors,
    };
    let mut response = json(failure.status, &body);
    if let Some(seconds) = failure.retry_after_s {
        // Clients honour whole seconds up to five minutes.
        let seconds = HeaderValue::from(seconds.clamp(1, 300));
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.clone());
        response.headers_mut().insert("x-ratelimit-reset", seconds);
    }
    response
}

/// The answer to events that were stored: 200 as soon as anything of the body was of use.
pub(crate) fn stored(parsed: &Parsed) -> Response {
    let errors: Vec<ItemError<'_>> = parsed
        .refused
        .iter()
        .map(|item| ItemError {
            index: item.index,
            message_id: &item.message_id,
            code: &item.refused.code,
            message: item.refused.message.clone(),
        })
        .collect();
    if let (true, Some(first)) = (parsed.events.is_empty(), parsed.refused.first()) {
        let (code, message) = (&first.refused.code, &first.refused.message);
        let hopeless = Failure::bad(code, &first.refused.field, message);
        return failure(&hopeless, errors);
    }
    let warnings = parsed
        .warnings
        .iter()
        .map(|warning| ItemError {
            index: warning.index,
            message_id: &warning.message_id,
            code: warning.reason.code(),
            message: warning.reason.to_string(),
        })
        .collect();
    json(
        StatusCode::OK,
        &SuccessBody {
            success: true,
            ok: true,
            errors,
            warnings,
        },
    )
}

/// The answer to what is taken and not kept.
pub(crate) fn taken() -> Response {
    json(
        StatusCode::OK,
        &SuccessBody {
            success: true,
            ok: true,
            errors: Vec::new(),
            warnings: Vec::new(),
        },
    )
}

/// Any JSON answer.
pub(crate) fn json<T: Serialize>(status: StatusCode, body: &T) -> Response {
    let bytes = serde_json::to_vec(body).expect("answers are made of text and numbers");
    let mut response = (status, bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
