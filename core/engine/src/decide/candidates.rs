//! The item lists a placement chooses from.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use kith_base::{Json, Timestamp, Value, limits};
use kith_decide::{Candidate, Candidates, Chain, Evidence, Find, Found, Items};
use kith_definition::{Placement, Recipe, Revisioned, Strategy};
use kith_profile::Profile;
use kith_rule::FactKey;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use super::anchors::Anchors;
use super::recipes::{Question, Wanted};
use crate::Recommenders;
use crate::query;
use crate::state::{Error, Read};

/// How many more candidates are fetched than a placement shows, for those that fall out.
const SPARE: usize = 20;

/// Lists of one call; the hot list and every item are read once.
pub(super) struct Lists<'a> {
    state: &'a dyn Read,
    now: Timestamp,
    hot: Option<Vec<(String, f64, u64)>>,
    items: BTreeMap<String, Option<ItemView>>,
}

/// The members of an item that deciding needs, and its public form.
struct ItemView {
    title: Option<String>,
    available: bool,
    content: Json,
    /// Its categories and brand, each after its dimension.
    alike: Vec<String>,
    /// As it is stored, for rules.
    stored: Vec<u8>,
}

#[derive(Deserialize)]
struct StoredItem<'a> {
    #[serde(default)]
    title: Option<String>,
    #[serde(default = "yes")]
    available: bool,
    #[serde(borrow, default)]
    url: Option<&'a RawValue>,
    #[serde(borrow, default)]
    image_url: Option<&'a RawValue>,
    #[serde(borrow, default)]
    price: Option<&'a RawValue>,
    #[serde(borrow, default)]
    currency: Option<&'a RawValue>,
    #[serde(borrow, default)]
    categories: Option<&'a RawValue>,
    #[serde(borrow, default)]
    brand: Option<&'a RawValue>,
    #[serde(borrow, default)]
    attributes: Option<&'a RawValue>,
}

/// The public form: the members an offer's reader may count on, in a fixed order.
#[derive(Serialize)]
struct PublicItem<'a> {
    item_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_url: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    categories: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    brand: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<&'a RawValue>,
}

