//! Who and what a recommendation is about.

use std::collections::BTreeSet;

use kith_base::{Timestamp, Value, limits};
use kith_decide::Did;
use kith_learn::Kind;
use kith_profile::Profile;

use crate::learned::VISIT_GAP_MILLIS;

/// Groups whose items the model of interest looks at.
const INTERESTS_MAX: usize = 6;

/// Who and what a recommendation is about.
pub(super) struct Anchors {
    /// The item being looked at.
    pub item: Option<String>,
    /// The cart, as the caller says or as is known of the person.
    pub cart: Vec<String>,
    /// Only items of this category.
    pub category: Option<String>,
    /// What the person did, the newest first.
    pub history: Vec<(String, Kind, Timestamp)>,
    /// Their interest in categories and brands, the greatest first.
    pub interests: Vec<(String, f64)>,
}

impl Anchors {
    /// Of a profile and what the caller says.
    pub fn of(profile: Option<&Profile>, context: &Value, now: Timestamp) -> Self {
        let text = |path: &str| context.path(path).as_text().map(str::to_owned);
        let item = text("item_id").or_else(|| text("page.item_id"));
        let cart = match context.path("cart") {
            Value::List(list) => {
                let ids = list.iter().take(limits::LEARN_RECENT_ITEMS_MAX);
                ids.filter_map(|one| one.as_text().or_else(|| one.path("item_id").as_text()))
                    .map(str::to_owned)
                    .collect()
            }
            _ => profile.map(kith_profile::feature::cart).unwrap_or_default(),
        };
        let mut history = Vec::new();
        let mut interests = Vec::new();
        if let Some(profile) = profile {
            let fold = &profile.fold;
            let lists = [
                (&fold.viewed, Kind::Viewed),
                (&fold.added, Kind::Carted),
                (&fold.bought, Kind::Bought),
            ];
            for (touches, kind) in lists {
                let touched = touches.iter();
                history.extend(touched.map(|(stamp, id)| (id.to_owned(), kind, stamp.at)));
            }
            history.sort_by(|one, other| (other.2, other.1, &one.0).cmp(&(one.2, one.1, &other.0)));
            for dimension in ["category", "brand"] {
                let shares = profile.affinities(dimension, now).into_iter();
                interests.extend(shares.map(|(key, share)| (format!("{dimension}:{key}"), share)));
            }
            interests
                .sort_by(|one, other| other.1.total_cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
            interests.truncate(INTERESTS_MAX);
        }
        Anchors {
            item,
            cart,
            category: text("category"),
            history,
            interests,
        }
    }

    /// What is asked of pairs of items: the item at hand, else the cart, else the history.
    pub fn seeds(&self) -> Vec<(&str, Kind)> {
        if let Some(item) = &self.item {
            return vec![(item, Kind::Viewed)];
        }
        let cart: Vec<_> = self
            .cart
            .iter()
            .map(|id| (id.as_str(), Kind::Carted))
            .collect();
        if !cart.is_empty() {
            return cart;
        }
        let mut seen = BTreeSet::new();
        let history = self.history.iter();
        let newest = history.filter(|(id, _, _)| seen.insert(id.as_str()));
        newest
            .take(limits::LEARN_RECENT_ITEMS_MAX)
            .map(|(id, kind, _)| (id.as_str(), *kind))
            .collect()
    }

    /// The present visit, the last item last.
    pub fn visit(&self, now: Timestamp) -> Vec<&str> {
        let mut visit: Vec<&str> = Vec::new();
        let mut after = now;
        for (id, _, at) in &self.history {
            if after.since(*at).as_millis() > VISIT_GAP_MILLIS {
                break;
            }
            after = *at;
            if !visit.contains(&id.as_str()) && visit.len() < limits::LEARN_SESSION_ITEMS_MAX {
                visit.push(id);
            }
        }
        visit.reverse();
        if let Some(item) = &self.item {
            visit.retain(|id| id != item);
            visit.push(item);
        }
        visit
    }

    /// What the person did with an item last, as it is told.
    pub fn did(&self, item: &str, kind: Kind) -> Did {
        if self.item.as_deref() == Some(item) {
            return Did::LooksAt;
        }
        match kind {
            Kind::Viewed => Did::Viewed,
            Kind::Saved => Did::Saved,
            Kind::Carted => Did::Carted,
            Kind::Bought => Did::Bought,
        }
    }
}
