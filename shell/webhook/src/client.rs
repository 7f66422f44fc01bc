//! One POST to one endpoint: bounded in time and in what is read of the answer.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::http::{HeaderMap, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioExecutor;
use kith_base::limits;
use tower::Service;

use crate::Reach;

/// An endpoint has this long to answer; the specification asks for 15 to 30 seconds.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(20);
/// Once it has answered, it has this long to send the body.
const BODY_TIMEOUT: Duration = Duration::from_secs(2);
/// Connections kept open to one endpoint.
const IDLE_MAX: usize = limits::WEBHOOK_PARALLEL_MAX;

/// What an endpoint said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// `None` when it did not answer.
    pub status: Option<u16>,
    /// The beginning of what it answered other than success, or why it could not be reached.
    pub detail: String,
    /// From the first byte sent to the last one read.
    pub took_ms: u32,
    /// How long it asks to be left alone.
    pub(crate) retry_after: Option<kith_base::Duration>,
}

impl Answer {
    /// Whether it took the delivery.
    pub fn is_success(&self) -> bool {
        matches!(self.status, Some(200..=299))
    }

    /// Whether it wants no more, ever.
    pub fn is_gone(&self) -> bool {
        self.status == Some(410)
    }
}

/// Sends; clones share connections.
#[derive(Clone)]
pub(crate) struct Client {
    inner: hyper_util::client::legacy::Client<HttpsConnector<HttpConnector<Resolver>>, Full<Bytes>>,
    reach: Reach,
}

/// One message, signed.
pub(crate) struct Message {
    pub url: String,
    pub id: String,
    pub timestamp_s: i64,
    pub signature: String,
    pub body: Vec<u8>,
}

impl Client {
    pub(crate) fn new(reach: Reach) -> Self {
        let mut http = HttpConnector::new_with_resolver(Resolver(reach));
        http.enforce_http(false);
        http.set_connect_timeout(Some(TIMEOUT));
        let https = HttpsConnectorBuilder::new()
            .with_webpki_roots()
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        let inner = hyper_util::client::legacy::Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(IDLE_MAX)
            .build(https);
        Client { inner, reach }
    }

    /// Sends one message. Redirects are answers like any other; they are not followed.
    pub(crate) async fn send(&self, message: Message, timeout: Duration) -> Answer {
        let begun = Instant::now();
        let (status, detail, retry_after) = match self.exchange(message, timeout).await {
            Ok((status, headers, text)) => (
                Some(status.as_u16()),
                detail(status, text),
                asked(status, &headers),
            ),
            Err(reason) => (None, reason, None),
        };
        let took_ms = u32::try_from(begun.elapsed().as_millis()).unwrap_or(u32::MAX);
        metrics::histogram!(crate::metrics::ANSWER_SECONDS).record(f64::from(took_ms) / 1_000.0);
        Answer {
            status,
            detail,
            took_ms,
            retry_after,
        }
    }

    async fn exchange(
        &self,
        message: Message,
        timeout: Duration,
    ) -> Result<(StatusCode, HeaderMap, String), String> {
        let uri: Uri = message.url.parse().map_err(|error| format!("{error}"))?;
        self.check(&uri)?;
        let request = Request::post(uri)
            .header(header::CONTENT_TYPE, "application/json")
            .header(
                header::USER_AGENT,
                concat!("Kith/", env!("CARGO_PKG_VERSION")),
            )
            .header("webhook-id", message.id)
            .header("webhook-timestamp", message.timestamp_s)
            .header("webhook-signature", message.signature)
            .body(Full::new(Bytes::from(message.body)))
            .map_err(|error| error.to_string())?;
        let response = tokio::time::timeout(timeout, self.inner.request(request))
            .await
            .map_err(|_| format!("no answer within {} s", timeout.as_secs_f64()))?
            .map_err(|error| with_causes(&error))?;
        let (head, body) = response.into_parts();
        // The status says all; a body that stalls does not turn it into a failure.
        let text = tokio::time::timeout(BODY_TIMEOUT, beginning(body)).await;
        Ok((head.status, head.headers, text.unwrap_or_default()))
    }

    /// Addresses that stand in the URL itself are not resolved, so they are checked here.
    fn check(&self, uri: &Uri) -> Result<(), String> {
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
        match host.parse::<IpAddr>() {
            Ok(address) if !self.reach.allows(address) => Err(refused(host)),
            _ => Ok(()),
        }
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

fn refused(host: &str) -> String {
    format!(
        "{host} is an address of this machine or of a private network; \
         start the server with --webhooks-everywhere to allow it"
    )
}

/// The beginning of a body; the rest is not read.
async fn beginning(mut body: impl axum::body::HttpBody<Data = Bytes> + Unpin) -> String {
    let mut read = Vec::new();
    while let Some(Ok(frame)) = body.frame().await {
        read.extend_from_slice(frame.data_ref().map_or(&[][..], |data| &data[..]));
        if read.len() >= limits::WEBHOOK_ANSWER_MAX_BYTES {
            read.truncate(limits::WEBHOOK_ANSWER_MAX_BYTES);
            break;
        }
    }
    String::from_utf8_lossy(&read).into_owned()
}

fn detail(status: StatusCode, text: String) -> String {
    if status.is_success() {
        return String::new();
    }
    if status.is_redirection() {
        return "redirects are not followed; write the final address".to_owned();
    }
    text
}

/// Seconds of `Retry-After` when the endpoint is overloaded.
fn asked(status: StatusCode, headers: &HeaderMap) -> Option<kith_base::Duration> {
    let overloaded = matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
    );
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    let seconds = seconds.trim().parse::<u32>().ok().filter(|_| overloaded)?;
    Some(kith_base::Duration::from_secs(i64::from(seconds)))
}

/// Resolves names to the addresses that deliveries may go to.
#[derive(Clone, Copy)]
struct Resolver(Reach);

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, io::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let reach = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> =
                found.filter(|address| reach.allows(address.ip())).collect();
            if allowed.is_empty() {
                return Err(io::Error::other(refused(name.as_str())));
            }
            Ok(allowed.into_iter())
        })
    }
}
