//! The rules of definitions, checked before they go live: each against what all of them together
//! define. One function serves files, the API and previews.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kith_decide::TERMS;
use kith_definition::{AudienceType, Document, Kind, Learning, Problem, Severity, Spec};
use kith_rule::{Aggregate, Expr, FEATURES, FactKey, Filter, Formula, Schema, audience_cycle};

mod reach;

pub use reach::plan;

/// What rules may ask for, given all definitions.
pub fn schema<'a>(documents: impl IntoIterator<Item = &'a Document>) -> Schema {
    let mut dimensions = vec!["category", "brand"];
    let (mut features, mut audiences) = (Vec::new(), Vec::new());
    for document in documents {
        match &document.spec {
            Spec::Catalog(catalog) => dimensions.extend(catalog.affinity_dimensions()),
            Spec::Feature(feature) => features.push((&document.id, feature)),
            Spec::Audience(_) => audiences.push(&document.id),
            _ => {}
        }
    }
    let mut schema = Schema::with_dimensions(dimensions);
    for (id, feature) in features {
        if let Some(affinity) = &feature.affinity {
            schema.add_affinity(id, Arc::new(affinity.clone()));
        } else if let Ok(aggregate) = Aggregate::parse(&feature.value) {
            schema.add_feature(id, aggregate.kind(), Some(aggregate));
        }
    }
    audiences.iter().for_each(|id| schema.add_audience(id));
    schema
}

/// Every mistake in the rules of definitions, with its place in the text; by kind and id.
pub fn check<'a>(documents: impl IntoIterator<Item = &'a Document>) -> Vec<Problem> {
    let documents: Vec<&Document> = documents.into_iter().collect();
    let schema = schema(documents.iter().copied());
    let dimensions = dimensions(&documents);
    let mut problems = Vec::new();
    let mut rules: BTreeMap<&str, Expr> = BTreeMap::new();
    for document in &documents {
        let mut report = |field: &str, message: String| {
            problems.push(problem(document.kind, &document.id, field, message));
        };
        match &document.spec {
            Spec::Feature(feature) => {
                if FEATURES.iter().any(|known| known.name == document.id) {
                    let message =
                        format!("features.{} is built in; choose another id", document.id);
                    report("id", message);
                }
                if feature.affinity.is_none()
                    && let Err(error) = Aggregate::parse(&feature.value)
                {
                    report("spec.value", error.to_string());
                }
                if feature.affinity.is_some() && dimensions.contains(document.id.as_str()) {
                    let message =
                        format!("{} is a dimension of items; choose another id", document.id);
                    report("id", message);
                }
            }
            Spec::Audience(_) => {
                let Some(text) = rule_of(&document.spec) else {
                    continue;
                };
                let found = match Expr::parse(text) {
                    Err(error) => vec![error],
                    Ok(expr) => {
                        let found = expr.check_for_audience(&schema);
                        rules.insert(&document.id, expr);
                        found
                    }
                };
                for error in found {
                    report("spec.when", error.to_string());
                }
            }
            spec => {
                let of_items = matches!(spec, Spec::Recipe(_)).then(|| schema.with_items());
                let schema = of_items.as_ref().unwrap_or(&schema);
                for (field, text) in rules_of(spec) {
                    for error in Expr::errors(text, schema) {
                        report(&field, error.to_string());
                    }
                }
                for (field, text) in formulas_of(spec) {
                    for error in Formula::errors(text, &TERMS, schema) {
                        report(&field, error.to_string());
                    }
                }
                for (field, error) in learning_errors(spec, schema) {
                    report(&field, error);
                }
            }
        }
    }
    problems.extend(circles(rules));
    problems.sort();
    problems
}

/// Dimensions of items that interest is learnt in without a definition of its own.
fn dimensions<'a>(documents: &[&'a Document]) -> BTreeSet<&'a str> {
    let catalogs = documents
        .iter()
        .filter_map(|document| match &document.spec {
            Spec::Catalog(catalog) => Some(catalog),
            _ => None,
        });
    let own = catalogs.flat_map(|catalog| catalog.affinity_dimensions());
    own.chain(["category", "brand"]).collect()
}

