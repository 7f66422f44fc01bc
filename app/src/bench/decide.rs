//! `kith bench decide`: how fast the one synchronous read is, with everybody on disk.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args;
use kith_base::{Duration as Span, Random, Value as Fact, digest};
use kith_definition::Kind;
use kith_engine::decide::{Request, Sources, decide};
use kith_engine::{Cache, Learned, Project};
use kith_event::{DefinitionChange, Identifier, Record};
use kith_store::state::Memory;
use serde_json::{Value, json};

use super::fill::{self, Fill, Parser, WRITE_KEY};
use super::http::Connection;
use super::pace;
use super::report::rounded;
use super::server::Local;
use super::traffic::{Persons, Traffic, anonymous_id};

const PLACEMENTS: usize = 10;
const OFFERS_PER_PLACEMENT: usize = 100;
/// What the budget speaks of.
const RATE: f64 = 2_000.0;
/// Open-loop senders: more than ever wait at once while the budget holds.
const SENDERS: usize = 32;
/// Closed loop: threads, and connections each keeps busy.
const THREADS: usize = 4;
const CONNECTIONS: usize = 16;
/// Offers per placement, and runs, of the figure about 10,000 candidates.
const OFFERS_MOST: usize = kith_base::limits::OFFERS_PER_PLACEMENT_MAX;
const RUNS: usize = 41;

/// Options of `kith bench decide`.
#[derive(Debug, Args)]
pub struct Options {
    /// Persons with a profile on disk
    #[arg(long, default_value_t = 1_000_000)]
    pub persons: u64,
    /// Length of each phase
    #[arg(long, default_value_t = 20)]
    pub seconds: u64,
    /// Calls a second that ask for all ten placements
    #[arg(long, default_value_t = 2_000)]
    pub page_rate: u32,
}

/// Fills, serves, asks.
pub fn run(options: &Options, scratch: &Path) -> Result<Value> {
    let candidates_10k_ms = candidates()?;
    let data = scratch.join("decide");
    let wanted = Fill {
        events: 2 * options.persons,
        persons: Persons::Each(options.persons),
        span: Span::from_days(10),
        definitions: definitions(PLACEMENTS, OFFERS_PER_PLACEMENT),
    };
    fill::fill(&data, &wanted)?;
    let server = Local::start(&data)?;
    let time = Duration::from_secs(options.seconds.max(1));
    let persons = options.persons;
    at_rate(&server, RATE / 4.0, time / 5, persons, &one_placement)?;
    let _warm_up = server.take_times();
    let steady = at_rate(&server, RATE, time, persons, &one_placement)?;
    let served = server.take_times();
    let all = at_rate(
        &server,
        options.page_rate.into(),
        time / 4,
        persons,
        &every_placement,
    )?;
    let all_served = server.take_times();
    let most = at_most(&server, time / 2, persons)?;
    Ok(json!({
        "p50_ms": pace::ms(&served, 0.5),
        "p99_ms": pace::ms(&served, 0.99),
        "requests_per_s": rounded(most),
        "candidates_10k_ms": candidates_10k_ms,
        "client_p50_ms": pace::ms(&steady.times, 0.5),
        "client_p99_ms": pace::ms(&steady.times, 0.99),
        "rate_per_s": rounded(steady.done as f64 / steady.elapsed.as_secs_f64()),
        "ten_placements_rate_per_s": rounded(all.done as f64 / all.elapsed.as_secs_f64()),
        "ten_placements_p50_ms": pace::ms(&all_served, 0.5),
        "ten_placements_p99_ms": pace::ms(&all_served, 0.99),
        "ten_placements_client_p99_ms": pace::ms(&all.times, 0.99),
        "persons": persons,
        "placements": PLACEMENTS,
        "offers": PLACEMENTS * OFFERS_PER_PLACEMENT,
    }))
}

/// Rules of the kind marketers write, each a little different.
fn rule(offer: usize) -> String {
    let (a, b) = (offer % 7, offer % 5);
    match offer % 8 {
        0 => String::new(),
        1 => format!("traits.plan = \"pro\" and features.event_count >= {a}"),
        2 => format!("traits.plan in [\"free\", \"plus\"] and features.product_view_count > {b}"),
        3 => format!(
            "affinity(\"category\", \"shoes\") > 0.{a} or traits.age >= {}",
            20 + offer % 40
        ),
        4 => format!("count(\"Product Viewed\") >= {b} and features.purchase_count = 0"),
        5 => format!(
            "features.last_seen_at > now - {} days and traits.newsletter = true",
            1 + a
        ),
        6 => format!(
            "context.page.type = \"home\" and traits.logins > {}",
            offer % 30
        ),
        _ => format!(
            "not (features.device_type = \"mobile\") and sum(\"Order Completed\") < {}",
            50 * a + 50
        ),
    }
}

