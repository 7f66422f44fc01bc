//! `kith bench graph`: what the identity graph costs an event, and how long taking a link back
//! from a large component takes.
//!
//! Both run the engine over a store on disk, without HTTP. What the graph costs is the difference
//! between events as clients send them and the same events with their strongest identifier alone.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, ensure};
use clap::Args;
use kith_base::{NodeId, Timestamp};
use kith_definition::Kind;
use kith_engine::state::Tx;
use kith_engine::table::{self, LinkHead, LinkRow, Neighbour, NodeRow, PersonRow};
use kith_engine::{Cache, Project};
use kith_event::{Event, Identifier, Record, Says, Verdict};
use serde_json::{Value, json};

use super::collect::BATCH;
use super::cpu;
use super::fill::{self, Parser};
use super::report::rounded;
use super::traffic::{Persons, Traffic};

/// Persons of the traffic, as in `kith bench collect`.
const PERSONS: u64 = 50_000;
/// The component that a link is taken back from: as large as components become.
const NODES: usize = kith_base::limits::COMPONENT_NODES_MAX;
const EDGES: usize = 100_000;
/// Links that are taken back, one after the other.
const UNLINKED: usize = 9;
/// Groups measured in turns, so that both meet the same machine.
const TURNS: usize = 20;

/// Options of `kith bench graph`.
#[derive(Debug, Args)]
pub struct Options {
    /// Events folded to measure what the graph costs
    #[arg(long, default_value_t = 400_000)]
    pub events: usize,
}

/// Runs both.
pub fn run(options: &Options, scratch: &Path) -> Result<Value> {
    let cost = cost(options, scratch)?;
    let unlink = unlink(&scratch.join("component"))?;
    let sorted = |of: fn(&Spent) -> f64| {
        let mut all: Vec<f64> = unlink.iter().map(of).collect();
        all.sort_unstable_by(f64::total_cmp);
        all
    };
    let (elapsed, processor) = (sorted(|one| one.elapsed), sorted(|one| one.processor));
    let events = options.events as f64;
    let (with, without) = (cost.with, cost.without);
    Ok(json!({
        "events_per_s": rounded(events / with.elapsed),
        "events_per_s_without_graph": rounded(events / without.elapsed),
        "graph_ratio": rounded(without.elapsed / with.elapsed),
        "graph_cpu_ratio": rounded(without.processor / with.processor),
        "cpu_us_per_event": rounded(with.processor / events * 1e6),
        "resolve_us": rounded((with.elapsed - without.elapsed) / events * 1e6),
        "new_links_per_event": rounded(cost.links / events),
        "unlink_p50_ms": rounded(elapsed[UNLINKED / 2] * 1e3),
        "unlink_max_ms": rounded(elapsed[UNLINKED - 1] * 1e3),
        "unlink_cpu_p50_ms": rounded(processor[UNLINKED / 2] * 1e3),
        "unlink_cpu_max_ms": rounded(processor[UNLINKED - 1] * 1e3),
        "component_nodes": NODES,
        "component_edges": EDGES,
    }))
}

/// Seconds on the wall, and of this thread's processor time, which hardly depends on who else uses
/// the machine.
#[derive(Clone, Copy, Default)]
struct Spent {
    elapsed: f64,
    processor: f64,
}

impl std::ops::AddAssign for Spent {
    fn add_assign(&mut self, more: Self) {
        self.elapsed += more.elapsed;
        self.processor += more.processor;
    }
}

struct Cost {
    with: Spent,
    without: Spent,
    links: f64,
}

/// One engine over a folder.
struct Engine {
    store: kith_store::Store,
    cache: Cache,
    project: Arc<Project>,
    next: u64,
}

impl Engine {
    fn open(folder: &Path) -> Result<Self> {
        let store = kith_store::open(folder, kith_store::Options::standard())?;
        let project = Arc::new(Project::load(&store.state)?);
        Ok(Engine {
            store,
            cache: Cache::default(),
            project,
            next: 0,
        })
    }

    fn apply(&mut self, records: &[Record]) -> Result<Spent> {
        let (begun, used) = (Instant::now(), cpu::of_thread());
        let state = &mut self.store.state;
        let (cache, project) = (&mut self.cache, &mut self.project);
        fill::apply_group(state, cache, project, self.next, records)?;
        self.next += records.len() as u64;
        Ok(Spent {
            elapsed: begun.elapsed().as_secs_f64(),
            processor: cpu::of_thread() - used,
        })
    }

    fn links(&self) -> Result<usize> {
        let rows = kith_engine::state::Read::range(
            &self.store.state,
            b"l",
            &table::end_of(b"l"),
            usize::MAX,
        )?;
        Ok(rows.len())
    }
}

