//! Reading queries and bodies strictly: what is unknown or misspelt is named, never ignored.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use crate::problem::{self, Problem};

/// The query string. The known names are those the OpenAPI document lists.
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + IntoParams> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let pairs: axum::extract::Query<Vec<(String, String)>> =
            axum::extract::Query::try_from_uri(&parts.uri)
                .map_err(|error| Problem::new(problem::INVALID_PARAMETER, error.body_text()))?;
        let known: Vec<String> = T::into_params(|| None)
            .into_iter()
            .map(|parameter| parameter.name)
            .collect();
        check_names(&pairs.0, &known)?;
        let values = pairs.0.into_iter().filter(|(_, value)| !value.is_empty());
        read_values(values.collect()).map(Query)
    }
}

fn check_names(pairs: &[(String, String)], known: &[String]) -> Result<(), Problem> {
    let unknown: Vec<&str> = pairs
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| !known.iter().any(|known| known == name))
        .collect();
    if !unknown.is_empty() {
        let detail = format!(
            "unknown {}; this route knows {}",
            unknown.join(", "),
            if known.is_empty() {
                "none".to_owned()
            } else {
                known.join(", ")
            }
        );
        let problem = Problem::new(problem::UNKNOWN_PARAMETER, detail);
        return Err(unknown.into_iter().fold(problem, |problem, name| {
            problem.field(name, "is not a parameter of this route")
        }));
    }
    let mut seen = std::collections::BTreeSet::new();
    match pairs.iter().find(|(name, _)| !seen.insert(name)) {
        Some((name, _)) => Err(invalid(name, "is given more than once")),
        None => Ok(()),
    }
}

/// Goes through JSON so that one deserialiser serves numbers and texts alike.
fn read_values<T: DeserializeOwned>(pairs: Vec<(String, String)>) -> Result<T, Problem> {
    let mut object = serde_json::Map::new();
    for (name, text) in pairs {
        let value = match name.as_str() {
            "limit" => text
                .parse::<u64>()
                .map(serde_json::Value::from)
                .map_err(|_| invalid("limit", "is not a whole number"))?,
            _ => serde_json::Value::String(text),
        };
        object.insert(name, value);
    }
    serde_json::from_value(serde_json::Value::Object(object))
        .map_err(|error| Problem::new(problem::INVALID_PARAMETER, error.to_string()))
}

/// A parameter with a wrong value.
pub fn invalid(name: &str, message: &str) -> Problem {
    Problem::new(problem::INVALID_PARAMETER, format!("{name} {message}")).field(name, message)
}

/// A JSON body.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !has_json(&request) {
            return Err(needs_json());
        }
        let bytes = read_bytes(request, state).await?;
        parse(&bytes).map(Body)
    }
}

/// A JSON body that may be left out.
pub struct OptionalBody<T>(pub Option<T>);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for OptionalBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let is_json = has_json(&request);
        let bytes = read_bytes(request, state).await?;
        if bytes.is_empty() {
            return Ok(OptionalBody(None));
        }
        if !is_json {
            return Err(needs_json());
        }
        parse(&bytes).map(OptionalBody)
    }
}

fn has_json(request: &Request) -> bool {
    let content_type = request.headers().get(header::CONTENT_TYPE);
    content_type
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| {
            let essence = value.split(';').next().unwrap_or_default().trim();
            essence.eq_ignore_ascii_case("application/json")
        })
}

fn needs_json() -> Problem {
    let detail = "this route takes Content-Type: application/json";
    Problem::new(problem::UNSUPPORTED_MEDIA_TYPE, detail)
}

/// The whole body, up to the router's limit.
pub async fn read_bytes<S: Send + Sync>(
    request: Request,
    state: &S,
) -> Result<axum::body::Bytes, Problem> {
    axum::body::Bytes::from_request(request, state)
        .await
        .map_err(|rejection| {
            let too_large = rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE;
            let code = if too_large {
                problem::BODY_TOO_LARGE
            } else {
                problem::INVALID_JSON
            };
            Problem::new(code, rejection.body_text())
        })
}

/// Reads JSON; a wrong shape is told apart from what is no JSON at all.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| {
        let code = if error.is_data() {
            problem::INVALID_BODY
        } else {
            problem::INVALID_JSON
        };
        Problem::new(code, error.to_string()).field("", error.to_string())
    })
}
