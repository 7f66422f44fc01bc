//! How far a change of one definition goes: through the rules that ask for it, and on from there.

use std::collections::{BTreeMap, BTreeSet};

use kith_definition::{Change, Document, Kind, Spec};
use kith_rule::{Expr, FactKey};

use super::{references, rule_of};

type Named = (Kind, String);

/// What a set of documents would change, with everything that each change touches: features reach
/// the audiences and offers whose rules ask for them, audiences those too and webhooks, offers
/// their placements.
pub fn plan(old: &[Document], new: &[Document]) -> Vec<Change> {
    let mut changes = kith_definition::plan(old, new);
    if changes.is_empty() {
        return changes;
    }
    let all: Vec<&Document> = old.iter().chain(new).collect();
    let users = users(&all);
    for change in &mut changes {
        let changed = (change.kind, change.id.clone());
        let mut seen = BTreeSet::from([changed.clone()]);
        let mut waiting = vec![changed];
        while let Some(one) = waiting.pop() {
            for user in users.get(&one).into_iter().flatten() {
                if seen.insert(user.clone()) {
                    change.touches.insert(format!("{}/{}", user.0, user.1));
                    waiting.push(user.clone());
                }
            }
        }
    }
    changes
}

/// By definition, what its effect on people goes to next; in the versions of before and after.
fn users(all: &[&Document]) -> BTreeMap<Named, BTreeSet<Named>> {
    let mut published: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for document in all {
        if let Spec::Feature(feature) = &document.spec
            && !feature.published_as.is_empty()
        {
            let names = published.entry(&feature.published_as).or_default();
            names.insert(&document.id);
        }
    }
    let features = |name: &str| -> Vec<Named> {
        let ids = published.get(name).into_iter().flatten();
        ids.map(|id| (Kind::Feature, (*id).to_owned())).collect()
    };
    let mut users: BTreeMap<Named, BTreeSet<Named>> = BTreeMap::new();
    for document in all {
        let this = (document.kind, document.id.clone());
        let mut used = references(document);
        for name in traits_in(document) {
            used.extend(features(&name));
        }
        match &document.spec {
            Spec::Webhook(webhook) => {
                let audiences = webhook.audiences.iter().cloned();
                used.extend(audiences.map(|id| (Kind::Audience, id)));
                used.extend(webhook.traits.iter().flat_map(|name| features(name)));
            }
            Spec::Placement(placement) => {
                let recipe = placement.recipe.iter().cloned();
                used.extend(recipe.map(|id| (Kind::Recipe, id)));
            }
            Spec::Recipe(recipe) => {
                let next = recipe.fallbacks.iter().cloned();
                used.extend(next.map(|id| (Kind::Recipe, id)));
            }
            Spec::Offer(offer) => {
                let placements = offer.placements.iter().cloned();
                let to = users.entry(this.clone()).or_default();
                to.extend(placements.map(|id| (Kind::Placement, id)));
            }
            _ => {}
        }
        for one in used {
            users.entry(one).or_default().insert(this.clone());
        }
    }
    users
}

/// Names of the traits that a definition's rule asks for.
fn traits_in(document: &Document) -> Vec<String> {
    let Some(expr) = rule_of(&document.spec).and_then(|text| Expr::parse(text).ok()) else {
        return Vec::new();
    };
    let named = expr.facts().filter_map(|key| match key {
        FactKey::Trait(path) => Some(path.first().to_owned()),
        _ => None,
    });
    named.collect()
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

    fn feature(days: u32) -> Document {
        let value = format!(r#"{{"value":"count(\"Order\", {days} days)","trait":"order_count"}}"#);
        document(Kind::Feature, "orders", &value)
    }

    fn all(days: u32) -> Vec<Document> {
        let hook = r#"{"url":"https://crm.example/","audiences":["loyal"]}"#;
        let traits = r#"{"url":"https://a.example/","audiences":["new"],"traits":["order_count"]}"#;
        let offer = r#"{"placements":["hero","cart"],"when":"in audience \"loyal\""}"#;
        vec![
            feature(days),
            audience("new", "missing(traits.plan)"),
            audience("buyers", "features.orders >= 1"),
            audience("many", "traits.order_count >= 3"),
            audience("loyal", "in audience \"buyers\""),
            document(Kind::Offer, "thanks", offer),
            document(Kind::Placement, "hero", r#"{"type":"offers"}"#),
            document(Kind::Placement, "cart", r#"{"type":"offers"}"#),
            document(Kind::Webhook, "crm", hook),
            document(Kind::Webhook, "stats", traits),
        ]
    }

    fn touched(old: &[Document], new: &[Document]) -> Vec<String> {
        let one = |change: &Change| {
            let touches: Vec<&str> = change.touches.iter().map(String::as_str).collect();
            format!("{}/{}: {}", change.kind, change.id, touches.join(" "))
        };
        plan(old, new).iter().map(one).collect()
    }

    #[test]
    fn a_feature_touches_whatever_its_value_goes_into() {
        let expect = "feature/orders: audience/buyers audience/loyal audience/many offer/thanks \
                      placement/cart placement/hero webhook/crm webhook/stats";
        assert_eq!(touched(&all(7), &all(30)), [expect]);
        assert_eq!(touched(&all(7), &all(7)), [""; 0]);
    }

    #[test]
    fn an_audience_touches_what_asks_for_it_before_or_after() {
        let mut new = all(7);
        new[2] = audience("buyers", "features.orders >= 2");
        let expect = "audience/buyers: audience/loyal offer/thanks placement/cart placement/hero \
                      webhook/crm";
        assert_eq!(touched(&all(7), &new), [expect]);
        new[4] = audience("loyal", "features.orders >= 9");
        assert_eq!(touched(&all(7), &new)[0], expect);
        new[4] = audience("loyal", "not in audience \"loyal\"");
        let circle = touched(&all(7), &new);
        assert_eq!(
            circle[1],
            "audience/loyal: offer/thanks placement/cart placement/hero webhook/crm"
        );
    }
}
