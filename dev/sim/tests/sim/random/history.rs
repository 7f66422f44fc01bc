//! Random histories: what happens to a few people, in the order in which it arrives.

use kith_base::{Json, Timestamp};
use kith_event::{Identifier, Kind, ListChange, Record};
use proptest::prelude::*;

use crate::world::{DAY, HOUR, SECOND, event};

/// Days within which everything happens.
pub const DAYS: i64 = 16;

/// A record and the instant from which on it is in the log.
#[derive(Clone, Debug)]
pub struct Arrival {
    pub at: i64,
    pub record: Record,
}

/// One thing that happens.
#[derive(Clone, Debug)]
pub struct Happening {
    at: i64,
    who: Vec<String>,
    what: What,
    /// Received so much later than it happened; earlier when the client's clock is ahead.
    delay: i64,
    /// Overtaken by what is received up to so much later.
    overtaken: i64,
    /// Sent again so much later.
    again: Option<i64>,
}

#[derive(Clone, Debug)]
enum What {
    Event {
        kind: Kind,
        name: &'static str,
        properties: String,
        traits: String,
        zone: Option<&'static str>,
    },
    List(bool),
}

pub const ZONES: [&str; 4] = [
    "Europe/Berlin",
    "Asia/Taipei",
    "Asia/Kathmandu",
    "America/Havana",
];

/// Some months in which clocks are changed, and the turn of a year.
pub fn season() -> impl Strategy<Value = i64> {
    let days = ["2026-03-24", "2026-10-20", "2026-12-26", "2028-02-20"];
    let start = |day: &str| Timestamp::parse(&format!("{day}T00:00:00Z"));
    prop::sample::select(days.to_vec()).prop_map(move |day| start(day).expect("a day").as_millis())
}

pub fn happening(start: i64) -> impl Strategy<Value = Happening> {
    let at = prop_oneof![
        3 => 0..DAYS * DAY,
        // On the hour, where midnights are, and close together.
        1 => (0..DAYS * 24).prop_map(|hour| hour * HOUR),
        1 => (0..200i64).prop_map(|second| 5 * DAY + second * SECOND),
    ];
    let delay = prop_oneof![
        5 => Just(0),
        2 => 0..20 * HOUR,
        1 => 0..9 * DAY,
        1 => -3 * HOUR..0,
    ];
    let overtaken = prop_oneof![4 => Just(0), 1 => 0..600 * SECOND];
    let again = prop_oneof![6 => Just(None), 1 => (0..DAY).prop_map(Some)];
    (at, who(), what(start), delay, overtaken, again).prop_map(
        move |(at, who, what, delay, overtaken, again)| Happening {
            at: start + at,
            who,
            what,
            delay,
            overtaken,
            again,
        },
    )
}

impl Happening {
    /// The same, done by somebody.
    pub fn by(mut self, who: &[&str]) -> Self {
        self.who = who.iter().map(|who| (*who).to_owned()).collect();
        self
    }

    /// The same, in the log before an instant.
    pub fn before(self, instant: i64) -> Self {
        let late = (self.delay + self.overtaken).max(0);
        Happening {
            at: self.at.min(instant - late - 1),
            ..self
        }
    }
}

/// Devices, some of them shared, and people, some of whom have several.
fn who() -> impl Strategy<Value = Vec<String>> {
    let device = || (0..5u8).prop_map(|n| format!("anonymous_id:d{n}"));
    let user = || (0..3u8).prop_map(|n| format!("user_id:u{n}"));
    let email = || (0..3u8).prop_map(|n| format!("email:E{n}@example.com"));
    prop_oneof![
        6 => device().prop_map(|device| vec![device]),
        2 => user().prop_map(|user| vec![user]),
        2 => (device(), user()).prop_map(|(device, user)| vec![device, user]),
        1 => (user(), email()).prop_map(|(user, email)| vec![email, user]),
        1 => (device(), email()).prop_map(|(device, email)| vec![device, email]),
        1 => email().prop_map(|email| vec![email]),
    ]
}

