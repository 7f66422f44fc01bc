//! A folder with many persons: windows that end, the past that is counted, and what it takes.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use hdrhistogram::Histogram;
use kith_admin::access::key;
use kith_base::{Duration as Span, NodeId, PersonId};
use kith_definition::Scope;
use kith_engine::state::Read;
use kith_engine::table;
use kith_engine::{backfill, query};
use kith_event::{DefinitionChange, Record};
use kith_runtime::{Handle, Notice};
use serde_json::{Value, json};
use tokio::sync::broadcast::error::TryRecvError;

use crate::bench::cpu::Cpu;
use crate::bench::fill::{self, Fill};
use crate::bench::http::Connection;
use crate::bench::report::rounded;
use crate::bench::server::Local;
use crate::bench::shop::{self, AROUND, AROUND_SECONDS};
use crate::bench::traffic::Persons;
use crate::bench::{pace, visible};
use crate::output::Output;
use crate::wiring;

/// Events of each person: one in the first half of an hour, one in the second.
const EVENTS_EACH: u64 = 2;
const SPAN: Duration = Duration::from_secs(3_600);
/// Beside the windows that end, batches at this rate, about so many others: who does something
/// does not leave.
const LOAD_EVENTS_PER_S: f64 = 2_000.0;
const LOAD_PERSONS: u64 = 50_000;
/// How long a backfill may take.
const BACKFILL_MAX: Duration = Duration::from_secs(600);
/// At rest is what uses no more than this share of a processor for so long.
const REST: Duration = Duration::from_millis(500);
const REST_SHARE: f64 = 0.02;
/// Persons looked at for what a feature takes.
const SAMPLE: usize = 20_000;

/// A rule over what is kept already, and one that asks for more of every event.
const OVER_FEATURES: &str =
    "traits.plan = \"pro\" and features.f27 >= 1 or features.event_count >= 3";
const OVER_EVENTS: &str =
    "count(\"Product Viewed\" where category = \"lamps\" and price >= 50, 90 days) >= 1";

/// A rule as a marketer types it, over features that are kept.
const PREVIEWED: &str = "features.f27 >= 1 and not traits.plan = \"free\"";
/// Times it is tried.
const PREVIEWS: usize = 5;
/// Of the control plane.
const SECRET_KEY: &str = "ksk_bench_bench_bench_bench_bench_bench_bench_bench";

/// Fills, serves, measures.
pub fn run(persons: u64, time: Duration, data: &Path, output: Output) -> Result<Value> {
    output.say(&format!("filling with {persons} persons"));
    let begun = Instant::now();
    let wanted = Fill {
        events: EVENTS_EACH * persons,
        persons: Persons::Each(persons),
        span: Span::from_millis(SPAN.as_millis() as i64),
        definitions: [vec![key()], shop::definitions(shop::AUDIENCES)].concat(),
    };
    fill::fill(data, &wanted)?;
    let filled = wanted.events as f64 / begun.elapsed().as_secs_f64();
    let server = Local::start(data)?;
    output.say(&format!("filled at {filled:.0} events/s; windows end"));
    settle(&server)?;
    // Events made together leave together: three times at least.
    let between = SPAN * fill::BODY_EVENTS as u32 / (EVENTS_EACH * persons).max(1) as u32;
    let exits = exits(&server, persons, time.max(3 * between))?;
    server.wait_applied()?;
    let sizes = sizes(&*server.handle.view().state)?;
    output.say("an audience while it is typed");
    let previewed = preview(&server)?;
    output.say("the past of two new audiences");
    rest()?;
    let found = find(&server.handle, "over-features", OVER_FEATURES)?;
    rest()?;
    let counted = find(&server.handle, "over-events", OVER_EVENTS)?;
    let people = found.persons as f64;
    let events = wanted.events as f64;
    ensure!(server.handle.status().healthy, "the engine is not healthy");
    Ok(json!({
        "persons": persons,
        "nodes_per_person": rounded(sizes.nodes / sizes.persons),
        "events_stored": wanted.events,
        "fill_events_per_s": rounded(filled),
        "exits": exits.len(),
        "window_exit_lateness_p50_ms": pace::ms(&exits, 0.5),
        "window_exit_lateness_p99_ms": pace::ms(&exits, 0.99),
        "window_exit_lateness_max_ms": exits.max() as f64 / 1_000.0,
        "preview_max_ms": rounded(previewed.slowest.as_secs_f64() * 1e3),
        "preview_sampled": previewed.sampled,
        "backfill_persons_per_s": rounded(people / found.seconds.max(found.cpu_seconds)),
        "backfill_persons_seconds": rounded(found.seconds),
        "backfill_persons_cpu_seconds": rounded(found.cpu_seconds),
        "backfill_persons_found": found.members,
        "backfill_events_per_s":
            rounded(events / counted.gathered_seconds.max(counted.gathered_cpu_seconds)),
        "backfill_events_seconds": rounded(counted.gathered_seconds),
        "backfill_events_cpu_seconds": rounded(counted.gathered_cpu_seconds),
        "backfill_events_whole_seconds": rounded(counted.seconds),
        "backfill_events_found": counted.members,
        "bytes_per_person_feature":
            rounded(sizes.series_bytes / sizes.persons / shop::FEATURES as f64),
        "bytes_per_person": rounded(sizes.row_bytes / sizes.persons),
    }))
}

