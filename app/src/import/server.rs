//! Imports into a running server, over the same routes that every client uses.

use anyhow::{Result, bail};
use kith_event::{Event, Kind};
use serde_json::{Map, Value, json};

use super::cell::Complaint;
use super::pipeline::Sink;
use crate::client::Client;

/// Largest request, below the server's limit on bodies.
const BODY_MAX_BYTES: usize = 4 * 1024 * 1024;

/// A server, with the keys it takes.
pub struct Server {
    /// With the write key of the source.
    collect: Client,
    /// With a secret key.
    admin: Client,
}

/// Runs `work` against a server. The source, of type import, is made when it is missing; without
/// a write key of the user's one is made, and revoked again afterwards.
pub fn with<T>(
    admin: &Client,
    source: &str,
    options: &super::Options,
    work: impl FnOnce(&mut Server) -> Result<T>,
) -> Result<T> {
    let path = format!("/api/v1/definitions/source/{source}");
    let found = admin.try_get(&path)?;
    if found.status.as_u16() == 404 {
        let body = json!({"name": source, "spec": {"type": "import"}});
        admin.create(&path, &body)?;
    } else {
        admin.succeed("GET", &path, found)?;
    }
    let admin = admin.clone();
    if let Some(write_key) = &options.write_key {
        return work(&mut Server {
            collect: admin.with_other_key(write_key),
            admin,
        });
    }
    let keys = format!("/api/v1/sources/{source}/keys");
    let made = admin.post(&keys, &json!({}))?;
    let text = |name: &str| made[name].as_str().unwrap_or_default().to_owned();
    let collect = admin.with_other_key(&text("write_key"));
    let outcome = work(&mut Server {
        collect,
        admin: admin.clone(),
    });
    admin.delete(&format!("{keys}/{}", text("prefix")))?;
    outcome
}

impl Sink for Server {
    fn events(&mut self, events: &[Event]) -> Result<Vec<(usize, Complaint)>> {
        let mut refused = Vec::new();
        let mut start = 0;
        let mut body = Body::default();
        for (index, event) in events.iter().enumerate() {
            let text = wire(event).to_string();
            if body.bytes + text.len() > BODY_MAX_BYTES && body.bytes > 0 {
                refused.extend(self.send(std::mem::take(&mut body), start)?);
                start = index;
            }
            body.push(text);
        }
        refused.extend(self.send(body, start)?);
        Ok(refused)
    }

    fn items(&mut self, items: &[Map<String, Value>]) -> Result<Vec<(usize, Complaint)>> {
        let answer = self.admin.post("/api/v1/catalog/items", &json!(items))?;
        let rejected = answer["rejected"].as_array().cloned().unwrap_or_default();
        let complaint = |entry: &Value| {
            let index = usize::try_from(entry["index"].as_u64()?).ok()?;
            let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
            let fix = "correct the item, or its columns in the mapping";
            Some((
                index,
                Complaint::new(&text("field"), "", text("message"), fix),
            ))
        };
        Ok(rejected.iter().filter_map(complaint).collect())
    }
}

#[derive(Default)]
struct Body {
    events: Vec<String>,
    bytes: usize,
}

impl Body {
    fn push(&mut self, text: String) {
        self.bytes += text.len() + 1;
        self.events.push(text);
    }
}

impl Server {
    fn send(&self, body: Body, start: usize) -> Result<Vec<(usize, Complaint)>> {
        if body.events.is_empty() {
            return Ok(Vec::new());
        }
        let text = format!("{{\"batch\":[{}]}}", body.events.join(","));
        let answer = self.collect.post_text("/v1/batch", &text)?;
        if answer["success"] != json!(true) {
            bail!("the server answered {answer}");
        }
        let errors = answer["errors"].as_array().cloned().unwrap_or_default();
        let complaint = |entry: &Value| {
            let index = start + usize::try_from(entry["index"].as_u64()?).ok()?;
            let message = entry["message"].as_str().unwrap_or("refused by the server");
            Some((
                index,
                Complaint::new("", "", message, "correct the row or the mapping"),
            ))
        };
        Ok(errors.iter().filter_map(complaint).collect())
    }
}

/// The event as the collect routes take it.
fn wire(event: &Event) -> Value {
    let parse = |json: &kith_base::Json| -> Value {
        serde_json::from_str(json.as_str()).expect("stored JSON is valid")
    };
    let mut object = json!({
        "type": event.kind.as_str(),
        "messageId": event.message_id,
        "timestamp": event.occurred_at.to_string(),
        "properties": parse(&event.properties),
        "context": parse(&event.context),
    });
    match event.kind {
        Kind::Track => object["event"] = json!(event.name),
        Kind::Page | Kind::Screen => object["name"] = json!(event.name),
        _ => {}
    }
    let traits = parse(&event.traits);
    if event.kind == Kind::Identify {
        object["traits"] = traits;
    } else if !event.traits.is_empty() {
        object["context"]["traits"] = traits;
    }
    for identifier in &event.identifiers {
        match identifier.namespace.as_str() {
            "user_id" => object["userId"] = json!(identifier.value),
            "anonymous_id" => object["anonymousId"] = json!(identifier.value),
            namespace => {
                let external = json!({"type": namespace, "id": identifier.value});
                match object["context"]["externalIds"].as_array_mut() {
                    Some(list) => list.push(external),
                    None => object["context"]["externalIds"] = json!([external]),
                }
            }
        }
    }
    object
}
