//! The definitions of the bench: 40 features, 20 of them over a window, and 100 audiences.

use kith_definition::Kind;
use kith_event::DefinitionChange;
use serde_json::json;

use crate::bench::fill;

/// Features, each of which the audiences read.
pub const FEATURES: usize = 40;
/// Audiences.
pub const AUDIENCES: usize = 100;
/// The audience a probe enters with its event.
pub const PROBED: &str = "probed";
/// The audience everybody leaves a while after their last event.
pub const AROUND: &str = "around";
/// How long that is, in seconds: a second more than between the two events of a person.
pub const AROUND_SECONDS: i64 = 1_801;

/// Half are over a lifetime, half over windows of different lengths.
fn features() -> Vec<(String, String, f64)> {
    let mut all = Vec::with_capacity(FEATURES);
    let mut add = |value: &str, least: f64| {
        all.push((format!("f{:02}", all.len()), value.to_owned(), least));
    };
    for category in ["shoes", "jackets", "bags", "watches", "tents", "books"] {
        let viewed = format!("\"Product Viewed\" where category = \"{category}\"");
        add(&format!("count({viewed})"), 5.0);
        add(&format!("count({viewed}, 7 days)"), 2.0);
    }
    add("count(\"Product Added\")", 3.0);
    add("sum(\"Order Completed\")", 500.0);
    add("average(\"Order Completed\")", 150.0);
    add("max(\"Order Completed\")", 300.0);
    add("count(\"Product Viewed\" where price >= 100)", 5.0);
    add("min(\"Product Added\", of price)", 20.0);
    add("distinct(\"Product Viewed\", of category)", 4.0);
    add("distinct(\"Product Viewed\", of brand)", 4.0);
    add("days_active(any)", 2.0);
    add("streak(any)", 2.0);
    add("count(\"Product Viewed\" where brand = \"Elm\")", 3.0);
    add(
        "count(\"Product Added\" where category in [\"hats\", \"gloves\"])",
        2.0,
    );
    add("sum(\"Product Added\", of price)", 400.0);
    add("count(page)", 10.0);
    add(&format!("count(any, {AROUND_SECONDS} seconds)"), 1.0);
    add("count(\"Product Viewed\", 7 days)", 5.0);
    add("count(\"Product Viewed\", 30 days)", 10.0);
    add("count(\"Product Added\", 7 days)", 2.0);
    add("sum(\"Order Completed\", 30 days)", 300.0);
    add("sum(\"Order Completed\", 90 days)", 600.0);
    add("average(\"Order Completed\", 90 days)", 200.0);
    add("days_active(any, 30 days)", 2.0);
    add("distinct(\"Product Viewed\", of category, 7 days)", 3.0);
    add("distinct(\"Product Viewed\", of brand, 30 days)", 4.0);
    add("count(\"Order Completed\", last 30 calendar days)", 1.0);
    add("count(\"Product Added\" where price >= 100, 30 days)", 2.0);
    add(
        "count(\"Product Viewed\" where brand = \"Fir\", 14 days)",
        3.0,
    );
    add("max(\"Product Viewed\", of price, 24 hours)", 150.0);
    all
}

/// The feature that [`AROUND`] reads.
const AROUND_FEATURE: &str = "f26";

/// Rules of the kind marketers write: thresholds alone, together, with traits, with windows that
/// others must leave, and audiences of audiences.
fn rules(features: &[(String, String, f64)]) -> Vec<(String, String)> {
    let test = |index: usize, factor: f64| {
        let (name, _, least) = &features[index % FEATURES];
        format!("features.{name} >= {}", least * factor)
    };
    let plan = ["free", "plus", "pro"];
    let mut rules = Vec::with_capacity(AUDIENCES);
    for index in 0..AUDIENCES - 2 {
        let (a, b) = (test(index, 1.0), test(index * 7 + 3, 2.0));
        let rule = match index {
            0..40 => a,
            40..60 => format!("{a} and {b}"),
            60..80 => format!("{a} and traits.plan = \"{}\"", plan[index % 3]),
            80..90 => format!("{a} and not {b}"),
            _ => format!("in audience \"a{:02}\" and {b}", index - 90),
        };
        rules.push((format!("a{index:02}"), rule));
    }
    rules.push((AROUND.to_owned(), format!("features.{AROUND_FEATURE} >= 1")));
    rules.push((
        PROBED.to_owned(),
        "count(\"Probe\", 7 days) >= 1".to_owned(),
    ));
    rules
}

