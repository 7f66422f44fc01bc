//! `kith bench audience`: what keeping memberships true costs, and how soon they are.
//!
//! Two servers stand side by side, one without audiences: they take the same traffic in turns, so
//! that what else the machine does falls on both. The rest is asked of a folder with many persons.

mod persons;
mod shop;

use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Args;
use hdrhistogram::Histogram;
use kith_base::Duration as Span;
use kith_event::DefinitionChange;
use serde_json::{Value, json};

use super::collect::{self, BATCH, BATCH_CONNECTIONS, LAG_MAX};
use super::cpu::Cpu;
use super::fill::{self, Fill, WRITE_KEY};
use super::http::Connection;
use super::pace;
use super::report::rounded;
use super::server::Local;
use super::traffic::Traffic;
use crate::output::Output;

/// Turns of each of the two servers.
const TURNS: u32 = 5;
/// Probes a second, over so many connections.
const PROBES_PER_S: f64 = 40.0;
const PROBE_CONNECTIONS: usize = 4;

/// Options of `kith bench audience`.
#[derive(Debug, Args)]
pub struct Options {
    /// Persons there are when windows end and when the past is counted
    #[arg(long, default_value_t = 1_000_000)]
    pub persons: u64,
    /// Length of each phase
    #[arg(long, default_value_t = 20)]
    pub seconds: u64,
}

/// Runs all phases.
pub fn run(options: &Options, scratch: &Path, output: Output) -> Result<Value> {
    let time = Duration::from_secs(options.seconds.max(1));
    output.say("collect without audiences and with them, in turns");
    let bare = empty(&scratch.join("bare"), Vec::new())?;
    let live = empty(&scratch.join("live"), shop::definitions())?;
    let rates = rates(&bare, &live, time)?;
    drop(bare);
    output.say(&format!(
        "{:.0} events/s of {:.0}; half of that, with probes",
        rates.live, rates.bare
    ));
    let flips = flips(&live, rates.live / 2.0, time)?;
    live.wait_applied()?;
    anyhow::ensure!(live.handle.status().healthy, "the engine is not healthy");
    drop(live);
    let mut figures = json!({
        "throughput_ratio": rounded(rates.live / rates.bare),
        "events_per_s": rounded(rates.live),
        "bare_events_per_s": rounded(rates.bare),
        "cpu_us_per_event": rates.live_cpu,
        "bare_cpu_us_per_event": rates.bare_cpu,
        "half_load_events_per_s": rounded(flips.events_per_s),
        "flip_p50_ms": pace::ms(&flips.acknowledged, 0.5),
        "flip_p99_ms": pace::ms(&flips.acknowledged, 0.99),
        "flip_from_send_p50_ms": pace::ms(&flips.sent, 0.5),
        "flip_from_send_p99_ms": pace::ms(&flips.sent, 0.99),
        "audiences": shop::AUDIENCES,
        "features": shop::FEATURES,
        "seconds": options.seconds,
    });
    let of_many = persons::run(options.persons, time, &scratch.join("persons"), output)?;
    if let (Some(all), Value::Object(more)) = (figures.as_object_mut(), of_many) {
        all.extend(more);
    }
    Ok(figures)
}

/// A server over a folder with definitions and nobody in it.
fn empty(data: &Path, definitions: Vec<DefinitionChange>) -> Result<Local> {
    let nothing = Fill {
        events: 0,
        persons: collect::PERSONS,
        span: Span::from_millis(0),
        definitions,
    };
    fill::fill(data, &nothing)?;
    Local::start(data)
}

struct Rates {
    bare: f64,
    live: f64,
    bare_cpu: Value,
    live_cpu: Value,
}

