//! `kith bench audience`: what keeping memberships true costs, and how soon they are.
//!
//! Two servers stand side by side, one without audiences: they take the same traffic in turns, so
//! that what else the machine does falls on both. The rest is asked of a folder with many persons.

mod persons;

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use kith_base::Duration as Span;
use kith_event::DefinitionChange;
use serde_json::{Value, json};

use super::collect::{self, LAG_MAX};
use super::cpu::Cpu;
use super::fill::{self, Fill};
use super::report::rounded;
use super::server::Local;
use super::{pace, shop, visible};
use crate::output::Output;

/// Turns of each of the two servers.
const TURNS: u32 = 5;

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
    let live = empty(&scratch.join("live"), shop::definitions(shop::AUDIENCES))?;
    let rates = rates(&bare, &live, time)?;
    drop(bare);
    output.say(&format!(
        "{:.0} events/s of {:.0}; half of that, with probes",
        rates.live, rates.bare
    ));
    let flips = visible::measure(&live, collect::SHOP, rates.live / 2.0, time)?;
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
        "flip_p50_ms": pace::ms(&flips.from_acknowledged, 0.5),
        "flip_p99_ms": pace::ms(&flips.from_acknowledged, 0.99),
        "flip_from_send_p50_ms": pace::ms(&flips.from_sent, 0.5),
        "flip_from_send_p99_ms": pace::ms(&flips.from_sent, 0.99),
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
        persons: collect::SHOP,
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
    for turn in 0..TURNS {
        for (server, (events, seconds, used)) in [bare, live].into_iter().zip(&mut sums) {
            let before = Cpu::now();
            let (time, turn) = (time / TURNS, u64::from(turn));
            let run = collect::batches(server, collect::SHOP, time, LAG_MAX, turn)?;
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