/// Features, `audiences` of the audiences, and a placement that shows whoever is in [`PROBED`]
/// something of their own. Fewer audiences are as mixed as all of them.
pub fn definitions(audiences: usize) -> Vec<DefinitionChange> {
    let at = kith_runtime::now();
    let features = features();
    let step = AUDIENCES / audiences;
    // From the end, so that PROBED is among them whatever the step.
    let audiences: Vec<_> = rules(&features).into_iter().rev().step_by(step).collect();
    let mut all: Vec<DefinitionChange> = Vec::with_capacity(FEATURES + AUDIENCES + 2);
    for (id, value, _) in &features {
        let spec = json!({ "value": value });
        all.push(fill::definition(Kind::Feature, id, &spec, at));
    }
    for (id, when) in &audiences {
        all.push(audience(id, when));
    }
    let hero = json!({"type": "offers", "limit": 1, "fallback": {"content": {"title": "Hi"}}});
    all.push(fill::definition(Kind::Placement, "hero", &hero, at));
    let offer = json!({
        "placements": ["hero"],
        "priority": 1,
        "when": format!("in audience \"{PROBED}\""),
        "content": {"title": "Welcome"},
    });
    all.push(fill::definition(Kind::Offer, PROBED, &offer, at));
    all
}

/// An audience with a rule.
pub fn audience(id: &str, when: &str) -> DefinitionChange {
    let spec = json!({ "when": when });
    fill::definition(Kind::Audience, id, &spec, kith_runtime::now())
}

#[cfg(test)]
mod tests {
    use kith_definition::Document;
    use kith_engine::rules;
    use kith_rule::{Aggregate, Window};

    use super::*;

    fn problems(all: &[DefinitionChange]) -> Vec<String> {
        let document = |one: &DefinitionChange| {
            let kind = Kind::parse(&one.kind).unwrap();
            Document::new(kind, one.id.clone(), one.name.clone(), &one.spec).unwrap()
        };
        let documents: Vec<Document> = all.iter().map(document).collect();
        let problems = rules::check(&documents);
        problems
            .iter()
            .map(|problem| format!("{problem:?}"))
            .collect()
    }

    #[test]
    fn there_are_as_many_as_the_budgets_speak_of_and_all_of_them_compile() {
        let all = definitions(AUDIENCES);
        let of = |kind: Kind| all.iter().filter(|one| one.kind == kind.as_str()).count();
        assert_eq!((of(Kind::Feature), of(Kind::Audience)), (40, 100));
        let aggregates = features()
            .into_iter()
            .map(|(_, value, _)| Aggregate::parse(&value));
        let windows: Vec<Window> = aggregates.map(|one| one.unwrap().window).collect();
        let over_windows = windows.iter().filter(|one| **one != Window::Lifetime);
        assert_eq!(over_windows.count(), 20);
        assert_eq!(problems(&all), Vec::<String>::new());
    }

    #[test]
    fn half_of_the_audiences_refer_to_no_others_and_hold_the_probed_one() {
        let half = definitions(AUDIENCES / 2);
        let is_audience = |one: &&DefinitionChange| one.kind == Kind::Audience.as_str();
        let ids: Vec<&str> = half
            .iter()
            .filter(is_audience)
            .map(|one| &*one.id)
            .collect();
        assert_eq!(ids.len(), 50);
        assert!(ids.contains(&PROBED));
        assert_eq!(problems(&half), Vec::<String>::new());
    }
}
