//! One node's state: a sum over its events.

use std::borrow::Cow;
use std::collections::BTreeMap;

use kith_base::{Amount, DecayedSum, Duration, Json, Timestamp, Value, limits};
use kith_event::{Commerce, Event, Kind, LineItem};
use serde::{Deserialize, Serialize};

use crate::series::{Contribution, Moment, SeriesMap};
use crate::{Accounts, BoundedMap, Earliest, FeatureSet, Latest, SeriesId, Stamp, Touches, packed};

/// Interest halves in this time. 30 days is the middle of the range shops use (a week for
/// fashion, a quarter for furniture).
pub const AFFINITY_HALF_LIFE: Duration = Duration::from_days(30);

/// How much one touch of an item says about interest.
pub struct Weights;

impl Weights {
    /// Weight of one product in an event of this name; `None` when it says nothing.
    pub fn of(event_name: &str) -> Option<f64> {
        match event_name {
            "Product Viewed" => Some(1.0),
            "Product Added to Wishlist" => Some(2.0),
            "Product Added" => Some(3.0),
            "Order Completed" => Some(5.0),
            _ => None,
        }
    }
}

/// Catalog attributes of one product in an event, by dimension: what affinities are kept for.
pub type Attributes = BTreeMap<String, Vec<String>>;

/// How often an event happened, when, and what it was worth.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counter {
    /// Number of events.
    pub count: u64,
    /// Earliest.
    pub first_at: Timestamp,
    /// Latest.
    pub last_at: Timestamp,
    /// Exact sum of `revenue`, else `value`, else `total`, else price × quantity of the lines.
    #[serde(default)]
    pub value: Amount,
}

/// A consent decision for one category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// Given or refused.
    pub granted: bool,
    /// Source it was given at.
    pub source: String,
}

/// The state. Members are public to be read; change it through [`Fold::add`] and
/// [`Fold::merge`] only.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fold {
    /// All events, of every kind.
    pub event_count: u64,
    /// When the first event occurred.
    pub first_seen_at: Option<Timestamp>,
    /// When the last event occurred.
    pub last_seen_at: Option<Timestamp>,
    /// Traits; `Null` marks one that was removed.
    #[serde(skip_serializing_if = "BoundedMap::is_empty")]
    pub traits: BoundedMap<Latest<TraitValue>, { limits::TRAITS_PER_NODE_MAX }>,
    /// By event name; `$page`, `$screen` and so on for events that are not tracks.
    #[serde(with = "packed", skip_serializing_if = "BoundedMap::is_empty")]
    pub counters: BoundedMap<Counter, { limits::COUNTERS_PER_NODE_MAX }>,
    /// Decayed interest by dimension and key.
    #[serde(with = "packed", skip_serializing_if = "BTreeMap::is_empty")]
    pub affinities:
        BTreeMap<String, BoundedMap<DecayedSum, { limits::AFFINITY_KEYS_PER_NODE_MAX }>>,
    /// Items viewed.
    #[serde(with = "packed", skip_serializing_if = "Touches::is_empty")]
    pub viewed: Touches,
    /// Items put into the cart.
    #[serde(with = "packed", skip_serializing_if = "Touches::is_empty")]
    pub added: Touches,
    /// Items taken out of the cart.
    #[serde(with = "packed", skip_serializing_if = "Touches::is_empty")]
    pub removed: Touches,
    /// Items bought.
    #[serde(with = "packed", skip_serializing_if = "Touches::is_empty")]
    pub bought: Touches,
    /// Consents by category.
    #[serde(skip_serializing_if = "BoundedMap::is_empty")]
    pub consents: BoundedMap<Latest<Consent>, { limits::CONSENTS_PER_NODE_MAX }>,
    /// Accounts, with when each was named last.
    #[serde(skip_serializing_if = "BoundedMap::is_empty")]
    pub accounts: Accounts,
    /// First referrer host.
    #[serde(with = "packed", skip_serializing_if = "Option::is_none")]
    pub first_referrer: Option<Earliest<String>>,
    /// First campaign source.
    #[serde(with = "packed", skip_serializing_if = "Option::is_none")]
    pub first_campaign_source: Option<Earliest<String>>,
    /// Last campaign source.
    #[serde(with = "packed", skip_serializing_if = "Option::is_none")]
    pub last_campaign_source: Option<Latest<String>>,
    /// Category of the last viewed product.
    #[serde(with = "packed", skip_serializing_if = "Option::is_none")]
    pub last_viewed_category: Option<Latest<String>>,
    /// Last search.
    #[serde(with = "packed", skip_serializing_if = "Option::is_none")]
    pub last_search: Option<Latest<String>>,
    /// Device class of the last event that told.
    #[serde(with = "packed", skip_serializing_if = "Option::is_none")]
    pub device_type: Option<Latest<String>>,
    /// Browser.
    #[serde(with = "packed", skip_serializing_if = "Option::is_none")]
    pub browser: Option<Latest<String>>,
    /// Operating system.
    #[serde(with = "packed", skip_serializing_if = "Option::is_none")]
    pub os: Option<Latest<String>>,
    /// Language.
    #[serde(with = "packed", skip_serializing_if = "Option::is_none")]
    pub locale: Option<Latest<String>>,
    /// Country.
    #[serde(with = "packed", skip_serializing_if = "Option::is_none")]
    pub country: Option<Latest<String>>,
    /// First subdivision of the country.
    #[serde(with = "packed", skip_serializing_if = "Option::is_none")]
    pub region: Option<Latest<String>>,
    /// City.
    #[serde(with = "packed", skip_serializing_if = "Option::is_none")]
    pub city: Option<Latest<String>>,
    /// IANA name of the zone that the client says it is in.
    #[serde(with = "packed", skip_serializing_if = "Option::is_none")]
    pub timezone: Option<Latest<String>>,
    /// The coarse network of the last event that told an address, while rules ask for it.
    #[serde(with = "packed", skip_serializing_if = "Option::is_none")]
    pub network: Option<Latest<String>>,
    /// What features and audiences aggregate.
    #[serde(skip_serializing_if = "SeriesMap::is_empty")]
    pub series: SeriesMap,
}

