//! A running control plane over an engine in memory, and requests to it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::response::Response;
use http_body_util::BodyExt;
use kith_admin::access::key;
use kith_admin::{AdminState, Limits, Settings, router};
use kith_base::{Duration, Json, Timestamp};
use kith_definition::Scope;
use kith_event::{DefinitionChange, Enrichment, Event, Identifier, Kind, Record};
use kith_learning::Learner;
use kith_runtime::Handle;
use kith_webhook::sign::ServerKey;
use kith_webhook::{Dispatcher, Reach};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

/// A secret key with every scope, live in every test.
pub const ADMIN: &str = "ksk_admin_of_the_tests";
/// One that may only read.
pub const READER: &str = "ksk_reader_of_the_tests";
/// When every test begins.
pub const START: &str = "2026-11-21T08:00:00.000Z";

pub struct Api {
    router: Router,
    pub state: AdminState,
    pub handle: Handle,
    clock: Arc<AtomicI64>,
    learner: Mutex<Learner>,
    /// Where models are kept.
    pub folder: TempDir,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Api {
    pub async fn start() -> Self {
        let log = Box::new(kith_store::log::Memory::new());
        let tx = Box::new(kith_store::state::Memory::new());
        let handle = kith_runtime::start(log, tx).unwrap();
        let clock = Arc::new(AtomicI64::new(Timestamp::parse(START).unwrap().as_millis()));
        let told = Arc::clone(&clock);
        let folder = tempfile::tempdir().unwrap();
        let learner = Learner::in_folder(handle.clone(), folder.path());
        let settings = Settings {
            session_key: [7; 32],
            secure_cookies: false,
            sign_in_limits: Limits {
                per_address: 20,
                per_account: 3,
            },
            client_address: Arc::new(|headers, _| {
                let address = headers.get("x-test-address");
                let text = address.and_then(|address| address.to_str().ok());
                text.unwrap_or_default().to_owned()
            }),
            webhooks: Arc::new(Dispatcher::new(
                handle.clone(),
                ServerKey::new([7; 32]),
                Reach::Everywhere,
            )),
            linkage: Arc::default(),
            learning: learner.status(),
            metrics: None,
            clock: Arc::new(move || Timestamp::from_millis(told.load(Ordering::Relaxed))),
        };
        let state = AdminState::new(handle.clone(), settings);
        let api = Api {
            router: router(state.clone()),
            state,
            handle,
            clock,
            learner: Mutex::new(learner),
            folder,
        };
        let both = [Scope::Read, Scope::Write];
        let start = api.now();
        api.append(vec![
            Record::Definition(key::definition(ADMIN, "admin", &both, "tests", start)),
            Record::Definition(key::definition(
                READER,
                "reader",
                &both[..1],
                "tests",
                start,
            )),
            api.definition("source", "shop", r#"{"type":"web"}"#),
        ])
        .await;
        api
    }

    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.clock.load(Ordering::Relaxed))
    }

    pub fn wait_minutes(&self, minutes: i64) {
        self.clock.fetch_add(minutes * 60_000, Ordering::Relaxed);
    }

    /// Reads the log, trains what is due and judges what is asked for.
    pub fn learn(&self) {
        let mut learner = self.learner.lock().unwrap();
        // What was learned comes into force a second later at most.
        let now = self.now().plus(Duration::from_secs(2));
        while learner.step(now).unwrap() {}
        learner.finish_training();
        learner.finish_judging();
    }

    pub async fn append(&self, records: Vec<Record>) {
        self.handle.append_applied(records).await.unwrap();
    }

    pub fn definition(&self, kind: &str, id: &str, spec: &str) -> Record {
        Record::Definition(DefinitionChange {
            kind: kind.to_owned(),
            id: id.to_owned(),
            name: id.to_owned(),
            archived: false,
            author: "tests".to_owned(),
            at: self.now(),
            spec: Json::parse(spec).unwrap(),
        })
    }

    /// A track event of the source `shop` by one or more `namespace:value`.
    pub fn event(&self, message_id: &str, name: &str, identifiers: &[&str]) -> Event {
        Event {
            source: "shop".to_owned(),
            message_id: message_id.to_owned(),
            kind: Kind::Track,
            name: name.to_owned(),
            identifiers: identifiers
                .iter()
                .map(|one| Identifier::parse(one).unwrap())
                .collect(),
            received_at: self.now(),
            occurred_at: self.now(),
            original_at: None,
            properties: Json::empty(),
            traits: Json::empty(),
            context: Json::empty(),
            extra: Json::empty(),
            enrichment: Enrichment::default(),
        }
    }

    /// An identify event with traits.
    pub fn identify(&self, message_id: &str, traits: &str, identifiers: &[&str]) -> Event {
        Event {
            kind: Kind::Identify,
            traits: Json::parse(traits).unwrap(),
            ..self.event(message_id, "", identifiers)
        }
    }

    /// Sends a request and leaves the answer's body open.
    pub async fn open(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Sends a request as it is.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.open(request).await;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text,
        }
    }

    /// Sends a request with headers, and JSON when there is a body.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.map_or_else(Body::empty, |text| Body::from(text.to_owned()));
        self.send(request.body(body).unwrap()).await
    }

    /// Reads as the administrator.
    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &[AS_ADMIN], None).await
    }

    /// Reads and expects success.
    pub async fn read(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        answer.json()
    }

    /// Posts as the administrator.
    pub async fn post(&self, path: &str, body: &str) -> Answer {
        self.call(Method::POST, path, &[AS_ADMIN], Some(body)).await
    }

    /// Puts as the administrator, with more headers.
    pub async fn put(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let headers = [&[AS_ADMIN], headers].concat();
        self.call(Method::PUT, path, &headers, Some(body)).await
    }

    /// Deletes as the administrator.
    pub async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, &[AS_ADMIN], None).await
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

/// The header of the administrator's key.
pub const AS_ADMIN: (&str, &str) = ("authorization", "Bearer ksk_admin_of_the_tests");
/// The header of the reader's key.
pub const AS_READER: (&str, &str) = ("authorization", "Bearer ksk_reader_of_the_tests");

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    /// Status and code of a problem, as `404 not-found`.
    pub fn problem(&self) -> String {
        let content_type = self
            .headers
            .get(header::CONTENT_TYPE)
            .map(|value| value.as_bytes());
        assert_eq!(
            content_type,
            Some(&b"application/problem+json"[..]),
            "{self:?}"
        );
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        let code = problem["code"].as_str().unwrap();
        assert_eq!(problem["type"], format!("/errors/{code}"));
        format!("{} {code}", self.status.as_u16())
    }

    /// Fields named by a problem.
    pub fn fields(&self) -> Vec<String> {
        let errors = self.json()["errors"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        errors
            .iter()
            .map(|error| error["field"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The session's cookie of the answer, to send back.
    pub fn cookie(&self) -> String {
        let cookie = self.headers[header::SET_COOKIE].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }
}

/// The values of one member of a page's items.
pub fn column(page: &Value, member: &str) -> Vec<String> {
    let items = page["items"]
        .as_array()
        .unwrap_or_else(|| panic!("no page: {page}"));
    items
        .iter()
        .map(|item| match &item[member] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
        .collect()
}
