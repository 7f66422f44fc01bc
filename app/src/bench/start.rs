//! `kith bench start`: a server killed under load, back at work; and what it takes when idle.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Args;
use kith_base::Duration as Span;
use serde_json::{Value, json};

use super::fill::{self, Fill, WRITE_KEY};
use super::http::Connection;
use super::report::rounded;
use super::server::Served;
use super::traffic::{Persons, Traffic};

/// Load before the kill.
const LOAD: Duration = Duration::from_secs(5);
const CONNECTIONS: u64 = 4;
const BATCH: usize = 100;
/// Memory counts as settled when it moved by less than this within [`SETTLE`].
const SETTLED_BYTES: u64 = 2 << 20;
const SETTLE: Duration = Duration::from_secs(20);
const SETTLE_MAX: Duration = Duration::from_secs(120);

/// Options of `kith bench start`.
#[derive(Debug, Args)]
pub struct Options {
    /// Events in the data folder
    #[arg(long, default_value_t = 20_000_000)]
    pub events: u64,
    /// Persons they are about
    #[arg(long, default_value_t = 1_000_000)]
    pub persons: u64,
}

/// Fills, loads, kills, restarts, waits.
pub fn run(options: &Options, scratch: &Path) -> Result<Value> {
    let data = scratch.join("start");
    let filling = Instant::now();
    let wanted = Fill {
        events: options.events,
        persons: Persons::Visits(options.persons),
        span: Span::from_days(25),
        definitions: Vec::new(),
    };
    fill::fill(&data, &wanted)?;
    let fill_events_per_s = options.events as f64 / filling.elapsed().as_secs_f64();

    let first = Served::start(&data)?;
    let first_start = first.first_answer;
    let loaded = load_and_kill(first, options.persons)?;
    let again = Served::start(&data)?;
    let after_start = again.resident_bytes()?;
    let (idle, settled_s) = settle(&again)?;
    let figures = json!({
        "first_answer_s": rounded(again.first_answer.as_secs_f64()),
        "idle_rss_mb": rounded(idle as f64 / 1e6),
        "clean_start_s": rounded(first_start.as_secs_f64()),
        "rss_after_start_mb": rounded(after_start as f64 / 1e6),
        "idle_after_s": rounded(settled_s),
        "events": options.events,
        "persons": options.persons,
        "events_before_kill": loaded,
        "fill_events_per_s": rounded(fill_events_per_s),
    });
    again.kill()?;
    Ok(figures)
}

/// Answers how many events were acknowledged before the kill.
fn load_and_kill(server: Served, persons: u64) -> Result<u64> {
    let (address, stop, events) = (server.address, AtomicBool::new(false), AtomicU64::new(0));
    let send = |seed: u64| {
        let mut traffic = Traffic::new(1_000 + seed, Persons::Zipf(persons));
        let Ok(mut connection) = Connection::open(address) else {
            return;
        };
        while !stop.load(Ordering::Relaxed) {
            let body = traffic.batch(BATCH, kith_runtime::now());
            let answer = connection.post("/v1/batch", WRITE_KEY, &body);
            match answer {
                Ok(answer) if answer.status == 200 => events.fetch_add(100, Ordering::Relaxed),
                // The kill.
                _ => break,
            };
        }
    };
    std::thread::scope(|scope| {
        let send = &send;
        (0..CONNECTIONS).for_each(|seed| {
            scope.spawn(move || send(seed));
        });
        std::thread::sleep(LOAD);
        let killed = server.kill();
        stop.store(true, Ordering::Relaxed);
        killed
    })?;
    Ok(events.into_inner())
}

/// Waits for the memory to stand still; answers it and how long that took.
fn settle(server: &Served) -> Result<(u64, f64)> {
    let begun = Instant::now();
    let mut before = server.resident_bytes()?;
    loop {
        std::thread::sleep(SETTLE);
        let now = server.resident_bytes()?;
        let minute = begun.elapsed() >= Duration::from_secs(60);
        if (minute && before.abs_diff(now) < SETTLED_BYTES) || begun.elapsed() > SETTLE_MAX {
            return Ok((now, begun.elapsed().as_secs_f64()));
        }
        before = now;
    }
}
