//! What holds whatever the models found.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::Value;
use kith_decide::{Evidence, Find, Items, ProfileUse, replay};
use proptest::prelude::*;

use crate::{
    Kept, MAIN, MORE, NOW, compile, decide, decide_for, decide_twice, find, found, kept, named,
    shown,
};

fn finds() -> impl Strategy<Value = Vec<Find>> {
    let one = (0u8..30, 0.0f64..1.0, 0i64..100, 0u8..3, any::<bool>());
    let one = one.prop_map(|(id, score, price, category, available)| {
        let mut find = find(&format!("i{id}"), score, price, &category.to_string());
        find.candidate.available = available;
        find
    });
    prop::collection::vec(one, 0..80)
}

/// The best first, each id once, most of them to be had.
fn many_finds() -> impl Strategy<Value = Vec<Find>> {
    let one = (0u8..160, 0.0f64..1.0, 0i64..60, 0u8..4, 0u8..10);
    let one = one.prop_map(|(id, score, price, category, luck)| {
        let mut find = find(&format!("i{id}"), score, price, &category.to_string());
        find.candidate.available = luck > 0;
        find
    });
    prop::collection::vec(one, 0..150).prop_map(|mut finds| {
        let mut seen = BTreeSet::new();
        finds.retain(|find| seen.insert(find.candidate.item_id.clone()));
        finds.sort_by(|one, other| other.candidate.score.total_cmp(&one.candidate.score));
        finds
    })
}

/// As little of what was found as a chain says is enough.
fn enough(kept: &Kept, items: &Items) -> Items {
    let facts = BTreeMap::from([("traits.budget".to_owned(), Value::Int(50))]);
    let compiled = compile(kept);
    let session = compiled.session(&facts, NOW);
    let chain = session.recipes("home").unwrap();
    let mut less = items.clone();
    let mut seen = BTreeSet::new();
    for (stage, found) in less.recipes.iter_mut().enumerate() {
        let mut open = 0;
        found.items.retain(|find| {
            if open >= chain.enough(stage) {
                return false;
            }
            let fresh = seen.insert(find.candidate.item_id.clone());
            open += usize::from(fresh && !chain.leaves_out(stage, find, items));
            true
        });
        if chain.fills(stage, open) {
            less.recipes.truncate(stage + 1);
            break;
        }
    }
    less
}

