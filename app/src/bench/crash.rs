//! `kith bench crash`: `kill -9` under load, again and again; then everything is counted.
//!
//! Clients send batches with known message ids over several connections. A batch that was not
//! acknowledged before the kill is sent again to the next server, as every client library does,
//! or is given up: both must count at most once. At the end the folder is opened here and three
//! places are compared: what was acknowledged, what the log holds, what the state counts, per
//! person and in all.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use indicatif::ProgressBar;
use kith_base::{PersonId, Random};
use kith_engine::query;
use kith_engine::state::Read;
use kith_engine::table::Entry;
use kith_event::{Identifier, Record};
use kith_runtime::{Handle, View};
use serde_json::{Value, json};

use super::fill::{self, Fill, SOURCE, WRITE_KEY};
use super::http::Connection;
use super::server::Served;
use super::traffic::Persons;
use crate::output::Output;
use crate::wiring;

const CLIENTS: usize = 6;
const BATCH_MAX: u64 = 30;
/// Devices that act; two of them belong to one user.
const DEVICES: u64 = 400;
/// A server lives so long under load, at most.
const LIFE_MAX_MS: u64 = 700;
/// Every so many rounds the server is killed while it starts.
const EARLY_KILL_EVERY: u64 = 8;
const PAGE: usize = 4_096;

/// Options of `kith bench crash`.
#[derive(Debug, Args)]
pub struct Options {
    /// How many times the server is killed
    #[arg(long, default_value_t = 200)]
    pub rounds: u64,
}

/// One message: which client sent it, and which of its messages it is.
type Message = (usize, u64);

/// One client, over all rounds.
struct Client {
    number: usize,
    random: Random,
    next: u64,
    /// Sent, but not acknowledged before the kill.
    pending: Option<Vec<u64>>,
    acknowledged: Vec<u64>,
    resent: u64,
}

/// Runs the rounds and counts.
pub fn run(options: &Options, scratch: &Path, output: Output) -> Result<Value> {
    let data = scratch.join("crash");
    let empty = Fill {
        events: 0,
        persons: Persons::Each(1),
        span: kith_base::Duration::from_millis(0),
        definitions: Vec::new(),
    };
    fill::fill(&data, &empty)?;
    let mut clients: Vec<Client> = (0..CLIENTS).map(Client::new).collect();
    let mut random = Random::new(7);
    let bar = ProgressBar::new(options.rounds);
    for round in 0..options.rounds {
        if round % EARLY_KILL_EVERY == EARLY_KILL_EVERY - 1 {
            let server = Served::spawn(&data)?;
            std::thread::sleep(Duration::from_millis(random.below(150)));
            server.kill()?;
        }
        let server = Served::start(&data)?;
        let life = Duration::from_millis(20 + random.below(LIFE_MAX_MS));
        live_and_die(server, life, &mut clients).with_context(|| format!("in round {round}"))?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    output.say("counting what was acknowledged, what the log holds and what the state counts");
    let handle = wiring::open(&data)?;
    wiring::block_on(handle.wait_applied(handle.status().end))??;
    let counts = count(&handle, &clients)?;
    handle.shutdown();
    Ok(json!({
        "rounds": options.rounds,
        "acknowledged": clients.iter().map(|client| client.acknowledged.len()).sum::<usize>(),
        "lost": counts.lost,
        "doubled": counts.doubled,
        "resent": clients.iter().map(|client| client.resent).sum::<u64>(),
        "in_log": counts.in_log,
        "repeats_in_log": counts.repeats_in_log,
    }))
}

fn live_and_die(server: Served, life: Duration, clients: &mut [Client]) -> Result<()> {
    let address = server.address;
    let dead = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let dead = &dead;
        let running: Vec<_> = clients
            .iter_mut()
            .map(|client| {
                scope.spawn(move || -> Result<()> {
                    let Ok(mut connection) = Connection::open(address) else {
                        return Ok(());
                    };
                    while !dead.load(Ordering::Acquire) && client.turn(&mut connection)? {}
                    Ok(())
                })
            })
            .collect();
        std::thread::sleep(life);
        let killed = server.kill();
        dead.store(true, Ordering::Release);
        for client in running {
            client.join().expect("a client does not panic")?;
        }
        killed
    })
}

impl Client {
    fn new(number: usize) -> Self {
        Client {
            number,
            random: Random::new(number as u64),
            next: 0,
            pending: None,
            acknowledged: Vec::new(),
            resent: 0,
        }
    }

