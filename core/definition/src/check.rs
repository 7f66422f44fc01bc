//! References between definitions.

use std::collections::BTreeMap;

use kith_base::limits;
use serde::Serialize;

mod recipes;

use crate::{Document, Kind, Placement, PlacementType, Spec, nearest};

/// Something about a definition that only the others show.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// How bad.
    pub severity: Severity,
    /// Which kind.
    pub kind: Kind,
    /// Which definition.
    pub id: String,
    /// Path inside the document.
    pub field: String,
    /// What is wrong, with the fix.
    pub message: String,
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Must not go live.
    Error,
    /// May go live, but surely is not what was meant.
    Warning,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            out,
            "{}/{} {}: {}",
            self.kind, self.id, self.field, self.message
        )
    }
}

/// Checks every live definition against the others; errors first, then by kind and id.
pub fn check<'a>(all: impl IntoIterator<Item = &'a Document>) -> Vec<Problem> {
    let all: Vec<&Document> = all.into_iter().collect();
    let mut placements = BTreeMap::new();
    for document in &all {
        if let Spec::Placement(placement) = &document.spec {
            placements.insert(document.id.as_str(), placement);
        }
    }
    let mut problems = Vec::new();
    for document in &all {
        for (field, id) in references(&document.spec) {
            problems.extend(follow(document, field, id, &placements));
        }
    }
    problems.extend(empty_placements(&all, &placements));
    problems.extend(fallbacks(&placements));
    problems.extend(missing_levers(&all));
    problems.extend(recipes::check(&all));
    problems.extend(missing_audiences(&all));
    problems.extend(missing_traits(&all));
    problems.extend(repeated_keys(&all));
    problems.extend(too_many(&all, limits::DEFINITIONS_PER_KIND_MAX));
    problems.sort();
    problems
}

/// The placements a spec names, with the field that names them.
fn references(spec: &Spec) -> Vec<(String, &str)> {
    match spec {
        Spec::Placement(placement) => {
            let named = placement.fallback.placement.iter();
            named
                .map(|id| ("spec.fallback.placement".to_owned(), id.as_str()))
                .collect()
        }
        Spec::Offer(offer) => {
            let named = offer.placements.iter().enumerate();
            named
                .map(|(n, id)| (format!("spec.placements[{n}]"), id.as_str()))
                .collect()
        }
        Spec::Source(source) => {
            let named = source.tag.placements.iter().enumerate();
            let field = |n| format!("spec.tag.placements[{n}].placement");
            named
                .map(|(n, slot)| (field(n), slot.placement.as_str()))
                .collect()
        }
        _ => Vec::new(),
    }
}

fn follow(
    document: &Document,
    field: String,
    id: &str,
    placements: &BTreeMap<&str, &Placement>,
) -> Option<Problem> {
    let message = match placements.get(id) {
        None => {
            let hint = match nearest(id, placements.keys().copied()) {
                Some(known) => format!("did you mean {known}?"),
                None => "create it first, or remove it here".to_owned(),
            };
            format!("there is no placement {id}; {hint}")
        }
        Some(placement)
            if document.kind != Kind::Source && placement.kind == PlacementType::Items =>
        {
            format!("the placement {id} shows items, not offers; name one of type offers")
        }
        Some(_) => return None,
    };
    let (kind, id) = (document.kind, document.id.clone());
    Some(Problem {
        severity: Severity::Error,
        kind,
        id,
        field,
        message,
    })
}

/// Placements that fall back on themselves, or over too many others.
fn fallbacks(placements: &BTreeMap<&str, &Placement>) -> Vec<Problem> {
    let next = |id: &str| placements.get(id)?.fallback.placement.as_deref();
    let mut problems = Vec::new();
    for id in placements.keys() {
        let mut chain = vec![*id];
        while let Some(found) = chain.last().and_then(|last| next(last)) {
            let around = chain.contains(&found);
            chain.push(found);
            if around || chain.len() > limits::FALLBACKS_MAX + 1 {
                break;
            }
        }
        let message = match chain.last() {
            Some(last) if chain.len() > 1 && last == id => {
                format!("falls back in the circle {}; break it", chain.join(" → "))
            }
            _ if chain.len() > limits::FALLBACKS_MAX + 1 => format!(
                "falls back over more than {} others; shorten the chain",
                limits::FALLBACKS_MAX
            ),
            _ => continue,
        };
        problems.push(Problem {
            severity: Severity::Error,
            kind: Kind::Placement,
            id: (*id).to_owned(),
            field: "spec.fallback.placement".to_owned(),
            message,
        });
    }
    problems
}

