//! What a rule may ask about a person, and where the answers come from.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use kith_base::{Timestamp, Value};
use kith_definition::Affinity;

use crate::path::{is_bare_property, quote, write_key};
use crate::{Aggregate, Filter, Function, Path, Quantifier, Sequence, Window};

/// One thing a rule asks for. Displayed as it stands in a rule text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FactKey {
    /// `traits.plan`, `traits.address.city`.
    Trait(Path),
    /// `features.purchase_count`.
    Feature(String),
    /// `features.purchases_by_category["shoes"]`: what a feature holds for one key.
    Keyed {
        /// Id of the feature.
        feature: String,
        /// Such as `shoes`.
        key: String,
    },
    /// `context.page.url`: what the caller says about this moment.
    Context(Path),
    /// `item.price`, `item.categories`: what the catalog says of the item in question; known in
    /// the rules of recipes only.
    Item(Path),
    /// `consent.marketing`: true, false, or missing when never asked.
    Consent(String),
    /// `count("Product Viewed")`: how many such events.
    Count(String),
    /// `sum("Order Completed")`: the sum of their revenue or value.
    Sum(String),
    /// `first("Order Completed")`: when the first one happened.
    First(String),
    /// `last("Order Completed")`: when the last one happened.
    Last(String),
    /// `affinity("category", "shoes")`: the share of interest, 0 to 1.
    Affinity {
        /// Such as `category`.
        dimension: String,
        /// Such as `shoes`.
        key: String,
    },
    /// What a feature that is an affinity stands for: of a key its share, 0 to 1; of none the key
    /// with the greatest share. Never written: `features.taste` and `affinity("taste", "shoes")`
    /// become it when a rule is compiled.
    Interest {
        /// Id of the feature.
        feature: String,
        /// How it is learnt.
        of: Arc<Affinity>,
        /// Such as `shoes`.
        key: Option<String>,
    },
    /// `identifier("email")`: the strongest such identifier.
    Identifier(String),
    /// `count("Product Viewed" where category = "shoes", 30 days)`.
    Aggregate(Aggregate),
    /// `sequence("Product Added", not "Order Completed" within 1 hour, 7 days)`: true or false.
    Sequence(Sequence),
    /// `in audience "big-spenders"`: true or false, missing when there is no such audience.
    Audience(String),
    /// `account.plan`: a trait of the account that the person was said last to belong to, of those
    /// that have the trait.
    Account(Path),
    /// `any person of account in audience "big-spenders"`: true or false, missing for somebody
    /// without an account and when there is no such audience.
    AccountPersons {
        /// How many of the persons of all the person's accounts.
        quantifier: Quantifier,
        /// Id of the audience.
        audience: String,
    },
    /// `category`, inside a condition only: a property of the event in question.
    Property(Path),
    /// `local_hour`: 0 to 23 on the person's clock.
    LocalHour,
    /// `local_weekday`: `"monday"` to `"sunday"` in the person's calendar.
    LocalWeekday,
    /// `reachable("email")`: there is such an identifier, and marketing is not refused.
    Reachable(String),
    /// `anniversary(traits.birthday)`: the midnight, in the person's zone, that begins the next
    /// such day, or today if it is one; 29 February is 1 March in common years.
    Anniversary(Path),
}

impl FactKey {
    /// Reads one fact, as it stands in a rule: `traits.country`.
    pub fn parse(text: &str) -> Result<Self, crate::Error> {
        crate::parse::parse_fact(text)
    }

    /// The filters of an aggregate or a sequence.
    pub fn filters(&self) -> impl Iterator<Item = &Filter> {
        let (aggregate, sequence) = match self {
            FactKey::Aggregate(aggregate) => (Some(aggregate), None),
            FactKey::Sequence(sequence) => (None, Some(sequence)),
            _ => (None, None),
        };
        let steps = sequence.into_iter().flat_map(Sequence::filters);
        aggregate
            .map(|aggregate| &aggregate.events)
            .into_iter()
            .chain(steps)
    }

    /// The audience that must be settled before the fact is known.
    pub fn audience(&self) -> Option<&str> {
        match self {
            FactKey::Audience(id) | FactKey::AccountPersons { audience: id, .. } => Some(id),
            _ => None,
        }
    }

