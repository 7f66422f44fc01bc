//! `kith bench collect`: how fast events are taken, how soon they count, what they cost on disk.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args;
use kith_base::Duration as Span;
use kith_event::Record;
use kith_runtime::log::Log;
use kith_store::log::Segments;
use serde_json::{Value, json};

use super::cpu::Cpu;
use super::fill::{self, Fill, Parser, WRITE_KEY};
use super::http::Connection;
use super::report::rounded;
use super::server::Local;
use super::traffic::{Persons, Traffic};
use super::{pace, shop, visible};
use crate::output::Output;

/// How many persons the traffic is about.
const PERSONS: u64 = 50_000;
/// Who they are where nothing else is asked for.
pub const SHOP: Persons = Persons::Shop(PERSONS);
/// Events in a batch: what the budget speaks of.
pub const BATCH: usize = 100;
/// Audiences that are live meanwhile: what the budget speaks of.
const AUDIENCES: usize = 50;
/// Connections that send batches.
pub const BATCH_CONNECTIONS: usize = 8;
/// Events acknowledged and not yet folded at which a sender waits, where the rate that can be
/// kept up is measured: half a second's worth.
pub const LAG_MAX: u64 = 20_000;
/// Threads that send single events, and how many connections each keeps busy.
const SINGLE_THREADS: usize = 4;
const SINGLE_CONNECTIONS: usize = 48;
/// Groups of the append-only yardstick: as many records as the batch connections have under way
/// while a group is written.
const GROUP: usize = BATCH * BATCH_CONNECTIONS / 2;

/// Options of `kith bench collect`.
#[derive(Debug, Args)]
pub struct Options {
    /// Length of each phase
    #[arg(long, default_value_t = 10)]
    pub seconds: u64,
    /// Persons by Zipf's law: one of them does every eleventh thing, as a robot would
    #[arg(long)]
    pub hot: bool,
}

/// Runs all phases, each on the state the one before left.
pub fn run(options: &Options, scratch: &Path, output: Output) -> Result<Value> {
    let time = Duration::from_secs(options.seconds.max(1));
    let persons = match options.hot {
        true => Persons::Zipf(PERSONS),
        false => SHOP,
    };
    output.say("yardsticks: parsing alone, then synced appends alone");
    let parse_only = parse_only(time / 4)?;
    let append_only = append_only(&scratch.join("append-only"), time / 4)?;

    let data = scratch.join("collect");
    let nobody = Fill {
        events: 0,
        persons,
        span: Span::from_millis(0),
        definitions: shop::definitions(AUDIENCES),
    };
    fill::fill(&data, &nobody)?;
    let server = Local::start(&data)?;
    output.say("batches of 100, as fast as they are folded");
    let before = Cpu::now();
    let sustained = batches(&server, persons, time, LAG_MAX, 0)?;
    let cpu = Cpu::now().per_event(&before, sustained.events);
    output.say("batches of 100, as fast as they are acknowledged");
    let burst = batches(&server, persons, time, u64::MAX, 1)?;
    output.say("one event a request, as fast as they are acknowledged");
    let before = Cpu::now();
    let singles = singles(&server, persons, time / 2)?;
    server.wait_applied()?;
    let single_cpu = Cpu::now().per_event(&before, singles.requests);
    output.say("batches at half of that rate, with probes");
    let half = visible::measure(&server, persons, sustained.applied_per_s / 2.0, time)?;
    server.wait_applied()?;
    let status = server.handle.status();
    anyhow::ensure!(status.healthy, "the engine is not healthy after the run");
    drop(server);
    let disk = disk(&data)?;
    Ok(json!({
        "events_per_s": rounded(sustained.applied_per_s),
        "acknowledged_events_per_s": rounded(burst.acknowledged_per_s),
        "requests_per_s": rounded(singles.per_s),
        "parse_only_events_per_s": rounded(parse_only),
        "append_only_events_per_s": rounded(append_only),
        "ratio_to_parse_only": rounded(sustained.applied_per_s / parse_only),
        "ratio_to_append_only": rounded(sustained.applied_per_s / append_only),
        "half_load_events_per_s": rounded(half.events_per_s),
        "ack_p50_ms": pace::ms(&half.batches, 0.5),
        "ack_p99_ms": pace::ms(&half.batches, 0.99),
        "visible_p50_ms": pace::ms(&half.from_acknowledged, 0.5),
        "visible_p99_ms": pace::ms(&half.from_acknowledged, 0.99),
        "bytes_per_event": rounded(disk.log_bytes_per_event + disk.state_bytes_per_event),
        "log_bytes_per_event": rounded(disk.log_bytes_per_event),
        "state_bytes_per_event": rounded(disk.state_bytes_per_event),
        "journal_bytes": disk.journal_bytes,
        "event_bytes_on_the_wire": rounded(wire_bytes()),
        "events_stored": disk.events,
        "cpu_us_per_event": cpu,
        "cpu_us_per_request": single_cpu,
        "audiences": AUDIENCES,
        "persons": if options.hot { "zipf" } else { "shop" },
        "seconds": options.seconds,
    }))
}

