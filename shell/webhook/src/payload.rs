//! What a delivery says.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::{PersonId, Timestamp, Value, digest};
use kith_definition::Webhook;
use kith_engine::query::{self, Standing};
use kith_engine::table::{Happening, MembershipChange, TraitChange};
use kith_engine::{Live, Project, state};
use kith_event::ChangePlace;
use kith_profile::SeriesId;
use kith_runtime::View;
use serde::Serialize;

/// The envelope of the specification.
#[derive(Serialize)]
struct Message<T: Serialize> {
    #[serde(rename = "type")]
    kind: &'static str,
    /// When it happened.
    timestamp: String,
    data: T,
}

#[derive(Serialize)]
struct Membership<'a> {
    audience_id: &'a str,
    audience_name: &'a str,
    #[serde(flatten)]
    person: Person<'a>,
}

#[derive(Serialize)]
struct Changed<'a> {
    #[serde(rename = "trait")]
    name: &'a str,
    old_value: serde_json::Value,
    new_value: serde_json::Value,
    #[serde(flatten)]
    person: Person<'a>,
}

/// Who it is about, as they are when it is sent.
#[derive(Serialize)]
struct Person<'a> {
    person_id: String,
    identifiers: Vec<Named<'a>>,
    traits: BTreeMap<&'a str, Value>,
}

#[derive(Serialize)]
struct Named<'a> {
    namespace: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
struct Test<'a> {
    webhook_id: &'a str,
}

/// The id of a delivery: the same for every try, and told nowhere twice.
pub fn message_id(webhook: &str, place: ChangePlace, change: &Happening) -> String {
    let parts: [&[u8]; 5] = [
        webhook.as_bytes(),
        &place.0.to_be_bytes(),
        &place.1.to_be_bytes(),
        &change.person().0,
        &change.at().as_millis().to_be_bytes(),
    ];
    format!("msg_{:?}", digest("webhook-message", &parts))
}

/// What is read once for a round of deliveries.
pub(crate) struct Reader<'a> {
    pub view: &'a View,
    pub webhook: &'a Live<Webhook>,
    unready: BTreeSet<SeriesId>,
    now: Timestamp,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(
        view: &'a View,
        webhook: &'a Live<Webhook>,
        now: Timestamp,
    ) -> Result<Self, state::Error> {
        Ok(Reader {
            unready: query::unready_series(&*view.state)?,
            now: now.max(query::clock(&*view.state)?),
            view,
            webhook,
        })
    }

    fn project(&self) -> &Project {
        &self.view.project
    }

    /// Whoever the person of a change is now; nobody when everything about them is gone.
    pub(crate) fn standing(&self, change: &Happening) -> Result<Option<Standing>, state::Error> {
        let state = &*self.view.state;
        match query::resolve_person(state, change.person())? {
            Some(person) => query::standing(state, self.project(), person),
            None => Ok(None),
        }
    }

    /// Whether the person agrees to be told about.
    pub(crate) fn may_send(&self, standing: Option<&Standing>) -> bool {
        let category = &self.webhook.spec.consent;
        let granted = |standing: &Standing| {
            standing.consent(self.project(), category, self.now) == Some(true)
        };
        category.is_empty() || standing.is_some_and(granted)
    }

    /// The body. Traits and identifiers are those of this moment, for a later try too.
    pub(crate) fn body(&self, change: &Happening, standing: Option<&Standing>) -> Vec<u8> {
        match change {
            Happening::Membership(change) => self.membership(change, standing),
            Happening::Trait(change) => self.changed(change, standing),
        }
    }

    fn membership(&self, change: &MembershipChange, standing: Option<&Standing>) -> Vec<u8> {
        let live = self.project().audiences.get(&change.audience);
        let data = Membership {
            audience_id: &change.audience,
            audience_name: live.map_or(&change.audience, |live| &live.name),
            person: self.person(change.person, standing),
        };
        let kind = match change.entered {
            true => "audience.entered",
            false => "audience.left",
        };
        write(kind, change.at, data)
    }

    fn changed(&self, change: &TraitChange, standing: Option<&Standing>) -> Vec<u8> {
        let value = |text: &str| serde_json::from_str(text).unwrap_or_default();
        let data = Changed {
            name: &change.name,
            old_value: value(&change.old),
            new_value: value(&change.new),
            person: self.person(change.person, standing),
        };
        write("trait.changed", change.at, data)
    }

    fn person<'s>(&'s self, told: PersonId, standing: Option<&'s Standing>) -> Person<'s> {
        let spec = &self.webhook.spec;
        let wanted = |namespace: &String| spec.identifiers.contains(namespace);
        let identifiers = standing.map(Standing::identifiers).unwrap_or_default();
        let named = identifiers.iter().filter(|one| wanted(&one.namespace));
        let values = spec.traits.iter().filter_map(|name| {
            let value = standing?.trait_value(self.project(), &self.unready, name, self.now);
            (!value.is_null()).then_some((name.as_str(), value))
        });
        Person {
            person_id: standing.map_or(told, |found| found.person).to_string(),
            identifiers: named
                .map(|one| Named {
                    namespace: &one.namespace,
                    value: &one.value,
                })
                .collect(),
            traits: values.collect(),
        }
    }
}

/// The body of a test.
pub(crate) fn test(webhook: &str, now: Timestamp) -> Vec<u8> {
    write(
        "webhook.test",
        now,
        Test {
            webhook_id: webhook,
        },
    )
}

fn write<T: Serialize>(kind: &'static str, at: Timestamp, data: T) -> Vec<u8> {
    let message = Message {
        kind,
        timestamp: at.to_string(),
        data,
    };
    serde_json::to_vec(&message).expect("every member of a message has a JSON form")
}