    /// Sends one batch; false when the server is gone.
    fn turn(&mut self, connection: &mut Connection) -> Result<bool> {
        let again = self.pending.take().filter(|_| self.random.chance(0.7));
        self.resent += again.as_ref().map_or(0, |batch| batch.len() as u64);
        let batch = again.unwrap_or_else(|| {
            let first = self.next;
            self.next += 1 + self.random.below(BATCH_MAX);
            (first..self.next).collect()
        });
        let body = body(self.number, &batch);
        match connection.post("/v1/batch", WRITE_KEY, &body) {
            Ok(answer) if answer.status == 200 => {
                self.acknowledged.extend(batch);
                Ok(true)
            }
            Ok(answer) if answer.status == 429 || answer.status == 503 => {
                self.pending = Some(batch);
                Ok(true)
            }
            Ok(answer) => anyhow::bail!("the server answered {}", answer.status),
            Err(_) => {
                self.pending = Some(batch);
                Ok(false)
            }
        }
    }
}

/// The same message always has the same content.
fn body(client: usize, batch: &[u64]) -> String {
    let event = |serial: &u64| {
        let device = device((client, *serial));
        let what = match serial % 5 {
            0 => format!(r#""type":"identify","userId":"user-{}""#, device / 2),
            1 => r#""type":"page","properties":{"path":"/"}"#.to_owned(),
            _ => r#""type":"track","event":"Product Viewed","properties":{"product_id":"p"}"#
                .to_owned(),
        };
        format!(r#"{{"messageId":"{client}-{serial}","anonymousId":"device-{device}",{what}}}"#)
    };
    let events: Vec<String> = batch.iter().map(event).collect();
    format!(r#"{{"batch":[{}]}}"#, events.join(","))
}

fn device((client, serial): Message) -> u64 {
    Random::new(serial * CLIENTS as u64 + client as u64).below(DEVICES)
}

struct Counts {
    lost: u64,
    doubled: u64,
    in_log: u64,
    repeats_in_log: u64,
}

fn count(handle: &Handle, clients: &[Client]) -> Result<Counts> {
    let (in_log, repeats_in_log) = read_log(handle)?;
    let view = handle.view();
    let mut counts = Counts {
        lost: 0,
        doubled: 0,
        in_log: in_log.len() as u64,
        repeats_in_log,
    };
    for client in clients {
        for serial in &client.acknowledged {
            let message = (client.number, *serial);
            let id = format!("{}-{serial}", client.number);
            let folded = query::event_position(&*view.state, [SOURCE].into_iter(), &id)?.is_some();
            counts.lost += u64::from(!in_log.contains(&message) || !folded);
        }
    }
    let total = query::overview(&*view.state, kith_runtime::now())?.events;
    counts.compare(in_log.len() as u64, total);
    let mut expected: BTreeMap<u64, u64> = BTreeMap::new();
    for message in &in_log {
        *expected.entry(device(*message) / 2).or_default() += 1;
    }
    for (user, expected) in expected {
        let (folded, listed) = of_user(&view, user)?;
        counts.compare(expected, folded);
        counts.compare(expected, listed);
    }
    Ok(counts)
}

impl Counts {
    fn compare(&mut self, expected: u64, found: u64) {
        self.lost += expected.saturating_sub(found);
        self.doubled += found.saturating_sub(expected);
    }
}

/// Every message in the log, and how many records repeat an earlier one.
fn read_log(handle: &Handle) -> Result<(BTreeSet<Message>, u64)> {
    let mut messages = BTreeSet::new();
    let mut repeats = 0;
    let mut next = 0;
    loop {
        let page = handle.read_log(next, PAGE)?;
        let Some((last, _)) = page.last() else { break };
        next = last + 1;
        for (_, record) in page {
            if let Record::Event(event) = record? {
                let message = event
                    .message_id
                    .split_once('-')
                    .and_then(|(client, serial)| {
                        Some((client.parse().ok()?, serial.parse().ok()?))
                    });
                let message = message.context("the log holds a message nobody sent")?;
                repeats += u64::from(!messages.insert(message));
            }
        }
    }
    Ok((messages, repeats))
}

/// Events in the profile, and on the timeline, of a user's two devices together.
fn of_user(view: &View, user: u64) -> Result<(u64, u64)> {
    let mut persons: BTreeSet<PersonId> = BTreeSet::new();
    for device in [2 * user, 2 * user + 1] {
        let identifier = Identifier::new("anonymous_id", format!("device-{device}"));
        persons.extend(query::person_of(state(view), &view.project, &[identifier])?);
    }
    let (mut folded, mut listed) = (0, 0);
    for person in persons {
        let profile = query::profile(state(view), &view.project, person)?;
        folded += profile.map_or(0, |profile| profile.fold.event_count);
        let events = Some(Entry::Event);
        listed += query::timeline(state(view), person, None, events, usize::MAX)?.len() as u64;
    }
    Ok((folded, listed))
}

fn state(view: &View) -> &dyn Read {
    view.state.as_ref()
}
