//! What is known beforehand about facts: which exist, and what they hold.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kith_definition::Affinity;

use crate::{Aggregate, FactKey, Function};

/// What a fact holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    /// Known only when it is read: traits and context.
    Any,
    /// `true` or `false`.
    Flag,
    /// A number.
    Number,
    /// Text.
    Text,
    /// An instant.
    Time,
    /// Several values: what is there most often, in that order.
    List,
    /// A number for each key.
    Map,
}

impl Type {
    /// In words, after "is".
    pub const fn describe(self) -> &'static str {
        match self {
            Type::Any => "of any type",
            Type::Flag => "true or false",
            Type::Number => "a number",
            Type::Text => "text",
            Type::Time => "a time",
            Type::List => "a list",
            Type::Map => "a number for each key",
        }
    }
}

/// A built-in feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feature {
    /// Its name after `features.`.
    pub name: &'static str,
    /// What it holds.
    pub kind: Type,
    /// What it says, for people.
    pub about: &'static str,
}

const fn feature(name: &'static str, kind: Type, about: &'static str) -> Feature {
    Feature { name, kind, about }
}

/// Every built-in feature.
pub const FEATURES: &[Feature] = &[
    feature("event_count", Type::Number, "events of any kind"),
    feature("page_view_count", Type::Number, "page and screen views"),
    feature("product_view_count", Type::Number, "product views"),
    feature(
        "cart_add_count",
        Type::Number,
        "products put into the cart, ever",
    ),
    feature(
        "cart_item_count",
        Type::Number,
        "different products in the cart now",
    ),
    feature("purchase_count", Type::Number, "orders completed"),
    feature("purchase_revenue", Type::Number, "revenue of all orders"),
    feature("first_seen_at", Type::Time, "when the first event happened"),
    feature("last_seen_at", Type::Time, "when the last event happened"),
    feature(
        "first_purchase_at",
        Type::Time,
        "when the first order was completed",
    ),
    feature(
        "last_purchase_at",
        Type::Time,
        "when the last order was completed",
    ),
    feature(
        "days_since_last_seen",
        Type::Number,
        "whole days since the last event",
    ),
    feature(
        "days_since_last_purchase",
        Type::Number,
        "whole days since the last order",
    ),
    feature("last_viewed_item", Type::Text, "id of the item viewed last"),
    feature(
        "last_viewed_category",
        Type::Text,
        "category of the item viewed last",
    ),
    feature("last_search", Type::Text, "words searched for last"),
    feature(
        "first_referrer",
        Type::Text,
        "site the person first came from",
    ),
    feature(
        "first_campaign_source",
        Type::Text,
        "campaign source of the first visit",
    ),
    feature(
        "last_campaign_source",
        Type::Text,
        "campaign source of the last visit with one",
    ),
    feature(
        "device_type",
        Type::Text,
        "desktop, mobile or tablet, as seen last",
    ),
    feature("browser", Type::Text, "browser seen last"),
    feature("os", Type::Text, "operating system seen last"),
    feature("locale", Type::Text, "language and region seen last"),
    feature("country", Type::Text, "country seen last"),
    feature("region", Type::Text, "state or province seen last"),
    feature("city", Type::Text, "city seen last"),
];

impl Aggregate {
    /// What it holds.
    pub fn kind(&self) -> Type {
        match self.function {
            _ if self.is_map() => Type::Map,
            Function::Top if self.most > 1 => Type::List,
            Function::Count | Function::Sum | Function::Min | Function::Max => Type::Number,
            Function::Average | Function::Distinct => Type::Number,
            Function::DaysActive | Function::Streak => Type::Number,
            Function::First | Function::Last if self.of.is_none() => Type::Time,
            Function::First | Function::Last | Function::Top => Type::Any,
        }
    }
}

/// The facts a project knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    features: BTreeMap<String, (Type, Option<Aggregate>)>,
    dimensions: BTreeSet<String>,
    /// Features that are affinities.
    affinities: BTreeMap<String, Arc<Affinity>>,
    audiences: BTreeSet<String>,
    /// Features that are published as traits, by the name of the trait.
    published: BTreeMap<String, String>,
    /// Whether there is an item in question.
    items: bool,
}

impl Default for Schema {
    /// The built-in features, affinities for `category` and `brand`.
    fn default() -> Self {
        Schema {
            features: FEATURES
                .iter()
                .map(|known| (known.name.to_owned(), (known.kind, None)))
                .collect(),
            dimensions: ["category", "brand"].map(str::to_owned).into(),
            affinities: BTreeMap::new(),
            audiences: BTreeSet::new(),
            published: BTreeMap::new(),
            items: false,
        }
    }
}

