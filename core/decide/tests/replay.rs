//! The law of replay: stored inputs give the same outcome, to the byte, whatever was decided.

use std::collections::BTreeMap;

use kith_base::{Json, Timestamp, Value};
use kith_decide::{
    Candidate, Candidates, Evidence, Inputs, Items, Outcome, Placements, ProfileUse, ReplayError,
    Request, Specs, replay,
};
use kith_definition::{Fallback, Offer, Placement, PlacementType, Revisioned, StrategyChoice};
use kith_rule::Schema;
use proptest::prelude::*;

const RULES: [&str; 8] = [
    "",
    "features.cart_item_count >= 1",
    "traits.plan = \"pro\" or traits.plan in [\"team\"]",
    "features.last_seen_at > now - 7 days",
    "traits.renewal < features.last_seen_at",
    "not consent.marketing and affinity(\"category\", \"shoes\") > 0.3",
    "features.last_seen_at = traits.renewal",
    "traits.plan is broken",
];

const FACTS: [&str; 6] = [
    "features.cart_item_count",
    "features.last_seen_at",
    "traits.plan",
    "traits.renewal",
    "consent.marketing",
    "affinity(\"category\", \"shoes\")",
];

const DAY: i64 = 86_400_000;

struct Kept {
    placement: Revisioned<Placement>,
    offers: Vec<Revisioned<Offer>>,
}

impl Specs for Kept {
    fn placement(&self, id: &str, revision: u64) -> Option<Placement> {
        let found = self.placement.id == id && self.placement.revision == revision;
        found.then(|| self.placement.spec.clone())
    }

    fn offer(&self, id: &str, revision: u64) -> Option<Offer> {
        let mut offers = self.offers.iter();
        let found = offers.find(|offer| offer.id == id && offer.revision == revision);
        found.map(|offer| offer.spec.clone())
    }
}

fn revisioned<T>(id: String, revision: u64, spec: T) -> Revisioned<T> {
    Revisioned {
        id,
        name: String::new(),
        revision,
        spec,
    }
}

fn moment() -> impl Strategy<Value = Timestamp> {
    (-20i64..20, 0i64..3).prop_map(|(days, millis)| Timestamp::from_millis(days * DAY + millis))
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::Bool),
        2 => (0i64..4).prop_map(Value::Int),
        2 => any::<f64>().prop_map(Value::Float),
        3 => moment().prop_map(Value::Time),
        2 => moment().prop_map(|time| Value::Text(time.to_string())),
        2 => prop::sample::select(vec!["pro", "team", "1970-01-05"]).prop_map(Value::from),
    ]
}

fn facts() -> impl Strategy<Value = BTreeMap<String, Value>> {
    prop::collection::vec(value(), FACTS.len())
        .prop_map(|values| FACTS.into_iter().map(str::to_owned).zip(values).collect())
}

fn content(text: &str) -> Json {
    Json::parse(text).expect("JSON in a test")
}