/// The rule of an audience; `None` when it has none.
fn rule_of(spec: &Spec) -> Option<&str> {
    let text = match spec {
        Spec::Audience(audience) if audience.kind == AudienceType::Rule => audience.when.as_str(),
        _ => return None,
    };
    (!text.trim().is_empty()).then_some(text)
}

/// Every rule of a definition with its field; blank ones are left out.
fn rules_of(spec: &Spec) -> Vec<(String, &str)> {
    let mut rules = match spec {
        Spec::Offer(offer) => offer.rules(),
        Spec::Recipe(recipe) => recipe.rules(),
        Spec::Placement(placement) => {
            let field = "spec.silence_promotions_when".to_owned();
            vec![(field, placement.silence_promotions_when.as_str())]
        }
        spec => {
            let rule = rule_of(spec).into_iter();
            rule.map(|text| ("spec.when".to_owned(), text)).collect()
        }
    };
    rules.retain(|(_, text)| !text.trim().is_empty());
    rules
}

/// Every formula of a definition with its field.
fn formulas_of(spec: &Spec) -> Vec<(String, &str)> {
    let Spec::Placement(placement) = spec else {
        return Vec::new();
    };
    let mut formulas = Vec::new();
    if !placement.formula.trim().is_empty() {
        formulas.push(("spec.formula".to_owned(), placement.formula.as_str()));
    }
    for (n, floor) in placement.floors.iter().enumerate() {
        formulas.push((format!("spec.floors[{n}].formula"), &floor.formula));
    }
    formulas
}

/// What is wrong with the texts that a placement learns by.
fn learning_errors(spec: &Spec, schema: &Schema) -> Vec<(String, String)> {
    let Some(learning) = learning_of(spec) else {
        return Vec::new();
    };
    let mut errors = Vec::new();
    if let Err(error) = Filter::parse(&learning.reward) {
        errors.push(("spec.learning.reward".to_owned(), error.to_string()));
    }
    for (n, text) in learning.features.iter().enumerate() {
        let found = match FactKey::parse(text) {
            Err(error) => vec![error],
            // Whether there is such a fact, a rule says.
            Ok(_) => Expr::errors(&format!("{text} exists"), schema),
        };
        let field = format!("spec.learning.features[{n}]");
        errors.extend(found.iter().map(|error| (field.clone(), error.to_string())));
    }
    errors
}

fn learning_of(spec: &Spec) -> Option<&Learning> {
    match spec {
        Spec::Placement(placement) => placement.learning.as_ref(),
        _ => None,
    }
}

/// One problem for every audience on a circle.
fn circles(mut rules: BTreeMap<&str, Expr>) -> Vec<Problem> {
    let mut problems = Vec::new();
    while let Some(circle) = audience_cycle(rules.iter().map(|(id, expr)| (*id, expr))) {
        let message = format!(
            "it asks for itself in the circle {}; break it",
            circle.join(" → ")
        );
        for id in circle.iter().skip(1) {
            problems.push(problem(Kind::Audience, id, "spec.when", message.clone()));
        }
        rules.remove(circle[0].as_str());
    }
    problems
}

/// The features and audiences that the rule of a definition names.
pub fn references(document: &Document) -> BTreeSet<(Kind, String)> {
    let rules = rules_of(&document.spec).into_iter();
    let rules: Vec<Expr> = rules
        .filter_map(|(_, text)| Expr::parse(text).ok())
        .collect();
    let formulas = formulas_of(&document.spec).into_iter();
    let formulas: Vec<Formula> = formulas
        .filter_map(|(_, text)| Formula::parse(text).ok())
        .collect();
    let of_formulas = formulas.iter().flat_map(Formula::facts);
    let features = learning_of(&document.spec)
        .into_iter()
        .flat_map(|learning| &learning.features);
    let learned: Vec<FactKey> = features
        .filter_map(|text| FactKey::parse(text).ok())
        .collect();
    let keys = rules.iter().flat_map(Expr::facts).chain(of_formulas);
    let keys = keys.chain(&learned);
    let named = keys.filter_map(|key| match key {
        FactKey::Feature(name) | FactKey::Keyed { feature: name, .. } => {
            Some((Kind::Feature, name.clone()))
        }
        // A dimension of items has no feature of its name.
        FactKey::Affinity { dimension, .. } => Some((Kind::Feature, dimension.clone())),
        other => Some((Kind::Audience, other.audience()?.to_owned())),
    });
    named.collect()
}

