//! Decisions by example: what is shown, with which words, and what lost.

use std::collections::BTreeMap;

use kith_base::{Json, Timestamp, Value, limits};
use kith_decide::*;
use kith_definition::{Offer, Placement, Revisioned, Strategy};
use kith_rule::Schema;

const NOW: &str = "2026-11-21T08:00:00Z";

fn json(text: &str) -> Json {
    Json::parse(text).expect("JSON in a test")
}

fn placement(id: &str, spec: &str) -> Revisioned<Placement> {
    revisioned(id, 3, Placement::parse(&json(spec)).expect("a placement"))
}

fn offer(id: &str, spec: &str) -> Revisioned<Offer> {
    revisioned(id, 7, Offer::parse(&json(spec)).expect("an offer"))
}

fn revisioned<T>(id: &str, revision: u64, spec: T) -> Revisioned<T> {
    Revisioned {
        id: id.to_owned(),
        name: String::new(),
        revision,
        spec,
    }
}

fn facts() -> BTreeMap<String, Value> {
    BTreeMap::from([
        ("features.cart_item_count".to_owned(), Value::Int(2)),
        ("traits.plan".to_owned(), Value::from("free")),
    ])
}

fn request(placement: &str) -> Request<'_> {
    Request {
        placement,
        decision_id: "d-1",
        seed: 1,
        profile: ProfileUse::Used,
        items: Items::default(),
        standing: BTreeMap::new(),
        policy: Policy::Unlearned,
        nodes: &[],
    }
}

fn decide(placement: &Revisioned<Placement>, offers: &[Revisioned<Offer>], seed: u64) -> Outcome {
    let (placements, problems) = Placements::compile([placement], offers, &Schema::default());
    assert_eq!(problems, []);
    let (facts, now) = (facts(), Timestamp::parse(NOW).expect("a time"));
    let mut session = placements.session(&facts, now);
    let request = Request {
        seed,
        ..request(&placement.id)
    };
    session.decide(request).expect("the placement exists")
}

fn losers(outcome: &Outcome) -> Vec<String> {
    let line = |loser: &Loser| format!("{} {:?}: {}", loser.id, loser.code, loser.reason);
    outcome.losers.iter().map(line).collect()
}

fn hero() -> Revisioned<Placement> {
    placement(
        "home_hero",
        r#"{"type":"offers","fallback":{"content":{"title":"Welcome"}}}"#,
    )
}

