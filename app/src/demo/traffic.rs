//! Plays visits against the server, over HTTP like any browser, each step at its time.
//!
//! A new demo first plays a week of history at once, so that lists of popular and related items
//! have something to say; then visitors come as they would.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use kith_base::{Random, Timestamp, digest};
use serde_json::{Value, json};
use ureq::Agent;

use super::contents::CATALOG;
use super::liking::click_chance;
use super::persona::{Action, Step, Visit};
use super::world::World;

/// Visits of the week before a demo.
const HISTORY_VISITS: u64 = 250;
/// How far back they lie.
const HISTORY: kith_base::Duration = kith_base::Duration::from_days(7);
/// Most events in one request of the history.
const HISTORY_BATCH: usize = 200;
/// The longest the loop sleeps before it looks whether to stop.
const TICK: Duration = Duration::from_millis(100);

/// Where visitors go, and how many there are.
pub struct Settings {
    /// The server.
    pub url: String,
    /// Of the shop's source.
    pub write_key: String,
    /// Of their behaviour.
    pub seed: u64,
    /// 0 for none.
    pub visitors_per_minute: u32,
    /// Play the week before.
    pub with_history: bool,
}

/// Starts the visitors on a thread of their own.
pub fn start(settings: Settings, stop: Arc<AtomicBool>) -> Result<JoinHandle<()>> {
    let builder = std::thread::Builder::new().name("kith-visitors".to_owned());
    builder
        .spawn(move || Traffic::new(settings, stop).run())
        .context("starting the visitors")
}

struct Traffic {
    settings: Settings,
    stop: Arc<AtomicBool>,
    agent: Agent,
    world: World,
    clicks: Random,
    /// Makes message ids of this run differ from those of every other.
    run: String,
    messages: u64,
}

/// A visit under way.
struct Playing {
    visit: Visit,
    next: usize,
    path: String,
    coupon: Option<Coupon>,
}

/// What a visitor was granted in the cart.
struct Coupon {
    code: String,
    percent: f64,
}

impl Coupon {
    /// Of a choice that carries a code of the visitor's own.
    fn of(choice: &Value) -> Option<Coupon> {
        Some(Coupon {
            code: choice["granted"]["code"].as_str()?.to_owned(),
            percent: choice["content"]["percent"].as_f64()?,
        })
    }

    /// An order that is paid with it.
    fn applied_to(&self, order: &Value) -> Value {
        let revenue = order["revenue"].as_f64().unwrap_or_default();
        let discount = (revenue * self.percent).round() / 100.0;
        let mut order = order.clone();
        order["coupon"] = json!(self.code);
        order["discount"] = json!(discount);
        order["revenue"] = json!(((revenue - discount) * 100.0).round() / 100.0);
        order
    }
}

