//! `kith bench replay`: random decisions over random definitions on a store on disk, taken again
//! after a restart and after every definition was changed. Each must give the same bytes.
//!
//! Placements rank by formulas, learn, recommend items and fall back; offers have layers, limits
//! and schedules; people click or not, so that what is learned changes all the time; definitions
//! change on the way.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Args;
use kith_base::{Duration, Json, Random, Timestamp, Value as Fact, digest};
use kith_definition::Kind;
use kith_engine::decide::{Request, replay};
use kith_event::{
    CatalogChange, DefinitionChange, Enrichment, Event, Identifier, Kind as EventKind, Record,
};
use kith_learning::Learner;
use kith_runtime::Handle;
use serde_json::{Value, json};

use super::fill;
use crate::wiring;

const PLACEMENTS: u64 = 12;
const OFFERS: u64 = 60;
const PERSONS: u64 = 500;
const ITEMS: u64 = 80;
/// Definitions change so often on the way.
const CHANGES: u64 = 20;
/// Calls between two looks of the learner.
const CALLS_PER_LOOK: u64 = 200;
const CHUNK: usize = 1_000;

const RULES: [&str; 9] = [
    "",
    "",
    "traits.plan = \"pro\"",
    "traits.age >= 30 or traits.plan is missing",
    "count(\"Product Viewed\", 7 days) >= 2",
    "features.last_seen_at > now - 2 days",
    "context.page = \"home\"",
    "not consent.marketing",
    "local_hour < 12",
];
const FORMULAS: [&str; 4] = [
    "",
    "propensity * value - default(offer.cost, 0)",
    "lever * default(traits.age, 20) / (context + 1)",
    "value / offer.cost",
];
const FEATURES: [&str; 5] = [
    "traits.plan",
    "traits.age",
    "context.page",
    "local_hour",
    "count(\"Product Viewed\", 7 days)",
];

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
    let mut world = World {
        random: Random::new(options.seed),
        now: Timestamp::from_millis(1_767_225_600_000),
        messages: 0,
    };
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