/// Names that had to make room for those of an event: nothing is known under them any more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Of traits.
    pub traits: Vec<String>,
    /// Of events that are counted.
    pub counters: Vec<String>,
    /// Of consent categories.
    pub consents: Vec<String>,
}

/// A trait with the source that said it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TraitValue {
    /// JSON value.
    pub value: Value,
    /// Source id.
    pub source: String,
}

/// True for an event that says what its person consents to.
pub fn tells_consent(event: &Event) -> bool {
    event.kind == Kind::Track && event.name == "Consent Updated"
}

impl Fold {
    /// Adds one event. `attributes` gives, for each line of `commerce.lines()`, the catalog
    /// attributes to keep affinities for. Answers what had to make room for it.
    pub fn add(
        &mut self,
        event: &Event,
        commerce: &Commerce,
        attributes: &[Attributes],
    ) -> Dropped {
        let mut dropped = Dropped::default();
        let stamp = Stamp::of(event);
        self.event_count += 1;
        self.first_seen_at = Some(self.first_seen_at.map_or(stamp.at, |at| at.min(stamp.at)));
        self.last_seen_at = Some(self.last_seen_at.map_or(stamp.at, |at| at.max(stamp.at)));
        dropped.counters.extend(self.count(event, commerce, stamp));
        if let Some(account) = event.account() {
            let newest = |held: &mut Stamp, stamp| merge_newest(held, &stamp);
            self.accounts.put(&account, stamp, newest);
        } else if !event.traits.is_empty() && event.kind != Kind::Group {
            dropped.traits = add_traits(&mut self.traits, event, stamp);
        }
        self.add_touches(event, commerce, attributes, stamp);
        self.add_context(event, stamp);
        if tells_consent(event) {
            dropped.consents = self.add_consents(&event.properties, &event.source, stamp);
        }
        dropped
    }

