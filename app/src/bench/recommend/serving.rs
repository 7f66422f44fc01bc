//! `kith bench recommend --items N`: recommendations as a running server makes them, over a large
//! made-up catalog.
//!
//! A store on disk, the log, the learner and its training; then recipes are decided for random
//! persons, warm, by the code that answers requests: what the models find, what rules, purchases
//! and the cart leave out, the best of the rest. Items and people follow Zipf's law by seed.

use std::path::Path;

use anyhow::Result;
use kith_base::{Duration, Json, Random, Timestamp, Value as Fact, digest};
use kith_definition::Kind;
use kith_engine::decide::{Request, decide};
use kith_event::{CatalogChange, Enrichment, Event, Identifier, Kind as EventKind, Record};
use kith_learning::Learner;
use kith_runtime::Handle;
use serde_json::{Map, Value, json};

use super::Options;
use super::timing::{Laps, Stopwatch, figure};
use crate::bench::zipf::Zipf;
use crate::bench::{cpu, fill};
use crate::output::Output;
use crate::wiring;

/// Events of a person.
const EVENTS_EACH: u64 = 10;
/// Items of one category, and of one taste.
const GROUP: u64 = 200;
const CHUNK: usize = 2_000;
/// Answers before those that are timed, and those.
const WARM: u64 = 500;
const CALLS: u64 = 3_000;
/// Places of the placements that are filled.
const LIMIT: usize = 10;

/// Recipes that are decided: each leaves out by a rule over items.
const RECIPES: [(&str, &[&str]); 6] = [
    ("pairs", &["item-to-item"]),
    ("visit", &["visits"]),
    ("taste", &["linear"]),
    ("alike", &["content"]),
    ("wanted", &["popular", "affinity"]),
    (
        "blend",
        &[
            "visits",
            "item-to-item",
            "linear",
            "content",
            "affinity",
            "popular",
        ],
    ),
];

/// Fills, learns, decides.
pub fn run(options: &Options, items: u64, scratch: &Path, output: Output) -> Result<Value> {
    let data = scratch.join("recommend");
    let handle = wiring::open(&data)?;
    let mut world = World {
        random: Random::new(options.seed),
        now: Timestamp::from_millis(1_767_225_600_000),
        items,
        all: Zipf::new(items),
        within: Zipf::new(GROUP.min(items)),
        persons: options.persons.max(1),
        messages: 0,
    };
    let watch = Stopwatch::start();
    wiring::block_on(world.fill(&handle))??;
    output.say(&format!("filled after {:.1} s", watch.seconds()));
    let watch = Stopwatch::start();
    let mut learner = Learner::in_folder(handle.clone(), &data.join("models"));
    while learner.step(world.now)? {}
    world.now = world.now.plus(Duration::from_secs(2));
    while learner.step(world.now)? {}
    let learned_s = watch.seconds();
    let watch = Stopwatch::start();
    learner.finish_training();
    let trained_s = watch.seconds();
    output.say(&format!(
        "learned in {learned_s:.1} s, trained in {trained_s:.1} s more"
    ));
    let mut figures = Map::new();
    let registry = learner.status().registry;
    let about = registry.about(kith_definition::RecipeModel::Linear);
    for (name, value) in [
        ("items", Value::from(items)),
        ("persons", Value::from(options.persons)),
        ("events", Value::from(world.messages)),
        ("seed", Value::from(options.seed)),
        ("calls", Value::from(CALLS)),
        ("learn_s", figure(learned_s)),
        ("train_s", figure(trained_s)),
        ("linear", Value::from(about.map(|about| about.chosen))),
    ] {
        figures.insert(name.to_owned(), value);
    }
    let mut slowest = (0.0f64, 0.0f64);
    for (name, _) in RECIPES {
        let told = world.ask(&handle, name)?;
        output.say(&format!("{name}: {told}"));
        let of = |member: &str| told[member].as_f64().unwrap_or(f64::INFINITY);
        slowest = (slowest.0.max(of("p50_us")), slowest.1.max(of("p99_us")));
        figures.insert(name.to_owned(), told);
    }
    figures.insert("slowest_p50_us".to_owned(), figure(slowest.0));
    figures.insert("slowest_p99_us".to_owned(), figure(slowest.1));
    handle.shutdown();
    Ok(Value::Object(figures))
}

struct World {
    random: Random,
    now: Timestamp,
    items: u64,
    all: Zipf,
    within: Zipf,
    persons: u64,
    messages: u64,
}

