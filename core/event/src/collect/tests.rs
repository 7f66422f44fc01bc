//! Behaviour of the parser through its own door: what real clients send, what broken ones send.

mod broken;
mod clients;
mod random;

use std::fmt::Write as _;

use super::*;
use crate::enrich::{self, Device, Geo};

const RECEIVED: &str = "2026-11-21T08:00:10.000Z";

fn request() -> Request<'static> {
    Request {
        source: "shop",
        received_at: Timestamp::parse(RECEIVED).unwrap(),
        route: Route::Any,
        seed: 1,
        client: Client::default(),
        ip_policy: IpPolicy::PlaceOnly,
        limits: Limits::STANDARD,
    }
}

fn enriched(facts: &Facts<'_>) -> Enrichment {
    let device = Device::read(&facts.user_agent, &facts.hints);
    enrich::derive(facts, &device, &Geo::default())
}

fn parse_with(body: &[u8], request: &Request<'_>) -> Parsed {
    parse(body, request, &mut enriched).expect("not refused as a whole")
}

fn parsed(body: impl AsRef<[u8]>) -> Parsed {
    parse_with(body.as_ref(), &request())
}

fn only(body: impl AsRef<[u8]>) -> Event {
    let mut parsed = parsed(body);
    assert!(parsed.refused.is_empty(), "{:?}", parsed.refused);
    assert_eq!(parsed.events.len(), 1);
    parsed.events.remove(0)
}

/// One line per event, refusal and warning: what a person would check first.
fn told(parsed: &Parsed) -> String {
    let mut out = String::new();
    for event in &parsed.events {
        let ids: Vec<String> = event.identifiers.iter().map(ToString::to_string).collect();
        let (label, at) = (event.label(), event.occurred_at);
        let _ = writeln!(
            out,
            "{} {label:?} {} {at}",
            event.kind.as_str(),
            ids.join(" ")
        );
    }
    for item in &parsed.refused {
        let _ = writeln!(out, "refused {} {}", item.index, item.refused.code);
    }
    for warning in &parsed.warnings {
        let (code, field) = (warning.reason.code(), warning.reason.field());
        let _ = writeln!(out, "warning {} {code} {field}", warning.index);
    }
    out
}

fn check(body: impl AsRef<[u8]>, expect: &str) {
    let expect: String = expect
        .lines()
        .map(|line| format!("{}\n", line.trim()))
        .collect();
    assert_eq!(told(&parsed(body)).trim(), expect.trim());
}

#[test]
fn every_step_has_its_own_name() {
    let mut names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), STEPS.len());
}