/// Levers of placements for offers that are not there.
fn missing_levers(all: &[&Document]) -> Vec<Problem> {
    let offers = || {
        let offers = all.iter().filter(|found| found.kind == Kind::Offer);
        offers.map(|found| found.id.as_str())
    };
    let mut problems = Vec::new();
    for document in all {
        let Spec::Placement(placement) = &document.spec else {
            continue;
        };
        for (n, lever) in placement.levers.iter().enumerate() {
            if offers().any(|known| known == lever.offer) {
                continue;
            }
            problems.push(Problem {
                severity: Severity::Warning,
                kind: Kind::Placement,
                id: document.id.clone(),
                field: format!("spec.levers[{n}].offer"),
                message: format!("there is no offer {}; remove it", lever.offer),
            });
        }
    }
    problems
}

fn empty_placements(all: &[&Document], placements: &BTreeMap<&str, &Placement>) -> Vec<Problem> {
    let offered = |id: &str| {
        all.iter().any(|document| match &document.spec {
            Spec::Offer(offer) => offer.placements.iter().any(|named| named == id),
            _ => false,
        })
    };
    let of_offers = |placement: &Placement| placement.kind == PlacementType::Offers;
    let empty = placements
        .iter()
        .filter(|(id, spec)| of_offers(spec) && !offered(id));
    empty
        .map(|(id, _)| Problem {
            severity: Severity::Warning,
            kind: Kind::Placement,
            id: (*id).to_owned(),
            field: "spec.type".to_owned(),
            message: "no offer names it, so it always shows its fallback".to_owned(),
        })
        .collect()
}

/// Audiences that webhooks name and nobody made.
fn missing_audiences(all: &[&Document]) -> Vec<Problem> {
    let ids = || {
        let audiences = all.iter().filter(|found| found.kind == Kind::Audience);
        audiences.map(|found| found.id.as_str())
    };
    let mut problems = Vec::new();
    for document in all {
        let Spec::Webhook(webhook) = &document.spec else {
            continue;
        };
        for (n, id) in webhook.audiences.iter().enumerate() {
            if ids().any(|known| known == id) {
                continue;
            }
            let hint = match nearest(id, ids()) {
                Some(known) => format!("did you mean {known}?"),
                None => "create it first, or remove it here".to_owned(),
            };
            problems.push(Problem {
                severity: Severity::Error,
                kind: Kind::Webhook,
                id: document.id.clone(),
                field: format!("spec.audiences[{n}]"),
                message: format!("there is no audience {id}; {hint}"),
            });
        }
    }
    problems
}

/// Computed traits that webhooks are to be told of, and nobody computes.
fn missing_traits(all: &[&Document]) -> Vec<Problem> {
    let computed = || {
        all.iter().filter_map(|document| match &document.spec {
            Spec::Feature(feature) if !feature.published_as.is_empty() => {
                Some(feature.published_as.as_str())
            }
            _ => None,
        })
    };
    let mut problems = Vec::new();
    for document in all {
        let Spec::Webhook(webhook) = &document.spec else {
            continue;
        };
        for (n, name) in webhook.trait_changes.iter().enumerate() {
            if computed().any(|known| known == name) {
                continue;
            }
            let hint = match nearest(name, computed()) {
                Some(known) => format!("did you mean {known}?"),
                None => "publish a feature under this name first".to_owned(),
            };
            problems.push(Problem {
                severity: Severity::Error,
                kind: Kind::Webhook,
                id: document.id.clone(),
                field: format!("spec.trait_changes[{n}]"),
                message: format!("there is no computed trait {name}; {hint}"),
            });
        }
    }
    problems
}

fn repeated_keys(all: &[&Document]) -> Vec<Problem> {
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    let mut problems = Vec::new();
    for document in all {
        let Spec::Source(source) = &document.spec else {
            continue;
        };
        for (n, key) in source.keys.iter().enumerate() {
            if let Some(owner) = owners.insert(&key.hash, &document.id) {
                problems.push(Problem {
                    severity: Severity::Error,
                    kind: Kind::Source,
                    id: document.id.clone(),
                    field: format!("spec.keys[{n}]"),
                    message: format!("the source {owner} has the same write key; revoke one"),
                });
            }
        }
    }
    problems
}

/// The last of each kind of which there are more than `most`.
fn too_many(all: &[&Document], most: usize) -> Vec<Problem> {
    let mut kinds: BTreeMap<Kind, Vec<&str>> = BTreeMap::new();
    for document in all {
        kinds.entry(document.kind).or_default().push(&document.id);
    }
    let beyond = |(kind, ids): (Kind, Vec<&str>)| {
        let (count, last) = (ids.len(), ids.into_iter().max()?);
        (count > most).then(|| Problem {
            severity: Severity::Error,
            kind,
            id: last.to_owned(),
            field: "id".to_owned(),
            message: format!(
                "there are {count} of the kind {kind}, the limit is {most}; leave out what is not \
                 in use"
            ),
        })
    };
    kinds.into_iter().filter_map(beyond).collect()
}

#[cfg(test)]
mod tests {
    use kith_base::Json;

    use super::*;

    fn document(kind: Kind, id: &str, spec: &str) -> Document {
        Document::new(
            kind,
            id.to_owned(),
            String::new(),
            &Json::parse(spec).unwrap(),
        )
        .unwrap()
    }

