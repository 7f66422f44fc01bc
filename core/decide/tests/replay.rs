//! The law of replay: stored inputs give the same outcome, to the byte, whatever was decided.

use std::collections::BTreeMap;

use kith_base::{Json, NodeId, Timestamp, Value};
use kith_decide::{
    Candidate, Candidates, Choice, Closed, Evidence, Grant, Inputs, Items, Outcome, Placements,
    Policy, ProfileUse, ReplayError, Request, Specs, Standing, replay,
};
use kith_definition::{
    ContextWeight, Fallback, Figure, Floor, Learning, Lever, Limits, Offer, OfferKind, Placement,
    PlacementType, Revisioned, StrategyChoice,
};
use kith_event::Code;
use kith_rule::{Expr, FactSet, Rule, Schema, Slots};
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
    /// What it falls back on.
    next: Option<Revisioned<Placement>>,
    offers: Vec<Revisioned<Offer>>,
}

impl Specs for Kept {
    fn placement(&self, id: &str, revision: u64) -> Option<Placement> {
        let mut kept = std::iter::once(&self.placement).chain(&self.next);
        let found = kept.find(|kept| kept.id == id && kept.revision == revision);
        found.map(|kept| kept.spec.clone())
    }

    fn recipe(&self, _: &str, _: u64) -> Option<kith_definition::Recipe> {
        None
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

const FORMULAS: [&str; 4] = [
    "",
    "propensity * value - offer.cost",
    "lever * default(features.cart_item_count, 1) / (context + 1)",
    "not a formula",
];

fn rule() -> impl Strategy<Value = String> {
    let rules = prop::sample::select(RULES.to_vec()).prop_map(str::to_owned);
    prop_oneof![3 => Just(String::new()), 2 => rules]
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![3 => Just(1.0), 1 => 0.0..1.0]
}

fn limits() -> impl Strategy<Value = Limits> {
    let stock = prop::option::weighted(0.3, 0u64..3);
    stock.prop_map(|stock| Limits {
        stock,
        ..Limits::default()
    })
}

prop_compose! {
    fn offer()(
        when in prop::sample::select(RULES.to_vec()),
        priority in 0u32..4,
        windows in prop::array::uniform2(prop::option::weighted(0.3, moment())),
        home in prop::sample::select(vec!["here", "next", "elsewhere"]),
        kind in prop::sample::select(vec![
            OfferKind::Promotion, OfferKind::Promotion, OfferKind::Service, OfferKind::Mandatory,
        ]),
        rules in prop::array::uniform4(rule()),
        numbers in prop::array::uniform3(number()),
        limits in limits(),
    ) -> Offer {
        let [applicable_when, suitable_when, never_when, context] = rules;
        let [value, propensity, weight] = numbers;
        let context = ContextWeight { when: context, weight };
        let context = [context].into_iter().filter(|one| !one.when.is_empty());
        let cost = Figure { name: "cost".to_owned(), value: weight };
        Offer {
            placements: vec![home.to_owned(), "both".to_owned()],
            kind,
            priority,
            when: when.to_owned(),
            applicable_when,
            suitable_when,
            never_when,
            starts_at: windows[0],
            ends_at: windows[1],
            value,
            propensity,
            context: context.collect(),
            figures: [cost].into_iter().filter(|one| one.value < 1.0).collect(),
            limits,
            content: content(r#"{"b":0.1,"a":"é\u0000"}"#),
        }
    }
}

fn learning() -> impl Strategy<Value = Learning> {
    let features = prop::sample::subsequence(FACTS.to_vec(), 0..FACTS.len());
    (features, 0.001..1.0).prop_map(|(features, floor)| Learning {
        reward: "\"Decision Clicked\"".to_owned(),
        window_days: 1,
        features: features.into_iter().map(str::to_owned).collect(),
        floor,
        trial: 0.2,
        holdout: 0.1,
        window_minutes: 0,
    })
}

prop_compose! {
    fn placement(items: bool)(
        limit in 1usize..5,
        steps in Just(kith_definition::Strategy::ALL.to_vec()).prop_shuffle(),
        exclude_purchased_days in 0u32..9,
        fallback in any::<bool>(),
        falls_back in any::<bool>(),
        silence in rule(),
        formula in prop::sample::select(FORMULAS.to_vec()),
        lever in prop::option::of(0.0..3.0),
        most in prop::option::weighted(0.3, 0.0..3.0),
        silence_below in prop::option::weighted(0.3, 0.0..3.0),
        learning in prop::option::of(learning()),
    ) -> Placement {
        let strategies = steps.into_iter().map(|strategy| StrategyChoice { strategy });
        let floor = most.map(|most| Floor {
            name: "risk".to_owned(),
            formula: "offer.cost + lever".to_owned(),
            at_least: None,
            at_most: Some(most),
        });
        let lever = lever.map(|lever| Lever { offer: "o1".to_owned(), lever });
        Placement {
            description: String::new(),
            kind: if items { PlacementType::Items } else { PlacementType::Offers },
            limit,
            strategies: if items { strategies.collect() } else { Vec::new() },
            exclude_purchased_days,
            recipe: None,
            silence_promotions_when: silence,
            formula: formula.to_owned(),
            levers: lever.into_iter().collect(),
            floors: floor.into_iter().collect(),
            silence_below,
            learning: if items { None } else { learning },
            fallback: Fallback {
                placement: (falls_back && !items).then(|| "next".to_owned()),
                content: fallback.then(|| content(r#"{"t":1}"#)),
            },
        }
    }
}

fn standing() -> impl Strategy<Value = Standing> {
    let grant = (any::<bool>(), moment()).prop_map(|(new, at)| Grant {
        grant_id: "g".to_owned(),
        granted_at: at,
        expires_at: at,
        code: new.then(|| Code("SECRET".to_owned())),
        new,
    });
    prop_oneof![
        Just(Standing::Open),
        grant.prop_map(Standing::Held),
        Just(Standing::Closed(Closed::OutOfStock { stock: 3 })),
        Just(Standing::Closed(Closed::PerPerson { count: 1, days: 7 })),
        Just(Standing::Refused(Closed::BudgetSpent)),
    ]
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
            ..Items::default()
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

/// Exclusions, silences and limits hold of whatever is shown, in a fallback too.
fn holds_of_a_choice(
    offer: &Offer,
    choice: &Choice,
    live: &Outcome,
    kept: &Kept,
    facts: &BTreeMap<String, Value>,
) {
    let holds = |text: &str| {
        let Ok(expr) = Expr::parse(text) else {
            return false;
        };
        let mut set = FactSet::default();
        let rule = Rule::compile(&expr, &mut set);
        !text.is_empty() && rule.holds(&Slots::new(&set, facts, live.inputs.now))
    };
    assert!(!holds(&offer.never_when), "{} is excluded", choice.id);
    if offer.kind == OfferKind::Promotion {
        let own = &kept.placement.spec.silence_promotions_when;
        assert!(!holds(own), "{} is silenced", choice.id);
    }
    let standing = live.inputs.standing.get(&choice.id);
    if offer.limits.any() {
        assert!(matches!(standing, Some(Standing::Open | Standing::Held(_))));
        let held = matches!(standing, Some(Standing::Held(_)));
        assert_eq!(choice.granted.is_some(), held);
        let wanted = live.wanted.iter().any(|id| **id == choice.id);
        assert_eq!(wanted, !held);
    }
}

proptest! {
    #[test]
    fn stored_inputs_give_the_same_bytes(
        spec in any::<bool>().prop_flat_map(placement),
        next in placement(false),
        standings in prop::collection::vec(standing(), 12),
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
        let next = Some(revisioned("next".to_owned(), 4, next));
        let kept = Kept { placement: revisioned("here".to_owned(), 9, spec), next, offers };
        let standing = standings.into_iter().enumerate();
        let standing: BTreeMap<_, _> = standing.map(|(n, one)| (format!("o{n}"), one)).collect();
        // The live project also holds a placement that was asked for first.
        let both = revisioned("both".to_owned(), 1, Placement {
            kind: PlacementType::Offers,
            strategies: Vec::new(),
            ..kept.placement.spec.clone()
        });
        let (placements, _) =
            Placements::compile(
                [&both, &kept.placement].into_iter().chain(&kept.next),
                &kept.offers, &Schema::default(),
            );
        let mut session = placements.session(&facts, now);
        let request = |placement| Request {
            placement,
            decision_id: "d",
            seed,
            profile: if known { ProfileUse::Used } else { ProfileUse::Refused },
            items: items.clone(),
            standing: standing.clone(),
            policy: Policy::Unlearned,
            nodes: &[NodeId([7; 16])],
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
        for choice in &entry.choices {
            let Some(offer) = kept.offers.iter().find(|offer| offer.id == choice.id) else {
                continue;
            };
            holds_of_a_choice(&offer.spec, choice, &live, &kept, &facts);
        }
    }
}

#[test]
fn a_revision_that_is_gone_is_named() {
    let spec = Placement::parse(&content(r#"{"type":"offers"}"#)).unwrap();
    let offer = Offer::parse(&content(r#"{"placements":["here"]}"#)).unwrap();
    let mut kept = Kept {
        placement: revisioned("here".to_owned(), 1, spec),
        next: None,
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
        standing: BTreeMap::new(),
        policy: Policy::Unlearned,
        nodes: &[],
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