/// The members of a JSON object with these names; the others are passed over unread.
struct Members<'a>(&'a [&'a str]);

impl<'de> DeserializeSeed<'de> for Members<'_> {
    type Value = BTreeMap<String, Value>;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Self::Value, D::Error> {
        input.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = BTreeMap<String, Value>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut found = BTreeMap::new();
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            if self.0.contains(&&*name) {
                found.insert(name.into_owned(), map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

fn yes() -> bool {
    true
}

impl<'a> Lists<'a> {
    pub(super) fn new(state: &'a dyn Read, now: Timestamp) -> Self {
        Lists {
            state,
            now,
            hot: None,
            items: BTreeMap::new(),
        }
    }

    /// Candidates of every strategy of a placement, and what must be left out.
    pub(super) fn items(
        &mut self,
        placement: &Placement,
        profile: Option<&Profile>,
        context: &Value,
    ) -> Result<Items, Error> {
        let text = |path: &str| context.path(path).as_text().map(str::to_owned);
        let current_item = text("item_id").or_else(|| text("page.item_id"));
        let purchases = purchases(profile);
        let wanted = placement.limit + SPARE;
        let mut candidates = Vec::with_capacity(placement.strategies.len());
        for choice in &placement.strategies {
            let items = match choice.strategy {
                Strategy::PopularNow => self.popular(wanted)?,
                Strategy::AlsoViewed => {
                    self.also_viewed(profile, current_item.as_deref(), wanted)?
                }
                Strategy::RecentlyViewed => self.recently_viewed(profile, wanted)?,
            };
            candidates.push(Candidates {
                strategy: choice.strategy,
                items,
            });
        }
        Ok(Items {
            current_item,
            purchases,
            candidates,
            ..Items::default()
        })
    }

    /// What the models of a placement's recipes find, as far as anything depends on it, and what
    /// must be left out.
    pub(super) fn recipes<'r>(
        &mut self,
        (recipes, chain): (impl Iterator<Item = &'r Revisioned<Recipe>>, &Chain<'_>),
        facts: &[FactKey],
        models: &Recommenders,
        (profile, context): (&Profile, &Value),
    ) -> Result<Items, Error> {
        let anchors = Anchors::of(Some(profile), context, self.now);
        let mut items = Items {
            purchases: purchases(Some(profile)),
            cart: anchors.cart.iter().cloned().collect(),
            current_item: anchors.item.clone(),
            ..Items::default()
        };
        // An item counts where it was found first.
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let wanted = anchors.category.as_ref();
        let wanted = wanted.map(|category| format!("category:{category}"));
        for (stage, recipe) in recipes.enumerate() {
            let (mut found, mut open) = (Vec::new(), 0);
            let question = Question::new(models, &anchors, Wanted::Best, self.now);
            for told in question.find(&recipe.spec) {
                if found.len() >= limits::RECIPE_LOOKED_AT_MAX || open >= chain.enough(stage) {
                    break;
                }
                let evidence = question.evidence(told.why);
                let find = self.find(told.id.to_owned(), told.score, evidence, facts)?;
                let belongs = |group| find.alike.contains(group);
                if wanted.as_ref().is_none_or(belongs) {
                    let fresh = seen.insert(find.candidate.item_id.clone());
                    open += usize::from(fresh && !chain.leaves_out(stage, &find, &items));
                    found.push(find);
                }
            }
            items.recipes.push(Found {
                recipe: recipe.id.clone(),
                items: found,
            });
            if chain.fills(stage, open) {
                break;
            }
        }
        Ok(items)
    }

    /// What the models of a recipe say of items that the caller named.
    pub(super) fn named(
        &mut self,
        recipe: Option<&Revisioned<Recipe>>,
        facts: &[FactKey],
        models: &Recommenders,
        (profile, context): (&Profile, &Value),
        named: &[String],
    ) -> Result<Items, Error> {
        let Some(recipe) = recipe else {
            return Ok(Items {
                named: named.to_vec(),
                ..Items::default()
            });
        };
        let anchors = Anchors::of(Some(profile), context, self.now);
        let ids: BTreeSet<&str> = named.iter().map(String::as_str).collect();
        let question = Question::new(models, &anchors, Wanted::Named(&ids), self.now);
        let found = question.find(&recipe.spec);
        let told: BTreeMap<&str, _> = found.map(|told| (told.id, told)).collect();
        let mut items = Vec::with_capacity(named.len());
        for id in named {
            let (score, evidence) = match told.get(id.as_str()) {
                Some(told) => (told.score, question.evidence(told.why)),
                None => (0.0, Evidence::Named),
            };
            let mut find = self.find(id.clone(), score, evidence, facts)?;
            // The caller has them; what is shown of them is the order.
            find.held = find.candidate.content.take().is_some();
            find.alike.clear();
            items.push(find);
        }
        let recipe = recipe.id.clone();
        Ok(Items {
            recipes: vec![Found { recipe, items }],
            named: named.to_vec(),
            ..Items::default()
        })
    }

    /// A candidate with what rules ask of it, and titles in its evidence.
    pub(super) fn find(
        &mut self,
        item_id: String,
        score: f64,
        mut evidence: Evidence,
        facts: &[FactKey],
    ) -> Result<Find, Error> {
        if let Evidence::Because { title, .. } | Evidence::Similar { title, .. } = &mut evidence
            && let Some(known) = self.item(title)?.and_then(|item| item.title.clone())
        {
            *title = known;
        }
        let (stored, alike) = match self.item(&item_id)? {
            Some(view) => (members(&view.stored, facts), view.alike.clone()),
            None => (Value::Null, Vec::new()),
        };
        let asked = facts.iter().filter_map(|key| match key {
            FactKey::Item(path) if path.first() == "item_id" => {
                Some((key.to_string(), Value::from(item_id.as_str())))
            }
            FactKey::Item(path) => {
                let value = path.follow(&stored).clone();
                Some((key.to_string(), number_of_price(path.first(), value)))
            }
            _ => None,
        });
        let facts = asked.collect();
        Ok(Find {
            candidate: self.candidate(item_id, score, evidence)?,
            facts,
            alike,
            held: false,
        })
    }

    fn popular(&mut self, wanted: usize) -> Result<Vec<Candidate>, Error> {
        if self.hot.as_ref().is_none_or(|hot| hot.len() < wanted) {
            let now = self.now;
            let read = |(id, heat): (String, crate::table::ItemHeat)| {
                (id, heat.heat.value(now, crate::HEAT_HALF_LIFE), heat.views)
            };
            let hot = query::hottest(self.state, wanted)?
                .into_iter()
                .map(read)
                .collect();
            self.hot = Some(hot);
        }
        let hot: Vec<_> = self.hot.iter().flatten().take(wanted).cloned().collect();
        hot.into_iter()
            .map(|(id, score, views)| self.candidate(id, score, Evidence::Popular { views }))
            .collect()
    }

    fn also_viewed(
        &mut self,
        profile: Option<&Profile>,
        current: Option<&str>,
        wanted: usize,
    ) -> Result<Vec<Candidate>, Error> {
        let last_viewed = || {
            let (_, item) = profile?.fold.viewed.iter().next()?;
            Some(item.to_owned())
        };
        let Some(seed) = current.map(str::to_owned).or_else(last_viewed) else {
            return Ok(Vec::new());
        };
        let title = self.item(&seed)?.and_then(|item| item.title.clone());
        let title = title.unwrap_or_else(|| seed.clone());
        query::also_viewed(self.state, &seed, self.now, wanted)?
            .into_iter()
            .map(|(id, score)| {
                self.candidate(
                    id,
                    score,
                    Evidence::ViewedWith {
                        title: title.clone(),
                    },
                )
            })
            .collect()
    }

    fn recently_viewed(
        &mut self,
        profile: Option<&Profile>,
        wanted: usize,
    ) -> Result<Vec<Candidate>, Error> {
        let Some(profile) = profile else {
            return Ok(Vec::new());
        };
        let viewed: Vec<(Timestamp, String)> = profile
            .fold
            .viewed
            .iter()
            .take(wanted)
            .map(|(stamp, item)| (stamp.at, item.to_owned()))
            .collect();
        viewed
            .into_iter()
            .enumerate()
            .map(|(place, (at, id))| {
                self.candidate(id, 1.0 / (1.0 + place as f64), Evidence::ViewedAt(at))
            })
            .collect()
    }

    fn candidate(
        &mut self,
        item_id: String,
        score: f64,
        evidence: Evidence,
    ) -> Result<Candidate, Error> {
        let view = self.item(&item_id)?;
        let available = view.is_some_and(|view| view.available);
        let content = view.map(|view| view.content.clone());
        Ok(Candidate {
            item_id,
            score,
            evidence,
            available,
            content,
        })
    }

    fn item(&mut self, item_id: &str) -> Result<Option<&ItemView>, Error> {
        if !self.items.contains_key(item_id) {
            let stored = query::item(self.state, item_id)?;
            let view = stored.and_then(|bytes| view_of(item_id, &bytes));
            self.items.insert(item_id.to_owned(), view);
        }
        Ok(self.items.get(item_id).and_then(Option::as_ref))
    }
}

fn purchases(profile: Option<&Profile>) -> BTreeMap<String, Timestamp> {
    let bought = profile
        .into_iter()
        .flat_map(|profile| profile.fold.bought.iter());
    bought
        .map(|(stamp, item)| (item.to_owned(), stamp.at))
        .collect()
}

/// What the rules ask of a stored item, without its other members.
fn members(stored: &[u8], facts: &[FactKey]) -> Value {
    let names = facts.iter().filter_map(|key| match key {
        FactKey::Item(path) => Some(path.first()),
        _ => None,
    });
    let names: Vec<&str> = names.collect();
    if names.is_empty() {
        return Value::Null;
    }
    let mut input = serde_json::Deserializer::from_slice(stored);
    let found = Members(&names).deserialize(&mut input);
    found.map_or(Value::Null, Value::Map)
}

/// Prices are stored as text; rules compare them as numbers.
fn number_of_price(name: &str, value: Value) -> Value {
    match (name, &value) {
        ("price" | "cost", Value::Text(text)) => text.parse().map_or(value, Value::Float),
        _ => value,
    }
}

/// Categories and brand of a stored item, each after its dimension.
pub fn groups_of(stored: &Value) -> Vec<String> {
    groups(stored.path("categories"), stored.path("brand"))
}

fn groups(categories: &Value, brand: &Value) -> Vec<String> {
    let mut groups = Vec::new();
    if let Value::List(categories) = categories {
        let named = categories.iter().filter_map(Value::as_text);
        groups.extend(named.map(|name| format!("category:{name}")));
    }
    groups.extend(brand.as_text().map(|name| format!("brand:{name}")));
    groups
}

fn view_of(item_id: &str, bytes: &[u8]) -> Option<ItemView> {
    let stored: StoredItem<'_> = serde_json::from_slice(bytes).ok()?;
    let public = PublicItem {
        item_id,
        title: stored.title.as_deref(),
        url: stored.url,
        image_url: stored.image_url,
        price: stored.price,
        currency: stored.currency,
        categories: stored.categories,
        brand: stored.brand,
        attributes: stored.attributes,
    };
    let content = Json::with_capacity(&public, bytes.len() + item_id.len()).ok()?;
    let read = |raw: Option<&RawValue>| -> Value {
        let read = raw.and_then(|raw| serde_json::from_str(raw.get()).ok());
        read.unwrap_or_default()
    };
    Some(ItemView {
        available: stored.available,
        content,
        alike: groups(&read(stored.categories), &read(stored.brand)),
        stored: bytes.to_vec(),
        title: stored.title,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_form_holds_known_members_only() {
        let view = view_of("a", br#"{"title":"A \"x\"","price":"1.00","cost":"0.10"}"#).unwrap();
        let expect = r#"{"item_id":"a","title":"A \"x\"","price":"1.00"}"#;
        assert_eq!(view.content.as_str(), expect);
        assert!(view.available);
    }
}