fn definitions(placements: usize, offers_each: usize) -> Vec<DefinitionChange> {
    let at = kith_runtime::now();
    let mut all = Vec::with_capacity(placements * (offers_each + 1));
    for placement in 0..placements {
        let spec = json!({
            "type": "offers",
            "limit": 1,
            "fallback": {"content": {"title": "Welcome"}},
        });
        all.push(fill::definition(
            Kind::Placement,
            &placement_id(placement),
            &spec,
            at,
        ));
    }
    for offer in 0..placements * offers_each {
        let spec = json!({
            "placements": [placement_id(offer % placements)],
            "priority": offer % 100,
            "when": rule(offer / placements),
            "content": {
                "title": format!("Offer {offer}"),
                "image_url": format!("https://shop.example/offers/{offer}.webp"),
                "url": format!("https://shop.example/offers/{offer}"),
            },
        });
        all.push(fill::definition(
            Kind::Offer,
            &format!("offer-{offer}"),
            &spec,
            at,
        ));
    }
    all
}

fn placement_id(placement: usize) -> String {
    format!("placement-{placement}")
}

fn one_placement(random: &mut Random) -> String {
    format!(
        "\"{}\"",
        placement_id(random.below(PLACEMENTS as u64) as usize)
    )
}

fn every_placement(_: &mut Random) -> String {
    let ids: Vec<String> = (0..PLACEMENTS)
        .map(|placement| format!("\"{}\"", placement_id(placement)))
        .collect();
    ids.join(",")
}

type Wanted = dyn Fn(&mut Random) -> String + Sync;

/// A call for anybody, each person as likely as any other: most profiles come from disk.
fn call(random: &mut Random, persons: u64, wanted: &Wanted) -> String {
    format!(
        r#"{{"placements":[{}],"identifiers":{{"anonymous_id":"{}"}},
            "context":{{"page":{{"type":"home","path":"/"}}}}}}"#,
        wanted(random),
        anonymous_id(random.below(persons)),
    )
}

fn at_rate(
    server: &Local,
    rate: f64,
    time: Duration,
    persons: u64,
    wanted: &Wanted,
) -> Result<pace::Paced> {
    let open = |number: usize| {
        Ok((
            Random::new(number as u64),
            Connection::open(server.address)?,
        ))
    };
    let ask = |(random, connection): &mut (Random, Connection), _| {
        let body = call(random, persons, wanted);
        connection.post("/v1/decide", WRITE_KEY, &body)?.ok()?;
        Ok(())
    };
    pace::run(rate, time, SENDERS, open, ask)
}

fn at_most(server: &Local, time: Duration, persons: u64) -> Result<f64> {
    let done = AtomicU64::new(0);
    let begun = Instant::now();
    let one_thread = |seed: u64| -> Result<()> {
        let mut random = Random::new(900 + seed);
        let open = |_| Connection::open(server.address);
        let mut all: Vec<Connection> = (0..CONNECTIONS).map(open).collect::<Result<_, _>>()?;
        while begun.elapsed() < time {
            for connection in &mut all {
                let body = call(&mut random, persons, &one_placement);
                connection.send("/v1/decide", WRITE_KEY, &body)?;
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
        let running: Vec<_> = (0..THREADS as u64)
            .map(|seed| scope.spawn(move || one_thread(seed)))
            .collect();
        running
            .into_iter()
            .try_for_each(|one| one.join().expect("a sender does not panic"))
    })?;
    Ok(done.into_inner() as f64 / begun.elapsed().as_secs_f64())
}

/// One placement that considers 10,000 offers, as many as there may be, in memory, the record for
/// the log included. The median of many runs.
fn candidates() -> Result<f64> {
    let now = kith_runtime::now();
    let mut state = Memory::default();
    let mut cache = Cache::default();
    let mut project = Arc::new(Project::load(&state)?);
    let changes = definitions(1, OFFERS_MOST);
    let mut records = Record::definitions(changes);
    let mut traffic = Traffic::new(1, Persons::Each(1));
    let events = Parser::default().events(&traffic.batch(100, now), now)?;
    records.extend(events.into_iter().map(Record::Event));
    fill::apply_group(&mut state, &mut cache, &mut project, 0, &records)?;
    let request = Request {
        placements: vec![placement_id(0)],
        identifiers: vec![Identifier::new("anonymous_id", anonymous_id(0))],
        context: Fact::Null,
        ..Request::default()
    };
    let learned = Learned::default();
    let mut times: Vec<Duration> = Vec::with_capacity(RUNS);
    for run in 0..RUNS {
        let call = digest("bench", &[&(run as u64).to_be_bytes()]);
        let begun = Instant::now();
        let sources = Sources {
            state: &state,
            project: &project,
            learned: &learned,
        };
        let answer = decide(sources, &request, now, call)?;
        let records = answer.records(&request).count();
        times.push(begun.elapsed());
        anyhow::ensure!(records == 1, "the placement was not decided");
    }
    times.sort_unstable();
    let median = times.get(RUNS / 2).context("there was no run")?;
    Ok(rounded(median.as_secs_f64() * 1_000.0))
}
