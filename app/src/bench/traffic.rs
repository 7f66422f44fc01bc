//! Made-up shop traffic in the form a Segment client sends, about 600 bytes an event.
//!
//! The mix is that of a shop: 38 % page views, 36 % product views, 11 % products added, 12 %
//! identify calls, 3 % orders. Products are drawn by Zipf's law with exponent 1, so a few are hot
//! and most are cold; persons as each bench says. The same seed gives the same traffic, apart
//! from the times.

use std::fmt::Write as _;

use kith_base::{Random, Timestamp};

/// Products of the shop.
const PRODUCTS: u64 = 5_000;
const CATEGORIES: [&str; 12] = [
    "shoes", "jackets", "shirts", "trousers", "bags", "watches", "hats", "gloves", "tents",
    "lamps", "books", "toys",
];
const BRANDS: [&str; 8] = [
    "Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Gorse", "Hazel",
];
const PLANS: [&str; 3] = ["free", "plus", "pro"];
const BROWSERS: [&str; 4] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
     Chrome/128.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like \
     Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:129.0) Gecko/20100101 Firefox/129.0",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) \
     Chrome/127.0.0.0 Mobile Safari/537.36",
];

/// Which person an event is about.
#[derive(Clone, Copy, Debug)]
pub enum Persons {
    /// One of so many, as unequal as the customers of a real shop: in the 406,829 invoice lines
    /// with a customer of the UCI data set Online Retail the first of 4,372 has 86 times the mean.
    /// The law is Zipf's with an offset (Mandelbrot) of a 540th of their number.
    Shop(u64),
    /// One of so many, by Zipf's law: the first of 50,000 has every eleventh event, as a robot
    /// would.
    Zipf(u64),
    /// One of so many, but none of the first so many.
    After(u64, u64),
    /// One after the other, so that each of so many appears.
    Each(u64),
    /// One after the other, each with [`VISIT`] events in a row.
    Visits(u64),
}

/// Events of a visit.
const VISIT: u64 = 5;

/// A stream of events.
pub struct Traffic {
    random: Random,
    persons: Persons,
    serial: u64,
}

impl Traffic {
    /// Streams with different seeds never share a message id.
    pub fn new(seed: u64, persons: Persons) -> Self {
        Traffic {
            random: Random::new(seed.wrapping_mul(0x9E37_79B9)),
            persons,
            serial: 0,
        }
    }

    /// A body of `/v1/batch` with so many events.
    pub fn batch(&mut self, events: usize, at: Timestamp) -> String {
        let mut body = String::with_capacity(events * 640 + 64);
        body.push_str("{\"batch\":[");
        for index in 0..events {
            if index > 0 {
                body.push(',');
            }
            self.event(&mut body, at);
        }
        write!(body, "],\"sentAt\":\"{at}\"}}").expect("text in memory takes everything");
        body
    }

    /// One event, as it stands in a batch or alone.
    pub fn event(&mut self, out: &mut String, at: Timestamp) {
        let person = match self.persons {
            Persons::Shop(count) => shop(&mut self.random, count),
            Persons::Zipf(count) => zipf(&mut self.random, count),
            Persons::After(first, count) => first + shop(&mut self.random, count),
            Persons::Each(count) => self.serial % count,
            Persons::Visits(count) => self.serial / VISIT % count,
        };
        self.serial += 1;
        let roll = self.random.below(100);
        let product = zipf(&mut self.random, PRODUCTS);
        out.push_str("{\"messageId\":\"");
        uuid(out, self.random.next_u64(), self.random.next_u64());
        out.push_str("\",\"anonymousId\":\"");
        out.push_str(&anonymous_id(person));
        write!(out, "\",\"timestamp\":\"{at}\",").expect(TEXT);
        // Every third person is known and stays logged in.
        if person.is_multiple_of(3) {
            write!(out, "\"userId\":\"user-{person}\",").expect(TEXT);
        }
        match roll {
            0..38 => page(out, product),
            38..74 => track(out, "Product Viewed", product, 1),
            74..85 => track(out, "Product Added", product, 1 + product % 2),
            85..97 => identify(out, person),
            _ => order(out, &mut self.random),
        }
        context(out, person, product);
        out.push('}');
    }
}

/// The anonymous id of a person.
pub fn anonymous_id(person: u64) -> String {
    let mut text = String::with_capacity(36);
    uuid(&mut text, Random::new(person).next_u64(), person);
    text
}

const TEXT: &str = "text in memory takes everything";

/// A number below `count`, k with a probability of about 1/(k + count/540).
fn shop(random: &mut Random, count: u64) -> u64 {
    const SHARE: f64 = 540.0;
    let offset = count as f64 / SHARE;
    let rank = offset * ((random.unit() * (SHARE + 1.0).ln()).exp() - 1.0);
    (rank as u64).min(count - 1)
}

/// A number below `count`, k with a probability of about 1/k.
fn zipf(random: &mut Random, count: u64) -> u64 {
    let rank = (random.unit() * (count as f64 + 1.0).ln()).exp() as u64;
    (rank.max(1) - 1).min(count - 1)
}