fn offer() -> impl Strategy<Value = Offer> {
    let window = || prop::option::weighted(0.3, moment());
    (
        prop::sample::select(RULES.to_vec()),
        0u32..4,
        window(),
        window(),
        any::<bool>(),
    )
        .prop_map(|(when, priority, starts_at, ends_at, here)| Offer {
            placements: vec![
                if here { "here" } else { "elsewhere" }.to_owned(),
                "both".to_owned(),
            ],
            priority,
            when: when.to_owned(),
            starts_at,
            ends_at,
            content: content(r#"{"b":0.1,"a":"é\u0000"}"#),
        })
}

fn placement(items: bool) -> impl Strategy<Value = Placement> {
    let steps = Just(kith_definition::Strategy::ALL.to_vec()).prop_shuffle();
    (1usize..5, steps, 0u32..9, any::<bool>()).prop_map(move |(limit, steps, days, fallback)| {
        let strategies = steps
            .into_iter()
            .map(|strategy| StrategyChoice { strategy })
            .collect();
        Placement {
            description: String::new(),
            kind: if items {
                PlacementType::Items
            } else {
                PlacementType::Offers
            },
            limit,
            strategies: if items { strategies } else { Vec::new() },
            exclude_purchased_days: days,
            fallback: Fallback {
                content: fallback.then(|| content(r#"{"t":1}"#)),
            },
        }
    })
}

fn candidate() -> impl Strategy<Value = Candidate> {
    let evidence = prop_oneof![
        any::<u64>().prop_map(|views| Evidence::Popular { views }),
        ".{0,5}".prop_map(|title| Evidence::ViewedWith { title }),
        moment().prop_map(Evidence::ViewedAt),
    ];
    (
        0u8..30,
        any::<f64>(),
        evidence,
        prop::bool::weighted(0.8),
        any::<bool>(),
    )
        .prop_map(|(id, score, evidence, available, held)| Candidate {
            item_id: format!("i{id}"),
            score,
            evidence,
            available,
            content: held.then(|| content(r#"{"price":"1.00"}"#)),
        })
}

fn items() -> impl Strategy<Value = Items> {
    let lists = prop::collection::vec(prop::collection::vec(candidate(), 0..25), 3);
    let purchases =
        prop::collection::btree_map((0u8..30).prop_map(|id| format!("i{id}")), moment(), 0..9);
    (
        prop::option::of((0u8..30).prop_map(|id| format!("i{id}"))),
        purchases,
        lists,
    )
        .prop_map(|(current_item, purchases, lists)| Items {
            current_item,
            purchases,
            candidates: kith_definition::Strategy::ALL
                .into_iter()
                .zip(lists)
                .map(|(strategy, items)| Candidates { strategy, items })
                .collect(),
        })
}

/// Everything an outcome says, as bytes.
fn bytes(outcome: &Outcome) -> String {
    let losers = serde_json::to_string(&outcome.losers).expect("losers are JSON");
    let inputs = serde_json::to_string(&outcome.inputs).expect("inputs are JSON");
    format!(
        "{}\n{losers} +{}\n{inputs}",
        outcome.entry.to_json().as_str(),
        outcome.losers_cut
    )
}

fn read_back(inputs: &Inputs) -> Inputs {
    let text = serde_json::to_string(inputs).expect("inputs are JSON");
    serde_json::from_str(&text).expect("inputs read back")
}

proptest! {
    #[test]
    fn stored_inputs_give_the_same_bytes(
        spec in any::<bool>().prop_flat_map(placement),
        specs in prop::collection::vec(offer(), 0..12),
        facts in facts(),
        items in items(),
        now in moment(),
        seed in any::<u64>(),
        known in prop::bool::weighted(0.9),
    ) {
        let named = specs.into_iter().enumerate();
        let offers: Vec<_> =
            named.map(|(n, spec)| revisioned(format!("o{n}"), n as u64 + 1, spec)).collect();
        let kept = Kept { placement: revisioned("here".to_owned(), 9, spec), offers };
        // The live project also holds a placement that was asked for first.
        let both = revisioned("both".to_owned(), 1, Placement {
            kind: PlacementType::Offers,
            strategies: Vec::new(),
            ..kept.placement.spec.clone()
        });
        let (placements, _) =
            Placements::compile([&both, &kept.placement], &kept.offers, &Schema::default());
        let mut session = placements.session(&facts, now);
        let request = |placement| Request {
            placement,
            decision_id: "d",
            seed,
            profile: if known { ProfileUse::Used } else { ProfileUse::Refused },
            items: items.clone(),
        };
        let _ = session.decide(request("both"));
        let live = session.decide(request("here")).expect("the placement exists");

        let again = replay(&read_back(&live.inputs), &kept).expect("everything is kept");
        prop_assert_eq!(bytes(&again), bytes(&live));

        // What holds of every decision.
        let entry = &live.entry;
        prop_assert!(entry.choices.len() <= kept.placement.spec.limit);
        prop_assert!(entry.choices.iter().all(|one| one.propensity > 0.0 && one.propensity <= 1.0));
        prop_assert!(entry.choices.iter().all(|one| !one.reasons.is_empty()));
        let mut named: Vec<_> = entry.choices.iter().map(|one| one.id.as_str()).collect();
        named.extend(live.losers.iter().map(|one| &*one.id));
        let count = named.len();
        named.sort_unstable();
        named.dedup();
        prop_assert_eq!(named.len(), count, "something is named twice");
    }
}

#[test]
fn a_revision_that_is_gone_is_named() {
    let spec = Placement::parse(&content(r#"{"type":"offers"}"#)).unwrap();
    let offer = Offer::parse(&content(r#"{"placements":["here"]}"#)).unwrap();
    let mut kept = Kept {
        placement: revisioned("here".to_owned(), 1, spec),
        offers: vec![revisioned("sale".to_owned(), 4, offer)],
    };
    let (placements, _) = Placements::compile([&kept.placement], &kept.offers, &Schema::default());
    let facts = BTreeMap::new();
    let request = Request {
        placement: "here",
        decision_id: "d",
        seed: 1,
        profile: ProfileUse::Used,
        items: Items::default(),
    };
    let live = placements
        .session(&facts, Timestamp::ZERO)
        .decide(request)
        .unwrap();
    kept.offers[0].revision = 5;
    let error = replay(&live.inputs, &kept).unwrap_err();
    assert!(matches!(error, ReplayError::Missing(_)));
    assert_eq!(error.to_string(), "revision 4 of offer sale is not kept");
}