/// What each server folds in a second, as `kith bench collect` measures it.
fn rates(bare: &Local, live: &Local, time: Duration) -> Result<Rates> {
    let mut sums = [(0.0, 0.0, Cpu::none()), (0.0, 0.0, Cpu::none())];
    for _ in 0..TURNS {
        for (server, (events, seconds, used)) in [bare, live].into_iter().zip(&mut sums) {
            let before = Cpu::now();
            let run = collect::batches(server, time / TURNS, LAG_MAX)?;
            used.add(&before, &Cpu::now());
            *events += run.events;
            *seconds += run.events / run.applied_per_s;
        }
    }
    let [bare, live] = sums;
    Ok(Rates {
        bare: bare.0 / bare.1,
        live: live.0 / live.1,
        bare_cpu: bare.2.per_event(&Cpu::none(), bare.0),
        live_cpu: live.2.per_event(&Cpu::none(), live.0),
    })
}

struct Flips {
    events_per_s: f64,
    acknowledged: Histogram<u64>,
    sent: Histogram<u64>,
}

/// Batches at a fixed rate, and beside them probes: one event of a new visitor that puts them
/// into an audience, and decide calls until a decision is taken for a member.
fn flips(server: &Local, events_per_s: f64, time: Duration) -> Result<Flips> {
    let times = Mutex::new((pace::histogram(), pace::histogram()));
    let probe = |connection: &mut Connection, index: u64| {
        let (acknowledged, sent) = probe(connection, index)?;
        let mut times = times.lock().expect("no holder of this lock panics");
        pace::note(&mut times.0, acknowledged);
        pace::note(&mut times.1, sent);
        Ok(())
    };
    let events_per_s = std::thread::scope(|scope| {
        let load = scope.spawn(|| load(server, events_per_s, time));
        let open = |_| Ok(Connection::open(server.address)?);
        pace::run(PROBES_PER_S, time, PROBE_CONNECTIONS, open, probe)?;
        load.join().expect("the load does not panic")
    })?;
    let (acknowledged, sent) = times.into_inner().expect("no holder of this lock panics");
    Ok(Flips {
        events_per_s,
        acknowledged,
        sent,
    })
}

/// Batches at a fixed rate; answers the rate kept.
fn load(server: &Local, events_per_s: f64, time: Duration) -> Result<f64> {
    let open = |seed: usize| {
        let traffic = Traffic::new(500 + seed as u64, collect::PERSONS);
        Ok((traffic, Connection::open(server.address)?))
    };
    let send = |(traffic, connection): &mut (Traffic, Connection), _| {
        let body = traffic.batch(BATCH, kith_runtime::now());
        connection.post("/v1/batch", WRITE_KEY, &body)?.ok()?;
        Ok(())
    };
    let rate = events_per_s / BATCH as f64;
    let paced = pace::run(rate, time, BATCH_CONNECTIONS, open, send)?;
    Ok((paced.done * BATCH as u64) as f64 / paced.elapsed.as_secs_f64())
}

/// From an event's acknowledgement, and from its sending, to the decision for a member.
fn probe(connection: &mut Connection, index: u64) -> Result<(Duration, Duration)> {
    let visitor = format!("probe-{index}-{}", kith_runtime::now().as_millis());
    let event = format!(
        r#"{{"type":"track","event":"Probe","messageId":"{visitor}","anonymousId":"{visitor}"}}"#
    );
    let sent = Instant::now();
    connection.post("/v1/batch", WRITE_KEY, &event)?.ok()?;
    let acknowledged = Instant::now();
    let call = format!(r#"{{"placements":["hero"],"identifiers":{{"anonymous_id":"{visitor}"}}}}"#);
    loop {
        let answer = connection.post("/v1/decide", WRITE_KEY, &call)?.ok()?;
        let answer: Value = serde_json::from_slice(&answer)?;
        if answer["decisions"][0]["choices"][0]["id"] == shop::PROBED {
            return Ok((acknowledged.elapsed(), sent.elapsed()));
        }
        anyhow::ensure!(
            acknowledged.elapsed().as_secs() < 30,
            "a membership does not become visible"
        );
    }
}