impl World {
    async fn fill(&mut self, handle: &Handle) -> Result<()> {
        let now = self.now;
        let mut definitions = Vec::new();
        for (name, models) in RECIPES {
            let ingredients: Vec<Value> =
                models.iter().map(|model| json!({"model": model})).collect();
            let recipe = json!({"ingredients": ingredients, "exclude_when": "item.price > 95"});
            let placement = json!({"type": "items", "limit": LIMIT, "recipe": name});
            definitions.push(fill::definition(Kind::Recipe, name, &recipe, now));
            definitions.push(fill::definition(Kind::Placement, name, &placement, now));
        }
        handle
            .append_applied(vec![Record::Definitions(definitions)])
            .await?;
        let mut item = 0;
        while item < self.items {
            let end = (item + CHUNK as u64).min(self.items);
            let items = (item..end).map(|number| self.item(number)).collect();
            handle
                .append_applied(vec![Record::Catalog(CatalogChange { at: now, items })])
                .await?;
            item = end;
        }
        let events = self.persons * EVENTS_EACH;
        let mut records = Vec::with_capacity(CHUNK);
        for number in 0..events {
            // Person after person would be no traffic: everybody is about at the same time.
            let person = self.random.below(self.persons);
            self.now = self.now.plus(Duration::from_millis(50));
            records.push(Record::Event(self.event(person)));
            if records.len() == CHUNK || number + 1 == events {
                handle.append_applied(std::mem::take(&mut records)).await?;
            }
        }
        Ok(())
    }

    fn item(&mut self, number: u64) -> (String, Option<Json>) {
        let (category, brand) = (number / GROUP, number % 97);
        let price = 1 + self.random.below(100);
        let words = self.random.below(1_000);
        let text = format!(
            r#"{{"title":"Item {number}","url":"https://shop.example/items/{number}",
            "image_url":"https://shop.example/images/{number}.jpg","price":"{price}.00",
            "currency":"EUR","categories":["c{category}"],"brand":"b{brand}",
            "attributes":{{"colour":"k{}","line":"w{words}"}},"available":true}}"#,
            number % 11
        );
        (
            format!("i{number}"),
            Some(Json::parse(&text).expect("it is JSON")),
        )
    }

    fn event(&mut self, person: u64) -> Event {
        self.messages += 1;
        let item = match self.random.chance(0.4) {
            true => self.all.draw(&mut self.random),
            false => (person * GROUP + self.within.draw(&mut self.random)) % self.items,
        };
        let name = match self.random.below(20) {
            0 => "Order Completed",
            1 | 2 => "Product Added",
            _ => "Product Viewed",
        };
        let category = item / GROUP;
        let text = format!(r#"{{"product_id":"i{item}","category":"c{category}"}}"#);
        Event {
            source: fill::SOURCE.to_owned(),
            message_id: format!("m{}", self.messages),
            kind: EventKind::Track,
            name: name.to_owned(),
            identifiers: vec![Identifier::new("user_id", format!("u{person}"))],
            received_at: self.now,
            occurred_at: self.now,
            original_at: None,
            properties: Json::parse(&text).expect("it is JSON"),
            traits: Json::empty(),
            context: Json::empty(),
            extra: Json::empty(),
            enrichment: Enrichment::default(),
        }
    }

    /// Decides one recipe for random persons.
    fn ask(&mut self, handle: &Handle, recipe: &str) -> Result<Value> {
        let view = handle.view();
        let (mut laps, mut shown, mut empty) = (Laps::default(), 0, 0u64);
        let mut used = 0.0;
        for call in 0..WARM + CALLS {
            let person = self.random.below(self.persons);
            let request = Request {
                placements: vec![recipe.to_owned()],
                identifiers: vec![Identifier::new("user_id", format!("u{person}"))],
                context: Fact::Null,
                ..Request::default()
            };
            let id = digest("bench", &[recipe.as_bytes(), &call.to_be_bytes()]);
            let before = cpu::of_thread();
            let lap = Stopwatch::start();
            let answer = decide(view.sources(), &request, self.now, id)?;
            if call >= WARM {
                laps.add(&lap);
                used += cpu::of_thread() - before;
                let counts = answer.outcomes().map(|outcome| outcome.entry.choices.len());
                let count: usize = counts.sum();
                shown += count;
                empty += u64::from(count < LIMIT);
            }
        }
        Ok(json!({
            "p50_us": figure(laps.at(0.5)),
            "p99_us": figure(laps.at(0.99)),
            "cpu_us": figure(used * 1e6 / CALLS as f64),
            "items_shown": shown,
            "not_full": empty,
        }))
    }
}