    /// Adds everything another fold holds.
    pub fn merge(&mut self, other: &Fold) {
        self.event_count += other.event_count;
        self.first_seen_at = earlier(self.first_seen_at, other.first_seen_at);
        self.last_seen_at = self.last_seen_at.max(other.last_seen_at);
        self.traits.merge(&other.traits, merge_latest);
        self.consents.merge(&other.consents, merge_latest);
        self.accounts.merge(&other.accounts, merge_newest);
        self.counters.merge(&other.counters, Counter::merge);
        for (dimension, sums) in &other.affinities {
            let held = self.affinities.entry(dimension.clone()).or_default();
            held.merge(sums, DecayedSum::merge);
        }
        self.viewed.merge(&other.viewed);
        self.added.merge(&other.added);
        self.removed.merge(&other.removed);
        self.bought.merge(&other.bought);
        Earliest::merge(&mut self.first_referrer, &other.first_referrer);
        Earliest::merge(
            &mut self.first_campaign_source,
            &other.first_campaign_source,
        );
        Latest::merge(&mut self.last_campaign_source, &other.last_campaign_source);
        Latest::merge(&mut self.last_viewed_category, &other.last_viewed_category);
        Latest::merge(&mut self.last_search, &other.last_search);
        Latest::merge(&mut self.device_type, &other.device_type);
        Latest::merge(&mut self.browser, &other.browser);
        Latest::merge(&mut self.os, &other.os);
        Latest::merge(&mut self.locale, &other.locale);
        Latest::merge(&mut self.country, &other.country);
        Latest::merge(&mut self.region, &other.region);
        Latest::merge(&mut self.city, &other.city);
        Latest::merge(&mut self.timezone, &other.timezone);
        Latest::merge(&mut self.network, &other.network);
        for (id, series) in other.series.iter() {
            self.series.get_or_default(id).merge(series);
        }
    }

    /// Adds what [`FeatureSet::contributions`] found in one event. Series that the set does not
    /// want are dropped, unless the set is a part of another.
    pub fn add_series(
        &mut self,
        features: &FeatureSet,
        contributions: &[(SeriesId, Contribution)],
        at: Moment,
    ) {
        for (id, contribution) in contributions {
            if let Some(spec) = features.get(*id) {
                let series = self.series.get_or_default(*id);
                series.add(spec.needs, contribution, at);
            }
        }
        self.drop_unwanted_series(features);
    }

    /// Drops series that nothing live reads; none when the set is a part of another.
    pub fn drop_unwanted_series(&mut self, features: &FeatureSet) {
        if features.is_whole() && !features.holds_all(self.series.ids()) {
            self.series.retain(|id| features.get(id).is_some());
        }
    }

    fn count(&mut self, event: &Event, commerce: &Commerce, stamp: Stamp) -> Option<String> {
        let name = counter_name(event);
        let value = value_of(commerce);
        self.counters.update(&name, Counter::default, |counter| {
            counter.merge(&Counter {
                count: 1,
                first_at: stamp.at,
                last_at: stamp.at,
                value,
            });
        })
    }

    fn add_consents(&mut self, properties: &Json, source: &str, stamp: Stamp) -> Vec<String> {
        let mut dropped = Vec::new();
        let Value::Map(categories) = properties.value().path("categories").clone() else {
            return dropped;
        };
        for (category, granted) in categories {
            let Value::Bool(granted) = granted else {
                continue;
            };
            let consent = Consent {
                granted,
                source: source.to_owned(),
            };
            let fresh = Latest {
                stamp,
                value: consent,
            };
            dropped.extend(offer(&mut self.consents, &category, fresh));
        }
        dropped
    }

    fn add_touches(
        &mut self,
        event: &Event,
        commerce: &Commerce,
        attributes: &[Attributes],
        stamp: Stamp,
    ) {
        if event.kind != Kind::Track {
            return;
        }
        let touches = match event.name.as_str() {
            "Product Viewed" => Some(&mut self.viewed),
            "Product Added" => Some(&mut self.added),
            "Product Removed" => Some(&mut self.removed),
            "Order Completed" => Some(&mut self.bought),
            _ => None,
        };
        if let Some(touches) = touches {
            let ids = commerce
                .lines()
                .iter()
                .filter_map(|line| line.item_id.as_deref());
            ids.for_each(|item_id| touches.add(stamp, item_id));
        }
        if event.name == "Product Viewed"
            && let Some(category) = attributes.first().and_then(|of| of.get("category"))
            && let Some(category) = category.first()
        {
            Latest::offer_text(&mut self.last_viewed_category, stamp, category);
        }
        if let Some(query) = &commerce.query {
            Latest::offer(&mut self.last_search, stamp, || query.clone());
        }
        if let Some(weight) = Weights::of(&event.name) {
            for (dimension, key) in attributes
                .iter()
                .flatten()
                .flat_map(|(dimension, keys)| keys.iter().map(move |key| (dimension, key)))
            {
                if !self.affinities.contains_key(dimension) {
                    self.affinities
                        .insert(dimension.clone(), BoundedMap::default());
                }
                if let Some(sums) = self.affinities.get_mut(dimension) {
                    sums.update(key, DecayedSum::default, |sum| {
                        sum.add(stamp.at, weight, AFFINITY_HALF_LIFE);
                    });
                }
            }
        }
    }

