//! `kith bench counts`: pairs of items counted from a stream of events, in bounded memory.
//!
//! The events are made up by seed: users by Zipf's law, items half by Zipf's law over all and half
//! within a group of the user's own, as tastes are. They are counted by the code that a running
//! server counts with, one after the other on one core.

use anyhow::{Context, Result};
use clap::Args;
use kith_base::{Random, limits};
use kith_learn::counts::{Counts, Room};
use serde_json::{Value, json};

use super::cpu;
use super::recommend::timing::{Stopwatch, figure};
use super::report::rounded;
use super::zipf::Zipf;

/// Options of `kith bench counts`.
#[derive(Debug, Args)]
pub struct Options {
    /// Events counted
    #[arg(long, default_value_t = 20_000_000)]
    events: u64,
    /// Different items
    #[arg(long, default_value_t = 100_000)]
    items: u64,
    /// Different users
    #[arg(long, default_value_t = 2_000_000)]
    users: u64,
    /// Of everything that is random
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Items of one taste.
const GROUP: u64 = 200;
/// Between two events.
const STEP_MILLIS: i64 = 200;
const HALF_LIFE_MILLIS: i64 = 30 * 86_400_000;
/// Bytes of a pair; its row may have room for as many again while it grows.
const PAIR_BYTES: u64 = 12;
/// Bytes of a user: the latest items, the place in two ordered maps, what the allocator rounds up.
const USER_BYTES: u64 = 320;
/// Bytes of an item besides its pairs.
const ITEM_BYTES: u64 = 40;

/// Counts.
pub fn run(options: &Options) -> Result<Value> {
    anyhow::ensure!(
        (1..=limits::LEARN_ITEMS_MAX as u64).contains(&options.items) && options.users > 0,
        "between one item and {}, and at least one user",
        limits::LEARN_ITEMS_MAX
    );
    let mut random = Random::new(options.seed);
    let (users, items) = (Zipf::new(options.users), Zipf::new(options.items));
    let within = Zipf::new(GROUP.min(options.items));
    let mut counts = Counts::new(Room::default(), HALF_LIFE_MILLIS);
    let before = cpu::of_thread();
    let watch = Stopwatch::start();
    let mut most = 0;
    for event in 0..options.events {
        let user = users.draw(&mut random);
        let item = match random.chance(0.5) {
            true => items.draw(&mut random),
            false => (user * GROUP + within.draw(&mut random)) % options.items,
        };
        counts.observe(user, item as u32, event as i64 * STEP_MILLIS);
        most = most.max(counts.pairs());
    }
    let (elapsed, used) = (watch.seconds(), cpu::of_thread() - before);
    let room = Room::default();
    let bound = room.pairs as u64 * PAIR_BYTES * 2
        + room.users as u64 * USER_BYTES
        + options.items * ITEM_BYTES;
    let peak = cpu::peak_bytes().context("the system tells no peak of memory")?;
    Ok(json!({
        "events": options.events,
        "items": options.items,
        "users": options.users,
        "seed": options.seed,
        "events_per_s_per_core": (options.events as f64 / used).round(),
        "us_per_event": figure(used * 1e6 / options.events.max(1) as f64),
        "elapsed_s": figure(elapsed),
        "pairs_at_most": most,
        "pairs_limit": room.pairs,
        "users_held": counts.users(),
        "users_limit": room.users,
        "peak_rss_mb": rounded(peak / 1e6),
        "memory_bound_mb": rounded(bound as f64 / 1e6),
    }))
}
