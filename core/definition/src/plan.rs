//! What a set of documents would change.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::Value;
use serde::Serialize;

use crate::{Document, Kind, Spec};

/// One definition that would change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// What would happen.
    pub action: Action,
    /// Which kind.
    pub kind: Kind,
    /// Which definition.
    pub id: String,
    /// The members that differ; empty for a creation and an archival.
    pub fields: Vec<FieldChange>,
    /// The other definitions whose effect on people it changes, such as `placement/home_hero`:
    /// those of before and those of after.
    pub touches: BTreeSet<String>,
}

/// What happens to a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// It is new.
    Create,
    /// It gets a new revision.
    Update,
    /// It goes out of use.
    Archive,
}

/// One member that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldChange {
    /// Path inside the document.
    pub field: String,
    /// Before; null when it was absent.
    pub old: Value,
    /// After; null when it goes away.
    pub new: Value,
}

/// What turns `old` into `new`, in an order in which references hold: creations and updates by
/// kind as in [`Kind::ALL`] and by id, then archivals the other way round.
///
/// Kinds of which there is one are never archived: leaving their file out leaves them as they are.
/// Write keys are not compared, since no file holds them.
pub fn plan(old: &[Document], new: &[Document]) -> Vec<Change> {
    let all: Vec<&Document> = old.iter().chain(new).collect();
    let (old, new) = (by_key(old), by_key(new));
    let mut changes = Vec::new();
    for (key, document) in &new {
        let (action, fields) = match old.get(key) {
            None => (Action::Create, Vec::new()),
            Some(before) => (Action::Update, differences(before, document)),
        };
        if action == Action::Create || !fields.is_empty() {
            let touches = touched(document, all.iter().copied());
            changes.push(change(action, document, fields, touches));
        }
    }
    for (key, document) in old.iter().rev() {
        if !new.contains_key(key) && document.kind.only_id().is_none() {
            let touches = touched(document, all.iter().copied());
            changes.push(change(Action::Archive, document, Vec::new(), touches));
        }
    }
    changes
}

/// Placements of an offer or a tag; offers and tags of a placement.
fn touched<'a>(
    changed: &Document,
    all: impl Iterator<Item = &'a Document> + Clone,
) -> BTreeSet<String> {
    let versions = all
        .clone()
        .filter(|one| (one.kind, &one.id) == (changed.kind, &changed.id));
    let named = |document: &Document| match &document.spec {
        Spec::Offer(offer) => offer.placements.clone(),
        Spec::Source(source) => {
            let placements = source.tag.placements.iter();
            placements.map(|one| one.placement.clone()).collect()
        }
        _ => Vec::new(),
    };
    let mut touches: BTreeSet<String> = versions
        .flat_map(named)
        .map(|placement| format!("{}/{placement}", Kind::Placement))
        .collect();
    if changed.kind == Kind::Placement {
        let naming = all.filter(|one| named(one).contains(&changed.id));
        touches.extend(naming.map(|one| format!("{}/{}", one.kind, one.id)));
    }
    touches
}

fn change(
    action: Action,
    document: &Document,
    fields: Vec<FieldChange>,
    touches: BTreeSet<String>,
) -> Change {
    Change {
        touches,
        action,
        kind: document.kind,
        id: document.id.clone(),
        fields,
    }
}

fn by_key(documents: &[Document]) -> BTreeMap<(usize, &str), &Document> {
    let rank = |kind| {
        Kind::ALL
            .iter()
            .position(|known| *known == kind)
            .unwrap_or_default()
    };
    documents
        .iter()
        .map(|document| ((rank(document.kind), &*document.id), document))
        .collect()
}

fn differences(old: &Document, new: &Document) -> Vec<FieldChange> {
    let mut fields = Vec::new();
    if old.name != new.name {
        let (old, new) = (
            Value::from(old.name.as_str()),
            Value::from(new.name.as_str()),
        );
        fields.push(FieldChange {
            field: "name".to_owned(),
            old,
            new,
        });
    }
    let (mut before, mut after) = (old.spec.to_json().value(), new.spec.to_json().value());
    if matches!(old.kind, Kind::Source | Kind::Webhook) {
        for spec in [&mut before, &mut after] {
            if let Value::Map(members) = spec {
                members.remove("keys");
                members.remove("secrets");
            }
        }
    }
    compare("spec", &before, &after, &mut fields);
    fields
}