    fn add_context(&mut self, event: &Event, stamp: Stamp) {
        let derived = &event.enrichment;
        let latest = |slot: &mut Option<Latest<String>>, text: &str| {
            if !text.is_empty() {
                Latest::offer_text(slot, stamp, text);
            }
        };
        latest(&mut self.device_type, &derived.device_type);
        latest(&mut self.browser, &derived.browser);
        latest(&mut self.os, &derived.os);
        latest(&mut self.locale, &derived.locale);
        latest(&mut self.country, &derived.country);
        latest(&mut self.region, &derived.region);
        latest(&mut self.city, &derived.city);
        if let Some(zone) = timezone(&event.context) {
            latest(&mut self.timezone, &zone);
        }
        latest(&mut self.last_campaign_source, &derived.campaign.source);
        if !derived.campaign.source.is_empty() {
            let source = || derived.campaign.source.clone();
            Earliest::offer(&mut self.first_campaign_source, stamp, source);
        }
        if !derived.referrer_host.is_empty() && derived.referrer_type != "internal" {
            Earliest::offer(&mut self.first_referrer, stamp, || {
                derived.referrer_host.clone()
            });
        }
    }
}

impl Counter {
    pub(crate) fn merge(&mut self, other: &Counter) {
        if self.count == 0 {
            *self = other.clone();
            return;
        }
        self.count += other.count;
        self.first_at = self.first_at.min(other.first_at);
        self.last_at = self.last_at.max(other.last_at);
        self.value = self.value.plus(other.value);
    }
}

/// The key under which an event is counted.
pub fn counter_name(event: &Event) -> Cow<'_, str> {
    match event.kind {
        Kind::Track => Cow::Borrowed(&event.name),
        other => Cow::Owned(format!("${}", other.as_str())),
    }
}

fn value_of(commerce: &Commerce) -> Amount {
    event_value(commerce).unwrap_or_default()
}

/// `revenue`, else `value`, else `total`, else price × quantity of the lines that have a price.
pub(crate) fn event_value(commerce: &Commerce) -> Option<Amount> {
    let line_value = |line: &LineItem| Some(line.price?.times(line.quantity.unwrap_or(1)));
    let lines = commerce.products.iter().filter_map(line_value);
    commerce.value.or_else(|| lines.reduce(Amount::plus))
}

/// `context.timezone`. Most events have none: their context is not parsed.
fn timezone(context: &Json) -> Option<String> {
    #[derive(Deserialize)]
    struct Zoned {
        timezone: Option<String>,
    }
    let text = context.as_str();
    let zoned = text
        .contains("\"timezone\"")
        .then(|| context.read::<Zoned>())?;
    let name = zoned.ok()?.timezone?;
    (name.len() <= limits::ZONE_NAME_MAX_BYTES).then_some(name)
}

/// Lets the traits of an event be the latest; answers those that had to make room.
pub(crate) fn add_traits<const LIMIT: usize>(
    held: &mut BoundedMap<Latest<TraitValue>, LIMIT>,
    event: &Event,
    stamp: Stamp,
) -> Vec<String> {
    let mut dropped = Vec::new();
    let Value::Map(traits) = event.traits.value() else {
        return dropped;
    };
    for (name, value) in traits {
        let fresh = Latest {
            stamp,
            value: TraitValue {
                value,
                source: event.source.clone(),
            },
        };
        dropped.extend(offer(held, &name, fresh));
    }
    dropped
}

pub(crate) fn merge_newest(held: &mut Stamp, other: &Stamp) {
    *held = (*other).max(*held);
}

fn merge_latest<T: Clone>(held: &mut Latest<T>, other: &Latest<T>) {
    if held.stamp < other.stamp {
        *held = other.clone();
    }
}

fn offer<T, const LIMIT: usize>(
    map: &mut BoundedMap<Latest<T>, LIMIT>,
    key: &str,
    fresh: Latest<T>,
) -> Option<String> {
    map.put(key, fresh, |held, fresh| {
        if held.stamp < fresh.stamp {
            *held = fresh;
        }
    })
}

fn earlier(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
