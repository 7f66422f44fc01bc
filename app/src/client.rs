//! A small HTTP client for a Kith server: JSON in, JSON out, problems as sentences.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use ureq::http::{Response, StatusCode};
use ureq::{Agent, Body};

/// How often a request is repeated while the server says that it is overloaded.
const ATTEMPTS_MAX: u32 = 8;

/// One server, one key.
#[derive(Clone)]
pub struct Client {
    agent: Agent,
    url: String,
    authorization: String,
}

/// An answer.
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// The JSON, null when the body is empty.
    pub json: Value,
}

impl Client {
    /// A server under `url`, asked with a secret key.
    pub fn with_secret_key(url: &str, key: &str) -> Result<Self> {
        Client::new(url, format!("Bearer {key}"))
    }

    /// The same server, asked with a write key.
    pub fn with_other_key(&self, write_key: &str) -> Self {
        use base64::Engine as _;
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("{write_key}:"));
        Client {
            authorization: format!("Basic {basic}"),
            ..self.clone()
        }
    }

    fn new(url: &str, authorization: String) -> Result<Self> {
        if !url.starts_with("http://") {
            bail!(
                "{url} cannot be reached: this client speaks http:// only. Run it on the \
                 server's machine, or through a tunnel"
            );
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)));
        let url = url.trim_end_matches('/').to_owned();
        Ok(Client {
            agent: config.build().into(),
            url,
            authorization,
        })
    }

    /// GET; a problem is an error.
    pub fn get(&self, path: &str) -> Result<Value> {
        self.succeed("GET", path, self.try_get(path)?)
            .map(|answer| answer.json)
    }

    /// GET, whatever the status.
    pub fn try_get(&self, path: &str) -> Result<Answer> {
        let request = self
            .agent
            .get(self.at(path))
            .header("authorization", &self.authorization);
        self.read(path, request.call())
    }

    /// GET of something long, read by the caller; with the value of one header of the answer.
    pub fn download(&self, path: &str, header: &str) -> Result<(impl std::io::Read, String)> {
        let request = self
            .agent
            .get(self.at(path))
            .header("authorization", &self.authorization);
        // However long it takes, as long as it goes on.
        let request = request.config().timeout_global(None).build();
        let response = request.call();
        match response {
            Ok(response) if response.status().is_success() => {
                let value = response.headers().get(header);
                let value = value.and_then(|value| value.to_str().ok());
                let value = value.unwrap_or_default().to_owned();
                Ok((response.into_body().into_reader(), value))
            }
            other => {
                let answer = self.read(path, other)?;
                self.succeed("GET", path, answer)?;
                bail!("GET {path} answered without success")
            }
        }
    }

    /// POST of JSON; a problem is an error.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.post_text(path, &body.to_string())
    }

    /// POST of JSON text, repeated while the server is overloaded.
    pub fn post_text(&self, path: &str, body: &str) -> Result<Value> {
        let answer = self.try_post(path, body)?;
        self.succeed("POST", path, answer).map(|answer| answer.json)
    }

    /// The same; any status is answered.
    pub fn try_post(&self, path: &str, body: &str) -> Result<Answer> {
        let mut attempt = 1;
        loop {
            let request = self
                .agent
                .post(self.at(path))
                .header("authorization", &self.authorization)
                .header("content-type", "application/json");
            let response = request.send(body);
            let wait = response.as_ref().ok().and_then(retry_after);
            match wait {
                Some(wait) if attempt < ATTEMPTS_MAX => {
                    std::thread::sleep(wait);
                    attempt += 1;
                }
                _ => return self.read(path, response),
            }
        }
    }

    /// PUT of something new as JSON; a problem is an error.
    pub fn create(&self, path: &str, body: &Value) -> Result<()> {
        let request = self
            .agent
            .put(self.at(path))
            .header("authorization", &self.authorization)
            .header("content-type", "application/json")
            .header("if-none-match", "*");
        let answer = self.read(path, request.send(body.to_string()))?;
        self.succeed("PUT", path, answer).map(drop)
    }

    /// DELETE; a problem is an error.
    pub fn delete(&self, path: &str) -> Result<()> {
        let request = self.agent.delete(self.at(path));
        let response = request.header("authorization", &self.authorization).call();
        self.succeed("DELETE", path, self.read(path, response)?)
            .map(drop)
    }

    /// An error for everything but success, in the words of the server's problem document.
    pub fn succeed(&self, method: &str, path: &str, answer: Answer) -> Result<Answer> {
        if answer.status.is_success() {
            return Ok(answer);
        }
        let text = |name: &str| answer.json[name].as_str().unwrap_or_default().to_owned();
        let mut lines = vec![format!(
            "{method} {path} answered {}: {} {}",
            answer.status,
            text("title"),
            [text("detail"), text("message")].concat()
        )];
        for error in answer.json["errors"].as_array().into_iter().flatten() {
            let field = error["field"].as_str().unwrap_or_default();
            lines.push(format!(
                "  {field}: {}",
                error["message"].as_str().unwrap_or_default()
            ));
        }
        bail!("{}", lines.join("\n"))
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    fn read(&self, path: &str, response: Result<Response<Body>, ureq::Error>) -> Result<Answer> {
        let mut response = response.with_context(|| format!("asking {}", self.at(path)))?;
        let text = response
            .body_mut()
            .read_to_string()
            .context("reading the answer")?;
        let json = match text.trim() {
            "" => Value::Null,
            text => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)),
        };
        Ok(Answer {
            status: response.status(),
            json,
        })
    }
}

/// How long an overloaded server asks to wait.
fn retry_after(response: &Response<Body>) -> Option<Duration> {
    let overloaded = matches!(response.status().as_u16(), 429 | 503);
    let header = response
        .headers()
        .get("retry-after")
        .and_then(|value| value.to_str().ok());
    let seconds = header.and_then(|text| text.parse().ok()).unwrap_or(1);
    overloaded.then(|| Duration::from_secs(seconds))
}
