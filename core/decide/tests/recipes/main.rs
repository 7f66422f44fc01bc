//! The laws of recipes: what is left out is left out of every fallback too, a stored decision is
//! taken again to the byte, and places drawn by lot say with which chance.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod laws;

use std::collections::BTreeMap;

use kith_base::{Json, Timestamp, Value};
use kith_decide::{
    Candidate, Evidence, Find, Found, Items, LoserCode, Outcome, Placements, Policy, ProfileUse,
    Request, Specs, replay,
};
use kith_definition::{Offer, Placement, Recipe, Revisioned};
use kith_rule::Schema;

const NOW: Timestamp = Timestamp::from_millis(100 * 86_400_000);

struct Kept {
    placement: Revisioned<Placement>,
    recipes: Vec<Revisioned<Recipe>>,
}

impl Specs for Kept {
    fn placement(&self, _: &str, _: u64) -> Option<Placement> {
        Some(self.placement.spec.clone())
    }

    fn offer(&self, _: &str, _: u64) -> Option<Offer> {
        None
    }

    fn recipe(&self, id: &str, _: u64) -> Option<Recipe> {
        let found = self.recipes.iter().find(|recipe| recipe.id == id)?;
        Some(found.spec.clone())
    }
}

fn revisioned<T>(id: &str, spec: T) -> Revisioned<T> {
    Revisioned {
        id: id.to_owned(),
        name: String::new(),
        revision: 3,
        spec,
    }
}

fn kept(limit: usize, recipes: &[(&str, &str)]) -> Kept {
    let spec = format!(
        r#"{{"type":"items","limit":{limit},"recipe":"{}"}}"#,
        recipes[0].0
    );
    let recipe = |(id, spec): &(&str, &str)| {
        let spec = Json::parse(spec).expect("JSON in a test");
        revisioned(id, Recipe::parse(&spec).expect("a recipe"))
    };
    Kept {
        placement: revisioned(
            "home",
            Placement::parse(&Json::parse(&spec).unwrap()).unwrap(),
        ),
        recipes: recipes.iter().map(recipe).collect(),
    }
}

