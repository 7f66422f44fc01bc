//! The parts of a fold that some facts look at, read from its stored form without the rest.
//!
//! Whoever looks at everybody, to find the members of a new audience, spends most of the time on
//! reading folds; a rule looks at few of their parts.

use std::collections::BTreeSet;
use std::fmt;

use kith_rule::{FactKey, Filter};
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::packed::Packed;
use crate::series::map::Wanted;
use crate::{FeatureSet, Fold, SeriesId};

/// Parts of a fold. As a seed it reads a stored fold and leaves what is no part of it empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    traits: bool,
    counters: bool,
    affinities: bool,
    consents: bool,
    accounts: bool,
    /// Items touched, and the registers of built-in features.
    others: bool,
    series: BTreeSet<SeriesId>,
}

impl Parts {
    /// What these facts look at, of which `features` names the series.
    pub fn of<'a>(keys: impl IntoIterator<Item = &'a FactKey>, features: &FeatureSet) -> Self {
        let mut parts = Parts::default();
        for key in keys {
            match key {
                FactKey::Trait(_) | FactKey::Anniversary(_) => parts.traits = true,
                FactKey::Consent(_) | FactKey::Reachable(_) => parts.consents = true,
                FactKey::Count(_) | FactKey::Sum(_) | FactKey::First(_) | FactKey::Last(_) => {
                    parts.counters = true;
                }
                FactKey::Account(_) | FactKey::AccountPersons { .. } => parts.accounts = true,
                FactKey::Feature(_) => (parts.counters, parts.others) = (true, true),
                FactKey::Affinity { .. } => parts.affinities = true,
                FactKey::Aggregate(of) => {
                    parts.series.insert(features.id_of_aggregate(of));
                }
                FactKey::Interest { of, .. } => {
                    parts.series.insert(features.id_of_affinity(of));
                }
                FactKey::Sequence(sequence) => {
                    let id = |(filter, _): &(Filter, _)| features.id_of(filter);
                    parts.series.extend(sequence.steps.iter().map(id));
                    let absent = sequence.absent.as_ref();
                    let absent = absent.map(|(filter, _)| features.id_of(filter));
                    parts.series.extend(absent);
                }
                FactKey::Identifier(_)
                | FactKey::Keyed { .. }
                | FactKey::LocalHour
                | FactKey::LocalWeekday
                | FactKey::Audience(_)
                | FactKey::Property(_)
                | FactKey::Item(_)
                | FactKey::Context(_) => {}
            }
        }
        parts
    }

    fn read<'de, A: MapAccess<'de>>(
        &self,
        name: &str,
        fold: &mut Fold,
        map: &mut A,
    ) -> Result<(), A::Error> {
        match name {
            "event_count" => fold.event_count = map.next_value()?,
            "first_seen_at" => fold.first_seen_at = map.next_value()?,
            "last_seen_at" => fold.last_seen_at = map.next_value()?,
            "timezone" => fold.timezone = map.next_value()?,
            "traits" if self.traits => fold.traits = map.next_value()?,
            "counters" if self.counters => fold.counters = unpack(map)?,
            "affinities" if self.affinities => fold.affinities = unpack(map)?,
            "consents" if self.consents => fold.consents = map.next_value()?,
            "accounts" if self.accounts => fold.accounts = map.next_value()?,
            "network" if self.accounts => fold.network = map.next_value()?,
            "series" => fold.series = map.next_value_seed(Wanted(Some(&self.series)))?,
            _ if self.others => return read_other(name, fold, map),
            _ => {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

fn unpack<'de, T: DeserializeOwned, A: MapAccess<'de>>(map: &mut A) -> Result<T, A::Error> {
    let Packed(value) = map.next_value()?;
    Ok(value)
}

fn read_other<'de, A: MapAccess<'de>>(
    name: &str,
    fold: &mut Fold,
    map: &mut A,
) -> Result<(), A::Error> {
    match name {
        "viewed" => fold.viewed = unpack(map)?,
        "added" => fold.added = unpack(map)?,
        "removed" => fold.removed = unpack(map)?,
        "bought" => fold.bought = unpack(map)?,
        "first_referrer" => fold.first_referrer = map.next_value()?,
        "first_campaign_source" => fold.first_campaign_source = map.next_value()?,
        "last_campaign_source" => fold.last_campaign_source = map.next_value()?,
        "last_viewed_category" => fold.last_viewed_category = map.next_value()?,
        "last_search" => fold.last_search = map.next_value()?,
        "device_type" => fold.device_type = map.next_value()?,
        "browser" => fold.browser = map.next_value()?,
        "os" => fold.os = map.next_value()?,
        "locale" => fold.locale = map.next_value()?,
        "country" => fold.country = map.next_value()?,
        "region" => fold.region = map.next_value()?,
        "city" => fold.city = map.next_value()?,
        _ => {
            map.next_value::<IgnoredAny>()?;
        }
    }
    Ok(())
}

impl<'de> DeserializeSeed<'de> for &Parts {
    type Value = Fold;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Fold, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &Parts {
    type Value = Fold;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a fold")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fold, A::Error> {
        let mut fold = Fold::default();
        while let Some(name) = map.next_key::<&str>()? {
            self.read(name, &mut fold, &mut map)?;
        }
        Ok(fold)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use kith_base::{Amount, DecayedSum, Timestamp, Value};
    use kith_rule::{Aggregate, FactSet, Path, Quantifier};

    use super::*;
    use crate::fold::TraitValue;
    use crate::series::{Contribution, Moment, Needs};
    use crate::{BoundedMap, Consent, Counter, Earliest, Latest, Series, Stamp, Touches};

    const STAMP: Stamp = Stamp {
        at: Timestamp::from_millis(7),
        tie: 1,
    };

    fn latest<T>(value: T) -> Option<Latest<T>> {
        Some(Latest {
            stamp: STAMP,
            value,
        })
    }

    fn text(text: &str) -> Option<Latest<String>> {
        latest(text.to_owned())
    }

    fn one<V, const LIMIT: usize>(key: &str, value: V) -> BoundedMap<V, LIMIT> {
        let mut map = BoundedMap::default();
        map.put(key, value, |_, _| {});
        map
    }

    fn touched(item: &str) -> Touches {
        let mut touches = Touches::default();
        touches.add(STAMP, item);
        touches
    }

    fn series() -> Series {
        let moment = Moment {
            stamp: STAMP,
            received_at: STAMP.at,
        };
        let mut series = Series::default();
        series.add(Needs::default(), &Contribution::one(), moment);
        series
    }

    /// Something in every member: a new one must be named here, and read above.
    fn full() -> Fold {
        let traited = TraitValue {
            value: Value::from("pro"),
            source: "shop".to_owned(),
        };
        let consent = Consent {
            granted: true,
            source: "shop".to_owned(),
        };
        let counter = Counter {
            count: 2,
            value: Amount::from_micros(5),
            ..Counter::default()
        };
        let earliest = |text: &str| {
            Some(Earliest {
                stamp: STAMP,
                value: text.to_owned(),
            })
        };
        Fold {
            event_count: 3,
            first_seen_at: Some(STAMP.at),
            last_seen_at: Some(STAMP.at),
            traits: one(
                "plan",
                Latest {
                    stamp: STAMP,
                    value: traited,
                },
            ),
            counters: one("Order Completed", counter),
            affinities: BTreeMap::from([("brand".to_owned(), one("Elm", DecayedSum::default()))]),
            viewed: touched("a"),
            added: touched("b"),
            removed: touched("c"),
            bought: touched("d"),
            consents: one(
                "marketing",
                Latest {
                    stamp: STAMP,
                    value: consent,
                },
            ),
            accounts: one("acme", STAMP),
            first_referrer: earliest("r"),
            first_campaign_source: earliest("c"),
            last_campaign_source: text("l"),
            last_viewed_category: text("shoes"),
            last_search: text("tent"),
            device_type: text("mobile"),
            browser: text("Firefox"),
            os: text("Linux"),
            locale: text("de-DE"),
            country: text("DE"),
            region: text("Berlin"),
            city: text("Berlin"),
            timezone: text("Europe/Berlin"),
            network: text("203.0.113.0/24"),
            series: [1, 2]
                .map(|id| (SeriesId(id), series()))
                .into_iter()
                .collect(),
        }
    }

    fn read(parts: &Parts) -> Fold {
        let bytes = rmp_serde::to_vec_named(&full()).unwrap();
        let mut stored = rmp_serde::Deserializer::from_read_ref(&bytes);
        parts.deserialize(&mut stored).unwrap()
    }

    #[test]
    fn all_parts_are_the_whole() {
        let parts = Parts {
            traits: true,
            counters: true,
            affinities: true,
            consents: true,
            accounts: true,
            others: true,
            series: [1, 2].map(SeriesId).into(),
        };
        assert_eq!(read(&parts), full());
    }

    #[test]
    fn what_is_no_part_is_left_empty() {
        let parts = Parts {
            counters: true,
            series: [2].map(SeriesId).into(),
            ..Parts::default()
        };
        let whole = full();
        let expect = Fold {
            event_count: whole.event_count,
            first_seen_at: whole.first_seen_at,
            last_seen_at: whole.last_seen_at,
            timezone: whole.timezone,
            counters: whole.counters,
            series: [(SeriesId(2), series())].into_iter().collect(),
            ..Fold::default()
        };
        assert_eq!(read(&parts), expect);
    }

    #[test]
    fn each_fact_names_its_part() {
        let aggregate = Aggregate::parse("count(\"Product Viewed\", 7 days)").unwrap();
        let features = FeatureSet::compile([&aggregate], []);
        let id = SeriesId::of_aggregate(&aggregate);
        let check = |key: FactKey, expect: Parts| {
            let mut set = FactSet::default();
            set.slot(&key);
            assert_eq!(Parts::of(set.keys(), &features), expect, "{key}");
        };
        let none = Parts::default;
        check(
            FactKey::Trait(Path::dotted("plan")),
            Parts {
                traits: true,
                ..none()
            },
        );
        check(
            FactKey::Anniversary(Path::dotted("born")),
            Parts {
                traits: true,
                ..none()
            },
        );
        check(
            FactKey::Reachable("email".to_owned()),
            Parts {
                consents: true,
                ..none()
            },
        );
        check(
            FactKey::Sum("Order Completed".to_owned()),
            Parts {
                counters: true,
                ..none()
            },
        );
        let accounts = Parts {
            accounts: true,
            ..none()
        };
        check(FactKey::Account(Path::dotted("plan")), accounts.clone());
        let persons = FactKey::AccountPersons {
            quantifier: Quantifier::Any,
            audience: "vip".to_owned(),
        };
        check(persons, accounts);
        let feature = Parts {
            counters: true,
            others: true,
            ..none()
        };
        check(FactKey::Feature("cart_item_count".to_owned()), feature);
        check(FactKey::LocalHour, none());
        check(
            FactKey::Aggregate(aggregate.clone()),
            Parts {
                series: [id].into(),
                ..none()
            },
        );
    }
}