    fn problems(all: &[Document]) -> Vec<String> {
        check(all).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn finds_references_that_lead_nowhere() {
        let items = r#"{"type":"items","strategies":[{"strategy":"popular-now"}]}"#;
        let tag = r##"{"type":"web","tag":{"placements":[{"placement":"gone","selector":"#a"}]}}"##;
        let all = [
            document(Kind::Placement, "home_hero", r#"{"type":"offers"}"#),
            document(Kind::Placement, "also_like", items),
            document(
                Kind::Offer,
                "sale",
                r#"{"placements":["home_her","also_like"]}"#,
            ),
            document(Kind::Source, "shop", tag),
        ];
        let expect = [
            "source/shop spec.tag.placements[0].placement: there is no placement gone; \
             create it first, or remove it here",
            "offer/sale spec.placements[0]: there is no placement home_her; \
             did you mean home_hero?",
            "offer/sale spec.placements[1]: the placement also_like shows items, not offers; \
             name one of type offers",
            "placement/home_hero spec.type: no offer names it, so it always shows its fallback",
        ];
        assert_eq!(problems(&all), expect);
    }

    #[test]
    fn fallbacks_lead_somewhere_and_not_around() {
        let to = |next: &str| format!(r#"{{"type":"offers","fallback":{{"placement":"{next}"}}}}"#);
        let mut all = vec![
            document(Kind::Placement, "a", &to("b")),
            document(Kind::Placement, "b", &to("c")),
            document(Kind::Placement, "c", &to("b")),
            document(Kind::Placement, "own", &to("own")),
        ];
        let around = |all: &[Document]| -> Vec<String> {
            let found = problems(all).into_iter();
            found
                .filter(|one| one.contains("fallback.placement"))
                .collect()
        };
        let field = "spec.fallback.placement: falls back in the circle";
        let expect = [
            format!("placement/b {field} b → c → b; break it"),
            format!("placement/c {field} c → b → c; break it"),
            format!("placement/own {field} own → own; break it"),
        ];
        assert_eq!(around(&all), expect);
        all = (0..limits::FALLBACKS_MAX + 2)
            .map(|n| {
                document(
                    Kind::Placement,
                    &format!("p{n}"),
                    &to(&format!("p{}", n + 1)),
                )
            })
            .collect();
        let end = format!("p{}", limits::FALLBACKS_MAX + 2);
        all.push(document(Kind::Placement, &end, r#"{"type":"offers"}"#));
        assert_eq!(
            around(&all).len(),
            2,
            "those with more than the most behind them"
        );
    }

    #[test]
    fn a_webhook_names_audiences_that_are_there() {
        let hook = r#"{"url":"https://a.example","audiences":["vip","vipp"]}"#;
        let all = [
            document(Kind::Audience, "vip", r#"{"type":"list"}"#),
            document(Kind::Webhook, "crm", hook),
        ];
        let expect =
            ["webhook/crm spec.audiences[1]: there is no audience vipp; did you mean vip?"];
        assert_eq!(problems(&all), expect);
    }

    #[test]
    fn a_webhook_names_computed_traits_that_there_are() {
        let hook = r#"{"url":"https://a.example","trait_changes":["orders","order"]}"#;
        let orders = r#"{"value":"count(\"Order Completed\")","trait":"orders"}"#;
        let all = [
            document(Kind::Feature, "order", orders),
            document(Kind::Webhook, "crm", hook),
        ];
        let expect = [
            "webhook/crm spec.trait_changes[1]: there is no computed trait order; \
             did you mean orders?",
        ];
        assert_eq!(problems(&all), expect);
    }

    #[test]
    fn a_write_key_has_one_owner() {
        let key = r#"{"prefix":"c1","hash":"h","created_at":"2026-11-01"}"#;
        let spec = format!(r#"{{"type":"web","keys":[{key}]}}"#);
        let all = [
            document(Kind::Source, "a", &spec),
            document(Kind::Source, "b", &spec),
        ];
        assert_eq!(
            problems(&all),
            ["source/b spec.keys[0]: the source a has the same write key; revoke one"]
        );
        assert_eq!(problems(&all[..1]), Vec::<String>::new());
    }

    #[test]
    fn as_many_of_a_kind_as_the_limit_are_taken_and_not_one_more() {
        let list = |id: &str| document(Kind::Audience, id, r#"{"type":"list"}"#);
        let all = [list("a"), list("c"), list("b")];
        let others = document(Kind::Placement, "home", r#"{"type":"offers"}"#);
        let all: Vec<&Document> = all.iter().chain([&others]).collect();
        assert_eq!(too_many(&all, 3), []);
        let found = too_many(&all, 2);
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        let expect = "audience/c id: there are 3 of the kind audience, the limit is 2; leave out \
                      what is not in use";
        assert_eq!(found, [expect]);
    }
}