#[test]
fn the_highest_eligible_priority_in_schedule_wins() {
    let offers = [
        offer(
            "late",
            r#"{"placements":["home_hero"],"priority":90,"starts_at":"2026-12-01"}"#,
        ),
        offer(
            "over",
            r#"{"placements":["home_hero"],"priority":90,"ends_at":"2026-11-21T08:00:00Z"}"#,
        ),
        offer(
            "pro",
            r#"{"placements":["home_hero"],"priority":80,"when":"traits.plan = \"pro\""}"#,
        ),
        offer(
            "cart",
            r#"{"placements":["home_hero"],"priority":50,"when":"features.cart_item_count >= 1",
                "content":{"title":"Your cart","z":1,"a":[1.5,null]}}"#,
        ),
        offer("hello", r#"{"placements":["home_hero"],"priority":10}"#),
        offer("elsewhere", r#"{"placements":["footer"],"priority":999}"#),
    ];
    let outcome = decide(&hero(), &offers, 1);
    assert_eq!(
        outcome.entry.to_json().as_str(),
        r#"{"placement":"home_hero","decision_id":"d-1","choices":[{"kind":"offer","id":"cart","#
            .to_owned()
            + r#""content":{"a":[1.5,null],"title":"Your cart","z":1},"score":50.0,"#
            + r#""propensity":1.0,"reasons":["Because the number of products in their cart is 2, "#
            + r#"which is at least 1","#
            + r#""Highest priority (50) of 2 eligible offers"]}],"#
            + r#""fallback":false,"experiments":[]}"#
    );
    assert_eq!(
        losers(&outcome),
        [
            "hello LowerPriority: Priority 10 is below 50, the lowest that is shown",
            "late NotScheduled: Not yet: it starts at 2026-12-01T00:00:00.000Z",
            "over NotScheduled: No longer: it ended at 2026-11-21T08:00:00.000Z",
            "pro NotEligible: Not eligible: their plan is \"free\", not \"pro\"",
        ]
    );
    let facts = serde_json::to_string(&outcome.inputs.facts).expect("facts are JSON");
    assert_eq!(
        facts,
        r#"{"features.cart_item_count":2,"traits.plan":"free"}"#
    );
    let used: Vec<_> = outcome
        .inputs
        .definitions()
        .map(|one| format!("{}@{}", one.id, one.revision))
        .collect();
    assert_eq!(
        used,
        [
            "home_hero@3",
            "late@7",
            "over@7",
            "pro@7",
            "cart@7",
            "hello@7"
        ]
    );
}

#[test]
fn equals_are_drawn_by_lot_with_the_stated_propensity() {
    let offers =
        ["a", "b", "c", "d"].map(|id| offer(id, r#"{"placements":["two"],"priority":50}"#));
    let two = placement("two", r#"{"type":"offers","limit":2}"#);
    let mut shown: BTreeMap<String, u32> = BTreeMap::new();
    for seed in 0..4_000 {
        let outcome = decide(&two, &offers, seed);
        assert_eq!(outcome.entry.choices.len(), 2);
        for choice in outcome.entry.choices {
            assert_eq!(choice.propensity, 0.5);
            assert_eq!(
                &*choice.reasons[1],
                "Drawn by lot among 4 offers of priority 50"
            );
            *shown.entry(choice.id).or_default() += 1;
        }
        assert_eq!(
            &*outcome.losers[0].reason,
            "Lost the lot among 4 offers of priority 50"
        );
    }
    // Five standard deviations of a binomial with n = 4,000 and p = 1/2.
    for (id, count) in shown {
        assert!(
            count.abs_diff(2_000) < 160,
            "{id} was shown {count} times of 4000"
        );
    }
}

#[test]
fn a_sure_place_has_propensity_one() {
    let offers = [
        offer("top", r#"{"placements":["two"],"priority":90}"#),
        offer("a", r#"{"placements":["two"],"priority":50}"#),
        offer("b", r#"{"placements":["two"],"priority":50}"#),
        offer("c", r#"{"placements":["two"],"priority":50}"#),
    ];
    let outcome = decide(
        &placement("two", r#"{"type":"offers","limit":3}"#),
        &offers,
        5,
    );
    let propensities: Vec<_> = outcome
        .entry
        .choices
        .iter()
        .map(|choice| choice.propensity)
        .collect();
    assert_eq!(propensities, [1.0, 2.0 / 3.0, 2.0 / 3.0]);
    let outcome = decide(
        &placement("two", r#"{"type":"offers","limit":4}"#),
        &offers,
        5,
    );
    assert!(
        outcome
            .entry
            .choices
            .iter()
            .all(|choice| choice.propensity == 1.0)
    );
    assert_eq!(losers(&outcome), Vec::<String>::new());
}

#[test]
fn the_fallback_says_why() {
    let never = [offer(
        "pro",
        r#"{"placements":["home_hero"],"when":"traits.plan = \"pro\""}"#,
    )];
    let outcome = decide(&hero(), &never, 1);
    assert!(outcome.entry.fallback);
    let choice = &outcome.entry.choices[0];
    assert_eq!(
        (choice.id.as_str(), choice.content.as_str()),
        ("fallback", r#"{"title":"Welcome"}"#)
    );
    assert_eq!(&*choice.reasons[0], "Shown because no offer is eligible");

    let (placements, _) = Placements::compile([&hero()], &never, &Schema::default());
    let (facts, now) = (facts(), Timestamp::ZERO);
    let mut session = placements.session(&facts, now);
    let outcome = session
        .decide(Request {
            profile: ProfileUse::Unknown,
            ..request("home_hero")
        })
        .unwrap();
    let reason = &outcome.entry.choices[0].reasons[0];
    assert_eq!(
        &**reason,
        "Shown because nobody is known by these identifiers yet"
    );
    assert!(outcome.losers.is_empty() && outcome.inputs.facts.is_empty());
    assert!(session.decide(request("home_her")).is_none());

    let outcome = decide(&placement("bare", r#"{"type":"offers"}"#), &[], 1);
    assert_eq!(
        (outcome.entry.fallback, outcome.entry.choices.len()),
        (true, 0)
    );
}

#[test]
fn an_offer_with_a_broken_rule_is_reported_and_never_shown() {
    let offers = [
        offer(
            "bad",
            r#"{"placements":["home_hero"],"when":"traits.plan is pro"}"#,
        ),
        offer(
            "odd",
            r#"{"placements":["home_hero"],"when":"features.purchases > 1"}"#,
        ),
    ];
    let (placements, problems) = Placements::compile([&hero()], &offers, &Schema::default());
    let fields: Vec<_> = problems
        .iter()
        .map(|one| (one.id.as_str(), one.field.as_str()))
        .collect();
    assert_eq!(fields, [("bad", "spec.when"), ("odd", "spec.when")]);
    let facts = facts();
    let outcome = placements
        .session(&facts, Timestamp::ZERO)
        .decide(request("home_hero"))
        .unwrap();
    assert!(outcome.entry.fallback);
    assert!(
        losers(&outcome)[0].starts_with("bad NotEligible: Not eligible: its rule cannot be read")
    );
    assert_eq!(
        losers(&outcome)[1],
        "odd NotEligible: Not eligible: their purchases is not known"
    );
}

#[test]
fn rules_are_evaluated_and_facts_fetched_once_for_all_placements() {
    struct Counting(std::cell::RefCell<Vec<String>>);
    impl kith_rule::Facts for Counting {
        fn fact(&self, key: &kith_rule::FactKey, _: Timestamp) -> Value {
            self.0.borrow_mut().push(key.to_string());
            Value::Int(2)
        }
    }
    let homes = ["a", "b"].map(|id| placement(id, r#"{"type":"offers"}"#));
    let offers = ["x", "y"].map(|id| {
        offer(
            id,
            r#"{"placements":["a","b"],"when":"features.cart_item_count >= 1"}"#,
        )
    });
    let (placements, _) = Placements::compile(&homes, &offers, &Schema::default());
    let facts = Counting(Default::default());
    let mut session = placements.session(&facts, Timestamp::ZERO);
    assert!(session.decide(request("a")).is_some() && session.decide(request("b")).is_some());
    drop(session);
    assert_eq!(facts.0.into_inner(), ["features.cart_item_count"]);
}

#[test]
fn losers_are_kept_to_the_limit_and_counted_beyond() {
    let count = limits::LOSERS_PER_DECISION_MAX + 1;
    let all: Vec<_> = (0..count + 1)
        .map(|n| offer(&format!("o{n:03}"), r#"{"placements":["home_hero"]}"#))
        .collect();
    let outcome = decide(&hero(), &all[..count], 1);
    assert_eq!(
        (outcome.losers.len(), outcome.losers_cut),
        (limits::LOSERS_PER_DECISION_MAX, 0)
    );
    let outcome = decide(&hero(), &all, 1);
    assert_eq!(
        (outcome.losers.len(), outcome.losers_cut),
        (limits::LOSERS_PER_DECISION_MAX, 1)
    );
}

#[test]
fn offers_are_considered_to_the_limit() {
    let offers: Vec<_> = (0..=limits::OFFERS_PER_PLACEMENT_MAX)
        .map(|n| {
            let text = format!(
                r#"{{"placements":["home_hero"],"priority":{}}}"#,
                n.min(1_000)
            );
            offer(&format!("o{n:04}"), &text)
        })
        .collect();
    let (_, problems) = Placements::compile([&hero()], &offers[1..], &Schema::default());
    assert_eq!(problems, []);
    let (placements, problems) = Placements::compile([&hero()], &offers, &Schema::default());
    assert_eq!(problems.len(), 1);
    let facts = facts();
    let outcome = placements
        .session(&facts, Timestamp::ZERO)
        .decide(request("home_hero"))
        .unwrap();
    assert!(outcome.inputs.offers.iter().all(|(id, _)| id != "o0000"));
}

fn candidate(id: &str, evidence: Evidence) -> Candidate {
    let content = Some(json(&format!(r#"{{"item_id":"{id}"}}"#)));
    Candidate {
        item_id: id.to_owned(),
        score: 1.5,
        evidence,
        available: true,
        content,
    }
}

fn list(strategy: Strategy, items: Vec<Candidate>) -> Candidates {
    Candidates { strategy, items }
}

fn decide_items(spec: &str, items: Items) -> Outcome {
    let placement = placement("also", spec);
    let (placements, _) = Placements::compile([&placement], [], &Schema::default());
    let (facts, now) = (facts(), Timestamp::parse(NOW).expect("a time"));
    let request = Request {
        items,
        ..request("also")
    };
    placements
        .session(&facts, now)
        .decide(request)
        .expect("the placement exists")
}

fn shown(outcome: &Outcome) -> Vec<String> {
    let line = |choice: &Choice| format!("{}: {}", choice.id, choice.reasons[0]);
    outcome.entry.choices.iter().map(line).collect()
}

const STEPS: &str = r#""strategies":[{"strategy":"also-viewed"},{"strategy":"recently-viewed"},
    {"strategy":"popular-now"}]"#;

#[test]
fn strategies_fill_in_their_order_without_repeats() {
    let popular = |views| Evidence::Popular { views };
    let with = || Evidence::ViewedWith {
        title: "Trail Shoe".to_owned(),
    };
    let time = |text: &str| Timestamp::parse(text).expect("a time");
    let at = |text: &str| Evidence::ViewedAt(time(text));
    let (mut gone, mut unknown) = (candidate("gone", with()), candidate("unknown", with()));
    (gone.available, unknown.content) = (false, None);
    let items = Items {
        current_item: Some("shoe".to_owned()),
        purchases: BTreeMap::from([
            ("socks".to_owned(), time("2026-11-18T07:00:00Z")),
            ("tent".to_owned(), time("2026-10-01")),
            ("other".to_owned(), time("2026-11-20")),
        ]),
        candidates: vec![
            list(
                Strategy::PopularNow,
                vec![
                    candidate("boots", popular(500)),
                    candidate("hat", popular(412)),
                    candidate("scarf", popular(1)),
                ],
            ),
            list(
                Strategy::AlsoViewed,
                vec![
                    candidate("shoe", with()),
                    candidate("socks", with()),
                    gone,
                    unknown,
                    candidate("boots", with()),
                ],
            ),
            list(
                Strategy::RecentlyViewed,
                vec![
                    candidate("boots", at("2026-11-21T07:00:00Z")),
                    candidate("tent", at("2026-11-21T06:30:00Z")),
                ],
            ),
        ],
        ..Items::default()
    };
    let outcome = decide_items(&format!(r#"{{"type":"items","limit":3,{STEPS}}}"#), items);
    assert_eq!(
        shown(&outcome),
        [
            "boots: Also viewed by people who viewed Trail Shoe",
            "tent: Viewed 1 hour ago",
            "hat: Popular now: 412 views in the last days",
        ]
    );
    assert_eq!(
        losers(&outcome),
        [
            "shoe Excluded: Left out: it is the item being looked at",
            "socks Excluded: Left out: bought 3 days ago",
            "gone Unavailable: Left out: it is not available",
            "unknown Unavailable: Left out: the catalog does not hold it",
            "scarf OverLimit: No place left after 3",
        ]
    );
    let kept: Vec<_> = outcome.inputs.items.purchases.keys().collect();
    assert_eq!(kept, ["socks", "tent"]);
}

#[test]
fn a_purchase_is_excluded_to_the_millisecond() {
    let now = Timestamp::parse(NOW).expect("a time");
    let run = |days: u32, millis_ago: i64| {
        let spec = format!(
            r#"{{"type":"items","exclude_purchased_days":{days},
                "strategies":[{{"strategy":"popular-now"}}]}}"#
        );
        let bought = Timestamp::from_millis(now.as_millis() - millis_ago);
        let items = Items {
            purchases: BTreeMap::from([("a".to_owned(), bought)]),
            candidates: vec![list(
                Strategy::PopularNow,
                vec![candidate("a", Evidence::Popular { views: 3 })],
            )],
            ..Items::default()
        };
        decide_items(&spec, items).entry.fallback
    };
    let day = 86_400_000;
    assert!(run(2, 2 * day - 1) && !run(2, 2 * day));
    assert!(
        run(2, -day),
        "a purchase that the clock puts into the future is recent"
    );
    assert!(!run(0, 1), "0 days leave nothing out");
}

#[test]
fn runners_up_are_kept_to_the_limit() {
    let found: Vec<_> = (0..100)
        .map(|n| candidate(&format!("i{n}"), Evidence::Popular { views: n }))
        .collect();
    let items = Items {
        candidates: vec![list(Strategy::PopularNow, found)],
        ..Items::default()
    };
    let spec = r#"{"type":"items","limit":2,"strategies":[{"strategy":"popular-now"}]}"#;
    let outcome = decide_items(spec, items);
    assert_eq!(outcome.losers.len(), limits::RUNNERS_UP_PER_DECISION_MAX);
    let looked_at = &outcome.inputs.items.candidates[0].items;
    assert_eq!(looked_at.len(), 2 + limits::RUNNERS_UP_PER_DECISION_MAX);
    assert_eq!(
        looked_at.iter().filter(|one| one.content.is_some()).count(),
        2
    );
}