fn problem(kind: Kind, id: &str, field: &str, message: String) -> Problem {
    Problem {
        severity: Severity::Error,
        kind,
        id: id.to_owned(),
        field: field.to_owned(),
        message,
    }
}

#[cfg(test)]
mod tests {
    use kith_base::Json;

    use super::*;

    fn document(kind: Kind, id: &str, spec: &str) -> Document {
        let spec = Json::parse(spec).unwrap();
        Document::new(kind, id.to_owned(), String::new(), &spec).unwrap()
    }

    fn audience(id: &str, when: &str) -> Document {
        let spec = serde_json::json!({ "when": when });
        document(Kind::Audience, id, &spec.to_string())
    }

    fn problems(all: &[Document]) -> Vec<String> {
        check(all).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn rules_see_features_and_audiences_of_all_definitions() {
        let value = r#"{"value":"count(\"Order Completed\", 30 days)"}"#;
        let all = [
            document(Kind::Feature, "orders_30d", value),
            audience("buyers", "features.orders_30d >= 1"),
            audience(
                "loyal",
                "in audience \"buyers\" and features.orders_30d >= 3",
            ),
            audience("team", "no person of account in audience \"buyers\""),
        ];
        assert_eq!(problems(&all), [""; 0]);
        let named = references(&all[2]).into_iter();
        let named: Vec<String> = named.map(|(kind, id)| format!("{kind}/{id}")).collect();
        assert_eq!(named, ["feature/orders_30d", "audience/buyers"]);
        assert!(references(&all[3]).contains(&(Kind::Audience, "buyers".to_owned())));
        let without = problems(&all[1..]);
        assert_eq!(without.len(), 2, "{without:?}");
        assert!(without[0].starts_with("audience/buyers spec.when: line 1, column 1:"));
    }

    #[test]
    fn every_audience_on_a_circle_is_told_which_one() {
        let all = [
            audience("a", "in audience \"b\""),
            audience("b", "in audience \"a\""),
            audience("c", "in audience \"a\""),
            audience("d", "not in audience \"d\""),
        ];
        let told = "it asks for itself in the circle";
        let expect = [
            format!("audience/a spec.when: {told} a → b → a; break it"),
            format!("audience/b spec.when: {told} a → b → a; break it"),
            format!("audience/d spec.when: {told} d → d; break it"),
        ];
        assert_eq!(problems(&all), expect);
    }

    #[test]
    fn an_audience_may_not_ask_for_context_and_an_offer_may() {
        let when = r#"{"placements":["hero"],"when":"context.page.path = \"/\""}"#;
        let of_event = r#"count(page where context.page.path = "/") > 0"#;
        let all = [
            audience("here", "traits.a = 1 and not context.page.path = \"/\""),
            audience("there", of_event),
            document(Kind::Offer, "hello", when),
        ];
        let expect = "audience/here spec.when: line 1, column 22: context.page.path is known only \
                      while a decision is made; ask for it in the rule of an offer, or count the \
                      events that have it: count(page where context.locale = \"de\") > 0";
        assert_eq!(problems(&all), [expect]);
    }

    #[test]
    fn built_in_names_are_taken() {
        let all = [document(
            Kind::Feature,
            "purchase_count",
            r#"{"value":"count(any"}"#,
        )];
        let found = problems(&all);
        assert_eq!(
            found[0],
            "feature/purchase_count id: features.purchase_count is built in; choose another id"
        );
        assert!(found[1].starts_with("feature/purchase_count spec.value: line 1"));
    }
}