fn find(id: &str, score: f64, price: i64, category: &str) -> Find {
    Find {
        candidate: Candidate {
            item_id: id.to_owned(),
            score,
            evidence: Evidence::Touched,
            available: true,
            content: Json::parse(&format!(r#"{{"item_id":"{id}"}}"#)).ok(),
        },
        facts: BTreeMap::from([("item.price".to_owned(), Value::Int(price))]),
        alike: vec![format!("category:{category}")],
        held: false,
    }
}

fn compile(kept: &Kept) -> Placements {
    let placements = [kept.placement.clone()];
    let (compiled, problems) =
        Placements::compile_with(&placements, [], &kept.recipes, &Schema::default());
    assert_eq!(problems, []);
    compiled
}

fn decide(kept: &Kept, items: Items, seed: u64) -> Outcome {
    decide_for(kept, ProfileUse::Used, items, seed)
}

fn decide_for(kept: &Kept, profile: ProfileUse, items: Items, seed: u64) -> Outcome {
    let facts = BTreeMap::from([("traits.budget".to_owned(), Value::Int(50))]);
    let compiled = compile(kept);
    let request = Request {
        placement: "home",
        decision_id: "d",
        seed,
        profile,
        items,
        standing: BTreeMap::new(),
        policy: Policy::Unlearned,
        nodes: &[],
    };
    let outcome = compiled.session(&facts, NOW).decide(request);
    outcome.expect("the placement is there")
}

/// The outcome, which must be the same from what was stored.
fn decide_twice(kept: &Kept, items: Items, seed: u64) -> Outcome {
    let outcome = decide(kept, items, seed);
    let stored = serde_json::to_string(&outcome.inputs).unwrap();
    let again = replay(&serde_json::from_str(&stored).unwrap(), kept).unwrap();
    assert_eq!(again.entry.to_json(), outcome.entry.to_json());
    assert_eq!(
        serde_json::to_string(&again.losers).unwrap(),
        serde_json::to_string(&outcome.losers).unwrap()
    );
    assert_eq!(again.losers_cut, outcome.losers_cut);
    assert_eq!(serde_json::to_string(&again.inputs).unwrap(), stored);
    outcome
}

fn found(recipe: &str, items: Vec<Find>) -> Found {
    Found {
        recipe: recipe.to_owned(),
        items,
    }
}

fn shown(outcome: &Outcome) -> Vec<&str> {
    let choices = outcome.entry.choices.iter();
    choices.map(|choice| choice.id.as_str()).collect()
}

const MAIN: &str = r#"{"ingredients":[{"model":"popular"}],
    "exclude_when":"item.price > traits.budget","boosts":[{"when":"item.price < 10","factor":3}],
    "fallbacks":["more"]}"#;
const MORE: &str = r#"{"ingredients":[{"model":"trending"}],"fallbacks":["main"]}"#;

#[test]
fn rules_boosts_and_fallbacks() {
    let kept = kept(3, &[("main", MAIN), ("more", MORE)]);
    let first = vec![
        find("dear", 9.0, 60, "a"),
        find("plain", 2.0, 20, "a"),
        find("cheap", 1.0, 5, "a"),
    ];
    let second = vec![
        find("dear", 9.0, 60, "a"),
        find("late", 1.0, 55, "a"),
        find("x", 1.0, 50, "b"),
    ];
    let items = Items {
        recipes: vec![found("main", first), found("more", second)],
        ..Items::default()
    };
    let outcome = decide_twice(&kept, items, 1);
    assert_eq!(shown(&outcome), ["cheap", "plain", "x"]);
    let reasons: Vec<&str> = outcome.entry.choices[0]
        .reasons
        .iter()
        .map(|one| &**one)
        .collect();
    assert_eq!(
        reasons,
        [
            "Popular",
            "Counts 3 times, because the item's price is 5, which is less than 10"
        ]
    );
    let left: Vec<_> = outcome
        .losers
        .iter()
        .map(|loser| (&*loser.id, loser.code))
        .collect();
    assert_eq!(
        left,
        [("dear", LoserCode::Excluded), ("late", LoserCode::Excluded)]
    );
    let why = "Left out: the item's price is 60, which is more than their budget (50)";
    assert_eq!(&*outcome.losers[0].reason, why);
}

#[test]
fn nothing_found_is_no_error() {
    let kept = kept(3, &[("main", MAIN), ("more", MORE)]);
    let outcome = decide_twice(&kept, Items::default(), 1);
    assert!(shown(&outcome).is_empty() && outcome.entry.fallback);
    let gone = Find {
        candidate: Candidate {
            content: None,
            ..find("gone", 1.0, 1, "a").candidate
        },
        ..find("gone", 1.0, 1, "a")
    };
    let items = Items {
        recipes: vec![found("main", vec![gone, find("dear", f64::NAN, 99, "a")])],
        ..Items::default()
    };
    let outcome = decide_twice(&kept, items, 1);
    assert!(shown(&outcome).is_empty());
    assert_eq!(outcome.losers.len(), 2);
}

#[test]
fn caps_and_relevance_make_it_various() {
    let capped = r#"{"ingredients":[{"model":"popular"}],"diversity":{"per_category":1}}"#;
    let mixed = r#"{"ingredients":[{"model":"popular"}],"diversity":{"mmr":0.5}}"#;
    let items = || Items {
        recipes: vec![found(
            "main",
            vec![
                find("a1", 3.0, 1, "a"),
                find("a2", 2.9, 1, "a"),
                find("b1", 1.0, 1, "b"),
            ],
        )],
        ..Items::default()
    };
    let outcome = decide_twice(&kept(3, &[("main", capped)]), items(), 1);
    assert_eq!(shown(&outcome), ["a1", "b1"]);
    let outcome = decide_twice(&kept(2, &[("main", mixed)]), items(), 1);
    assert_eq!(shown(&outcome), ["a1", "b1"]);
}

#[test]
fn what_is_drawn_by_lot_says_its_chance() {
    let text = r#"{"ingredients":[{"model":"popular"}],"exploration":0.5}"#;
    let kept = kept(1, &[("main", text)]);
    let items = || Items {
        recipes: vec![found(
            "main",
            (0..4)
                .map(|n| find(&format!("i{n}"), f64::from(9 - n), 1, "a"))
                .collect(),
        )],
        ..Items::default()
    };
    let mut times: BTreeMap<String, (u32, f64)> = BTreeMap::new();
    for seed in 0..4_000 {
        let outcome = decide(&kept, items(), seed);
        let choice = &outcome.entry.choices[0];
        let count = times.entry(choice.id.clone()).or_default();
        (count.0, count.1) = (count.0 + 1, choice.propensity);
    }
    for (id, (count, chance)) in times {
        let share = f64::from(count) / 4_000.0;
        assert!(
            (share - chance).abs() < 0.03,
            "{id}: {share} of the time, said {chance}"
        );
    }
}

#[test]
fn to_reorder_is_to_buy_again() {
    let text = r#"{"goal":"reorder","ingredients":[{"model":"again"}]}"#;
    let kept = kept(3, &[("main", text)]);
    let day = |days: i64| Timestamp::from_millis(NOW.as_millis() - days * 86_400_000);
    let items = Items {
        purchases: BTreeMap::from([("old".to_owned(), day(40)), ("new".to_owned(), day(3))]),
        recipes: vec![found(
            "main",
            ["old", "new", "never"]
                .map(|id| find(id, 1.0, 1, "a"))
                .into(),
        )],
        ..Items::default()
    };
    assert_eq!(shown(&decide_twice(&kept, items, 1)), ["old"]);
}

/// As the caller finds it: without content, and told by the catalog or not.
fn named(mut find: Find, evidence: Evidence, held: bool) -> Find {
    find.candidate.content = None;
    find.candidate.evidence = evidence;
    find.held = held;
    find
}

#[test]
fn what_is_named_is_put_in_order_and_nothing_is_lost() {
    let kept = kept(1, &[("main", MAIN)]);
    let told = |find: Find| named(find, Evidence::Named, true);
    let mut gone = told(find("gone", 0.0, 1, "a"));
    gone.candidate.available = false;
    let finds = vec![
        told(find("dear", 0.0, 60, "a")),
        told(find("second", 0.0, 20, "a")),
        gone,
        named(find("taste", 1.0, 20, "a"), Evidence::Taste, true),
        named(find("unknown", 0.0, 1, "a"), Evidence::Named, false),
        told(find("cheap", 0.0, 5, "a")),
    ];
    let items = Items {
        named: ["dear", "second", "gone", "taste", "unknown", "cheap"]
            .map(str::to_owned)
            .into(),
        recipes: vec![found("main", finds)],
        ..Items::default()
    };
    let outcome = decide_twice(&kept, items, 1);
    // 1 + 1 / log2(5), 3 / log2(7), 1 / log2(3), 1 / log2(6); then 1, and 3 / log2(4).
    let order = ["taste", "cheap", "second", "unknown", "gone", "dear"];
    assert_eq!(shown(&outcome), order);
    assert!(!outcome.entry.fallback);
    let choices = &outcome.entry.choices;
    let scores = [
        1.0 + 1.0 / 5f64.log2(),
        3.0 / 7f64.log2(),
        1.0 / 3f64.log2(),
    ];
    for (choice, score) in choices.iter().zip(scores) {
        assert!((choice.score - score).abs() < 1e-12, "{choice:?}");
    }
    let reasons = |place: usize| choices[place].reasons.iter().map(|one| &**one);
    let words = [
        "Chosen by people with a like taste",
        "Came 4th of those found",
    ];
    assert!(reasons(0).eq(words));
    let words = [
        "Counts 3 times, because the item's price is 5, which is less than 10",
        "Came 6th of those found",
    ];
    assert!(reasons(1).eq(words));
    assert_eq!(&*choices[3].reasons[0], "The catalog does not hold it");
    assert_eq!(&*choices[4].reasons[0], "Put last: it is not available");
    let why = "Put last: the item's price is 60, which is more than their budget (50)";
    assert_eq!(&*choices[5].reasons[0], why);
}
