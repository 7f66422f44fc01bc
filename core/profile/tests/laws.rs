//! Folding is a sum: order of arrival and grouping into nodes do not matter.

use kith_base::{Json, Timestamp};
use kith_event::{Commerce, Enrichment, Event, Identifier, Kind};
use kith_profile::{Attributes, Fold};
use proptest::prelude::*;

fn event(id: usize, kind: Kind, name: &str, at: i64, properties: &str, traits: &str) -> Event {
    Event {
        source: "shop".into(),
        message_id: format!("m{id}"),
        kind,
        name: name.into(),
        identifiers: vec![Identifier::new("user_id", "1")],
        received_at: Timestamp::from_millis(at),
        occurred_at: Timestamp::from_millis(at),
        original_at: None,
        properties: Json::parse(properties).expect("a test writes JSON"),
        traits: Json::parse(traits).expect("a test writes JSON"),
        context: Json::empty(),
        extra: Json::empty(),
        enrichment: Enrichment::default(),
    }
}

/// What names an account.
fn named(account: &str) -> Json {
    Json::parse(&format!(r#"{{"groupId":"{account}"}}"#)).expect("a test writes JSON")
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let one = (0u8..8, 0i64..50, 0u8..5, 0i64..5_000_000_000);
    prop::collection::vec(one, 0..40).prop_map(|drawn| {
        let make = |(id, (what, price, item, at)): (usize, (u8, i64, u8, i64))| {
            let product = format!(
                r#"{{"product_id":"{item}","category":"c{}","brand":"b","price":"{price}.1"}}"#,
                item % 3,
            );
            let order = format!(r#"{{"revenue":{price}.35,"products":[{product}]}}"#);
            let consent = format!(r#"{{"categories":{{"analytics":{}}}}}"#, price % 2 == 0);
            match what {
                0 => event(id, Kind::Track, "Product Viewed", at, &product, "{}"),
                1 => event(id, Kind::Track, "Product Added", at, &product, "{}"),
                2 => event(id, Kind::Track, "Product Removed", at, &product, "{}"),
                3 => event(id, Kind::Track, "Order Completed", at, &order, "{}"),
                4 => event(id, Kind::Track, "Consent Updated", at, &consent, "{}"),
                5 => {
                    let traits = format!(r#"{{"plan":"{price}","t{item}":{price}}}"#);
                    event(id, Kind::Identify, "", at, "{}", &traits)
                }
                6 => {
                    let traits = format!(r#"{{"seats":{price}}}"#);
                    Event {
                        extra: named(&format!("a{item}")),
                        ..event(id, Kind::Group, "", at, "{}", &traits)
                    }
                }
                _ => event(
                    id,
                    Kind::Page,
                    "Home",
                    at,
                    r#"{"url":"https://x.y/"}"#,
                    "{}",
                ),
            }
        };
        drawn.into_iter().enumerate().map(make).collect()
    })
}

fn fold(events: &[Event]) -> Fold {
    let mut fold = Fold::default();
    for event in events {
        let commerce = Commerce::read(&event.properties);
        let own = |line: &kith_event::LineItem| {
            let mut attributes = Attributes::new();
            attributes.extend(
                line.category
                    .clone()
                    .map(|key| ("category".into(), vec![key])),
            );
            attributes
        };
        let attributes: Vec<Attributes> = commerce.lines().iter().map(own).collect();
        fold.add(event, &commerce, &attributes);
    }
    fold
}

proptest! {
    #[test]
    fn order_does_not_matter(events in events(), seed in any::<u64>()) {
        let mut shuffled = events.clone();
        let mut random = kith_base::Random::new(seed);
        for index in (1..shuffled.len()).rev() {
            shuffled.swap(index, random.below(index as u64 + 1) as usize);
        }
        prop_assert_eq!(fold(&events), fold(&shuffled));
    }

    #[test]
    fn any_division_into_nodes_merges_to_the_same(events in events(), seed in any::<u64>()) {
        let mut random = kith_base::Random::new(seed);
        let mut nodes: [Vec<Event>; 3] = Default::default();
        for event in &events {
            nodes[random.below(3) as usize].push(event.clone());
        }
        let [a, b, c] = nodes.map(|events| fold(&events));
        let mut left = a.clone();
        left.merge(&b);
        left.merge(&c);
        let mut right = c;
        right.merge(&b);
        right.merge(&a);
        prop_assert_eq!(&left, &right);
        prop_assert_eq!(left, fold(&events));
    }

    #[test]
    fn the_stored_form_reads_back(events in events()) {
        let fold = fold(&events);
        let bytes = rmp_serde::to_vec_named(&fold).unwrap();
        prop_assert_eq!(rmp_serde::from_slice::<Fold>(&bytes).unwrap(), fold);
    }
}
