//! The parts of a fold that some facts look at, read from its stored form without the rest.
//!
//! Whoever looks at everybody, to find the members of a new audience, spends most of the time on
//! reading folds; a rule looks at few of their parts.

use std::collections::BTreeSet;

use kith_base::members::{Malformed, Members, content, unsigned};
use kith_rule::{FactKey, Filter};
use rmp_serde::from_slice;
use serde::de::DeserializeOwned;

use crate::feature;
use crate::packed::Packed;
use crate::series::map::SeriesMap;
use crate::{FeatureSet, Fold, SeriesId};

/// Parts of a fold. When its events were, how many, and in which zone is always among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    members: Vec<&'static str>,
    series: BTreeSet<SeriesId>,
}

impl Parts {
    /// What these facts look at, of which `features` names the series.
    pub fn of<'a>(keys: impl IntoIterator<Item = &'a FactKey>, features: &FeatureSet) -> Self {
        let mut parts = Parts::default();
        for key in keys {
            match key {
                FactKey::Trait(_) | FactKey::Anniversary(_) => parts.add(&["traits"]),
                FactKey::Consent(_) | FactKey::Reachable(_) => parts.add(&["consents"]),
                FactKey::Count(_) | FactKey::Sum(_) | FactKey::First(_) | FactKey::Last(_) => {
                    parts.add(&["counters"]);
                }
                FactKey::Account(_) | FactKey::AccountPersons { .. } => {
                    parts.add(&["accounts", "network"]);
                }
                FactKey::Feature(name) => {
                    let found = feature::find(name);
                    parts.add(found.map_or(&[], |feature| feature.members));
                }
                FactKey::Affinity { .. } => parts.add(&["affinities"]),
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

    /// The parts of a stored fold; the others are left empty.
    pub fn read(&self, stored: &[u8]) -> Result<Fold, Unreadable> {
        let mut fold = Fold::default();
        for member in Members::of(stored)? {
            let (name, value) = member?;
            self.read_member(content(name)?, &mut fold, value)?;
        }
        Ok(fold)
    }

    fn add(&mut self, members: &'static [&'static str]) {
        self.members.extend(members);
        self.members.sort_unstable();
        self.members.dedup();
    }

    fn read_member(&self, name: &[u8], fold: &mut Fold, value: &[u8]) -> Result<(), Unreadable> {
        match name {
            b"event_count" => fold.event_count = unsigned(value)?,
            b"first_seen_at" => fold.first_seen_at = from_slice(value)?,
            b"last_seen_at" => fold.last_seen_at = from_slice(value)?,
            b"timezone" => fold.timezone = unpack(value)?,
            b"series" => fold.series = SeriesMap::read(value, &self.series)?,
            _ if !self.members.iter().any(|member| member.as_bytes() == name) => {}
            b"traits" => fold.traits = from_slice(value)?,
            b"counters" => fold.counters = unpack(value)?,
            b"affinities" => fold.affinities = unpack(value)?,
            b"consents" => fold.consents = from_slice(value)?,
            b"accounts" => fold.accounts = from_slice(value)?,
            b"network" => fold.network = unpack(value)?,
            b"viewed" => fold.viewed = unpack(value)?,
            b"added" => fold.added = unpack(value)?,
            b"removed" => fold.removed = unpack(value)?,
            b"first_referrer" => fold.first_referrer = unpack(value)?,
            b"first_campaign_source" => fold.first_campaign_source = unpack(value)?,
            b"last_campaign_source" => fold.last_campaign_source = unpack(value)?,
            b"last_viewed_category" => fold.last_viewed_category = unpack(value)?,
            b"last_search" => fold.last_search = unpack(value)?,
            b"device_type" => fold.device_type = unpack(value)?,
            b"browser" => fold.browser = unpack(value)?,
            b"os" => fold.os = unpack(value)?,
            b"locale" => fold.locale = unpack(value)?,
            b"country" => fold.country = unpack(value)?,
            b"region" => fold.region = unpack(value)?,
            b"city" => fold.city = unpack(value)?,
            _ => {}
        }
        Ok(())
    }
}

/// Why a stored fold cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// Its members cannot be told apart.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// A member is not what it should be.
    #[error(transparent)]
    Member(#[from] rmp_serde::decode::Error),
    /// The series are not what they should be.
    #[error("{0}")]
    Series(&'static str),
}

fn unpack<T: DeserializeOwned>(value: &[u8]) -> Result<T, Unreadable> {
    let Packed(value) = from_slice(value)?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use kith_base::{Amount, DecayedSum, Timestamp, Value};
    use kith_rule::{Aggregate, FactSet, Path, Quantifier};

    use super::*;
    use crate::fold::TraitValue;
    use crate::series::{Contribution, Moment, Needs};
    use crate::view::View;
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
        let mut counters = one("Order Completed", counter.clone());
        for name in ["$page", "Product Viewed", "Product Added"] {
            counters.put(name, counter.clone(), |_, _| {});
        }
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
            counters,
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
        parts.read(&bytes).unwrap()
    }

    #[test]
    fn every_member_that_may_be_asked_for_is_read() {
        let asked = |names: &[&'static str]| Parts {
            members: names.to_vec(),
            series: [1, 2].map(SeriesId).into(),
        };
        let of_features = feature::ALL.iter().flat_map(|of| of.members);
        let of_facts = &[
            "traits",
            "counters",
            "affinities",
            "consents",
            "accounts",
            "network",
        ];
        let names: Vec<&str> = of_features.chain(of_facts).copied().collect();
        // Nothing looks at what was bought but the fold itself.
        let expect = Fold {
            bought: Touches::default(),
            ..full()
        };
        assert_eq!(read(&asked(&names)), expect);
    }

    #[test]
    fn a_feature_is_the_same_over_its_parts_alone() {
        let features = FeatureSet::default();
        for of in feature::ALL {
            let key = FactKey::Feature(of.name.to_owned());
            let parts = read(&Parts::of([&key], &features));
            let now = STAMP.at;
            let value = |fold: &Fold| of.of(View(&[fold]), now);
            assert_eq!(value(&parts), value(&full()), "{}", of.name);
            let held = value(&full()) != value(&Fold::default());
            assert!(held, "{}: nothing in the fold tells it", of.name);
        }
    }

    #[test]
    fn what_is_no_part_is_left_empty() {
        let parts = Parts {
            members: ["counters"].into(),
            series: [2].map(SeriesId).into(),
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
        let check = |key: FactKey, members: &[&'static str], series: &[SeriesId]| {
            let mut set = FactSet::default();
            set.slot(&key);
            let mut expect = Parts {
                series: series.iter().copied().collect(),
                ..Parts::default()
            };
            expect.members.extend(members);
            expect.members.sort_unstable();
            assert_eq!(Parts::of(set.keys(), &features), expect, "{key}");
        };
        check(FactKey::Trait(Path::dotted("plan")), &["traits"], &[]);
        check(FactKey::Anniversary(Path::dotted("born")), &["traits"], &[]);
        check(FactKey::Reachable("email".to_owned()), &["consents"], &[]);
        check(
            FactKey::Sum("Order Completed".to_owned()),
            &["counters"],
            &[],
        );
        let accounts = ["accounts", "network"];
        check(FactKey::Account(Path::dotted("plan")), &accounts, &[]);
        let persons = FactKey::AccountPersons {
            quantifier: Quantifier::Any,
            audience: "vip".to_owned(),
        };
        check(persons, &accounts, &[]);
        let cart = FactKey::Feature("cart_item_count".to_owned());
        check(cart, &["counters", "added", "removed"], &[]);
        check(FactKey::Feature("event_count".to_owned()), &[], &[]);
        check(FactKey::LocalHour, &[], &[]);
        check(FactKey::Aggregate(aggregate.clone()), &[], &[id]);
    }
}