proptest! {
    /// What a chain says is enough to look at gives the choices that everything gives.
    #[test]
    fn enough_is_enough(
        (first, second) in (many_finds(), many_finds()),
        (limit, seed, boost, cap) in (1usize..12, any::<u64>(), any::<bool>(), 0usize..5),
        mmr in 0u8..2,
    ) {
        let boosts = if boost { r#"{"when":"item.price < 10","factor":3}"# } else { "" };
        let cap = if cap == 0 { "null".to_owned() } else { cap.to_string() };
        let one = format!(r#"{{"ingredients":[{{"model":"popular"}}],"exploration":0.2,
            "diversity":{{"mmr":{},"per_category":{cap}}},"boosts":[{boosts}],
            "exclude_when":"item.price > traits.budget","fallbacks":["more"]}}"#,
            f64::from(mmr) * 0.4);
        let kept = kept(limit, &[("main", &one), ("more", MORE)]);
        let items = Items {
            recipes: vec![found("main", first), found("more", second)],
            ..Items::default()
        };
        let less = decide(&kept, enough(&kept, &items), seed);
        let all = decide(&kept, items, seed);
        prop_assert_eq!(less.entry.to_json(), all.entry.to_json());
    }

    /// Every named item is there once, also when nobody is known or the person refused; then the
    /// order is the caller's.
    #[test]
    fn named_items_are_put_in_order(
        finds in finds(),
        unknown in 0usize..3,
        seed in any::<u64>(),
        profile in prop::sample::select(vec![
            ProfileUse::Used, ProfileUse::Unknown, ProfileUse::Refused,
        ]),
    ) {
        let mut ids = BTreeSet::new();
        let finds: Vec<Find> = finds
            .into_iter()
            .filter(|find| ids.insert(find.candidate.item_id.clone()))
            .map(|find| named(find, Evidence::Taste, true))
            .collect();
        let mut ids: Vec<String> =
            finds.iter().map(|find| find.candidate.item_id.clone()).collect();
        ids.extend((0..unknown).map(|n| format!("unknown{n}")));
        prop_assume!(!ids.is_empty());
        let kept = kept(3, &[("main", MAIN)]);
        let items = Items {
            named: ids.clone(),
            recipes: vec![found("main", finds)],
            ..Items::default()
        };
        let outcome = decide_for(&kept, profile, items, seed);
        let stored = serde_json::to_string(&outcome.inputs).unwrap();
        let again = replay(&serde_json::from_str(&stored).unwrap(), &kept).unwrap();
        prop_assert_eq!(again.entry.to_json(), outcome.entry.to_json());
        let used = profile == ProfileUse::Used;
        prop_assert_eq!(outcome.entry.fallback, !used);
        let mut order: Vec<String> = shown(&outcome).into_iter().map(str::to_owned).collect();
        if used {
            order.sort();
            ids.sort();
        }
        prop_assert_eq!(order, ids);
    }

    /// Whatever each recipe of a chain found: nothing is shown that any recipe before it leaves
    /// out, nothing twice, and the decision is the same from what was stored.
    #[test]
    fn exclusions_hold_in_every_fallback(
        (first, second, third) in (finds(), finds(), finds()),
        bought in prop::collection::btree_set(0u8..30, 0..6),
        cart in prop::collection::btree_set(0u8..30, 0..6),
        (current, limit, seed) in (0u8..30, 1usize..12, any::<u64>()),
        (explore, mmr) in (0u8..2, 0u8..2),
    ) {
        let tail = format!(
            r#""exploration":{},"diversity":{{"mmr":{},"per_category":4}}"#,
            f64::from(explore) * 0.4, f64::from(mmr) * 0.3,
        );
        let one = format!(r#"{{"ingredients":[{{"model":"popular"}}],{tail},
            "exclude_when":"item.price > traits.budget","fallbacks":["two"]}}"#);
        let two = format!(r#"{{"ingredients":[{{"model":"popular"}}],{tail},
            "include_when":"item.price > 5","fallbacks":["three","one"]}}"#);
        let three = format!(r#"{{"ingredients":[{{"model":"popular"}}],{tail},
            "fallbacks":["one"]}}"#);
        let kept = kept(limit, &[("one", &one), ("two", &two), ("three", &three)]);
        let name = |id: &u8| format!("i{id}");
        let mut offered: BTreeMap<String, i64> = BTreeMap::new();
        let mut unavailable = BTreeSet::new();
        // The first of several alike is the one looked at.
        for list in [&first, &second, &third] {
            for find in list {
                let id = find.candidate.item_id.clone();
                if let Some(Value::Int(price)) = find.facts.get("item.price")
                    && !offered.contains_key(&id)
                {
                    offered.insert(id.clone(), *price);
                    if !find.candidate.available {
                        unavailable.insert(id.clone());
                    }
                }
            }
        }
        let items = Items {
            current_item: Some(name(&current)),
            purchases: bought.iter().map(|id| (name(id), NOW)).collect(),
            cart: cart.iter().map(name).collect(),
            recipes: vec![found("one", first), found("two", second), found("three", third)],
            ..Items::default()
        };
        let outcome = decide_twice(&kept, items, seed);
        let shown = shown(&outcome);
        let distinct: BTreeSet<&&str> = shown.iter().collect();
        prop_assert_eq!(distinct.len(), shown.len());
        prop_assert!(shown.len() <= limit);
        for id in shown {
            let number: u8 = id[1..].parse().unwrap();
            prop_assert!(!bought.contains(&number) && !cart.contains(&number));
            prop_assert!(number != current);
            prop_assert!(!unavailable.contains(id));
            prop_assert!(offered[id] <= 50);
        }
        for choice in &outcome.entry.choices {
            prop_assert!(choice.propensity > 0.0 && choice.propensity <= 1.0);
        }
    }
}
