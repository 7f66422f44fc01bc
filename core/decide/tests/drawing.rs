//! In a placement that learns promotions are drawn, with the very probabilities that are logged.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use kith_base::{Duration, Json, Timestamp, Value};
use kith_decide::bandit::Serves;
use kith_decide::*;
use kith_definition::{Offer, Placement, Recipe, Revisioned};
use kith_rule::Schema;

struct Kept {
    placement: Revisioned<Placement>,
    offers: Vec<Revisioned<Offer>>,
}

impl Specs for Kept {
    fn placement(&self, _: &str, _: u64) -> Option<Placement> {
        Some(self.placement.spec.clone())
    }

    fn offer(&self, id: &str, _: u64) -> Option<Offer> {
        let found = self.offers.iter().find(|offer| offer.id == id);
        found.map(|offer| offer.spec.clone())
    }

    fn recipe(&self, _: &str, _: u64) -> Option<Recipe> {
        None
    }
}

fn revisioned<T>(id: &str, spec: T) -> Revisioned<T> {
    Revisioned {
        id: id.to_owned(),
        name: String::new(),
        revision: 1,
        spec,
    }
}

fn offer(id: &str, more: &str) -> Revisioned<Offer> {
    let text = format!(r#"{{"placements":["hero"]{more}}}"#);
    revisioned(id, Offer::parse(&Json::parse(&text).unwrap()).unwrap())
}

fn shop(limit: usize, more: &[(&str, &str)]) -> Kept {
    let text = format!(r#"{{"type":"offers","limit":{limit},"learning":{{}}}}"#);
    let mut offers: Vec<_> = ["a", "b", "c"].map(|id| offer(id, "")).into();
    offers.extend(more.iter().map(|(id, more)| offer(id, more)));
    Kept {
        placement: revisioned(
            "hero",
            Placement::parse(&Json::parse(&text).unwrap()).unwrap(),
        ),
        offers,
    }
}

/// a with 0.6, b with 0.3, c with 0.1.
fn unequal() -> Drawing {
    let candidate = |(offer, propensity): (&str, f64)| Drawable {
        offer: offer.to_owned(),
        worth: 1.0,
        propensity,
        learned: propensity,
        expected: 0.1,
        refused: false,
    };
    Drawing {
        serves: Serves::Learned,
        floor: 0.02,
        features: Vec::new(),
        nodes: Vec::new(),
        candidates: [("a", 0.6), ("b", 0.3), ("c", 0.1)].map(candidate).into(),
        drawn: Vec::new(),
    }
}

fn decide(
    kept: &Kept,
    seed: u64,
    policy: Policy<'_>,
    standing: &BTreeMap<String, Standing>,
) -> Outcome {
    let offers = &kept.offers;
    let (compiled, problems) = Placements::compile([&kept.placement], offers, &Schema::default());
    assert_eq!(problems, []);
    let facts = BTreeMap::<String, Value>::new();
    let request = Request {
        placement: "hero",
        decision_id: "d",
        seed,
        profile: ProfileUse::Used,
        items: Items::default(),
        standing: standing.clone(),
        policy,
        nodes: &[],
    };
    let mut session = compiled.session(&facts, Timestamp::ZERO);
    session.decide(request).expect("there is a hero")
}

fn shown(outcome: &Outcome) -> Vec<&str> {
    let choices = outcome.entry.choices.iter();
    choices.map(|choice| choice.id.as_str()).collect()
}

#[test]
fn offers_are_drawn_as_often_as_their_propensities_say() {
    let (kept, drawing) = (shop(2, &[]), unequal());
    let policy = Policy::Drawn(&drawing);
    let rounds = 4_000;
    let (mut first, mut second) = (BTreeMap::new(), BTreeMap::new());
    let mut weights = 0.0;
    for seed in 0..rounds {
        let outcome = decide(&kept, seed, policy, &BTreeMap::new());
        let [one, two] = &outcome.entry.choices[..] else {
            panic!("two are shown");
        };
        *first.entry(one.id.clone()).or_insert(0.0) += 1.0;
        // Of those that a was not drawn before, weighted, all have it second.
        if two.id == "a" {
            weights += 1.0 / two.propensity;
        }
        let gone = drawing
            .candidates
            .iter()
            .find(|other| other.offer == one.id);
        let own = drawing
            .candidates
            .iter()
            .find(|other| other.offer == two.id);
        let expect = own.unwrap().propensity / (1.0 - gone.unwrap().propensity);
        assert!((two.propensity - expect).abs() < 1e-12);
        *second.entry(two.id.clone()).or_insert(0.0) += 1.0;
    }
    for candidate in &drawing.candidates {
        let share = first[&candidate.offer] / rounds as f64;
        assert!(
            (share - candidate.propensity).abs() < 0.03,
            "{share} {candidate:?}"
        );
    }
    let not_first = rounds as f64 - first["a"];
    assert!(
        (weights / not_first - 1.0).abs() < 0.05,
        "{weights} {not_first}"
    );
}

#[test]
fn what_cannot_be_granted_falls_out_and_the_others_keep_their_order() {
    let mut kept = shop(1, &[]);
    kept.offers[0] = offer("a", r#","limits":{"stock":1}"#);
    let mut drawing = unequal();
    let open = BTreeMap::from([("a".to_owned(), Standing::Open)]);
    let refused = Standing::Refused(Closed::OutOfStock { stock: 1 });
    let refused = BTreeMap::from([("a".to_owned(), refused)]);
    let mut seen = 0;
    for seed in 0..200 {
        drawing.candidates[0].refused = false;
        let outcome = decide(&kept, seed, Policy::Drawn(&drawing), &open);
        if shown(&outcome) != ["a"] {
            assert!(outcome.wanted.is_empty());
            continue;
        }
        assert_eq!(outcome.wanted, ["a".into()]);
        seen += 1;
        drawing.candidates[0].refused = true;
        let outcome = decide(&kept, seed, Policy::Drawn(&drawing), &refused);
        let choice = &outcome.entry.choices[0];
        let expect = if choice.id == "b" { 0.75 } else { 0.25 };
        assert!((choice.propensity - expect).abs() < 1e-12, "{choice:?}");
        let slots = outcome.inputs.drawing.as_deref().unwrap().slots();
        assert_eq!(slots[0].candidates.len(), 2);
        let lost = outcome.losers.iter().find(|loser| &*loser.id == "a");
        assert_eq!(lost.unwrap().code, LoserCode::LimitReached);
    }
    assert!((90..150).contains(&seen), "{seen}");
}

#[test]
fn what_must_be_said_and_what_is_theirs_go_before() {
    let more = [
        ("recall", r#","kind":"mandatory""#),
        ("help", r#","kind":"service""#),
        ("held", r#","limits":{"stock":5}"#),
    ];
    let grant = Grant {
        grant_id: "g".to_owned(),
        granted_at: Timestamp::ZERO,
        expires_at: Timestamp::ZERO.plus(Duration::from_days(1)),
        code: None,
        new: false,
    };
    let standing = BTreeMap::from([("held".to_owned(), Standing::Held(grant))]);
    let drawing = unequal();
    let policy = Policy::Drawn(&drawing);
    for seed in 0..20 {
        let outcome = decide(&shop(4, &more), seed, policy, &standing);
        assert_eq!(shown(&outcome)[..3], ["recall", "help", "held"]);
        assert!(outcome.entry.choices[3].propensity < 1.0);
        assert_eq!(outcome.inputs.drawing.as_deref().unwrap().drawn.len(), 1);
        let full = decide(&shop(3, &more), seed, policy, &standing);
        assert_eq!(full.inputs.drawing, None);
    }
}

#[test]
fn a_draw_is_said_in_words() {
    let drawing = unequal();
    let outcome = decide(&shop(1, &[]), 1, Policy::Drawn(&drawing), &BTreeMap::new());
    let choice = &outcome.entry.choices[0];
    let share = choice.propensity * 100.0;
    assert_eq!(
        &*choice.reasons[1],
        format!(
            "Drawn by lot with probability {share} % of 3 candidates: what was learned serves, \
             and a part stays with the best fixed offer; expected reward 0.1, worth 1; a floor \
             of 2 % is spread over all"
        )
    );
    let lost = &outcome.losers[0].reason;
    assert!(
        lost.starts_with("Not drawn: its probability was "),
        "{lost}"
    );
}

#[test]
fn past_decisions_are_ranked_by_another_spec() {
    let mut kept = shop(1, &[("d", r#","priority":200"#)]);
    kept.offers[1] = offer("b", r#","value":3"#);
    let outcome = decide(&kept, 7, Policy::Unlearned, &BTreeMap::new());
    let rank = |spec: Option<&str>| {
        let spec = spec.map(|text| Placement::parse(&Json::parse(text).unwrap()).unwrap());
        Reranker::new(spec).rank(&outcome.inputs, &kept).unwrap()
    };
    let share = |id: &str, share: f64| (id.to_owned(), share);
    assert_eq!(rank(None).shares, [share("b", 1.0)]);
    let by_lever = r#"{"type":"offers","formula":"lever"}"#;
    assert_eq!(rank(Some(by_lever)).shares, [share("d", 1.0)]);
    let equal = rank(Some(r#"{"type":"offers","formula":"1"}"#)).shares;
    assert_eq!(equal, ["d", "a", "b", "c"].map(|id| share(id, 0.25)));
    let unknown = r#"{"type":"offers","silence_promotions_when":"traits.angry = true"}"#;
    assert_eq!(rank(Some(unknown)).unknown, ["traits.angry"]);
}
