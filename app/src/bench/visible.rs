//! From an event's acknowledgement to a decision that counts the person in, under a steady load.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::Result;
use hdrhistogram::Histogram;
use kith_base::{NodeId, PersonId};
use kith_engine::table;
use serde_json::Value;

use super::collect::{BATCH, BATCH_CONNECTIONS};
use super::fill::WRITE_KEY;
use super::http::Connection;
use super::pace::{self, Paced};
use super::server::Local;
use super::shop;
use super::traffic::{Persons, Traffic};

/// Probes a second, over so many connections.
const PROBES_PER_S: f64 = 40.0;
const PROBE_CONNECTIONS: usize = 4;
/// Between two looks at what is committed. A probe does not ask for decisions until one counts
/// the person in: each is recorded, and so many would be a load of their own.
const PROBE_PAUSE: Duration = Duration::from_millis(1);

/// What a steady load with probes gave.
pub struct Visible {
    /// Rate that was kept.
    pub events_per_s: f64,
    /// From the due moment of a batch to its acknowledgement.
    pub batches: Histogram<u64>,
    /// From the acknowledgement of a probe's event to the decision.
    pub from_acknowledged: Histogram<u64>,
    /// From the sending of a probe's event to the decision.
    pub from_sent: Histogram<u64>,
}

/// Open loop of batches at the given rate, and beside it probes: one event of a new visitor that
/// puts them into an audience, and a decide call as soon as that is committed.
pub fn measure(
    server: &Local,
    persons: Persons,
    events_per_s: f64,
    time: Duration,
) -> Result<Visible> {
    let times = Mutex::new((pace::histogram(), pace::histogram()));
    let probe = |connection: &mut Connection, index: u64| {
        let (acknowledged, sent) = probe(server, connection, index)?;
        let mut times = times.lock().expect("no holder of this lock panics");
        pace::note(&mut times.0, acknowledged);
        pace::note(&mut times.1, sent);
        Ok(())
    };
    let paced = std::thread::scope(|scope| {
        let load = scope.spawn(|| load(server, persons, events_per_s, time));
        let open = |_| Ok(Connection::open(server.address)?);
        pace::run(PROBES_PER_S, time, PROBE_CONNECTIONS, open, probe)?;
        load.join().expect("the load does not panic")
    })?;
    let (from_acknowledged, from_sent) = times.into_inner().expect("no holder of this lock panics");
    Ok(Visible {
        events_per_s: (paced.done * BATCH as u64) as f64 / paced.elapsed.as_secs_f64(),
        batches: paced.times,
        from_acknowledged,
        from_sent,
    })
}

/// Batches at a fixed rate.
pub fn load(server: &Local, persons: Persons, events_per_s: f64, time: Duration) -> Result<Paced> {
    let open = |seed: usize| {
        let traffic = Traffic::new(300 + seed as u64, persons);
        Ok((traffic, Connection::open(server.address)?))
    };
    let send = |(traffic, connection): &mut (Traffic, Connection), _| {
        let body = traffic.batch(BATCH, kith_runtime::now());
        connection.post("/v1/batch", WRITE_KEY, &body)?.ok()?;
        Ok(())
    };
    let rate = events_per_s / BATCH as f64;
    pace::run(rate, time, BATCH_CONNECTIONS, open, send)
}

/// One probe: from its event's acknowledgement, and from its sending, to the answer of a decision
/// that counts the person in.
fn probe(server: &Local, connection: &mut Connection, index: u64) -> Result<(Duration, Duration)> {
    let visitor = format!("probe-{index}-{}", kith_runtime::now().as_millis());
    let event = format!(
        r#"{{"type":"track","event":"Probe","messageId":"{visitor}","anonymousId":"{visitor}"}}"#
    );
    let sent = Instant::now();
    connection.post("/v1/batch", WRITE_KEY, &event)?.ok()?;
    let acknowledged = Instant::now();
    let person = NodeId::of("anonymous_id", &visitor).person();
    while !is_member(server, person)? {
        anyhow::ensure!(
            acknowledged.elapsed().as_secs() < 30,
            "a membership does not become visible"
        );
        std::thread::sleep(PROBE_PAUSE);
    }
    let call = format!(r#"{{"placements":["hero"],"identifiers":{{"anonymous_id":"{visitor}"}}}}"#);
    let answer = connection.post("/v1/decide", WRITE_KEY, &call)?.ok()?;
    let times = (acknowledged.elapsed(), sent.elapsed());
    let answer: Value = serde_json::from_slice(&answer)?;
    anyhow::ensure!(
        answer["decisions"][0]["choices"][0]["id"] == shop::PROBED,
        "a member was decided for as somebody else"
    );
    Ok(times)
}

fn is_member(server: &Local, person: PersonId) -> Result<bool> {
    let key = table::member(shop::PROBED, person);
    Ok(server.handle.view().state.get(&key)?.is_some())
}