fn uuid(out: &mut String, high: u64, low: u64) {
    write!(
        out,
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xFFFF,
        high & 0xFFF,
        0x8000 | low >> 48 & 0x3FFF,
        low & 0xFFFF_FFFF_FFFF,
    )
    .expect(TEXT);
}

fn page(out: &mut String, product: u64) {
    write!(
        out,
        "\"type\":\"page\",\"name\":\"Product\",\"properties\":{{\"path\":\"/p/{product}\",\
         \"url\":\"https://shop.example/p/{product}\",\"title\":\"{} {product} - Shop\",\
         \"search\":\"\",\"referrer\":\"https://shop.example/c/{}\"}}",
        brand(product),
        category(product),
    )
    .expect(TEXT);
}

fn track(out: &mut String, name: &str, product: u64, quantity: u64) {
    write!(
        out,
        "\"type\":\"track\",\"event\":\"{name}\",\"properties\":"
    )
    .expect(TEXT);
    line(out, product, quantity);
}

fn order(out: &mut String, random: &mut Random) {
    let lines = 1 + random.below(3);
    write!(
        out,
        "\"type\":\"track\",\"event\":\"Order Completed\",\"properties\":{{\"order_id\":\"o-{:x}\",\
         \"revenue\":{}.90,\"currency\":\"EUR\",\"products\":[",
        random.next_u64(),
        20 + random.below(400),
    )
    .expect(TEXT);
    for index in 0..lines {
        if index > 0 {
            out.push(',');
        }
        line(out, zipf(random, PRODUCTS), 1);
    }
    out.push_str("]}");
}

fn line(out: &mut String, product: u64, quantity: u64) {
    write!(
        out,
        "{{\"product_id\":\"{product}\",\"sku\":\"sku-{product}\",\"name\":\"{0} {product}\",\
         \"category\":\"{1}\",\"brand\":\"{0}\",\"price\":{2}.90,\"currency\":\"EUR\",\
         \"quantity\":{quantity},\"url\":\"https://shop.example/p/{product}\"}}",
        brand(product),
        category(product),
        9 + product % 190,
    )
    .expect(TEXT);
}

fn identify(out: &mut String, person: u64) {
    out.push_str("\"type\":\"identify\",\"traits\":{");
    if person.is_multiple_of(3) {
        write!(out, "\"email\":\"user{person}@mail.example\",").expect(TEXT);
    }
    write!(
        out,
        "\"plan\":\"{}\",\"age\":{},\"city\":\"Town {}\",\"newsletter\":{},\"logins\":{}}}",
        PLANS[(person % 3) as usize],
        18 + person % 60,
        person % 500,
        person.is_multiple_of(2),
        person % 40,
    )
    .expect(TEXT);
}

fn context(out: &mut String, person: u64, product: u64) {
    write!(
        out,
        ",\"context\":{{\"library\":{{\"name\":\"analytics.js\",\"version\":\"2.11.1\"}},\
         \"locale\":\"de-DE\",\"timezone\":\"Europe/Berlin\",\"userAgent\":\"{}\",\
         \"page\":{{\"path\":\"/p/{product}\",\"url\":\"https://shop.example/p/{product}\",\
         \"referrer\":\"https://shop.example/c/{}\"}}}}",
        BROWSERS[(person % 4) as usize],
        category(product),
    )
    .expect(TEXT);
}

fn brand(product: u64) -> &'static str {
    BRANDS[(product % BRANDS.len() as u64) as usize]
}

fn category(product: u64) -> &'static str {
    CATEGORIES[(product % CATEGORIES.len() as u64) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_json_of_the_size_the_budgets_speak_of() {
        let body = Traffic::new(1, Persons::Zipf(1_000)).batch(1_000, Timestamp::from_millis(0));
        let parsed: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(parsed["batch"].as_array().unwrap().len(), 1_000);
        assert!(
            (550..=750).contains(&(body.len() / 1_000)),
            "{} B an event",
            body.len() / 1_000
        );
    }

    #[test]
    fn the_first_customer_of_a_shop_has_86_times_the_mean() {
        let mut random = Random::new(7);
        let drawn = 2_000_000;
        let mut first = 0;
        for _ in 0..drawn {
            first += u64::from(shop(&mut random, 4_372) == 0);
        }
        let mean = f64::from(drawn) / 4_372.0;
        // The first of whole numbers stands for the steepest stretch of the curve.
        let times = first as f64 / mean;
        assert!((75.0..90.0).contains(&times), "{times}");
    }

    #[test]
    fn message_ids_do_not_repeat() {
        let mut seen = std::collections::BTreeSet::new();
        for seed in 0..4 {
            let mut traffic = Traffic::new(seed, Persons::Each(10));
            for _ in 0..500 {
                let mut event = String::new();
                traffic.event(&mut event, Timestamp::from_millis(0));
                let event: serde_json::Value = serde_json::from_str(&event).unwrap();
                assert!(seen.insert(event["messageId"].as_str().unwrap().to_owned()));
            }
        }
    }
}