fn what(start: i64) -> impl Strategy<Value = What> {
    prop_oneof![
        5 => product("Product Viewed"),
        2 => product("Product Added"),
        1 => product("Product Removed"),
        3 => order(),
        2 => Just(seen(Kind::Page, "Home", r#"{"url":"https://shop.example/"}"#.to_owned())),
        4 => traits(start).prop_map(|traits| What::Event {
            kind: Kind::Identify,
            name: "",
            properties: "{}".to_owned(),
            traits,
            zone: None,
        }),
        2 => any::<bool>().prop_map(|granted| {
            let properties = format!(r#"{{"categories":{{"marketing":{granted}}}}}"#);
            seen(Kind::Track, "Consent Updated", properties)
        }),
        1 => any::<bool>().prop_map(What::List),
        2 => prop::sample::select(ZONES.to_vec()).prop_map(|zone| What::Event {
            kind: Kind::Page,
            name: "Away",
            properties: "{}".to_owned(),
            traits: "{}".to_owned(),
            zone: Some(zone),
        }),
    ]
}

fn seen(kind: Kind, name: &'static str, properties: String) -> What {
    What::Event {
        kind,
        name,
        properties,
        traits: "{}".to_owned(),
        zone: None,
    }
}

fn product(name: &'static str) -> impl Strategy<Value = What> {
    (0..4u8, 0..9_000u32, any::<bool>()).prop_map(move |(item, cents, branded)| {
        let category = ["shoes", "hats", "bags"][usize::from(item % 3)];
        let brand = branded.then(|| format!(r#","brand":"b{}""#, item % 2));
        let properties = format!(
            r#"{{"product_id":"p{item}","category":"{category}","price":{}.{:02}{}}}"#,
            cents / 100,
            cents % 100,
            brand.unwrap_or_default(),
        );
        seen(Kind::Track, name, properties)
    })
}

fn order() -> impl Strategy<Value = What> {
    let revenue = prop::option::of(0..9_000u32);
    (0..4u8, revenue).prop_map(|(item, cents)| {
        let category = ["shoes", "hats", "bags"][usize::from(item % 3)];
        let revenue =
            cents.map(|cents| format!(r#","revenue":"{}.{:02}""#, cents / 100, cents % 100));
        let properties = format!(
            r#"{{"product_id":"p{item}","category":"{category}"{}}}"#,
            revenue.unwrap_or_default(),
        );
        seen(Kind::Track, "Order Completed", properties)
    })
}

/// Traits, some of which change their type.
fn traits(start: i64) -> impl Strategy<Value = String> {
    let fixed = vec![
        r#"{"plan":"p0"}"#,
        r#"{"plan":"p1","flag":true}"#,
        r#"{"plan":"P1 plus"}"#,
        r#"{"plan":7}"#,
        r#"{"plan":["p1","x",3]}"#,
        r#"{"plan":{"name":"p1"}}"#,
        r#"{"plan":null}"#,
        r#"{"flag":false,"score":3}"#,
        r#"{"score":12.5}"#,
        r#"{"score":"4"}"#,
        r#"{"score":null,"tags":["a","b"]}"#,
        r#"{"tags":"a"}"#,
        r#"{"address":{"city":"Rome","zip":185}}"#,
        r#"{"address":"Rome"}"#,
        r#"{"birthday":"1992-02-29"}"#,
        r#"{"birthday":"soon","renewal_at":"never"}"#,
    ];
    let time = move |after: i64| Timestamp::from_millis(start + after).to_string();
    prop_oneof![
        8 => prop::sample::select(fixed).prop_map(str::to_owned),
        2 => (-3 * DAY..(DAYS + 5) * DAY)
            .prop_map(move |after| format!(r#"{{"renewal_at":"{}"}}"#, time(after))),
        2 => (-2..DAYS + 9).prop_map(move |day| {
            let birthday = format!("1984{}", &time(day * DAY)[4..10]);
            format!(r#"{{"birthday":"{birthday}"}}"#)
        }),
    ]
}

/// Records in the order in which they are in the log.
pub fn arrivals(happenings: &[Happening]) -> Vec<Arrival> {
    let mut arrivals = Vec::new();
    for (number, one) in happenings.iter().enumerate() {
        let received = one.at + one.delay;
        let mut put = |received: i64| {
            let at = received + one.overtaken;
            let record = record(number, one, received);
            arrivals.push(Arrival { at, record });
        };
        put(received);
        one.again
            .into_iter()
            .for_each(|later| put(received + later));
    }
    arrivals.sort_by_key(|arrival| arrival.at);
    arrivals
}

fn record(number: usize, one: &Happening, received: i64) -> Record {
    let who: Vec<&str> = one.who.iter().map(String::as_str).collect();
    match &one.what {
        What::Event {
            kind,
            name,
            properties,
            traits,
            zone,
        } => {
            let mut event = event(number, one.at, name, &who, properties);
            event.kind = *kind;
            event.received_at = Timestamp::from_millis(received);
            event.traits = Json::parse(traits).expect("JSON");
            if let Some(zone) = zone {
                let context = format!(r#"{{"timezone":"{zone}"}}"#);
                event.context = Json::parse(&context).expect("JSON");
            }
            Record::Event(event)
        }
        What::List(on) => {
            let all = who.iter().filter_map(|text| Identifier::parse(text));
            let (add, remove) = all.partition(|_| *on);
            Record::List(ListChange {
                audience: "vip".to_owned(),
                at: Timestamp::from_millis(received),
                add,
                remove,
            })
        }
    }
}