/// Bytes of one event as it is sent, on average.
fn wire_bytes() -> f64 {
    let body = Traffic::new(0, SHOP).batch(1_000, kith_runtime::now());
    body.len() as f64 / 1_000.0
}

/// Every core parses: the upper bound of anything that reads JSON.
fn parse_only(time: Duration) -> Result<f64> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let bodies: Vec<String> = {
        let mut traffic = Traffic::new(0, SHOP);
        (0..64)
            .map(|_| traffic.batch(BATCH, kith_runtime::now()))
            .collect()
    };
    let events = AtomicU64::new(0);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let work = || -> Result<()> {
            let mut parser = Parser::default();
            for body in bodies.iter().cycle() {
                let parsed = parser.events(body, kith_runtime::now())?;
                events.fetch_add(parsed.len() as u64, Ordering::Relaxed);
                if begun.elapsed() > time {
                    break;
                }
            }
            Ok(())
        };
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running
            .into_iter()
            .try_for_each(|one| one.join().expect("parsing does not panic"))
    })?;
    Ok(events.into_inner() as f64 / begun.elapsed().as_secs_f64())
}

/// Groups of encoded events to the log, each synced: the lower bound of what durability costs.
fn append_only(folder: &Path, time: Duration) -> Result<f64> {
    std::fs::create_dir_all(folder).context("creating a folder for the append-only run")?;
    let mut log = Segments::open(folder, kith_store::Options::standard(), None)?;
    let mut traffic = Traffic::new(0, SHOP);
    let mut parser = Parser::default();
    let mut groups = Vec::new();
    for _ in 0..16 {
        let now = kith_runtime::now();
        let events = parser.events(&traffic.batch(GROUP, now), now)?;
        groups.push(
            events
                .into_iter()
                .map(|event| Record::Event(event).encode())
                .collect(),
        );
    }
    let begun = Instant::now();
    let mut events = 0;
    for group in groups.iter().cycle() {
        let group: &Vec<Vec<u8>> = group;
        log.append(group)?;
        events += group.len();
        if begun.elapsed() > time {
            break;
        }
    }
    let per_s = events as f64 / begun.elapsed().as_secs_f64();
    drop(log);
    std::fs::remove_dir_all(folder).context("removing the append-only run")?;
    Ok(per_s)
}

/// What sending batches gave.
pub struct Batches {
    /// Events sent.
    pub events: f64,
    acknowledged_per_s: f64,
    /// Events folded in a second.
    pub applied_per_s: f64,
}