/// Waits until what was due during the filling is done.
fn settle(server: &Local) -> Result<()> {
    let begun = Instant::now();
    loop {
        let view = server.handle.view();
        if table::timers_due(&*view.state, kith_runtime::now(), 1)?.is_empty() {
            return Ok(());
        }
        ensure!(begun.elapsed() < BACKFILL_MAX, "timers pile up");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Waits until what was written before is merged in the background: that is none of a backfill's
/// work.
fn rest() -> Result<()> {
    let begun = Instant::now();
    loop {
        let before = Cpu::now();
        std::thread::sleep(REST);
        if Cpu::now().seconds(&before) < REST.as_secs_f64() * REST_SHARE {
            return Ok(());
        }
        ensure!(begun.elapsed() < BACKFILL_MAX, "the engine does not rest");
    }
}

/// How late the exits of [`AROUND`] are, from the second they were due to the moment whoever
/// listens hears of them, which is after the commit.
fn exits(server: &Local, persons: u64, time: Duration) -> Result<Histogram<u64>> {
    let mut late = pace::histogram();
    let mut notices = server.handle.notices();
    let begun_at = kith_runtime::now();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| -> Result<()> {
        let load = scope.spawn(|| {
            let others = Persons::After(persons, LOAD_PERSONS);
            let done = visible::load(server, others, LOAD_EVENTS_PER_S, time);
            over.store(true, Ordering::Relaxed);
            done
        });
        loop {
            match notices.try_recv() {
                Ok(notice) => {
                    if let Notice::Membership(change) = &*notice
                        && change.audience == AROUND
                        && !change.entered
                        && change.at >= begun_at
                    {
                        let millis = kith_runtime::now().since(change.at).as_millis().max(0);
                        pace::note(&mut late, Duration::from_millis(millis as u64));
                    }
                }
                Err(TryRecvError::Empty) if over.load(Ordering::Relaxed) => break,
                Err(TryRecvError::Empty) => std::thread::sleep(Duration::from_millis(1)),
                Err(error) => anyhow::bail!("the notices of exits were lost: {error}"),
            }
        }
        load.join().expect("the load does not panic")?;
        Ok(())
    })?;
    ensure!(
        !late.is_empty(),
        "nobody's {AROUND_SECONDS} seconds ended meanwhile"
    );
    Ok(late)
}

/// The secret key of the run.
fn key() -> DefinitionChange {
    let scopes = [Scope::Read];
    key::definition(SECRET_KEY, "bench", &scopes, "bench", kith_runtime::now())
}

struct Previewed {
    slowest: Duration,
    /// Persons looked at, at least.
    sampled: u64,
}

/// What the builder asks after each key stroke: how many people the rule would hold.
fn preview(server: &Local) -> Result<Previewed> {
    let mut connection = Connection::open(server.address)?;
    let call = json!({"id": "typed", "spec": {"when": PREVIEWED}}).to_string();
    let (mut slowest, mut sampled) = (Duration::ZERO, u64::MAX);
    for _ in 0..PREVIEWS {
        let begun = Instant::now();
        let path = "/api/v1/definitions/audience/preview";
        let answer = connection.ask(path, SECRET_KEY, &call)?.ok()?;
        slowest = slowest.max(begun.elapsed());
        let answer: Value = serde_json::from_slice(&answer)?;
        let looked_at = answer["size"]["sampled"].as_u64();
        sampled = sampled.min(looked_at.context("the preview tells no size")?);
    }
    Ok(Previewed { slowest, sampled })
}

struct Found {
    persons: u64,
    members: u64,
    seconds: f64,
    cpu_seconds: f64,
    gathered_seconds: f64,
    gathered_cpu_seconds: f64,
}

/// Defines an audience and waits until its members are found.
fn find(handle: &Handle, id: &str, when: &str) -> Result<Found> {
    let persons = table::read_number(&*handle.view().state, &table::mark(table::PERSONS))?;
    let before = Cpu::now();
    let begun = Instant::now();
    let record = Record::Definition(shop::audience(id, when));
    wiring::block_on(handle.append_applied(vec![record]))??;
    let mut gathered = None;
    loop {
        let view = handle.view();
        if gathered.is_none() && backfill::pending(&*view.state)?.is_none() {
            gathered = Some((begun.elapsed(), Cpu::now().seconds(&before)));
        }
        let found = query::audience(&*view.state, id, 0)?;
        if let (None, Some((gathered, gathered_cpu_seconds))) = (&found.job, gathered) {
            return Ok(Found {
                persons,
                members: found.size,
                seconds: begun.elapsed().as_secs_f64(),
                cpu_seconds: Cpu::now().seconds(&before),
                gathered_seconds: gathered.as_secs_f64(),
                gathered_cpu_seconds,
            });
        }
        ensure!(
            begun.elapsed() < BACKFILL_MAX,
            "{id} is still computed: {found:?}"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
}

struct Sizes {
    persons: f64,
    nodes: f64,
    row_bytes: f64,
    series_bytes: f64,
}

/// What the rows of a sample of persons take, and what of that are series.
fn sizes(state: &dyn Read) -> Result<Sizes> {
    let (start, end) = (table::person(PersonId([0; 16])), table::end_of(b"p"));
    let rows = state.range(&start, &end, SAMPLE)?;
    let mut sizes = Sizes {
        persons: rows.len() as f64,
        nodes: 0.0,
        row_bytes: 0.0,
        series_bytes: 0.0,
    };
    for (key, bytes) in &rows {
        let person: table::PersonRow = table::decode(key, bytes)?;
        for node in person.nodes {
            let (whole, without) = node_bytes(state, node)?;
            sizes.nodes += 1.0;
            sizes.row_bytes += whole as f64;
            sizes.series_bytes += (whole - without) as f64;
        }
    }
    Ok(sizes)
}

/// Bytes of a node's row, and of the same without series.
fn node_bytes(state: &dyn Read, node: NodeId) -> Result<(usize, usize)> {
    let Some(mut row) = table::read_node(state, node)? else {
        return Ok((0, 0));
    };
    let whole = table::encode(&row).len();
    row.fold.series.clear();
    Ok((whole, table::encode(&row).len()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use kith_base::Timestamp;
    use kith_engine::{Cache, Project};
    use kith_store::state::Memory;

    use super::*;
    use crate::bench::fill::Parser;
    use crate::bench::traffic::Traffic;

    /// Stored bytes per person and feature after `days` days with ten events each, of 40 persons
    /// and the 40 features of the bench.
    fn bytes_per_person_feature(days: i64) -> f64 {
        let mut state = Memory::default();
        let (mut cache, mut project) = (Cache::default(), Arc::new(Project::load(&state).unwrap()));
        let mut records = Record::definitions(shop::definitions(shop::AUDIENCES));
        let (mut traffic, mut parser) = (Traffic::new(1, Persons::Each(40)), Parser::default());
        for hour in 0..10 * days {
            let day = Timestamp::parse("2026-03-01T08:00:00Z").unwrap();
            let millis = hour / 10 * 86_400_000 + hour % 10 * 3_600_000;
            let at = Timestamp::from_millis(day.as_millis() + millis);
            let events = parser.events(&traffic.batch(40, at), at).unwrap();
            records.extend(events.into_iter().map(Record::Event));
        }
        fill::apply_group(&mut state, &mut cache, &mut project, 0, &records).unwrap();
        let sizes = sizes(&state).unwrap();
        sizes.series_bytes / sizes.persons / shop::FEATURES as f64
    }

    #[test]
    fn a_feature_of_a_person_takes_what_the_documentation_says() {
        for (days, most) in [(1, 20.0), (10, 90.0), (30, 170.0)] {
            let bytes = bytes_per_person_feature(days);
            assert!(bytes <= most, "{days} days: {bytes} B");
        }
    }
}