    /// Whether it may change although nothing happens; see [`Facts::next_change`].
    pub fn moves(&self) -> bool {
        match self {
            FactKey::Aggregate(aggregate) => {
                aggregate.window != Window::Lifetime || aggregate.function == Function::Streak
            }
            FactKey::Feature(name) => name.starts_with("days_since_"),
            // Every share halves alike; only what a purchase took away comes back.
            FactKey::Interest { of, .. } => {
                let once = of.once.as_ref();
                once.is_some_and(|once| once.repurchase_days > 0)
            }
            FactKey::Sequence(_)
            | FactKey::Anniversary(_)
            | FactKey::LocalHour
            | FactKey::LocalWeekday => true,
            _ => false,
        }
    }
}

impl fmt::Display for FactKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (function, argument) = match self {
            FactKey::Trait(path) => return write!(out, "traits.{path}"),
            FactKey::Context(path) => return write!(out, "context.{path}"),
            FactKey::Account(path) => return write!(out, "account.{path}"),
            FactKey::Item(path) => return write!(out, "item.{path}"),
            FactKey::Feature(name)
            | FactKey::Interest {
                feature: name,
                key: None,
                ..
            } => {
                return write!(out, "features.{}", Path::one(name));
            }
            FactKey::Keyed { feature, key } => {
                write!(out, "features.{}", Path::one(feature))?;
                return write_key(key, out);
            }
            FactKey::Consent(name) => {
                return write!(out, "consent.{}", Path::one(name));
            }
            FactKey::Count(name) => ("count", name),
            FactKey::Sum(name) => ("sum", name),
            FactKey::First(name) => ("first", name),
            FactKey::Last(name) => ("last", name),
            FactKey::Identifier(name) => ("identifier", name),
            FactKey::Reachable(name) => ("reachable", name),
            FactKey::Aggregate(aggregate) => return write!(out, "{aggregate}"),
            FactKey::Sequence(sequence) => return write!(out, "{sequence}"),
            FactKey::Audience(id) => {
                out.write_str("in audience ")?;
                return quote(id, out);
            }
            FactKey::AccountPersons {
                quantifier,
                audience,
            } => {
                write!(out, "{} of account in audience ", quantifier.phrase())?;
                return quote(audience, out);
            }
            FactKey::Property(path) if is_bare_property(path.first()) => {
                return write!(out, "{path}");
            }
            FactKey::Property(path) => return write!(out, "properties.{path}"),
            FactKey::LocalHour => return out.write_str("local_hour"),
            FactKey::LocalWeekday => return out.write_str("local_weekday"),
            FactKey::Anniversary(path) => return write!(out, "anniversary(traits.{path})"),
            FactKey::Affinity { dimension, key }
            | FactKey::Interest {
                feature: dimension,
                key: Some(key),
                ..
            } => {
                out.write_str("affinity(")?;
                quote(dimension, out)?;
                out.write_str(", ")?;
                quote(key, out)?;
                return out.write_str(")");
            }
        };
        write!(out, "{function}(")?;
        quote(argument, out)?;
        out.write_str(")")
    }
}

/// Where answers come from. A fact that is not known is [`Value::Null`]; an answer does not
/// change while one set of [`Slots`] is in use.
pub trait Facts {
    /// The value of a fact at an instant.
    fn fact(&self, key: &FactKey, now: Timestamp) -> Value;

    /// The earliest instant after `after` at which the fact may change although nothing happens:
    /// an event leaves a window, a day begins. Never later than the true one; not asked of a
    /// fact that never [moves](FactKey::moves).
    fn next_change(&self, _key: &FactKey, _after: Timestamp) -> Option<Timestamp> {
        None
    }

    /// The same found cheaply, and for that perhaps earlier: an event leaves a window, whether
    /// that changes anything or not.
    fn next_point(&self, key: &FactKey, after: Timestamp) -> Option<Timestamp> {
        self.next_change(key, after)
    }

    /// True of a number that cannot rise after `after` unless something happens: what is counted
    /// in a window that nothing is about to enter.
    fn only_falls(&self, _key: &FactKey, _after: Timestamp) -> bool {
        false
    }
}

/// Answers known beforehand, by the text of the key; the rest is missing.
impl Facts for BTreeMap<String, Value> {
    fn fact(&self, key: &FactKey, _: Timestamp) -> Value {
        self.get(&key.to_string()).cloned().unwrap_or_default()
    }
}

