//! A made-up shop: visitors with a device and a line each, who lose their visitor id now and then.

use std::collections::BTreeMap;

use kith_base::{Json, Random};
use kith_event::{Enrichment, Kind, Record};

use crate::world::World;

/// Between two visits, in seconds: three are under way at a time.
const STEP_S: i64 = 600;

/// Visits so far.
pub struct Shop {
    random: Random,
    persons: u64,
    /// The id that each person has now, and whose each id is.
    ids: Vec<u64>,
    pub owners: BTreeMap<String, u64>,
    /// Whether addresses are kept.
    pub addresses: bool,
}

/// Who does not consent.
pub fn refuses(person: u64) -> bool {
    person % 10 == 9
}

impl Shop {
    pub fn new(persons: u64) -> Self {
        Shop {
            random: Random::new(3),
            persons,
            ids: (0..persons).collect(),
            addresses: true,
            owners: (0..persons).map(|person| (named(person), person)).collect(),
        }
    }

    /// Everybody comes once.
    pub async fn round(&mut self, world: &mut World) {
        for person in 0..self.persons {
            if self.random.chance(0.25) {
                self.lose(person);
            }
            let log_in = person % 3 != 0 && self.random.chance(0.6);
            self.visit(world, person, log_in).await;
        }
    }

    /// A person gets a new visitor id.
    pub fn lose(&mut self, person: u64) -> String {
        let id = self.owners.len() as u64;
        self.owners.insert(named(id), person);
        self.ids[person as usize] = id;
        named(id)
    }

    /// The visitor id that a person has.
    pub fn id(&self, person: u64) -> String {
        named(self.ids[person as usize])
    }

    /// A person comes, looks at three products, and perhaps logs in.
    pub async fn visit(&mut self, world: &mut World, person: u64, log_in: bool) {
        world.later(STEP_S);
        let id = self.id(person);
        let mut records = vec![world.consent(&[&id], !refuses(person))];
        // Two persons share a line.
        let line = person / 2;
        let ip = match self.addresses {
            true => format!("10.{}.{}.{}", person / 20, line / 10, 1 + line),
            false => String::new(),
        };
        let context = format!(
            r#"{{"ip":"{ip}","timezone":"Europe/Berlin",
                "screen":{{"width":{},"height":800}}}}"#,
            400 + person % 7
        );
        for _ in 0..3 {
            let item = person % 4 * 10 + self.random.below(10);
            let mut event = world.event(Kind::Track, "Product Viewed", &[&id]);
            event.properties = Json::parse(&format!(r#"{{"product_id":"p{item}"}}"#)).unwrap();
            event.context = Json::parse(&context).unwrap();
            event.enrichment = Enrichment {
                browser: "Firefox".into(),
                browser_version: "140.0".into(),
                os: "Linux".into(),
                device_type: "desktop".into(),
                locale: "de".into(),
                ..Enrichment::default()
            };
            records.push(Record::Event(event));
        }
        if log_in {
            let user = format!("user_id:{person}");
            records.push(Record::Event(world.event(
                Kind::Identify,
                "",
                &[&user, &id],
            )));
        }
        world.append(records).await;
    }
}

fn named(id: u64) -> String {
    format!("anonymous_id:v{id}")
}
