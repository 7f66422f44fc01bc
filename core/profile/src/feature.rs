//! The values of the built-in features. What each is called, holds and means for people stands
//! in `kith_rule::FEATURES`; `kith-engine` tests that the two lists are one.

use kith_base::{Timestamp, Value};

use crate::{Counter, Latest, Profile};

/// A named aggregate over a person's events.
pub struct Feature {
    /// Name in rules and the API.
    pub name: &'static str,
    read: fn(&Profile, Timestamp) -> Value,
}

impl Feature {
    /// Its value at `now`; `Null` when there is nothing to aggregate.
    pub fn value(&self, profile: &Profile, now: Timestamp) -> Value {
        (self.read)(profile, now)
    }
}

/// The feature of a name.
pub fn find(name: &str) -> Option<&'static Feature> {
    ALL.iter().find(|feature| feature.name == name)
}

const fn feature(name: &'static str, read: fn(&Profile, Timestamp) -> Value) -> Feature {
    Feature { name, read }
}

/// Every built-in feature.
pub const ALL: &[Feature] = &[
    feature("event_count", |profile, _| {
        Value::Int(profile.fold.event_count.cast_signed())
    }),
    feature("page_view_count", |profile, _| count(profile, "$page")),
    feature("product_view_count", |profile, _| {
        count(profile, "Product Viewed")
    }),
    feature("cart_add_count", |profile, _| {
        count(profile, "Product Added")
    }),
    feature("cart_item_count", |p, _| Value::Int(cart(p).len() as i64)),
    feature("purchase_count", |profile, _| {
        count(profile, "Order Completed")
    }),
    feature("purchase_revenue", |profile, _| {
        Value::Float(counter(profile, "Order Completed").map_or(0.0, |of| of.value.as_f64()))
    }),
    feature("first_seen_at", |profile, _| {
        time(profile.fold.first_seen_at)
    }),
    feature("last_seen_at", |profile, _| time(profile.fold.last_seen_at)),
    feature("days_since_last_seen", |profile, now| {
        days_since(profile.fold.last_seen_at, now)
    }),
    feature("first_purchase_at", |profile, _| {
        time(counter(profile, "Order Completed").map(|of| of.first_at))
    }),
    feature("last_purchase_at", |profile, _| {
        time(counter(profile, "Order Completed").map(|of| of.last_at))
    }),
    feature("days_since_last_purchase", |profile, now| {
        days_since(
            counter(profile, "Order Completed").map(|of| of.last_at),
            now,
        )
    }),
    feature("last_viewed_item", |profile, _| {
        profile
            .fold
            .viewed
            .iter()
            .next()
            .map_or(Value::Null, |(_, item)| Value::from(item))
    }),
    feature("last_viewed_category", |profile, _| {
        latest(&profile.fold.last_viewed_category)
    }),
    feature("last_search", |profile, _| {
        latest(&profile.fold.last_search)
    }),
    feature("first_referrer", |profile, _| {
        let held = profile.fold.first_referrer.as_ref();
        held.map_or(Value::Null, |earliest| Value::from(earliest.value.as_str()))
    }),
    feature("first_campaign_source", |profile, _| {
        let held = profile.fold.first_campaign_source.as_ref();
        held.map_or(Value::Null, |earliest| Value::from(earliest.value.as_str()))
    }),
    feature("last_campaign_source", |profile, _| {
        latest(&profile.fold.last_campaign_source)
    }),
    feature("device_type", |profile, _| {
        latest(&profile.fold.device_type)
    }),
    feature("browser", |profile, _| latest(&profile.fold.browser)),
    feature("os", |profile, _| latest(&profile.fold.os)),
    feature("locale", |profile, _| latest(&profile.fold.locale)),
    feature("country", |profile, _| latest(&profile.fold.country)),
];

/// The items in the cart: put in after the last order and not taken out since.
pub fn cart(profile: &Profile) -> Vec<&str> {
    let ordered_at = counter(profile, "Order Completed").map(|of| of.last_at);
    let fold = &profile.fold;
    fold.added
        .iter()
        .filter(|(stamp, item)| {
            ordered_at.is_none_or(|at| at < stamp.at)
                && fold.removed.of(item).is_none_or(|removed| removed < *stamp)
        })
        .map(|(_, item)| item)
        .collect()
}

fn counter<'a>(profile: &'a Profile, name: &str) -> Option<&'a Counter> {
    profile.fold.counters.get(name)
}

fn count(profile: &Profile, name: &str) -> Value {
    Value::Int(counter(profile, name).map_or(0, |of| of.count.cast_signed()))
}

fn time(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, Value::Time)
}

fn days_since(at: Option<Timestamp>, now: Timestamp) -> Value {
    at.map_or(Value::Null, |at| {
        Value::Int(now.since(at).whole_days().max(0))
    })
}

fn latest(held: &Option<Latest<String>>) -> Value {
    held.as_ref()
        .map_or(Value::Null, |latest| Value::from(latest.value.as_str()))
}