struct World {
    random: Random,
    now: Timestamp,
    messages: u64,
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

impl World {
    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.random.below(from.len() as u64) as usize]
    }

    fn chance(&mut self, probability: f64) -> bool {
        self.random.chance(probability)
    }

    /// Anew, this share of all definitions.
    fn definitions(&mut self, share: f64) -> Vec<DefinitionChange> {
        let mut all = Vec::new();
        for number in 0..PLACEMENTS {
            if self.chance(share) {
                let spec = self.placement(number);
                let id = format!("p{number}");
                all.push(fill::definition(Kind::Placement, &id, &spec, self.now));
            }
        }
        for number in 0..OFFERS {
            if self.chance(share) {
                let (spec, id) = (self.offer(), format!("o{number}"));
                all.push(fill::definition(Kind::Offer, &id, &spec, self.now));
            }
        }
        all
    }

    fn placement(&mut self, number: u64) -> Value {
        let limit = 1 + self.random.below(3);
        if number % 4 == 3 {
            let strategies: Vec<Value> = ["recently-viewed", "also-viewed", "popular-now"]
                .iter()
                .map(|name| json!({"strategy": name}))
                .collect();
            return json!({"type": "items", "limit": limit + 2, "strategies": strategies});
        }
        let features: Vec<&str> = FEATURES
            .into_iter()
            .filter(|_| self.random.chance(0.5))
            .collect();
        let learning = json!({
            "features": features,
            "window_days": 1 + self.random.below(2),
            "floor": 0.01 + self.random.unit() * 0.2,
        });
        let falls_back = self.chance(0.4) && !number.is_multiple_of(4);
        let floors = match self.chance(0.3) {
            true => json!([{"name": "cost", "formula": "default(offer.cost, 0)", "at_most": 4}]),
            false => json!([]),
        };
        json!({
            "type": "offers",
            "limit": limit,
            "silence_promotions_when": if self.chance(0.1) { self.pick(&RULES[2..]) } else { "" },
            "formula": self.pick(&FORMULAS),
            "levers": [{"offer": format!("o{}", self.random.below(OFFERS)), "lever": 2.5}],
            "floors": floors,
            "silence_below": if self.chance(0.2) { json!(0.4) } else { Value::Null },
            "learning": if self.chance(0.6) { learning } else { Value::Null },
            "fallback": {
                "placement": if falls_back { json!("p0") } else { Value::Null },
                "content": {"title": "Welcome"},
            },
        })
    }

    fn offer(&mut self) -> Value {
        let places: Vec<String> = (0..PLACEMENTS)
            .filter(|number| number % 4 != 3)
            .filter(|_| self.random.chance(0.3))
            .map(|number| format!("p{number}"))
            .collect();
        let limits = match self.random.below(10) {
            0 => json!({"stock": self.random.below(200)}),
            1 => json!({"per_person": {"count": 1, "days": 2}, "keep_days": 1}),
            2 => json!({"budget": {"amount": 50, "cost": 1}, "coupon": {"prefix": "X-"}}),
            _ => json!({}),
        };
        let kinds = [
            "promotion",
            "promotion",
            "promotion",
            "promotion",
            "service",
        ];
        let mut spec = json!({
            "placements": if places.is_empty() { vec!["p0".to_owned()] } else { places },
            "kind": self.pick(&kinds),
            "priority": self.random.below(5),
            "when": self.pick(&RULES),
            "applicable_when": self.pick(&RULES),
            "never_when": if self.chance(0.1) { self.pick(&RULES[2..]) } else { "" },
            "value": self.random.unit() * 3.0,
            "propensity": self.random.unit(),
            "limits": limits,
            "content": {"title": format!("Offer {}", self.random.below(1_000))},
        });
        if self.chance(0.5) {
            spec["context"] = json!([{"when": self.pick(&RULES[2..]), "weight": 1.3}]);
            spec["figures"] = json!([{"name": "cost", "value": self.random.unit() * 5.0}]);
        }
        if self.chance(0.2) {
            let ends = Duration::from_secs(self.random.below(864_000) as i64);
            spec["ends_at"] = json!(self.now.plus(ends).to_string());
        }
        spec
    }

    fn items(&mut self) -> Record {
        let item = |number| {
            let text = format!(
                r#"{{"title":"Item {number}","available":{}}}"#,
                number % 9 != 0
            );
            let item = Json::parse(&text).expect("it is JSON");
            (format!("i{number}"), Some(item))
        };
        Record::Catalog(CatalogChange {
            at: self.now,
            items: (0..ITEMS).map(item).collect(),
        })
    }

    fn identify(&mut self, person: u64) -> Record {
        let mut event = self.event(person, "", "{}");
        event.kind = EventKind::Identify;
        let plan = self.pick(&["pro", "free", "team"]);
        let age = 18 + self.random.below(50);
        let text = format!(r#"{{"plan":"{plan}","age":{age}}}"#);
        event.traits = Json::parse(&text).expect("it is JSON");
        Record::Event(event)
    }

    fn event(&mut self, person: u64, name: &str, properties: &str) -> Event {
        self.messages += 1;
        Event {
            source: fill::SOURCE.to_owned(),
            message_id: format!("m{}", self.messages),
            kind: EventKind::Track,
            name: name.to_owned(),
            identifiers: vec![Identifier::new("user_id", format!("u{person}"))],
            received_at: self.now,
            occurred_at: self.now,
            original_at: None,
            properties: Json::parse(properties).expect("it is JSON"),
            traits: Json::empty(),
            context: Json::empty(),
            extra: Json::empty(),
            enrichment: Enrichment::default(),
        }
    }

    fn request(&mut self, person: u64, most: u64) -> Request {
        let count = (1 + self.random.below(3)).min(most);
        let placements = (0..count).map(|_| format!("p{}", self.random.below(PLACEMENTS)));
        let placements: Vec<String> = placements.collect();
        let page = self.pick(&["home", "cart", "product"]);
        let item = format!("i{}", self.random.below(ITEMS));
        let context = [("page", Fact::from(page)), ("item_id", Fact::Text(item))];
        // Now and then the caller has found items; a placement of offers passes over them.
        let mut items = std::collections::BTreeSet::new();
        if self.random.below(4) == 0 {
            let found = 1 + self.random.below(30);
            items.extend((0..found).map(|_| format!("i{}", self.random.below(ITEMS + 5))));
        }
        Request {
            items: items.into_iter().collect(),
            placements,
            identifiers: vec![Identifier::new("user_id", format!("u{person}"))],
            context: Fact::Map(
                context
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect(),
            ),
        }
    }
}

#[derive(Default)]
struct Replayed {
    decisions: u64,
    different: u64,
    failed: u64,
    drawn: u64,
    of_items: u64,
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
            found.look(&taken.record.read()?);
        }
    }
}

impl Replayed {
    /// Counts what kinds of decisions there were.
    fn look(&mut self, record: &Value) {
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
            for kind in ["drawn", "of_items", "with_grants", "fallbacks"] {
                assert!(figures[kind].as_u64() > Some(0), "no decision {kind}");
            }
        }
    }
}