impl Schema {
    /// The built-in features, affinities for these dimensions.
    pub fn with_dimensions<'a>(dimensions: impl IntoIterator<Item = &'a str>) -> Self {
        let dimensions = dimensions.into_iter().map(str::to_owned).collect();
        Schema {
            dimensions,
            ..Schema::default()
        }
    }

    /// Adds a feature of the project. An aggregate stands for it wherever a rule is compiled.
    /// Built-in names stay as they are.
    pub fn add_feature(&mut self, name: &str, kind: Type, value: Option<Aggregate>) {
        let known = self.features.entry(name.to_owned());
        known.or_insert((kind, value));
    }

    /// Adds a feature that is an affinity: a dimension of its own, whose value is the key with the
    /// greatest share. Built-in names and dimensions stay as they are.
    pub fn add_affinity(&mut self, name: &str, of: Arc<Affinity>) {
        if !self.features.contains_key(name) && self.dimensions.insert(name.to_owned()) {
            self.add_feature(name, Type::Text, None);
            self.affinities.insert(name.to_owned(), of);
        }
    }

    /// Publishes a feature as a trait: whoever asks for the trait gets the feature.
    pub fn publish(&mut self, name: &str, feature: &str) {
        self.published.insert(name.to_owned(), feature.to_owned());
    }

    /// Names of the traits that features are published as.
    pub fn published(&self) -> impl Iterator<Item = &str> {
        self.published.keys().map(String::as_str)
    }

    /// The same for rules that are asked of one catalog item at a time.
    pub fn with_items(&self) -> Self {
        Schema {
            items: true,
            ..self.clone()
        }
    }

    /// Adds an audience by its id.
    pub fn add_audience(&mut self, id: &str) {
        self.audiences.insert(id.to_owned());
    }

    /// The fact that is asked for: a feature defined by an aggregate is this aggregate, and so is
    /// the trait it is published as. One that is an affinity likewise.
    pub fn resolve(&self, key: &FactKey) -> FactKey {
        let interest = |feature: &str, key: Option<&String>| self.interest(feature, key);
        let name = match key {
            FactKey::Feature(name) => name,
            FactKey::Affinity { dimension, key: of } => {
                return interest(dimension, Some(of)).unwrap_or_else(|| key.clone());
            }
            FactKey::Keyed { feature, key: of } => {
                return self.at_key(feature, of).unwrap_or_else(|| key.clone());
            }
            FactKey::Trait(path) => match (path.parts(), self.published.get(path.first())) {
                ([_], Some(feature)) => feature,
                ([_, of], Some(feature)) => {
                    return self.at_key(feature, of).unwrap_or_else(|| key.clone());
                }
                _ => return key.clone(),
            },
            _ => return key.clone(),
        };
        match self.features.get(name) {
            Some((_, Some(aggregate))) => aggregate.clone().key(),
            _ => interest(name, None).unwrap_or_else(|| key.clone()),
        }
    }

    fn interest(&self, feature: &str, key: Option<&String>) -> Option<FactKey> {
        let of = self.affinities.get(feature)?;
        Some(FactKey::Interest {
            feature: feature.to_owned(),
            of: of.clone(),
            key: key.cloned(),
        })
    }

    /// What a feature holds for one key; `None` when it is not kept by key.
    fn at_key(&self, feature: &str, key: &String) -> Option<FactKey> {
        match self.features.get(feature) {
            Some((_, Some(aggregate))) => aggregate.at_key(key).map(Aggregate::key),
            _ => self.interest(feature, Some(key)),
        }
    }

    /// What a fact holds; `None` when there is no such feature, dimension or
    /// audience.
    pub fn type_of(&self, key: &FactKey) -> Option<Type> {
        match key {
            FactKey::Trait(_) | FactKey::Account(_) => Some(Type::Any),
            FactKey::Context(_) | FactKey::Property(_) => Some(Type::Any),
            FactKey::Item(_) => self.items.then_some(Type::Any),
            FactKey::Feature(name) => self.features.get(name).map(|(kind, _)| *kind),
            FactKey::Keyed { feature, key } => self.at_key(feature, key).map(|_| Type::Number),
            FactKey::Consent(_) => Some(Type::Flag),
            FactKey::Count(_) | FactKey::Sum(_) => Some(Type::Number),
            FactKey::First(_) | FactKey::Last(_) => Some(Type::Time),
            FactKey::Affinity { dimension, .. } => {
                self.dimensions.contains(dimension).then_some(Type::Number)
            }
            FactKey::Interest { key: Some(_), .. } => Some(Type::Number),
            FactKey::Interest { key: None, .. } => Some(Type::Text),
            FactKey::Identifier(_) | FactKey::LocalWeekday => Some(Type::Text),
            FactKey::Aggregate(aggregate) => Some(aggregate.kind()),
            FactKey::Sequence(_) | FactKey::Reachable(_) => Some(Type::Flag),
            FactKey::Audience(id) | FactKey::AccountPersons { audience: id, .. } => {
                self.audiences.contains(id).then_some(Type::Flag)
            }
            FactKey::LocalHour => Some(Type::Number),
            FactKey::Anniversary(_) => Some(Type::Time),
        }
    }

    /// Names of the features.
    pub fn features(&self) -> impl Iterator<Item = &str> {
        self.features.keys().map(String::as_str)
    }

    /// Ids of the audiences.
    pub fn audiences(&self) -> impl Iterator<Item = &str> {
        self.audiences.iter().map(String::as_str)
    }

    /// Dimensions of affinities.
    pub fn dimensions(&self) -> impl Iterator<Item = &str> {
        self.dimensions.iter().map(String::as_str)
    }
}