fn cost(options: &Options, scratch: &Path) -> Result<Cost> {
    let mut with = Engine::open(&scratch.join("with"))?;
    let mut without = Engine::open(&scratch.join("without"))?;
    let mut traffic = Traffic::new(1, Persons::Shop(PERSONS));
    let mut parser = Parser::default();
    let mut cost = Cost {
        with: Spent::default(),
        without: Spent::default(),
        links: 0.0,
    };
    let group = (options.events / TURNS).max(BATCH);
    for turn in 0..TURNS {
        let mut records = Vec::with_capacity(group);
        while records.len() < group {
            let now = kith_runtime::now();
            let events = parser.events(&traffic.batch(BATCH, now), now)?;
            records.extend(events.into_iter().map(Record::Event));
        }
        let alone: Vec<Record> = records.iter().map(alone).collect();
        // Whoever is first finds the machine as the other left it: they take turns.
        let mut both = |first: bool| -> Result<()> {
            match first {
                true => cost.with += with.apply(&records)?,
                false => cost.without += without.apply(&alone)?,
            }
            Ok(())
        };
        both(turn % 2 == 0)?;
        both(turn % 2 == 1)?;
    }
    cost.links = with.links()? as f64;
    ensure!(cost.links > 0.0, "the made-up traffic links nobody");
    ensure!(without.links()? == 0, "an event with one identifier links");
    Ok(cost)
}

/// The same event with its strongest identifier alone.
fn alone(record: &Record) -> Record {
    let Record::Event(event) = record else {
        return record.clone();
    };
    let strongest = event
        .identifiers
        .iter()
        .max_by_key(|one| one.namespace == "user_id");
    Record::Event(Event {
        identifiers: strongest.cloned().into_iter().collect(),
        ..event.clone()
    })
}

/// How long it takes to take a link back from a component, one time after the other.
fn unlink(folder: &Path) -> Result<Vec<Spent>> {
    let at = kith_runtime::now();
    let mut engine = Engine::open(folder)?;
    let namespaces = json!({"namespaces": [
        {"name": "anonymous_id", "priority": 10, "limit": NODES},
    ]});
    let rules = fill::definition(Kind::Identity, "default", &namespaces, at);
    engine.apply(&[Record::Definition(rules)])?;
    let names: Vec<Identifier> = (0..NODES)
        .map(|number| Identifier::new("anonymous_id", format!("device-{number:04}")))
        .collect();
    write_component(&mut engine.store.state, &names, at)?;
    engine.cache = Cache::default();
    let mut taken = Vec::with_capacity(UNLINKED);
    for number in 0..UNLINKED {
        let verdict = Verdict {
            says: Says::Different,
            pairs: vec![(names[number].clone(), names[number + 1].clone())],
            at: Timestamp::from_millis(at.as_millis() + number as i64),
            by: "bench".to_owned(),
            reason: String::new(),
        };
        taken.push(engine.apply(&[Record::Verdict(verdict)])?);
    }
    let person = |identifier: &Identifier| {
        kith_engine::query::person_of(
            &engine.store.state,
            &engine.project,
            std::slice::from_ref(identifier),
        )
    };
    ensure!(
        person(&names[0])? != person(&names[1])?,
        "a link was taken back and its ends are one person"
    );
    Ok(taken)
}

/// Every node is linked with those that follow it, as if events had done it.
fn write_component(tx: &mut dyn Tx, names: &[Identifier], at: Timestamp) -> Result<()> {
    let ids: Vec<NodeId> = names
        .iter()
        .map(|one| NodeId::of(&one.namespace, &one.value))
        .collect();
    let leader = ids.iter().copied().min().expect("there are nodes");
    for (id, name) in ids.iter().zip(names) {
        let row = NodeRow {
            namespace: name.namespace.clone(),
            value: name.value.clone(),
            leader,
            generic: false,
            pardoned: false,
            judged: false,
            probable: false,
            fold: Default::default(),
        };
        tx.put(&table::node(leader, *id), table::encode(&row));
        if *id != leader {
            tx.put(&table::leader(*id), leader.0.to_vec());
        }
    }
    let mut nodes = ids.clone();
    nodes.sort_unstable();
    tx.put(
        &table::person(leader.person()),
        table::encode(&PersonRow { nodes }),
    );
    let persons = 1_u64.to_be_bytes().to_vec();
    tx.put(&table::mark(table::PERSONS), persons);
    let mut edges = 0;
    let mut neighbours: Vec<Vec<Neighbour>> = vec![Vec::new(); ids.len()];
    'written: for step in 1..ids.len() {
        for from in 0..ids.len() {
            if edges == EDGES {
                break 'written;
            }
            let to = (from + step) % ids.len();
            let head = LinkHead {
                first_at: Timestamp::from_millis(at.as_millis() - edges as i64),
                refusal: None,
            };
            let row = LinkRow {
                first_at: head.first_at,
                kind: kith_event::Kind::Track,
                source: "shop".to_owned(),
                message_id: format!("message-{edges:08}-0123456789abcdef"),
            };
            tx.put(&table::link(ids[from], ids[to]), table::encode(&row));
            neighbours[from].push((ids[to], head));
            neighbours[to].push((ids[from], head));
            edges += 1;
        }
    }
    for (id, mut of_one) in ids.iter().zip(neighbours) {
        of_one.sort_unstable_by_key(|(other, _)| *other);
        table::put_neighbours(tx, *id, &of_one)?;
    }
    ensure!(edges == EDGES, "{edges} links in the component");
    tx.commit()?;
    Ok(())
}
