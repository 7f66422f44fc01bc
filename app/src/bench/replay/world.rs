//! Random definitions, people and calls.

use std::collections::BTreeSet;

use kith_base::{Duration, Json, Random, Timestamp, Value as Fact};
use kith_definition::Kind;
use kith_engine::decide::Request;
use kith_event::{
    CatalogChange, DefinitionChange, Enrichment, Event, Identifier, Kind as EventKind, Record,
};
use serde_json::{Value, json};

use crate::bench::fill;

const PLACEMENTS: u64 = 12;
const OFFERS: u64 = 60;
const RECIPES: u64 = 5;
pub const PERSONS: u64 = 500;
pub const ITEMS: u64 = 80;

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
const ITEM_RULES: [&str; 4] = [
    "item.price > 30",
    "item.price < traits.age",
    "item.categories contains \"c1\"",
    "context.page = \"cart\"",
];
const MODELS: [&str; 8] = [
    "visits",
    "item-to-item",
    "linear",
    "content",
    "again",
    "affinity",
    "popular",
    "trending",
];

/// What is random, and the clock.
pub struct World {
    pub random: Random,
    pub now: Timestamp,
    messages: u64,
}

impl World {
    pub fn new(seed: u64) -> Self {
        World {
            random: Random::new(seed),
            now: Timestamp::from_millis(1_767_225_600_000),
            messages: 0,
        }
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.random.below(from.len() as u64) as usize]
    }

    fn chance(&mut self, probability: f64) -> bool {
        self.random.chance(probability)
    }

    /// Anew, this share of all definitions.
    pub fn definitions(&mut self, share: f64) -> Vec<DefinitionChange> {
        let mut all = Vec::new();
        for number in 0..PLACEMENTS {
            if self.chance(share) {
                let spec = self.placement(number);
                let id = format!("p{number}");
                all.push(fill::definition(Kind::Placement, &id, &spec, self.now));
            }
        }
        for number in 0..RECIPES {
            if self.chance(share) {
                let (spec, id) = (self.recipe(number), format!("r{number}"));
                all.push(fill::definition(Kind::Recipe, &id, &spec, self.now));
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
        if number % 4 == 3 && number > 3 {
            let recipe = format!("r{}", self.random.below(RECIPES));
            return json!({"type": "items", "limit": limit + 2, "recipe": recipe});
        }
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

    /// A recipe that falls back on the one after it.
    fn recipe(&mut self, number: u64) -> Value {
        let models: BTreeSet<&str> = (0..1 + self.random.below(3))
            .map(|_| self.pick(&MODELS))
            .collect();
        let ingredients: Vec<Value> = models
            .into_iter()
            .map(|model| json!({"model": model, "weight": 1 + self.random.below(4)}))
            .collect();
        let fallbacks: Vec<String> = (number + 1..RECIPES.min(number + 2))
            .map(|next| format!("r{next}"))
            .collect();
        let boost = json!({"when": self.pick(&ITEM_RULES), "factor": 2.5});
        let category = json!(1 + self.random.below(3));
        json!({
            "ingredients": ingredients,
            "include_when": if self.chance(0.3) { self.pick(&ITEM_RULES) } else { "" },
            "exclude_when": if self.chance(0.3) { self.pick(&ITEM_RULES) } else { "" },
            "boosts": if self.chance(0.4) { vec![boost] } else { Vec::new() },
            "diversity": {
                "per_category": if self.chance(0.4) { category } else { Value::Null },
                "mmr": if self.chance(0.4) { 0.3 } else { 0.0 },
            },
            "exploration": if self.chance(0.4) { 0.2 } else { 0.0 },
            "fallbacks": fallbacks,
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

    pub fn items(&mut self) -> Record {
        let item = |number| {
            let text = format!(
                r#"{{"title":"I {number}","available":{},"price":"{}.50","categories":["c{}"]}}"#,
                number % 9 != 0,
                number * 13 % 50,
                number % 5
            );
            let item = Json::parse(&text).expect("it is JSON");
            (format!("i{number}"), Some(item))
        };
        Record::Catalog(CatalogChange {
            at: self.now,
            items: (0..ITEMS).map(item).collect(),
        })
    }

    pub fn identify(&mut self, person: u64) -> Record {
        let mut event = self.event(person, "", "{}");
        event.kind = EventKind::Identify;
        let plan = self.pick(&["pro", "free", "team"]);
        let age = 18 + self.random.below(50);
        let text = format!(r#"{{"plan":"{plan}","age":{age}}}"#);
        event.traits = Json::parse(&text).expect("it is JSON");
        Record::Event(event)
    }

    pub fn event(&mut self, person: u64, name: &str, properties: &str) -> Event {
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

    pub fn request(&mut self, person: u64, most: u64) -> Request {
        let count = (1 + self.random.below(3)).min(most);
        let placements = (0..count).map(|_| format!("p{}", self.random.below(PLACEMENTS)));
        let placements: Vec<String> = placements.collect();
        let page = self.pick(&["home", "cart", "product"]);
        let item = format!("i{}", self.random.below(ITEMS));
        let context = [("page", Fact::from(page)), ("item_id", Fact::Text(item))];
        // Now and then the caller has found items; a placement of offers passes over them.
        let mut items = BTreeSet::new();
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