fn compare(field: &str, old: &Value, new: &Value, fields: &mut Vec<FieldChange>) {
    match (old, new) {
        (Value::Map(before), Value::Map(after)) => {
            let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
            for name in names {
                let member = |map: &BTreeMap<String, Value>| map.get(name).cloned();
                let (old, new) = (member(before), member(after));
                if old != new {
                    let field = format!("{field}.{name}");
                    compare(
                        &field,
                        &old.unwrap_or_default(),
                        &new.unwrap_or_default(),
                        fields,
                    );
                }
            }
        }
        (old, new) if old != new => {
            let field = field.to_owned();
            fields.push(FieldChange {
                field,
                old: old.clone(),
                new: new.clone(),
            });
        }
        _ => {}
    }
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

    fn summary(old: &[Document], new: &[Document]) -> Vec<String> {
        let one = |change: &Change| {
            let fields: Vec<_> = change
                .fields
                .iter()
                .map(|field| field.field.as_str())
                .collect();
            format!(
                "{:?} {}/{} {}",
                change.action,
                change.kind,
                change.id,
                fields.join(" ")
            )
        };
        plan(old, new).iter().map(one).collect()
    }

    #[test]
    fn creates_before_it_refers_and_archives_after() {
        let home = document(Kind::Placement, "home", r#"{"type":"offers"}"#);
        let sale = document(Kind::Offer, "sale", r#"{"placements":["home"]}"#);
        let rules = document(Kind::Identity, "default", "{}");
        let both = [sale.clone(), home.clone()];
        assert_eq!(
            summary(&[], &both),
            ["Create placement/home ", "Create offer/sale "]
        );
        let old = [home, sale, rules];
        assert_eq!(
            summary(&old, &[]),
            ["Archive offer/sale ", "Archive placement/home "]
        );
        assert_eq!(summary(&old, &old), Vec::<String>::new());
    }

    #[test]
    fn names_the_members_that_differ() {
        let old = document(
            Kind::Offer,
            "sale",
            r#"{"placements":["a"],"content":{"t":1,"u":2}}"#,
        );
        let text = r#"{"placements":["a"],"priority":5,"content":{"t":3,"u":2}}"#;
        let new = document(Kind::Offer, "sale", text);
        assert_eq!(
            summary(&[old], &[new]),
            ["Update offer/sale spec.content.t spec.priority"]
        );
    }

    #[test]
    fn says_which_definitions_a_change_touches() {
        let touched = |old: &[Document], new: &[Document]| -> Vec<String> {
            let one = |change: &Change| {
                let touches: Vec<&str> = change.touches.iter().map(String::as_str).collect();
                format!("{}/{}: {}", change.kind, change.id, touches.join(" "))
            };
            plan(old, new).iter().map(one).collect()
        };
        let home = |limit: u8| {
            let spec = format!(r#"{{"type":"offers","limit":{limit}}}"#);
            document(Kind::Placement, "home", &spec)
        };
        let sale = |placement: &str| {
            let spec = format!(r#"{{"placements":["{placement}"]}}"#);
            document(Kind::Offer, "sale", &spec)
        };
        let tag = r##"{"type":"web","tag":{"placements":[{"placement":"home","selector":"#h"}]}}"##;
        let web = document(Kind::Source, "web", tag);
        assert_eq!(
            touched(&[home(1), sale("home")], &[home(1), sale("cart")]),
            ["offer/sale: placement/cart placement/home"]
        );
        assert_eq!(
            touched(
                &[home(1), sale("home"), web.clone()],
                &[home(2), sale("home"), web.clone()]
            ),
            ["placement/home: offer/sale source/web"]
        );
        assert_eq!(
            touched(&[home(1), web.clone()], &[web]),
            ["placement/home: source/web"]
        );
    }

    #[test]
    fn write_keys_are_not_a_difference() {
        let key = r#"{"prefix":"c1","hash":"h","created_at":"2026-11-01"}"#;
        let old = document(
            Kind::Source,
            "a",
            &format!(r#"{{"type":"web","keys":[{key}]}}"#),
        );
        let new = document(Kind::Source, "a", r#"{"type":"web"}"#);
        assert_eq!(summary(&[old], &[new]), Vec::<String>::new());
    }
}