/// Place of a fact in [`Slots`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot(u32);

impl Slot {
    pub(crate) fn place(self) -> usize {
        self.0 as usize
    }
}

/// Every fact that a group of rules asks for, each once. Built while rules are compiled.
#[derive(Clone, Debug, Default)]
pub struct FactSet {
    keys: Vec<FactKey>,
    slots: BTreeMap<FactKey, Slot>,
}

impl FactSet {
    /// The slot of a fact, new if need be.
    pub fn slot(&mut self, key: &FactKey) -> Slot {
        if let Some(slot) = self.slots.get(key) {
            return *slot;
        }
        let slot = Slot(u32::try_from(self.keys.len()).expect("rules are bounded in number"));
        self.keys.push(key.clone());
        self.slots.insert(key.clone(), slot);
        slot
    }

    /// The fact in a slot.
    pub fn key(&self, slot: Slot) -> &FactKey {
        &self.keys[slot.place()]
    }

    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Every fact, in the order of their slots.
    pub fn keys(&self) -> &[FactKey] {
        &self.keys
    }
}

/// The answers for one person at one moment, each fetched at most once, when first asked for.
pub struct Slots<'a> {
    set: &'a FactSet,
    facts: &'a dyn Facts,
    /// The slots that have a place in `values`, in order; `None` is all of them.
    only: Option<&'a [Slot]>,
    values: Vec<OnceCell<Value>>,
    now: Timestamp,
}

impl<'a> Slots<'a> {
    /// Nothing is fetched yet.
    pub fn new(set: &'a FactSet, facts: &'a dyn Facts, now: Timestamp) -> Self {
        Slots {
            set,
            facts,
            only: None,
            values: vec![OnceCell::new(); set.keys.len()],
            now,
        }
    }

    /// The same with room for a few slots only, which must be in order: for one rule of many.
    pub fn only(slots: &'a [Slot], set: &'a FactSet, facts: &'a dyn Facts, now: Timestamp) -> Self {
        Slots {
            set,
            facts,
            only: Some(slots),
            values: vec![OnceCell::new(); slots.len()],
            now,
        }
    }

    /// The answer in a slot.
    pub fn value(&self, slot: Slot) -> &Value {
        let place = match self.only {
            None => slot.place(),
            Some(only) => only.binary_search(&slot).expect("a slot there is room for"),
        };
        self.values[place].get_or_init(|| self.facts.fact(self.set.key(slot), self.now))
    }

    /// Where the answers come from.
    pub(crate) fn facts(&self) -> &'a dyn Facts {
        self.facts
    }

    /// The facts behind the slots.
    pub fn set(&self) -> &'a FactSet {
        self.set
    }

    /// The moment rules call `now`.
    pub fn now(&self) -> Timestamp {
        self.now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_as_in_a_rule() {
        let key = FactKey::Trait(Path::new(vec!["home".into(), "zip code".into()]).unwrap());
        assert_eq!(key.to_string(), r#"traits.home."zip code""#);
        let key = FactKey::Affinity {
            dimension: "category".into(),
            key: "a \"b\"".into(),
        };
        assert_eq!(key.to_string(), r#"affinity("category", "a \"b\"")"#);
        assert_eq!(
            FactKey::Count("Order Completed".into()).to_string(),
            r#"count("Order Completed")"#
        );
    }

    #[test]
    fn a_fact_is_fetched_once() {
        struct Counting(std::cell::Cell<u32>);
        impl Facts for Counting {
            fn fact(&self, _: &FactKey, _: Timestamp) -> Value {
                self.0.set(self.0.get() + 1);
                Value::Int(7)
            }
        }
        let mut set = FactSet::default();
        let slot = set.slot(&FactKey::Feature("event_count".into()));
        assert_eq!(set.slot(&FactKey::Feature("event_count".into())), slot);
        let facts = Counting(std::cell::Cell::new(0));
        let slots = Slots::new(&set, &facts, Timestamp::ZERO);
        assert_eq!(facts.0.get(), 0);
        assert_eq!(
            (slots.value(slot), slots.value(slot)),
            (&Value::Int(7), &Value::Int(7))
        );
        assert_eq!(facts.0.get(), 1);
    }
}