/// Closed loop: as fast as the server acknowledges while the fold is at most `lag_max` events
/// behind. The applied rate includes the wait until the last event is folded.
///
/// Of a run with another number no event repeats one of this.
pub fn batches(
    server: &Local,
    persons: Persons,
    time: Duration,
    lag_max: u64,
    number: u64,
) -> Result<Batches> {
    let before = server.handle.status().end;
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..BATCH_CONNECTIONS as u64)
            .map(|seed| {
                scope.spawn(move || -> Result<()> {
                    let mut traffic = Traffic::new(1_000 + 100 * number + seed, persons);
                    let mut connection = Connection::open(server.address)?;
                    while begun.elapsed() < time {
                        if lag(server) > lag_max {
                            std::thread::sleep(Duration::from_millis(1));
                            continue;
                        }
                        let body = traffic.batch(BATCH, kith_runtime::now());
                        connection.post("/v1/batch", WRITE_KEY, &body)?.ok()?;
                    }
                    Ok(())
                })
            })
            .collect();
        running
            .into_iter()
            .try_for_each(|one| one.join().expect("a sender does not panic"))
    })?;
    let acknowledged = begun.elapsed().as_secs_f64();
    let events = (server.handle.status().end - before) as f64;
    server.wait_applied()?;
    let applied = begun.elapsed().as_secs_f64();
    Ok(Batches {
        events,
        acknowledged_per_s: events / acknowledged,
        applied_per_s: events / applied,
    })
}

/// Events acknowledged and not yet folded.
fn lag(server: &Local) -> u64 {
    let status = server.handle.status();
    status.end.saturating_sub(status.applied)
}

struct Singles {
    requests: f64,
    per_s: f64,
}

/// Closed loop over many connections, one event a request. A thread sends on all its connections
/// before it reads the answers, as many independent clients would.
fn singles(server: &Local, persons: Persons, time: Duration) -> Result<Singles> {
    let done = AtomicU64::new(0);
    let begun = Instant::now();
    let one_thread = |seed: u64| -> Result<()> {
        let mut traffic = Traffic::new(200 + seed, persons);
        let open = |_| Connection::open(server.address);
        let mut all: Vec<Connection> = (0..SINGLE_CONNECTIONS)
            .map(open)
            .collect::<Result<_, _>>()?;
        while begun.elapsed() < time {
            for connection in &mut all {
                let mut event = String::with_capacity(1_024);
                traffic.event(&mut event, kith_runtime::now());
                connection.send("/v1/batch", WRITE_KEY, &event)?;
            }
            for connection in &mut all {
                connection.receive()?.ok()?;
            }
            done.fetch_add(all.len() as u64, Ordering::Relaxed);
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let one_thread = &one_thread;
        let running: Vec<_> = (0..SINGLE_THREADS as u64)
            .map(|seed| scope.spawn(move || one_thread(seed)))
            .collect();
        running
            .into_iter()
            .try_for_each(|one| one.join().expect("a sender does not panic"))
    })?;
    let requests = done.into_inner() as f64;
    Ok(Singles {
        requests,
        per_s: requests / begun.elapsed().as_secs_f64(),
    })
}

struct Disk {
    events: u64,
    log_bytes_per_event: f64,
    state_bytes_per_event: f64,
    journal_bytes: u64,
}

/// What the folder holds once the write buffers of the state are sorted files. The journal of
/// the state is told apart: it is bounded and does not grow with the events.
fn disk(data: &Path) -> Result<Disk> {
    let mut store = kith_store::open(data, kith_store::Options::standard())?;
    store.state.flush()?;
    let events = store.log.reader().end();
    drop(store);
    let log = folder_bytes(&data.join("log"), &|_| true)?;
    let is_journal = |path: &Path| path.extension().is_some_and(|extension| extension == "jnl");
    let journal_bytes = folder_bytes(&data.join("state"), &is_journal)?;
    let state = folder_bytes(&data.join("state"), &|path| !is_journal(path))?;
    Ok(Disk {
        events,
        log_bytes_per_event: log as f64 / events as f64,
        state_bytes_per_event: state as f64 / events as f64,
        journal_bytes,
    })
}

fn folder_bytes(folder: &Path, counts: &dyn Fn(&Path) -> bool) -> Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            bytes += folder_bytes(&path, counts)?;
        } else if counts(&path) {
            bytes += path.metadata()?.len();
        }
    }
    Ok(bytes)
}
