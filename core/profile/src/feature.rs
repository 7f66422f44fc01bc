//! The values of the built-in features. What each is called, holds and means for people stands
//! in `kith_rule::FEATURES`; a test holds the two lists together.

use kith_base::{Timestamp, Value};

use crate::view::View;
use crate::{Counter, Fold, Latest, Profile};

/// A named aggregate over a person's events.
pub struct Feature {
    /// Name in rules and the API.
    pub name: &'static str,
    /// Members of a fold that it looks at, beside how many events there were and when.
    pub(crate) members: &'static [&'static str],
    read: fn(View<'_>, Timestamp) -> Value,
}

impl Feature {
    /// Its value at `now`; `Null` when there is nothing to aggregate.
    pub fn value(&self, profile: &Profile, now: Timestamp) -> Value {
        self.of(View(&[&profile.fold]), now)
    }

    pub(crate) fn of(&self, folds: View<'_>, now: Timestamp) -> Value {
        (self.read)(folds, now)
    }
}

/// The feature of a name.
pub fn find(name: &str) -> Option<&'static Feature> {
    ALL.iter().find(|feature| feature.name == name)
}

const fn feature(
    name: &'static str,
    members: &'static [&'static str],
    read: fn(View<'_>, Timestamp) -> Value,
) -> Feature {
    Feature {
        name,
        members,
        read,
    }
}

const NONE: &[&str] = &[];
const COUNTERS: &[&str] = &["counters"];

/// Every built-in feature.
pub const ALL: &[Feature] = &[
    feature("event_count", NONE, |folds, _| int(folds.event_count())),
    feature("page_view_count", COUNTERS, |folds, _| {
        count(folds, "$page")
    }),
    feature("product_view_count", COUNTERS, |folds, _| {
        count(folds, "Product Viewed")
    }),
    feature("cart_add_count", COUNTERS, |folds, _| {
        count(folds, "Product Added")
    }),
    feature(
        "cart_item_count",
        &["counters", "added", "removed"],
        |folds, _| int(folds.cart().len() as u64),
    ),
    feature("purchase_count", COUNTERS, |folds, _| count(folds, ORDER)),
    feature("purchase_revenue", COUNTERS, |folds, _| {
        Value::Float(order(folds).map_or(0.0, |of| of.value.as_f64()))
    }),
    feature("first_seen_at", NONE, |folds, _| {
        time(folds.first_seen_at())
    }),
    feature("last_seen_at", NONE, |folds, _| time(folds.last_seen_at())),
    feature("days_since_last_seen", NONE, |folds, now| {
        days_since(folds.last_seen_at(), now)
    }),
    feature("first_purchase_at", COUNTERS, |folds, _| {
        time(order(folds).map(|of| of.first_at))
    }),
    feature("last_purchase_at", COUNTERS, |folds, _| {
        time(order(folds).map(|of| of.last_at))
    }),
    feature("days_since_last_purchase", COUNTERS, |folds, now| {
        days_since(order(folds).map(|of| of.last_at), now)
    }),
    feature("last_viewed_item", &["viewed"], |folds, _| {
        text(folds.newest_item(|fold| &fold.viewed))
    }),
    feature(
        "last_viewed_category",
        &["last_viewed_category"],
        |folds, _| latest(folds, |fold| &fold.last_viewed_category),
    ),
    feature("last_search", &["last_search"], |folds, _| {
        latest(folds, |fold| &fold.last_search)
    }),
    feature("first_referrer", &["first_referrer"], |folds, _| {
        text(folds.earliest(|fold| &fold.first_referrer))
    }),
    feature(
        "first_campaign_source",
        &["first_campaign_source"],
        |folds, _| text(folds.earliest(|fold| &fold.first_campaign_source)),
    ),
    feature(
        "last_campaign_source",
        &["last_campaign_source"],
        |folds, _| latest(folds, |fold| &fold.last_campaign_source),
    ),
    feature("device_type", &["device_type"], |folds, _| {
        latest(folds, |fold| &fold.device_type)
    }),
    feature("browser", &["browser"], |folds, _| {
        latest(folds, |fold| &fold.browser)
    }),
    feature("os", &["os"], |folds, _| latest(folds, |fold| &fold.os)),
    feature("locale", &["locale"], |folds, _| {
        latest(folds, |fold| &fold.locale)
    }),
    feature("country", &["country"], |folds, _| {
        latest(folds, |fold| &fold.country)
    }),
    feature("region", &["region"], |folds, _| {
        latest(folds, |fold| &fold.region)
    }),
    feature("city", &["city"], |folds, _| {
        latest(folds, |fold| &fold.city)
    }),
];

const ORDER: &str = "Order Completed";

/// The items in the cart: put in after the last order and not taken out since.
pub fn cart(profile: &Profile) -> Vec<String> {
    View(&[&profile.fold]).cart()
}

fn order(folds: View<'_>) -> Option<Counter> {
    folds.counter(ORDER)
}

fn count(folds: View<'_>, name: &str) -> Value {
    int(folds.counter(name).map_or(0, |of| of.count))
}

fn int(count: u64) -> Value {
    Value::Int(count.cast_signed())
}

fn time(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, Value::Time)
}

fn days_since(at: Option<Timestamp>, now: Timestamp) -> Value {
    at.map_or(Value::Null, |at| {
        Value::Int(now.since(at).whole_days().max(0))
    })
}

fn text(held: Option<&str>) -> Value {
    held.map_or(Value::Null, Value::from)
}

fn latest(folds: View<'_>, pick: fn(&Fold) -> &Option<Latest<String>>) -> Value {
    text(folds.latest(pick))
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_feature_a_rule_may_name_has_a_value_and_the_reverse() {
        let names = kith_rule::FEATURES.iter().map(|known| known.name);
        let mut named: Vec<&str> = names.collect();
        let mut valued: Vec<&str> = super::ALL.iter().map(|known| known.name).collect();
        named.sort_unstable();
        valued.sort_unstable();
        assert_eq!(named, valued);
    }
}
