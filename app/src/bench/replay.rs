//! `kith bench replay`: random decisions over random definitions on a store on disk, taken again
//! after a restart and after every definition was changed. Each must give the same bytes.
//!
//! Placements rank by formulas, learn, recommend items by strategies and recipes, order what the
//! caller found, and fall back; offers have layers, limits and schedules; people click or not, so
//! that what is learned changes all the time; definitions change on the way.

mod world;

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Args;
use kith_base::{Duration, digest};
use kith_engine::decide::replay;
use kith_event::Record;
use kith_learning::Learner;
use kith_runtime::Handle;
use serde_json::{Value, json};

use crate::wiring;
use world::{ITEMS, PERSONS, World};

/// Definitions change so often on the way.
const CHANGES: u64 = 20;
/// Calls between two looks of the learner.
const CALLS_PER_LOOK: u64 = 200;
const CHUNK: usize = 1_000;

/// Options of `kith bench replay`.
#[derive(Debug, Args)]
pub struct Options {
    /// Decisions taken
    #[arg(long, default_value_t = 100_000)]
    pub decisions: u64,
    /// Of everything that is random
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// Decides, restarts, changes all definitions, decides again.
pub fn run(options: &Options, scratch: &Path) -> Result<Value> {
    let data = scratch.join("replay");
    let mut world = World::new(options.seed);
    let handle = wiring::open(&data)?;
    let mut learner = Learner::in_folder(handle.clone(), &data.join("models"));
    wiring::block_on(take(&handle, &mut learner, &mut world, options))??;
    learner.write();
    drop(learner);
    handle.shutdown();
    drop(handle);

    let handle = wiring::open(&data)?;
    let restarted = replay_all(&handle)?;
    let all = world.definitions(1.0);
    wiring::block_on(handle.append_applied(vec![Record::Definitions(all)]))??;
    let begun = Instant::now();
    let changed = replay_all(&handle)?;
    let elapsed = begun.elapsed();
    handle.shutdown();
    Ok(json!({
        "decisions": changed.decisions,
        "seed": options.seed,
        "different_after_restart": restarted.different,
        "different_after_change": changed.different,
        "not_replayable": changed.failed,
        "drawn": changed.drawn,
        "of_items": changed.of_items,
        "by_recipe": changed.by_recipe,
        "reranked": changed.reranked,
        "with_grants": changed.granted,
        "fallbacks": changed.fallbacks,
        "policies_that_served": changed.served,
        "replays_per_s": (changed.decisions as f64 / elapsed.as_secs_f64()).round(),
    }))
}

/// The figures as lines for people.
pub fn lines(figures: &Value) -> String {
    let members = figures.as_object().into_iter().flatten();
    members
        .map(|(name, value)| format!("{name:<26}{value}\n"))
        .collect()
}

/// True when every decision was the same.
pub fn is_exact(figures: &Value) -> bool {
    let none = |name: &str| figures[name] == 0;
    none("different_after_restart") && none("different_after_change") && none("not_replayable")
}

async fn take(
    handle: &Handle,
    learner: &mut Learner,
    world: &mut World,
    options: &Options,
) -> Result<()> {
    let mut records = vec![Record::Definitions(world.definitions(1.0)), world.items()];
    records.extend((0..PERSONS).map(|person| world.identify(person)));
    handle.append_applied(records).await?;
    let (mut taken, mut calls) = (0, 0);
    let change_every = (options.decisions / CHANGES).max(1);
    let mut change_at = change_every;
    while taken < options.decisions {
        calls += 1;
        world.now = world
            .now
            .plus(Duration::from_millis(world.random.below(240_000) as i64));
        let person = world.random.below(PERSONS + 5);
        let request = world.request(person, options.decisions - taken);
        let call = digest("bench", &[&options.seed.to_be_bytes(), &calls_bytes(calls)]);
        let decided = handle.decide(request, None, world.now, call).await?;
        let mut happened = Vec::new();
        for outcome in decided.answer.outcomes() {
            taken += 1;
            if world.random.chance(0.2) {
                let id = &outcome.entry.decision_id;
                let properties = format!(r#"{{"decision_id":"{id}"}}"#);
                happened.push(world.event(person, "Decision Clicked", &properties));
            }
        }
        if world.random.chance(0.3) {
            let item = world.random.below(ITEMS);
            let properties = format!(r#"{{"product_id":"i{item}"}}"#);
            let name = ["Product Viewed", "Order Completed"][usize::from(item.is_multiple_of(7))];
            happened.push(world.event(person, name, &properties));
        }
        for event in happened {
            handle.append_later(Record::Event(event))?;
        }
        if calls.is_multiple_of(CALLS_PER_LOOK) {
            handle.append_applied(vec![Record::Tick(world.now)]).await?;
            while learner.step(world.now)? {}
        }
        if taken >= change_at {
            change_at += change_every;
            let some = world.definitions(0.2);
            handle
                .append_applied(vec![Record::Definitions(some)])
                .await?;
        }
    }
    handle.append_applied(vec![Record::Tick(world.now)]).await?;
    while learner.step(world.now)? {}
    Ok(())
}

fn calls_bytes(calls: u64) -> [u8; 8] {
    calls.to_be_bytes()
}

#[derive(Default)]
struct Replayed {
    decisions: u64,
    different: u64,
    failed: u64,
    drawn: u64,
    of_items: u64,
    by_recipe: u64,
    reranked: u64,
    granted: u64,
    fallbacks: u64,
    served: std::collections::BTreeSet<String>,
}

/// Takes every decision of the log again.
fn replay_all(handle: &Handle) -> Result<Replayed> {
    wiring::block_on(handle.wait_applied(handle.status().end))??;
    let view = handle.view();
    let (mut found, mut next) = (Replayed::default(), 0);
    loop {
        let records = handle.read_log(next, CHUNK).context("reading the log")?;
        let Some((last, _)) = records.last() else {
            return Ok(found);
        };
        next = last + 1;
        for (_, record) in records {
            let Record::Decision(taken) = record? else {
                continue;
            };
            found.decisions += 1;
            match replay(&*view.state, &taken) {
                Ok(again) => found.different += u64::from(again.as_str() != taken.record.as_str()),
                Err(_) => found.failed += 1,
            }
            found.look(&taken.record.read()?, &taken.inputs.read()?);
        }
    }
}

impl Replayed {
    /// Counts what kinds of decisions there were.
    fn look(&mut self, record: &Value, stored: &Value) {
        let items = &stored["inputs"]["items"];
        self.by_recipe += u64::from(items["recipes"].is_array() && items["named"].is_null());
        self.reranked += u64::from(items["named"].is_array());
        if let Some(serves) = record["learning"]["serves"].as_str() {
            self.drawn += 1;
            self.served.insert(serves.to_owned());
        }
        let choices = record["decision"]["choices"].as_array();
        let choices = choices.map_or(&[][..], Vec::as_slice);
        let any = |is: &dyn Fn(&Value) -> bool| u64::from(choices.iter().any(is));
        self.of_items += any(&|choice| choice["kind"] == "item");
        self.granted += any(&|choice| !choice["granted"].is_null());
        self.fallbacks += u64::from(record["decision"]["fallback"] == true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_are_the_same_after_a_restart_and_a_change() {
        let scratch = tempfile::tempdir().unwrap();
        for seed in 1..3 {
            let options = Options {
                decisions: 600,
                seed,
            };
            let figures = run(&options, scratch.path().join(seed.to_string()).as_path()).unwrap();
            assert_eq!(figures["decisions"], 600);
            assert!(is_exact(&figures), "seed {seed}: {figures}");
            let kinds = [
                "drawn",
                "of_items",
                "by_recipe",
                "reranked",
                "with_grants",
                "fallbacks",
            ];
            for kind in kinds {
                assert!(figures[kind].as_u64() > Some(0), "no decision {kind}");
            }
        }
    }
}
