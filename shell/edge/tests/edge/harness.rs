//! An edge over an engine in memory, with one source, one placement and a still clock.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use kith_base::{Json, Timestamp};
use kith_edge::{EdgeState, Options};
use kith_engine::WriteKeyHash;
use kith_event::{CatalogChange, DefinitionChange, Event, Record, Refused};
use kith_runtime::Handle;
use kith_runtime::log::Log;
use tower::ServiceExt;

/// The write key of the source `shop`.
pub const KEY: &str = "c00000000000000000000shop";
/// The write key of the source `strict`, which lists one origin.
pub const STRICT_KEY: &str = "c000000000000000000strict";
/// A key in Jitsu's form, also of `shop`.
pub const COLON_KEY: &str = "id:secret";
pub const SECRET_KEY: &str = "ksk_test";
pub const ORIGIN: &str = "https://shop.example";
pub const NOW: &str = "2026-11-21T08:00:10.000Z";

pub struct Edge {
    pub router: Router,
    pub handle: Handle,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("a JSON answer")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

pub fn options() -> Options {
    let now = Timestamp::parse(NOW).unwrap();
    Options {
        clock: Arc::new(move || now),
        is_secret_key: Arc::new(|key| key == SECRET_KEY),
        ..Options::standard()
    }
}

impl Edge {
    pub async fn start() -> Self {
        Edge::with(Box::new(kith_store::log::Memory::new()), options()).await
    }

    pub async fn with_options(options: Options) -> Self {
        Edge::with(Box::new(kith_store::log::Memory::new()), options).await
    }

    /// Starts over any log, which must take the definitions.
    pub async fn with(log: Box<dyn Log>, options: Options) -> Self {
        let state = Box::new(kith_store::state::Memory::new());
        let handle = kith_runtime::start(log, state).unwrap();
        let keys = |keys: &[&str]| {
            let keys = keys.iter().map(|key| {
                let hash = WriteKeyHash::of(key).to_string();
                format!(r#"{{"prefix":"c0000","hash":"{hash}","created_at":"{NOW}"}}"#)
            });
            keys.collect::<Vec<_>>().join(",")
        };
        let shop = format!(r#"{{"type":"web","keys":[{}]}}"#, keys(&[KEY, COLON_KEY]));
        let strict = format!(
            r#"{{"type":"web","origins":["{ORIGIN}"],"keys":[{}]}}"#,
            keys(&[STRICT_KEY])
        );
        let definitions = [
            ("source", "shop", shop.as_str()),
            ("source", "strict", &strict),
            (
                "placement",
                "home_hero",
                r#"{"type":"offers","fallback":{"content":{"title":"Hi"}}}"#,
            ),
            (
                "offer",
                "boots",
                r#"{"placements":["home_hero"],"priority":10,
                "when":"count(\"Product Viewed\") >= 1","content":{"title":"Boots"}}"#,
            ),
        ];
        let router = kith_edge::router(EdgeState::new(handle.clone(), options));
        let edge = Edge { router, handle };
        edge.define(&definitions).await;
        edge
    }

    /// Definitions, by kind and id.
    pub async fn define(&self, definitions: &[(&str, &str, &str)]) {
        let records = definitions.iter().map(|(kind, id, spec)| {
            Record::Definition(DefinitionChange {
                kind: (*kind).to_owned(),
                id: (*id).to_owned(),
                name: (*id).to_owned(),
                archived: false,
                author: "test".to_owned(),
                at: Timestamp::parse(NOW).unwrap(),
                spec: Json::parse(spec).unwrap(),
            })
        });
        self.handle.append_applied(records.collect()).await.unwrap();
        let problems = &self.handle.project().problems;
        assert!(problems.is_empty(), "{problems:?}");
    }

    /// Items of the catalog, by id, with a price.
    pub async fn items(&self, items: &[(&str, &str)]) {
        let item = |(id, price): &(&str, &str)| {
            let text = format!(r#"{{"title":"The {id}","price":"{price}"}}"#);
            ((*id).to_owned(), Some(Json::parse(&text).unwrap()))
        };
        let change = CatalogChange {
            at: Timestamp::parse(NOW).unwrap(),
            items: items.iter().map(item).collect(),
        };
        let records = vec![Record::Catalog(change)];
        self.handle.append_applied(records).await.unwrap();
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// `POST` with the key as Basic user.
    pub async fn post(&self, path: &str, body: impl Into<Body>) -> Answer {
        self.send(request(
            "POST",
            path,
            &[("authorization", &basic(KEY))],
            body,
        ))
        .await
    }

    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(request("GET", path, headers, Body::empty()))
            .await
    }

    fn records(&self) -> Vec<Record> {
        let stored = self.handle.read_log(0, 100_000).unwrap();
        stored
            .into_iter()
            .map(|(_, record)| record.unwrap())
            .collect()
    }

    /// Events in the log.
    pub fn events(&self) -> Vec<Event> {
        let events = self
            .records()
            .into_iter()
            .filter_map(|record| match record {
                Record::Event(event) => Some(event),
                _ => None,
            });
        events.collect()
    }

    /// Refusals in the log.
    pub fn refused(&self) -> Vec<Refused> {
        let refused = self
            .records()
            .into_iter()
            .filter_map(|record| match record {
                Record::Refused(refused) => Some(refused),
                _ => None,
            });
        refused.collect()
    }
}

pub fn request(
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Request<Body> {
    let mut builder = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "kith.example");
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(body.into()).unwrap()
}

pub fn basic(key: &str) -> String {
    use base64::Engine;
    let user = format!("{key}:");
    format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode(user)
    )
}

/// A track event with its id.
pub fn track(id: &str) -> String {
    format!(
        concat!(
            r#"{{"type":"track","event":"Product Viewed","#,
            r#""anonymousId":"visitor-1","messageId":"{}"}}"#
        ),
        id
    )
}
