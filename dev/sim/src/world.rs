//! Visitors and their clients: what happens, and how it is sent.

use std::collections::BTreeSet;

use kith_base::{Digest, Json, Random, Timestamp};
use kith_event::{CatalogChange, Enrichment, Event, Identifier, Kind, Record, Refused};

/// Start of the simulated month.
const START: i64 = 1_760_000_000_000;

/// A shop with a dozen visitors, some of whom share a device or a kiosk.
pub(crate) struct World {
    random: Random,
    queue: Vec<Record>,
    /// De-duplication keys of acknowledged events.
    pub acknowledged: BTreeSet<Digest>,
    pub acknowledged_count: u64,
}

impl World {
    /// Everything that will be sent, repeats included, in the order of sending.
    pub fn new(seed: u64) -> Self {
        let mut random = Random::from_parts("world", &[&seed.to_be_bytes()]);
        let count = 40 + random.below(80);
        let mut queue = Vec::new();
        for number in 0..count {
            let event = event(&mut random, number);
            if random.chance(0.15) {
                queue.push(Record::Event(event.clone()));
            }
            queue.push(Record::Event(event));
            if random.chance(0.05) {
                queue.push(other_record(&mut random, number));
            }
        }
        if seed % 4 == 1 {
            for _ in 0..8 + random.below(12) {
                let at = Timestamp::from_millis(START + random.below(30 * 86_400_000) as i64);
                let late = crate::late::record(&mut random, at);
                queue.insert(random.below(queue.len() as u64) as usize, late);
            }
        }
        // Neighbours change places: parallel requests overtake each other.
        for index in 0..queue.len() {
            let ahead = index + random.below(6) as usize;
            if ahead < queue.len() {
                queue.swap(index, ahead);
            }
        }
        queue.reverse();
        World {
            random,
            queue,
            acknowledged: BTreeSet::new(),
            acknowledged_count: 0,
        }
    }

    /// The next records one request brings.
    pub fn next_batch(&mut self) -> Option<Vec<Record>> {
        let size = 1 + self.random.below(8) as usize;
        let from = self.queue.len().saturating_sub(size);
        let mut batch = self.queue.split_off(from);
        batch.reverse();
        (!batch.is_empty()).then_some(batch)
    }

    /// The server said yes.
    pub fn acknowledged(&mut self, batch: &[Record]) {
        for record in batch {
            if let Record::Event(event) = record {
                self.acknowledged.insert(event.deduplication_key());
                self.acknowledged_count += 1;
            }
        }
    }

    /// The server said no, or nothing: the client sends the same again, sometimes later.
    pub fn retry(&mut self, batch: Vec<Record>) {
        let at = if self.random.chance(0.5) {
            self.queue.len()
        } else {
            self.random.below(self.queue.len() as u64 + 1) as usize
        };
        for record in batch {
            self.queue.insert(at, record);
        }
    }
}

/// Who acts: mostly a person on a device of theirs; now and then on a shared one.
fn identifiers(random: &mut Random) -> Vec<Identifier> {
    let person = random.below(12);
    let device = match random.below(20) {
        0 => "kiosk".to_owned(),
        1 => format!("shared{}", random.below(2)),
        _ => format!("{person}-{}", random.below(3)),
    };
    let mut identifiers = vec![Identifier::new("anonymous_id", device)];
    if random.chance(0.4) {
        identifiers.push(Identifier::new("user_id", format!("u{person}")));
    }
    if random.chance(0.15) {
        let address = format!(" P{}@Example.com", random.below(14));
        identifiers.push(Identifier::new("email", address));
    }
    if random.chance(0.05) {
        let blocked = random.choose(&["null", "undefined", "0000", "[object Object]"]);
        identifiers.push(Identifier::new("user_id", *blocked.expect("four values")));
    }
    if random.chance(0.1) {
        identifiers.retain(|identifier| identifier.namespace != "anonymous_id");
    }
    identifiers
}

fn event(random: &mut Random, number: u64) -> Event {
    let at = START + random.below(30 * 86_400_000) as i64;
    let item = random.below(9);
    let cents = random.below(10_000);
    let product = format!(
        r#"{{"product_id":"i{item}","category":"c{}","brand":"b{}","price":"{}.{:02}"}}"#,
        item % 3,
        item % 2,
        cents / 100,
        cents % 100,
    );
    let order = format!(
        r#"{{"revenue":{}.{:02},"products":[{product}]}}"#,
        cents / 100,
        cents % 100
    );
    let mut extra = String::new();
    let (kind, name, properties, traits) = match random.below(10) {
        0..=2 => (Kind::Track, "Product Viewed", product, String::new()),
        3 => (Kind::Track, "Product Added", product, String::new()),
        4 => (Kind::Track, "Order Completed", order, String::new()),
        5 => {
            let given = random.chance(0.5);
            let consent = format!(r#"{{"categories":{{"marketing":{given}}}}}"#);
            (Kind::Track, "Consent Updated", consent, String::new())
        }
        6 | 7 => {
            let traits = format!(r#"{{"plan":"p{}","t{item}":{cents}}}"#, random.below(3));
            (Kind::Identify, "", String::new(), traits)
        }
        8 => {
            extra = format!(r#"{{"groupId":"a{}"}}"#, random.below(5));
            let traits = match random.below(3) {
                0 => String::new(),
                tier => format!(r#"{{"tier":"t{tier}","seats":{cents}}}"#),
            };
            (Kind::Group, "", String::new(), traits)
        }
        _ => (
            Kind::Page,
            "Home",
            r#"{"url":"https://shop.example/"}"#.to_owned(),
            String::new(),
        ),
    };
    let json = |text: &str| Json::parse(if text.is_empty() { "{}" } else { text });
    let skew = random.below(600_000) as i64;
    Event {
        source: "shop".into(),
        message_id: format!("m{number}"),
        kind,
        name: name.into(),
        identifiers: identifiers(random),
        received_at: Timestamp::from_millis(at + skew),
        occurred_at: Timestamp::from_millis(at),
        original_at: None,
        properties: json(&properties).expect("written as JSON above"),
        traits: json(&traits).expect("written as JSON above"),
        context: Json::empty(),
        extra: json(&extra).expect("written as JSON above"),
        enrichment: Enrichment::default(),
    }
}

/// Time at the end: so that every window that may still close has closed, in steps.
pub(crate) fn last_ticks() -> impl Iterator<Item = Record> {
    let day = |number: i64| Timestamp::from_millis(START + number * 86_400_000);
    [31, 32, 35, 38, 45].map(day).into_iter().map(Record::Tick)
}

fn other_record(random: &mut Random, number: u64) -> Record {
    let at = Timestamp::from_millis(START + random.below(30 * 86_400_000) as i64);
    match random.below(3) {
        0 => Record::Tick(at),
        1 => Record::Refused(Refused {
            source: "shop".into(),
            received_at: at,
            kind: None,
            code: "invalid-json".into(),
            message: "not JSON".into(),
            field: String::new(),
            raw: format!("{{{number}"),
        }),
        _ => {
            let item = format!(r#"{{"item_id":"i{0}","title":"Item {0}"}}"#, number % 9);
            let item = Json::parse(&item).expect("written as JSON above");
            let change = (
                format!("i{}", number % 9),
                random.chance(0.8).then_some(item),
            );
            Record::Catalog(CatalogChange {
                at,
                items: vec![change],
            })
        }
    }
}
