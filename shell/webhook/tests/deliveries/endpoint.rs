//! An endpoint: answers as it is told, keeps what it was sent, verifies signatures by itself.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// One request.
#[derive(Clone, Debug)]
pub struct Received {
    pub id: String,
    pub timestamp: String,
    pub signature: String,
    pub text: String,
}

impl Received {
    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// How many of the signatures a written secret verifies.
    pub fn verified_by(&self, secret: &str) -> usize {
        let key = STANDARD
            .decode(secret.strip_prefix("whsec_").unwrap())
            .unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(format!("{}.{}.{}", self.id, self.timestamp, self.text).as_bytes());
        let expect = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        let signatures = self.signature.split(' ');
        signatures.filter(|one| *one == expect).count()
    }
}

#[derive(Clone)]
struct Inner {
    received: Arc<Mutex<Vec<Received>>>,
    script: Arc<Mutex<VecDeque<u16>>>,
    /// An answer takes one of these.
    answers: Arc<Semaphore>,
    /// A request that came gives one of these.
    arrivals: Arc<Semaphore>,
}

/// A server on this machine.
pub struct Endpoint {
    pub url: String,
    inner: Inner,
}

impl Endpoint {
    /// Answers 200 unless told otherwise.
    pub async fn start() -> Self {
        let inner = Inner {
            received: Arc::default(),
            script: Arc::default(),
            answers: Arc::new(Semaphore::new(1_000_000)),
            arrivals: Arc::new(Semaphore::new(0)),
        };
        let router = Router::new().fallback(take).with_state(inner.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Endpoint { url, inner }
    }

    /// Answers these in turn before it answers 200 again.
    pub fn answer(&self, statuses: &[u16]) {
        self.inner.script.lock().unwrap().extend(statuses);
    }

    /// Answers nobody until [`Endpoint::go_on`].
    pub fn hold(&self) {
        self.inner.answers.forget_permits(1_000_000);
    }

    /// Answers again.
    pub fn go_on(&self) {
        self.inner.answers.add_permits(1_000_000);
    }

    /// Waits for a request to come.
    pub async fn arrival(&self) {
        self.inner.arrivals.acquire().await.unwrap().forget();
    }

    /// What came since the last look.
    pub fn take(&self) -> Vec<Received> {
        std::mem::take(&mut self.inner.received.lock().unwrap())
    }
}

async fn take(State(inner): State<Inner>, headers: HeaderMap, body: Bytes) -> Response {
    let text = |name: &str| {
        let value = headers.get(name).map(|value| value.to_str().unwrap());
        value.unwrap_or_default().to_owned()
    };
    assert_eq!(text("content-type"), "application/json");
    inner.received.lock().unwrap().push(Received {
        id: text("webhook-id"),
        timestamp: text("webhook-timestamp"),
        signature: text("webhook-signature"),
        text: String::from_utf8(body.to_vec()).unwrap(),
    });
    inner.arrivals.add_permits(1);
    let _answer = inner.answers.acquire().await.unwrap();
    let status = inner.script.lock().unwrap().pop_front().unwrap_or(200);
    let status = StatusCode::from_u16(status).unwrap();
    let headers = match status {
        StatusCode::FOUND => [(header::LOCATION, "http://127.0.0.1:1/elsewhere")],
        _ => [(header::RETRY_AFTER, "60")],
    };
    (status, headers, "x".repeat(5_000)).into_response()
}
