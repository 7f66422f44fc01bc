//! A marketplace's views, favourites, carts and purchases.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use kith_base::Timestamp;
use kith_engine::query;

use super::file::{data_set, lines};
use super::person::{Person, Persons, total};
use super::state::State;
use super::{import, verify};
use crate::process::example;

const DAY_MS: f64 = 86_400_000.0;

/// What the file says, in the order of its lines.
struct History {
    touches: Vec<Touch>,
}

struct Touch {
    person: String,
    item: String,
    category: String,
    name: &'static str,
    /// How much it says about interest.
    weight: f64,
    at: i64,
}

fn read(file: &Path) -> History {
    let touch = |line: csv::StringRecord| {
        let (name, weight) = match &line[3] {
            "pv" => ("Product Viewed", 1.0),
            "fav" => ("Product Added to Wishlist", 2.0),
            "cart" => ("Product Added", 3.0),
            "buy" => ("Order Completed", 5.0),
            other => panic!("unknown behaviour {other}"),
        };
        Touch {
            person: format!("user_id:{}", &line[0]),
            item: line[1].to_owned(),
            category: line[2].to_owned(),
            name,
            weight,
            at: line[4].parse::<i64>().unwrap() * 1_000,
        }
    };
    History {
        touches: lines(file).map(touch).collect(),
    }
}

impl History {
    fn persons(&self) -> Persons {
        let mut persons = Persons::new();
        for touch in &self.touches {
            let person = persons.entry(touch.person.clone()).or_default();
            person.add(touch.name, touch.at, 0);
        }
        persons.values_mut().for_each(Person::finish);
        persons
    }

    /// Views and orders by item.
    fn items(&self) -> BTreeMap<&str, (u64, u64)> {
        let mut items: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        for touch in &self.touches {
            let counts = items.entry(&touch.item).or_default();
            counts.0 += u64::from(touch.name == "Product Viewed");
            counts.1 += u64::from(touch.name == "Order Completed");
        }
        items
    }

    /// Σ weight · 2^(age / half-life) as of the end of the file, by what `key` says.
    fn decayed<'a, K: Ord>(
        &'a self,
        half_life_days: f64,
        key: impl Fn(&'a Touch) -> K,
    ) -> BTreeMap<K, f64> {
        let mut sums = BTreeMap::new();
        let end = self.end();
        for touch in &self.touches {
            let age_days = (end - touch.at) as f64 / DAY_MS;
            let sum = sums.entry(key(touch)).or_insert(0.0);
            *sum += touch.weight * (-age_days / half_life_days).exp2();
        }
        sums
    }

    fn end(&self) -> i64 {
        self.touches.iter().map(|touch| touch.at).max().unwrap()
    }
}

#[test]
fn a_marketplace_is_imported_exactly() {
    let Some(file) = data_set("taobao_sample/user_behavior.csv.xz") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let done = import(
        folder.path(),
        file.to_str().unwrap(),
        &example("taobao/mapping.yaml"),
    );
    // The sample is cut off within its last line.
    assert_eq!(done["rows"], 84_476, "{done}");
    assert_eq!(
        (&done["events"], &done["rejected"]),
        (&84_475.into(), &1.into())
    );
    verify(folder.path());

    let history = read(&file);
    let state = State::open(folder.path());
    check_published_totals(&history, &state);
    state.check_persons(&history.persons());
    for (item, counts) in history.items() {
        assert_eq!(state.item_counts(item), counts, "{item}");
    }
    check_popular(&history, &state);
    check_interests(&history, &state);
    check_last_views(&history, &state);
    check_catalog(&history, &state);
}

/// Figures counted with Python over the file: `collections.Counter` of `behavior`, sets of
/// `user_id` and `item_id`, and the most viewed items.
fn check_published_totals(history: &History, state: &State) {
    let persons = history.persons();
    let totals = [
        total(&persons, "Product Viewed"),
        total(&persons, "Product Added to Wishlist"),
        total(&persons, "Product Added"),
        total(&persons, "Order Completed"),
    ];
    assert_eq!(totals, [75_872, 2_356, 4_497, 1_750]);
    assert_eq!(state.totals(), (84_475, 815, 55_368));
    let most_viewed = ["3006793", "812879", "138964", "2331370", "3769601"];
    let views = most_viewed.map(|item| state.item_counts(item).0);
    assert_eq!(views, [31, 30, 29, 28, 27]);
}

/// The thousand hottest items are in the order of the plain sum, and among the thousand hottest.
fn check_popular(history: &History, state: &State) {
    let plain = history.decayed(3.0, |touch| touch.item.as_str());
    let mut expect: Vec<f64> = plain.values().copied().collect();
    expect.sort_by(|a, b| b.total_cmp(a));
    let hottest = query::hottest(&state.state, 1_000).unwrap();
    assert_eq!(hottest.len(), 1_000);
    for ((item, _), expect) in hottest.iter().zip(expect) {
        let found = plain[item.as_str()];
        assert!(close(found, expect), "{item}: {found}, not {expect}");
    }
}

/// Every person's shares of interest in categories, where Kith keeps all of them.
fn check_interests(history: &History, state: &State) {
    const KEPT_MAX: usize = 256;
    let now = Timestamp::from_millis(history.end());
    let plain = history.decayed(30.0, |touch| (&touch.person, &touch.category));
    let mut persons: BTreeMap<&str, BTreeMap<&str, f64>> = BTreeMap::new();
    for ((person, category), sum) in plain {
        persons.entry(person).or_default().insert(category, sum);
    }
    persons.retain(|_, categories| categories.len() <= KEPT_MAX);
    assert_eq!(persons.len(), 815, "nobody is interested in more");
    for (person, categories) in persons {
        let total: f64 = categories.values().sum();
        let shares = state.profile(person).affinities("category", now);
        assert_eq!(shares.len(), categories.len(), "{person}");
        for (category, sum) in categories {
            let (found, expect) = (shares[category], sum / total);
            assert!(
                close(found, expect),
                "{person} {category}: {found}, not {expect}"
            );
        }
    }
}

fn close(found: f64, expect: f64) -> bool {
    (found - expect).abs() <= 1e-6 * expect.abs()
}

/// What each person viewed last; several items when they were viewed in one second.
fn check_last_views(history: &History, state: &State) {
    let mut last: BTreeMap<&str, (i64, BTreeSet<&str>)> = BTreeMap::new();
    for touch in &history.touches {
        if touch.name != "Product Viewed" {
            continue;
        }
        let (at, items) = last.entry(&touch.person).or_default();
        if touch.at > *at {
            *at = touch.at;
            items.clear();
        }
        if touch.at == *at {
            items.insert(&touch.item);
        }
    }
    for (person, (at, items)) in last {
        let profile = state.profile(person);
        let (stamp, item) = profile.fold.viewed.iter().next().unwrap();
        assert_eq!(stamp.at.as_millis(), at, "{person}");
        assert!(
            items.contains(item),
            "{person} viewed {items:?} last, not {item}"
        );
    }
}

/// Items come from the lines: the first line of an item says what it is.
fn check_catalog(history: &History, state: &State) {
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    for touch in &history.touches {
        first.entry(&touch.item).or_insert(&touch.category);
    }
    for (id, category) in first.iter().step_by(50) {
        let item = state.item(id);
        assert_eq!(item["title"], format!("Item {id}"));
        assert_eq!(item["categories"], serde_json::json!([category]));
    }
}