impl Traffic {
    fn new(settings: Settings, stop: Arc<AtomicBool>) -> Self {
        let run = format!("{:x}", kith_runtime::now().as_millis());
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(10)));
        Traffic {
            world: World::new(CATALOG, settings.seed, &run[run.len().saturating_sub(5)..]),
            clicks: Random::new(settings.seed.wrapping_add(1)),
            agent: config.build().into(),
            settings,
            stop,
            run,
            messages: 0,
        }
    }

    fn run(mut self) {
        if self.settings.visitors_per_minute == 0 {
            return;
        }
        if self.settings.with_history {
            self.play_history();
        }
        let started = Instant::now();
        let mut queue: BTreeMap<(u64, u64), Playing> = BTreeMap::new();
        let (mut arrival_ms, mut number) = (0, 0);
        while !self.stop.load(Ordering::Relaxed) {
            let now_ms = started.elapsed().as_millis() as u64;
            while arrival_ms <= now_ms {
                let visit = self.world.visit();
                tracing::debug!(persona = ?visit.persona, steps = visit.steps.len(), "visitor");
                let path = "/shop/".to_owned();
                queue.insert(
                    (now_ms, number),
                    Playing {
                        visit,
                        next: 0,
                        path,
                        coupon: None,
                    },
                );
                number += 1;
                arrival_ms += self
                    .world
                    .next_arrival_ms(self.settings.visitors_per_minute);
            }
            while let Some(entry) = queue.first_entry() {
                if entry.key().0 > now_ms {
                    break;
                }
                let ((_, visitor), mut playing) = entry.remove_entry();
                self.play(&mut playing);
                if let Some(step) = playing.visit.steps.get(playing.next) {
                    queue.insert((now_ms + step.pause_ms, visitor), playing);
                }
            }
            std::thread::sleep(TICK);
        }
    }

    /// The week before: events with their own times, decisions left out.
    fn play_history(&mut self) {
        let now = kith_runtime::now();
        let mut events: Vec<Value> = Vec::new();
        for number in 0..HISTORY_VISITS {
            let visit = self.world.visit();
            let share = number as f64 / HISTORY_VISITS as f64;
            let back_ms = (HISTORY.as_millis() as f64 * (1.0 - share)) as i64;
            let mut at_ms = now.as_millis() - back_ms;
            let mut path = "/shop/".to_owned();
            for step in &visit.steps {
                at_ms += step.pause_ms as i64;
                // The last visits would reach into the future.
                let at = Timestamp::from_millis(at_ms.min(now.as_millis()));
                events.extend(self.event(&visit, step, &mut path, None, at));
            }
            if events.len() >= HISTORY_BATCH || number + 1 == HISTORY_VISITS {
                self.collect(json!({"batch": std::mem::take(&mut events)}), "");
            }
            if self.stop.load(Ordering::Relaxed) {
                return;
            }
        }
    }

    fn play(&mut self, playing: &mut Playing) {
        let step = playing.visit.steps[playing.next].clone();
        playing.next += 1;
        let now = kith_runtime::now();
        let user_agent = playing.visit.devices[step.device].user_agent;
        if let Action::Decide { .. } | Action::Rank { .. } = &step.action {
            let mut events = Vec::new();
            for (name, properties) in self.shown(playing, &step).unwrap_or_default() {
                let mut step = step.clone();
                step.action = Action::Track { name, properties };
                events.extend(self.event(&playing.visit, &step, &mut playing.path, None, now));
            }
            if !events.is_empty() {
                self.collect(
                    json!({"batch": events, "sentAt": now.to_string()}),
                    user_agent,
                );
            }
            return;
        }
        let Playing {
            visit,
            path,
            coupon,
            ..
        } = playing;
        if let Some(event) = self.event(visit, &step, path, coupon.as_ref(), now) {
            let body = json!({"batch": [event], "sentAt": now.to_string()});
            self.collect(body, user_agent);
        }
    }

    /// Asks what to show; answers the events of looking at it, and perhaps following it.
    fn shown(&mut self, playing: &mut Playing, step: &Step) -> Option<Vec<(&'static str, Value)>> {
        let user_agent = playing.visit.devices[step.device].user_agent;
        let decision = self.decision(playing, step)?;
        let first = decision["choices"].as_array()?.first()?;
        if let Some(coupon) = Coupon::of(first) {
            playing.coupon = Some(coupon);
        }
        let placement = decision["placement"].as_str()?;
        let properties = json!({
            "decision_id": decision["decision_id"],
            "placement": placement,
            "choice_id": first["id"],
            "kind": first["kind"],
        });
        let mut events = vec![("Decision Viewed", properties.clone())];
        let choice = first["id"].as_str()?;
        let on_phone = user_agent.contains("Mobile");
        let chance = click_chance(&playing.visit, placement, choice, on_phone);
        if self.clicks.chance(chance) {
            events.push(("Decision Clicked", properties));
        }
        Some(events)
    }

    fn decision(&self, playing: &Playing, step: &Step) -> Option<Value> {
        let device = &playing.visit.devices[step.device];
        let mut identifiers = json!({"anonymous_id": device.anonymous_id});
        if let Some(user_id) = &step.user_id {
            identifiers["user_id"] = json!(user_id);
        }
        let context = json!({"page": {"path": playing.path}});
        let mut body = json!({"identifiers": identifiers, "context": context});
        match &step.action {
            Action::Decide { placement, item_id } => {
                body["placements"] = json!([placement]);
                if let Some(item_id) = item_id {
                    body["context"]["item_id"] = json!(item_id);
                }
                let mut answer = self.post("/v1/decide", &body, device.user_agent)?;
                Some(answer["decisions"][0].take())
            }
            Action::Rank { items } => {
                body["placement"] = json!("search_results");
                body["items"] = json!(items);
                self.post("/v1/rerank", &body, device.user_agent)
            }
            _ => None,
        }
    }

    /// A step as the tag would write it.
    fn event(
        &mut self,
        visit: &Visit,
        step: &Step,
        path: &mut String,
        coupon: Option<&Coupon>,
        at: Timestamp,
    ) -> Option<Value> {
        let device = &visit.devices[step.device];
        let mut event = match &step.action {
            Action::Decide { .. } | Action::Rank { .. } => return None,
            Action::Page {
                path: opened,
                title,
            } => {
                path.clone_from(opened);
                let properties = json!({"path": opened, "title": title});
                json!({"type": "page", "name": title, "properties": properties})
            }
            Action::Track { name, properties } => {
                json!({"type": "track", "event": name, "properties": properties})
            }
            Action::Order {
                properties,
                only_with_coupon,
            } => {
                let properties = match coupon {
                    Some(coupon) => coupon.applied_to(properties),
                    None if *only_with_coupon => return None,
                    None => properties.clone(),
                };
                json!({"type": "track", "event": "Order Completed", "properties": properties})
            }
            Action::Identify { traits } => json!({"type": "identify", "traits": traits}),
        };
        self.messages += 1;
        let parts = [self.run.as_bytes(), &self.messages.to_be_bytes()];
        event["messageId"] = json!(format!("demo-{:?}", digest("demo-message", &parts)));
        event["timestamp"] = json!(at.to_string());
        event["anonymousId"] = json!(device.anonymous_id);
        if let Some(user_id) = &step.user_id {
            event["userId"] = json!(user_id);
        }
        event["context"] = json!({
            "library": {"name": "kith demo", "version": env!("CARGO_PKG_VERSION")},
            "userAgent": device.user_agent,
            "locale": "en-GB",
            "page": {
                "url": format!("{}{path}", self.settings.url),
                "path": path,
                "referrer": visit.referrer,
            },
        });
        Some(event)
    }

    fn collect(&self, body: Value, user_agent: &str) {
        self.post("/v1/batch", &body, user_agent);
    }

    /// A visitor whose request fails has bad luck; the next one comes all the same.
    fn post(&self, path: &str, body: &Value, user_agent: &str) -> Option<Value> {
        let Settings { url, write_key, .. } = &self.settings;
        let request = self
            .agent
            .post(format!("{url}{path}?writeKey={write_key}"))
            .header("content-type", "text/plain")
            .header("user-agent", user_agent);
        match request.send(body.to_string()) {
            Ok(mut response) if response.status().is_success() => {
                let text = response.body_mut().read_to_string().ok()?;
                serde_json::from_str(&text).ok()
            }
            Ok(response) => {
                tracing::warn!(
                    path,
                    status = response.status().as_u16(),
                    "visitor was refused"
                );
                None
            }
            Err(error) => {
                tracing::warn!(path, %error, "visitor could not reach the server");
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coupon_is_the_code_that_was_granted_and_takes_its_share_off() {
        let content = json!({"percent": 15, "code": ""});
        assert!(Coupon::of(&json!({"content": content})).is_none());
        let granted = json!({"content": content, "granted": {"code": "STAY-1"}});
        let coupon = Coupon::of(&granted).expect("it was granted");
        let order = coupon.applied_to(&json!({"order_id": "o", "revenue": 14.5}));
        let expected =
            json!({"order_id": "o", "revenue": 12.32, "discount": 2.18, "coupon": "STAY-1"});
        assert_eq!(order, expected);
    }
}
